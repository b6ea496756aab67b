import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from maillage.territory.rules.draft import CommuneRow, FormerRow, GroundRefused
from maillage.territory.rules.outlines import area_e10, rings_of
from maillage.territory.sources import figures
from maillage.territory.sources import folder as folder_module
from maillage.territory.sources.builtin import BuiltinSource
from maillage.territory.sources.folder import COMMUNES, HISTORY, FolderSource
from tests.territory.rules.test_topology import TWO_SQUARES

END = ". Le fond actuel reste en place. Reprenez ce fichier à sa source, puis relancez la même commande."
HEADER = (
    "code,nom,dep,dep_nom,reg,reg_nom,codes_postaux,pop,epci,epci_nom,epci_type,metropole,lat,lon,superficie_km2,"
    "dens7_2024,bv2022,bv_nom,pvd"
)
CHAMBLAY = (
    "39093,Chamblay,39,Jura,27,Bourgogne-Franche-Comté,39380,423.0,243900420,CC du Val d'Amour,CC,0,46.9915,5.7035,"
    "13.82,6,39500,Poligny,0"
)
PARIS = "75056,Paris,75,Paris,11,Île-de-France,75001|75010,,,,,1,,,,,,,"


def made(folder: Path, *rows: str, history: str | None = None, outlines: dict | None = None) -> FolderSource:
    with gzip.open(folder / COMMUNES, "wt", encoding="utf-8") as stream:
        stream.write("\n".join((HEADER, *rows)) + "\n")
    if history is not None:
        with gzip.open(folder / HISTORY, "wt", encoding="utf-8") as stream:
            stream.write(history)
    if outlines is not None:
        (folder / "departements.topojson").write_text(json.dumps(outlines), encoding="utf-8")
    return FolderSource(folder)


def test_communes_are_read_with_what_surrounds_them(tmp_path: Path) -> None:
    draft = made(tmp_path, CHAMBLAY, PARIS).read()
    assert draft.communes == (
        CommuneRow(
            code="39093", name="Chamblay", departement="39", epci="243900420", population=423, lat=46.9915,
            lon=5.7035, centre_kind="official", surface_km2=13.82, density_7=6, in_metropole=False, bv_code="39500",
            bv_name="Poligny", in_pvd=False, postal_codes=("39380",),
        ),
        CommuneRow(
            code="75056", name="Paris", departement="75", in_metropole=True, postal_codes=("75001", "75010")
        ),
    )  # fmt: skip
    assert draft.regions == {"27": "Bourgogne-Franche-Comté", "11": "Île-de-France"}
    assert draft.departements == {"39": ("Jura", "27"), "75": ("Paris", "11")}
    assert draft.epcis == {"243900420": ("CC du Val d'Amour", "CC")}


def test_what_is_missing_is_told(tmp_path: Path) -> None:
    assert made(tmp_path, CHAMBLAY).read().told == (
        "bpe2021_communes.csv.gz manque : les équipements des communes resteront inconnus.",
        "commune_code_history.csv.gz manque : les anciens codes de commune ne mèneront à rien.",
        "departements.topojson manque : ces contours ne seront pas dessinés.",
        "epci_2026.topojson.gz manque : ces contours ne seront pas dessinés.",
        "communes_2026_light.topojson.gz manque : ces contours ne seront pas dessinés.",
    )


def test_a_folder_without_communes_is_refused(tmp_path: Path) -> None:
    with pytest.raises(GroundRefused) as refusal:
        FolderSource(tmp_path).read()
    assert str(refusal.value) == (
        f"{tmp_path} : il manque communes.csv.gz, sans lequel il n’y a pas de territoire. "
        "Donnez le dossier qui le contient, ou laissez le fond intégré."
    )


def test_old_codes_lead_to_today_s_and_today_s_are_not_old(tmp_path: Path) -> None:
    history = "code_old,code_2026\n39093,39093\n75110,75056\n01003,01165\n"
    draft = made(tmp_path, CHAMBLAY, PARIS, history=history).read()
    assert draft.former == (FormerRow("75110", "75056", "Paris 10e Arrondissement"),)
    assert "commune_code_history.csv.gz : 1 codes mènent à une commune inconnue, laissés de côté." in draft.told


