"""Places agree to honour one another's carnets: one proposes, each comes in and leaves by its own team."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import models, transaction

from maillage.accounts.rules import RUN
from maillage.journal import actions as journal
from maillage.management.billing.queries.days import today_at
from maillage.management.people.rules.entries import Read
from maillage.network.schemes import emails
from maillage.network.schemes.actions.door import SchemesRefused, once, refuse
from maillage.network.schemes.models import Roaming, RoamingPlace
from maillage.network.schemes.queries.roaming import can_be_invoiced, places_named, stay_of
from maillage.network.schemes.rules import roaming as rules
from maillage.places.models import Place
from maillage.places.permissions import let_in
from maillage.places.rules.sentences import sentence as _


def enter(place: Place, by: str, act: str) -> Place:
    """Take one's turn, then see again that who signs still may; the place as it is now."""
    journal.lock_order()
    here = Place.objects.select_related("commune__departement").get(pk=place.pk)
    let_in(act, here, by)
    return here


def note(action: str, subject: models.Model, *, place: Place, by: str, now: datetime, **detail: Any) -> None:
    """Write the audit event of an act of roaming: which row, where, and never whose carnet."""
    told = {"place": str(place.pk), **detail}
    journal.write(action=action, by=by, now=now, subject=f"{subject._meta.model_name}:{subject.pk}", detail=told)


@transaction.atomic
def propose(*, place: Place, raw: Mapping[str, str], by: str, now: datetime, key: str = "") -> Roaming:
    """Propose an agreement to other places: who proposes it is in, the others are invited.

    Raises `SchemesRefused`, `KeyReused`; the same form sent again is the same agreement.
    """
    here = enter(place, by, RUN)
    today = today_at(here, now)
    read = rules.read_terms(raw, today=today)
    others = _places(read, [here.pk])
    if read.wrongs:
        raise SchemesRefused(read.wrongs)
    _can_be_invoiced(here, now)
    terms = {name: read.values[name] for name in ("name", "price_cents", "notice_days", "starts_on")}

    def act() -> int:
        made = Roaming.objects.create(place=here, **terms, made_at=now, made_by=by)
        first = max(today, made.starts_on)
        known = {"invited_at": now, "invited_by": by, "is_first": True}
        joined = {"first_day": first, "joined_at": now, "joined_by": by}
        RoamingPlace.objects.create(agreement=made, place=here, **known, **joined)
        note("schemes.roaming_proposed", made, place=here, by=by, now=now, label=made.name)
        _invite(made, here, others, is_first=True, by=by, now=now)
        return int(made.pk)

    told = {**terms, "places": [str(one.pk) for one in others]}
    return Roaming.objects.get(pk=once(key, act, about=f"roaming {here.pk}", by=by, now=now, told=told))


@transaction.atomic
def invite(*, place: Place, agreement_id: int, raw: Mapping[str, str], by: str, now: datetime) -> int:
    """Invite more places to an agreement in which one is: they come in after the notice; how many were invited."""
    here = enter(place, by, RUN)
    mine = _row(here, agreement_id)
    today = today_at(here, now)
    if rules.state(stay_of(mine), today) not in (rules.COMING, rules.IN):
        raise refuse("places", _("ce lieu n’est pas dans l’accord"), _("entrez-y d’abord"))
    read = Read()
    read.values["lines"] = rules.read_places(read, raw)
    known = list(RoamingPlace.objects.filter(agreement=agreement_id).values_list("place_id", flat=True))
    others = _places(read, known)
    if not read.wrongs and len(known) + len(others) > rules.MOST_PLACES:
        read.wrong("places", _("cet accord aurait trop de lieux"), _("proposez-en un autre"))
    if read.wrongs:
        raise SchemesRefused(read.wrongs)
    _invite(mine.agreement, here, others, is_first=False, by=by, now=now)
    return len(others)


@transaction.atomic
def join(*, place: Place, agreement_id: int, by: str, now: datetime) -> RoamingPlace:
    """Come into an agreement, as the terms of the invitation say; joined again is joined once."""
    here = enter(place, by, RUN)
    mine = _row(here, agreement_id)
    if mine.first_day is not None:
        return mine
    _can_be_invoiced(here, now)
    mine.first_day = rules.first_day(
        today=today_at(here, now),
        starts_on=mine.agreement.starts_on,
        invited_on=today_at(here, mine.invited_at),
        notice_days=mine.agreement.notice_days,
        is_first=mine.is_first,
    )
    mine.joined_at, mine.joined_by, mine.left_at, mine.left_by = now, by, None, ""
    mine.save(update_fields=["first_day", "joined_at", "joined_by", "left_at", "left_by"])
    note("schemes.roaming_joined", mine, place=here, by=by, now=now, since=mine.first_day.isoformat())
    return mine


