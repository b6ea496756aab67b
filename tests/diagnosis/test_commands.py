"""`maillage diagnose` and `maillage sites`, in this process: what they print, where, and with which code."""

import csv
import io
import json
from pathlib import Path

import pytest
import time_machine

from maillage.analysis import siting
from maillage.cli.main import main
from maillage.diagnosis.models import Kept
from maillage.diagnosis.queries import plan as plans
from maillage.diagnosis.rules.documents import as_csv, as_geojson
from tests.conftest import NOW
from tests.diagnosis.conftest import ask

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("places")]
VAL = "epci:243900420"


def said(capsys) -> tuple[str, str]:
    told = capsys.readouterr()
    return told.out, told.err


def test_text_begins_with_the_answer_and_holds_every_part(capsys):
    assert main(["diagnose", VAL]) == 0
    out, err = said(capsys)
    assert out.startswith(
        "CC du Val d'Amour (intercommunalité), 3 communes, 1\u202f873 habitants\n\nNon, pas maintenant\u202f: "
    )
    parts = [
        "À savoir : Les personnes en emploi sont estimées", "Habitants par trajet jusqu’au lieu ouvert le plus proche",
        "Communes à servir d’abord", "Lieux dans le territoire ou à portée", "Demande et équilibre",
        "Territoires comme celui-ci", "Ce que des lieux y sont devenus", "Sources",
    ]  # fmt: skip
    assert [part for part in parts if part not in out] == []
    assert "None" not in out
    assert err == ""


def test_what_all_the_desks_of_a_small_room_do_not_pay_is_said_so(capsys):
    assert main(["diagnose", VAL]) == 0
    assert "plus que les 9 postes d’une petite salle n’en paient" in said(capsys)[0]


def test_the_country_is_named_once(capsys):
    assert main(["diagnose", "france"]) == 0
    assert said(capsys)[0].startswith("France, ")


@time_machine.travel(NOW, tick=False)
def test_every_format_tells_the_figures_of_the_diagnosis(capsys):
    found = ask(VAL)
    for name, plain in (("csv", as_csv(found)), ("geojson", as_geojson(found))):
        assert main(["diagnose", VAL, "--format", name]) == 0
        assert said(capsys)[0] == plain
    assert main(["diagnose", VAL, "--format", "json", "--open", "39546", "--close", "la-boutique-de-nadine"]) == 0
    told = json.loads(said(capsys)[0])
    assert told["request"]["opened"] == ["39546"]
    assert [town["nearest_name"] for town in told["towns"]] == ["Vaudrey", "L’Atelier de M. Perrin", "Vaudrey"]


def test_a_file_is_written_whole_or_not_at_all(capsys, tmp_path: Path):
    target = tmp_path / "constat.csv"
    assert main(["diagnose", VAL, "--format", "csv", "--output", str(target)]) == 0
    out, err = said(capsys)
    assert out == ""
    assert err.startswith(f"Écrit : {target} (")
    assert len(list(csv.DictReader(io.StringIO(target.read_text(encoding="utf-8"))))) == 3
    assert main(["diagnose", VAL, "--output", str(tmp_path / "rien" / "x.txt")]) == 1
    assert said(capsys)[1] == f"maillage : le dossier {tmp_path / 'rien'} n’existe pas. Créez-le d’abord.\n"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["commune:99999"], "Aucun territoire ne répond à «\u202fcommune:99999\u202f»"),
        (["epci:24390042"], "Peut-être\u202f: CC du Val d'Amour (epci-243900420)."),
        (
            [VAL, "--within", "0"],
            "«\u202f0\u202f» n’est pas un seuil\u202f: donnez un nombre entier de minutes, de 5 à 60.",
        ),
        (
            ["47.0,5.7"],
            "«\u202f47.0,5.7\u202f» sont des coordonnées, pas un territoire\u202f: donnez le nom ou le "
            "code d’une commune.",
        ),
        ([VAL, "--within", "nan"], "«\u202fnan\u202f» n’est pas un seuil"),
        ([VAL, "--open", "00000"], "Aucune commune n’a le code «\u202f00000\u202f»"),
        ([VAL, "--close", "rien"], "Aucun tiers-lieu n’a l’adresse «\u202frien\u202f»"),
    ],
)
def test_what_means_nothing_is_refused_in_words(capsys, arguments, sentence):
    assert main(["diagnose", *arguments]) == 1
    out, err = said(capsys)
    assert out == ""
    assert err.startswith("maillage diagnose : ")
    assert sentence in err


def test_a_commune_that_merged_is_followed_and_said(capsys):
    assert main(["diagnose", "39999"]) == 0
    told = said(capsys)[0].split("\n\n")
    assert told[1].startswith("Ancienne-Chamblay (39999) fait aujourd’hui partie de Chamblay (39093).\nNon, pas")
    assert "À savoir : Mesuré depuis le centre de la commune, comme si tous y habitaient." in told[1]


def test_a_name_that_only_one_territory_has_is_enough(capsys):
    assert main(["diagnose", "chamblay"]) == 0
    assert said(capsys)[0].startswith("Chamblay (commune), 423 habitants\n")


