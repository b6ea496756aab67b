import csv
import gzip
from pathlib import Path

import numpy as np
import pytest

from maillage.territory.rules.draft import CommuneRow, EquipmentTypeRow, GroundRefused
from maillage.territory.rules.equipment import pack, unpack
from maillage.territory.sources.figures import EQUIPMENT, EQUIPMENT_TYPES, FIGURE_EQUIPMENT, FIGURES
from maillage.territory.sources.folder import COMMUNES, FolderSource

END = ". Le fond actuel reste en place. Reprenez ce fichier à sa source, puis relancez la même commande."
HEADER = (
    "code,nom,dep,dep_nom,reg,reg_nom,codes_postaux,pop,epci,epci_nom,epci_type,lat,lon,"
    "actifs_2021,chomeurs_2021,p18_act1564,p18_chom1564,p18_emplt,p18_log,p18_logvac,med_niveau_vie_2019,ettot18,"
    "qpv2014_commune"
)
BEGINNING = "39093,Chamblay,39,Jura,27,Bourgogne-Franche-Comté,39380,423,243900420,CC du Val d'Amour,CC,46.9915,5.7035,"
WHOLE = "155.0,11.0,158.0,12.0,103.8,210.5,20.4,23120.0,31,0"
TYPES = (
    "type,libelle,theme,total,communes_ayant\nB203,Boulangerie,serv-commerce,2,2\nA129,Mairie,serv-particuliers,2,2\n"
)
COUNTS = "code,A129,B203\n39093,1,3\n39370,1,2\n"


def read(folder: Path, end: str, beginning: str = BEGINNING) -> CommuneRow:
    with gzip.open(folder / COMMUNES, "wt", encoding="utf-8") as stream:
        stream.write(f"{HEADER}\n{beginning}{end}\n")
    return FolderSource(folder).read().communes[0]


def with_equipment(folder: Path, counts: str = COUNTS, types: str = TYPES) -> FolderSource:
    read(folder, WHOLE)
    with gzip.open(folder / EQUIPMENT, "wt", encoding="utf-8") as stream:
        stream.write(counts)
    (folder / EQUIPMENT_TYPES).write_text(types, encoding="utf-8")
    return FolderSource(folder)


def test_figures_are_read_rounded_to_whole_people(tmp_path: Path) -> None:
    row = read(tmp_path, WHOLE)
    assert (row.employed, row.unemployed, row.jobs) == (144, 11, 104)
    assert (row.dwellings, row.vacant_dwellings, row.median_income) == (211, 20, 23120)
    assert (row.establishments, row.has_qpv) == (31, False)


def test_unknown_figures_are_none_never_zero(tmp_path: Path) -> None:
    row = read(tmp_path, ",,,,,,,,,")
    assert {getattr(row, name) for name in FIGURES} == {None}
    assert row.vacant_dwellings is None
    assert row.equipment is None


@pytest.mark.parametrize("census", [",", "417.0,", ",27.0", "0.0,0.0"])
def test_where_2021_is_missing_2018_is_read(tmp_path: Path, census: str) -> None:
    row = read(tmp_path, WHOLE.replace("155.0,11.0", census))
    assert (row.employed, row.unemployed) == (146, 12)


def test_nobody_active_where_people_live_is_a_hole_of_the_file(tmp_path: Path) -> None:
    """The 17 communes of Mayotte are zeros in the file of 2021, and absent from that of 2018."""
    row = read(tmp_path, WHOLE.replace("155.0,11.0,158.0,12.0", "0.0,0.0,,"))
    assert (row.employed, row.unemployed) == (None, None)


def test_nobody_active_where_nobody_lives_is_a_figure(tmp_path: Path) -> None:
    empty = BEGINNING.replace(",423,", ",0,")
    assert read(tmp_path, WHOLE.replace("155.0,11.0", "0.0,0.0"), empty).employed == 0


def test_sources_are_told_for_the_figures_that_are_there(tmp_path: Path) -> None:
    read(tmp_path, ",,,,103.8,,,,,")
    told = {figure.figure: figure for figure in FolderSource(tmp_path).read().figures}
    assert told["emplois_sur_place"].vintage == "2018"
    assert not {"emploi", "chomage", "logements", "revenus", "etablissements", "qpv", "equipements"} & set(told)
    told = {figure.figure: figure for figure in with_equipment(tmp_path).read().figures}
    assert {figure.figure for figure in FIGURES.values()} | {FIGURE_EQUIPMENT.figure} <= set(told)
    assert (told["emploi"].vintage, told["equipements"].licence) == ("2021", "Licence Ouverte 2.0")


def test_equipment_is_kept_by_the_order_of_the_types(tmp_path: Path) -> None:
    draft = with_equipment(tmp_path).read()
    assert draft.equipment_types == (
        EquipmentTypeRow(0, "B203", "Boulangerie", "serv-commerce"),
        EquipmentTypeRow(1, "A129", "Mairie", "serv-particuliers"),
    )
    assert draft.communes[0].equipment == pack({0: 3, 1: 1})


