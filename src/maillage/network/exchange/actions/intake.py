"""A file on its way into the registry: received, read by its columns, tried, brought in, or left aside.

open_intake(name="lieux.csv", data=b"…", source="Réseau du Jura", licence="Licence Ouverte 2.0", by=…, now=…)
ask(intake_id=…, wish="try", by=…, now=…)        then `working.carry_out`, at once or by the background work
"""

import hashlib
import os
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django_q.tasks import async_task

from maillage.journal import actions as journal
from maillage.network.exchange import formats
from maillage.network.exchange.models import Intake
from maillage.network.exchange.permissions import territories_of
from maillage.network.exchange.queries import intakes
from maillage.network.exchange.rules import decoding
from maillage.network.exchange.rules.decoding import Decoded
from maillage.network.exchange.rules.intakes import ENDED, FILES_KEPT, MAX_BYTES, TRY, WORKING, is_small
from maillage.network.exchange.rules.mapping.correspondence import Correspondence, as_data
from maillage.network.exchange.rules.reports import FileRefused

MOST_KEPT = 40
LEFT_ASIDE = "laissé de côté"
CARRY_OUT = "maillage.network.exchange.tasks.carry_out"


class IntakeRefused(ValueError):
    """The file is not where the person believes, or not theirs to move; the message says why and what to do."""


def open_intake(
    *,
    name: str,
    data: bytes | Path,
    source: str,
    licence: str,
    by: str,
    now: datetime,
    all_places: bool = False,
) -> Intake:
    """Keep a file that somebody wants to bring in, its format recognised where its columns are known.

    The same file again, while it is on its way, is the same intake; what is not said again of it stays. Raises
    `FileRefused` for what cannot be read: nothing of it is kept; `PermissionDenied` for who brings nothing in.
    """
    territories_of(by)
    content = _read(data)
    decoded = decoding.text_of(content, name)
    given = {"source": _line(source), "licence": _line(licence), "all_places": all_places}
    with transaction.atomic():
        if Intake.objects.filter(opened_by=by, is_kept=True).count() >= MOST_KEPT:
            raise FileRefused(
                f"Vous avez déjà {MOST_KEPT} fichiers gardés ici. Terminez-en quelques-uns, ou attendez qu’ils partent."
            )
        found, is_new = Intake.objects.exclude(state__in=ENDED).get_or_create(
            opened_by=by,
            fingerprint=hashlib.sha256(content).hexdigest(),
            defaults={
                "name": _line(name) or "fichier",
                "size_bytes": len(content),
                "lines": decoded.text.rstrip("\n").count("\n") + 1,
                "encoding": decoded.encoding,
                "opened_at": now,
                **_recognised(decoded),
                **given,
            },
        )
        if is_new:
            _keep(found, content)
            detail = {"intake": found.pk, "bytes": len(content)}
            journal.write(action="intakes.received", by=by, now=now, subject=found.name[:120], detail=detail)
        told = {field: value for field, value in given.items() if value != ""}
        if not is_new and found.state not in WORKING and any(getattr(found, one) != told[one] for one in told):
            _begin_again(found, told)
    return found


def _read(data: bytes | Path) -> bytes:
    if isinstance(data, bytes):
        if len(data) > MAX_BYTES:
            raise decoding.too_big(MAX_BYTES)
        return data
    from maillage.network.exchange.actions.importing import read_bytes

    return read_bytes(data, MAX_BYTES)


def _line(text: str) -> str:
    """What somebody typed, on one line, as a database keeps it."""
    return " ".join(text.replace("\x00", "").split())[:200].encode("utf-8", "replace").decode()


def _recognised(decoded: Decoded) -> dict[str, Any]:
    try:
        return {"format": formats.detect(decoded.text).name, "state": "mapped"}
    except formats.UnknownFormat:
        return {"format": "", "state": "uploaded"}


def _keep(found: Intake, content: bytes) -> None:
    intakes.folder().mkdir(mode=0o700, parents=True, exist_ok=True)
    path = intakes.file_of(found.pk)
    fresh = path.with_suffix(".new")
    with fresh.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    fresh.replace(path)


def _begin_again(found: Intake, given: Mapping[str, Any]) -> None:
    """What was tried was tried otherwise: it is to be tried again."""
    for field, value in given.items():
        setattr(found, field, value)
    found.state, found.report, found.refusal = ("mapped" if found.format else "uploaded"), None, ""
    found.save()


