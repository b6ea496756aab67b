"""Two places with everything a team can have, where whatever is not public bears a canary word."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db import transaction
from django.utils import timezone
from PIL import Image

from maillage.accounts.actions import Invited, invite, make_key, revoke_key
from maillage.accounts.models import Membership
from maillage.accounts.rules import COLLEAGUE, OBSERVER, place_scope
from maillage.journal.emails import keep
from maillage.management.billing.actions.debits import sign_mandate
from maillage.management.billing.actions.drafting import begin_draft
from maillage.management.billing.actions.issuing import issue_at_once
from maillage.management.billing.actions.paying import record_payment
from maillage.management.billing.actions.pricing import add_list, add_price
from maillage.management.billing.actions.receipts import issue_receipt
from maillage.management.billing.actions.receiving import file_received
from maillage.management.billing.actions.slips import make_slip
from maillage.management.billing.formats.xml import cii
from maillage.management.billing.models import BankLine, Customer, DebitRun, Hint, Seller
from maillage.management.billing.rules.documents import read as read_document
from maillage.management.billing.rules.drafts import DraftLine
from maillage.management.bookings.models import (
    Authorisation,
    Booking,
    Closure,
    Feed,
    OpeningRule,
    Settings,
    Space,
    Unit,
    Visit,
    Waiting,
)
from maillage.management.bookings.queries.links import token_of
from maillage.management.bookings.rules.spans import Span
from maillage.management.events.actions.programme import add_event, publish
from maillage.management.events.actions.registering import register_for
from maillage.management.events.actions.sessions import add_sessions
from maillage.management.events.models import OwnCalendar
from maillage.management.events.queries.links import secret_of
from maillage.management.events.queries.links import token_of as enrolment_of
from maillage.management.passes.actions import ledger
from maillage.management.passes.models import Formula, Subscription
from maillage.management.people.actions.bodies import add_membership, add_organisation
from maillage.management.people.actions.persons import add_person
from maillage.management.people.models import Person as Known
from maillage.network.schemes.actions import accrediting
from maillage.network.schemes.actions.issuing import hand_out, hand_sheet
from maillage.network.schemes.actions.redeeming import Counted, redeem, settle
from maillage.network.schemes.actions.schemes import add_scheme
from maillage.network.schemes.models import Claim
from maillage.network.schemes.queries.keys import token_of as card_token
from maillage.places import queries as places
from maillage.places.actions import record_many
from maillage.places.actions.lifecycle import remove_place
from maillage.places.actions.photos import add_photo
from maillage.places.actions.sheet import edit_sheet
from maillage.places.models import Photo, Place, Revision, SourceRecord
from maillage.places.rules.drafts import Draft
from maillage.territory.models import Ground
from tests import ground
from tests.authorisation.files import file_of
from tests.authorisation.rules import ABSENT, CROSSED, LOST, OTHER, OWN
from tests.authorisation.travels import Travels, travels_of
from tests.authorisation.voices import Voices, voices_of
from tests.network.schemes.valley import NEWCOMER
from tests.network.schemes.valley import RAW as VALLEY
from tests.people import People, Person, gather, join, signed_in
from tests.web import cast

HERE, THERE, NOBODY, MEMBER = CANARIES = ("canarivert", "canaribleu", "canarinoir", "canarirose")
"""Private to the place; private to the other place; shown by no page to anybody; the members of the place."""
SEES = {
    HERE: frozenset({"nadine", "karim", "operator", "ines", "perrin"}),
    THERE: frozenset({"lila", "operator"}),
    MEMBER: frozenset({"nadine", "karim", "operator"}),
    NOBODY: frozenset({"operator"}),
}


@dataclass
class Things:
    """What a team has, by the names that addresses use."""

    slug: str
    photo: int
    membership: int
    invitation: int
    key: int
    number: int
    file: str
    token: str
    secret: str
    reading_secret: str
    revoked_secret: str
    place: Place
    members: "Members"
    online: "Online"
    desk: "Desk"
    programme: "Programme"
    tariffs: "Tariffs"
    papers: "Papers"
    gifts: "Gifts"
    till: "Till"
    vouchers: "Vouchers"
    travels: Travels
    voices: Voices

    def values(self) -> dict[str, Any]:
        own = {name: getattr(self, name) for name in ("slug", "photo", "membership", "invitation", "key", "number")}
        own |= asdict(self.members) | asdict(self.online) | asdict(self.desk) | asdict(self.programme)
        return (
            own
            | asdict(self.tariffs)
            | asdict(self.papers)
            | asdict(self.gifts)
            | asdict(self.till)
            | asdict(self.vouchers)
            | asdict(self.travels)
            | asdict(self.voices)
        )


@dataclass
class Members:
    """Somebody of a place, who may be known twice, with a membership; an organisation."""

    person: int
    twin: int
    adhesion: int
    body: int


@dataclass
class Online:
    """What a visitor may reach of what is booked: a space, a booking's link, a link to a place on a waiting list."""

    space: str
    space_id: int
    ticket: str
    turn: str


