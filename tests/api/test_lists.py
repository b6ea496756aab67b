"""Lists by cursor: every place that does not change is met once, whatever happens to the others."""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from maillage.api.parameters import cursor_of, read_cursor
from maillage.api.problems import ProblemRaised
from maillage.journal.queries import aside
from maillage.places import actions
from maillage.places.rules.filters import PlaceFilter
from tests.api.conftest import id_of
from tests.places.test_record import LA_MAILLE, record

FRESH = count(1)
QUESTIONS = [
    "",
    "tri=recent",
    "pres=25056&minutes=60",
    "pres=25056&minutes=60&tri=nom",
    "activite=coworking",
    "statut=tous",
]


def walk(client: Client, query: str, limit: int, between=lambda: None) -> list[str]:
    """The names of every place of a walk, in order; something may happen between two pages."""
    address, names = f"/api/v1/places?limit={limit}&{query}", []
    while address:
        response = client.get(address)
        assert response.status_code == 200, response.content
        body = response.json()
        assert len(body["places"]) <= limit
        names += [place["name"] for place in body["places"]]
        address = body["next"]
        assert response.headers.get("Link", "") == (f'<{address}>; rel="next"' if address else "")
        between()
    return names


@pytest.mark.parametrize("query", QUESTIONS)
def test_pages_joined_are_the_whole_list(client: Client, places: None, query: str) -> None:
    whole = walk(client, query, 100)
    assert len(whole) > 5
    assert walk(client, query, 1) == walk(client, query, 3) == whole
    assert client.get(f"/api/v1/places?{query}").json()["total"] == len(whole)


@pytest.mark.parametrize("query", ["", "tri=recent", "pres=25056&minutes=60"])
def test_places_of_one_name_are_all_met(client: Client, places: None, now: datetime, query: str) -> None:
    for n in range(3):
        values = {"name": "Le Bistrot", "commune": "25056", "activities": ["coworking"]}
        record(replace(LA_MAILLE, ref=f"bistrot-{n}", values=values), now=now)
    aside.clear()
    assert walk(client, query, 1).count("Le Bistrot") == 3


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    query=st.sampled_from(QUESTIONS),
    limit=st.integers(1, 6),
    happenings=st.lists(st.sampled_from(["add", "first", "remove", "change", ""]), min_size=1, max_size=8),
)
def test_a_place_that_does_not_change_is_met_once(
    client: Client, places: None, now: datetime, query: str, limit: int, happenings: list[str]
) -> None:
    aside.clear()
    before = walk(client, query, 100)
    waiting, touched = list(happenings), set()

    def between() -> None:
        what = waiting.pop(0) if waiting else ""
        fresh = f"{'Zut' if what == 'add' else 'Aa'} {next(FRESH)}"
        new = {"name": fresh, "commune": "25056", "activities": ["coworking"]}
        victim = sorted(set(before) - touched)[len(happenings) % max(1, len(set(before) - touched))]
        if what in ("add", "first"):
            touched.add(fresh)
            record(replace(LA_MAILLE, ref=fresh, values=new), now=now + timedelta(minutes=len(touched)))
        elif what == "remove" and victim.startswith("Bureau"):
            touched.add(victim)
            slug = client.get(f"/api/v1/search?q={victim}").json()["results"][0]["slug"]
            actions.remove_place(place_id=id_of(slug), reason="essai", by="test", now=now)

    met = walk(client, query, limit, between)
    for name in set(before) - touched:
        assert met.count(name) == 1, (name, query, happenings)


def test_the_list_costs_the_same_queries_whatever_its_length(
    client: Client, places: None, django_assert_max_num_queries
) -> None:
    counts = []
    for limit in (1, 17):
        aside.clear()
        with django_assert_max_num_queries(12) as seen:
            client.get(f"/api/v1/places?limit={limit}&territoire=dep-25")
        counts.append(len(seen))
    assert counts[0] == counts[1]


