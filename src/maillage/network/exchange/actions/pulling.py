"""A followed source is fetched, compared with its last file, and enters; or stops, and asks.

The host is asked outside of any transaction. Everything that a reading writes is one transaction: a run that is killed
leaves nothing but its lease, and the next one does it.
"""

import hashlib
import logging
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from maillage.journal import actions as journal
from maillage.network.exchange import emails, formats
from maillage.network.exchange.actions.importing import import_file
from maillage.network.exchange.actions.pulls import forget_question, let_run
from maillage.network.exchange.formats.format import Document
from maillage.network.exchange.models import Pull, PullContent, PullReport
from maillage.network.exchange.queries import pulls as queries
from maillage.network.exchange.queries import recipes
from maillage.network.exchange.rules import decoding, pulls, tables
from maillage.network.exchange.rules.pulls import ACTIVE, ASKED, ASKING, ENTERED, FAILED, Content
from maillage.network.exchange.rules.reports import FileRefused, Options, Reading, Report
from maillage.network.exchange.sources.fetching import FetchFailed, fetch, name_of
from maillage.places.actions.vanishing import mark_gone
from maillage.places.rules.trails import Left

BUSY, IDLE, SAME, WAITING = "busy", "idle", "same", "waiting"
LONGEST_ROUND_SECONDS = 120.0
"""A source more may take as long again: the job engine stops a job after five minutes."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a reading: entered, asked, failed, the same, waiting for another file, busy, idle (not followed)."""

    what: str
    report: Report | None = None
    gone: tuple[Left, ...] = ()


@dataclass(frozen=True, slots=True)
class _Had:
    """A file of a source: its bytes, what it is made of, the records that it names, the texts of rows refused."""

    body: bytes
    hash: str
    content: Content
    refs: Mapping[str, list[str]]
    unread: frozenset[str]
    options: Options
    etag: str
    last_modified: str
    named: set[tuple[str, str]] = field(default_factory=set)


def run_due(*, by: str, now: datetime) -> int:
    """Read the sources whose turn has come, for two minutes at most; says how many it looked at."""
    if settings.OFFLINE:
        return 0
    started, looked = time.monotonic(), 0
    for pull_id in queries.due(now=now):
        if time.monotonic() - started > LONGEST_ROUND_SECONDS:
            break
        run_pull(pull_id=pull_id, by=by, now=now)
        looked += 1
    return looked


def run_pull(*, pull_id: int, by: str, now: datetime) -> Outcome:
    """Read one source now; what goes wrong is written on it, and tried again later. One reading at a time.

    A source that is paused, or waits for an answer, is not read.
    """
    let_run(by)
    lease = now + pulls.LEASE
    if not queries.free(now=now).filter(pk=pull_id, state=ACTIVE).update(leased_until=lease):
        held = Pull.objects.filter(pk=pull_id, state=ACTIVE).exists()
        return Outcome(BUSY if held else IDLE)
    pull = Pull.objects.get(pk=pull_id)
    try:
        had = _had(pull)
        with transaction.atomic():
            return _settle(pull, lease, had, by, now)
    except FetchFailed as problem:
        return _failed(pull, lease, problem.code, problem.detail, by, now)
    except FileRefused as problem:
        return _failed(pull, lease, "content", str(problem), by, now)
    except Exception:  # noqa: BLE001 a source that breaks its reading is said, and stops no other
        _log.exception("source %s", pull_id)
        return _failed(pull, lease, "broken", "", by, now)