@dataclass
class Desk:
    """What the team books, opens and closes: a space and its unit, a booking, hours, a closure, a visit."""

    room: int
    unit: int
    booking: int
    opening: int
    closure: int
    feed: int
    visit: int
    authorisation: int
    day: str


@dataclass
class Programme:
    """An event that everybody may read, by its address and its number, its session, who registered and their link;
    the secret of somebody's calendar.
    """

    event: str
    entry: int
    session: int
    registration: int
    enrolment: str
    secret: str


@dataclass
class Tariffs:
    """A list of prices and a line of it, a formula, a carnet with its use, and a subscription, by their numbers."""

    tariff: int
    price: int
    formula: int
    carnet: int
    movement: int
    subscription: int


@dataclass
class Papers:
    """An invoice that was issued, one that came from a supplier, an account and a draft for it."""

    invoice: int
    received: int
    customer: int
    draft: int


@dataclass
class Gifts:
    """A gift that may get a receipt, and the receipt of another."""

    gift: int
    receipt: int


@dataclass
class Till:
    """A cheque on its slip, a line of the bank, a mandate and a file of debits, a payment that nobody claims."""

    payment: int
    slip: int
    line: int
    mandate: int
    run: int
    hint: int


@dataclass
class Vouchers:
    """A scheme that pays half-days at the place: its place, its referrer and link, a card, a sheet, a half-day."""

    scheme: int
    accreditation: int
    referrer: int
    claim: int
    redemption: int
    link: str
    card: str
    signed: str
    batch: str
    month_text: str = "2026-11"


