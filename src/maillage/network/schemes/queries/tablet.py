"""What a tablet at the door keeps, to judge codes while there is no network: keys and codes, and nobody's name."""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from maillage.network.schemes.models import Issue, Redemption
from maillage.network.schemes.queries.door import clocks_of
from maillage.network.schemes.queries.keys import keys_at, revoked_at
from maillage.network.schemes.queries.schemes import left_on, standing_redemptions
from maillage.network.schemes.rules.door import half_of
from maillage.places.models import Place

SEEN_FOR = timedelta(days=60)
MOST_SEEN = 500


@dataclass(frozen=True, slots=True)
class Tablet:
    """Public keys by name, cancelled codes, the half-days of today here, and what is left on passes seen here."""

    keys: dict[str, str]
    revoked: list[str]
    day: str
    counted: dict[str, list[str]]
    left: dict[str, int]

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def tablet_at(place: Place, *, now: datetime) -> Tablet:
    """What the tablets of a place are told now."""
    today, _half = half_of(now, clocks_of(place))
    counted: dict[str, list[str]] = {"am": [], "pm": []}
    for code, half in standing_redemptions(place=place, day=today).values_list("issue__of__code", "half"):
        counted[half].append(code)
    came = Redemption.objects.filter(place=place, day__gt=today - SEEN_FOR).values("issue")
    rows = Issue.objects.filter(pk__in=came, of__ends_on__gte=today).select_related("of")
    seen = list(rows.order_by("-pk")[:MOST_SEEN])
    left = left_on(seen)
    return Tablet(
        keys=keys_at(place),
        revoked=revoked_at(place),
        day=today.isoformat(),
        counted={half: sorted(codes) for half, codes in counted.items()},
        left={one.of.code: left[one.of_id] for one in seen},
    )
