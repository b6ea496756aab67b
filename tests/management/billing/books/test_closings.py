"""Periods close in order, once, when they are over; what is closed takes nothing more."""

from datetime import date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from maillage.management.billing.actions.closing import close
from maillage.management.billing.actions.door import BillingRefused
from maillage.management.billing.actions.paying import record_payment
from maillage.management.billing.models import Closing, Entry
from maillage.management.billing.queries.books import balances, first_open_day
from maillage.management.billing.queries.verify import verify
from maillage.management.billing.rules.closings import PERIODS, Period, due, period_of, refusal
from tests.management.billing.till import HALF_DAY, Till

TODAY = date(2026, 11, 22)
days = st.dates(date(2024, 1, 1), date(2026, 12, 31))


@given(st.sampled_from(PERIODS), days)
def test_a_period_holds_its_day(kind: str, on: date) -> None:
    period = period_of(kind, on)
    assert period.starts_on <= on <= period.ends_on
    assert period_of(kind, period.starts_on) == period_of(kind, period.ends_on) == period


@given(st.lists(st.tuples(st.sampled_from(PERIODS), days), max_size=12))
def test_whatever_is_asked_no_period_closes_twice_nor_inside_a_closed_one(asked: list[tuple[str, date]]) -> None:
    closed: list[Period] = []
    for kind, on in asked:
        period = period_of(kind, on)
        if refusal(period, closed, first_open=None, today=TODAY) is None:
            assert period.ends_on < TODAY
            assert period not in closed
            assert not any(
                one.ends_on >= period.ends_on and PERIODS.index(one.kind) >= PERIODS.index(kind) for one in closed
            )
            closed.append(period)


@pytest.mark.parametrize(
    ("asked", "closed", "first_open", "said"),
    [
        (("month", TODAY), [], None, "cette période n’est pas finie (elle finit le 30/11/2026)"),
        (("month", date(2026, 10, 2)), [("month", date(2026, 10, 9))], None, "cette période est déjà close"),
        (
            ("day", date(2026, 9, 2)),
            [("month", date(2026, 10, 9))],
            None,
            "les comptes sont déjà clos jusqu’au 31/10/2026",
        ),
        (
            ("month", date(2026, 10, 2)),
            [],
            date(2026, 9, 30),
            "des écritures d’avant ne sont pas closes (la première est du 30/09/2026)",
        ),
    ],
)
def test_what_cannot_be_closed_says_why(asked, closed, first_open, said: str) -> None:
    wrong = refusal(period_of(*asked), [period_of(*one) for one in closed], first_open=first_open, today=TODAY)
    assert wrong is not None
    assert wrong.problem == said


def test_the_month_comes_first_then_its_year() -> None:
    assert due(date(2026, 10, 9), [], TODAY) == period_of("month", date(2026, 10, 1))
    assert due(date(2026, 11, 9), [], TODAY) is None
    assert due(None, [period_of("month", date(2025, 12, 1))], TODAY) == period_of("year", date(2025, 1, 1))
    assert due(None, [period_of("month", date(2025, 12, 1)), period_of("year", date(2025, 1, 1))], TODAY) is None


@pytest.mark.django_db
class TestClosing:
    def test_totals_run_from_the_first_line_and_the_chain_goes_on(self, open_till: Till) -> None:
        customer = open_till.customer()
        open_till.issued(HALF_DAY, customer=customer)
        open_till.now += timedelta(days=30)
        open_till.issued(HALF_DAY, HALF_DAY, customer=customer)
        told = [self._close(open_till, on) for on in (date(2026, 11, 1), date(2026, 12, 1))]
        assert [(one.debit_cents, one.credit_cents) for one in told] == [(900, 900), (2700, 2700)]
        assert told[1].before == told[0].digest
        assert first_open_day(open_till.place) is None
        assert verify(open_till.place).faults == []

    def test_nothing_is_written_into_a_closed_period(self, open_till: Till) -> None:
        open_till.issued(HALF_DAY)
        self._close(open_till, date(2026, 11, 1))
        with pytest.raises(BillingRefused) as refused:
            open_till.issued(HALF_DAY)
        assert str(refused.value) == (
            "Les comptes sont clos jusqu’au 30/11/2026, et cette pièce est du 22/11/2026\u202f: "
            "datez-la d’un jour qui n’est pas clos."
        )

    def test_a_payment_of_a_closed_day_is_written_today_and_keeps_its_own_day(self, open_till: Till) -> None:
        customer = open_till.customer()
        issued = open_till.issued(HALF_DAY, customer=customer)
        self._close(open_till, date(2026, 11, 1))
        open_till.now += timedelta(days=20)
        paid = {"method": "transfer", "amount_cents": 900, "received_on": issued.issued_on}
        record_payment(**open_till.acts, customer_id=customer, key="p", **paid)
        line = Entry.objects.get(account="512")
        assert (line.on, line.piece_on) == (date(2026, 12, 12), issued.issued_on)

    def test_the_database_itself_refuses_a_line_in_a_closed_period_or_out_of_the_chain(self, open_till: Till) -> None:
        open_till.issued(HALF_DAY)
        self._close(open_till, date(2026, 11, 1))
        last = Entry.objects.order_by("-position").first()
        assert last
        for changed in ({"on": date(2026, 11, 3)}, {"on": date(2026, 12, 3), "before": "0" * 64}):
            copy = Entry.objects.get(pk=last.pk)
            copy.pk, copy.position, copy.before, copy.digest = None, last.position + 1, last.digest, "1" * 64
            for name, value in changed.items():
                setattr(copy, name, value)
            with pytest.raises(IntegrityError), transaction.atomic():
                copy.save(force_insert=True)

    def test_an_empty_place_closes_nothing_yet_stays_whole(self, open_till: Till) -> None:
        closing = self._close(open_till, date(2026, 10, 1))
        assert (closing.last_position, closing.debit_cents) == (0, 0)
        assert verify(open_till.place).faults == []
        assert balances(open_till.place, 2026) == []

    def test_who_lost_the_right_closes_nothing(self, open_till: Till) -> None:
        from django.core.exceptions import PermissionDenied

        with pytest.raises(PermissionDenied):
            close(
                place=open_till.place,
                period="month",
                on=date(2026, 10, 1),
                by="compte:99:facilitator",
                now=open_till.now,
            )
        assert not Closing.objects.exists()

    @staticmethod
    def _close(till: Till, on: date) -> Closing:
        later = datetime.combine(date(2027, 2, 1), till.now.timetz())
        return close(place=till.place, period="month", on=on, by=till.by, now=later)