@dataclass
class World:
    people: People
    own: Things
    other: Things
    removed: Place
    hidden_file: str
    passkeys: dict[str, int]
    secrets: list[str] = field(default_factory=list)
    """What no answer may ever hold: fingerprints, keys, passwords, links."""
    sessions: dict[str, str] = field(default_factory=dict)
    files: dict[str, dict[str, int]] = field(default_factory=dict)
    """By target, what an officer brought in: Inès, or one of elsewhere."""

    def person(self, key: str) -> Person:
        return getattr(self.people, key)

    def values(self, target: str, person: str) -> dict[str, Any]:
        """What stands in an address for a target, asked by somebody."""
        common = {"section": "presentation", "frame": "france", "page": "donnees", "uidb36": "1", "key": "x-y"}
        common |= {"counter": "rural"} | {"object_id": "1", "app_label": "places", "url": "x", "content_type_id": "1"}
        common |= {"version": "1.0.0", "document": "table-schema.json", "dump": "lieux-2026-11-23.gpx.gz"}
        common |= {"code": "dep:39", "rest": "v9/rien"} | {"z": "6", "x": "33", "y": "22", "part": "france"}
        common |= {
            "what": "ferme",
            "provider": "helloasso",
            "reference": "commune-39093",
            "kept": "0123456789",
            "kind": "json",
            "step": "contact",
        }
        name = self.own.file.rpartition("/")[2]
        passkey = self.passkeys["nadine"]
        if target == OWN:
            mine = self.passkeys.get(person, passkey)
            own = {**common, **self.own.values(), **self.files[OWN], "place": self.own.slug}
            return {**own, "name": name, "token": self.own.token, "pk": mine}
        if target == OTHER:
            theirs = self.passkeys["lila" if person != "lila" else "nadine"]
            return {
                **common,
                **self.other.values(),
                **self.files[OTHER],
                "place": self.other.slug,
                "name": self.other.file.rpartition("/")[2],
                "token": self.other.token,
                "pk": theirs,
            }
        if target == CROSSED:
            theirs = {
                **common,
                **self.other.values(),
                **self.files[OTHER],
                "slug": self.own.slug,
                "link": self.own.vouchers.link,
            }
            theirs["network"] = self.own.voices.network
            return {**theirs, "name": self.hidden_file.rpartition("/")[2]}
        numbers = ("photo", "membership", "invitation", "key", "number", "pk", "person", "twin", "adhesion", "body")
        numbers += ("room", "unit", "booking", "opening", "closure", "feed", "visit", "authorisation")
        numbers += ("entry", "session", "registration", "tariff", "price", "invoice", "received", "gift", "receipt")
        numbers += ("customer", "draft", "formula", "carnet", "movement", "subscription")
        numbers += ("payment", "slip", "line", "mandate", "run", "hint")
        numbers += (
            "scheme",
            "accreditation",
            "referrer",
            "claim",
            "redemption",
            "agreement",
            "counted",
            "bill",
            "asked",
            "need",
            "grant",
            "pair",
            "merge",
            "intake",
            "brought",
            "pull",
        )
        nothing = dict.fromkeys(numbers, 987_654_321) | {"day": "2026-02-30", "suggestion": UUID(int=7)}
        nothing |= {"asking": UUID(int=7), "edition": "rien", "invited": "x" * 43, "quiet": "x" * 43}
        if target == LOST:
            here = {"slug": self.own.slug, "network": self.own.voices.network}
            return {**common, **nothing, **here, "section": "inconnue", "month_text": "2026-11"}
        assert target == ABSENT
        common |= {"part": "00", "code": "dep:99", "place": "rien", "reference": "commune-99999"}
        lost = {
            "slug": "lieu-inconnu",
            "name": f"{'0' * 40}.webp",
            "token": "x" * 43,
            "frame": "inconnue",
            "part": "00",
            "space": "rien",
            "space_id": 987_654_321,
            "ticket": f"1-{'x' * 43}",
            "turn": f"1-{'x' * 43}",
            "event": "rien",
            "enrolment": f"1-{'x' * 43}",
            "secret": f"1-1-{'x' * 43}",
            "link": "x" * 43,
            "follow": "x" * 43,
            "network": "rien",
            "still": "x" * 43,
            "what": "rien",
            "suggestion": UUID(int=7),
            "card": "00000-00000",
            "batch": "rien",
            "signed": "MP1.rien",
            "month_text": "2026-11",
        }
        return {**common, **nothing, **lost, "page": "inconnue", "uidb36": "zzzz", "counter": "inconnu"}


def picture(colour: str) -> bytes:
    buffer = BytesIO()
    Image.new("RGB", (96, 80), colour).save(buffer, "PNG")
    return buffer.getvalue()


def _add_photo(place: Place, colour: str, alt: str, by: str, now: datetime) -> Photo:
    pk = add_photo(place_id=place.pk, data=picture(colour), alt=alt, licence="CC BY 4.0", by=by, now=now)
    return Photo.objects.get(pk=pk)


def _edit(place: Place, description: str, by: str, now: datetime) -> None:
    last = Revision.objects.filter(place=place).order_by("-number").first()
    edit_sheet(place_id=place.pk, values={"description": description}, seen=last.number, by=by, now=now)


def _online(place: Place, canary: str, now: datetime) -> Online:
    """A space that takes bookings online, one booking of it by somebody whom only the place knows, one who waits."""
    Settings.objects.update_or_create(place=place, defaults={"is_online": True})
    space = Space.objects.create(place=place, slug=f"salle-{CANARIES.index(canary)}", name="Salle", kind="room")
    unit = Unit.objects.create(space=space, name="Salle")
    person = Known.objects.create(place=place, name=canary, email=f"{canary}@example.org", created_at=now)
    times = {"start": now + timedelta(days=2), "end": now + timedelta(days=2, hours=1)}
    given = {"place": place, "space": space, "unit": unit, "person": person, "purpose": canary, "status": "confirmed"}
    booking = Booking.objects.create(**given, **times, made_at=now, made_by="essai", changed_at=now)
    waiting = Waiting.objects.create(space=space, person=person, asked_at=now, **times)
    return Online(space.slug, space.pk, token_of(booking), token_of(waiting))


