"""One commune as a form needs it."""

from dataclasses import dataclass

from maillage.territory.models import Commune, PostalCode
from maillage.territory.queries.search import search


@dataclass(frozen=True, slots=True)
class CommuneFacts:
    """A commune, where its département is, and its centre if it is known."""

    code: str
    name: str
    context: str
    lat: float | None
    lon: float | None


def commune_facts(code: str) -> CommuneFacts | None:
    """The commune of today with this code, or None."""
    if "\x00" in code:
        return None
    found = Commune.objects.filter(pk=code).select_related("departement").first()
    if found is None:
        return None
    context = f"{found.departement.name} ({found.departement_id})"
    return CommuneFacts(found.code, found.name, context, found.lat, found.lon)


def postal_codes(commune: str) -> tuple[str, ...]:
    """The postal codes of a commune, in order."""
    return tuple(PostalCode.objects.filter(commune_id=commune).order_by("code").values_list("code", flat=True))


def commune_by_code(code: str | None) -> Commune | None:
    """The commune of a code, with its département."""
    if not code or "\x00" in code:
        return None
    return Commune.objects.filter(pk=code).select_related("departement").first()


def commune_meant(text: str) -> Commune | None:
    """The one commune that a name or a postal code means; None where it means several, or none."""
    found = [hit for hit in search(text, limit=20) if hit.kind == "commune"] if text else []
    exact = [hit for hit in found if hit.exact]
    meant = exact if len(exact) == 1 else found if len(found) == 1 else []
    return commune_by_code(meant[0].code) if meant else None
