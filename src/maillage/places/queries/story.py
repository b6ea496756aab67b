"""The whole story of a place, for its team, and what taking a change back would put in its fields."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from maillage.accounts import queries as accounts
from maillage.journal.models import AuditEvent
from maillage.places.models import Place, Revision
from maillage.places.queries.team import shown
from maillage.places.rules.drafts import FIELDS
from maillage.territory.models import Commune

REVISIONS_PER_PAGE = 50
OTHER_ACTS = ("places.confirmed", "places.removed", "places.restored", "places.slug_renamed")
OTHERS_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Story:
    """One page of what happened to a place, the newest first; `others` are acts that change no field."""

    revisions: tuple[Revision, ...]
    others: tuple[AuditEvent, ...]
    total: int
    page: int
    pages: int
    names: dict[str, str]
    keys: dict[str, tuple[str, str]]
    communes: dict[str, str]


@dataclass(frozen=True, slots=True)
class TakingBack:
    """A change, each of its fields as it is shown and as it would be, and those that have changed again since."""

    revision: Revision
    fields: dict[str, list[Any]]
    overtaken: frozenset[str]
    names: dict[str, str]
    keys: dict[str, tuple[str, str]]
    communes: dict[str, str]


def story(place_id: UUID, *, page: int) -> Story:
    """The revisions of a place, fifty a page, with what else happened in the same time."""
    own = Revision.objects.filter(place_id=place_id).order_by("-number")
    total = own.count()
    pages = max(1, -(-total // REVISIONS_PER_PAGE))
    page = min(max(page, 1), pages)
    start = (page - 1) * REVISIONS_PER_PAGE
    # One more than is shown: what happened between the oldest shown and the one before it belongs to this page.
    read = list(own[max(0, start - 1) : start + REVISIONS_PER_PAGE + 1])
    newer = read.pop(0) if start else None
    revisions = read[:REVISIONS_PER_PAGE]
    others = AuditEvent.objects.filter(subject=str(place_id), action__in=OTHER_ACTS).order_by("-at", "-pk")
    if newer and revisions:
        others = others.filter(at__lt=revisions[0].at)
    if len(read) > REVISIONS_PER_PAGE:
        others = others.filter(at__gte=revisions[-1].at)
    told = tuple(others[:OTHERS_SHOWN])
    signed = [*(one.by for one in revisions), *(one.by for one in told)]
    return Story(
        revisions=tuple(revisions),
        others=told,
        total=total,
        page=page,
        pages=pages,
        names=accounts.names(signed),
        keys=accounts.key_names(signed),
        communes=_communes([revision.changes for revision in revisions]),
    )


def taking_back(place: Place, number: int) -> TakingBack | None:
    """What taking back one change of this place would do; None where there is no such change."""
    revision = Revision.objects.filter(place=place, number=number).first()
    if revision is None:
        return None
    now_shown = shown(place)
    changes = {name: pair for name, pair in revision.changes.items() if name in FIELDS}
    return TakingBack(
        revision=revision,
        fields={name: [now_shown[name], before] for name, (before, _after) in changes.items()},
        overtaken=frozenset(name for name, (_before, after) in changes.items() if now_shown[name] != after),
        names=accounts.names([revision.by]),
        keys=accounts.key_names([revision.by]),
        communes=_communes([changes, {"commune": [now_shown["commune"]]}]),
    )


def _communes(changes: list[dict[str, list[Any]]]) -> dict[str, str]:
    codes = {code for change in changes for code in change.get("commune", ()) if code}
    return dict(Commune.objects.filter(pk__in=codes).values_list("pk", "name")) if codes else {}
