"""A passkey opens an account, a program key lets a program write: each has one name, wherever people read it."""

import html
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from tests.people import People, signed_in

from maillage.accounts import actions
from maillage.accounts.models import ApiKey
from maillage.accounts.rules import place_scope


@pytest.mark.parametrize(
    ("prefix", "own", "other"),
    [("", "lés de programme", "lés d’accès"), ("/en", "rogram keys", "ccess keys")],
)
def test_the_keys_of_programs(people: People, client_of: Any, prefix: str, own: str, other: str) -> None:
    desk = reverse("manage_keys", args=[people.place.slug])
    page = html.unescape(client_of(people.nadine).get(prefix + desk).content.decode())
    assert f'<h1 class="manage__title">{"Les c" if not prefix else "P"}{own}</h1>' in page
    assert own in page and other not in page and other.replace("s ", " ") not in page


def test_the_administration_and_the_api_say_the_same(people: People) -> None:
    admin = signed_in(people.operator)
    for name in ("admin:index", "admin:accounts_apikey_changelist"):
        page = html.unescape(admin.get(reverse(name)).content.decode())
        assert "Clés de programme" in page and "Clés d’accès" not in page, name
    assert str(ApiKey._meta.verbose_name) == "clé de programme"
    for language, title in (("fr", "Clé de programme absente ou inconnue"), ("en", "Program key missing or unknown")):
        refused = Client().post(
            f"/api/v1/places/{people.place.slug}/confirmations", headers={"accept-language": language}
        )
        assert (refused.status_code, refused.json()["title"]) == (401, title)


@pytest.mark.parametrize(
    ("prefix", "said", "name"),
    [
        ("", "une clé d’accès ou un mot de passe, à choisir dans", "Mon compte"),
        ("/en", "a passkey or a password, to choose in", "My account"),
    ],
)
def test_who_comes_in_by_a_link_is_sent_to_the_page_that_the_header_names(
    people: People, client: Client, prefix: str, said: str, name: str
) -> None:
    scope = place_scope(people.place.pk)
    made = actions.invite(email="zoe@exemple.fr", role="colleague", scope=scope, by="essai", now=timezone.now())
    answer = client.post(prefix + reverse("invitation", args=[made.token]), follow=True)
    page = html.unescape(answer.content.decode())
    assert f'{said} <a class="text" href="{prefix}/mon-compte/">{name}</a>.' in page
    assert f'<li><a href="{prefix}/mon-compte/">{name}</a></li>' in page.split("</header>")[0]