def _desk(place: Place, canary: str, now: datetime) -> Desk:
    """Hours, a closure, a visit and an authorisation beside what is booked."""
    booking = Booking.objects.get(place=place)
    learnt = {"name": f"Laser {canary}", "given_on": now.date(), "given_by": "essai"}
    soon = {"start": now + timedelta(days=9), "end": now + timedelta(days=10)}
    hours = {"weekday": 1, "opens_minute": 540, "closes_minute": 1080}
    followed = {"name": f"Agenda {canary}", "address": "https://mairie.invalid/agenda.ics"}
    followed |= {"added_at": now, "added_by": "essai", "next_read_at": now}
    return Desk(
        room=booking.space_id,
        unit=booking.unit_id,
        booking=booking.pk,
        opening=OpeningRule.objects.create(place=place, **hours).pk,
        closure=Closure.objects.create(place=place, **soon, reason=canary).pk,
        feed=Feed.objects.create(place=place, **followed).pk,
        visit=Visit.objects.create(place=place, at=now, activity="work").pk,
        authorisation=Authorisation.objects.create(person=booking.person, **learnt).pk,
        day=f"{booking.start:%Y-%m-%d}",
    )


def _programme(place: Place, chief: Person, canary: str, now: datetime) -> Programme:
    """A public event at whose session somebody has a seat whom only the place knows; another waits."""
    acts: dict[str, Any] = {"place": place, "by": "essai", "now": now}
    raw = {"title": "Café réparation", "kind": "workshop", "takes_registrations": "1"}
    event = add_event(**acts, raw=raw)
    publish(**acts, event_id=event.pk)
    span = Span(now + timedelta(days=3), now + timedelta(days=3, hours=2))
    (session,) = add_sessions(**acts, event_id=event.pk, spans=[span], capacity=1, space_id=None)
    asked = {"session_id": session.pk, "party": 1}
    made = register_for(**acts, **asked, raw={"name": f"Ève {canary}", "email": f"eve-{canary}@example.org"})
    register_for(**acts, **asked, raw={"name": f"Yann {canary}"})
    secret = secret_of(OwnCalendar.objects.create(account=chief.user))
    return Programme(event.slug, event.pk, session.pk, made.pk, enrolment_of(made), secret)


def _tariffs(place: Place, now: datetime) -> Tariffs:
    """What a half-day costs, for everybody to read."""
    acts: dict[str, Any] = {"place": place, "by": "essai", "now": now}
    tariff = add_list(**acts, raw={"title": "Tarifs 2026", "since": "2026-01-01"}, copies=None)
    line = {"label": "Bureau", "unit": "half_day", "price": "9"}
    return Tariffs(tariff, add_price(**acts, list_id=tariff, raw=line), *_carnet(place, now))


def _carnet(place: Place, now: datetime) -> tuple[int, int, int, int]:
    """A formula, a carnet of it that somebody has used, and a subscription of theirs."""
    person = Known.objects.filter(place=place).order_by("pk").first()
    acts: dict[str, Any] = {"by": "essai", "now": now}
    rates = {"space:1": {"unit": "half_day", "units": 1}}
    given = {"place": place, "name": "Carnet", "kind": "carnet", "units": 10, "rates": rates}
    formula = Formula.objects.create(**given, created_at=now, created_by="essai")
    dates = {"starts_on": now.date(), "ends_on": now.date() + timedelta(days=180)}
    sold = ledger.issue(**acts, kind="carnet", units=10, **dates, key=f"c{place.pk}", place=place, person=person)
    used = ledger.redeem(**acts, pass_id=sold.pk, place=place, day=now.date(), key=f"r{place.pk}")
    taken = {"place": place, "formula": formula, "person": person, "starts_on": now.date()}
    monthly = Subscription.objects.create(**taken, created_at=now, created_by="essai")
    return formula.pk, sold.pk, used.pk, monthly.pk


