"""What places ask, who may answer, how long they wait."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from maillage.accounts.models import Membership
from maillage.accounts.permissions import scope_name
from maillage.accounts.rules import FACILITATOR, NETWORK_OFFICER, OBSERVER, place_scope, read_signature
from maillage.journal.models import AuditEvent
from maillage.network.clearance.models import HelpRequest, Network, Perimeter
from maillage.network.clearance.queries.networks import holds
from maillage.network.clearance.rules.helping import MEASURED_OVER, WITHDRAWN, Median, Wait, median_wait
from maillage.places.models import Place
from maillage.places.permissions import scopes_of

MOST_SHOWN = 100
MOST_MAILED = 20


@dataclass(frozen=True, slots=True)
class Reader:
    """Whom a place may ask or show its figures to; `code` as forms hold it, `people` as they call themselves."""

    code: str
    name: str
    people: tuple[str, ...]
    network: Network | None = None
    scope: str = ""


def readers_for(place: Place) -> list[Reader]:
    """The networks whose perimeter holds a place, by name; then those who observe its territory, the nearest first."""
    found = Network.objects.filter(closed_at__isnull=True, is_demo=place.is_demo).prefetch_related("perimeters")
    near = [one for one in found.order_by("name", "pk") if holds(one, place)]
    told = [Reader(f"reseau:{one.pk}", one.name, _officers(one), network=one) for one in near]
    scopes = [one for one in reversed(scopes_of(place)) if not one.startswith("place:")]
    rows = Membership.objects.filter(role=OBSERVER, scope__in=scopes, user__is_active=True).select_related("user")
    people: dict[str, list[str]] = {}
    for row in rows.order_by("user__name", "pk"):
        people.setdefault(row.scope, []).append(row.user.name)
    return told + [
        Reader(one, scope_name(one) or "", tuple(name for name in people[one] if name), scope=one)
        for one in sorted(people, key=scopes.index)
    ]


def _officers(network: Network) -> tuple[str, ...]:
    rows = _speaking(network).exclude(user__name="").order_by("user__name", "pk")
    return tuple(dict.fromkeys(rows.values_list("user__name", flat=True)))


def _speaking(network: Network) -> QuerySet[Membership]:
    scopes = Perimeter.objects.filter(network=network).values("scope")
    return Membership.objects.filter(role=NETWORK_OFFICER, scope__in=scopes, user__is_active=True)


def _whole() -> QuerySet[HelpRequest]:
    found = HelpRequest.objects.filter(place__removed_at__isnull=True)
    return found.select_related("place__commune__departement").prefetch_related("readers__network", "messages__network")


def requests_of(place: Place) -> list[HelpRequest]:
    """What a place has asked, the last one first."""
    return list(_whole().filter(place=place).order_by("-asked_at", "-pk")[:MOST_SHOWN])


def request_of(place: Place, pk: int) -> HelpRequest | None:
    return _whole().filter(place=place, pk=pk).first()


def request_by_number(pk: int) -> HelpRequest:
    """A request read again, with what was said meanwhile."""
    return _whole().get(pk=pk)


def unanswered(network: Network) -> int:
    """How many places still wait for a first answer of those whom a network was among."""
    return sent_to(network).filter(answered_at__isnull=True, closed_at__isnull=True).count()


def sent_to(network: Network) -> QuerySet[HelpRequest]:
    """What was asked of a network, the oldest first."""
    return _whole().filter(readers__network=network).order_by("asked_at", "pk")


def sent_to_observers(scopes: Iterable[str]) -> QuerySet[HelpRequest]:
    """What was asked of those who observe one of these territories, the oldest first."""
    return _whole().filter(readers__scope__in=[one for one in scopes if one]).distinct().order_by("asked_at", "pk")


def only(found: QuerySet[HelpRequest], *, theme: str = "", departement: str = "") -> QuerySet[HelpRequest]:
    """Those on a theme, in a département; everything where neither is said."""
    theme_told = Q(theme=theme) if theme else Q()
    return found.filter(theme_told, Q(place__commune__departement=departement) if departement else Q())


def departements_of(found: QuerySet[HelpRequest]) -> list[tuple[str, str]]:
    """The départements from which somebody asks, as (code, name)."""
    rows = found.exclude(place__commune__departement=None).order_by("place__commune__departement__name")
    names = rows.values_list("place__commune__departement", "place__commune__departement__name")
    return list(dict.fromkeys(names))


def median_of(found: QuerySet[HelpRequest], *, now: datetime) -> Median:
    """How long those who asked within a year waited for a first answer; who took it back unanswered is not counted."""
    rows = found.filter(asked_at__gt=now - MEASURED_OVER).exclude(outcome=WITHDRAWN, answered_at__isnull=True)
    told = rows.values_list("pk", "asked_at", "answered_at", "closed_at")
    return median_wait(
        Wait((answered or closed or now) - asked, answered is not None) for _pk, asked, answered, closed in told
    )


def facilitators_of(place: Place) -> list[str]:
    """Where to write to those who run a place."""
    rows = Membership.objects.filter(scope=place_scope(place.pk), role=FACILITATOR, user__is_active=True)
    return sorted(set(rows.values_list("user__email", flat=True)))


def addresses_of(reader: Any) -> list[str]:
    """Where to write to a network or to those who observe a territory; `reader` has `network` and `scope`."""
    if reader.network is not None:
        rows = _speaking(reader.network)
    else:
        rows = Membership.objects.filter(role=OBSERVER, scope=reader.scope, user__is_active=True)
    return sorted(set(rows.values_list("user__email", flat=True)))[:MOST_MAILED]


def edits_by_observers(place: Place | None = None) -> int:
    """How many acts on sheets the journal holds of people who observe: none can be, and the page shows the count."""
    acts = AuditEvent.objects.filter(by__startswith="compte:", by__endswith=f":{OBSERVER}")
    acts = acts.filter(action__startswith="places.")
    return (acts.filter(subject=str(place.pk)) if place else acts).count()


def those_who_helped(messages: Sequence[Any]) -> set[int]:
    """The accounts that spoke as helpers."""
    return {read[0] for one in messages if one.is_help and (read := read_signature(one.said_by))}
