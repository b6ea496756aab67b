"""A place shows its figures to somebody for a time, sees who read them, and ends it whenever it wants."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from maillage.accounts.models import User
from maillage.accounts.queries import account
from maillage.accounts.rules import RUN
from maillage.journal import actions as journal
from maillage.network.clearance.emails import helping as emails
from maillage.network.clearance.models import Grant, GrantUse, HelpRequest, Network
from maillage.network.clearance.permissions import reads
from maillage.network.clearance.queries import shown
from maillage.network.clearance.queries.grants import ending_soon, is_working
from maillage.network.clearance.queries.helping import readers_for
from maillage.network.clearance.rules.helping import ACCOUNTS, MEMBERS, PROGRAMME, USAGE, Asked, Wrong
from maillage.network.schemes.actions.door import once
from maillage.places.labels import say
from maillage.places.models import Place
from maillage.places.permissions import let_in
from maillage.places.rules.sentences import sentence

MOST_A_DAY = 10
PERSON = "personne"
FIGURES: Mapping[str, Callable[..., Any]] = {
    USAGE: shown.usage,
    ACCOUNTS: shown.ledger,
    PROGRAMME: shown.programme,
    MEMBERS: shown.members,
}


class HelpRefused(ValueError):
    """A request, an answer or an access cannot be; `wrongs` by field say what and the mend. Nothing is written."""

    def __init__(self, wrongs: Mapping[str, Wrong]) -> None:
        self.wrongs = {name: (say(one.problem), say(one.mend)) for name, one in wrongs.items()}
        super().__init__(" ".join(_said(*one) for one in self.wrongs.values()))


class AccessOver(PermissionDenied):
    """Somebody to whom figures were shown comes after the end."""


def _said(problem: str, mend: str) -> str:
    text = _("%(problem)s\u202f: %(mend)s.") % {"problem": problem, "mend": mend}
    return text[:1].upper() + text[1:]


def refuse(name: str, problem: str, mend: str) -> HelpRefused:
    """A refusal for one reason."""
    return HelpRefused({name: Wrong(problem, mend)})


@dataclass(frozen=True, slots=True)
class Holder:
    """To whom a grant is given: one of the three."""

    network: Network | None = None
    scope: str = ""
    reader: User | None = None


@dataclass(frozen=True, slots=True)
class Read:
    """What was read of a grant: the figures by share."""

    grant: Grant
    figures: Mapping[str, Any] = field(default_factory=dict)


def place_here(place: Place, act: str, by: str) -> Place:
    """A place to write on, with the right seen again; whoever writes beside waits."""
    journal.lock_order()
    here = Place.objects.select_for_update(of=("self",)).get(pk=place.pk)
    let_in(act, here, by)
    return here


def count_use(name: str, most: int, *, now: datetime) -> None:
    """Count one more act of this day; refused beyond `most`."""
    try:
        journal.spend(uses={name: most}, now=now)
    except journal.TooMany as many:
        raise refuse(
            "", sentence("c’est beaucoup pour un jour"), sentence("revenez demain, ou appelez votre réseau")
        ) from many


def give(*, place: Place, asked: Asked, email: str = "", by: str, now: datetime, key: str = "") -> Grant:
    """Show figures to a network, to those who observe a territory, or to the person of an address.

    Whoever names addresses is counted, found or not: the refusal tells who has an account here.
    """
    if asked.wrongs:
        raise HelpRefused(asked.wrongs)
    if asked.readers[0] == PERSON:
        with transaction.atomic():
            let_in(RUN, place, by)
            count_use(f"help:person:{place.pk}", MOST_A_DAY, now=now)
    return _give(place=place, asked=asked, email=email, by=by, now=now, key=key)


@transaction.atomic
def _give(*, place: Place, asked: Asked, email: str, by: str, now: datetime, key: str) -> Grant:

    def act() -> int:
        here = place_here(place, RUN, by)
        count_use(f"help:grant:{here.pk}", MOST_A_DAY, now=now)
        holder = _holder(here, asked.readers[0], email)
        return write_grant(place=here, holder=holder, asked=asked, request=None, by=by, now=now).pk

    told = [asked.readers, asked.shares, asked.days, email]
    made = once(key, act, about=f"grant:{place.pk}", by=by, now=now, told=told)
    return Grant.objects.select_related("place").get(pk=made)


def _holder(place: Place, code: str, email: str) -> Holder:
    if code == PERSON:
        user = account(email)
        if user is None or not user.is_active:
            raise refuse(
                "email",
                sentence("personne n’a de compte ici à cette adresse"),
                sentence("invitez d’abord cette personne dans l’équipe, pour observer, puis revenez"),
            )
        return Holder(reader=user)
    found = next((one for one in readers_for(place) if one.code == code), None)
    if found is None:
        raise refuse(
            "reader", sentence("ce réseau ne suit plus ce lieu"), sentence("choisissez de nouveau dans la liste")
        )
    return Holder(network=found.network, scope=found.scope)


def write_grant(
    *, place: Place, holder: Holder, asked: Asked, request: HelpRequest | None, by: str, now: datetime
) -> Grant:
    """Write a grant and its audit event, and tell a person by mail; within the transaction of the act."""
    made = Grant.objects.create(
        place=place,
        request=request,
        network=holder.network,
        scope=holder.scope,
        reader=holder.reader,
        given_at=now,
        given_by=by,
        expires_at=now + timedelta(days=asked.days),
        **dict.fromkeys(asked.shares, True),
    )
    detail = {"place": str(place.pk), "shares": list(made.shares), "days": asked.days}
    journal.write(action="clearance.access_given", by=by, now=now, subject=f"grant:{made.pk}", detail=detail)
    emails.given(grant=made, now=now)
    return made


@transaction.atomic
def end(*, place: Place, grant_id: int, by: str, now: datetime) -> Grant:
    """End an access at once; ended twice is ended once. Whoever reads at this moment has read."""
    place_here(place, RUN, by)
    found = Grant.objects.select_for_update(of=("self",)).select_related("place").get(pk=grant_id, place=place)
    end_these([found], by=by, now=now)
    return found


def end_these(grants: list[Grant], *, by: str, now: datetime) -> None:
    """End what still works of these; within the transaction of the act."""
    for one in grants:
        if is_working(one, now):
            one.ended_at, one.ended_by = now, by
            one.save(update_fields=["ended_at", "ended_by"])
            detail = {"place": str(one.place_id)}
            journal.write(action="clearance.access_ended", by=by, now=now, subject=f"grant:{one.pk}", detail=detail)


@transaction.atomic
def read(*, grant_id: int, user: User, now: datetime) -> Read:
    """Read what a grant shows, once it is written who does: the row is locked, so that an end comes before or after.

    Raises `PermissionDenied` for everybody else, and `AccessOver` for who could read before.
    """
    journal.lock_order()
    found = Grant.objects.select_for_update(of=("self",)).filter(pk=grant_id).first()
    if found is None:
        raise PermissionDenied
    by = reads(user, found)
    if not by:
        raise PermissionDenied
    if not is_working(found, now):
        raise AccessOver
    GrantUse.objects.create(grant=found, shares=" ".join(found.shares), read_at=now, read_by=by)
    detail = {"place": str(found.place_id), "shares": list(found.shares)}
    journal.write(action="clearance.access_read", by=by, now=now, subject=f"grant:{found.pk}", detail=detail)
    return Read(found, {one: FIGURES[one](found.place, now=now) for one in found.shares})


@transaction.atomic
def announce_ends(*, by: str, now: datetime) -> int:
    """Write to places, and to who reads by name, a week before an access ends; once each. Says how many."""
    journal.lock_order()
    soon = list(ending_soon(now=now).select_for_update(of=("self",)))
    for one in soon:
        emails.ending(grant=one, now=now)
        one.reminded_at = now
        one.save(update_fields=["reminded_at"])
    return len(soon)