def _papers(place: Place, canary: str, now: datetime) -> Papers:
    """An invoice to somebody whom only the place knows, which also came as if a supplier had sent it."""
    acts: dict[str, Any] = {"place": place, "by": "essai", "now": now}
    known = {"created_at": now, "created_by": "essai"}
    told = {"legal_name": "La Maille", "street": "3 rue du Four", "postal_code": "39600", "city": "Chamblay"}
    Seller.objects.create(place=place, since="2026-01-01", regime="outside", siret="73282932000074", **told, **known)
    customer = Customer.objects.create(place=place, name=f"Foyer {canary}", siret="55208131766522", **known)
    lines = [DraftLine("Bureau partagé", 1000, "half_day", 900)]
    issued = issue_at_once(**acts, customer_id=customer.pk, lines=lines, key="essai")
    received = file_received(**acts, raw=cii(read_document(issued.canonical))).pk
    return Papers(issued.pk, received, customer.pk, begin_draft(**acts, customer_id=customer.pk, lines=lines))


def _till(place: Place, canary: str, now: datetime) -> Till:
    """Money of somebody whom only the place knows, in every shape that it takes."""
    known = {"made_at": now, "made_by": "essai"}
    acts: dict[str, Any] = {"place": place, "by": "essai", "now": now}
    customer = Customer.objects.create(place=place, name=f"Chèque {canary}", created_at=now, created_by="essai").pk
    cheque = {"customer_id": customer, "method": "cheque", "amount_cents": 700, "received_on": now.date()}
    paid = record_payment(**acts, **cheque, key="cheque", allocate=[])
    line = BankLine.objects.create(
        place=place, booked_on=now, label=f"VIR {canary}", amount_cents=500, digest="a", read_at=now, read_by="essai"
    )
    raw = {"holder": canary, "iban": "FR7630006000011234567890189", "signed_on": "2026-11-01"}
    mandate = sign_mandate(**acts, customer_id=customer, raw=raw)
    run = DebitRun.objects.create(place=place, number=1, key="essai", collect_on=now, xml=f"<a>{canary}</a>", **known)
    hint = Hint.objects.create(place=place, provider="helloasso", reference="1", outcome="stray", seen_at=now)
    slip = make_slip(**acts, cheques=[paid.pk], key="essai")
    return Till(paid.pk, slip, line.pk, mandate.pk, run.pk, hint.pk)


def _gifts(place: Place, canary: str, now: datetime) -> Gifts:
    """Two gifts of somebody whom only the place knows, one of which got its receipt."""
    acts: dict[str, Any] = {"place": place, "by": "essai", "now": now}
    Seller.objects.filter(place=place).update(is_general_interest=True)
    lives = {"street": "1 rue Haute", "postal_code": "39600", "city": "Chamblay"}
    giver = Customer.objects.create(place=place, name=f"Don {canary}", created_at=now, created_by="essai", **lives)
    given = {"customer_id": giver.pk, "method": "cheque", "amount_cents": 5000, "received_on": now.date()}
    gifts = [record_payment(**acts, **given, key=f"don{number}") for number in range(2)]
    raw = {"purpose": "Un lieu pour tous", "signatory": "La présidente"}
    return Gifts(gifts[0].pk, issue_receipt(**acts, payment_id=gifts[1].pk, raw=raw).pk)


