from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from maillage.analysis.travel import crow_fly
from maillage.journal.queries import aside
from maillage.places import queries
from maillage.places.models import Place
from maillage.places.queries.matching import Near, minutes_from
from maillage.places.rules.filters import PlaceFilter, parse
from tests.places.test_record import LA_MAILLE, record

SUNDAY_NIGHT = datetime(2026, 11, 22, 23, 0, tzinfo=UTC)
MONDAY_MORNING = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
PLACES: list[dict[str, Any]] = [
    {
        "name": "La Maille",
        "commune": "39093",
        "activities": ["coworking", "cafe"],
        "opening_hours": "Mo-Fr 09:00-18:00",
    },
    {"name": "L’Atelier de Mouchard", "commune": "39370", "activities": ["ateliers"], "services": ["machines"]},
    {"name": "Le Nid", "commune": "44109", "activities": ["fablab"], "status": "project"},
    {"name": "L’Ancre", "commune": "44184", "activities": ["coworking"], "status": "closed", "closed_on": "2023"},
    {"name": "Kaz partagée", "commune": "97413", "services": ["hebergement"], "opening_hours": "Mo-Su 08:00-20:00"},
]


@pytest.fixture(autouse=True)
def registry(small_ground: None, now: datetime) -> None:
    aside.clear()
    record(*(replace(LA_MAILLE, ref=str(n), values=said) for n, said in enumerate(PLACES)), now=now)


def names(asked: PlaceFilter, now: datetime = MONDAY_MORNING) -> list[str]:
    return [item.name for item in queries.listing(asked, page=1, now=now).items]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        (PlaceFilter(), ["Kaz partagée", "L’Atelier de Mouchard", "La Maille", "Le Nid"]),
        (PlaceFilter(status="closed"), ["L’Ancre"]),
        (PlaceFilter(activities=("coworking", "fablab")), ["La Maille", "Le Nid"]),
        (PlaceFilter(intent="fabriquer"), ["L’Atelier de Mouchard", "Le Nid"]),
        (PlaceFilter(intent="sejourner"), ["Kaz partagée"]),
        (PlaceFilter(services=("machines", "hebergement")), []),
        (PlaceFilter(territory="dep-39"), ["L’Atelier de Mouchard", "La Maille"]),
        (PlaceFilter(territory="reg-04"), ["Kaz partagée"]),
        (PlaceFilter(territory="epci-243900420"), ["L’Atelier de Mouchard", "La Maille"]),
        (PlaceFilter(q="makerspace"), ["Le Nid"]),
        (PlaceFilter(q="kaz PARTAGEE"), ["Kaz partagée"]),
        (PlaceFilter(q="%"), ["Kaz partagée", "L’Atelier de Mouchard", "La Maille", "Le Nid"]),
        (PlaceFilter(bbox=(5.0, 46.5, 6.0, 47.5)), ["L’Atelier de Mouchard", "La Maille"]),
        (PlaceFilter(near="39093", minutes=60), ["La Maille", "L’Atelier de Mouchard"]),
        (PlaceFilter(near="39093", minutes=60, sort="nom"), ["L’Atelier de Mouchard", "La Maille"]),
        (PlaceFilter(near="39093", minutes=5), ["La Maille"]),
        (PlaceFilter(near="39999", minutes=5), ["La Maille"]),
        (PlaceFilter(near="46.9915,5.7035", minutes=5), ["La Maille"]),
        (PlaceFilter(near="00000"), []),
        (PlaceFilter(open_now=True), ["Kaz partagée", "La Maille"]),
    ],
)
def test_a_question_finds_its_places_and_no_other(asked: PlaceFilter, found: list[str]) -> None:
    assert names(asked) == found
    assert set(queries.matching(asked, now=MONDAY_MORNING).values_list("name", flat=True)) == set(found)


def test_open_now_is_asked_in_the_zone_of_the_place() -> None:
    early = datetime(2026, 11, 23, 4, 30, tzinfo=UTC)
    assert names(PlaceFilter(open_now=True), now=early) == ["Kaz partagée"]
    assert names(PlaceFilter(open_now=True), now=SUNDAY_NIGHT) == []


def test_a_commune_typed_as_words_becomes_a_place_to_look_around() -> None:
    answer = queries.listing(PlaceFilter(q="chamblay"), page=1, now=MONDAY_MORNING)
    assert answer.filter == PlaceFilter(near="39093")
    assert answer.understood is not None
    assert answer.understood.name == "Chamblay"
    assert answer.suggestions == ()
    assert [item.name for item in answer.items] == ["La Maille", "L’Atelier de Mouchard"]


def test_a_place_that_bears_the_words_exactly_wins_over_a_commune_articles_aside(now: datetime) -> None:
    record(replace(LA_MAILLE, ref="p", values={"name": "Le Mouchard", "commune": "44109"}), now=now)
    assert names(PlaceFilter(q="mouchard")) == ["L’Atelier de Mouchard", "Le Mouchard"]


