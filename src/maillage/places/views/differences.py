"""Two values of a field side by side, what differs between them marked."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from maillage.places.labels import LABELS
from maillage.places.rules.passages import Passage, compare, shorten
from maillage.places.views.field_wording import NO_NAMES, field_label, in_french, whole

AT_A_GLANCE = 80
"""Signs up to which two texts are read at a glance, without marks."""


@dataclass(frozen=True, slots=True)
class Side:
    """One of two values: all of it, marked, and the short of it where it is long (else empty)."""

    whole: str = ""
    short: str = ""

    def __bool__(self) -> bool:
        return bool(self.whole)


@dataclass(frozen=True, slots=True)
class Sides:
    """Two values of a field; `marked` when what they share is told apart from what differs."""

    before: Side
    after: Side
    marked: bool


def sides(field: str, before: Any, after: Any, communes: Mapping[str, str] = NO_NAMES) -> Sides:
    """Two values of a field in words; where the words would be the same, the values as they are kept."""
    one, other = whole(field, before, communes), whole(field, after, communes)
    if one == other and before != after and one:
        one, other = str(before), str(after)
    if not (one and other) or max(len(one), len(other)) <= AT_A_GLANCE:
        return Sides(_side([Passage(one)]), _side([Passage(other)]), marked=False)
    mine, theirs = compare(one, other)
    if not any(passage.kind == "same" for passage in mine):
        return Sides(_side([Passage(one)]), _side([Passage(other)]), marked=False)
    return Sides(_side(mine, "del"), _side(theirs, "ins"), marked=True)


def changes(
    said: Mapping[str, list[Any]], *, first: bool = False, communes: Mapping[str, str] = NO_NAMES
) -> list[dict[str, Any]]:
    """The changes of a revision, field by field, in the order of the vocabulary.

    Of a list, only what left and what came; of the first revision, only what came.
    """
    order = {field: place for place, field in enumerate([*LABELS["fields"], "photos"])}
    told = []
    for field, (before, after) in sorted(said.items(), key=lambda item: order.get(item[0], 99)):
        if isinstance(before, list) and isinstance(after, list):
            before, after = [w for w in before if w not in after], [w for w in after if w not in before]
        both = sides(field, None if first else before, after, communes)
        told.append(
            {
                "field": field_label(field),
                "before": both.before,
                "before_french": in_french(field, before),
                "after": both.after,
                "after_french": in_french(field, after),
                "marked": both.marked,
            }
        )
    return [change for change in told if change["before"] or change["after"]]


def _side(passages: Iterable[Passage], tag: str = "") -> Side:
    told = tuple(passages)
    short = shorten(told)
    return Side(_written(told, tag), _written(short, tag) if short != told else "")


def _written(passages: Iterable[Passage], tag: str) -> SafeString:
    return format_html_join("", "{}", ((_passage(one, tag),) for one in passages))


def _passage(one: Passage, tag: str) -> SafeString:
    if one.kind == "left out":
        return format_html(' <span aria-hidden="true">[…]</span><span class="sr">{}</span>', _("(passage non montré)"))
    if one.kind == "same":
        return escape(one.text)
    space = one.text[: len(one.text) - len(one.text.lstrip())]
    return format_html(
        '{space}<{tag}><span class="sr">{start} </span>{text}<span class="sr"> {end}</span></{tag}>',
        space=space,
        tag=mark_safe(tag),
        start=_("(passage différent\u202f:"),
        text=one.text.lstrip(),
        end=_("fin du passage différent)"),
    )
