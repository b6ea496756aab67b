"""The censuses of a network: what its places lack, how far each census is, what came of it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from maillage.network.clearance.models import Answer, Campaign, Invitation, Network, Question
from maillage.network.clearance.models.campaigns import CLOSED, DRAFT, HELD
from maillage.network.clearance.queries.census_forms import dates_of, questions_of
from maillage.network.clearance.queries.networks import places_of
from maillage.network.clearance.rules.campaigns import ASKABLE, LOOKED_FOR, PROPOSED, Asked, may_remind, told_of, wanted
from maillage.network.clearance.rules.census_results import (
    Line,
    Result,
    by_territory,
    result,
    shown_to_all,
    state,
)
from maillage.places.models import Feature, Place, SourceRecord

MOST_PLACES, MOST_LETTERS, MOST_SHOWN = 5_000, 50, 500
_TOLD = tuple(name for name in ASKABLE if name not in ("activities", "services", "access", "labels", "legal_forms"))


@dataclass(frozen=True, slots=True)
class Need:
    """How many places of a perimeter lack a field, or say it since over a year."""

    field: str
    missing: int
    old: int

    @property
    def total(self) -> int:
        return self.missing + self.old


@dataclass(frozen=True, slots=True)
class Asking:
    """A place of a census as its network follows it."""

    invitation: Invitation
    state: str
    answer: Answer | None


@dataclass(frozen=True, slots=True)
class Followed:
    """How far a census is: places invited and answered; of those who wait, whom a mail or a letter may reach now."""

    askings: tuple[Asking, ...]
    lines: tuple[Line, ...]
    answered: int
    invited: int
    to_remind: int
    to_post: int
    to_invite: int
    held: int


def campaigns_of(network: Network) -> list[Campaign]:
    """The censuses of a network, the newest first."""
    return list(network.campaigns.order_by("-made_at", "-pk"))


def campaign_of(network: Network, edition: str) -> Campaign | None:
    return network.campaigns.filter(edition=edition).select_related("network").first()


def shown_campaign(network: Network, edition: str) -> Campaign | None:
    """A census that everybody may read about: it has been opened."""
    return network.campaigns.filter(edition=edition).exclude(state=DRAFT).select_related("network").first()


def asked_places(network: Network) -> QuerySet[Place]:
    """The places that a census of this network asks: those of its perimeter that have not closed."""
    return places_of(network).exclude(status="closed")


def needs(network: Network, *, now: datetime) -> tuple[list[Need], int]:
    """Field by field, how many places of a perimeter lack it or say it of old, the worst first; of how many places."""
    places = list(asked_places(network).order_by("pk")[:MOST_PLACES])
    ids = [place.pk for place in places]
    words: dict[Any, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for place_id, kind, code in Feature.objects.filter(place__in=ids).values_list("place_id", "kind", "code"):
        words[place_id][kind].append(code)
    dates: dict[Any, dict[str, str]] = defaultdict(dict)
    rows = SourceRecord.objects.filter(place__in=ids).values_list("place_id", "source__slug", "ref", "dated")
    for place_id, slug, ref, dated in rows:
        dates[place_id][f"{slug}:{ref}"] = dated
    missing: dict[str, int] = dict.fromkeys(ASKABLE, 0)
    old: dict[str, int] = dict.fromkeys(ASKABLE, 0)
    for place in places:
        values = {name: getattr(place, name) for name in (*_TOLD, "precision")}
        values |= {name: words[place.pk][name] for name in ASKABLE if name not in _TOLD}
        told = told_of(values, dates_of(place.provenance, dates[place.pk]))
        for name, reason in wanted(ASKABLE, told, confirmed_at=place.confirmed_at, now=now).items():
            (missing if reason == "missing" else old)[name] += 1
    listed = [Need(name, missing[name], old[name]) for name in ASKABLE]
    return sorted(listed, key=lambda one: (-one.total, ASKABLE.index(one.field))), len(places)


def proposed(found: Sequence[Need]) -> list[str]:
    """The fields that a new census proposes to ask: of those that visitors look for, the most missing or old."""
    return [one.field for one in found if one.field in LOOKED_FOR and one.total][:PROPOSED]


def earlier_questions(network: Network) -> dict[str, Asked]:
    """The last version of each question that a network ever asked, by its code; those of drafts left out."""
    rows = Question.objects.filter(campaign__network=network).exclude(campaign__state=DRAFT)
    return {
        one.code: Asked(one.code, one.text, one.kind, tuple(one.choices), one.version)
        for one in rows.order_by("version", "pk")
    }


def followed(campaign: Campaign, *, by: str = "dep", now: datetime) -> Followed:
    """How far a census is, by département or by EPCI ("epci")."""
    askings = _askings(campaign)
    lines = by_territory((_territory(one.invitation.place, by), one.state) for one in askings)
    waiting = [one.invitation for one in askings if one.answer is None]
    remind = [
        one for one in waiting if one.email and may_remind(mailed_at=one.mailed_at, reminders=one.reminders, now=now)
    ]
    answered = len(askings) - len(waiting)
    held = sum(1 for one in askings if one.answer is not None and one.answer.outcome == HELD)
    return Followed(
        askings=tuple(askings),
        lines=tuple(lines),
        answered=answered,
        invited=len(askings),
        to_remind=len(remind),
        to_post=len(to_post(campaign)),
        to_invite=not_invited(campaign).count(),
        held=held,
    )


def _askings(campaign: Campaign) -> list[Asking]:
    rows = campaign.invitations.filter(ended_at__isnull=True).select_related(
        "place__commune__departement", "place__commune__epci", "answer"
    )
    told = []
    for one in rows.order_by("place__sort_name", "pk"):
        answer = getattr(one, "answer", None)
        reached = one.mailed_at is not None or one.posted_at is not None
        where = state(answered=answer is not None, seen=one.seen_at is not None, reached=reached)
        told.append(Asking(one, where, answer))
    return told


def _territory(place: Place, by: str) -> str:
    commune = place.commune
    if commune is None:
        return ""
    held = commune.epci if by == "epci" else commune.departement
    return held.name if held is not None else ""


def not_invited(campaign: Campaign) -> QuerySet[Place]:
    """The places of the perimeter that a census has not asked, nor let go."""
    known = Invitation.objects.filter(campaign=campaign).values("place")
    return asked_places(campaign.network).exclude(pk__in=known)


def to_post(campaign: Campaign) -> list[Invitation]:
    """The places that no mail reaches and that have an address for a letter, not printed yet first."""
    rows = campaign.invitations.filter(ended_at__isnull=True, answer__isnull=True, mailed_at__isnull=True)
    rows = rows.exclude(place__street="").select_related("place__commune")
    return list(rows.order_by("posted_at", "place__sort_name", "pk")[:MOST_LETTERS])


def to_phone(campaign: Campaign) -> list[Asking]:
    """The places that have not answered, those that nothing reached first."""
    waiting = [one for one in _askings(campaign) if one.answer is None]
    return sorted(waiting, key=lambda one: one.state != "unreached")


def results(campaign: Campaign) -> list[Result]:
    """What places said to each question of the network's own, all of it."""
    rows = Answer.objects.filter(invitation__campaign=campaign, invitation__ended_at__isnull=True).order_by("pk")
    said = list(rows.values_list("replies", flat=True))
    invited = campaign.invitations.filter(ended_at__isnull=True).count()
    return [
        result(one, [str(replies.get(one.code, {}).get("value", "")) for replies in said], invited=invited)
        for one in questions_of(campaign)
    ]


def public_results(campaign: Campaign) -> list[Result]:
    """The same without what would point at a place, once it is closed: read day after day while answers come in, the
    difference of two sums would be the answer of one place.
    """
    return [shown_to_all(one) for one in results(campaign)] if campaign.state == CLOSED else []
