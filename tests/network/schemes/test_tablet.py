"""What a tablet of the door is given: keys and codes, a page without anybody on it, a worker for it alone."""

import json
import re
from typing import Any

import pytest
import time_machine
from django.test import Client

from maillage.network.schemes.queries.tablet import tablet_at
from maillage.network.schemes.rules.tokens import kid_of
from tests.network.schemes.valley import Valley, afternoon, join, morning

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _then(now: Any):
    with time_machine.travel(now, tick=False):
        yield


def asked(client: Client, people: Any, what: str, language: str = "") -> Any:
    return client.get(f"{language}/gerer/{people.place.slug}/passes/porte/{what}")


def test_a_tablet_knows_the_keys_the_codes_of_today_and_what_is_left(people: Any, client_of: Any, perrin: Valley):
    held, spent = perrin.hand(raw={"contact": "eve@example.org"}), perrin.hand()
    perrin.spend(held, morning(23))
    perrin.spend(spent, afternoon(22))
    with time_machine.travel(afternoon(23), tick=False):
        answer = asked(client_of(people.nadine), people, "cles.json")
    told = answer.json()
    assert list(told) == ["now", "csrf", "keys", "revoked", "day", "counted", "left"]
    assert all(kid == kid_of(public) for kid, public in told["keys"].items())
    assert (told["day"], told["counted"]) == ("2026-11-23", {"am": [held.of.code], "pm": []})
    assert told["left"] == {held.of.code: 3, spent.of.code: 3}
    assert "eve@" not in answer.content.decode()
    assert answer.headers["Cache-Control"] == "max-age=0, no-cache, no-store, must-revalidate, private"


def test_a_place_is_told_nothing_of_another_s_passes(people: Any, perrin: Valley):
    people.other.commune_id, people.other.status = "39546", "open"
    people.other.save()
    join(perrin.scheme, people.other, perrin.now)
    issue = perrin.hand()
    perrin.spend(issue, morning(23), place=people.other)
    here, there = (tablet_at(place, now=afternoon(23)) for place in (people.place, people.other))
    assert (here.left, here.counted["am"]) == ({}, [])
    assert (there.left, there.counted["am"]) == ({issue.of.code: 3}, [issue.of.code])


def test_what_was_given_back_or_is_over_is_not_told(people: Any, perrin: Valley):
    from maillage.network.schemes.actions.redeeming import undo
    from tests.network.schemes.valley import BY

    back = perrin.spend(perrin.hand(), morning(23))
    undo(place=people.place, redemption_id=back.pk, by=BY, now=morning(23))
    assert tablet_at(people.place, now=afternoon(23)).counted == {"am": [], "pm": []}
    assert tablet_at(people.place, now=afternoon(23).replace(year=2027, month=3)).left == {}


@pytest.mark.parametrize("language", ["", "/en"])
def test_the_page_that_is_kept_has_nothing_of_anybody(people: Any, client_of: Any, perrin: Valley, language: str):
    perrin.spend(perrin.hand(), morning(22))
    nadine = client_of(people.nadine)
    with time_machine.travel(afternoon(22), tick=False):
        whole, kept = asked(nadine, people, "", language), asked(nadine, people, "hors-ligne/", language)
        lila = client_of(people.karim)
        other = asked(lila, people, "hors-ligne/", language)
    assert "csrfmiddlewaretoken" in whole.content.decode()
    for secret in ("csrfmiddlewaretoken", 'name="jeton"', "comer__name", people.nadine.email):
        assert secret not in kept.content.decode(), secret
    assert "camera=(self)" in kept.headers["Permissions-Policy"]
    assert "microphone=()" in kept.headers["Permissions-Policy"]
    assert "camera=()" in nadine.get("/mon-compte/").headers["Permissions-Policy"]
    assert re.sub(r"<nav.*?</nav>", "", kept.content.decode(), flags=re.S) == re.sub(
        r"<nav.*?</nav>", "", other.content.decode(), flags=re.S
    )


def test_the_worker_is_named_by_what_it_keeps(people: Any, client_of: Any):
    nadine = client_of(people.nadine)
    answer = asked(nadine, people, "hors-ligne.js")
    assert answer.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert "Service-Worker-Allowed" not in answer.headers, "its folder is its scope"
    script = answer.content.decode()
    if "importScripts" not in script:
        assert script.strip() == "self.registration.unregister();"
        pytest.skip("needs the front end: node frontend/build.mjs")
    told = json.loads(re.findall(r"self\.told = (.*);", script)[0])
    assert told["door"] == f"/gerer/{people.place.slug}/passes/porte/"
    assert told["shell"] == f"{told['door']}hors-ligne/"
    names = {re.sub(r"\.[0-9a-f]{12}\.", ".", one.rpartition("/")[2]) for one in told["files"]}
    assert {"app.css", "door.css", "door.js", "door-scan.js", "bricolage.woff2", "icons.svg"} <= names
    assert not any("map" in name or "passkey" in name for name in names)
    assert asked(nadine, people, "hors-ligne.js").content.decode() == script
    people.place.name = "La Boutique de Nadine et de Karim"
    people.place.save()
    again = asked(nadine, people, "hors-ligne.js").content.decode()
    assert json.loads(re.findall(r"self\.told = (.*);", again)[0])["version"] != told["version"]


def test_a_message_that_waits_is_not_spent_on_the_page_that_is_kept(people: Any, client_of: Any, perrin: Valley):
    nadine = client_of(people.nadine)
    made = perrin.spend(perrin.hand(), morning(22))
    nadine.post(f"/gerer/{people.place.slug}/passes/porte/{made.pk}/annuler/")
    assert "rendue au passe" not in asked(nadine, people, "hors-ligne/").content.decode()
    assert "rendue au passe" in asked(nadine, people, "").content.decode()