@transaction.atomic
def describe(
    *,
    intake_id: int,
    source: str,
    licence: str,
    all_places: bool,
    by: str,
    now: datetime,
    correspondence: Correspondence | None = None,
) -> Intake:
    """Say whose file it is, under which licence and, with a correspondence, which column tells what."""
    found = _at_rest(intake_id, by)
    given: dict[str, Any] = {"source": _line(source), "licence": _line(licence), "all_places": all_places}
    if correspondence is not None:
        given |= {"format": "columns", "mapping": as_data(correspondence)}
    if not (found.format or correspondence):
        raise IntakeRefused(
            _("Dites d’abord quelle colonne donne quoi\u202f: ses titres ne sont d’aucun format connu.")
        )
    _begin_again(found, given)
    detail = {"intake": found.pk, "format": found.format, "licence": found.licence}
    journal.write(action="intakes.described", by=by, now=now, subject=found.name[:120], detail=detail)
    return found


@transaction.atomic
def ask(*, intake_id: int, wish: str, by: str, now: datetime) -> bool:
    """Ask that a file be tried, or brought in once it was; says whether it is small enough to be done at once.

    A larger one waits for the background work. Asked twice, the second is refused: the work is on its way.
    """
    found = _at_rest(intake_id, by)
    if wish == TRY and not found.format:
        raise IntakeRefused(
            _("Dites d’abord quelle colonne donne quoi\u202f: ses titres ne sont d’aucun format connu.")
        )
    if wish != TRY and found.state != "tried":
        raise IntakeRefused(_("Essayez d’abord ce fichier à blanc\u202f: vous verrez ce qu’il changerait."))
    if not intakes.file_of(found.pk).exists():
        raise IntakeRefused(_("Ce fichier n’est plus gardé ici\u202f: envoyez-le à nouveau."))
    found.state, found.wish, found.attempts, found.refusal = "queued", wish, 0, ""
    found.queued_at, found.queued_by = now, by
    found.save()
    journal.write(
        action="intakes.asked", by=by, now=now, subject=found.name[:120], detail={"intake": found.pk, "wish": wish}
    )
    if is_small(found.size_bytes, found.lines):
        return True
    async_task(CARRY_OUT, found.pk)
    return False


@transaction.atomic
def take_up(*, intake_id: int, now: datetime) -> bool:
    """Give a file back to the background work when its worker died, or never came; False while one holds it."""
    found = intakes.left_behind(now=now).filter(pk=intake_id).first()
    if found is None:
        return False
    async_task(CARRY_OUT, found.pk)
    return True


@transaction.atomic
def leave_aside(*, intake_id: int, by: str, now: datetime) -> None:
    """Give a file up: nothing of it comes in, and its bytes go."""
    found = _at_rest(intake_id, by)
    found.state, found.refusal, found.settled_at, found.settled_by = "refused", LEFT_ASIDE, now, by
    found.is_kept = False
    found.save()
    journal.write(action="intakes.left_aside", by=by, now=now, subject=found.name[:120], detail={"intake": found.pk})
    transaction.on_commit(lambda: _forget_files(intake_id), robust=True)


def purge_files(*, now: datetime) -> int:
    """Forget the bytes of files that ended, or waited for nobody, weeks ago; what was told of them stays."""
    gone = list(intakes.settled_before(now - FILES_KEPT).values_list("pk", flat=True))
    Intake.objects.filter(pk__in=gone).update(is_kept=False)
    for intake_id in gone:
        _forget_files(intake_id)
    for path in intakes.orphans(now=now):
        path.unlink(missing_ok=True)
    return len(gone)


def _forget_files(intake_id: int) -> None:
    for path in (intakes.file_of(intake_id), intakes.quarantine_of(intake_id), intakes.progress_of(intake_id)):
        path.unlink(missing_ok=True)


def _at_rest(intake_id: int, by: str) -> Intake:
    """An intake, locked, that neither is at work nor has ended, with the right seen again."""
    territories_of(by)
    found = Intake.objects.select_for_update().get(pk=intake_id)
    if found.state in WORKING:
        raise IntakeRefused(_("Ce fichier est déjà en route\u202f: suivez-le ici, il ne part qu’une fois."))
    if found.state in ENDED:
        said = {
            "done": _("Ce fichier est déjà entré\u202f: son compte rendu est ci-dessous."),
            "undone": _("Cet import a été annulé\u202f: pour recommencer, envoyez le fichier à nouveau."),
        }
        raise IntakeRefused(
            said.get(found.state) or _("Ce fichier a été laissé de côté\u202f: pour recommencer, envoyez-le à nouveau.")
        )
    return found
