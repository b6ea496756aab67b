"""Hostile texts into every address, parameter, header, form and body: nothing breaks, nothing takes two seconds.

Each attack of a short run is on one of the two databases (`scripts.launch.not_twice`); `--full` makes them all on both.
"""

import pytest
from django.test import override_settings
from django.urls import clear_url_caches

from maillage.places.rules.filters import PARAMETERS
from tests.authorisation.addresses import addresses
from tests.authorisation.rules import OWN, rule_of
from tests.authorisation.sweep import Visitor, visitor
from tests.authorisation.world import World
from tests.hostile import attack
from tests.hostile.corpora import json_documents, texts

pytestmark = pytest.mark.django_db
ADDRESSES = {one.name: one for one in addresses()}
ADMIN = [name for name in ADDRESSES if name.startswith("admin:")]
OURS = [name for name in ADDRESSES if name not in ADMIN]
QUERY = sorted(
    {*PARAMETERS, "page", "tri", "v", "limit", "cursor", "since", "next", "near", "territory", "depuis", "o", "p", "e"}
)
LISTS = ["place_list", "place_feed_json", "map_list", "map_places", "api:places", "api:search", "suggestions"]
MUCH = [pytest.param(5, id="sample"), pytest.param(None, id="all", marks=pytest.mark.full)]
FEW = [pytest.param(2, id="sample"), pytest.param(40, id="many", marks=pytest.mark.full)]


def rightful(name: str) -> str:
    """Who may see the most at an address."""
    rule = rule_of(name)
    kind = rule.kind if rule else "public"
    return {"public": "anonymous", "guest": "anonymous", "desk": "nadine", "self": "nadine"}.get(kind, "operator")


def url_of(world: World, name: str) -> str:
    url = ADDRESSES[name].url(world.values(OWN, "nadine"))
    return url or pytest.skip(f"{name} cannot be reached with what the world holds")


@pytest.mark.parametrize("most", MUCH)
@pytest.mark.parametrize("name", [name for name in OURS if ADDRESSES[name].arguments])
def test_what_stands_in_an_address(world: World, name: str, most: int | None):
    url, values = url_of(world, name), world.values(OWN, "nadine")
    given = [str(values[one]) for one in ADDRESSES[name].arguments]
    who = visitor(world, rightful(name))
    assert list(attack.in_path(who, url, given, texts(most=most, of=name))) == []


@pytest.mark.parametrize("most", MUCH)
@pytest.mark.parametrize("name", OURS)
def test_parameters(world: World, name: str, most: int | None):
    who = visitor(world, rightful(name))
    wrong = attack.in_query(who, url_of(world, name), QUERY, texts(most=most, of=name), alone=name in LISTS)
    assert list(wrong) == []


@pytest.mark.parametrize("most", FEW)
@pytest.mark.parametrize("name", OURS)
def test_headers(world: World, name: str, most: int | None):
    who = visitor(world, rightful(name))
    assert list(attack.in_headers(who, url_of(world, name), texts(most=most, of=name))) == []


@pytest.mark.parametrize("most", MUCH)
@pytest.mark.parametrize("name", OURS)
def test_forms(world: World, name: str, most: int | None):
    who = visitor(world, rightful(name))
    wrong = attack.in_forms(who, url_of(world, name), texts(most=most, of=name), alone=most is None)
    assert list(wrong) == []


@pytest.mark.parametrize("most", FEW)
@pytest.mark.parametrize("name", ADMIN)
def test_the_administration(world: World, name: str, most: int | None):
    who = visitor(world, "operator")
    url = ADDRESSES[name].url({**world.values(OWN, "operator"), "object_id": "1", "app_label": "places", "url": "x"})
    if url is None:
        pytest.skip("not an address of its own")
    said = texts(most=most, of=name)
    wrong = [*attack.in_query(who, url, ["q", "p", "o", "e", "_popup", "all"], said, alone=False)]
    wrong += attack.in_forms(who, url, said, alone=False)
    wrong += attack.in_path(who, url, ["1"] if "object_id" in ADDRESSES[name].arguments else [], said)
    assert wrong == []


