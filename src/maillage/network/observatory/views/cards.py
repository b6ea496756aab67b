"""A counter's answer as its page tells it: every number written in the language of the reader."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from maillage.network.observatory.labels import DIMENSIONS, class_name, why
from maillage.network.observatory.queries import Point
from maillage.network.observatory.rules.bars import widths
from maillage.network.observatory.rules.bias import Bias
from maillage.network.observatory.rules.counts import Count, Detail, Row, explained, filled
from maillage.network.observatory.rules.definitions import Words
from maillage.places.views.wording import figure, partial_date

SHORT = 8
"""How many classes the first page shows of one counter; a scale is shown whole."""
SCALES = ("density", "metropole", "status")
PROPER_NAMES = ("source", "region")


@dataclass(frozen=True, slots=True)
class Line:
    """One class of a table with its bar."""

    name: str
    n: str
    rate: str
    share: str
    compared: str
    width: str
    is_unknown: bool
    people: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A count told apart: bars and numbers in one table. `left`: how many classes are not shown.

    `near`: the head of the column of those within reach, where people are counted and not places.
    """

    kind: str
    caption: str
    head: str
    lines: tuple[Line, ...]
    rated: str
    compared: bool
    in_french: bool
    left: int
    near: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """What a page says of one counter; `width` is that of the bar of a share, in percent."""

    slug: str
    count: Count
    words: Words
    url: str
    headline: str
    about: str
    reason: str
    day: str
    lacking: str
    width: str
    tables: tuple[Table, ...]
    explains: list[str]
    caveats: list[str]


def language() -> str:
    return (get_language() or "fr")[:2]


def percent(share: float) -> str:
    """A share in percent with one decimal."""
    return _("%(n)s %%") % {"n": figure(share * 100, 1)}


def card(count: Count, regions: dict[str, str], *, whole: bool = False) -> Card:
    """Tell one answer; `whole` with all the classes of its tables."""
    definition = count.definition
    headline, about = told(count)
    lacking = ""
    if count.lacking_rows:
        lacking = _(
            "La source publie %(published)s lignes, on n’en tient ici que %(held)s : ce chiffre n’est pas le sien."
        ) % {"published": figure(definition.published_rows or 0), "held": figure(count.read or 0)}
    words = definition.told(language())
    return Card(
        slug=definition.slug,
        count=count,
        words=words,
        url=reverse("observatory_counter", args=[definition.slug]),
        headline=headline,
        about=about,
        reason=why(count, language()) if count.reason else "",
        day=partial_date(count.date),
        lacking=lacking,
        width="" if count.share is None else f"{100 * count.share:.1f}",
        tables=tuple(_table(detail, count, regions, whole=whole) for detail in count.details),
        explains=explained(count, language()),
        caveats=filled(words.caveats, count, language()),
    )


def told(count: Count) -> tuple[str, str]:
    """The figure in a few signs, and what it was made of."""
    if count.numerator is None or count.denominator is None:
        return _("Inconnu"), ""
    numbers = {"n": figure(count.numerator), "total": figure(count.denominator), "per": figure(count.definition.per)}
    if count.rate is not None:
        about = _("pour %(per)s habitants : %(n)s lieux, %(total)s habitants") % numbers
        return figure(count.rate, 2), about
    if count.share is not None:
        of_people = _("%(n)s habitants sur %(total)s") if count.definition.minutes else _("%(n)s sur %(total)s")
        return percent(count.share), of_people % numbers
    return numbers["n"], ""


def _table(detail: Detail, count: Count, regions: dict[str, str], *, whole: bool) -> Table:
    shown = detail.rows
    if not whole and detail.kind not in SCALES and len(shown) > SHORT:
        shown = shown[-SHORT:] if detail.kind in ("opened", "closed") else shown[:SHORT]
    rated = any(row.rate is not None for row in detail.rows)
    compared = any(row.compared is not None for row in detail.rows)
    reach = count.definition.minutes
    lengths = (
        [f"{100 * (row.share or 0):.1f}" for row in shown]
        if reach
        else widths([row.rate if rated else row.n for row in shown])
    )
    known = sum(row.n for row in detail.rows if row.name)
    caption, head = DIMENSIONS[detail.kind]
    lines = [
        Line(
            name=class_name(detail.kind, row.name, regions),
            n=figure(row.n),
            rate=figure(row.rate, 2) if row.rate is not None else "",
            share=_share(row, known if compared else 0),
            compared=percent(row.compared) if row.compared is not None else "",
            width=width,
            is_unknown=not row.name,
            people=figure(row.inhabitants or 0) if reach else "",
        )
        for row, width in zip(shown, lengths, strict=True)
    ]
    per = _("pour %(per)s hab.") % {"per": figure(count.definition.per)} if rated else ""
    in_french, left = detail.kind in PROPER_NAMES, len(detail.rows) - len(shown)
    near = _("à %(minutes)s min") % {"minutes": figure(reach)} if reach else ""
    return Table(detail.kind, str(caption), str(head), tuple(lines), per, compared, in_french, left, near)


def _share(row: Row, known: int) -> str:
    """The share of a class: of its own inhabitants, or, beside another source, of all the places that are known."""
    if row.share is not None:
        return percent(row.share)
    return percent(row.n / known) if known and row.name else ""


def warning(bias: Bias | None, regions: dict[str, str]) -> dict[str, Any] | None:
    """Of which régions the registry tells too many or too few, or None."""
    if bias is None or not (bias.over or bias.under):
        return None

    def rows(found: Sequence[tuple[str, float, float]]) -> list[dict[str, str]]:
        return [
            {"name": regions.get(code, code), "here": percent(here), "there": percent(there)}
            for code, here, there in found
        ]

    return {"over": rows(bias.over), "under": rows(bias.under), "source": bias.source}


def citation(shown: Card) -> str:
    """How to cite a figure: what it is, when, on what, and where to find it again."""
    about = f"{shown.headline} ({shown.about})" if shown.about else shown.headline
    where = f", {shown.count.territory_name}" if shown.count.territory else ""
    return _("Maillage, « %(title)s »%(where)s, %(day)s : %(about)s. Refait par « %(command)s ». %(url)s") % {
        "title": shown.words.title,
        "where": where,
        "day": shown.day,
        "about": about,
        "command": shown.count.command,
        "url": settings.SITE_URL + shown.url,
    }


def past(points: Sequence[Point], count: Count) -> list[dict[str, str]]:
    """The snapshots of a counter, one a month, with the length of their bars."""
    values = [_value(point, count) for point in points]
    return [
        {
            "date": point.day.isoformat(),
            "day": partial_date(point.day.isoformat()),
            "value": _written(value, count),
            "n": figure(point.numerator),
            "total": "" if point.denominator is None else figure(point.denominator),
            "width": width,
        }
        for point, value, width in zip(points, values, widths(values), strict=True)
    ]


def _value(point: Point, count: Count) -> float | int | None:
    if count.definition.answer == "number":
        return point.numerator
    if not point.denominator:
        return None
    return point.numerator / point.denominator * (count.definition.per if count.definition.answer == "rate" else 1)


def _written(value: float | int | None, count: Count) -> str:
    if value is None:
        return ""
    answer = count.definition.answer
    return percent(value) if answer == "share" else figure(value, 2 if answer == "rate" else 0)
