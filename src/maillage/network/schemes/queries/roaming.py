"""The agreements of a place, who is in them, and what is known of a carnet that is shown at its door."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Q, QuerySet

from maillage.accounts.models import Membership
from maillage.accounts.rules import FACILITATOR, place_scope
from maillage.management.billing.queries.sellers import seller_on
from maillage.management.passes.models import Pass
from maillage.management.passes.queries.ledger import balance, by_code
from maillage.management.passes.rules.ledger import FUNDED, RESTORED
from maillage.network.schemes.models import Roaming, RoamingPlace, RoamingVisit
from maillage.network.schemes.rules import roaming as rules
from maillage.places.models import Place
from maillage.places.queries import place_by_slug
from maillage.places.rules.hours import is_open
from maillage.territory.rules.names import normalise
from maillage.territory.rules.zones import zone_of

MOST_LISTED = 200


def stay_of(one: RoamingPlace) -> rules.Stay:
    """The days of a place in an agreement."""
    return rules.Stay(one.first_day, one.last_day, is_declined=one.left_at is not None)


@dataclass(frozen=True, slots=True)
class Mine:
    """An agreement as one place sees it: its own row and those of all."""

    agreement: Roaming
    mine: RoamingPlace
    all: tuple[RoamingPlace, ...]

    def state(self, day: date) -> str:
        return rules.state(stay_of(self.mine), day)


def agreements_of(place: Place) -> list[Mine]:
    """The agreements in which a place is, was or is invited, the latest first."""
    rows = RoamingPlace.objects.filter(place=place).select_related("agreement__place", "place")
    own = list(rows.order_by("-agreement__starts_on", "-agreement__pk")[:MOST_LISTED])
    others: dict[int, list[RoamingPlace]] = {}
    for one in places_in([row.agreement_id for row in own]):
        others.setdefault(one.agreement_id, []).append(one)
    return [Mine(one.agreement, one, tuple(others[one.agreement_id])) for one in own]


def agreement_of(place: Place, pk: int) -> Mine | None:
    """One of them; an agreement in which a place has no part does not exist for it."""
    if pk >= 2**63:
        return None
    rows = RoamingPlace.objects.select_related("agreement__place", "place")
    found = rows.filter(place=place, agreement=pk).first()
    return Mine(found.agreement, found, tuple(places_in([pk]))) if found else None


def places_in(agreements: Iterable[int]) -> "QuerySet[RoamingPlace]":
    """The places of agreements, those that are in first."""
    rows = RoamingPlace.objects.filter(agreement__in=list(agreements)).select_related("place")
    return rows.order_by("agreement", "first_day", "place__sort_name", "pk")


def places_named(lines: Iterable[str]) -> tuple[list[Place], list[str]]:
    """The places that lines name, by the address of a page or a name that only one has; the lines that name none."""
    found: dict[Any, Place] = {}
    lost = []
    for line in lines:
        slug = line.split("/lieux/", 1)[1].split("/", 1)[0].split("?", 1)[0] if "/lieux/" in line else line
        one = place_by_slug(slug[:200]).place
        if one is None and "/lieux/" not in line:
            alike = Place.objects.public().exclude(status="closed").filter(sort_name=normalise(line))
            rows = list(alike.order_by("pk")[:2])
            one = rows[0] if len(rows) == 1 else None
        if one is None:
            lost.append(line)
        else:
            found[one.pk] = one
    return list(found.values()), lost


def agreement_between(host: Place, home: Place, day: date) -> Roaming | None:
    """The agreement by which a host takes the carnets of a home on a day: the newest of those that both are in."""
    on = Q(first_day__lte=day) & (Q(last_day__isnull=True) | Q(last_day__gte=day))
    both = [RoamingPlace.objects.filter(on, place=one).values("agreement") for one in (host, home)]
    rows = Roaming.objects.filter(pk__in=both[0], starts_on__lte=day).filter(pk__in=both[1])
    return rows.order_by("-starts_on", "-pk").first()


@dataclass(frozen=True, slots=True)
class Shown:
    """A carnet that is shown at a host, what is known of it, and by which agreement it is good there."""

    facts: rules.Facts
    carnet: Pass | None = None
    agreement: Roaming | None = None


def shown_at(place: Place, text: str, *, day: date, now: datetime) -> Shown:
    """What a typed code names, for a host on a day; nothing of a carnet that no agreement makes its business."""
    carnet = by_code(text)
    if carnet is None:
        return Shown(rules.Facts(is_known=False))
    if carnet.kind == FUNDED:
        return Shown(rules.Facts(is_funded=True))
    home = carnet.place
    if home is None or home.pk == place.pk:
        return Shown(rules.Facts(is_own=True))
    found = agreement_between(place, home, day)
    departement = str(place.commune.departement_id or "") if place.commune else ""
    hours = place.opening_hours
    facts = rules.Facts(
        is_roaming=carnet.formula is not None and carnet.formula.is_roaming,
        units=rules.units_of_a_half_day(carnet.rates),
        is_agreed=found is not None,
        is_open=is_open(hours, now, zone_of(departement), departement_code=departement) if hours else None,
    )
    return Shown(facts, carnet, found)


def is_a_carnet(text: str) -> bool:
    """Whether a typed code is that of a carnet or an allowance, and of no funded pass."""
    found = by_code(text)
    return found is not None and found.kind != FUNDED


def visit_of_nonce(place: Place, nonce: str) -> RoamingVisit | None:
    """What a form counted already at a host."""
    rows = RoamingVisit.objects.select_related("movement__of", "home", "agreement")
    return rows.filter(host=place, nonce=nonce).first() if nonce else None


def visit_at(place: Place, pk: int) -> RoamingVisit | None:
    """A half-day that was counted at this host; another's does not exist here."""
    rows = RoamingVisit.objects.select_related("movement__of", "home", "agreement")
    return rows.filter(host=place, pk=pk).first() if pk < 2**63 else None


