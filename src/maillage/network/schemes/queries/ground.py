"""The communes of a territory, and who pays for it by its name."""

from collections.abc import Iterable
from datetime import date, datetime
from zoneinfo import ZoneInfo

from maillage.management.people.rules.names import folded
from maillage.territory.models import Commune
from maillage.territory.rules.zones import zone_of

MOST = 4_000
_BY = {"commune": "pk", "epci": "epci", "dep": "departement", "reg": "departement__region"}


def communes_of(scope: str) -> dict[str, str]:
    """The communes of a territory, code to name, in the order of names."""
    kind, _sep, code = scope.partition(":")
    rows = Commune.objects.filter(**{_BY[kind]: code}) if kind in _BY else Commune.objects.none()
    return dict(rows.order_by("name", "pk").values_list("pk", "name")[:MOST])


def today_in(scope: str, now: datetime) -> date:
    """The day that it is in a territory, by its clocks: a scheme of Miquelon ends at midnight there."""
    kind, _sep, code = scope.partition(":")
    departement: str | None = code if kind == "dep" else None
    if kind in _BY and departement is None:
        rows = Commune.objects.filter(**{_BY[kind]: code}).order_by("pk")
        departement = rows.values_list("departement", flat=True).first()
    return now.astimezone(ZoneInfo(zone_of(departement))).date()


def commune_names(codes: Iterable[str]) -> dict[str, str]:
    """The names of communes by their codes."""
    return dict(Commune.objects.filter(pk__in=set(codes)).order_by("name", "pk").values_list("pk", "name"))


def codes_named(lines: Iterable[str], scope: str) -> tuple[list[str], list[str]]:
    """The communes that lines mean, by code or by name within a territory; and the lines that mean none."""
    here = communes_of(scope)
    by_name = {folded(name): code for code, name in here.items()}
    asked = [line for line in lines if line]
    known = set(Commune.objects.filter(pk__in=asked[:MOST]).values_list("pk", flat=True))
    found: dict[str, None] = {}
    lost: list[str] = []
    for line in asked:
        code = line if line in known else by_name.get(folded(line), "")
        if code:
            found[code] = None
        else:
            lost.append(line)
    return list(found), lost