def _furnish(place: Place, chief: Person, canary: str, now: datetime) -> tuple[Things, list[str], Photo]:
    """Give a place a team, an invitation, keys, a history, a photo that shows and one that was removed."""
    scope = place_scope(place.pk)
    by = f"compte:{chief.user.pk}:facilitator"
    colleague = join(f"{canary}@example.org", f"Sam {canary}", COLLEAGUE, scope, now)
    invited: Invited = invite(email=f"attend-{canary}@example.org", role=COLLEAGUE, scope=scope, by=by, now=now)
    key, secret = make_key(name=f"clé {canary}", role=COLLEAGUE, scope=scope, by=by, now=now)
    reading, reading_secret = make_key(name=f"lecture {canary}", role=OBSERVER, scope=scope, by=by, now=now)
    revoked, revoked_secret = make_key(name=f"retirée {canary}", role=COLLEAGUE, scope=scope, by=by, now=now)
    revoke_key(key_id=revoked.pk, scope=scope, by=by, now=now)
    keep(to=f"{canary}@example.org", subject=f"Courriel {canary}", body=canary, now=now)
    _edit(place, "Une table, du café.", by, now)
    shown = _add_photo(place, "#0c5a49" if canary == HERE else "#5a0c49", "La grande table", by, now)
    hidden = _add_photo(place, "#495a0c" if canary == HERE else "#49490c", f"Visage {canary}", by, now)
    Photo.everything.filter(pk=hidden.pk).update(removed_at=now, removed_by=by)
    Revision.objects.filter(place=place, changes__has_key="photos").delete()
    record = SourceRecord.objects.filter(place=place).order_by("pk").first()
    record.raw = {"TEL_PERSO": canary, "MAIL_PERSO": f"{canary}@example.org"}
    record.save(update_fields=["raw"])
    things = Things(
        slug=place.slug,
        photo=shown.pk,
        membership=Membership.objects.get(user=colleague).pk,
        invitation=invited.invitation.pk,
        key=key.pk,
        number=Revision.objects.filter(place=place).order_by("-number").first().number,
        file=shown.file.name,
        token=invited.token,
        secret=secret,
        reading_secret=reading_secret,
        revoked_secret=revoked_secret,
        place=place,
        members=_members(place, MEMBER if canary == HERE else canary, now),
        online=_online(place, MEMBER if canary == HERE else canary, now),
        desk=_desk(place, MEMBER if canary == HERE else canary, now),
        programme=_programme(place, chief, MEMBER if canary == HERE else canary, now),
        tariffs=_tariffs(place, now),
        papers=_papers(place, MEMBER if canary == HERE else canary, now),
        gifts=_gifts(place, MEMBER if canary == HERE else canary, now),
        till=_till(place, MEMBER if canary == HERE else canary, now),
        vouchers=_vouchers(place, "epci:243900420" if canary == HERE else "commune:44109", now),
        travels=travels_of(place, MEMBER if canary == HERE else canary, now),
        voices=voices_of(place, canary, "reg:27" if canary == HERE else "commune:44109", now),
    )
    private = [secret, reading_secret, revoked_secret, invited.token, invited.invitation.digest, key.digest]
    return things, [*private, reading.digest], hidden


def _vouchers(place: Place, scope: str, now: datetime) -> Vouchers:
    """A scheme of whoever looks after the territory, with the place in it, a card that served and one to settle."""
    acts: dict[str, Any] = {"by": "essai", "now": now}
    scheme = add_scheme(scope=scope, raw={**VALLEY, "communes": ""}, **acts)
    asked = accrediting.ask(place=place, scheme_id=scheme.pk, **acts)
    accrediting.answer(scheme_id=scheme.pk, accreditation_id=asked.pk, state="accepted", raw={}, **acts)
    linked = accrediting.add_referrer(scheme_id=scheme.pk, raw={"name": "Mairie"}, **acts)
    here = {"scheme_id": scheme.pk, "referrer": linked.referrer, "now": now}
    issue = hand_out(raw=NEWCOMER, key="un", **here)
    spent = redeem(place=place, text=issue.of.code, nonce="un", **acts)
    settle(place=place, counted=[Counted("deux", issue.of.code, now)], tablet_now=now, **acts)
    return Vouchers(
        scheme=scheme.pk,
        accreditation=asked.pk,
        referrer=linked.referrer.pk,
        claim=Claim.objects.get(place=place).pk,
        redemption=spent.pk,
        link=linked.secret,
        card=issue.of.code,
        signed=card_token(issue),
        batch=hand_sheet(count=2, key=f"planche-{scheme.pk}", **here),
    )


def _members(place: Place, canary: str, now: datetime) -> Members:
    known = {"place": place, "by": "essai", "now": now}
    raw = {"name": f"Rose {canary}", "phone": "06 12 34 56 78", "email": f"{canary}@example.org", "note": canary}
    person = add_person(**known, raw=raw)
    twin = add_person(**known, raw={"name": f"{canary} Rose"})
    body = add_organisation(**known, raw={"name": f"Foyer {canary}"})
    dated = {"kind": "member", "fee_class": "full", "starts_on": "2026-09-01"}
    adhesion = add_membership(**known, person_id=person, raw=dated, organisation_id=body)
    return Members(person=person, twin=twin, adhesion=adhesion, body=body)


