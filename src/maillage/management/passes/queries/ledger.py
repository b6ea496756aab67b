"""What passes still allow: sums of their movements."""

from collections.abc import Iterable

from django.db.models import Sum

from maillage.management.passes.models import Movement, Pass
from maillage.management.passes.rules.ledger import CANCELLED, HELD, REDEEMED, RELEASED, RESTORED, Standing, read_code


def balance(pass_id: int) -> int:
    """What is left on a pass."""
    return int(Movement.objects.filter(of=pass_id).aggregate(left=Sum("amount"))["left"] or 0)


def balances(pass_ids: Iterable[int]) -> dict[int, int]:
    """What is left on each of these passes."""
    asked = list(pass_ids)
    summed = Movement.objects.filter(of__in=asked).values("of").annotate(left=Sum("amount")).order_by()
    return dict.fromkeys(asked, 0) | {row["of"]: int(row["left"]) for row in summed}


def movements(pass_id: int) -> list[Movement]:
    """What happened to a pass, the first movement first."""
    rows = Movement.objects.filter(of=pass_id).select_related("place", "undone_by", "undoes")
    return list(rows.order_by("pk"))


def by_code(text: str) -> Pass | None:
    """The pass of a code, however it was typed; None when there is none."""
    code = read_code(text)
    rows = Pass.objects.select_related("place", "formula", "person", "organisation")
    return rows.filter(code=code).first() if code else None


def standing(found: Pass, *, but: Movement | None = None) -> Standing:
    """A pass as it stands, for the rules; `but` leaves out a hold that is about to be released."""
    taken = Movement.objects.filter(of=found, kind__in=(REDEEMED, HELD)).exclude(half="")
    stand = taken.exclude(undone_by__kind__in=(RESTORED, RELEASED)).exclude(pk=but.pk if but else 0)
    return Standing(
        balance=balance(found.pk) - (but.amount if but else 0),
        starts_on=found.starts_on,
        ends_on=found.ends_on,
        is_cancelled=Movement.objects.filter(of=found, kind=CANCELLED).exists(),
        halves=frozenset((day, half) for day, half in stand.values_list("day", "half") if day),
    )