def test_keeping_says_the_link_and_keeps_once(capsys):
    assert main(["diagnose", VAL, "--keep", "--format", "json"]) == 0
    out, err = said(capsys)
    assert json.loads(out)["reference"] == "epci-243900420"
    (row,) = Kept.objects.all()
    assert err == f"Gardé : http://localhost:8000/territoires/epci-243900420/constats/{row.pk}/\n"
    assert main(["diagnose", VAL, "--keep"]) == 0
    assert Kept.objects.count() == 1


def test_sites_tell_their_proof(capsys):
    assert main(["sites", "dep:39", "-k", "1"]) == 0
    out, err = said(capsys)
    assert out.startswith(
        "Jura : où ouvrir d’abord, par vol d’oiseau corrigé\n"
        "  1. Lons-le-Saunier (39300) : 16\u202f618 habitants de plus à moins de 20 min ; 16\u202f618 en tout\n"
        "Ensemble : 16\u202f618 habitants de plus ; aucun choix n’en gagne plus de 16\u202f618.\n"
        "prouvé, aucun autre choix ne fait mieux ("
    )
    assert err == ""
    assert main(["sites", "dep:39", "-k", "3"]) == 0
    assert "Ces 1 suffisent : un de plus ne rapprocherait personne." in said(capsys)[0]
    assert main(["sites", VAL]) == 0
    assert said(capsys)[0].startswith("CC du Val d'Amour : ouvrir ailleurs ne rapprocherait personne à moins de 20 min")


def test_sites_as_data_table_and_map(capsys):
    assert main(["sites", "dep:39", "-k", "1", "--format", "json"]) == 0
    told = json.loads(said(capsys)[0])
    assert (told["territory"], told["within_min"], told["gap"]) == ("dep-39", 20, 0.0)
    assert main(["sites", "dep:39", "-k", "1", "--format", "csv"]) == 0
    (row,) = csv.DictReader(io.StringIO(said(capsys)[0]))
    assert (row["code"], row["gained"]) == ("39300", "16618")
    assert main(["sites", "dep:39", "-k", "1", "--format", "geojson"]) == 0
    (shape,) = json.loads(said(capsys)[0])["features"]
    assert shape["geometry"]["coordinates"] == [5.5575, 46.6758]


def test_the_least_minutes_are_told_as_a_mean(capsys):
    assert main(["sites", "dep:39", "-k", "1", "--objective", "distance", "--within", "15"]) == 0
    assert "min par habitant, au lieu de " in said(capsys)[0]


@pytest.mark.parametrize("k", ["0", "-1", "x", "1000"])
def test_a_number_of_sites_that_means_nothing_is_refused(capsys, k):
    assert main(["sites", "dep:39", f"-k={k}"]) == 1
    refusal = "n’est pas un nombre de lieux à ouvrir\u202f: donnez un nombre entier, de 1 à 100."
    assert said(capsys)[1] == f"maillage sites : «\u202f{k}\u202f» {refusal}\n"


def test_more_sites_than_communes_are_refused(capsys):
    assert main(["sites", VAL, "-k", "4"]) == 1
    assert "seulement 3 communes où en ouvrir" in said(capsys)[1]


@pytest.mark.parametrize("limit", ["0", "-1", "nan", "x", "inf"])
def test_a_time_that_means_nothing_is_wrong_usage(capsys, limit):
    with pytest.raises(SystemExit) as left:
        main(["sites", VAL, f"--time-limit={limit}"])
    assert left.value.code == 2
    assert f"« {limit} » n’est pas une durée ; donnez des secondes, par exemple 10" in said(capsys)[1]


def test_an_interrupted_search_prints_the_best_found_with_its_gap(capsys, monkeypatch):
    from dataclasses import replace

    real = siting.cover

    def interrupted(*args, **kwargs):
        found = real(*args, **kwargs)
        return replace(found, bound=found.objective + 166, stopped="interrupted")

    monkeypatch.setattr(siting, "cover", interrupted)
    assert main(["sites", "dep:39", "-k", "1"]) == 0
    out = said(capsys)[0]
    assert "  1. Lons-le-Saunier (39300)" in out
    assert "Recherche interrompue : à 0,99 % au plus du meilleur choix possible (" in out


def test_ctrl_c_before_anything_is_found_is_said(capsys, monkeypatch):
    def pressed(*arguments, **more):
        raise KeyboardInterrupt

    monkeypatch.setattr(plans, "area_of", pressed)
    assert main(["sites", VAL, "-k", "2"]) == 130
    assert said(capsys) == ("", "Interrompu avant d’avoir rien trouvé.\n")
    monkeypatch.setattr("django.setup", pressed)
    assert main(["sites", VAL, "-k", "2"]) == 130
    assert said(capsys) == ("", "Interrompu avant d’avoir rien trouvé.\n")
    assert main(["diagnose", VAL]) == 130
    assert said(capsys) == ("", "")


def test_ctrl_c_once_sites_are_found_does_not_say_that_there_are_none(capsys, monkeypatch):
    def pressed(*arguments, **more):
        raise KeyboardInterrupt

    monkeypatch.setattr("maillage.cli.best_sites.written", pressed)
    assert main(["sites", VAL, "-k", "2"]) == 130
    assert said(capsys) == ("", "")
