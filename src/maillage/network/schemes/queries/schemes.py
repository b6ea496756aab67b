"""What schemes have given, what came of it, who is in them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, F, Q, QuerySet, Sum

from maillage.management.passes.queries.ledger import balances
from maillage.network.schemes.models import Accreditation, Claim, Issue, Redemption, Referrer, Scheme, Statement
from maillage.places.models import Place

MOST_LISTED = 500


@dataclass(frozen=True, slots=True)
class Told:
    """A scheme in figures; `left_halves` are those still on passes that are out."""

    scheme: Scheme
    committed_cents: int
    spent_cents: int
    passes: int
    halves: int
    is_over: bool

    @property
    def free_cents(self) -> int:
        return self.scheme.budget_cents - self.committed_cents


def committed_cents(scheme_id: int) -> int:
    """What passes that are out may still cost, and what they did cost: never above the budget."""
    asked = Issue.objects.filter(scheme=scheme_id).aggregate(taken=Sum(F("cents") - F("freed_cents")))
    return int(asked["taken"] or 0)


def people_served(scheme_id: int) -> int:
    """How many persons have a pass: a card that replaces a lost one is the same person's."""
    counted = Issue.objects.filter(scheme=scheme_id, replaces__isnull=True)
    return counted.filter(Q(freed_cents__lt=F("cents")) | Q(replaced_by__isnull=False)).count()


def standing_redemptions(**asked: object) -> QuerySet[Redemption]:
    """Half-days that were spent and not taken back."""
    return Redemption.objects.filter(**asked).exclude(movement__undone_by__kind="restored")


def told(scheme: Scheme, *, today: date) -> Told:
    """A scheme in figures."""
    spent = standing_redemptions(scheme=scheme).aggregate(cents=Sum("price_cents"), n=Count("pk"))
    return Told(
        scheme,
        committed_cents(scheme.pk),
        int(spent["cents"] or 0),
        people_served(scheme.pk),
        int(spent["n"] or 0),
        scheme.closed_at is not None or scheme.ends_on < today,
    )


def schemes_of(scopes: Iterable[str] | None) -> list[Scheme]:
    """The schemes of these territories, the latest first; all of them for None."""
    rows = Scheme.objects.all() if scopes is None else Scheme.objects.filter(scope__in=list(scopes))
    return list(rows.order_by("-starts_on", "-pk")[:MOST_LISTED])


def scheme_of(scheme_id: int) -> Scheme | None:
    return Scheme.objects.filter(pk=scheme_id).first() if scheme_id < 2**63 else None


def is_in(scheme: Scheme, place: Place) -> bool:
    """Whether a place asked to be of a scheme, whatever became of it."""
    return Accreditation.objects.filter(scheme=scheme, place=place).exists()


def accreditations_of(scheme: Scheme) -> list[Accreditation]:
    """The places of a scheme, those that wait for an answer first."""
    rows = Accreditation.objects.filter(scheme=scheme).select_related("place")
    return sorted(rows, key=lambda one: (one.state != "asked", one.state != "accepted", one.place.sort_name))


def accreditation_of(scheme: Scheme, pk: int) -> Accreditation | None:
    return Accreditation.objects.select_related("place").filter(scheme=scheme, pk=pk).first() if pk < 2**63 else None


def referrers_of(scheme: Scheme) -> list[Referrer]:
    """The referrers of a scheme with how many passes each handed out."""
    rows = Referrer.objects.filter(scheme=scheme).annotate(handed=Count("issues"))
    return list(rows.order_by(F("revoked_at").asc(nulls_first=True), "name", "pk"))


def claims_of(scheme: Scheme) -> list[Claim]:
    """What tablets counted and could not settle, the oldest first, those that wait before the others."""
    rows = Claim.objects.filter(scheme=scheme).select_related("place")
    return list(rows.order_by(F("closed_at").asc(nulls_first=True), "day", "pk")[:MOST_LISTED])


def statements_of(scheme: Scheme) -> list[Statement]:
    rows = Statement.objects.filter(scheme=scheme).select_related("place", "invoice")
    return list(rows.order_by("-month", "place__sort_name", "pk")[:MOST_LISTED])


def issue_of(scheme: Scheme, code: str) -> Issue | None:
    """A pass of a scheme by its code."""
    rows = Issue.objects.select_related("of", "scheme", "referrer")
    return rows.filter(scheme=scheme, of__code=code).first()


def issues_of_batch(scheme: Scheme, batch: str) -> list[Issue]:
    """The passes that were handed out on one sheet."""
    rows = Issue.objects.select_related("of", "scheme").filter(scheme=scheme, batch=batch)
    return list(rows.order_by("pk")) if batch else []


def left_on(issues: Iterable[Issue]) -> dict[int, int]:
    """What is left on passes, by pass."""
    return balances([one.of_id for one in issues])


@dataclass(frozen=True, slots=True)
class Here:
    """A scheme as a place sees it: whether it is in, or may ask."""

    scheme: Scheme
    accreditation: Accreditation | None

    @property
    def state(self) -> str:
        return self.accreditation.state if self.accreditation else ""


def schemes_for(place: Place, scopes: Iterable[str], *, today: date) -> list[Here]:
    """The schemes in which a place is, and those of its territories that it may join."""
    mine = {one.scheme_id: one for one in Accreditation.objects.filter(place=place).select_related("scheme")}
    open_ones = Scheme.objects.filter(scope__in=list(scopes), closed_at__isnull=True, ends_on__gte=today)
    rows = {one.pk: one for one in open_ones} | {pk: one.scheme for pk, one in mine.items()}
    ordered = sorted(rows.values(), key=lambda one: (one.starts_on, one.pk), reverse=True)
    return [Here(one, mine.get(one.pk)) for one in ordered]


def today_at(place: Place, day: date) -> list[Redemption]:
    """The half-days of a day at a place, the last first, taken back or not."""
    rows = Redemption.objects.filter(place=place, day=day)
    return list(rows.select_related("issue__of", "scheme", "movement__undone_by").order_by("-pk"))


def claims_at(place: Place) -> list[Claim]:
    """What the tablets of a place counted and nobody settled yet."""
    rows = Claim.objects.filter(place=place, closed_at__isnull=True).select_related("scheme")
    return list(rows.order_by("day", "pk")[:MOST_LISTED])
