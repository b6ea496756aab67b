"""The answer of a counter: a figure with all that is needed to judge it and to run it again, or "unknown" and why."""

from dataclasses import dataclass
from typing import Any

from maillage.network.observatory.rules.definitions import Definition

NARROW_SPACE = "\u202f"


@dataclass(frozen=True, slots=True)
class Detail:
    """A count told apart by one dimension (`status`, `source`): (code or name, number) pairs, largest first."""

    kind: str
    rows: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Count:
    """What a counter answers. Without a numerator it is unknown, and `reason` says why; unknown is never zero.

    `date` is the ISO date, possibly cut to a month, of what was counted; `n_missing` counts the members of the
    population for which the property is not known.
    """

    definition: Definition
    date: str
    numerator: int | None = None
    denominator: int | None = None
    n_missing: int | None = None
    sources: tuple[str, ...] = ()
    details: tuple[Detail, ...] = ()
    reason: str = ""
    at: str = ""

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
    def command(self) -> str:
        """The command that gives this figure again."""
        return f"{self.definition.command} --at {self.at}" if self.at else self.definition.command


def as_data(count: Count) -> dict[str, Any]:
    """The answer as plain data, for JSON."""
    words = count.definition.told("fr")
    return {
        "definition": count.definition.slug,
        "title": words.title,
        "means": words.definition,
        "population": words.population,
        "numerator_means": words.numerator,
        "denominator_means": words.denominator,
        "known": count.known,
        "numerator": count.numerator,
        "denominator": count.denominator,
        "share": None if count.share is None else round(count.share, 4),
        "missing": count.n_missing,
        "missing_means": words.missing,
        "date": count.date,
        "sources": list(count.sources),
        "source": words.source,
        "caveats": list(words.caveats),
        "reason": count.reason,
        "details": {detail.kind: dict(detail.rows) for detail in count.details},
        "command": count.command,
    }


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
