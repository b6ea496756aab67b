"""What a census asks of one place, and what it need not ask: the form, as it stands at this moment."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from maillage.network.clearance.models import Answer, Campaign, Invitation
from maillage.network.clearance.rules.campaigns import (
    ADDRESS,
    FIELDS,
    OWN,
    Asked,
    Replied,
    Told,
    questions_to_ask,
    told_of,
    wanted,
)
from maillage.places.models import Place, SourceRecord
from maillage.places.queries.places import standing_for
from maillage.places.queries.team import Desk
from maillage.places.queries.team import desk as desk_of


@dataclass(frozen=True, slots=True)
class Form:
    """A form for one place: the fields to ask by section, each with its reason; what stands; the own questions.

    `replied` are the own questions answered within a year, in the same version: they are not asked again.
    """

    campaign: Campaign
    desk: Desk
    sections: Mapping[str, tuple[str, ...]]
    reasons: Mapping[str, str]
    standing: tuple[str, ...]
    questions: tuple[Asked, ...]
    replied: Mapping[str, Replied]

    @property
    def place(self) -> Place:
        return self.desk.place

    @property
    def steps(self) -> tuple[str, ...]:
        return (*self.sections, *((OWN,) if self.questions else ()))


def form_of(campaign: Campaign, place: Place, *, draft: Mapping[str, Any] | None = None, now: datetime) -> Form:
    """The form that a place gets now; what it has begun to fill stays asked, whatever happened since.

    Once it has said that all the sheet tells is exact, what is old is no longer asked.
    """
    desk, begun_with = desk_of(place), draft or {}
    told = told_by(place, desk.values)
    confirmed_at = now if begun_with.get("confirmed") else place.confirmed_at
    reasons = wanted(campaign.fields, told, confirmed_at=confirmed_at, now=now)
    begun = {"street" if name in ADDRESS else name for name in begun_with.get("values", {})}
    asked = [name for name in campaign.fields if name in reasons or name in begun]
    sections = {slug: kept for slug, names in FIELDS.items() if (kept := tuple(one for one in names if one in asked))}
    standing = tuple(name for name in told if name not in asked and not told[name].is_empty)
    own, before = questions_of(campaign), replies_before(campaign, place)
    questions = questions_to_ask(own, before, now=now)
    left = {one.code for one in own} - {one.code for one in questions}
    replied = {code: before[code] for code in left}
    return Form(campaign, desk, sections, reasons, standing, tuple(questions), replied)


def place_of(invitation: Invitation) -> Place:
    """The place that a census asks: where it was merged away, the one that stands for it."""
    return standing_for(invitation.place)


def told_by(place: Place, values: Mapping[str, Any]) -> dict[str, Told]:
    """What a sheet says of each field that may be asked, and since when."""
    rows = SourceRecord.objects.filter(place=place).values_list("source__slug", "ref", "dated")
    return told_of(values, dates_of(place.provenance, {f"{slug}:{ref}": dated for slug, ref, dated in rows}))


def dates_of(provenance: Mapping[str, str], records: Mapping[str, str]) -> dict[str, str]:
    """The date of the source of each field; a field that a source of no date tells has none."""
    return {name: records.get(key, "") for name, key in provenance.items()}


def questions_of(campaign: Campaign) -> list[Asked]:
    """The network's own questions in one census, in order."""
    return [
        Asked(one.code, one.text, one.kind, tuple(one.choices), one.version)
        for one in campaign.questions.order_by("position", "pk")
    ]


def replies_before(campaign: Campaign, place: Place) -> dict[str, Replied]:
    """The last answer of a place to each question of this network, in its former censuses."""
    rows = Answer.objects.filter(invitation__campaign__network=campaign.network_id, invitation__place=place)
    found: dict[str, Replied] = {}
    for answer in rows.exclude(invitation__campaign=campaign).order_by("answered_at", "pk"):
        for code, said in answer.replies.items():
            if said.get("value") and not said.get("carried"):
                found[code] = Replied(int(said["version"]), str(said["value"]), answer.answered_at)
    return found


def invitation_of(campaign: Campaign, invitation: UUID) -> Invitation | None:
    """One place of a census."""
    rows = campaign.invitations.select_related("campaign__network", "place__commune__departement", "answer")
    return rows.filter(pk=invitation).first()
