"""The door and the administration in a real browser: nothing is refused by the site's own policy, on any table."""

from collections.abc import Callable
from datetime import datetime

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page

from maillage.accounts.actions import invite
from maillage.accounts.admin.site import site as administration
from maillage.accounts.models import User
from maillage.accounts.rules import place_scope
from maillage.places.models import Place
from tests.people import cookies_of, gather

pytestmark = pytest.mark.browser


def test_every_table_holds_to_the_strict_policy(site: str, visit: Callable[..., Page], now: datetime) -> None:
    people = gather(now)
    page = visit("/healthz")
    page.context.add_cookies(cookies_of(people.operator, site))
    page.add_init_script(
        "addEventListener('securitypolicyviolation', e => console.error('CSP ' + e.violatedDirective + e.blockedURI))"
    )
    page.goto(site + reverse("admin:index"))
    for model in administration._registry:
        answer = page.goto(site + reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"))
        assert answer is not None and answer.status == 200, model
        first = page.locator("#result_list tbody th a").first
        if first.count():
            first.click()
            page.wait_for_load_state()
            assert page.locator("#content h1").count() == 1, model
    page.goto(site + reverse("admin:accounts_membership_add"))
    assert page.locator("select[name=role]").is_visible()


def test_a_place_leaves_the_registry_by_two_presses_and_a_reason(
    site: str, visit: Callable[..., Page], now: datetime
) -> None:
    people = gather(now)
    page = visit("/healthz")
    page.context.add_cookies(cookies_of(people.operator, site))
    page.goto(f"{site}{reverse('admin:places_place_changelist')}?q={people.other.slug}")
    page.locator("input.action-select").first.check()
    page.select_option("select[name=action]", "remove")
    page.locator("button[name=index]").click()
    page.get_by_label("Motif").fill("doublon")
    page.locator("#content input[type=submit]").click()
    page.wait_for_load_state()
    assert Place.objects.get(pk=people.other.pk).removed_reason == "doublon"


@pytest.mark.parametrize("width", [390, 1280])
def test_somebody_new_comes_in_by_a_link(site: str, visit: Callable[..., Page], now: datetime, width: int) -> None:
    people = gather(now)
    scope, by = place_scope(people.place.pk), f"compte:{people.nadine.user.pk}:facilitator"
    made = invite(email="zoe@exemple.fr", role="colleague", scope=scope, by=by, now=timezone.now())
    page = visit(reverse("invitation", args=[made.token]), width=width)
    assert page.evaluate("document.documentElement.scrollWidth") == width
    button = page.locator("main form button")
    assert (button.bounding_box() or {"height": 0})["height"] >= 44
    page.locator("#name").fill("Zoé")
    button.click()
    page.wait_for_url(f"**{reverse('manage', args=[people.place.slug])}")
    assert User.objects.get(email="zoe@exemple.fr").name == "Zoé"


def test_every_column_of_every_table_is_in_sight(site: str, visit: Callable[..., Page], now: datetime) -> None:
    people = gather(now)
    page = visit("/healthz", width=1280)
    page.context.add_cookies(cookies_of(people.operator, site))
    hidden = {}
    for model in administration._registry:
        page.goto(site + reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"))
        table = page.locator(".results")
        if table.count():
            hidden[model.__name__] = table.evaluate("table => table.scrollWidth - table.clientWidth")
    assert hidden and not {name: lost for name, lost in hidden.items() if lost > 0}
