"""What a funder reads of a scheme: counts that point at nobody, and at no place alone."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Count

from maillage.network.schemes.models import Issue, Redemption, Scheme, Statement
from maillage.network.schemes.queries.ground import commune_names
from maillage.network.schemes.queries.schemes import people_served, standing_redemptions
from maillage.network.schemes.queries.staying import stayed_of
from maillage.network.schemes.rules.reports import (
    Cell,
    Regulars,
    are_few,
    is_deducible,
    places_shown,
    shares,
    suppressed,
    total_shown,
)
from maillage.network.schemes.rules.statements import month_of, sample


@dataclass(frozen=True, slots=True)
class Report:
    """A scheme, anonymised; None stands for what would point at somebody, or at one place."""

    passes: int | None
    halves: int | None
    spent_cents: int | None
    paid_cents: int | None
    places: list[Cell]
    communes: list[Cell]
    ages: list[Cell]
    months: list[tuple[str, int]] | None
    regulars: Regulars
    unknown_homes: int | None
    samples: list[tuple[str, list[Redemption]]]

    @property
    def has_few_places(self) -> bool:
        return self.halves is None


def report_of(scheme: Scheme, *, today: date) -> Report:
    """The report of a scheme, with small cells hidden, and whatever they could be worked out from."""
    spent = standing_redemptions(scheme=scheme)
    per_place = dict(spent.values_list("place__name").annotate(n=Count("pk")).order_by())
    rows = list(spent.values_list("day", "price_cents"))
    issues = list(Issue.objects.filter(scheme=scheme, replaces__isnull=True).values_list("commune", "age_band"))
    homes = shares(code for code, _band in issues)
    names = commune_names(homes)
    communes = suppressed({names.get(code, code): n for code, n in homes.items()})
    ages = suppressed(shares(band for _code, band in issues))
    months = shares(month_of(day) for day, _cents in rows)
    signed = Statement.objects.filter(scheme=scheme).values_list("total_cents", flat=True)
    few = are_few(per_place)
    told = is_deducible(communes) or is_deducible(ages)
    return Report(
        passes=None if told else total_shown(people_served(scheme.pk)),
        halves=None if few else len(rows),
        spent_cents=None if few else sum(cents for _day, cents in rows),
        paid_cents=None if few else sum(signed),
        places=places_shown(per_place),
        communes=communes,
        ages=ages,
        months=None if few else sorted(months.items()),
        regulars=stayed_of(scheme, today=today),
        unknown_homes=None if is_deducible(communes) else sum(1 for code, _band in issues if not code),
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