def _removed(now: datetime) -> Place:
    """A place that was removed: only its address still says that something stood there."""
    values = {
        "name": f"Maison {NOBODY}",
        "commune": "39546",
        "lat": 46.9662,
        "lon": 5.6292,
        "precision": "address",
        "activities": ["cafe"],
        "description": NOBODY,
        "email": f"{NOBODY}@example.org",
    }
    draft = Draft(source="recensement", ref="removed", values=values, raw={}, licence="Licence Ouverte 2.0")
    record_many(drafts=[draft], sources={cast.CENSUS.slug: cast.CENSUS}, by="essai", now=now)
    place = Place.objects.get(name=values["name"])
    remove_place(place_id=place.pk, reason="Doublon", by="essai", now=now)
    Place.objects.filter(pk=place.pk).update(slug="maison-retiree")
    return Place.objects.get(pk=place.pk)


def credential(name: str) -> dict[str, Any]:
    """What a browser answers when it makes a passkey."""
    from cryptography.hazmat.primitives.asymmetric import ec
    from fido2.cose import ES256
    from fido2.utils import websafe_encode
    from fido2.webauthn import Aaguid, AttestationObject, AttestedCredentialData, AuthenticatorData

    key = ES256.from_cryptography_key(ec.generate_private_key(ec.SECP256R1()).public_key())
    attested = AttestedCredentialData.create(Aaguid(bytes(16)), name.encode(), key)
    told = AuthenticatorData.create(bytes(32), AuthenticatorData.FLAG.UP | AuthenticatorData.FLAG.AT, 0, attested)
    made = AttestationObject.create("none", told, {})
    client = b'{"type":"webauthn.create","challenge":"eA","origin":"http://localhost"}'
    response = {"clientDataJSON": websafe_encode(client), "attestationObject": websafe_encode(bytes(made))}
    known = websafe_encode(name.encode())
    return {"id": known, "rawId": known, "type": "public-key", "response": response, "clientExtensionResults": {}}


def _passkey(person: Person, name: str) -> int:
    data = {"name": name, "passwordless": True, "credential": credential(name)}
    kind = Authenticator.Type.WEBAUTHN
    return Authenticator.objects.create(user=person.user, type=kind, data=data).pk


def build(now: datetime) -> World:
    """Everything, in the current transaction."""
    if not Ground.objects.exists():
        ground.load(now=now)
    cast.load(now=now, more=3)
    removed = _removed(now)
    people = gather(now)
    for person, canary in ((people.nadine, HERE), (people.lila, THERE)):
        person.user.name = f"{person.user.name} {canary}"
        person.user.set_unusable_password()
        person.user.save()
    own, own_secrets, _ = _furnish(people.place, people.nadine, HERE, now)
    other, other_secrets, hidden = _furnish(people.other, people.lila, THERE, now)
    _edit(people.other, "Une table, du café, un atelier.", f"compte:{people.lila.user.pk}:facilitator", now)
    other.number = Revision.objects.filter(place=people.other).order_by("-number").first().number
    assert not Revision.objects.filter(place=people.place, number=other.number).exists()
    passkeys = {
        "nadine": _passkey(people.nadine, f"Téléphone {HERE}"),
        "lila": _passkey(people.lila, f"Téléphone {THERE}"),
    }
    world = World(people, own, other, removed, hidden.file.name, passkeys, [*own_secrets, *other_secrets])
    for target, officer in ((OWN, people.ines), (OTHER, people.officer_elsewhere)):
        world.files[target] = file_of(f"compte:{officer.user.pk}:network_officer", people.place, target, now)
    for person in people.everybody():
        cookie = signed_in(person).cookies.get("maillage")
        if cookie:
            world.sessions[person.key] = cookie.value
            session = SessionStore(cookie.value)
            session["account_authentication_methods"] = [{"method": "password", "at": now.timestamp()}]
            session.save()
    assert Session.objects.count() >= len(world.sessions)
    assert places.place_by_slug(own.slug).place and isinstance(own.place.pk, UUID)
    assert timezone.now() >= now
    return world


@contextmanager
def undone() -> Iterator[None]:
    """Whatever is written within is undone, cheaply."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
