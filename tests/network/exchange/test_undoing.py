"""An import is undone as one; undone then done again, it gives the registry that doing it once gives."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from maillage.journal.models import AuditEvent
from maillage.network.exchange.actions import import_file
from maillage.network.exchange.actions.undoing import UndoRefused, forget_steps, undo_import
from maillage.network.exchange.models import Candidate, ImportRun, ImportStep
from maillage.network.exchange.rules.intakes import STEPS_KEPT
from maillage.network.exchange.rules.reports import Report
from maillage.places.actions import confirm_place, merge_places, remove_place
from maillage.places.actions.sheet import edit_sheet
from maillage.places.models import Place, Revision, SourceRecord
from maillage.places.rules.trails import UNDONE
from tests.conftest import NOW
from tests.network.exchange.registry import registry
from tests.network.exchange.test_matching_import import STAR, row, written

BY = "commande:essai"
MILL = {"nom": "Le Moulin", "adresse": "5 rue de l’Eau", "insee": "39093", "commune": "Chamblay"}
MILL |= {"lat": "46.9915", "lon": "5.7035"}
pytestmark = pytest.mark.usefixtures("small_ground")


class Bringer:
    """Imports files one after the other, a minute apart."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.now = folder, NOW

    def __call__(self, *rows: dict[str, str]) -> Report:
        self.now += timedelta(minutes=1)
        return import_file(path=written(self.folder / "places.csv", *rows), by=BY, now=self.now)

    def undo(self, run: int | None, by: str = BY):
        self.now += timedelta(minutes=1)
        assert run is not None
        return undo_import(run_id=run, by=by, now=self.now)


@pytest.fixture
def bring(tmp_path: Path) -> Bringer:
    return Bringer(tmp_path)


def test_what_an_import_brought_and_changed_is_as_before(bring: Bringer):
    bring(row("gironde", "1", **STAR))
    before = registry()
    run = bring(row("gironde", "1", **STAR | {"nom": "L’Étoile du port"}), row("gironde", "2", **MILL)).run
    once = registry()
    assert once != before
    done = bring.undo(run)
    assert (done.removed, done.changed, done.standing) == (1, 1, ())
    assert registry(gone=False) == before
    assert Place.objects.get(slug="le-moulin").removed_reason == UNDONE
    last = Revision.objects.filter(place__slug="l-etoile").latest("number")
    assert (last.reason, last.changes["name"]) == (UNDONE, ["L’Étoile du port", "L’Étoile"])
    assert AuditEvent.objects.filter(action="exchange.undone", by=BY).count() == 1
    with pytest.raises(UndoRefused, match="Cet import est déjà annulé"):
        bring.undo(run)
    bring(row("gironde", "1", **STAR | {"nom": "L’Étoile du port"}), row("gironde", "2", **MILL))
    assert registry() == once


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_undone_then_done_again_is_done_once(bring: Bringer, data: st.DataObject):
    names = st.sampled_from(["L’Étoile", "L’Étoile du port", "Étoile et Cie", "Le Moulin", "Fablab du Val"])
    cells = st.fixed_dictionaries({"nom": names, "adresse": st.sampled_from([STAR["adresse"], "9 rue Neuve"])})
    refs = st.tuples(st.sampled_from(["gironde", "angers"]), st.sampled_from("1234"))
    files = st.dictionaries(refs, cells, min_size=1, max_size=5)

    def rows(told) -> list[dict[str, str]]:
        return [row(source, ref, **STAR | one) for (source, ref), one in sorted(told.items())]

    with transaction.atomic():
        first, second = rows(data.draw(files)), rows(data.draw(files))
        bring(*first)
        before = registry(gone=False)
        run = bring(*second).run
        once = registry(gone=False)
        if run is None:
            assert once == before
        else:
            assert bring.undo(run).standing == ()
            assert registry(gone=False) == before
            bring(*second)
            assert registry(gone=False) == once
        transaction.set_rollback(True)


