"""What a report may tell: nothing that points at somebody or at one place, and who came back on their own money."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maillage.management.bookings.models import Booking
from maillage.management.people.actions.bodies import add_membership
from maillage.management.people.actions.persons import add_person
from maillage.network.schemes.models import Scheme
from maillage.network.schemes.queries.report import report_of
from maillage.network.schemes.rules.reports import LEAST_PLACES, are_few, is_deducible, places_shown, suppressed
from maillage.places.models import Place
from tests.management.bookings.hall import hall
from tests.network.schemes.valley import BY, Valley, afternoon, join, morning

COUNTS = st.dictionaries(st.text(min_size=1, max_size=3), st.integers(0, 60), max_size=8)


@given(COUNTS)
def test_no_place_is_told_by_the_others(counts: dict[str, int]) -> None:
    """Whoever knows the total and the shown cells can tell no hidden cell, save where the total is hidden too."""
    cells = places_shown(counts)
    hidden = [cell.label for cell in cells if cell.count is None]
    assert len(cells) == sum(1 for count in counts.values() if count)
    assert len(hidden) != 1 or are_few(counts)
    if 0 < len(cells) < LEAST_PLACES:
        assert len(hidden) == len(cells)


@given(COUNTS)
def test_one_hidden_cell_is_said_to_be_deducible(counts: dict[str, int]) -> None:
    cells = suppressed(counts)
    assert is_deducible(cells) == (len([one for one in cells if one.count is None]) == 1)


def elsewhere(name: str) -> Place:
    found = Place.objects.get(slug="la-boutique-de-nadine")
    made = {"commune": found.commune, "created_at": found.created_at, "updated_at": found.updated_at}
    return Place.objects.create(name=name, slug=name, sort_name=name, status="open", **made)


def test_a_place_alone_is_in_no_figure_of_the_report(people: Any, client_of: Any, perrin: Valley) -> None:
    for _number in range(12):
        perrin.spend(perrin.hand(), morning(23))
    made = report_of(perrin.scheme, today=perrin.now.date())
    assert (made.halves, made.spent_cents, made.paid_cents, made.months) == (None, None, None, None)
    assert [one.count for one in made.places] == [None]
    funder = client_of(people.perrin)
    for page in ("bilan/", "bilan.csv"):
        said = funder.get(f"/dispositifs/{perrin.scheme.pk}/{page}").content.decode()
        assert "108,00" not in said
    for name in ("b", "c"):
        other = elsewhere(name)
        join(perrin.scheme, other, perrin.now)
        for _number in range(3):
            perrin.spend(perrin.hand(), morning(23), place=other)
    made = report_of(perrin.scheme, today=perrin.now.date())
    assert (made.halves, made.spent_cents, made.months) == (18, 16_200, [("2026-11", 18)])
    assert [one.count for one in made.places] == [12, 3, 3]


def test_a_lone_small_cell_takes_its_total_with_it(perrin: Valley) -> None:
    for _number in range(3):
        perrin.hand()
    made = report_of(perrin.scheme, today=perrin.now.date())
    assert ([one.count for one in made.communes], made.passes, made.unknown_homes) == ([None], None, None)


@pytest.fixture
def followed(perrin: Valley) -> Valley:
    """Eve's pass of one half-day, spent; eleven others that go on."""
    for number in range(11):
        perrin.spend(perrin.hand(raw={"contact": f"passe{number}@example.org"}), morning(23))
    return perrin


def eve(followed: Valley, *, ends: bool) -> int:
    """Eve, known at the place by her e-mail; her pass has ended, or gives half-days still."""
    issue = followed.hand(raw={"contact": "eve@example.org"})
    for day in (23, 24, 25, 26) if ends else (23,):
        followed.spend(issue, morning(day))
    raw = {"name": "Ève", "email": "Eve@example.org"}
    return int(add_person(place=followed.place, raw=raw, by=BY, now=followed.now))


def book(followed: Valley, person: int, start: datetime, status: str = "confirmed") -> None:
    here = hall(followed.place)
    times = {"start": start, "end": start + timedelta(hours=2), "made_at": start, "changed_at": start}
    unit = here.desks.units.order_by("pk").first()
    given = {"place": followed.place, "space": here.desks, "unit": unit, "person_id": person}
    Booking.objects.create(**given, **times, status=status, made_by=BY)


def stayed(followed: Valley) -> int | None:
    today = morning(30).date()
    return report_of(Scheme.objects.get(pk=followed.scheme.pk), today=today).regulars.regular


@pytest.mark.parametrize(
    ("ends", "start", "status", "counted"),
    [
        (True, morning(27), "confirmed", 1),
        (True, morning(27), "cancelled", 0),
        (True, afternoon(26), "confirmed", 0),
        (False, morning(27), "confirmed", 0),
    ],
)
def test_a_booking_counts_once_the_pass_has_ended(
    followed: Valley, ends: bool, start: datetime, status: str, counted: int
) -> None:
    book(followed, eve(followed, ends=ends), start, status)
    assert stayed(followed) == counted


@pytest.mark.parametrize(("since", "counted"), [("2026-11-27", 1), ("2026-11-20", 0)])
def test_a_membership_counts_once_the_pass_has_ended(followed: Valley, since: str, counted: int) -> None:
    dated = {"kind": "member", "fee_class": "", "starts_on": since}
    person = eve(followed, ends=True)
    add_membership(place=followed.place, person_id=person, raw=dated, by=BY, now=followed.now)
    assert stayed(followed) == counted
