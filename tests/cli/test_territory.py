from dataclasses import replace
from pathlib import Path

import pytest

from maillage.cli import territory
from maillage.cli.main import main
from maillage.territory.actions import load_ground
from maillage.territory.models import Ground
from tests.territory.drafts import DraftSource, small_draft

pytestmark = pytest.mark.django_db


def test_show_tells_what_the_site_stands_on(now, capsys: pytest.CaptureFixture[str]) -> None:
    load_ground(source=DraftSource(small_draft()), by="essai", now=now)
    assert main(["territory", "show"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "Petit fond (fond dossier, 2026)",
        "Chargé le 22/11/2026 à 09:30 UTC",
        "",
        "communes                               2",
        "habitants                          1 518",
        "intercommunalités                      1",
        "départements                           1",
        "régions                                1",
        "codes postaux                          2",
        "anciens codes                          1",
        "contours, communes                     0",
        "contours, intercommunalités            0",
        "contours, départements                 0",
        "contours, régions                      0",
        "centres estimés                        1",
        "",
        "Les figures qui reposent sur des centres estimés sont approximatives. Pour les centres officiels : "
        "« maillage territory update », ou « --from DOSSIER ».",
        "",
        "Ce fond ne donne ni emploi, ni logements, ni équipements : un diagnostic les dira inconnus. Pour les avoir : "
        "« maillage territory update --from DOSSIER », avec un dossier qui les contient.",
        "",
        "population : Insee, 2023 ; Licence Ouverte 2.0",
    ]


def test_show_tells_how_many_communes_lack_a_figure(now, capsys: pytest.CaptureFixture[str]) -> None:
    draft = small_draft()
    known = replace(draft.communes[0], employed=180, equipment=b"")
    load_ground(source=DraftSource(replace(draft, communes=(known, *draft.communes[1:]))), by="essai", now=now)
    assert main(["territory", "show"]) == 0
    told = capsys.readouterr().out.splitlines()
    assert "sans chiffre d’emploi                  1" in told
    assert "sans équipements connus                1" in told
    assert not [line for line in told if line.startswith("Ce fond")]


def test_show_says_that_a_ground_was_loaded_before_these_figures(now, capsys: pytest.CaptureFixture[str]) -> None:
    load_ground(source=DraftSource(small_draft()), by="essai", now=now)
    ground = Ground.objects.get()
    del ground.counts["employed_unknown"]
    ground.save()
    assert main(["territory", "show"]) == 0
    assert (
        "Ce fond a été chargé avant que Maillage ne lise l’emploi, les logements et les équipements : ils sont "
        "inconnus. Pour les lire : « maillage territory update --from DOSSIER »."
    ) in capsys.readouterr().out.splitlines()


def test_show_without_a_ground_says_how_to_have_one(db: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["territory", "show"]) == 1
    assert capsys.readouterr().err == (
        "maillage territory show : aucun territoire n’est chargé. Lancez « maillage territory update --builtin », "
        "ou « --from DOSSIER ».\n"
    )


def test_a_folder_that_holds_nothing_is_refused(db: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["territory", "update", "--from", str(tmp_path)]) == 1
    assert capsys.readouterr().err == (
        f"maillage territory update : {tmp_path} : il manque communes.csv.gz, sans lequel il n’y a pas de territoire. "
        "Donnez le dossier qui le contient, ou laissez le fond intégré.\n"
    )


def test_the_built_in_ground_loads_once(db: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["territory", "update", "--builtin"]) == 0
    assert main(["territory", "update", "--builtin"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "Territoire chargé : Fond intégré, 34 875 communes.",
        "Rien à changer. Territoire actuel : Fond intégré, 34 875 communes.",
    ]


def test_the_official_ground_says_that_it_is_unproved(db: None, settings, capsys: pytest.CaptureFixture[str]) -> None:
    settings.OFFLINE = True
    assert main(["territory", "update"]) == 1
    err = capsys.readouterr().err
    assert territory.UNPROVED in err
    assert "MAILLAGE_OFFLINE=1 : aucune demande ne part de cette machine." in err


def test_the_help_says_that_it_is_unproved(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["territory", "update", "--help"])
    assert "jamais été éprouvé en ligne" in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize("arguments", [[], ["nowhere"], ["update", "--builtin", "--from", "x"]])
def test_wrong_usage_is_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["territory", *arguments])
    assert stopped.value.code == 2