def test_places_whose_name_holds_a_commune_are_told_beside_it() -> None:
    answer = queries.listing(PlaceFilter(q="Mouchard"), page=1, now=MONDAY_MORNING)
    assert answer.filter == PlaceFilter(near="39370")
    assert [name for _slug, name, _city in answer.named] == ["L’Atelier de Mouchard"]


@pytest.mark.parametrize(
    ("words", "name", "understood"),
    [
        ("Paris 10e", "Paris", PlaceFilter(near="75056")),
        ("Lons", "Lons-le-Saunier", PlaceFilter(near="39300")),
        ("grand besançon", "CU Grand Besançon Métropole", PlaceFilter(territory="epci-242500361")),
        ("chamblay jura", "Chamblay", PlaceFilter(near="39093")),
    ],
)
def test_words_no_place_holds_lead_to_the_one_territory_they_may_mean(
    words: str, name: str, understood: PlaceFilter
) -> None:
    answer = queries.listing(replace(understood, q=words, near="", territory=""), page=1, now=MONDAY_MORNING)
    assert answer.understood is not None
    assert (answer.understood.name, answer.filter) == (name, understood)


def test_words_a_place_holds_are_no_typo_of_a_commune() -> None:
    assert queries.listing(PlaceFilter(q="kaz"), page=1, now=MONDAY_MORNING).suggestions == ()
    answer = queries.listing(PlaceFilter(q="nantez"), page=1, now=MONDAY_MORNING)
    assert (answer.filter, answer.understood, answer.total) == (PlaceFilter(q="nantez"), None, 0)
    assert answer.suggestions[0].name == "Nantes"


def test_words_a_place_holds_are_looked_for_even_where_a_territory_begins_so(now: datetime) -> None:
    record(replace(LA_MAILLE, ref="l", values={"name": "Lons en commun", "commune": "44109"}), now=now)
    answer = queries.listing(PlaceFilter(q="lons"), page=1, now=MONDAY_MORNING)
    assert "Lons en commun" in [item.name for item in answer.items]
    assert (answer.understood, [hit.name for hit in answer.suggestions][:1]) == (None, ["Lons-le-Saunier"])


def test_an_unknown_commune_is_said_lost_and_finds_nothing() -> None:
    answer = queries.listing(PlaceFilter(near="01999"), page=1, now=MONDAY_MORNING)
    assert (answer.lost, answer.total) == ("near", 0)
    assert queries.listing(PlaceFilter(territory="dep-99"), page=1, now=MONDAY_MORNING).lost == "territory"


def test_a_page_beyond_the_last_is_the_last() -> None:
    answer = queries.listing(PlaceFilter(), page=9_999, now=MONDAY_MORNING)
    assert (answer.page, answer.pages, len(answer.items)) == (1, 1, 4)


def test_facets_count_the_answers_of_this_question() -> None:
    answer = queries.listing(PlaceFilter(territory="dep-39"), page=1, now=MONDAY_MORNING)
    assert answer.facets == {"activities": {"coworking": 1, "cafe": 1, "ateliers": 1}, "services": {"machines": 1}}


def test_a_kept_answer_gives_way_to_a_committed_change(now: datetime) -> None:
    assert "Le Refuge" not in names(PlaceFilter())
    record(replace(LA_MAILLE, ref="new", values={"name": "Le Refuge", "commune": "39370"}), now=now)
    assert "Le Refuge" in names(PlaceFilter())


def test_the_number_of_queries_does_not_grow_with_the_answers(django_assert_num_queries: Any, now: datetime) -> None:
    with django_assert_num_queries(10):
        queries.listing(PlaceFilter(near="39093"), page=1, now=MONDAY_MORNING)
    more = [replace(LA_MAILLE, ref=f"m{n}", values={"name": f"Lieu {n}", "commune": "39093"}) for n in range(60)]
    record(*more, now=now)
    with django_assert_num_queries(10):
        queries.listing(PlaceFilter(near="39093"), page=2, now=MONDAY_MORNING)


def test_nearby_places_come_nearest_first_and_never_the_place_itself() -> None:
    maille = Place.objects.get(name="La Maille")
    found = queries.nearby(maille, limit=2)
    assert found[0][0].name == "L’Atelier de Mouchard"
    assert found[0][1] == pytest.approx(6_690, abs=50)
    assert maille not in [place for place, _ in found]


def test_hostile_words_are_only_words() -> None:
    for text in (
        "'; DROP TABLE places_place;--",
        "<script>alert(1)</script>",
        "\u202e",
        "(((",
        "x" * 10_000,
        "*" * 200,
    ):
        asked, _ = parse({"q": [text]})
        assert queries.listing(asked, page=1, now=MONDAY_MORNING).total >= 0


