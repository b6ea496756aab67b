import gzip
import json
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from maillage.territory import actions
from maillage.territory.models import Commune, Ground
from maillage.territory.rules.draft import GroundRefused
from maillage.territory.sources import official
from maillage.territory.sources.builtin import BuiltinSource
from maillage.territory.sources.official import Address, OfficialSource, addresses, fetch
from tests.territory.sources.served import Served, serving

END = ". Le fond actuel reste en place. Reprenez ce fichier à sa source, puis relancez la même commande."
CHAMBLAY = {
    "code": "39093", "nom": "Chamblay", "codesPostaux": ["39380"], "population": 430, "surface": 1382,
    "centre": {"type": "Point", "coordinates": [5.7035, 46.9915]}, "codeEpci": "243900420",
    "epci": {"code": "243900420", "nom": "CC du Val d'Amour"}, "codeDepartement": "39", "codeRegion": "27",
}  # fmt: skip
SQUARE = [[5.0, 46.0], [6.0, 46.0], [6.0, 47.0], [5.0, 46.0]]


def feature(code: str, kind: str = "Polygon", coordinates: Any = None) -> dict[str, Any]:
    shape = {"type": kind, "coordinates": [SQUARE] if coordinates is None else coordinates}
    return {"type": "Feature", "properties": {"code": code, "nom": "x"}, "geometry": shape}


def written(folder: Path, communes: Any = (CHAMBLAY,), **outlines: list[dict[str, Any]]) -> OfficialSource:
    (folder / "communes.json").write_text(json.dumps(communes), encoding="utf-8")
    for kind, features in outlines.items():
        collection = json.dumps({"type": "FeatureCollection", "features": features})
        (folder / official.OUTLINES[kind]).write_bytes(gzip.compress(collection.encode()))
    return OfficialSource(folder)


def test_the_official_communes_are_read(tmp_path: Path) -> None:
    draft = written(tmp_path, [CHAMBLAY, CHAMBLAY | {"code": "97501", "codeDepartement": "975"}]).read()
    (commune,) = draft.communes
    assert (commune.code, commune.population, commune.lat, commune.lon, commune.centre_kind) == (
        "39093", 430, 46.9915, 5.7035, "official",
    )  # fmt: skip
    assert (commune.surface_km2, commune.epci, commune.in_metropole) == (13.82, "243900420", False)
    assert draft.epcis == {"243900420": ("CC du Val d'Amour", "CC")}
    assert draft.departements["39"] == ("Jura", "27")
    assert "communes-100m.geojson.gz manque : ces contours ne seront pas dessinés." in draft.told


def test_an_epci_nobody_knew_takes_its_nature_from_its_name(tmp_path: Path) -> None:
    new = {"codeEpci": "200099999", "epci": {"code": "200099999", "nom": "CA du Jura"}}
    odd = {"code": "39370", "codeEpci": "200088888", "epci": {"code": "200088888", "nom": "Pays dolois"}}
    draft = written(tmp_path, [CHAMBLAY | new, CHAMBLAY | odd]).read()
    assert draft.epcis == {"200099999": ("CA du Jura", "CA"), "200088888": ("Pays dolois", "")}
    assert [c.in_metropole for c in draft.communes] == [False, None]


def test_outlines_are_read_for_known_territories_alone(tmp_path: Path) -> None:
    two = feature("39", "MultiPolygon", [[SQUARE], [SQUARE, SQUARE]])
    draft = written(tmp_path, commune=[feature("39093"), feature("75110")], dep=[two]).read()
    assert [(row.kind, row.code, row.ring_lengths) for row in draft.outlines] == [
        ("dep", "39", (4, 4, 4)),
        ("commune", "39093", (4,)),
    ]


