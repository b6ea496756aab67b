"""Two tablets without network: whatever order they come back in, a half-day is spent once and paid once."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import combinations
from typing import Any

import pytest
from django.db import transaction

from maillage.management.passes.queries.ledger import balance
from maillage.network.schemes.actions.door import SchemesRefused
from maillage.network.schemes.actions.redeeming import Counted, settle, undo
from maillage.network.schemes.models import Claim, Redemption
from maillage.network.schemes.queries.keys import token_of
from maillage.network.schemes.queries.statements import due_at
from maillage.network.schemes.rules.door import placed
from tests.network.schemes.valley import BY, Valley, afternoon, join, morning, valley

pytestmark = pytest.mark.django_db
BACK = afternoon(23) + timedelta(hours=2)


def interleavings(one: Sequence[Any], other: Sequence[Any]) -> Iterator[list[Any]]:
    """Every order in which two queues can arrive, each in its own order."""
    whole = len(one) + len(other)
    for slots in combinations(range(whole), len(one)):
        first, second = iter(one), iter(other)
        yield [next(first) if place in slots else next(second) for place in range(whole)]


def send(valley: Valley, *counted: Counted, place: Any = None, tablet_now: datetime = BACK) -> list[str]:
    told = settle(place=place or valley.place, counted=counted, tablet_now=tablet_now, by=BY, now=BACK)
    return [one.state for one in told]


def test_every_order_of_two_tablets_spends_each_half_day_once(perrin: Valley):
    issue = perrin.hand()
    text = token_of(issue)
    tablets = [
        [Counted(f"{name}-{half}", text, at) for half, at in (("am", morning(23)), ("pm", afternoon(23)))]
        for name in ("a", "b")
    ]
    orders = list(interleavings(*tablets))
    assert len(orders) == 6
    for order in orders:
        with transaction.atomic():
            states = [send(perrin, one)[0] for one in order]
            again = [send(perrin, one)[0] for one in reversed(order)]
            assert again == states[::-1]
            assert sorted(states) == ["settled", "settled", "to_settle", "to_settle"]
            winners = {}
            for one, state in zip(order, states, strict=True):
                if state == "settled":
                    winners[one.nonce[2:]] = one.nonce
            assert winners == {half: next(one.nonce for one in order if one.nonce[2:] == half) for half in ("am", "pm")}
            assert {(one.day, one.half) for one in Redemption.objects.all()} == {
                (morning(23).date(), "am"),
                (morning(23).date(), "pm"),
            }
            assert (Redemption.objects.count(), Claim.objects.count(), balance(issue.of_id)) == (2, 2, 2)
            assert due_at(perrin.scheme, perrin.place, "2026-11").total_cents == 1_800
            transaction.set_rollback(True)


def test_the_last_half_day_of_a_pass_goes_to_the_first_that_settles(people: Any, now: datetime):
    perrin = valley(people.place, now, halves="3")
    issue = perrin.hand()
    for at in (morning(22), afternoon(22)):
        send(perrin, Counted(f"{at:%d%H}", issue.of.code, at))
    text = token_of(issue)
    pair = [Counted("a", text, morning(23)), Counted("b", text, afternoon(23))]
    for order in (pair, pair[::-1]):
        with transaction.atomic():
            assert [send(perrin, one)[0] for one in order] == ["settled", "to_settle"]
            assert balance(issue.of_id) == 0
            assert Claim.objects.get().reason.startswith("Il ne reste pas assez d’unités sur ce passe")
            transaction.set_rollback(True)


def test_two_places_offline_are_not_both_paid(perrin: Valley, people: Any):
    people.other.commune_id, people.other.status = "39546", "open"
    people.other.save()
    join(perrin.scheme, people.other, perrin.now)
    issue = perrin.hand()
    one = Counted("same-number", issue.of.code, morning(23))
    assert send(perrin, one) == ["settled"]
    assert send(perrin, one, place=people.other) == ["to_settle"]
    assert due_at(perrin.scheme, people.other, "2026-11").total_cents == 0


def test_what_is_forged_cancelled_or_unknown_is_kept_to_settle(perrin: Valley):
    issue = perrin.hand()
    token = token_of(issue)
    forged = token[:-2] + ("AA" if token[-2:] != "AA" else "BB")
    texts = [forged, token[:40], "bonjour", "", "\u202e"]
    assert (
        send(perrin, *(Counted(f"n{rank}", text, morning(23)) for rank, text in enumerate(texts))) == ["to_settle"] * 5
    )
    assert not Redemption.objects.exists()
    first = Claim.objects.order_by("pk").first()
    assert first is not None
    assert (first.scheme, first.code) == (perrin.scheme, issue.of.code)
    assert (
        first.reason == "La signature de ce code QR est fausse\u202f: ne l’acceptez pas\u202f: ce n’est pas un passe."
    )


@pytest.mark.parametrize("wrong", [timedelta(hours=-3), timedelta(days=400), timedelta(days=-20)])
def test_a_wrong_clock_is_put_right_and_told(perrin: Valley, wrong: timedelta):
    issue = perrin.hand()
    counted = Counted("n", issue.of.code, morning(23) + wrong)
    (told,) = settle(place=perrin.place, counted=[counted], tablet_now=BACK + wrong, by=BY, now=BACK)
    assert told.state == "settled"
    assert told.said == "l’horloge de la tablette est fausse\u202f: le jour compté est celui du serveur"
    made = Redemption.objects.get()
    assert (made.day, made.half, made.is_offline) == (morning(23).date(), "am", True)


def test_what_is_too_old_or_still_to_come_is_looked_at(perrin: Valley):
    issue = perrin.hand()
    assert send(perrin, Counted("old", issue.of.code, morning(15))) == ["to_settle"]
    assert send(perrin, Counted("soon", issue.of.code, BACK + timedelta(hours=1))) == ["to_settle"]
    assert [one.reason for one in Claim.objects.order_by("pk")] == [
        "Ce passage est trop ancien pour être compté d’office\u202f: voyez-le avec qui finance.",
        "L’heure de la tablette est fausse\u202f: mettez-la à l’heure, et voyez ce passage avec qui finance.",
    ]


def test_a_clock_that_is_right_keeps_its_moment():
    noon = datetime(2026, 11, 23, 12, tzinfo=UTC)
    told = placed(counted_at=noon - timedelta(hours=4), tablet_now=noon + timedelta(minutes=2), now=noon)
    assert (told.at, told.is_corrected) == (noon - timedelta(hours=4), False)


def test_a_number_that_served_for_another_pass_counts_nothing_and_says_so(perrin: Valley):
    """A page that was left open keeps its number: the second card must not be told to be good for the first one's."""
    one, two = perrin.hand(), perrin.hand()
    first = perrin.spend(one, morning(23), nonce="same")
    assert perrin.spend(one, morning(23), nonce="same") == first
    with pytest.raises(SchemesRefused) as refused:
        perrin.spend(two, morning(23), nonce="same")
    assert str(refused.value) == "Ce formulaire a déjà servi à un autre passe\u202f: rechargez la page."
    (told,) = settle(
        place=perrin.place, counted=[Counted("same", two.of.code, morning(23))], tablet_now=BACK, by=BY, now=BACK
    )
    assert (told.state, told.said) == ("to_settle", str(refused.value))
    assert list(Redemption.objects.all()) == [first]


def test_a_half_day_given_back_is_not_good_because_its_form_comes_again(perrin: Valley):
    issue = perrin.hand()
    first = perrin.spend(issue, morning(23), nonce="same")
    undo(place=perrin.place, redemption_id=first.pk, by=BY, now=morning(23))
    with pytest.raises(SchemesRefused) as refused:
        perrin.spend(issue, morning(23), nonce="same")
    assert str(refused.value) == "Cette demi-journée a été rendue au passe\u202f: rechargez la page pour la recompter."
