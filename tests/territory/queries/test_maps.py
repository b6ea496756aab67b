import gzip
from datetime import datetime
from xml.etree import ElementTree

import numpy as np
import pytest
from django.test import Client

from maillage.territory.models import Commune, Ground, Outline
from maillage.territory.queries import base_maps, maps
from tests.territory.queries.test_arrays import another_ground

SVG = "{http://www.w3.org/2000/svg}"


def outline(kind: str, code: str, west: float, south: float, east: float, north: float) -> None:
    ring = np.array([[west, south], [east, south], [east, north], [west, north]]) * 1e5
    Outline.objects.create(
        kind=kind,
        code=code,
        points=np.rint(ring).astype("<i4").tobytes(),
        ring_lengths=[4],
        min_lon=west,
        min_lat=south,
        max_lon=east,
        max_lat=north,
    )


@pytest.fixture
def outlines(small_ground: None) -> None:
    """Jura and Doubs as two neighbouring boxes, and two communes of Jura."""
    Ground.objects.update(fingerprint="outlines")
    outline("dep", "39", 5.3, 46.3, 5.9, 47.3)
    outline("dep", "25", 5.9, 46.3, 6.9, 47.3)
    outline("commune", "39093", 5.3, 46.3, 5.6, 47.3)
    outline("commune", "39370", 5.6, 46.3, 5.9, 47.3)


def looks(document: bytes | None) -> list[str]:
    assert document is not None
    root = ElementTree.fromstring(gzip.decompress(document))
    return [path.get("class", "").split()[0] for path in root.findall(f"{SVG}path")]


def test_without_outlines_communes_draw_the_territory(small_ground: None) -> None:
    assert set(looks(base_maps.base_map("france"))) == {"pop"}
    assert set(looks(base_maps.base_map("france-s"))) == {"pop"}
    assert set(looks(base_maps.base_map("dep-39"))) == {"link", "pop"}


def test_communes_around_the_territory_are_fainter(small_ground: None) -> None:
    Ground.objects.update(fingerprint="Besançon in Jura")
    Commune.objects.filter(pk="25056").update(lat=46.98, lon=5.65)
    assert set(looks(base_maps.base_map("dep-39"))) == {"far", "link", "pop"}


def test_with_outlines_the_land_is_drawn_under_its_communes(outlines: None) -> None:
    assert looks(base_maps.base_map("france"))[:3] == ["land", "coast", "pop"]
    assert looks(base_maps.base_map("reg-27")) == ["near", "land", "pop", "pop", "pop", "pop", "dep", "reg"]
    jura = looks(base_maps.base_map("dep-39"))
    assert jura[:4] == ["near", "dep", "land", "hair"]
    assert jura[-1] == "reg"
    assert "link" not in jura


@pytest.mark.parametrize("key", ["dep-00", "reg-99", "commune-39093", "monde", "dep-39-s", "-"])
def test_an_unknown_frame_has_no_map(small_ground: None, key: str) -> None:
    assert base_maps.base_map(key) is None


def test_a_map_is_drawn_again_for_another_ground(small_ground: None, now: datetime) -> None:
    before = base_maps.version()
    Ground.objects.create(kind="folder", label="Autre", vintage="2027", loaded_at=now, fingerprint="1" * 64)
    assert base_maps.version() != before


def test_the_drawing_travels_packed_and_is_kept_for_ever(client: Client, small_ground: None) -> None:
    response = client.get("/carte/dep-39.svg", {"v": base_maps.version()}, headers={"accept-encoding": "gzip"})
    assert response.status_code == 200
    assert response["Content-Type"] == "image/svg+xml"
    assert response["Content-Encoding"] == "gzip"
    assert response["Cache-Control"] == "public, max-age=31536000, immutable"
    assert response["Content-Security-Policy"] == "default-src 'none'; style-src 'unsafe-inline'"
    assert response.content == base_maps.base_map("dep-39")
    again = client.get("/carte/dep-39.svg", headers={"if-none-match": response["ETag"]})
    assert again.status_code == 304


def test_the_drawing_travels_plain_to_those_who_ask_so_and_old_addresses_are_asked_again(
    client: Client, small_ground: None
) -> None:
    response = client.get("/carte/france.svg", {"v": "0.0"})
    assert "Content-Encoding" not in response
    assert response["Cache-Control"] == "public, no-cache"
    assert response.content.startswith(b"<svg ")


def test_an_unknown_drawing_is_not_found(client: Client, small_ground: None) -> None:
    assert client.get("/carte/dep-00.svg").status_code == 404


def test_a_commune_is_a_window_of_its_departement(small_ground: None) -> None:
    view = maps.view("commune-39093")
    assert view is not None
    assert (view.frame.key, view.title, view.is_window) == ("dep-39", "Chamblay", True)
    assert view.zoom > 1
    x, y = view.project([46.9915], [5.7035])[0]
    assert 0 < x < view.width
    assert 0 < y < view.height


def test_an_extent_is_looked_at_as_closely_as_it_allows(small_ground: None) -> None:
    near = maps.view_of_extent(5.6, 46.9, 5.8, 47.0)
    far = maps.view_of_extent(-5.0, 41.5, 9.5, 51.0)
    assert near is not None and near.frame.key == "dep-39"
    assert far is not None and far.frame.key == "france"


def test_a_departement_names_its_prefecture_first(small_ground: None) -> None:
    view = maps.view("dep-39")
    assert view is not None
    first, *others = maps.labels(view, [])
    assert (first.text, first.chief) == ("Lons-le-Saunier", True)
    assert {label.text for label in others} == {"Mouchard", "Chamblay", "Vaudrey"}


def test_names_keep_clear_of_discs(small_ground: None) -> None:
    view = maps.view("dep-39")
    assert view is not None
    everywhere = [(x, y, 60.0) for x in range(0, 1001, 60) for y in range(0, view.height + 60, 60)]
    assert maps.labels(view, everywhere) == []


def test_without_a_ground_there_is_nothing_to_look_at(db: None) -> None:
    assert maps.view("dep-39") is None
    assert maps.departement_at(47.0, 5.7) == ""
    assert maps.view_of_extent(5.6, 46.9, 5.8, 47.0) is not None


def test_a_bassin_de_vie_is_a_window_too(small_ground: None) -> None:
    Commune.objects.filter(code__in=("39093", "39370")).update(bv_code="39500", bv_name="Salins-les-Bains")
    another_ground()
    window = maps.view("bv-39500")
    assert (window.frame.key, window.title, window.reference) == ("dep-39", "Salins-les-Bains", "bv-39500")
    assert sorted(maps.communes().code[maps.communes().of("bv-39500")].tolist()) == ["39093", "39370"]
    assert maps.view("bv-39093") is None
