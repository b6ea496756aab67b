"""The seats of `bench/race.py`, small: nothing oversold nor left empty, and without the guard it is seen oversold."""

from pathlib import Path

import pytest

from tests.management.bookings.test_race import race

FEW = ("--of", "seats", "--workers", "4")


@pytest.mark.django_db
def test_the_last_seats_are_not_oversold_and_without_the_guard_they_are(tmp_path: Path):
    code, attempts, confirmed, oversold = race(tmp_path / "on", *FEW, "--rounds", "3")
    assert (code, attempts, oversold) == (0, 2 * 4 * 3, 0)
    assert confirmed >= 3 * 2
    only = ("--only", "last-chairs", "--guard", "off")
    code, _, _, oversold = race(tmp_path / "off", *FEW, "--rounds", "5", *only)
    assert code == 0
    assert oversold > 0