def test_a_place_that_has_lived_since_then_stays_and_is_told(bring: Bringer):
    lats = {"Un": "46.9915", "Deux": "47.0015", "Trois": "46.9815", "Quatre": "46.9715", "Cinq": "47.0115"}
    told = {n: MILL | {"nom": f"{n} lieu", "adresse": f"{n} rue", "lat": lat} for n, lat in lats.items()}
    run = bring(*(row("gironde", name, **cells) for name, cells in told.items())).run
    by_name = {one.name.partition(" ")[0]: one for one in Place.objects.order_by("pk")}
    assert len(by_name) == 5
    confirm_place(place_id=by_name["Deux"].pk, by="visiteur", now=bring.now)
    edit_sheet(place_id=by_name["Trois"].pk, values={"phone": "03 84 00 00 99"}, seen=1, by="essai", now=bring.now)
    remove_place(place_id=by_name["Quatre"].pk, reason="contre la charte", by="essai", now=bring.now)
    bring(row("angers", "x", **told["Cinq"]))
    assert by_name["Cinq"].records.count() == 2
    done = bring.undo(run)
    assert {one.name: one.why for one in done.standing} == {
        "Deux lieu": "quelqu’un a confirmé, vérifié ou photographié ce lieu depuis",
        "Trois lieu": "quelqu’un a modifié sa fiche depuis",
        "Quatre lieu": "déjà retiré du registre, il le reste",
    }
    assert done.removed == 1
    assert list(SourceRecord.objects.filter(place=by_name["Cinq"]).values_list("source__slug", flat=True)) == ["angers"]
    assert Place.objects.get(pk=by_name["Quatre"].pk).removed_reason == "contre la charte"
    assert ImportRun.objects.get(pk=run).undone["standing"][0]["why"]


def test_a_later_import_of_the_same_rows_is_undone_first(bring: Bringer):
    first = bring(row("gironde", "1", **STAR)).run
    second = bring(row("gironde", "1", **STAR | {"nom": "L’Étoile du port"})).run
    with pytest.raises(UndoRefused) as refused:
        bring.undo(first)
    assert str(refused.value).replace("\u202f", " ") == (
        "Un import plus récent a réécrit les mêmes lignes : "
        "annulez d’abord l’import du 22/11/2026 à 10h32 (places.csv)."
    )
    bring.undo(second)
    bring.undo(first)
    assert not Place.objects.public().exists()


def test_pairs_that_it_asked_go_and_what_was_merged_goes_too(bring: Bringer):
    bring(row("gironde", "1", **STAR | {"nom": "Étoile et Cie"}))
    run = bring(row("angers", "x", **STAR | {"nom": "L’Étoile du port"})).run
    assert Candidate.objects.filter(state="open").count() == 1
    bring.undo(run)
    assert not Candidate.objects.filter(state="open").exists()
    other = bring(row("gironde", "9", **MILL)).run
    kept = Place.objects.get(slug="etoile-et-cie")
    merge_places(
        kept_id=kept.pk, gone_id=Place.objects.get(slug="le-moulin").pk, reason="même", by="essai", now=bring.now
    )
    assert bring.undo(other).standing == ()
    assert list(kept.records.values_list("ref", flat=True)) == ["1"]


def test_who_may_and_what_is_too_old(bring: Bringer, people):
    run = bring(row("gironde", "1", **STAR)).run
    ines = f"compte:{people.ines.user.pk}:network_officer"
    with pytest.raises(PermissionDenied):
        bring.undo(run, by=ines)
    ImportRun.objects.filter(pk=run).update(by=ines)
    later = bring.now + STEPS_KEPT + timedelta(days=1)
    assert forget_steps(now=later) == ImportStep.objects.filter(run=run).count() or not ImportStep.objects.exists()
    with pytest.raises(UndoRefused, match="plus de trois mois"):
        undo_import(run_id=run, by=ines, now=later)
    with pytest.raises(UndoRefused, match="Aucun import ne porte ce numéro"):
        bring.undo(987_654)


def test_a_dry_run_leaves_nothing_to_undo(tmp_path: Path):
    path = written(tmp_path / "places.csv", row("gironde", "1", **STAR))
    report = import_file(path=path, by=BY, now=NOW, dry_run=True, differences=5)
    assert [(one.name, one.is_new, one.where) for one in report.differences] == [("L’Étoile", True, "Lons-le-Saunier")]
    assert (ImportRun.objects.count(), ImportStep.objects.count()) == (0, 0)
