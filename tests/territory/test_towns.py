from hypothesis import given
from hypothesis import strategies as st

from maillage.territory.models import Commune
from maillage.territory.queries.towns import towns
from maillage.territory.rules.towns import RURAL_DENSITY, is_in_metropole, is_rural


def test_every_located_and_inhabited_commune_in_the_order_of_its_code(small_ground: None) -> None:
    Commune.objects.filter(pk="25056").update(lat=None, lon=None)
    Commune.objects.filter(pk="39370").update(population=None)
    Commune.objects.filter(pk="39093").update(centre_kind=Commune.Centre.ESTIMATED, density_7=None)
    found = {town.code: town for town in towns()}
    assert list(found) == sorted(found) and "25056" not in found and "39370" not in found
    chamblay, nantes = found["39093"], found["44109"]
    assert (chamblay.estimated, chamblay.rural, chamblay.postal_code) == (True, True, "39380")
    assert (nantes.estimated, nantes.rural, nantes.metropole, nantes.postal_code) == (False, False, True, "44000")
    assert (nantes.departement, nantes.region) == ("44", "52")


@given(st.integers(1, 7), st.integers(0, 3_000_000))
def test_the_grid_decides_whatever_the_population(density: int, population: int) -> None:
    assert is_rural(density, population) is (density >= RURAL_DENSITY)


@given(st.booleans(), st.sampled_from(["METRO", "MET69", "CC", None]))
def test_the_list_decides_whatever_the_kind(listed: bool, kind: str | None) -> None:
    assert is_in_metropole(listed, kind) is listed
    assert is_in_metropole(None, kind) is (kind in ("METRO", "MET69"))
