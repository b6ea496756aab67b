"""Who may read what of a place, until when, and who did."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import F, Q, QuerySet

from maillage.accounts import queries as accounts
from maillage.accounts.models import User
from maillage.accounts.rules import NETWORK_OFFICER, OBSERVER
from maillage.network.clearance.models import Grant, GrantUse, HelpRequest, Network
from maillage.network.clearance.models.helping import SecondsBetween
from maillage.places.models import Place

SOON = timedelta(days=7)
MOST_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Held:
    """The grants of a place: those that open something now, and those that are over, the last ones first."""

    now: list[Grant]
    over: list[Grant]


def working(now: datetime) -> Q:
    """What opens something at this moment: neither ended nor expired, of a place that is still there."""
    return Q(ended_at__isnull=True, expires_at__gt=now, given_at__lte=now, place__removed_at__isnull=True)


def is_working(grant: Grant, now: datetime) -> bool:
    """The same of one grant; the very moment at which it expires is over."""
    gone = grant.ended_at is not None or grant.place.removed_at is not None
    return not gone and grant.given_at <= now < grant.expires_at


def _whole() -> QuerySet[Grant]:
    return Grant.objects.select_related("place__commune__departement", "network", "reader", "request")


def grants_of(place: Place, *, now: datetime) -> Held:
    """What a place shows, and showed."""
    rows = list(_whole().filter(place=place).order_by("-given_at", "-pk")[:MOST_SHOWN])
    return Held([one for one in rows if is_working(one, now)], [one for one in rows if not is_working(one, now)])


def grant_of(place: Place, pk: int) -> Grant | None:
    return _whole().filter(place=place, pk=pk).first()


def grant_by_number(pk: int) -> Grant | None:
    return _whole().prefetch_related("network__perimeters").filter(pk=pk).first()


def grants_with(request: HelpRequest, *, now: datetime) -> list[Grant]:
    """What goes with a request and still opens something."""
    return list(_whole().filter(working(now), request=request).order_by("pk"))


def readings_of(place: Place) -> list[GrantUse]:
    """Who read the figures of a place, the last one first."""
    rows = GrantUse.objects.filter(grant__place=place).select_related("grant__network")
    return list(rows.order_by("-read_at", "-pk")[:MOST_SHOWN])


def shown_to(user: User, *, now: datetime) -> list[Grant]:
    """What places show to somebody now: by name, through their network, or where they observe."""
    held = accounts.held(user)
    over = [scope for role, scope in held if role == NETWORK_OFFICER]
    observed = [scope for role, scope in held if role == OBSERVER and not scope.startswith("place:")]
    networks = Network.objects.filter(closed_at__isnull=True, perimeters__scope__in=over)
    mine = Q(reader=user) | Q(network__in=networks.values("pk")) | Q(scope__in=observed)
    return list(_whole().filter(working(now) & mine).order_by("expires_at", "pk")[:MOST_SHOWN])


def ending_soon(*, now: datetime) -> QuerySet[Grant]:
    """What ends within a week, was given for longer than that, and whose end was not announced."""
    rows = _whole().filter(working(now), reminded_at__isnull=True, expires_at__lte=now + SOON)
    lasts = SecondsBetween(F("given_at"), F("expires_at"))
    return rows.annotate(lasts_s=lasts).filter(lasts_s__gt=int(SOON.total_seconds())).order_by("pk")