def visits_on(place: Place, day: date) -> list[RoamingVisit]:
    """The half-days of a day at a host, the last first, taken back or not."""
    rows = RoamingVisit.objects.filter(host=place, day=day)
    return list(rows.select_related("movement__of", "movement__undone_by", "home", "line").order_by("-pk"))


def is_back(visit: RoamingVisit) -> bool:
    """Whether a half-day was given back to its carnet."""
    return hasattr(visit.movement, "undone_by") and visit.movement.undone_by.kind == RESTORED


def left_on(visit: RoamingVisit) -> int:
    """What is left on the carnet that was used."""
    return balance(visit.movement.of_id)


def standing_visits(**asked: object) -> "QuerySet[RoamingVisit]":
    """Half-days elsewhere that were not taken back."""
    return RoamingVisit.objects.filter(**asked).exclude(movement__undone_by__kind=RESTORED)


def can_be_invoiced(place: Place, day: date) -> bool:
    """Whether a place has said who invoices there: without it, it can neither bill nor be billed."""
    return seller_on(place, day) is not None


def facilitators_of(place: Place) -> list[str]:
    """Where to write to those who run a place."""
    rows = Membership.objects.filter(scope=place_scope(place.pk), role=FACILITATOR, user__is_active=True)
    return sorted(set(rows.values_list("user__email", flat=True)))


def accepted_at(place: Place, day: date) -> list[Place]:
    """The places where the carnets of a place are taken on a day, by name."""
    on = Q(first_day__lte=day) & (Q(last_day__isnull=True) | Q(last_day__gte=day))
    here = RoamingPlace.objects.filter(on, place=place, agreement__starts_on__lte=day).values("agreement")
    rows = RoamingPlace.objects.filter(on, agreement__in=here).exclude(place=place).select_related("place")
    found = {one.place_id: one.place for one in rows.filter(place__removed_at__isnull=True)}
    return sorted(found.values(), key=lambda one: (one.sort_name, str(one.pk)))
