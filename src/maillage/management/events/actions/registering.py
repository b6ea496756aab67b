"""The one door to a seat: a visitor registers, the team registers somebody, and either gives the seats back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from maillage.accounts.models import User
from maillage.journal import actions as journal
from maillage.management.bookings.actions.receiving import person_named
from maillage.management.events import emails
from maillage.management.events.actions import seating
from maillage.management.events.actions.door import EventsRefused, enter, note, once, refuse, session_here
from maillage.management.events.models import CANCELLED, WAITING, Registration, Session
from maillage.management.events.rules.entries import PARTY_MOST
from maillage.management.people.actions.persons import add_person, introduce
from maillage.management.people.models import Person
from maillage.places.models import Place
from maillage.places.rules.sentences import sentence as _

VISITOR = "visiteur"
"""How what somebody without an account writes is signed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Who asks, as they said: `raw` holds name, e-mail and phone; `language` is that of their mails."""

    raw: Mapping[str, str]
    account: User | None = None
    by: str = VISITOR
    language: str = "fr"
    uses: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Done:
    """The registration that leads its party; not `is_new` when the same had been asked before."""

    made: Registration
    is_new: bool


def register(*, session_id: int, visitor: Visitor, party: int, now: datetime, idempotency_key: str = "") -> Done:
    """Give a visitor and those they bring seats, or a turn on the waiting list, and mail the facts; once under a key.

    Raises `EventsRefused`, `PeopleRefused` for what was said of the person, `KeyReused` for a known key with another
    request. Whoever is registered already is not shown to a stranger who knows name and address: a mail goes there.
    """
    done, is_theirs = _register(session_id, visitor, party, now=now, key=idempotency_key)
    # Only now: raised within the transaction, this would take the mail back.
    if not is_theirs:
        raise refuse(
            "email",
            _("une inscription à cette séance est déjà faite à ce nom et à cette adresse"),
            _("ouvrez le lien que le courriel de confirmation vient d’apporter de nouveau"),
        )
    return done


@transaction.atomic
def _register(session_id: int, visitor: Visitor, party: int, *, now: datetime, key: str) -> tuple[Done, bool]:
    """What was made or found, and whether who asks may see it."""
    session = session_here(session_id)
    made: list[Registration] = []
    known: list[Registration] = []

    def act() -> int:
        _check_open(session, now)
        check_party(session, party)
        person = _who(session, visitor, now=now)
        twice = active(session, person)
        if twice is not None:
            known.append(twice)
        else:
            made.append(enlist(session, person, party, visitor.language, by=visitor.by, now=now))
        return int((made or known)[0].pk)

    told = [dict(visitor.raw), visitor.account.pk if visitor.account else None, party]
    pk = once(key, act, caller=f"{visitor.by} session:{session_id}", now=now, told=told)
    lead = Registration.objects.select_related("person", "session__event__place").get(pk=pk)
    if made or known:
        emails.say_done(registration=lead, now=now)
        if visitor.uses:
            journal.spend(uses=visitor.uses, now=now)
    own = visitor.account is not None and lead.person is not None and lead.person.account_id == visitor.account.pk
    return Done(lead, bool(made)), own or not known


@transaction.atomic
def register_for(
    *, place: Place, session_id: int, raw: Mapping[str, str], party: int, by: str, now: datetime, key: str = ""
) -> Registration:
    """Register somebody by the team: a name is enough, found or added; possible until the session is over.

    Raises `EventsRefused`, `PeopleRefused`, `KeyReused`.
    """
    enter(place, by)
    session = session_here(session_id, place)

    def act() -> int:
        check_takes(session)
        if session.end <= now:
            raise _past()
        check_party(session, party)
        person = somebody(place, raw, by=by, now=now)
        if active(session, person) is not None:
            problem = _("cette personne est déjà inscrite à cette séance")
            raise refuse("name", problem, _("retrouvez-la dans la liste des inscrits"))
        lead = enlist(session, person, party, emails.FRENCH, by=by, now=now)
        emails.say_done(registration=lead, now=now)
        return int(lead.pk)

    caller = f"{by} session:{session_id}"
    return Registration.objects.get(pk=once(key, act, caller=caller, now=now, told=[dict(raw), party]))


@transaction.atomic
def withdraw(*, registration_id: int, by: str, now: datetime, place: Place | None = None) -> Registration:
    """Give back the seats of a party, or its turn, before the session begins; twice is once.

    With a `place`: by its team, for a registration there, with the right seen again; without: from the link.
    """
    if place is not None:
        enter(place, by)
    mine = {"session__event__place": place} if place else {}
    found = Registration.objects.get(pk=registration_id, part_of__isnull=True, **mine)
    session = session_here(found.session_id)
    lead = Registration.objects.select_related("person").get(pk=registration_id)
    if lead.state == CANCELLED:
        return lead
    if session.start <= now:
        raise refuse(
            "session",
            _("cette séance a déjà commencé"),
            _("dites à l’équipe du lieu qui n’est pas venu"),
        )
    end_party(lead, now=now)
    note("events.withdrawn", session, by=by, now=now, registration=lead.pk)
    seating.move_up(session, by=by, now=now)
    lead.refresh_from_db()
    return lead


def end_party(lead: Registration, *, now: datetime) -> None:
    """End the registrations of a party, under the lock of its session."""
    ids = [row.pk for row in seating.rows_of(lead)]
    ended = {"state": CANCELLED, "seat": None, "changed_at": now, "arrived_at": None, "missed_at": None}
    Registration.objects.filter(pk__in=ids).update(**ended)


def check_takes(session: Session) -> None:
    """Refuse what no longer takes anybody, or never did."""
    event = session.event
    if session.cancelled_at is not None:
        raise refuse("session", _("cette séance est annulée"), _("choisissez-en une autre"))
    if event.archived_at is not None:
        raise refuse("session", _("cet événement est rangé"), _("choisissez-en un autre"))
    if not event.takes_registrations or session.capacity is None:
        raise refuse("session", _("on y vient sans s’inscrire"), _("venez, simplement"))


def somebody(place: Place, raw: Mapping[str, str], *, by: str, now: datetime) -> Person:
    """The person whom the team means by these words, added when nobody is."""
    known = person_named(place, raw)
    return known or Person.objects.get(pk=add_person(place=place, raw=raw, by=by, now=now))


def _check_open(session: Session, now: datetime) -> None:
    check_takes(session)
    place = session.event.place
    if session.event.published_at is None or place.removed_at is not None or place.status == "closed":
        raise _offline()
    if session.start <= now:
        raise _past()


def check_party(session: Session, party: int) -> None:
    most = min(PARTY_MOST, session.capacity or 0)
    if not 1 <= party <= most:
        mend = _("écrivez un nombre de %(least)d à %(most)d", least=1, most=most)
        raise refuse("party", _("ce nombre de personnes ne va pas"), mend)


def _who(session: Session, visitor: Visitor, *, now: datetime) -> Person:
    if visitor.account is None and not visitor.raw.get("email", "").strip():
        raise refuse(
            "email",
            _("il manque votre adresse électronique"),
            _("écrivez-la\u202f: la confirmation et le lien pour annuler y arrivent"),
        )
    place = session.event.place
    person = introduce(place=place, raw=visitor.raw, account=visitor.account, by=visitor.by, now=now)
    if person.left_at is not None:
        # The reason would tell a stranger that the place knows this address.
        raise _offline()
    return person


def active(session: Session, person: Person) -> Registration | None:
    rows = Registration.objects.filter(session=session, person=person, part_of__isnull=True)
    return rows.exclude(state=CANCELLED).first()


def enlist(session: Session, person: Person, party: int, language: str, *, by: str, now: datetime) -> Registration:
    """Put a party on the list, then on its seats where they are enough."""
    given = {"session": session, "state": WAITING, "asked_at": now, "made_by": by, "changed_at": now}
    lead = Registration.objects.create(**given, person=person, language=language[:2])
    for _one in range(party - 1):
        Registration.objects.create(**given, part_of=lead, language=language[:2])
    seated = seating.take(seating.rows_of(lead), now=now)
    act = "events.registered" if seated else "events.waited"
    note(act, session, by=by, now=now, registration=lead.pk, party=party)
    return lead


def _past() -> EventsRefused:
    return refuse("session", _("cette séance est passée ou a commencé"), _("choisissez-en une autre"))


def _offline() -> EventsRefused:
    return refuse(
        "session",
        _("cette inscription ne peut pas se faire en ligne"),
        _("appelez le lieu, ou écrivez-lui\u202f: ses coordonnées sont sur sa fiche"),
    )
