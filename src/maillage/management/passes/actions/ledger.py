"""Every way in which units come to a pass and leave it: each under a key, written once.

Who may is asked by the rooms that open a page on it: the ledger knows keys, days and units.
"""

import secrets
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction

from maillage.journal import actions as journal
from maillage.management.passes.models import Formula, Movement, Pass
from maillage.management.passes.queries import guard
from maillage.management.passes.queries.ledger import standing
from maillage.management.passes.rules import ledger as rules
from maillage.management.people.models import Organisation, Person
from maillage.places.labels import say
from maillage.places.models import Place
from maillage.territory.rules.zones import zone_of

_WALLS = {guard.BALANCE: "empty", guard.TWICE: "half_used", guard.UNDONE: "not_that"}


class PassRefused(ValueError):
    """Nothing was taken from a pass, nor given to it: `reason` is a word of the rules, the message says the mend."""

    def __init__(self, reason: str) -> None:
        wrong = rules.REASONS[reason]
        self.reason, self.problem, self.mend = reason, say(wrong.problem), say(wrong.mend)
        said = f"{self.problem}\u202f: {self.mend}."
        super().__init__(said[:1].upper() + said[1:])


@transaction.atomic
def issue(
    *,
    kind: str,
    units: int,
    starts_on: date,
    ends_on: date,
    key: str,
    by: str,
    now: datetime,
    place: Place | None = None,
    formula: Formula | None = None,
    person: Person | None = None,
    organisation: Organisation | None = None,
    source: str = "",
    rates: Mapping[str, Any] | None = None,
    code: str = "",
) -> Pass:
    """Give a new pass its units, from a day to a day; sent again under its key, it is the same pass."""
    told = {"kind": kind, "units": units, "starts_on": starts_on, "ends_on": ends_on, "source": source, "code": code}
    whose = {"place": place, "formula": formula, "person": person, "organisation": organisation}
    asked = told | {name: one.pk if one else None for name, one in whose.items()} | {"rates": dict(rates or {})}
    journal.lock_order()
    if known := _known(key, asked, "issued"):
        return known.of
    if not 1 <= units <= rules.MOST_UNITS:
        raise PassRefused("units")
    if ends_on < starts_on:
        raise PassRefused("days")
    made = Pass.objects.create(
        code=code or _free_code(),
        kind=kind,
        **whose,
        source=source,
        rates=dict(rates or (formula.rates if formula else {})),
        starts_on=starts_on,
        ends_on=ends_on,
        issued_at=now,
        issued_by=by,
    )
    _write(made, "issued", units, key=key, asked=asked, by=by, now=now, place=place)
    return made


def _free_code() -> str:
    while True:
        code = rules.new_code(secrets.choice)
        if not Pass.objects.filter(code=code).exists():
            return code


@transaction.atomic
def redeem(
    *,
    pass_id: int,
    units: int = 1,
    place: Place,
    day: date,
    half: str = "",
    subject: str = "",
    key: str,
    by: str,
    now: datetime,
) -> Movement:
    """Take units for a day, or for one of its halves."""
    asked = {"pass": pass_id, "units": units, "place": place.pk, "day": day, "half": half, "subject": subject}
    return _take("redeemed", asked, place, today=_today(place, now), key=key, by=by, now=now)


@transaction.atomic
def hold(
    *,
    pass_id: int,
    units: int = 1,
    place: Place,
    day: date,
    half: str = "",
    subject: str = "",
    key: str,
    by: str,
    now: datetime,
) -> Movement:
    """Keep units aside for a day to come: out of the balance until they are released or taken."""
    asked = {"pass": pass_id, "units": units, "place": place.pk, "day": day, "half": half, "subject": subject}
    return _take("held", asked, place, today=None, key=key, by=by, now=now)


def _take(
    kind: str, asked: dict[str, Any], place: Place, *, today: date | None, key: str, by: str, now: datetime
) -> Movement:
    found = _turn(asked["pass"])
    if known := _known(key, asked, kind):
        return known
    where = {name: asked[name] for name in ("day", "half")}
    if reason := rules.refused(standing(found), units=asked["units"], today=today, **where):
        raise PassRefused(reason)
    where |= {"subject": asked["subject"], "place": place}
    return _write(found, kind, -asked["units"], key=key, asked=asked, by=by, now=now, **where)


@transaction.atomic
def restore(*, movement_id: int, key: str, by: str, now: datetime) -> Movement:
    """Give back what was redeemed by mistake; the half-day is free again."""
    return _undo("restored", rules.REDEEMED, movement_id, key=key, by=by, now=now)


@transaction.atomic
def release(*, movement_id: int, key: str, by: str, now: datetime) -> Movement:
    """Give back what was held."""
    return _undo("released", rules.HELD, movement_id, key=key, by=by, now=now)