def test_an_answer_kept_costs_two_queries(client: Client, places: None, django_assert_num_queries) -> None:
    client.get("/api/v1/places?limit=5")
    with django_assert_num_queries(2):
        client.get("/api/v1/places?limit=5")


def test_unknown_is_null_and_an_estimate_says_so(client: Client, places: None) -> None:
    listed = {place["name"]: place for place in client.get("/api/v1/places?statut=tous&limit=100").json()["places"]}
    poste = listed["L’Ancienne Poste"]
    assert (poste["phone"], poste["capacity"], poste["services"], poste["closed_on"]) == (None, None, None, "2016")
    assert poste["precision"] == "commune"
    assert listed["La Boutique de Nadine"]["services"] == ["poste", "wifi"]
    assert listed["La Boutique de Nadine"]["attribution"].startswith("Recensement d’essai (Réseau d’essai), 2026-03")
    assert listed["La Boutique de Nadine"]["minutes"] is None


def test_near_a_commune_the_nearest_come_first_with_their_minutes(client: Client, places: None) -> None:
    body = client.get("/api/v1/places?pres=39093&minutes=60").json()
    assert body["near"] == {"name": "Chamblay", "code": "39093", "lat": 46.9915, "lon": 5.7035, "estimated": False}
    minutes = [place["minutes"] for place in body["places"]]
    assert minutes == sorted(minutes)
    assert body["places"][0]["name"] == "La Boutique de Nadine"
    assert body["places"][0]["distance_m"] == 0


def test_a_former_commune_code_means_the_commune_of_today(client: Client, places: None) -> None:
    asked = client.get("/api/v1/places?territoire=commune-39999").json()
    assert [place["slug"] for place in asked["places"]] == ["la-boutique-de-nadine"]


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("q=a&q=b", "q"),
        ("minutes=", "minutes"),
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=1e3", "limit"),
        ("cursor=x", "cursor"),
        ("cursor=" + "W10", "cursor"),
        ("page=2", "page"),
        ("activite=coworking&activite=vol", "activite"),
        ("bbox=5,47,4,46", "bbox"),
        ("bbox=nan,0,1,1", "bbox"),
        ("pres=91,0", "pres"),
        ("q=" + "a" * 201, "q"),
    ],
)
def test_what_is_not_understood_is_refused_by_name(client: Client, places: None, query: str, parameter: str) -> None:
    response = client.get(f"/api/v1/places?{query}")
    assert response.status_code == 400
    assert response.json()["type"] == "/doc/api/#parametres"
    assert [error["parameter"] for error in response.json()["errors"]] == [parameter]


@pytest.mark.parametrize("query", ["territoire=dep-99", "pres=99999"])
def test_a_code_that_names_nowhere_is_not_an_empty_answer(client: Client, places: None, query: str) -> None:
    response = client.get(f"/api/v1/places?{query}")
    assert response.status_code == 404
    assert response.json()["errors"][0]["parameter"] == query.partition("=")[0]


def test_a_cursor_goes_only_with_its_question(client: Client, places: None) -> None:
    following = client.get("/api/v1/places?limit=2&activite=coworking").json()["next"]
    cursor = parse_qs(urlsplit(following).query)["cursor"][0]
    assert client.get(f"/api/v1/places?limit=2&activite=coworking&cursor={cursor}").status_code == 200
    assert client.get(f"/api/v1/places?limit=2&activite=cafe&cursor={cursor}").status_code == 400


@given(st.text(max_size=60))
def test_a_cursor_made_up_is_refused_and_never_breaks(text: str) -> None:
    with pytest.raises(ProblemRaised):
        read_cursor(PlaceFilter(), {"cursor": [text]})


@given(st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=40), st.uuids())
def test_a_cursor_says_where_it_stands(name: str, place) -> None:
    asked = PlaceFilter(q="café")
    assert read_cursor(asked, {"cursor": [cursor_of(asked, (name, str(place)))]}) == (name, str(place))
