"""One commune as a form needs it."""

from dataclasses import dataclass

from maillage.territory.models import Commune, PostalCode


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