def test_outlines_are_decoded_and_régions_dissolved(tmp_path: Path) -> None:
    document = json.loads(
        json.dumps(TWO_SQUARES).replace('"dep": "0"', '"dep": "39"').replace('"dep": "1"', '"dep": "25"')
    )
    doubs = CHAMBLAY.replace("39093,Chamblay,39,Jura", "25056,Besançon,25,Doubs")
    draft = made(tmp_path, CHAMBLAY, doubs, outlines=document).read()
    drawn = {(row.kind, row.code): row for row in draft.outlines}
    assert sorted(drawn) == [("dep", "25"), ("dep", "39"), ("reg", "27")]
    region = drawn["reg", "27"]
    assert (region.min_lon, region.min_lat, region.max_lon, region.max_lat) == (0, 0, 2, 1)
    assert area_e10(rings_of(region)) == 2e10
    assert len(region.ring_lengths) == 1


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (CHAMBLAY.replace("423.0", "beaucoup"),
         "communes.csv.gz, ligne 2 : colonne pop, « beaucoup » alors qu’il faut un nombre entier"),
        (CHAMBLAY.replace("46.9915", "nan"),
         "communes.csv.gz, ligne 2 : colonne lat, « nan » alors qu’il faut un nombre décimal à point"),
        (CHAMBLAY.replace(",6,39500", ",8,39500"),
         "communes.csv.gz, ligne 2 : colonne dens7_2024, « 8 » alors qu’il faut un niveau de 1 à 7"),
        (CHAMBLAY + ",1", "communes.csv.gz, ligne 2 : 20 colonnes au lieu de 19"),
    ],
)  # fmt: skip
def test_a_broken_row_is_refused_with_its_line(tmp_path: Path, row: str, why: str) -> None:
    with pytest.raises(GroundRefused) as refusal:
        made(tmp_path, row).read()
    assert str(refusal.value) == why + END


@pytest.mark.parametrize(
    ("outlines", "why"),
    [
        ({"type": "Topology"}, "le TopoJSON est abîmé (il manque « transform », « arcs » ou « objects »)"),
        (TWO_SQUARES | {"arcs": []}, "le contour 0 est abîmé (l’arc 0 n’existe pas)"),
        (TWO_SQUARES | {"objects": {"all": {}}}, "un contour n’a pas de propriété « dep »"),
        (TWO_SQUARES | {"objects": {"all": {"geometries": [{"type": "Polygon", "arcs": [[0]]}]}}},
         "un contour n’a pas de propriété « dep »"),
    ],
)  # fmt: skip
def test_broken_outlines_are_refused(tmp_path: Path, outlines: dict, why: str) -> None:
    with pytest.raises(GroundRefused) as refusal:
        made(tmp_path, CHAMBLAY, outlines=outlines).read()
    assert str(refusal.value) == f"departements.topojson : {why}{END}"


def test_the_fingerprint_follows_every_file(tmp_path: Path) -> None:
    source = made(tmp_path, CHAMBLAY)
    seen = {source.fingerprint()}
    others = (HISTORY, figures.EQUIPMENT, figures.EQUIPMENT_TYPES)
    for name in (*others, *(name for name, _ in folder_module.OUTLINES.values())):
        (tmp_path / name).write_bytes(b"x")
        seen.add(source.fingerprint())
    assert len(seen) == 7


@pytest.mark.data
def test_the_real_folder(data_dir: Path) -> None:
    draft = FolderSource(data_dir).read()
    assert len(draft.communes) == 34_875
    assert draft.told == (
        "communes_2026_light.topojson.gz : 7 territoires sans contour (14666 15031 15035 15047 15171 85165 85212).",
    )
    areas = {(row.kind, row.code): area_e10(rings_of(row)) for row in draft.outlines}
    for region in draft.regions:
        parts = sum(areas["dep", dep] for dep, (_, of) in draft.departements.items() if of == region)
        assert np.isclose(areas["reg", region], parts, rtol=1e-9)
    for row in draft.outlines:
        for ring in rings_of(row):
            assert ring[0].tolist() == ring[-1].tolist()


@pytest.mark.data
def test_the_built_in_ground_agrees_with_the_real_one(data_dir: Path) -> None:
    real, own = FolderSource(data_dir).read(), BuiltinSource().read()
    today = {c.code: c for c in real.communes}
    assert set(today) == {c.code for c in own.communes}
    for commune in own.communes:
        assert commune.population == today[commune.code].population
        assert commune.in_metropole == today[commune.code].in_metropole
        assert commune.departement == today[commune.code].departement
    former = {row.code: row.commune for row in real.former}
    assert all(former[row.code] == row.commune for row in own.former)
    assert len(former) - len(own.former) == 13
