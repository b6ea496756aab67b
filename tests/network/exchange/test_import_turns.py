"""Imports and their undoing at the same moment: each waits for the other, on whichever database the tests run."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from maillage.network.exchange.actions import import_file
from maillage.network.exchange.actions.undoing import UndoRefused, undo_import
from maillage.places.actions import record as recording
from maillage.places.models import Place, SourceRecord
from tests import ground
from tests.conftest import NOW
from tests.network.exchange.test_matching_import import STAR, row, written
from tests.together import together

pytestmark = pytest.mark.django_db(transaction=True)
LATER = NOW + timedelta(minutes=5)


def bring(path: Path, by: str) -> Callable[[], str]:
    def act() -> str:
        report = import_file(path=path, by=by, now=LATER)
        return f"{report.created} {report.changed} {report.unchanged}"

    return act


def test_two_officers_bring_the_same_file_in_at_once(tmp_path: Path) -> None:
    ground.load(now=NOW)
    path = written(tmp_path / "places.csv", row("gironde", "1", **STAR))
    told = together([bring(path, "compte:1:network_officer"), bring(path, "compte:2:network_officer")])
    assert told == ["0 0 1", "1 0 0"]
    assert Place.objects.count() == 1


def test_an_import_is_not_undone_under_the_hands_of_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second has read what it is about to change when somebody undoes the first, which had brought it."""
    ground.load(now=NOW)
    first = import_file(
        path=written(tmp_path / "places.csv", row("gironde", "1", **STAR)), by="commande:essai", now=NOW
    ).run
    again = written(tmp_path / "again.csv", row("gironde", "1", **STAR | {"nom": "L’Étoile du port"}))
    has_read, is_undone, honest = Event(), Event(), recording._write

    def write(work: Any) -> tuple[int, int]:
        if work.new_records or work.changed_records:
            has_read.set()
            is_undone.wait(1)
        return honest(work)

    monkeypatch.setattr(recording, "_write", write)

    def undo() -> str:
        assert first is not None
        has_read.wait(5)
        try:
            done = undo_import(run_id=first, by="commande:essai", now=LATER)
        except UndoRefused:
            return "refused"
        finally:
            is_undone.set()
        return f"undone {done.removed}"

    told = together([bring(again, "compte:1:network_officer"), undo])
    place = Place.objects.get()
    assert (told, place.removed_at) == (["0 1 0", "refused"], None)
    assert SourceRecord.objects.get(place=place).values["name"] == place.name == "L’Étoile du port"
