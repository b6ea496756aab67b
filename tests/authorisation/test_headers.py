"""What every answer carries, whatever its address: a strict policy, no guess of type; public ones know nobody."""

import pytest
from django.http import HttpResponse

from tests.authorisation.addresses import addresses
from tests.authorisation.rules import ABSENT, MAY, OWN, rule_of
from tests.authorisation.sweep import Visitor, visitor, whole
from tests.authorisation.world import World, undone

pytestmark = pytest.mark.django_db
ADDRESSES = {one.name: one for one in addresses()}
READ_BY_ALL = [name for name in ADDRESSES if (rule := rule_of(name)) and rule.kind in ("public", "api", "nowhere")]
HOLDS_A_FORM = {"arrival", "diagnosis_keep", "event_register", "reservation", "waiting"}
HOLDS_A_FORM |= {"scheme_hand", "scheme_sheet_by", "scheme_card_by"}
HOLDS_A_FORM |= {
    "suggest_edit",
    "suggest_report",
    "suggest_new",
    "suggestion",
    "votes",
    "vote",
    "still_right",
    "place_claim",
}
HOLDS_A_FORM |= {"census_enter", "census", "census_step", "census_silence"}
LEADS_BY_WHO_ASKS = {"scheme_pass", "network"}
OF_THE_MOMENT = {"metrics", "readyz"}


def policy(response: HttpResponse) -> dict[str, list[str]]:
    said = response.headers.get("Content-Security-Policy", "")
    words = [part.split() for part in said.split(";") if part.strip()]
    return {one[0]: one[1:] for one in words}


def faults(response: HttpResponse) -> list[str]:
    """What is lax in the headers of an answer."""
    told = []
    directives = policy(response)
    scripts = directives.get("script-src", directives.get("default-src", ["nothing said"]))
    data = response.headers.get("Content-Type", "").startswith("application/json")
    if not (data and not directives) and (lax := [one for one in scripts if one not in ("'self'", "'none'")]):
        told.append(f"scripts may come from {lax}")
    wide = [one for values in directives.values() for one in values if one in ("*", "http:", "https:", "'unsafe-eval'")]
    if wide:
        told.append(f"the policy lets in {wide}")
    if response.headers.get("X-Content-Type-Options") != "nosniff":
        told.append("browsers may guess its type")
    if response.status_code != 304 and response.content_type_is_missing:
        told.append("it has no type")
    return told


FRAMED, IN_ANY_FRAME = {"place_widget"}, "the policy lets in ['*']"
"""A card that other sites show: it stands in any frame, and loads nothing from elsewhere."""


@pytest.mark.parametrize("person", ["anonymous", "nadine", "operator"])
def test_every_answer_has_a_strict_policy(world: World, person: str):
    wrong = []
    for name, address in ADDRESSES.items():
        for target in (OWN, ABSENT):
            url = address.url({**world.values(target, person), "object_id": "1", "app_label": "places", "url": "x"})
            for method in ("GET", "POST") if url else ():
                with undone():
                    response = visitor(world, person).ask(method, url)
                    response.content_type_is_missing = not (
                        response.headers.get("Content-Type") or response.status_code in (204, 301, 302, 303)
                    )
                    whole(response)
                found = [one for one in faults(response) if not (name in FRAMED and one == IN_ANY_FRAME)]
                wrong += [f"{name} {method} {url} ({response.status_code}): {one}" for one in found]
    assert wrong == []


@pytest.mark.parametrize("url", ["/nulle-part/", "/?q=%00", "/administration/rien/", "/api/rien", "/media/photos/x"])
def test_errors_have_it_too(world: World, url: str):
    response = Visitor().ask("GET", url)
    response.content_type_is_missing = False
    assert 300 <= response.status_code < 500
    assert faults(response) == []


def test_a_lax_answer_is_seen():
    response = HttpResponse("x")
    response.content_type_is_missing = False
    assert faults(response) == ["scripts may come from ['nothing said']", "browsers may guess its type"]
    response.headers["Content-Security-Policy"] = "default-src 'self'; script-src 'self' 'unsafe-inline' *"
    response.headers["X-Content-Type-Options"] = "nosniff"
    assert len(faults(response)) == 2


@pytest.mark.parametrize("name", READ_BY_ALL)
def test_what_all_may_read_is_the_same_for_all(world: World, name: str):
    """Neither the session nor the person is looked at: the same bytes, no cookie, nothing that varies with one."""
    if name in OF_THE_MOMENT:
        pytest.skip("tells of the moment")
    if name in HOLDS_A_FORM:
        pytest.skip("holds a form, whose token is each visitor's own")
    if name in LEADS_BY_WHO_ASKS:
        pytest.skip("leads a team to its door, and tells nobody else")
    url = ADDRESSES[name].url(world.values(OWN, "nadine"))
    assert url
    said = {}
    for person in MAY:
        with undone():
            response = visitor(world, person).ask("GET", url)
            said[person] = whole(response)
        assert not response.cookies, person
        assert "cookie" not in response.headers.get("Vary", "").lower(), person
        assert response.status_code < 500, person
    assert len(set(said.values())) == 1


@pytest.mark.parametrize("which", ["own", "other"])
def test_photos_are_inert(world: World, which: str):
    file = getattr(world, which).file.rpartition("/")[2]
    response = Visitor().ask("GET", f"/media/photos/{file}")
    assert (response.status_code, response.headers["Content-Type"]) == (200, "image/webp")
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "inline" in response.headers.get("Content-Disposition", "inline")


def test_no_form_is_taken_without_its_token(world: World):
    """Whatever a session may write, it writes only with the token of our own page."""
    taken = []
    for name, address in ADDRESSES.items():
        rule = rule_of(name)
        if rule is None or rule.kind not in ("desk", "self", "guest", "operator"):
            continue
        url = address.url({**world.values(OWN, "nadine"), "object_id": "1", "app_label": "places", "url": "x"})
        if url is None:
            continue
        person = "operator" if rule.kind == "operator" else "nadine"
        with undone():
            response = visitor(world, person, enforce_csrf=True).ask("POST", url, data={"a": "1"})
        if response.status_code != 403:
            taken.append(f"{name}: {response.status_code}")
    assert taken == []