@pytest.mark.parametrize(
    ("words", "name", "understood"),
    [
        ("coworking nantes", "Nantes", PlaceFilter(activities=("coworking",), near="44109")),
        ("Fablab à Chamblay", "Chamblay", PlaceFilter(activities=("fablab",), near="39093")),
        ("chamblay fablab", "Chamblay", PlaceFilter(activities=("fablab",), near="39093")),
        ("des bureaux partagés près de Nantes", "Nantes", PlaceFilter(activities=("coworking",), near="44109")),
        ("recyclerie 39380", "Chamblay", PlaceFilter(activities=("recyclerie",), near="39093")),
        ("salle de réunion dans le Jura", "Jura", PlaceFilter(services=("salle-de-reunion",), territory="dep-39")),
        ("dormir Mouchard", "Mouchard", PlaceFilter(intent="sejourner", near="39370")),
    ],
)
def test_something_looked_for_somewhere_is_understood(words: str, name: str, understood: PlaceFilter) -> None:
    answer = queries.listing(PlaceFilter(q=words), page=1, now=MONDAY_MORNING)
    assert answer.understood is not None
    assert (answer.understood.name, answer.filter) == (name, understood)


def test_filters_in_force_stay_beside_what_is_looked_for_somewhere() -> None:
    asked = PlaceFilter(q="coworking nantes", activities=("cafe",), open_now=True)
    answer = queries.listing(asked, page=1, now=MONDAY_MORNING)
    assert answer.filter == PlaceFilter(activities=("coworking", "cafe"), open_now=True, near="44109")


def test_words_that_places_hold_are_looked_for_and_the_other_reading_is_offered() -> None:
    answer = queries.listing(PlaceFilter(q="coworking chamblay"), page=1, now=MONDAY_MORNING)
    assert ([item.name for item in answer.items], answer.understood) == (["La Maille"], None)
    assert answer.aimed is not None
    assert answer.aimed.filter == PlaceFilter(activities=("coworking",), near="39093")


@pytest.mark.parametrize("words", ["coworking", "coworking zzzz", "bonjour nantes", "coworking à", "en de à sur"])
def test_nothing_is_read_into_other_words(words: str) -> None:
    answer = queries.listing(PlaceFilter(q=words), page=1, now=MONDAY_MORNING)
    assert (answer.filter, answer.aimed) == (PlaceFilter(q=words), None)


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("la maile", ["La Maille"]),
        ("mailel", ["La Maille"]),
        ("l'atelier de mouchrad", ["L’Atelier de Mouchard"]),
        ("kaz partgée", ["Kaz partagée"]),
        ("kaz part", []),
        ("ancrr", []),
        ("zzzzzzzz", []),
        ("ni", []),
    ],
)
def test_a_name_forgives_one_typo_where_no_place_holds_the_words(words: str, found: list[str]) -> None:
    answer = queries.listing(PlaceFilter(q=words), page=1, now=MONDAY_MORNING)
    assert [name for _slug, name, _city in answer.named] == found
    assert answer.filter.q == words


def test_a_name_written_since_forgives_its_typo_too(now: datetime) -> None:
    assert queries.listing(PlaceFilter(q="la bobinne"), page=1, now=MONDAY_MORNING).named == ()
    record(replace(LA_MAILLE, ref="b", values={"name": "La Bobine", "commune": "39093"}), now=now)
    assert len(queries.listing(PlaceFilter(q="la bobinne"), page=1, now=MONDAY_MORNING).named) == 1


def test_suggestions_forgive_one_typo_of_a_name() -> None:
    assert [row[1] for row in queries.named("la maile", limit=3)] == ["La Maille"]
    assert [row[1] for row in queries.named("maille", limit=3)] == ["La Maille"]


def test_no_road_leads_from_an_island_to_the_place_across_the_water() -> None:
    places = Place.objects.public()
    across = Near("Mouchard", 46.9915, 5.7035, density=6, code="39370")
    assert len(minutes_from(places, across, within=5)) == 1
    assert minutes_from(places, replace(across, code="56069"), within=5) == {}
    assert len(minutes_from(places, replace(across, code=""), within=5)) == 1


def test_overseas_minutes_are_by_the_speeds_of_the_zone() -> None:
    kaz = Place.objects.get(name="Kaz partagée")
    assert kaz.lat is not None and kaz.lon is not None
    north = Near("", kaz.lat + 0.05, kaz.lon, density=0)
    told = minutes_from(Place.objects.filter(pk=kaz.pk), north, within=60)[kaz.pk][0]
    density = kaz.commune.density_7 or 0 if kaz.commune else 0
    ends = (north.lat, north.lon, 0, [kaz.lat], [kaz.lon], [density])
    assert told == crow_fly("reunion").minutes_from(*ends)[0] > crow_fly().minutes_from(*ends)[0]
