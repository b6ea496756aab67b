"""Files on their way in: whose they are, where their bytes lie, how far the work on each is."""

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db.models import Q, QuerySet

from maillage.network.exchange.formats import columns
from maillage.network.exchange.formats.format import Document
from maillage.network.exchange.models import Intake
from maillage.network.exchange.queries.recipes import KeptRecipe, recipes
from maillage.network.exchange.rules import decoding
from maillage.network.exchange.rules.intakes import ENDED
from maillage.network.exchange.rules.mapping.correspondence import MENDS
from maillage.network.exchange.rules.mapping.proposing import Proposed
from maillage.network.exchange.rules.reports import FileRefused
from maillage.network.exchange.rules.tables import Row, open_table, rows

SHOWN = 50
AN_HOUR_S = 3_600


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the work on a file is: rows read of so many, then `writing`, which cannot be measured."""

    done: int = 0
    total: int = 0
    writing: bool = False


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of a file, what they suggest, the recipes that served for the same, and some values of each."""

    header: tuple[str, ...]
    samples: dict[str, tuple[str, ...]]
    proposed: Proposed
    recipes: tuple[KeptRecipe, ...]


def folder() -> Path:
    """Where the bytes of files on their way lie; nothing there is ever served."""
    return Path(settings.HOME) / "intakes"


def file_of(intake_id: int) -> Path:
    return folder() / str(intake_id)


def quarantine_of(intake_id: int) -> Path:
    return folder() / f"{intake_id}.quarantine.csv"


def progress_of(intake_id: int) -> Path:
    return folder() / f"{intake_id}.progress"


def progress(intake_id: int) -> Progress:
    """How far the work is; nothing known when its note is absent or torn: the work itself goes on."""
    try:
        done, total, writing = json.loads(progress_of(intake_id).read_text(encoding="ascii"))
        return Progress(int(done), int(total), bool(writing))
    except (OSError, ValueError, TypeError):
        return Progress()


def intakes(*, signed: str = "") -> QuerySet[Intake]:
    """Files, the newest first; those of one account where the beginning of its signature is given."""
    found = Intake.objects.order_by("-pk").select_related("run")
    return (found.filter(opened_by__startswith=signed) if signed else found)[:SHOWN]


def intake(intake_id: int) -> Intake | None:
    return Intake.objects.select_related("run").filter(pk=intake_id).first()


def left_behind(*, now: datetime) -> QuerySet[Intake]:
    """Files asked for whose turn has not come, or whose worker died: its lease has ended."""
    waiting = Q(state="queued") | Q(state="applying", leased_until__lt=now)
    return Intake.objects.filter(waiting).order_by("queued_at", "pk")


def settled_before(moment: datetime) -> QuerySet[Intake]:
    """Files still kept that ended, or that nobody touched, before a moment."""
    ended = Q(state__in=ENDED, settled_at__lt=moment)
    idle = Q(state__in=["uploaded", "mapped", "tried"], opened_at__lt=moment)
    return Intake.objects.filter(ended | idle, is_kept=True).order_by("pk")


def orphans(*, now: datetime) -> Iterator[Path]:
    """Files of the folder, more than an hour old, that belong to no intake any more."""
    kept = {str(pk) for pk in Intake.objects.filter(is_kept=True).values_list("pk", flat=True)}
    for path in sorted(folder().glob("*")):
        if path.name.partition(".")[0] not in kept and path.stat().st_mtime < now.timestamp() - AN_HOUR_S:
            yield path


def columns_of(found: Intake) -> Columns:
    """What the columns of a file are and suggest; raises `FileRefused` where the file cannot be read any more."""
    document = Document(found.name, _text_of(found))
    proposed = columns.propose_for(document)
    samples = {one.column: one.examples for one in proposed.proposals} | dict(proposed.unmapped)
    header = tuple(name for name in columns.header_of(document) if name and name not in MENDS)
    return Columns(header, samples, proposed, recipes(header))


def rows_of(found: Intake, lines: Collection[int]) -> dict[int, dict[str, str]]:
    """Some rows of a table as they came, by line; none of a file that is no table."""
    text = _text_of(found)
    if not lines or text.lstrip()[:1] in ("{", "[", "<"):
        return {}
    return {one.line: dict(one.cells) for one in rows(open_table(text)) if isinstance(one, Row) and one.line in lines}


def _text_of(found: Intake) -> str:
    try:
        data = file_of(found.pk).read_bytes()
    except OSError as gone:
        raise FileRefused("Ce fichier n’est plus gardé ici. Envoyez-le à nouveau.") from gone
    return decoding.text_of(data, found.name).text
