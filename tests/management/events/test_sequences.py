"""Whatever people do, in whatever order: never oversold, seats add up, nobody is passed over, giving back is exact."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from maillage.management.events.actions.attending import walk_in
from maillage.management.events.actions.door import EventsRefused
from maillage.management.events.actions.registering import Visitor, register, register_for, withdraw
from maillage.management.events.actions.sessions import resize
from maillage.management.events.models import CANCELLED, CONFIRMED, WAITING, Registration, Seat, Session
from maillage.management.events.rules.seats import Party, lowest, moves_up
from tests.management.events.workshop import BY, Workshop

BEFORE = datetime(2026, 11, 24, 7, tzinfo=UTC)
"""Two hours before the session: early enough to register, late enough for the door."""
PARTIES = st.integers(1, 4)
ACTS = st.lists(
    st.one_of(
        st.tuples(st.just("register"), PARTIES),
        st.tuples(st.just("register_for"), PARTIES),
        st.tuples(st.just("withdraw"), st.integers(0, 11)),
        st.tuples(st.just("resize"), st.integers(1, 7)),
        st.tuples(st.just("walk_in"), st.just(1)),
    ),
    max_size=14,
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ACTS)
def test_seats_are_never_oversold_and_the_order_of_asking_is_kept(small: Workshop, acts: list[Any]) -> None:
    with transaction.atomic():
        for step, act in enumerate(acts):
            before = _rows()
            try:
                _do(small, act, step, BEFORE + step * timedelta(seconds=30))
            except EventsRefused:
                assert _rows() == before, "a refusal wrote something"
            _adds_up(small.session)
            _nobody_is_passed_over(small.session)
        transaction.set_rollback(True)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(PARTIES, max_size=4), st.integers(1, 7), PARTIES)
def test_registering_then_giving_back_leaves_all_as_it_was(
    small: Workshop, ahead: list[int], seats: int, party: int
) -> None:
    with transaction.atomic():
        resize(**small.team, session_id=small.session.pk, capacity=seats)
        for step, size in enumerate(size for size in ahead if size <= seats):
            _do(small, ("register", size), step, BEFORE)
        before = _rows()
        if party <= seats:
            made = register(session_id=small.session.pk, visitor=_visitor(99), party=party, now=BEFORE).made
            withdraw(registration_id=made.pk, by="visiteur", now=BEFORE)
        assert _rows() == before
        transaction.set_rollback(True)


def _visitor(step: int) -> Visitor:
    return Visitor(raw={"name": f"Personne {step}", "email": f"personne{step}@example.org"})


def _do(small: Workshop, act: tuple[str, int], step: int, at: datetime) -> None:
    kind, number = act
    team = {"place": small.place, "session_id": small.session.pk, "by": BY, "now": at}
    if kind == "register":
        register(session_id=small.session.pk, visitor=_visitor(step), party=number, now=at)
    elif kind == "register_for":
        register_for(**team, raw={"name": f"Équipe {step}"}, party=number)
    elif kind == "resize":
        resize(**team, capacity=number)
    elif kind == "walk_in":
        assert walk_in(**team, raw={"name": f"Passant {step}"}).state == CONFIRMED
    else:
        leads = list(Registration.objects.filter(part_of__isnull=True).order_by("pk").values_list("pk", flat=True))
        if leads:
            withdraw(registration_id=leads[number % len(leads)], by="visiteur", now=at)


def _rows() -> list[Any]:
    """All that stands: what was given back has left no trace but itself."""
    held = Registration.objects.exclude(state=CANCELLED).order_by("pk")
    keys = ("pk", "seat", "state", "part_of", "person")
    return [
        list(held.values(*keys)),
        list(Seat.objects.order_by("pk").values()),
        list(Session.objects.values("capacity")),
    ]


def _adds_up(session: Session) -> None:
    session.refresh_from_db()
    seats = set(Seat.objects.filter(session=session).values_list("pk", flat=True))
    taken = list(Registration.objects.filter(session=session, state=CONFIRMED).values_list("seat", flat=True))
    assert len(seats) == session.capacity
    assert len(taken) == len(set(taken))
    assert set(taken) <= seats
    for part in Registration.objects.filter(part_of__isnull=False).select_related("part_of"):
        assert part.part_of is not None
        assert part.state == part.part_of.state


def _nobody_is_passed_over(session: Session) -> None:
    """Who waits is more than there is room for; who is seated came before, or was few enough to fit."""
    rows = Registration.objects.filter(session=session, part_of__isnull=True).order_by("asked_at", "pk")
    parties = [(row.state, 1 + row.parts.count()) for row in rows]
    free = (session.capacity or 0) - sum(size for state, size in parties if state == CONFIRMED)
    assert all(size > free for state, size in parties if state == WAITING)


@given(st.lists(PARTIES, max_size=12), st.integers(0, 12))
def test_who_moves_up_is_as_if_each_had_asked_again_in_their_order(sizes: list[int], free: int) -> None:
    moved, left = moves_up([Party(lead, size) for lead, size in enumerate(sizes)], free)
    assert left == free - sum(party.size for party in moved) >= 0
    assert [party.lead for party in moved] == sorted(party.lead for party in moved)
    went = {party.lead for party in moved}
    room = free
    for lead, size in enumerate(sizes):
        assert (lead in went) == (size <= room)
        room -= size if lead in went else 0


@given(st.sets(st.integers(7001, 7999)), st.integers(0, 1200))
def test_the_lowest_free_numbers_are_of_the_session_and_free(taken: set[int], count: int) -> None:
    found = lowest(7, taken, count)
    assert found == [number for number in range(7001, 8000) if number not in taken][:count]
