"""Every located commune, with what a draw among communes needs to know."""

from maillage.territory.models import Commune, PostalCode
from maillage.territory.rules.towns import Town, is_in_metropole, is_rural


def towns() -> list[Town]:
    """Every commune with a centre and a known population, in the order of its code."""
    postal_codes = dict(PostalCode.objects.order_by("-code").values_list("commune_id", "code"))
    rows = Commune.objects.filter(lat__isnull=False, population__gt=0).order_by("code")
    columns = (
        *("code", "name", "departement_id", "departement__region_id", "lat", "lon", "centre_kind", "population"),
        *("density_7", "in_metropole", "epci__kind"),
    )
    return [
        Town(
            code=code,
            name=name,
            departement=departement,
            region=region,
            postal_code=postal_codes.get(code, ""),
            lat=lat,
            lon=lon,
            estimated=centre == Commune.Centre.ESTIMATED,
            population=population,
            rural=is_rural(density, population),
            metropole=is_in_metropole(listed, epci_kind),
        )
        for code, name, departement, region, lat, lon, centre, population, density, listed, epci_kind in (
            rows.values_list(*columns)
        )
    ]
