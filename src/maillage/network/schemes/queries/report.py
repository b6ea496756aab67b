"""What a funder reads of a scheme: counts, places, and how many stayed on their own money."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Count

from maillage.management.passes.models import Pass
from maillage.management.people.models import Person
from maillage.network.schemes.models import Issue, Redemption, Scheme, Statement
from maillage.network.schemes.queries.ground import commune_names
from maillage.network.schemes.queries.schemes import standing_redemptions
from maillage.network.schemes.rules.eligibility import contact_print
from maillage.network.schemes.rules.reports import LEAST_PLACES, Cell, Regulars, regulars, shares, suppressed
from maillage.network.schemes.rules.statements import month_of, sample


@dataclass(frozen=True, slots=True)
class Report:
    """A scheme, anonymised."""

    places: list[Cell]
    communes: list[Cell]
    ages: list[Cell]
    months: list[tuple[str, int]]
    regulars: Regulars
    unknown_homes: int
    paid_cents: int
    samples: list[tuple[str, list[Redemption]]]


def report_of(scheme: Scheme, *, today: date) -> Report:
    """The report of a scheme, with small cells hidden."""
    spent = standing_redemptions(scheme=scheme)
    per_place = dict(spent.values_list("place__name").annotate(n=Count("pk")).order_by())
    issues = list(Issue.objects.filter(scheme=scheme, replaces__isnull=True).values_list("commune", "age_band"))
    communes = shares(code for code, _band in issues)
    names = commune_names(communes)
    months = shares(month_of(day) for day in spent.values_list("day", flat=True))
    signed = Statement.objects.filter(scheme=scheme).values_list("total_cents", flat=True)
    return Report(
        places=suppressed(per_place, least=LEAST_PLACES),
        communes=suppressed({names.get(code, code): n for code, n in communes.items()}),
        ages=suppressed(shares(band for _code, band in issues)),
        months=sorted(months.items()),
        regulars=_regulars(scheme),
        unknown_homes=sum(1 for code, _band in issues if not code),
        paid_cents=sum(signed),
        samples=samples_of(scheme, months),
    )


def samples_of(scheme: Scheme, months: Iterable[str]) -> list[tuple[str, list[Redemption]]]:
    """Whom the funder calls back, by month: drawn by the scheme and the month, the same for whoever draws again."""
    told = []
    for month in sorted(months, reverse=True):
        year, number = month.split("-")
        rows = standing_redemptions(scheme=scheme, day__year=int(year), day__month=int(number))
        by_code: dict[str, Redemption] = {}
        for one in rows.select_related("issue__of", "issue__referrer", "place").order_by("pk"):
            by_code.setdefault(f"{one.issue.of.code} {one.pk}", one)
        drawn = sample(list(by_code), seed=f"{scheme.pk} {month}")
        told.append((month, [by_code[name] for name in drawn]))
    return told


def _regulars(scheme: Scheme) -> Regulars:
    """How many of those whose contact is known came back on their own money, at a place where their pass had served."""
    spent = standing_redemptions(scheme=scheme)
    cents = sum(spent.values_list("price_cents", flat=True))
    last: dict[str, dict[UUID, date]] = {}
    for contact, place, day in spent.exclude(issue__contact="").values_list("issue__contact", "place", "day"):
        days = last.setdefault(contact, {})
        days[place] = max(day, days.get(place, day))
    return regulars(spent_cents=cents, known=len(last), regular=_stayed(scheme, last))


def _stayed(scheme: Scheme, last: dict[str, dict[UUID, date]]) -> int:
    places = {place for days in last.values() for place in days}
    if not places:
        return 0
    bought = Pass.objects.filter(place__in=places, kind__in=("carnet", "subscription"), person__isnull=False)
    buys: dict[int, list[date]] = {}
    for buyer, starts in bought.values_list("person", "issued_at__date"):
        buys.setdefault(buyer, []).append(starts)
    stayed = set()
    for person in Person.objects.filter(pk__in=buys, erased_at__isnull=True):
        for contact in (person.email, person.phone):
            days = last.get(contact_print(scheme.pepper, contact)) if contact else None
            if days and person.place_id in days and any(day >= days[person.place_id] for day in buys[person.pk]):
                stayed.add(contact_print(scheme.pepper, contact))
    return len(stayed)