def _had(pull: Pull) -> _Had | None:
    """The file of a source, read but not brought in; None when it is the same as last time."""
    got = fetch(pull.address, etag=pull.etag, last_modified=pull.last_modified, loopback=settings.FEEDS_FROM_LOOPBACK)
    if got.body is None:
        return None
    hashed = hashlib.sha256(got.body).hexdigest()
    if hashed == pull.hash:
        return None
    options, name = _options(pull), name_of(pull.address)
    document = Document(name, decoding.text_of(got.body, name).text)
    chosen = _format(pull, options, document)
    reading = formats.read(chosen, document, options)
    refs = _refs(reading)
    return _Had(
        body=got.body,
        hash=hashed,
        content=Content(chosen.name, _columns(document.text), len(reading.entries)),
        refs=refs,
        unread=frozenset(str(v)[:200] for one in reading.refused for v in one.raw.values() if isinstance(v, str | int)),
        options=options,
        etag=got.etag,
        last_modified=got.last_modified,
        named={(source, ref) for source, own in refs.items() for ref in own},
    )


def _options(pull: Pull) -> Options:
    kept = recipes.recipe(pull.recipe) if pull.recipe else None
    return Options(
        all_places=pull.all_places,
        source=pull.source or (kept.source if kept else "") or pull.name,
        licence=pull.licence or (kept.licence if kept else ""),
        mapping=kept.correspondence if kept else None,
    )


def _format(pull: Pull, options: Options, document: Document) -> formats.Format:
    if pull.format:
        return formats.named(pull.format)
    return formats.named("columns") if options.mapping is not None else formats.detect(document.text)


def _columns(text: str) -> tuple[str, ...]:
    """The columns of a table; none for what is no table."""
    if text.lstrip("\ufeff \t\r\n")[:1] in ("{", "[", "<", ""):
        return ()
    return tuple(name for name in tables.open_table(text).header if name)[: pulls.MOST_COLUMNS]


def _refs(reading: Reading) -> dict[str, list[str]]:
    told: dict[str, set[str]] = {}
    for entry in reading.entries:
        for draft in entry.drafts:
            told.setdefault(draft.source, set()).add(draft.ref)
    return {source: sorted(refs) for source, refs in sorted(told.items())}


def _settle(pull: Pull, lease: datetime, had: _Had | None, by: str, now: datetime) -> Outcome:
    """Write what a reading told, in the transaction of the caller, if the source is still followed and still ours."""
    fresh = Pull.objects.select_for_update().filter(pk=pull.pk, leased_until=lease, state=ACTIVE).first()
    if fresh is None:
        return Outcome(IDLE)
    _answered(fresh, now)
    if had is None or had.hash == fresh.hash:
        fresh.waited_hash = ""
        fresh.save()
        return Outcome(SAME)
    if had.hash == fresh.waited_hash:
        fresh.save()
        return Outcome(WAITING)
    before = Content(fresh.known_format, tuple(fresh.columns), fresh.rows) if fresh.hash else None
    doubt = pulls.doubt(before, had.content)
    if doubt and had.hash != fresh.accepted_hash:
        return _ask(fresh, doubt, had, by, now)
    return _enter(fresh, had, by, now)


def _answered(pull: Pull, now: datetime) -> None:
    """The host answered: what stood in the way is over."""
    pull.failing_since, pull.failures, pull.last_problem, pull.problem_detail = None, 0, "", ""
    pull.is_silence_told, pull.leased_until = False, None
    pull.last_seen_at, pull.next_run_at = now, pulls.next_turn(pull.every, pull.pk, now)


def _ask(pull: Pull, doubt: str, had: _Had, by: str, now: datetime) -> Outcome:
    """Stop, and ask: nothing enters before somebody answers."""
    pull.state, pull.doubt, pull.asked_at, pull.asked_hash = ASKING, doubt, now, had.hash
    pull.asked_rows = had.content.rows
    pull.asked_columns = pulls.missing(pull.columns, had.content.columns)
    pull.save()
    counts = {"doubt": doubt, "before": pull.rows, "rows": had.content.rows}
    _report(pull, ASKED, counts, by, now)
    _note("pulls.asked", pull, by, now, **counts)
    emails.ask(pull=pull, now=now)
    return Outcome(ASKED)