@pytest.mark.parametrize(
    ("communes", "why"),
    [
        ({"error": 1}, "une liste de communes était attendue"),
        ([CHAMBLAY | {"code": "3909"}], "la commune n° 1 est illisible (code 3909)"),
        ([CHAMBLAY, {}], "la commune n° 2 est illisible ('code')"),
        ([CHAMBLAY | {"population": -1}], "la commune n° 1 est illisible (nombre '-1')"),
        ([CHAMBLAY | {"population": "430"}], "la commune n° 1 est illisible (nombre '430')"),
        ([CHAMBLAY | {"nom": "a" * 81}], "la commune n° 1 est illisible (texte 'aaaaaaaaaaaaaaaaaaaa')"),
        ([CHAMBLAY | {"centre": {"coordinates": [1e9, 0]}}], "la commune n° 1 est illisible (nombre '1000000000.0')"),
    ],
)
def test_a_broken_commune_is_refused(tmp_path: Path, communes: Any, why: str) -> None:
    with pytest.raises(GroundRefused) as refusal:
        written(tmp_path, communes).read()
    assert str(refusal.value) == f"communes.json : {why}{END}"


@pytest.mark.parametrize(
    "broken",
    [
        feature("39093", coordinates=[[[5.0, 46.0], [6.0, 46.0], [6.0, 47.0], [5.0, 46.5]]]),
        feature("39093", coordinates=[[[5.0, 146.0]] * 4]),
        feature("39093", coordinates=[[["a", 46.0]] * 4]),
        feature("39093", kind="Point"),
        {"properties": {}},
        None,
    ],
)
def test_a_broken_outline_is_refused(tmp_path: Path, broken: Any) -> None:
    with pytest.raises(GroundRefused, match=r"^communes-100m\.geojson\.gz : le contour n° 1 est illisible"):
        written(tmp_path, commune=[broken]).read()


def test_every_address_is_https_and_has_its_file() -> None:
    listed = addresses()
    assert {a.file for a in listed} == {official.COMMUNES, *official.OUTLINES.values()}
    assert [a.name for a in listed if a.needed] == ["communes"]
    assert all(a.url.startswith("https://") for a in listed)
    assert {a.status for a in listed} <= {"seen", "derived", "memory"}


def test_offline_asks_nobody(tmp_path: Path) -> None:
    with pytest.raises(GroundRefused) as refusal:
        fetch(tmp_path, known=addresses(), offline=True)
    assert str(refusal.value) == (
        "MAILLAGE_OFFLINE=1 : aucune demande ne part de cette machine. "
        "Donnez un dossier de fichiers officiels avec --from, ou retirez cette variable."
    )
    assert not list(tmp_path.iterdir())


def local(server: Served, file: str, *, needed: bool) -> Address:
    return Address("x", f"les {file}", file, f"{server.url}/{file}", needed, "seen")


def test_an_optional_file_may_fail_and_a_needed_one_may_not(tmp_path: Path) -> None:
    with serving(Served({"/communes.json": b"[]"})) as server:
        optional = local(server, "absent.gz", needed=False)
        told = fetch(tmp_path, known=[local(server, "communes.json", needed=True), optional], offline=True)
        assert len(told) == 1
        assert told[0].startswith("les absent.gz : ")
        with pytest.raises(GroundRefused, match=r"^les absent\.gz : .* répond 404\."):
            fetch(tmp_path, known=[replace(optional, needed=True)], offline=True)


@pytest.mark.django_db
def test_the_whole_of_france_is_downloaded_through_a_cut_and_loaded(
    now: datetime, tmp_path: Path, settings: Any
) -> None:
    settings.HOME = tmp_path
    content = json.dumps([_as_api(c) for c in BuiltinSource().read().communes]).encode()
    files = {"/communes.json": content, "/communes-100m.geojson.gz": gzip.compress(b'{"features": []}')}
    with serving(Served(files, cuts=[1_000_000])) as server:
        known = [
            local(server, "communes.json", needed=True),
            local(server, "communes-100m.geojson.gz", needed=False),
        ]
        standing = actions.load_official(by="essai", now=now, known=known)
        again = actions.load_official(by="essai", now=now, known=known)
    assert (standing.changed, again.changed) == (True, False)
    assert Ground.objects.get().kind == "official"
    assert Commune.objects.count() == 34_875
    assert ("/communes.json", "bytes=1000000-") in server.asked


def _as_api(commune: Any) -> dict[str, Any]:
    return {
        "code": commune.code, "nom": commune.name, "codesPostaux": list(commune.postal_codes),
        "population": commune.population, "surface": 100, "codeEpci": commune.epci,
        "centre": {"type": "Point", "coordinates": [commune.lon, commune.lat]},
        "codeDepartement": commune.departement, "codeRegion": "x",
    }  # fmt: skip