@transaction.atomic
def take_held(*, movement_id: int, key: str, by: str, now: datetime) -> Movement:
    """Redeem what was held: released and taken in one go."""
    held = _movement(movement_id)
    found = _turn(held.of_id)
    asked = {"takes": movement_id}
    if known := _known(key, asked, "redeemed"):
        return known
    _still(held, rules.HELD)
    place = held.place
    assert place is not None
    today = _today(place, now)
    if reason := rules.refused(
        standing(found, but=held), units=-held.amount, day=_day(held), half=held.half, today=today
    ):
        raise PassRefused(reason)
    where = {"day": held.day, "half": held.half, "subject": held.subject, "place": place}
    first = {"releases": movement_id, "for": key}
    _write(found, "released", -held.amount, key=f"{key}/held", asked=first, by=by, now=now, undoes=held, **where)
    return _write(found, "redeemed", held.amount, key=key, asked=asked, by=by, now=now, **where)


@transaction.atomic
def expire(*, pass_id: int, key: str, by: str, now: datetime) -> Movement:
    """Take what is left of a pass whose last day is over."""
    return _take_all("expired", pass_id, key=key, by=by, now=now)


@transaction.atomic
def cancel(*, pass_id: int, key: str, by: str, now: datetime) -> Movement:
    """Take what is left of a pass: nothing can be taken from it any more."""
    return _take_all("cancelled", pass_id, key=key, by=by, now=now)


def _take_all(kind: str, pass_id: int, *, key: str, by: str, now: datetime) -> Movement:
    found = _turn(pass_id)
    asked = {"pass": pass_id}
    if known := _known(key, asked, kind):
        return known
    left = standing(found).balance
    if kind == "expired" and _today(found.place, now) <= found.ends_on:
        raise PassRefused("still_valid")
    if left <= 0:
        raise PassRefused("nothing_left")
    return _write(found, kind, -left, key=key, asked=asked, by=by, now=now, place=found.place)


@transaction.atomic
def reimburse(*, movement_id: int, subject: str, key: str, by: str, now: datetime) -> Movement:
    """Say that a redemption was paid to the place that honoured it, and by which settlement: once, and for good."""
    paid = _movement(movement_id)
    found = _turn(paid.of_id)
    asked = {"pays": movement_id, "subject": subject}
    if known := _known(key, asked, "reimbursed"):
        return known
    _still(paid, rules.REDEEMED)
    where = {"day": paid.day, "half": paid.half, "place": paid.place, "subject": subject}
    return _write(found, "reimbursed", 0, key=key, asked=asked, by=by, now=now, undoes=paid, **where)


def _undo(kind: str, of_kind: str, movement_id: int, *, key: str, by: str, now: datetime) -> Movement:
    done = _movement(movement_id)
    found = _turn(done.of_id)
    asked = {"undoes": movement_id}
    if known := _known(key, asked, kind):
        return known
    _still(done, of_kind)
    where = {"day": done.day, "half": done.half, "subject": done.subject, "place": done.place}
    return _write(found, kind, -done.amount, key=key, asked=asked, by=by, now=now, undoes=done, **where)


def _turn(pass_id: int) -> Pass:
    """Wait for one's turn at a pass: the order of all writers first, so that nobody waits in a ring."""
    journal.lock_order()
    found = Pass.objects.select_for_update(of=("self",), no_key=True).filter(pk=pass_id).first()
    if found is None:
        raise PassRefused("unknown")
    return found


def _movement(movement_id: int) -> Movement:
    found = Movement.objects.select_related("place__commune__departement").filter(pk=movement_id).first()
    if found is None:
        raise PassRefused("not_that")
    return found


def _still(done: Movement, kind: str) -> None:
    """Refuse to undo, or to pay, what is of another kind or was undone or paid already."""
    if done.kind != kind:
        raise PassRefused("not_that")
    after = Movement.objects.filter(undoes=done).first()
    if after is not None:
        raise PassRefused("reimbursed" if after.kind == rules.REIMBURSED else "undone")


def _day(held: Movement) -> date:
    assert held.day is not None
    return held.day


def _today(place: Place | None, now: datetime) -> date:
    departement = place.commune.departement_id if place and place.commune else None
    return now.astimezone(ZoneInfo(zone_of(departement))).date()


def _known(key: str, asked: Mapping[str, Any], kind: str) -> Movement | None:
    """What a key did already; raises where it did something else."""
    if not 0 < len(key) <= rules.LONGEST_KEY or "\x00" in key:
        raise PassRefused("key")
    known = Movement.objects.select_related("of", "place").filter(key=key).first()
    if known is not None and known.fingerprint != rules.fingerprint({"act": kind, **asked}):
        raise PassRefused("key")
    return known


def _write(
    found: Pass, kind: str, amount: int, *, key: str, asked: Mapping[str, Any], by: str, now: datetime, **where: Any
) -> Movement:
    row = Movement(of=found, kind=kind, amount=amount, key=key, at=now, by=by[:120], **where)
    row.fingerprint = rules.fingerprint({"act": kind, **asked})
    _insert(row)
    here = where.get("place")
    detail = {"place": str(here.pk) if here else "", "units": amount}
    journal.write(action=f"passes.{kind}", by=by, now=now, subject=f"pass:{found.pk}", detail=detail)
    return row


def _insert(row: Movement) -> None:
    """Write a movement; what the walls of the database refuse is told as a refusal."""
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as wall:
        told = str(wall)
        reason = next((word for name, word in _WALLS.items() if name in told), "changed")
        raise PassRefused(reason) from wall
