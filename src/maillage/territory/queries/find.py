import re
from dataclasses import dataclass

from maillage.territory.models import Commune, Departement, Epci, Region
from maillage.territory.queries.codes import resolve
from maillage.territory.queries.ground import ground_edition
from maillage.territory.rules.codes import COMMUNE, DEPARTEMENT, EPCI, REGION

FRANCE = "france"
_REFERENCE = re.compile(r"(commune|epci|bv|dep|reg)[-:]([0-9AB]{2,9})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Territory:
    """A territory people can name, `france` included (its code is empty).

    `lat` and `lon` (degrees) only for a commune whose centre is known. `former_code` and `former_name` are those of
    the reference when it was an older commune's, or a municipal arrondissement's: this one holds it today.
    """

    kind: str
    code: str
    name: str
    lat: float | None = None
    lon: float | None = None
    departement_code: str = ""
    region_code: str = ""
    former_code: str = ""
    former_name: str = ""

    @property
    def reference(self) -> str:
        return f"{self.kind}-{self.code}" if self.code else self.kind


def find(reference: str) -> Territory | None:
    """The territory of a reference: `commune-39093`, `epci-…`, `bv-39500`, `dep-39`, `reg-27` (or `dep:39`…),
    `france`, or a bare commune or EPCI code.

    An older commune code leads to today's commune, which tells `former_code`; anything unreadable or unknown is None.
    """
    kind, code = read(reference)
    if kind == FRANCE:
        return Territory(FRANCE, "", "France") if ground_edition() else None
    if kind == "commune":
        return _commune(code)
    if kind == "bv":
        return _bassin_de_vie(code)
    if kind == "epci" and EPCI.fullmatch(code):
        return _epci(code)
    if kind == "dep" and DEPARTEMENT.fullmatch(code):
        return _departement(code)
    if kind == "reg" and REGION.fullmatch(code):
        return _region(code)
    return None


def read(reference: object) -> tuple[str, str]:
    """The kind and the code that a reference names, both empty if it is not one.

    >>> read("bv:39500"), read(" 39093 "), read("France"), read("Chamblay")
    (('bv', '39500'), ('commune', '39093'), ('france', ''), ('', ''))
    """
    if not isinstance(reference, str) or len(reference) > 40:
        return "", ""
    text = reference.strip()
    if text.lower() == FRANCE:
        return FRANCE, ""
    matched = _REFERENCE.fullmatch(text)
    if matched:
        return matched[1], matched[2]
    if COMMUNE.fullmatch(text):
        return "commune", text
    return ("epci", text) if EPCI.fullmatch(text) else ("", "")


def _commune(code: str) -> Territory | None:
    today = resolve(code)
    if today is None:
        return None
    row = Commune.objects.select_related("departement").get(code=today.code)
    place = (row.lat, row.lon, row.departement_id, row.departement.region_id)
    return Territory("commune", row.code, row.name, *place, today.former_code, today.former_name)


def _bassin_de_vie(code: str) -> Territory | None:
    name = Commune.objects.filter(bv_code=code).order_by("code").values_list("bv_name", flat=True).first()
    return None if name is None else Territory("bv", code, name or code)


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
