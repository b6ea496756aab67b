from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from django.db import connection
from django.template.loader import render_to_string
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override

from maillage.journal.queries import aside
from maillage.places.models import Place
from maillage.places.queries import map_for, map_of_place
from maillage.places.rules.filters import PlaceFilter
from tests.places.test_record import LA_MAILLE, record

CHAMBLAY, MOUCHARD, NANTES = (46.9915, 5.7035), (46.9776, 5.7893), (47.2382, -1.5603)
PLACES: list[dict[str, Any]] = [
    {"name": "La Maille", "commune": "39093", "lat": CHAMBLAY[0], "lon": CHAMBLAY[1], "precision": "address"},
    {"name": "Le Fil", "commune": "39093", "lat": CHAMBLAY[0], "lon": CHAMBLAY[1] + 0.001, "precision": "address"},
    {"name": "L’Atelier", "commune": "39370", "lat": MOUCHARD[0], "lon": MOUCHARD[1], "precision": "address"},
    {"name": "Le Nid", "commune": "44109", "lat": NANTES[0], "lon": NANTES[1], "activities": ["fablab"]},
    {"name": "Kaz partagée", "commune": "97413", "lat": -21.18, "lon": 55.34, "precision": "address"},
]


@pytest.fixture(autouse=True)
def registry(small_ground: None, now: datetime) -> None:
    aside.clear()
    record(*(replace(LA_MAILLE, ref=str(n), values=said) for n, said in enumerate(PLACES)), now=now)


def test_france_shows_its_regions_and_wider_its_departements(now: datetime) -> None:
    drawn = map_for(PlaceFilter(), now=now)
    assert drawn is not None
    assert {(c.label, c.href) for c in drawn.clusters} == {
        ("3 lieux, Bourgogne-Franche-Comté", "/lieux/?territoire=reg-27"),
        ("1 lieu, Pays de la Loire", "/lieux/?territoire=reg-52"),
        ("1 lieu, La Réunion", "/lieux/?territoire=reg-04"),
    }
    assert {c.label for c in drawn.fine} == {"3 lieux, Jura", "1 lieu, Loire-Atlantique", "1 lieu, La Réunion"}
    assert sum(c.count for c in drawn.clusters) == sum(row.count for row in drawn.rows) == drawn.total == 5
    assert drawn.parent is None


def test_a_small_map_is_lighter(now: datetime) -> None:
    drawn = map_for(PlaceFilter(), now=now, light=True)
    assert drawn is not None
    assert drawn.fine == ()
    assert drawn.base_url.startswith("/carte/france-s.svg?v=")


def test_links_keep_the_other_filters(now: datetime) -> None:
    drawn = map_for(PlaceFilter(activities=("fablab",)), now=now)
    assert drawn is not None
    assert [c.href for c in drawn.clusters] == ["/lieux/?activite=fablab&territoire=reg-52"]


def test_a_region_shows_its_departements_and_the_way_up(now: datetime) -> None:
    drawn = map_for(PlaceFilter(territory="reg-27", q=""), now=now)
    assert drawn is not None
    assert [(c.count, c.label, c.href) for c in drawn.clusters] == [(3, "3 lieux, Jura", "/lieux/?territoire=dep-39")]
    assert drawn.parent is not None
    assert (drawn.parent.name, drawn.parent.href) == ("France", "/lieux/")


def test_a_departement_shows_places_and_groups(now: datetime) -> None:
    drawn = map_for(PlaceFilter(territory="dep-39"), now=now)
    assert drawn is not None
    assert sorted((c.kind, c.label, c.href) for c in drawn.clusters) == [
        ("group", "2 lieux, Chamblay", "/lieux/?territoire=commune-39093"),
        ("place", "L’Atelier", "/lieux/l-atelier/"),
    ]
    assert drawn.parent is not None
    assert drawn.parent.href == "/lieux/?territoire=reg-27"
    assert [(row.name, row.count) for row in drawn.rows] == [("Chamblay", 2), ("Mouchard", 1)]


def test_a_commune_is_seen_closer_and_its_places_come_apart_or_lead_closer_still(now: datetime) -> None:
    drawn = map_for(PlaceFilter(territory="commune-39093"), now=now)
    assert drawn is not None
    assert drawn.image[2] > drawn.width
    (group,) = drawn.clusters
    assert group.count == 2
    assert "bbox=" in group.href


def test_around_a_commune_the_point_is_marked(now: datetime) -> None:
    drawn = map_for(PlaceFilter(near="39093", minutes=20), now=now)
    assert drawn is not None
    assert drawn.key == "dep-39"
    assert drawn.mark is not None
    assert 0 < drawn.mark[0] < drawn.width
    assert 0 < drawn.mark[1] < drawn.height
    assert drawn.parent is not None
    assert drawn.parent.href == "/lieux/?territoire=dep-39"