@transaction.atomic
def decline(*, place: Place, agreement_id: int, by: str, now: datetime) -> RoamingPlace:
    """Say no to an invitation; one may still come in later."""
    here = enter(place, by, RUN)
    mine = _row(here, agreement_id)
    if mine.first_day is not None:
        raise refuse("", _("ce lieu est déjà dans l’accord"), _("quittez-le, avec son préavis"))
    if mine.left_at is None:
        mine.left_at, mine.left_by = now, by
        mine.save(update_fields=["left_at", "left_by"])
        note("schemes.roaming_declined", mine, place=here, by=by, now=now)
    return mine


@transaction.atomic
def leave(*, place: Place, agreement_id: int, by: str, now: datetime) -> RoamingPlace:
    """Say that one leaves: the notice runs from today, and what is used until its last day is still owed."""
    here = enter(place, by, RUN)
    mine = _row(here, agreement_id)
    if mine.first_day is None:
        raise refuse("", _("ce lieu n’est pas dans l’accord"), _("il n’y a rien à quitter"))
    if mine.last_day is None:
        notice = mine.agreement.notice_days
        mine.last_day = rules.last_day(today=today_at(here, now), starts=mine.first_day, notice_days=notice)
        mine.left_at, mine.left_by = now, by
        mine.save(update_fields=["last_day", "left_at", "left_by"])
        note("schemes.roaming_left", mine, place=here, by=by, now=now, ends_on=mine.last_day.isoformat())
    return mine


@transaction.atomic
def stay(*, place: Place, agreement_id: int, by: str, now: datetime) -> RoamingPlace:
    """Take a departure back, as long as the last day is not over."""
    here = enter(place, by, RUN)
    mine = _row(here, agreement_id)
    if mine.last_day is None:
        return mine
    if today_at(here, now) > mine.last_day:
        raise refuse(
            "", _("ce lieu a quitté l’accord"), _("proposez-en un nouveau, aux mêmes conditions ou à d’autres")
        )
    mine.last_day, mine.left_at, mine.left_by = None, None, ""
    mine.save(update_fields=["last_day", "left_at", "left_by"])
    note("schemes.roaming_stayed", mine, place=here, by=by, now=now)
    return mine


def _row(place: Place, agreement_id: int) -> RoamingPlace:
    rows = RoamingPlace.objects.select_for_update(of=("self",), no_key=True).select_related("agreement")
    return rows.get(place=place, agreement=agreement_id)


def _places(read: Read, known: Sequence[Any]) -> list[Place]:
    """The places that were typed; one that is in already, or that nobody knows, is a wrong of `read`."""
    if "places" in read.wrongs:
        return []
    found, lost = places_named(read.values["lines"])
    twice = next((one for one in found if one.pk in known), None)
    if lost:
        problem = _(
            "«\u202f%(name)s\u202f» n’est pas un lieu de l’annuaire, ou plusieurs portent ce nom", name=lost[0][:60]
        )
        read.wrong("places", problem, _("collez l’adresse de sa page, comme /lieux/la-boutique/"))
    elif twice is not None:
        problem = _("%(name)s est déjà dans cet accord, ou y est invité", name=twice.name[:60])
        read.wrong("places", problem, _("retirez sa ligne"))
    return found


def _can_be_invoiced(here: Place, now: datetime) -> None:
    if not can_be_invoiced(here, today_at(here, now)):
        problem = _("ce lieu n’a pas encore dit qui facture")
        raise refuse(
            "",
            problem,
            _("remplissez «\u202fQui facture\u202f», à «\u202fArgent\u202f»\u202f: chaque mois se règle par factures"),
        )


def _invite(made: Roaming, here: Place, others: Sequence[Place], *, is_first: bool, by: str, now: datetime) -> None:
    for one in others:
        row = RoamingPlace.objects.create(agreement=made, place=one, invited_at=now, invited_by=by, is_first=is_first)
        note("schemes.roaming_invited", row, place=one, by=by, now=now)
        emails.invite_to_roaming(agreement=made, place=one, inviting=here, now=now)
