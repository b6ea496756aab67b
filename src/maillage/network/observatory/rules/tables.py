"""A counter as a table: one row for the answer, one for each class, each of them readable alone."""

import csv
import io
from collections.abc import Callable, Iterable
from typing import Any

from maillage.network.exchange.rules.neutral import neutralise
from maillage.network.observatory.rules.counts import Count, Row

COLUMNS = (
    "counter", "territory", "date", "dimension", "class", "label", "value", "unit", "numerator", "denominator",
    "members", "missing", "reason", "sources", "command",
)  # fmt: skip

Name = Callable[[str, str], str]


def rows(count: Count, name: Name) -> list[dict[str, Any]]:
    """The answer, then its classes; what is not known is an empty cell. `name` tells a class of a dimension.

    `value` is the figure itself: a number, a share from 0 to 1, or a rate for so many inhabitants, as `unit` says.
    """
    definition = count.definition
    same = {
        "counter": definition.slug,
        "territory": count.territory or "france",
        "date": count.date,
        "command": count.command,
    }
    units = {"number": "places", "share": "share", "rate": f"places per {definition.per} inhabitants"}
    values = {"number": count.numerator, "share": count.share, "rate": count.rate}
    whole = {
        **same,
        "value": _rounded(values[definition.answer]),
        "unit": units[definition.answer],
        "numerator": count.numerator,
        "denominator": count.denominator,
        "members": count.members,
        "missing": count.n_missing,
        "reason": count.reason,
        "sources": "; ".join(count.sources),
    }
    told = [whole]
    for detail in count.details:
        told += [
            {
                **same,
                "dimension": detail.kind,
                "class": row.name,
                "label": name(detail.kind, row.name),
                **_valued(row, count, units),
                "numerator": row.n,
            }
            for row in detail.rows
        ]
    return told


def _valued(row: Row, count: Count, units: dict[str, str]) -> dict[str, Any]:
    """The figure of one class, its unit and what it was divided by."""
    if row.share is not None:
        return {"value": _rounded(row.share), "unit": units["share"], "denominator": row.inhabitants}
    if row.rate is not None:
        return {"value": _rounded(row.rate), "unit": units["rate"], "denominator": row.inhabitants}
    return {"value": row.n, "unit": "places", "denominator": count.members}


def _rounded(value: float | int | None) -> float | int | None:
    return round(value, 4) if isinstance(value, float) else value


def as_csv(told: Iterable[dict[str, Any]]) -> str:
    """Rows as CSV (RFC 4180); a text that a spreadsheet would run is made harmless."""
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, COLUMNS, restval="", lineterminator="\r\n")
    writer.writeheader()
    for row in told:
        writer.writerow({key: neutralise(value) if isinstance(value, str) else value for key, value in row.items()})
    return buffer.getvalue()
