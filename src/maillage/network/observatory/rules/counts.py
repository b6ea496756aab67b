"""The answer of a counter: a figure with all that is needed to judge it and to run it again, or "unknown" and why."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from maillage.network.observatory.rules.bias import Bias
from maillage.network.observatory.rules.definitions import Definition

NARROW_SPACE = "\u202f"


@dataclass(frozen=True, slots=True)
class Row:
    """One class of a count told apart: its code or name, empty for those of which it is not known.

    `inhabitants` of the class, known ones only; `rate` per so many of them, None without any; `compared` is the share
    that another source gives this class; `share`: that of the inhabitants whom `n` counts, where it counts people.
    """

    name: str
    n: int
    inhabitants: int | None = None
    rate: float | None = None
    compared: float | None = None
    share: float | None = None


@dataclass(frozen=True, slots=True)
class Detail:
    """A count told apart by one dimension, in the order people read it: largest first, or that of a scale."""

    kind: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Count:
    """What a counter answers. Without a numerator it is unknown, and `reason` says why; unknown is never zero.

    `date` is the ISO date, possibly cut to a month, of what was counted; `members` is the whole population and
    `n_missing` those of it for whom the property is not known. `figures` are told beside the answer, by name.
    """

    definition: Definition
    date: str
    numerator: int | None = None
    denominator: int | None = None
    n_missing: int | None = None
    members: int | None = None
    sources: tuple[str, ...] = ()
    details: tuple[Detail, ...] = ()
    reason: str = ""
    at: str = ""
    territory: str = ""
    territory_name: str = ""
    figures: Mapping[str, int | float | None] = field(default_factory=dict)
    read: int | None = None
    bias: Bias | None = None

    @property
    def known(self) -> bool:
        return self.numerator is not None

    @property
    def share(self) -> float | None:
        """Numerator over denominator, between 0 and 1; None when unknown, not meant, or with nothing to divide by."""
        if not self.definition.is_share or self.numerator is None or not self.denominator:
            return None
        return self.numerator / self.denominator

    @property
    def rate(self) -> float | None:
        """How many for so many inhabitants; None when unknown, not meant, or where nobody is known to live."""
        if self.definition.answer != "rate" or self.numerator is None or not self.denominator:
            return None
        return self.numerator / self.denominator * self.definition.per

    @property
    def lacking_rows(self) -> int:
        """How many of the rows that the source published are not held here; 0 when all are, or nobody knows."""
        published = self.definition.published_rows
        return max(0, published - self.read) if published and self.read is not None and not self.territory else 0

    @property
    def command(self) -> str:
        """The command that gives this figure again."""
        told = self.definition.command
        if self.territory:
            told += f" --territory {self.territory}"
        return f"{told} --at {self.at}" if self.at else told


_NAME = re.compile(r"\{(\w+)\}")


def filled(sentences: tuple[str, ...], count: Count, language: str) -> list[str]:
    """Sentences with their figures written in; one whose figure is not known is left out.

    A figure is never part of a sentence by hand: `{rows}` is what was counted.
    """
    values: dict[str, int | float | str | None] = {
        "numerator": count.numerator,
        "denominator": count.denominator,
        "missing": count.n_missing,
        "share": count.share,
        **count.figures,
    }
    # A number that names a row is no quantity: it is not grouped by thousands.
    for figure in count.definition.figures:
        if (figure.lowest or figure.highest) and values.get(figure.name) is not None:
            values[figure.name] = str(values[figure.name])
    told = []
    for sentence in sentences:
        wanted = [values.get(name) for name in _NAME.findall(sentence)]
        if not any(value is None for value in wanted):
            told.append(_NAME.sub(lambda found: _written(values[found[1]], language), sentence))
    return told


def explained(count: Count, language: str) -> list[str]:
    """Why this number and not another that people quote: of the whole country, as they are."""
    return [] if count.territory else filled(count.definition.told(language).explains, count, language)


def _written(value: int | float | str | None, language: str) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, float):
        return percent(value) if language == "fr" else f"{value * 100:.1f}%"
    return grouped(value or 0) if language == "fr" else f"{value or 0:,}"


def as_data(count: Count) -> dict[str, Any]:
    """The answer as plain data, for JSON."""
    definition = count.definition
    words = definition.told("fr")
    return {
        "definition": definition.slug,
        "title": words.title,
        "means": words.definition,
        "population": words.population,
        "numerator_means": words.numerator,
        "denominator_means": words.denominator,
        "territory": count.territory or "france",
        "known": count.known,
        "numerator": count.numerator,
        "denominator": count.denominator,
        "share": None if count.share is None else round(count.share, 4),
        "rate": None if count.rate is None else round(count.rate, 3),
        "per": definition.per or None,
        "members": count.members,
        "missing": count.n_missing,
        "missing_means": words.missing,
        "date": count.date,
        "sources": list(count.sources),
        "source": words.source,
        "explains": explained(count, "fr"),
        "figures": dict(count.figures),
        "caveats": filled(words.caveats, count, "fr"),
        "lacking_rows": count.lacking_rows,
        "bias": None if count.bias is None else count.bias.as_data(),
        "reason": count.reason,
        "details": {detail.kind: [_row(row) for row in detail.rows] for detail in count.details},
        "command": count.command,
    }


def _row(row: Row) -> dict[str, Any]:
    """One class as plain data; a null class is that of those for whom it is not known."""
    told: dict[str, Any] = {"class": row.name or None, "n": row.n}
    if row.share is not None:
        told |= {"inhabitants": row.inhabitants, "share": round(row.share, 4)}
    elif row.inhabitants is not None:
        told |= {"inhabitants": row.inhabitants, "rate": None if row.rate is None else round(row.rate, 3)}
    if row.compared is not None:
        told["compared"] = row.compared
    return told


def details_of(data: Mapping[str, Any]) -> tuple[Detail, ...]:
    """Read again the details of `as_data`, those of the first version too: name → number."""
    return tuple(
        Detail(kind, _old_rows(rows) if isinstance(rows, dict) else tuple(_row_of(row) for row in rows))
        for kind, rows in data.items()
    )


def _old_rows(rows: Mapping[str, int]) -> tuple[Row, ...]:
    return tuple(Row(name, n) for name, n in sorted(rows.items(), key=lambda row: (-row[1], row[0])))


def _row_of(row: Mapping[str, Any]) -> Row:
    numbers = (row.get(name) for name in ("inhabitants", "rate", "compared", "share"))
    return Row(row["class"] or "", row["n"], *numbers)


def percent(share: float, *, decimal: str = ",") -> str:
    """A share as a percentage with one decimal, French spacing.

    >>> percent(675 / 1463)
    '46,1\\u202f%'
    """
    return f"{share * 100:.1f}".replace(".", decimal) + f"{NARROW_SPACE}%"


def grouped(number: int) -> str:
    """A whole number by groups of three digits, French spacing.

    >>> grouped(1463)
    '1\\u202f463'
    """
    return f"{number:,}".replace(",", NARROW_SPACE)


def decimals(number: float) -> str:
    """A rate with two decimals, in French.

    >>> decimals(3.246)
    '3,25'
    """
    return f"{number:,.2f}".replace(",", NARROW_SPACE).replace(".", ",")