def test_forms_are_found(world: World):
    """The attack on forms has something to attack."""
    found = {
        name: attack.found_forms(visitor(world, rightful(name)), ADDRESSES[name].url(world.values(OWN, "nadine")))
        for name in OURS
        if ADDRESSES[name].url(world.values(OWN, "nadine"))
    }
    pages = {name for name, forms in found.items() if forms}
    assert {"account_login", "manage_team", "manage_photos", "manage_keys"} <= pages
    assert sum(len(form.names()) for forms in found.values() for form in forms) >= 20


@pytest.mark.parametrize("most", [pytest.param(60, id="sample"), pytest.param(None, id="all", marks=pytest.mark.full)])
def test_bodies_of_the_api(world: World, most: int | None):
    import random

    documents = list(json_documents())
    assert len(documents) == 318
    chosen = documents if most is None else random.Random(1).sample(documents, most)
    written = [(repr(text[:40]), attack.raw(text)) for text in texts(most=most and 10)]
    who = Visitor()
    key = {"HTTP_AUTHORIZATION": f"Bearer {world.own.secret}", "HTTP_IF_MATCH": "*"}
    url = f"/api/v1/places/{world.own.slug}"
    wrong = list(attack.in_body(who, "PATCH", url, [*chosen, *written], **key))
    wrong += attack.in_body(who, "POST", f"{url}/confirm", chosen[:20], **key)
    assert wrong == []


@pytest.mark.parametrize("most", MUCH)
def test_fields_of_the_api(world: World, most: int | None):
    """Each field a key may write, with each hostile text: as itself, in a list, as a number where one reads so."""
    import json

    from maillage.api.patches import WRITABLE

    who = Visitor()
    key = {"HTTP_AUTHORIZATION": f"Bearer {world.own.secret}", "HTTP_IF_MATCH": "*"}
    documents = [
        (f"{name}: {text[:40]!r}", json.dumps({name: value}).encode())
        for text in texts(most=most, of="fields")
        for name in WRITABLE
        for value in (text, [text])
    ]
    documents += [
        (f"{name}: {value}", f'{{"{name}": {value}}}'.encode())
        for name in WRITABLE
        for value in ("1e999", "-1e999", "NaN", "9" * 500, "1E1000000", "{}", "[[]]", "true", "null", "[null]")
    ]
    url = f"/api/v1/places/{world.own.slug}"
    assert [one for found in [attack.in_body(who, "PATCH", url, documents, **key)] for one in found] == []


@pytest.mark.parametrize("most", FEW)
def test_headers_of_writing_programs(world: World, most: int | None):
    who = Visitor()
    url = f"/api/v1/places/{world.own.slug}/confirm"
    assert list(attack.in_headers(who, url, texts(most=most, of="write"), method="POST")) == []


@pytest.fixture
def broken_site(world: World):
    clear_url_caches()
    with override_settings(ROOT_URLCONF="tests.hostile.fragile"):
        yield Visitor()
    clear_url_caches()


@pytest.mark.parametrize("part", ["path", "query", "form", "body", "headers", "slowness"])
def test_the_attack_sees_what_breaks(broken_site: Visitor, part: str):
    said = texts(most=40, of="control")
    attacks = {
        "path": lambda: attack.in_path(broken_site, "/named/x/", ["x"], said),
        "query": lambda: attack.in_query(broken_site, "/number/", ["page"], said, alone=False),
        "form": lambda: attack.in_forms(broken_site, "/form/", said, alone=True),
        "body": lambda: attack.in_body(broken_site, "POST", "/body/", json_documents()),
        "headers": lambda: attack.in_headers(broken_site, "/agent/", ["é"]),
        "slowness": lambda: attack.in_query(broken_site, "/slow/", ["q"], ["x" * 2_000], alone=False),
    }
    assert list(attacks[part]())
