"""A file on its way in: kept, tried, brought in once; each act in its turn; an officer within her territory."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django_q.models import OrmQ

from maillage.accounts.models import Membership
from maillage.journal.models import AuditEvent
from maillage.network.exchange.actions import working
from maillage.network.exchange.actions.intake import (
    IntakeRefused,
    ask,
    describe,
    leave_aside,
    open_intake,
    purge_files,
    take_up,
)
from maillage.network.exchange.actions.undoing import undo_import
from maillage.network.exchange.actions.working import INTERRUPTED, carry_out
from maillage.network.exchange.models import ImportRun, Intake
from maillage.network.exchange.queries import intakes
from maillage.network.exchange.rules.intakes import FILES_KEPT, LEASE, MAX_BYTES
from maillage.network.exchange.rules.mapping.correspondence import Correspondence
from maillage.network.exchange.rules.reports import FileRefused
from maillage.network.exchange.tasks import take_up_intakes
from maillage.places.models import Place, Source, SourceRecord
from tests.conftest import NOW

BY = "commande:essai"
OURS = "name,commune,lat,lon\nLa Maille,39093,46.99,5.70\nLa Jetée,44109,47.2182,-1.5503\nSans lieu,,,\n"
OTHERS = "NOM_TL;Ou;couleur\nLa Maille;39093;bleu\nLe Fil;39370;vert\n"
pytestmark = pytest.mark.usefixtures("small_ground")
Opens = Callable[..., Intake]


@pytest.fixture(autouse=True)
def home(settings, tmp_path: Path) -> Path:
    settings.HOME = tmp_path
    return tmp_path


@pytest.fixture
def opened() -> Opens:
    def _opened(text: str = OURS, by: str = BY, **more) -> Intake:
        given = {"name": "lieux.csv", "source": "Réseau du Jura", "licence": "Licence Ouverte 2.0"} | more
        return open_intake(data=text.encode(), by=by, now=NOW, **given)

    return _opened


def go(found: Intake, wish: str, by: str = BY) -> Intake:
    ask(intake_id=found.pk, wish=wish, by=by, now=NOW)
    assert carry_out(intake_id=found.pk, now=NOW)
    found.refresh_from_db()
    return found


def test_a_file_is_tried_then_comes_in_then_goes(opened: Opens):
    found = opened()
    assert (found.state, found.format, found.encoding, found.lines) == ("mapped", "csv", "UTF-8", 4)
    assert go(found, "try").state == "tried"
    assert not Place.objects.exists()
    told = found.report
    assert (told["created"], told["changed"], told["refused_rows"]) == (2, 0, 1)
    assert [one["name"] for one in told["new"]] == ["La Maille", "La Jetée"]
    assert [one["licence"] for one in told["sources"]] == ["Licence Ouverte 2.0"]
    table = intakes.quarantine_of(found.pk).read_text(encoding="utf-8-sig").splitlines()
    assert table[0] == "name,commune,lat,lon,maillage_ligne,maillage_colonne,maillage_probleme,maillage_remede"
    assert table[1].startswith("Sans lieu,,,,4,")
    go(found, "apply")
    assert (found.state, found.run_id, found.settled_by) == ("done", ImportRun.objects.get().pk, BY)
    assert Place.objects.count() == 2
    undo_import(run_id=found.run_id, by=BY, now=NOW + timedelta(minutes=1))
    found.refresh_from_db()
    assert (found.state, Place.objects.public().count()) == ("undone", 0)
    acts = AuditEvent.objects.filter(action__startswith="intakes.").order_by("pk").values_list("action", flat=True)
    assert list(acts) == ["intakes.received", "intakes.asked", "intakes.asked"]


def test_the_same_file_is_on_its_way_once_and_is_tried_again_when_said_otherwise(opened: Opens):
    found = go(opened(), "try")
    assert opened().pk == found.pk
    assert opened().state == "tried"
    again = opened(licence="ODbL")
    assert (again.pk, again.state, again.report) == (found.pk, "mapped", None)
    with pytest.raises(IntegrityError), transaction.atomic():
        Intake.objects.create(
            name="x", fingerprint=found.fingerprint, size_bytes=1, lines=1, encoding="", opened_at=NOW, opened_by=BY
        )


@pytest.mark.parametrize(
    ("state", "refused"),
    [
        ("mapped", "Essayez d’abord ce fichier à blanc : vous verrez ce qu’il changerait."),
        ("queued", "Ce fichier est déjà en route : suivez-le ici, il ne part qu’une fois."),
        ("done", "Ce fichier est déjà entré : son compte rendu est ci-dessous."),
        ("left", "Ce fichier a été laissé de côté : pour recommencer, envoyez-le à nouveau."),
        ("gone", "Ce fichier n’est plus gardé ici : envoyez-le à nouveau."),
    ],
)
def test_an_act_out_of_its_turn_is_refused_in_a_sentence(opened: Opens, state: str, refused: str):
    found = opened()
    if state != "mapped":
        go(found, "try")
    if state == "queued":
        ask(intake_id=found.pk, wish="apply", by=BY, now=NOW)
    elif state == "done":
        go(found, "apply")
    elif state == "left":
        leave_aside(intake_id=found.pk, by=BY, now=NOW)
        assert not intakes.file_of(found.pk).exists() or transaction.get_connection().in_atomic_block
    elif state == "gone":
        intakes.file_of(found.pk).unlink()
    with pytest.raises(IntakeRefused) as told:
        ask(intake_id=found.pk, wish="apply", by=BY, now=NOW)
    assert str(told.value).replace("\u202f", " ") == refused


def test_columns_of_no_format_are_said_by_a_person(opened: Opens):
    found = opened(OTHERS)
    assert (found.state, found.format) == ("uploaded", "")
    with pytest.raises(IntakeRefused, match="Dites d’abord quelle colonne donne quoi"):
        ask(intake_id=found.pk, wish="try", by=BY, now=NOW)
    seen = intakes.columns_of(found)
    assert (seen.header, seen.samples["couleur"]) == (("NOM_TL", "Ou", "couleur"), ("bleu", "vert"))
    said = Correspondence({"name": ("NOM_TL",), "commune": ("Ou",)})
    about = {"source": "Réseau", "licence": "", "all_places": False, "by": BY, "now": NOW}
    describe(intake_id=found.pk, correspondence=said, **about)
    go(found, "try")
    assert (found.state, "--licence" in found.refusal) == ("mapped", True)
    describe(intake_id=found.pk, **about | {"licence": "Licence Ouverte 2.0"})
    go(found, "try")
    assert (found.state, found.report["created"], found.report["unmapped"]) == ("tried", 2, ["couleur"])


@pytest.mark.parametrize(
    ("data", "refused"),
    [
        (b"", "Le fichier est vide"),
        (b"\x1f\x8b" + b"x" * 40, "Le fichier compressé est abîmé"),
        (b"PK\x03\x04" + b"\0" * 200, "Le classeur est abîmé"),
        (b"%PDF-1.7", "est un PDF, pas une liste de lieux"),
        (b"x" * (MAX_BYTES + 1), "dépasse 25 Mo"),
        (bytes(range(128, 160)) * 40, "ni en UTF-8 ni en Windows-1252"),
    ],
    ids=["empty", "gzip", "workbook", "pdf", "heavy", "noise"],
)
def test_what_cannot_be_read_is_refused_and_not_kept(data: bytes, refused: str, home: Path):
    with pytest.raises(FileRefused, match=refused):
        open_intake(name="x\x00.csv", data=data, source="", licence="", by=BY, now=NOW)
    assert (Intake.objects.count(), list(home.glob("intakes/*"))) == (0, [])


def test_a_large_file_waits_for_its_turn_and_a_dead_worker_s_is_taken_up(opened: Opens, monkeypatch):
    rows = "".join(f"Lieu {n},39093,46.{n:04},5.70\n" for n in range(600))
    found = opened(f"name,commune,lat,lon\n{rows}")
    assert not ask(intake_id=found.pk, wish="try", by=BY, now=NOW)
    assert OrmQ.objects.count() == 1
    held = working._hold(found.pk, NOW)
    assert held is not None
    assert not carry_out(intake_id=found.pk, now=NOW + LEASE / 2)
    assert not take_up(intake_id=found.pk, now=NOW + LEASE / 2)
    later = NOW + LEASE * 1.1
    assert take_up(intake_id=found.pk, now=later)
    monkeypatch.setattr("django.utils.timezone.now", lambda: later)
    assert take_up_intakes() == 1
    found.refresh_from_db()
    assert (found.state, found.report["created"], found.attempts) == ("tried", 600, 2)
    assert not intakes.progress_of(found.pk).exists()


def test_a_file_that_kills_three_workers_is_refused(opened: Opens):
    found = opened()
    ask(intake_id=found.pk, wish="try", by=BY, now=NOW)
    for turn in range(3):
        assert working._hold(found.pk, NOW + turn * 2 * LEASE) is not None
    assert not carry_out(intake_id=found.pk, now=NOW + 8 * LEASE)
    found.refresh_from_db()
    assert (found.state, found.refusal) == ("refused", INTERRUPTED)


def test_a_worker_that_lost_its_lease_takes_back_what_it_wrote(opened: Opens, monkeypatch):
    found = go(opened(), "try")
    ask(intake_id=found.pk, wish="apply", by=BY, now=NOW)
    bring = working.import_file

    def overtaken(**given):
        Intake.objects.filter(pk=found.pk).update(attempts=9)
        return bring(**given)

    monkeypatch.setattr(working, "import_file", overtaken)
    assert not carry_out(intake_id=found.pk, now=NOW)
    assert not Place.objects.exists()


def test_an_officer_brings_in_her_territory_alone(opened: Opens, people):
    ines = f"compte:{people.ines.user.pk}:network_officer"
    Membership.objects.filter(user=people.ines.user).exclude(role="network_officer").delete()
    scopes = set(Membership.objects.filter(user=people.ines.user).values_list("scope", flat=True))
    before = Place.objects.count()
    found = go(opened(by=ines), "try", by=ines)
    problems = {one["line"]: one["problem"].replace("\u202f", " ") for one in found.report["quarantined"]}
    assert found.report["created"] == 1, scopes
    assert problems[3].startswith("ce lieu est hors de votre territoire (")
    go(found, "apply", by=ines)
    assert Place.objects.count() == before + 1
    lieu = Source.objects.create(slug="lieu", name="Le lieu", licence="Licence Ouverte 2.0", rank=3)
    mine = SourceRecord.objects.filter(source__name="Réseau du Jura").get()
    assert mine.licence == "Licence Ouverte 2.0"
    posed = opened("name,commune,lat,lon\nFaux,39093,46.99,5.70\n", by=ines, source=lieu.slug)
    go(posed, "try", by=ines)
    assert "parle au nom de" in posed.report["quarantined"][0]["problem"]
    Membership.objects.filter(user=people.ines.user).delete()
    with pytest.raises(PermissionDenied):
        opened(by=ines)
    with pytest.raises(PermissionDenied):
        ask(intake_id=posed.pk, wish="apply", by=ines, now=NOW)


def test_old_files_leave_and_what_was_told_of_them_stays(opened: Opens, home: Path):
    found = go(go(opened(), "try"), "apply")
    (home / "intakes" / "987654").write_bytes(b"x")
    later = NOW + FILES_KEPT + timedelta(days=300)
    assert purge_files(now=later) == 1
    assert list(home.glob("intakes/*")) == []
    found.refresh_from_db()
    assert (found.is_kept, found.report["created"]) == (False, 2)
    with pytest.raises(FileRefused, match="n’est plus gardé ici"):
        intakes.columns_of(found)
