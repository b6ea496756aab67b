"""A place answers a census: each step kept as it is filled, then all of it written once, as a source of its own."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from maillage.journal import actions as journal
from maillage.network.clearance.actions.campaigns import CensusRefused
from maillage.network.clearance.models import Answer, Campaign, Invitation, Network
from maillage.network.clearance.models.campaigns import BY_LETTER, BY_MAIL, BY_PHONE, HELD, OPEN, WRITTEN
from maillage.network.clearance.permissions import let_speak
from maillage.network.clearance.queries.census_forms import Form, form_of, place_of
from maillage.network.clearance.queries.census_links import invitation_by
from maillage.places.actions import confirm_place, trust
from maillage.places.actions.lifecycle import PlaceRefused
from maillage.places.actions.sheet import answer_sheet
from maillage.places.actions.suggestions import Proposed, suggest
from maillage.places.actions.voices import LICENCE, NETWORK, TEAM
from maillage.places.models import Place
from maillage.places.queries.claims import was_suggested
from maillage.places.rules.drafts import SourceFacts

SIGNED = {BY_MAIL: trust.BY_MAIL, BY_LETTER: trust.BY_POST}
"""How what a place answers is signed, by the way its link came."""


@transaction.atomic
def begin(*, invitation_id: UUID, now: datetime) -> None:
    """Note that a place has opened its form."""
    here = _locked(invitation_id, now)
    if here.seen_at is None:
        here.seen_at = now
        here.save(update_fields=["seen_at"])


@transaction.atomic
def keep_step(
    *,
    invitation_id: UUID,
    values: Mapping[str, Any] | None = None,
    replies: Mapping[str, str] | None = None,
    is_confirmed: bool = False,
    seen: int = 0,
    by: str,
    now: datetime,
) -> None:
    """Keep what one step says, until all is sent; `seen` is the last revision that its page showed."""
    here = _locked(invitation_id, now)
    let_speak(here.campaign.network, by)
    if hasattr(here, "answer"):
        raise CensusRefused(_("Ce lieu a déjà répondu\u202f: merci."))
    draft = here.draft
    if values is not None:
        draft["values"] = {**draft.get("values", {}), **values}
        draft["seen"] = min(seen, draft.get("seen", seen))
    if is_confirmed:
        draft["confirmed"] = True
    if replies is not None:
        draft["replies"] = {**draft.get("replies", {}), **replies}
    here.draft, here.seen_at = draft, here.seen_at or now
    here.save(update_fields=["draft", "seen_at"])


@transaction.atomic
def send(*, invitation_id: UUID, way: str, is_confirmed: bool = False, by: str, now: datetime) -> Answer:
    """Write what a place answers; sent twice, it is one answer. `is_confirmed`: all the rest of the sheet is exact.

    By mail or by letter it is the place's own word; heard by telephone, the network's. What comes by an address that a
    passer-by proposed, or that the sheet no longer publishes, is not written: it waits for a person, as a suggestion.
    """
    here = _locked(invitation_id, now)
    let_speak(here.campaign.network, by)
    if hasattr(here, "answer"):
        return here.answer
    place = place_of(here)
    if place.removed_at:
        raise PlaceRefused(_("Ce lieu a quitté le registre."))
    form = form_of(here.campaign, place, draft=here.draft, now=now)
    is_confirmed = is_confirmed or bool(here.draft.get("confirmed"))
    replies = _replies(form, here.draft)
    values = here.draft.get("values", {})
    if not (values or is_confirmed or any(one["value"] and "carried" not in one for one in replies.values())):
        raise CensusRefused(_("Rien n’est encore dit\u202f: répondez à une étape, ou dites que tout est exact."))
    held = _is_held(here, place, way)
    left = _suggested(here, place, values, by=by, now=now) if held else _written(here, place, values, way, by, now)
    if is_confirmed and not held and not left and place.status != "closed":
        _confirm(place, way, by=by, now=now)
    made = Answer.objects.create(
        invitation=here,
        way=way,
        values=values,
        left=list(left),
        replies=replies,
        is_confirmed=is_confirmed and not held and not left,
        outcome=HELD if held else WRITTEN,
        answered_at=now,
        answered_by=by,
    )
    is_asked_too = Invitation.objects.filter(campaign=here.campaign_id, place=place).exclude(pk=here.pk).exists()
    Invitation.objects.filter(pk=here.pk).update(draft={}, place=here.place if is_asked_too else place)
    journal.write(
        action="clearance.census_answered",
        by=by,
        now=now,
        subject=str(place.pk),
        detail={"census": here.campaign_id, "way": way, "held": held},
    )
    return made


def source_of(campaign: Campaign, *, is_heard: bool = False) -> SourceFacts:
    """The source under which the answers to a census are kept: the place speaks; `is_heard`, its network for it."""
    network = campaign.network
    slug, name = f"recensement-{network.pk}-{campaign.edition}", f"{campaign.name}, {network.name}"
    url = settings.SITE_URL + reverse("network", args=[network.slug])
    if is_heard:
        name = f"{name} (entendu au téléphone)"
        return SourceFacts(f"{slug}-tel", name[:200], LICENCE, NETWORK.publisher, url, rank=NETWORK.rank)
    return SourceFacts(slug, name[:200], LICENCE, TEAM.publisher, url, rank=TEAM.rank)


def _replies(form: Form, draft: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    given = draft.get("replies", {})
    found: dict[str, dict[str, Any]] = {
        one.code: {"version": one.version, "value": given[one.code]} for one in form.questions if given.get(one.code)
    }
    for code, said in form.replied.items():
        found[code] = {"version": said.version, "value": said.value, "carried": True}
    return found


def _is_held(here: Invitation, place: Place, way: str) -> bool:
    """Whether the way by which an answer came proves nothing: the address may be that of whoever proposed it, or of a
    place that was merged into this one after its letter was printed.
    """
    if way == BY_MAIL:
        return here.email.lower() != place.email.lower() or was_suggested(place, "email")
    if way != BY_LETTER:
        return False
    return here.posted_at is None or here.place_id != place.pk or was_suggested(place, "street")


def _written(
    here: Invitation, place: Place, values: Mapping[str, Any], way: str, by: str, now: datetime
) -> tuple[str, ...]:
    if not values:
        return ()
    heard = answer_sheet(
        place_id=place.pk,
        values=values,
        seen=here.draft.get("seen", 0),
        told=source_of(here.campaign, is_heard=way == BY_PHONE),
        by=by,
        now=now,
        reason=f"{here.campaign.name}, {here.campaign.network.name}"[:300],
    )
    return heard.left


def _suggested(here: Invitation, place: Place, values: Mapping[str, Any], *, by: str, now: datetime) -> tuple[str, ...]:
    said = f"{here.campaign.name}, {here.campaign.network.name}"
    try:
        if values:
            suggest(proposed=Proposed(kind="edit", place=place, values=values, said=said), by=by, now=now)
    except PlaceRefused:  # the sheet says all of it already
        return ()
    return ()


def _confirm(place: Place, way: str, *, by: str, now: datetime) -> None:
    if way == BY_PHONE:
        confirm_place(place_id=place.pk, by=by, now=now)
    else:
        trust.still_right(place_id=place.pk, way=SIGNED[way], now=now)


def _locked(invitation_id: UUID, now: datetime) -> Invitation:
    """A place of a census, locked, while the census takes answers."""
    journal.lock_order()
    rows = Invitation.objects.select_for_update(of=("self",)).select_related("campaign__network", "place")
    here = rows.get(pk=invitation_id)
    campaign, network = here.campaign, here.campaign.network
    if not takes_answers(campaign, network, now) or here.ended_at is not None:
        raise CensusRefused(
            _("Ce recensement est terminé\u202f: la fiche du lieu se corrige à tout moment sur sa page.")
        )
    return here


def takes_answers(campaign: Campaign, network: Network, now: datetime) -> bool:
    """Whether a census is open today."""
    return campaign.state == OPEN and timezone.localdate(now) <= campaign.closes_on and network.closed_at is None


@transaction.atomic
def try_code(*, code: str, uses: Mapping[str, int], now: datetime) -> bool:
    """Whether a typed code is that of a letter; `uses` bounds how many somebody may try in a day."""
    journal.spend(uses=uses, now=now)
    found = invitation_by(code)
    return found is not None and found[1] == BY_LETTER
