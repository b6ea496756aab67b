"""What a place asks, for everybody to read."""

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import conditional_page, require_safe

from maillage.management.billing.labels import UNITS, euros
from maillage.management.billing.queries.days import today_at
from maillage.management.billing.queries.prices import Listed, current, is_taxed, lists
from maillage.management.billing.rules.prices import FIXED, SCALE
from maillage.management.people.labels import FEES
from maillage.places.queries.sheet import sheet_by_slug
from maillage.places.views.detail import elsewhere
from maillage.places.views.wording import day_in_words


@conditional_page
@cache_control(public=True, no_cache=True)
@require_safe
def tariffs(request: HttpRequest, slug: str) -> HttpResponse:
    """The prices of a place: those of today, and those already voted for later."""
    found, sheet = sheet_by_slug(slug)
    if sheet is None:
        return elsewhere(request, found, "place_tariffs")
    place = sheet.place
    on = today_at(place, timezone.now())
    coming = [listed(one) for one in reversed(lists(place, on=on)) if one.state == "coming" and one.prices]
    context = {
        "place": place,
        "now": listed(now) if (now := current(place, on=on)) and now.prices else None,
        "coming": coming,
        "taxed": is_taxed(place, on=on),
    }
    return render(request, "billing/tariffs.html", context)


def listed(found: Listed) -> dict[str, Any]:
    """A list in words."""
    voted = found.list.voted_on
    return {
        "pk": found.list.pk,
        "title": found.list.title,
        "since": day_in_words(found.list.since, "j F Y"),
        "voted": day_in_words(voted, "j F Y") if voted else "",
        "state": found.state,
        "lines": [line(one) for one in found.prices],
    }


def line(price: Any) -> dict[str, Any]:
    """A line of a list in words."""
    return {
        "pk": price.pk,
        "label": price.label,
        "who": FEES.get(price.fee_class, _("Pour tout le monde")),
        "unit": UNITS[price.unit],
        "asked": asked(price),
    }


def asked(price: Any) -> str:
    """What is asked: « 9,00 € », « de 6,00 € à 12,00 €, au choix », « prix libre »."""
    told = {"price": euros(price.price_cents)}
    if price.kind == FIXED:
        return _("gratuit") if not price.price_cents else told["price"]
    if price.kind == SCALE:
        told |= {"low": euros(price.low_cents or 0), "high": euros(price.high_cents or 0)}
        return _("de %(low)s à %(high)s, au choix (%(price)s conseillés)") % told
    if price.price_cents:
        return _("prix libre (%(price)s conseillés)") % told
    return _("prix libre")


def options(labels: Iterable[tuple[str, Any]], first: str) -> list[tuple[str, Any]]:
    """The choices of a list that may be left open."""
    return [("", first), *labels]
