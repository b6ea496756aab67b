"""An import is undone as one: what it brought goes, what it changed says again what it said."""

from dataclasses import asdict
from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from maillage.accounts.queries import signer
from maillage.accounts.rules import read_signature
from maillage.journal import actions as journal
from maillage.network.exchange import queries
from maillage.network.exchange.models import Candidate, ImportRun, ImportStep, Intake
from maillage.network.exchange.permissions import importer
from maillage.network.exchange.queries import runs
from maillage.network.exchange.rules.intakes import STEPS_KEPT
from maillage.places.actions.record import lock_sources
from maillage.places.actions.takeback import take_back
from maillage.places.rules.trails import TakenBack

MOST_TOLD = 300


class UndoRefused(ValueError):
    """An import that cannot be undone; the message says why and what to do."""


@transaction.atomic
def undo_import(*, run_id: int, by: str, now: datetime) -> TakenBack:
    """Take back what an import wrote; places that have lived since then stay, and are told.

    Raises `UndoRefused` for one that a later import wrote upon, that wrote nothing, is already undone or too old.
    """
    # As imports do: their sources first, then the turn to write. One that has read what it will change ends before.
    lock_sources(ImportStep.objects.filter(run=run_id).order_by("source").values_list("source", flat=True).distinct())
    journal.lock_order()
    run = ImportRun.objects.select_for_update().filter(pk=run_id).first()
    if run is None:
        raise UndoRefused(_("Aucun import ne porte ce numéro\u202f: relisez la liste des derniers imports."))
    _let_undo(run, by)
    if trouble := refusal(run, now=now):
        raise UndoRefused(trouble)
    done = take_back(steps=runs.steps_of(run), at=run.at, recorded_by=run.by, by=by, now=now)
    Candidate.objects.filter(state="open", found_by=run.by, found_at=run.at).delete()
    told = [asdict(one) | {"place_id": str(one.place_id)} for one in done.standing[:MOST_TOLD]]
    run.undone_at, run.undone_by = now, by
    run.undone = {
        "removed": done.removed,
        "changed": done.changed,
        "standing": told,
        "more": len(done.standing) - len(told),
    }
    run.save(update_fields=["undone_at", "undone_by", "undone"])
    Intake.objects.filter(run=run, state="done").update(state="undone", settled_at=now, settled_by=by)
    detail = {"run": run.pk, "removed": done.removed, "changed": done.changed, "standing": len(done.standing)}
    journal.write(action="exchange.undone", by=by, now=now, subject=run.file_name[:120], detail=detail)
    return done


def refusal(run: ImportRun, *, now: datetime) -> str:
    """Why an import cannot be undone; empty when it can."""
    if run.undone_at is not None:
        return _("Cet import est déjà annulé\u202f: il n’y a plus rien à reprendre.")
    if not ImportStep.objects.filter(run=run).exists():
        if now - run.at > STEPS_KEPT:
            return _("Cet import date de plus de trois mois\u202f: on ne peut plus l’annuler d’un coup.")
        return _("Cet import n’a rien écrit dans le registre\u202f: il n’y a rien à annuler.")
    later = queries.later_import(run)
    if later is None:
        return ""
    day = timezone.localtime(later.at).strftime("%d/%m/%Y à %Hh%M")
    return _(
        "Un import plus récent a réécrit les mêmes lignes\u202f: annulez d’abord l’import du %(day)s (%(file)s)."
    ) % {
        "day": day,
        "file": later.file_name,
    }


def _let_undo(run: ImportRun, by: str) -> None:
    """See again that who signs may undo it: the operator, whoever brought the file in; commands always may."""
    if read_signature(by) is not None:
        found = importer(signer(by))
        if found is None or not found.owns(run.by):
            raise PermissionDenied


@transaction.atomic
def forget_steps(*, now: datetime) -> int:
    """Forget what undoing imports of last season would need; those undone keep where their records stood."""
    old = ImportStep.objects.filter(run__at__lt=now - STEPS_KEPT)
    ImportStep.objects.filter(run__undone_at__isnull=False, run__at__lt=now - STEPS_KEPT, before__isnull=False).delete()
    return old.filter(run__undone_at__isnull=True).delete()[0]