def test_a_commune_that_was_counted_and_has_nothing_is_not_unknown(tmp_path: Path) -> None:
    assert with_equipment(tmp_path, "code,A129,B203\n39093,0,0\n").read().communes[0].equipment == b""
    assert with_equipment(tmp_path, "code,A129,B203\n39370,1,0\n").read().communes[0].equipment is None


@pytest.mark.parametrize(
    ("end", "why"),
    [
        (WHOLE.replace("11.0,158", "200.0,158"),
         "communes.csv.gz, ligne 2 : colonne chomeurs_2021, « 200 » alors qu’il faut au plus le nombre d’actifs, 155"),
        (WHOLE.replace("103.8", "-1"),
         "communes.csv.gz, ligne 2 : colonne p18_emplt, « -1 » alors qu’il faut un nombre positif"),
        (WHOLE.replace("210.5", "inf"),
         "communes.csv.gz, ligne 2 : colonne p18_log, « inf » alors qu’il faut un nombre décimal à point"),
    ],
)  # fmt: skip
def test_impossible_figures_are_refused_with_their_line(tmp_path: Path, end: str, why: str) -> None:
    with pytest.raises(GroundRefused) as refusal:
        read(tmp_path, end)
    assert str(refusal.value) == why + END


@pytest.mark.parametrize(
    ("counts", "why"),
    [
        ("code,A129,B203\n39093,1\n",
         "bpe2021_communes.csv.gz, ligne 2 : il faut 2 nombres de 0 à 65535 après le code « 39093 »"),
        ("code,A129,B203\n39093,1,2\n39370,1,-2\n",
         "bpe2021_communes.csv.gz, ligne 3 : il faut 2 nombres de 0 à 65535 après le code « 39370 »"),
        ("code,A129,B203\n39093,1,\n",
         "bpe2021_communes.csv.gz, ligne 2 : il faut 2 nombres de 0 à 65535 après le code « 39093 »"),
        ("code,A129,B203\n39093,1,2\n39370,70000,2\n", "bpe2021_communes.csv.gz, ligne 3 : un nombre dépasse 65535"),
        ("code,A129,B203\n39093,1,2\n39093,1,2\n", "bpe2021_communes.csv.gz : une commune revient deux fois"),
        ("code,A129,X1\n39093,1,2\n", "bpe2021_communes.csv.gz, ligne 1 : colonnes sans type connu : X1"),
        ("code\n39093\n", "bpe2021_communes.csv.gz, ligne 1 : colonnes sans type connu : code"),
        ("", "bpe2021_communes.csv.gz, ligne 1 : colonnes sans type connu : "),
    ],
)  # fmt: skip
def test_broken_equipment_is_refused(tmp_path: Path, counts: str, why: str) -> None:
    with pytest.raises(GroundRefused) as refusal:
        with_equipment(tmp_path, counts).read()
    assert str(refusal.value) == why + END


@pytest.mark.parametrize(
    ("types", "why"),
    [
        ("type,libelle,theme\nB203,,x\n",
         "bpe2021_types.csv, ligne 2 : colonne type, « B203 » alors qu’il faut un code et un libellé"),
        ("type,libelle,theme\nB203,Pain,x\nB203,Pain,x\n",
         "bpe2021_types.csv : un type revient deux fois, ou il y en a plus de 1000"),
        ("type,theme\nB203,x\n", "bpe2021_types.csv, ligne 1 : il manque les colonnes libelle"),
    ],
)  # fmt: skip
def test_broken_types_are_refused(tmp_path: Path, types: str, why: str) -> None:
    with pytest.raises(GroundRefused) as refusal:
        with_equipment(tmp_path, types=types).read()
    assert str(refusal.value) == why + END


@pytest.mark.data
def test_the_real_figures(data_dir: Path) -> None:
    draft = FolderSource(data_dir).read()
    by_code = {row.code: row for row in draft.communes}
    assert (by_code["39093"].employed, by_code["39093"].jobs) == (144, 104)
    unknown = [row.code for row in draft.communes if row.employed is None]
    assert len(unknown) == 25
    assert [code for code in unknown if code.startswith("976")] == [f"976{number:02}" for number in range(1, 18)]
    assert by_code["27676"].employed == 715
    assert sum(row.equipment is None for row in draft.communes) == 7
    indptr, positions, counts = unpack([row.equipment for row in draft.communes])
    assert (indptr[-1], counts.sum(dtype=np.int64)) == (530_909, 2_178_930)
    at = [row.code for row in draft.communes].index("39370")
    part = slice(indptr[at], indptr[at + 1])
    told = dict(zip(positions[part].tolist(), counts[part].tolist(), strict=True))
    with gzip.open(data_dir / EQUIPMENT, "rt", encoding="utf-8") as stream:
        mouchard = next(row for row in csv.DictReader(stream) if row.pop("code") == "39370")
    assert {draft.equipment_types[position].code: count for position, count in told.items()} == {
        code: int(count) for code, count in mouchard.items() if count != "0"
    }
