"""A file on its way in: its states, and the account of an import as it is kept, bounded."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from maillage.network.exchange.rules.reports import Report, RowProblem, short

STATES = ("uploaded", "mapped", "tried", "queued", "applying", "done", "refused", "undone")
WORKING, ENDED = ("queued", "applying"), ("done", "refused", "undone")
TRY, APPLY = WISHES = ("try", "apply")

MAX_BYTES = 25_000_000
AT_ONCE_LINES, AT_ONCE_BYTES = 501, 500_000
"""Up to which a file is brought in while its sender waits; a larger one waits for its turn."""
LEASE = timedelta(minutes=6)
"""Longer than the job engine lets a job run."""
MOST_ATTEMPTS = 3
FILES_KEPT = timedelta(days=15)
STEPS_KEPT = timedelta(days=90)
"""How long an import may be undone."""
MOST_PLACES, MOST_PROBLEMS = 200, 300
_MOST_CHANGES, _LONGEST_LIST = 40, 40


def is_small(size_bytes: int, lines: int) -> bool:
    """Whether a file is brought in while its sender waits.

    >>> is_small(20_000, 301), is_small(20_000, 5_000)
    (True, False)
    """
    return size_bytes <= AT_ONCE_BYTES and lines <= AT_ONCE_LINES


def kept(report: Report) -> dict[str, Any]:
    """A report as plain data: every number, and of each list as much as a page shows."""
    new = [one for one in report.differences if one.is_new]
    changed = [one for one in report.differences if not one.is_new]
    return {
        "rows": report.rows,
        "created": report.created,
        "changed": report.changed,
        "unchanged": report.unchanged,
        "skipped": report.skipped,
        "echoes": report.echoes,
        "refused_rows": report.refused_rows,
        "proved": report.proved,
        "flagged": dict(report.flagged),
        "unmapped": [short(name) for name in report.unmapped[:100]],
        "sources": [asdict(one) for one in report.sources[:20]],
        "new": [{"name": short(one.name), "where": short(one.where)} for one in new[:MOST_PLACES]],
        "differences": [
            {"name": short(one.name), "slug": one.slug, "changes": _bounded(one.changes)}
            for one in changed[:MOST_PLACES]
        ],
        "quarantined": _problems(refused.problem for refused in report.quarantined[:MOST_PROBLEMS]),
        "warnings": _problems(report.warnings[:MOST_PROBLEMS]),
        "warned": len(report.warnings),
        "linked": [asdict(one) | {"why": dict(one.why)} for one in report.linked[:MOST_PLACES]],
        "joined": len(report.linked),
        "candidates": [asdict(one) | {"why": dict(one.why)} for one in report.candidates[:MOST_PLACES]],
        "to_ask": len(report.candidates),
    }


def _problems(problems: Iterable[RowProblem]) -> list[dict[str, Any]]:
    return [asdict(one) for one in problems]


def _bounded(changes: Mapping[str, list[Any]]) -> dict[str, list[Any]]:
    return {name: [_cut(value) for value in both] for name, both in list(changes.items())[:_MOST_CHANGES]}


def _cut(value: Any) -> Any:
    """A value as a page compares it: texts of a thousand signs, lists of forty words."""
    if isinstance(value, str):
        return value[:1_000]
    return [_cut(one) for one in value[:_LONGEST_LIST]] if isinstance(value, list) else value