def _enter(pull: Pull, had: _Had, by: str, now: datetime) -> Outcome:
    with tempfile.TemporaryDirectory(prefix="maillage-") as folder:
        path = Path(folder) / "source"
        path.write_bytes(had.body)
        report = import_file(
            path=path,
            name=name_of(pull.address),
            format=had.content.format,
            options=had.options,
            by=by,
            now=now,
        )
    gone = _compare(pull, had, by, now)
    pull.hash, pull.etag, pull.last_modified = had.hash, had.etag, had.last_modified
    pull.known_format, pull.columns, pull.rows = had.content.format, list(had.content.columns), had.content.rows
    pull.last_entered_at, pull.accepted_hash, pull.waited_hash = now, "", ""
    forget_question(pull)
    pull.save()
    counts = {
        "rows": report.rows,
        "created": report.created,
        "changed": report.changed,
        "unchanged": report.unchanged,
        "refused": report.refused_rows,
        "linked": len(report.linked),
        "candidates": len(report.candidates),
        "gone": len(gone),
    }
    _report(pull, ENTERED, counts, by, now, run=report.run, gone=gone)
    _note("pulls.entered", pull, by, now, **counts)
    return Outcome(ENTERED, report, gone)


def _compare(pull: Pull, had: _Had, by: str, now: datetime) -> tuple[Left, ...]:
    """Flag what the source no longer names, and keep what it names now; a row that cannot be read is not gone."""
    content, _ = PullContent.objects.get_or_create(pull=pull)
    before = {(source, ref) for source, refs in content.refs.items() for ref in refs}
    gone = {(source, ref) for source, ref in before - had.named if ref not in had.unread}
    left = mark_gone(gone=sorted(gone), back=sorted(had.named), by=by, now=now)
    content.refs = {source: list(refs) for source, refs in had.refs.items()}
    content.save()
    return left


def _failed(pull: Pull, lease: datetime, code: str, detail: str, by: str, now: datetime) -> Outcome:
    """Write what went wrong, and when to try again; after days of it, tell somebody once."""
    with transaction.atomic():
        fresh = Pull.objects.select_for_update().filter(pk=pull.pk, leased_until=lease).first()
        if fresh is None:
            return Outcome(IDLE)
        is_first = fresh.failing_since is None
        fresh.failing_since, fresh.failures = fresh.failing_since or now, fresh.failures + 1
        fresh.last_problem, fresh.problem_detail = code[:20], detail.replace("\x00", "␀")[:600]
        fresh.leased_until, fresh.next_run_at = None, now + pulls.wait_after(fresh.failures)
        if is_first:
            _report(fresh, FAILED, {"problem": fresh.last_problem, "detail": fresh.problem_detail}, by, now)
            _note("pulls.failed", fresh, by, now, problem=fresh.last_problem)
        if not fresh.is_silence_told and fresh.failing_since <= now - pulls.SILENCE:
            fresh.is_silence_told = True
            emails.tell_silence(pull=fresh, now=now)
        fresh.save()
    return Outcome(FAILED)


def _report(
    pull: Pull,
    outcome: str,
    counts: Mapping[str, Any],
    by: str,
    now: datetime,
    *,
    run: int | None = None,
    gone: tuple[Left, ...] = (),
) -> None:
    told = [{"name": one.name, "slug": one.slug} for one in gone[: pulls.MOST_GONE_TOLD]]
    PullReport.objects.create(pull=pull, at=now, by=by, outcome=outcome, run_id=run, counts=dict(counts), gone=told)
    old = pull.reports.order_by("-at", "-pk").values_list("pk", flat=True)[pulls.REPORTS_KEPT :]
    PullReport.objects.filter(pk__in=list(old)).delete()


def _note(act: str, pull: Pull, by: str, now: datetime, **detail: Any) -> None:
    journal.write(action=act, by=by, now=now, subject=pull.name, detail={"pull": pull.pk, **detail})
