import re
from dataclasses import dataclass

from maillage.territory.models import Commune, Departement, Epci, Region
from maillage.territory.queries.codes import resolve_code
from maillage.territory.rules.codes import COMMUNE, DEPARTEMENT, EPCI, REGION

_REFERENCE = re.compile(r"(commune|epci|dep|reg)[-:]([0-9AB]{2,9})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Territory:
    """A territory people can name; `lat` and `lon` (degrees) only for a commune whose centre is known."""

    kind: str
    code: str
    name: str
    lat: float | None = None
    lon: float | None = None
    departement_code: str = ""
    region_code: str = ""

    @property
    def reference(self) -> str:
        return f"{self.kind}-{self.code}"


def find(reference: str) -> Territory | None:
    """The territory of a reference, `commune-39093`, `epci-…`, `dep-39`, `reg-27`, or of a bare commune or EPCI code.

    An older commune code leads to today's commune; anything unreadable or unknown is None.
    """
    kind, code = _split(reference)
    if kind == "commune":
        return _commune(code)
    if kind == "epci" and EPCI.fullmatch(code):
        return _epci(code)
    if kind == "dep" and DEPARTEMENT.fullmatch(code):
        return _departement(code)
    if kind == "reg" and REGION.fullmatch(code):
        return _region(code)
    return None


def _split(reference: object) -> tuple[str, str]:
    if not isinstance(reference, str) or len(reference) > 40:
        return "", ""
    text = reference.strip()
    matched = _REFERENCE.fullmatch(text)
    if matched:
        return matched[1], matched[2]
    if COMMUNE.fullmatch(text):
        return "commune", text
    return ("epci", text) if EPCI.fullmatch(text) else ("", "")


def _commune(code: str) -> Territory | None:
    today = resolve_code(code)
    if today is None:
        return None
    row = Commune.objects.select_related("departement").get(code=today)
    return Territory("commune", row.code, row.name, row.lat, row.lon, row.departement_id, row.departement.region_id)


def _epci(code: str) -> Territory | None:
    row = Epci.objects.filter(code=code).first()
    return Territory("epci", row.code, row.name) if row else None


def _departement(code: str) -> Territory | None:
    row = Departement.objects.filter(code=code).first()
    if row is None:
        return None
    return Territory("dep", row.code, row.name, departement_code=row.code, region_code=row.region_id)


def _region(code: str) -> Territory | None:
    row = Region.objects.filter(code=code).first()
    return Territory("reg", row.code, row.name, region_code=row.code) if row else None
