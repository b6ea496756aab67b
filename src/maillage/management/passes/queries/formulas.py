"""What a place sells by the carnet or by the month, to whom, and what they have left."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from maillage.management.passes.models import Formula, Pass, Subscription
from maillage.management.passes.queries.ledger import balances, by_code
from maillage.management.passes.rules.ledger import FUNDED, SUBSCRIPTION
from maillage.management.people.models import Membership, Person
from maillage.management.people.rules.memberships import is_current
from maillage.management.people.rules.names import folded
from maillage.places.models import Place

MOST_SHOWN = 100
LONGEST_SEARCH = 120


@dataclass(frozen=True, slots=True)
class Left:
    """A pass, and what is left on it."""

    one: Pass
    balance: int


def fee_class_of(person: Person, on: date) -> str:
    """The fee class of somebody on a day, by the last membership that holds; empty for everybody's."""
    rows = Membership.objects.filter(person=person).exclude(fee_class="").order_by("-starts_on", "-pk")
    return next((one.fee_class for one in rows if is_current(one.starts_on, one.ends_on, on)), "")


def formulas(place: Place, *, kind: str = "") -> list[Formula]:
    """The formulas that a place sells."""
    rows = Formula.objects.filter(place=place, archived_at__isnull=True)
    return list((rows.filter(kind=kind) if kind else rows).order_by("kind", "pk"))


def formula_of(place: Place, formula_id: int) -> Formula | None:
    """A formula of this place, retired or not."""
    return Formula.objects.filter(place=place, pk=formula_id).first()


def passes(place: Place, *, text: str = "", on: date) -> list[Left]:
    """The carnets and allowances of a place that are good on a day, or those that a code or a name finds."""
    rows = Pass.objects.filter(place=place).exclude(kind=FUNDED)
    wanted = text[:LONGEST_SEARCH].strip()
    if wanted:
        found = by_code(wanted)
        words = [
            Q(person__folded__contains=word) | Q(organisation__folded__contains=word) for word in folded(wanted).split()
        ]
        rows = rows.filter(pk=found.pk) if found else rows.filter(*words) if words else rows.none()
    else:
        rows = rows.filter(ends_on__gte=on)
    return left_on(rows.select_related("formula", "person", "organisation").order_by("ends_on", "pk")[:MOST_SHOWN])


def held_by(place: Place, *, person_id: int | None, organisation_id: int | None, on: date) -> list[Left]:
    """What somebody has here that is good on a day, what ends first on top; an empty allowance may go beyond."""
    if person_id is None and organisation_id is None:
        return []
    whose = Q(person=person_id) if person_id is not None else Q(organisation=organisation_id)
    rows = Pass.objects.filter(whose, place=place, starts_on__lte=on, ends_on__gte=on).exclude(kind=FUNDED)
    return [
        one
        for one in left_on(rows.select_related("formula").order_by("ends_on", "pk"))
        if one.balance > 0 or one.one.kind == SUBSCRIPTION
    ]


def left_on(rows: Iterable[Pass]) -> list[Left]:
    """Passes with what is left on each, in one query more."""
    found = list(rows)
    left = balances([one.pk for one in found])
    return [Left(one, left[one.pk]) for one in found]


def pass_of(place: Place, pass_id: int) -> Pass | None:
    """A carnet or an allowance that this place sold, or None."""
    rows = Pass.objects.filter(place=place).exclude(kind=FUNDED).select_related("formula", "person", "organisation")
    return rows.filter(pk=pass_id).first()


def pass_of_code(place: Place, text: str) -> Pass | None:
    """A carnet or an allowance that this place sold, by its code; any other does not exist here."""
    found = by_code(text)
    return found if found and found.place_id == place.pk and found.kind != FUNDED else None


def subscriptions(place: Place) -> list[Subscription]:
    """The subscriptions of a place, those that go on first."""
    rows = Subscription.objects.filter(place=place).select_related("formula", "person", "organisation")
    return sorted(rows.order_by("-starts_on", "-pk"), key=lambda one: one.ends_on is not None)
