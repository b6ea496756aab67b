"""The ledger: each way in and out, under a key, once; what is refused says why, whatever path asks it."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from maillage.journal.models import AuditEvent
from maillage.management.passes.actions import ledger
from maillage.management.passes.actions.ledger import PassRefused
from maillage.management.passes.models import Movement, Pass
from maillage.management.passes.queries.ledger import balance, balances, by_code, movements
from maillage.management.passes.rules import ledger as rules
from tests.management.passes.shelf import TODAY, Shelf

pytestmark = pytest.mark.django_db
SAID = {
    "unknown": "Ce code n’est pas celui d’un carnet ou d’un passe d’ici\u202f: relisez-le signe par signe, "
    "ou cherchez la personne.",
    "empty": "Il ne reste pas assez d’unités sur ce passe\u202f: payez le reste à l’unité, ou prenez un autre carnet.",
    "half_used": "Cette demi-journée est déjà comptée sur ce passe\u202f: il n’y a rien de plus à noter.",
    "cancelled": "Ce passe a été annulé\u202f: rien ne peut plus en être pris\u202f: proposez-en un autre.",
    "expired": "Ce passe n’est plus valable ce jour-là\u202f: proposez-en un autre, ou le prix à l’unité.",
    "not_yet": "Ce passe n’est pas encore valable\u202f: revenez à partir de son premier jour.",
    "ahead": "Ce jour n’est pas encore venu\u202f: notez la venue le jour même.",
    "key": "Cette clé a déjà servi à une autre demande\u202f: rechargez la page, puis recommencez.",
    "units": "Ce nombre d’unités ne se peut pas\u202f: donnez un nombre entier, de 1 à 10 000.",
    "undone": "Ce mouvement est déjà défait\u202f: il n’y a rien de plus à faire.",
    "reimbursed": "Cette venue est déjà remboursée\u202f: voyez avec qui finance le passe.",
    "still_valid": "Ce passe est encore valable\u202f: attendez que son dernier jour soit passé.",
    "nothing_left": "Il ne reste rien sur ce passe\u202f: il n’y a rien à en retirer.",
    "not_that": "Ce mouvement ne se défait pas ainsi\u202f: rechargez la page et choisissez-en un autre.",
    "days": "Le dernier jour est avant le premier\u202f: donnez un dernier jour qui vient après.",
}


def redeem(shelf: Shelf, found: Pass, key: str = "r1", **more: Any) -> Movement:
    asked = {"units": 1, "day": TODAY, **more}
    return ledger.redeem(pass_id=found.pk, place=shelf.place, key=key, **asked, **shelf.acts)


def refusal(reason: str) -> Any:
    return pytest.raises(PassRefused, match=f"^{SAID[reason]}$")


def test_a_carnet_is_issued_used_and_told(shelf: Shelf) -> None:
    found = shelf.carnet_of()
    assert balance(found.pk) == 10
    redeem(shelf, found, units=2, half="am", subject=f"space:{shelf.office.pk}")
    assert balance(found.pk) == 8
    assert [(one.kind, one.amount) for one in movements(found.pk)] == [("issued", 10), ("redeemed", -2)]
    told = AuditEvent.objects.filter(action__startswith="passes.", subject=f"pass:{found.pk}").order_by("pk")
    assert [one.action for one in told] == ["passes.issued", "passes.redeemed"]
    assert told[1].detail == {"place": str(shelf.place.pk), "units": -2}
    assert not told[1].is_public


def test_balances_of_many_are_read_at_once(shelf: Shelf, django_assert_num_queries: Any) -> None:
    first, second = shelf.carnet_of(), shelf.carnet_of(4, "autre")
    redeem(shelf, second)
    with django_assert_num_queries(1):
        assert balances([first.pk, second.pk, 987]) == {first.pk: 10, second.pk: 3, 987: 0}


@pytest.mark.parametrize(
    ("reason", "asked"),
    [
        ("empty", {"units": 11}),
        ("units", {"units": 0}),
        ("units", {"units": -3}),
        ("units", {"units": 10_001}),
        ("not_yet", {"day": date(2026, 8, 31)}),
        ("expired", {"day": date(2027, 3, 1)}),
        ("ahead", {"day": TODAY + timedelta(days=1)}),
    ],
)
def test_what_cannot_be_taken_is_refused_in_words(shelf: Shelf, reason: str, asked: dict[str, Any]) -> None:
    found = shelf.carnet_of()
    with refusal(reason):
        redeem(shelf, found, **asked)
    assert balance(found.pk) == 10
    assert Movement.objects.count() == 1


def test_the_last_unit_goes_and_no_other(shelf: Shelf) -> None:
    found = shelf.carnet_of(1)
    redeem(shelf, found)
    with refusal("empty"):
        redeem(shelf, found, "r2")
    assert balance(found.pk) == 0


def test_a_half_day_is_spent_once_until_it_is_given_back(shelf: Shelf) -> None:
    found = shelf.carnet_of()
    first = redeem(shelf, found, half="am")
    with refusal("half_used"):
        redeem(shelf, found, "r2", half="am")
    redeem(shelf, found, "r3", half="pm")
    ledger.restore(movement_id=first.pk, key="undo", **shelf.acts)
    redeem(shelf, found, "r4", half="am")
    assert balance(found.pk) == 8


@pytest.mark.parametrize(
    "act",
    ["redeem", "hold", "restore", "release", "take_held", "cancel", "expire", "reimburse"],
)
def test_a_key_does_one_thing_once(shelf: Shelf, act: str) -> None:
    found = shelf.carnet_of()
    where = {"pass_id": found.pk, "place": shelf.place, "day": TODAY}
    later = {**shelf.acts, "now": shelf.now + timedelta(days=200)} if act == "expire" else shelf.acts
    asked: dict[str, Any] = {"pass_id": found.pk}
    other: dict[str, Any] = {"pass_id": shelf.carnet_of(key="autre").pk}
    if act in ("redeem", "hold"):
        asked, other = {**where, "units": 2}, {**where, "units": 3}
    elif act in ("restore", "reimburse", "release", "take_held"):
        base = ledger.redeem if act in ("restore", "reimburse") else ledger.hold
        one, two = (base(**where, key=key, **shelf.acts) for key in ("base", "deux"))
        more = {"subject": "settlement:4"} if act == "reimburse" else {}
        asked, other = {"movement_id": one.pk, **more}, {"movement_id": two.pk, **more}
    do = getattr(ledger, act)
    first = do(**asked, key="x", **later)
    before = Movement.objects.count()
    for _again in range(3):
        assert do(**asked, key="x", **later) == first
    assert Movement.objects.count() == before
    with refusal("key"):
        do(**other, key="x", **later)
    assert Movement.objects.count() == before


def test_an_issue_sent_again_is_the_same_pass_and_another_is_refused(shelf: Shelf) -> None:
    found = shelf.carnet_of()
    assert shelf.carnet_of() == found
    with refusal("key"):
        shelf.carnet_of(11)
    with refusal("key"):
        redeem(shelf, found, "carnet")
    with refusal("key"):
        redeem(shelf, found, "x" * 101)
    with refusal("key"):
        redeem(shelf, found, "x\x00")
    with refusal("units"):
        shelf.carnet_of(0, "zero")
    with refusal("days"):
        shelf.carnet_of(key="jours", ends_on=date(2026, 8, 31))
    assert Pass.objects.count() == 1


def test_what_is_held_is_out_of_the_balance_until_it_is_given_back_or_taken(shelf: Shelf) -> None:
    found = shelf.carnet_of(3)
    ahead = {"pass_id": found.pk, "place": shelf.place, "half": "am"}
    first = ledger.hold(**ahead, units=2, day=TODAY + timedelta(days=2), key="h1", **shelf.acts)
    assert balance(found.pk) == 1
    with refusal("empty"):
        redeem(shelf, found, units=2)
    with refusal("half_used"):
        ledger.hold(**ahead, day=TODAY + timedelta(days=2), key="h2", **shelf.acts)
    with refusal("ahead"):
        ledger.take_held(movement_id=first.pk, key="t1", **shelf.acts)
    on_day = {**shelf.acts, "now": shelf.now + timedelta(days=2)}
    taken = ledger.take_held(movement_id=first.pk, key="t1", **on_day)
    assert (taken.kind, taken.amount, taken.half, balance(found.pk)) == ("redeemed", -2, "am", 1)
    with refusal("undone"):
        ledger.release(movement_id=first.pk, key="late", **on_day)
    with refusal("not_that"):
        ledger.restore(movement_id=first.pk, key="wrong", **on_day)
    assert [one.kind for one in movements(found.pk)] == ["issued", "held", "released", "redeemed"]


def test_what_was_paid_to_the_place_is_paid_once_and_never_given_back(shelf: Shelf) -> None:
    found = shelf.carnet_of()
    first = redeem(shelf, found)
    ledger.reimburse(movement_id=first.pk, subject="settlement:1", key="p1", **shelf.acts)
    with refusal("reimbursed"):
        ledger.reimburse(movement_id=first.pk, subject="settlement:2", key="p2", **shelf.acts)
    with refusal("reimbursed"):
        ledger.restore(movement_id=first.pk, key="u1", **shelf.acts)
    assert balance(found.pk) == 9


def test_a_cancelled_pass_gives_nothing_more(shelf: Shelf) -> None:
    found = shelf.carnet_of()
    redeem(shelf, found)
    assert ledger.cancel(pass_id=found.pk, key="c", **shelf.acts).amount == -9
    with refusal("cancelled"):
        redeem(shelf, found, "r2")
    with refusal("nothing_left"):
        ledger.cancel(pass_id=found.pk, key="c2", **shelf.acts)


def test_a_pass_expires_after_its_last_day_and_not_on_it(shelf: Shelf) -> None:
    found = shelf.carnet_of(ends_on=TODAY)
    with refusal("still_valid"):
        ledger.expire(pass_id=found.pk, key="e", **shelf.acts)
    tomorrow = {**shelf.acts, "now": shelf.now + timedelta(days=1)}
    assert ledger.expire(pass_id=found.pk, key="e", **tomorrow).amount == -10
    assert balance(found.pk) == 0


def test_what_is_not_there_is_refused(shelf: Shelf) -> None:
    with refusal("unknown"):
        ledger.cancel(pass_id=987, key="c", **shelf.acts)
    with refusal("not_that"):
        ledger.restore(movement_id=987, key="c", **shelf.acts)


class TestWalls:
    """What the rules let through, the database refuses: told as a refusal, never as a fault."""

    @pytest.fixture(autouse=True)
    def nothing_looks(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(rules, "refused", lambda *_a, **_k: "")

    def test_a_balance_below_zero(self, shelf: Shelf) -> None:
        found = shelf.carnet_of(2)
        with refusal("empty"):
            redeem(shelf, found, units=3)
        assert balance(found.pk) == 2

    def test_a_half_day_twice(self, shelf: Shelf) -> None:
        found = shelf.carnet_of(2)
        redeem(shelf, found, half="pm")
        with refusal("half_used"):
            redeem(shelf, found, "r2", half="pm")
        assert balance(found.pk) == 1

    def test_giving_back_more_than_was_taken(self, shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
        found, other = shelf.carnet_of(), shelf.carnet_of(key="autre")
        done = redeem(shelf, found)
        facts = {"kind": "restored", "undoes": done, "key": "k", "fingerprint": "f", "at": shelf.now, "by": "x"}
        for wrong in ({"of": other, "amount": 1}, {"of": found, "amount": 2}, {"of": found, "amount": 1, "half": "am"}):
            with pytest.raises(IntegrityError, match="passes_undoes_its_own"), transaction.atomic():
                Movement.objects.create(**{"day": TODAY, **facts, **wrong})


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE passes_movement SET amount = 99",
        "UPDATE passes_movement SET key = 'autre' WHERE kind = 'issued'",
        "DELETE FROM passes_movement",
    ],
)
def test_a_movement_never_changes_whatever_writes(shelf: Shelf, statement: str) -> None:
    found = shelf.carnet_of()
    row = Movement.objects.get(of=found)
    with pytest.raises(DatabaseError, match="passes_movement_stays"), transaction.atomic():
        connection.cursor().execute(statement)
    row.amount = 20
    with pytest.raises(DatabaseError, match="passes_movement_stays_update"), transaction.atomic():
        row.save()
    with pytest.raises(DatabaseError, match="passes_movement_stays_delete"), transaction.atomic():
        row.delete()
    with pytest.raises(DatabaseError, match="passes_movement_stays_update"), transaction.atomic():
        Movement.objects.filter(pk=row.pk).update(amount=20)
    assert balance(found.pk) == 10


def test_a_code_is_found_however_it_is_typed(shelf: Shelf) -> None:
    found = shelf.carnet_of(code="0123A-BCDE" + rules.check_sign("0123ABCDE"))
    bare = found.code.replace("-", "")
    for typed in (found.code, found.code.lower(), f" {bare[:3]} {bare[3:]} ", found.code.replace("0", "O", 1)):
        assert by_code(typed) == found, typed
    assert by_code(found.code.replace("1", "l")) == found
    assert by_code(found.code[:-1] + ("Z" if found.code[-1] != "Z" else "Y")) is None
    for nonsense in ("", "\x00", "²" * 10, "é" * 10, "x" * 10_000, "‮" + found.code[1:]):
        assert by_code(nonsense) is None


@given(st.text(alphabet=rules.SIGNS, min_size=9, max_size=9), st.integers(0, 9), st.sampled_from(rules.SIGNS))
def test_one_sign_mistaken_is_another_code_or_none(nine: str, at: int, sign: str) -> None:
    code = nine + rules.check_sign(nine)
    assert rules.read_code(code).replace("-", "") == code
    wrong = code[:at] + sign + code[at + 1 :]
    assert rules.read_code(wrong) == "" or wrong == code


@given(st.text(alphabet=rules.SIGNS, min_size=9, max_size=9), st.integers(0, 9), st.integers(0, 9))
def test_two_signs_exchanged_are_seen(nine: str, one: int, other: int) -> None:
    signs = list(nine + rules.check_sign(nine))
    swapped = list(signs)
    swapped[one], swapped[other] = swapped[other], swapped[one]
    assert rules.read_code("".join(swapped)) == "" or swapped == signs