def test_a_place_without_position_is_counted_and_told(now: datetime) -> None:
    Place.objects.filter(name="L’Atelier").update(lat=None, lon=None)
    drawn = map_for(PlaceFilter(territory="dep-39"), now=now)
    assert drawn is not None
    assert (drawn.total, drawn.unplaced, drawn.outside) == (3, 1, 0)
    assert "1 lieu sans position n’est pas sur la carte." in render_to_string("places/_map.html", {"map": drawn})


def test_a_territory_whose_places_are_elsewhere_keeps_its_disc_in_its_own_middle(now: datetime) -> None:
    Place.objects.filter(name="Kaz partagée").update(lat=-21.18, lon=30.0)
    Place.objects.filter(name="Le Nid").update(lat=-40.0, lon=-1.56)
    for asked, key in (
        (PlaceFilter(), "reg-04"),
        (PlaceFilter(), "reg-52"),
        (PlaceFilter(territory="reg-04"), "dep-974"),
    ):
        drawn = map_for(asked, now=now)
        assert drawn is not None
        assert [c.count for c in drawn.clusters if c.href.endswith(key)] == [1]
        assert sum(c.count for c in drawn.clusters) == drawn.total
        assert all(0 < c.x < drawn.width and 0 < c.y < drawn.height for c in (*drawn.clusters, *drawn.fine))


def test_without_a_commune_or_without_a_point_are_told_apart_and_all_add_up(now: datetime) -> None:
    Place.objects.filter(name="L’Atelier").update(commune=None)
    Place.objects.filter(name="Le Nid").update(commune=None, lat=None, lon=None)
    Place.objects.filter(name="Le Fil").update(lat=None, lon=None)
    drawn = map_for(PlaceFilter(), now=now)
    assert drawn is not None
    assert (drawn.total, drawn.nowhere, drawn.unplaced, drawn.outside) == (5, 1, 1, 0)
    assert sum(c.count for c in drawn.clusters) == sum(c.count for c in drawn.fine) == 3
    html = render_to_string("places/_map.html", {"map": drawn})
    assert "1 lieu dont la commune n’est pas connue n’est pas sur cette carte." in html
    assert "1 lieu sans position n’est pas sur la carte." in html


def test_a_place_out_of_the_frame_is_counted_and_told(now: datetime) -> None:
    Place.objects.filter(name="L’Atelier").update(lat=43.3, lon=5.4)
    drawn = map_for(PlaceFilter(territory="dep-39"), now=now)
    assert drawn is not None
    assert (drawn.unplaced, drawn.outside) == (0, 1)


def test_an_empty_answer_is_an_empty_map(now: datetime) -> None:
    drawn = map_for(PlaceFilter(territory="dep-25"), now=now)
    assert drawn is not None
    assert (drawn.clusters, drawn.rows, drawn.total) == ((), (), 0)


def test_unknown_territories_and_points_show_france(now: datetime) -> None:
    for asked in (PlaceFilter(territory="dep-99"), PlaceFilter(near="00000")):
        drawn = map_for(asked, now=now)
        assert drawn is not None
        assert drawn.key == "france"


def test_the_second_look_asks_the_database_only_for_its_age(now: datetime) -> None:
    first = map_for(PlaceFilter(territory="dep-39"), now=now)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert map_for(PlaceFilter(territory="dep-39"), now=now) == first
    assert len(asked) <= 2


def test_each_link_says_in_words_what_it_holds(now: datetime) -> None:
    html = render_to_string("places/_map.html", {"map": map_for(PlaceFilter(), now=now)})
    assert 'aria-label="3 lieux, Jura"' in html
    assert "<title>3 lieux, Jura</title>" in html
    assert "style=" not in html
    assert '<a class="map__skip" href="#apres-carte">Passer la carte</a>' in html
    assert '<th scope="row"><a href="/lieux/?territoire=reg-27">Bourgogne-Franche-Comté</a></th><td>3</td>' in html


def test_names_are_escaped(now: datetime) -> None:
    Place.objects.filter(name="L’Atelier").update(name='<b onload="x">')
    html = render_to_string("places/_map.html", {"map": map_for(PlaceFilter(territory="dep-39"), now=now)})
    assert "&lt;b onload=&quot;x&quot;&gt;" in html
    assert "<b onload" not in html


def test_english_maps_lead_to_english_pages(now: datetime) -> None:
    map_for(PlaceFilter(), now=now)
    with override("en"):
        drawn = map_for(PlaceFilter(), now=now)
    assert drawn is not None
    assert {c.href.split("?")[0] for c in drawn.clusters} == {"/en/lieux/"}


def test_a_place_is_shown_in_its_departement() -> None:
    place = Place.objects.select_related("commune").get(name="Le Nid")
    drawn = map_of_place(place)
    assert drawn is not None
    assert (drawn.key, drawn.title, drawn.clusters) == ("dep-44", "Loire-Atlantique", ())
    assert drawn.mark is not None
    html = render_to_string("places/_map.html", {"map": drawn})
    assert 'role="img"' in html
    assert "map__skip" not in html


def test_a_place_without_position_has_no_map() -> None:
    place = Place.objects.select_related("commune").get(name="Le Nid")
    place.lat = place.lon = None
    assert map_of_place(place) is None
