from datetime import datetime
from uuid import uuid4

import numpy as np
import pytest
from django.db.models import Sum

from maillage.territory.actions import load_folder
from maillage.territory.models import Commune, EquipmentType, FormerCode, Ground
from maillage.territory.queries import arrays, find, zonings
from maillage.territory.rules.equipment import pack

pytestmark = pytest.mark.django_db

NUMBERS = (
    *("lat", "lon", "population", "surface_km2", "employed", "unemployed", "jobs", "dwellings", "vacant", "income"),
    *("establishments", "vacancy"),
)
FLAGS = ("in_frr", "in_qpv", "in_pvd", "in_acv", "in_va", "in_metropole")


def another_ground() -> None:
    """Columns are kept by ground: one that nobody has seen makes them read again."""
    Ground.objects.create(kind="folder", label="x", loaded_at="2026-11-22T00:00:00Z", fingerprint=uuid4().hex * 2)


@pytest.fixture
def figures(small_ground: None) -> None:
    EquipmentType.objects.create(position=0, code="B203", label="Boulangerie", theme="serv-commerce")
    EquipmentType.objects.create(position=1, code="A129", label="Mairie", theme="serv-particuliers")
    Commune.objects.filter(code="39093").update(
        employed=144, unemployed=11, jobs=104, dwellings=200, vacant_dwellings=20, median_income=23120,
        establishments=31, has_qpv=False, in_pvd=True, frr="FRR socle", bv_code="39500", bv_name="Salins-les-Bains",
        equipment=pack({1: 1}),
    )  # fmt: skip
    Commune.objects.filter(code="39370").update(
        frr="Non classée", dwellings=0, vacant_dwellings=0, bv_code="39500", bv_name="Salins-les-Bains", equipment=b""
    )
    another_ground()


def test_columns_stand_in_the_order_of_codes(small_ground: None) -> None:
    found = arrays.columns()
    assert len(found) == Commune.objects.count()
    assert found.code.tolist() == sorted(Commune.objects.values_list("code", flat=True))
    at = found.rows(["39093"])[0]
    assert (found.name[at], found.population[at], found.lat[at]) == ("Chamblay", 423, 46.9915)
    assert (found.departement[at], found.region[at], found.epci[at]) == ("39", "27", "243900420")


def test_figures_are_read(figures: None) -> None:
    found = arrays.columns()
    at = found.rows(["39093"])[0]
    assert [getattr(found, name)[at] for name in NUMBERS[4:]] == [144, 11, 104, 200, 20, 23120, 31, 0.1]
    assert [int(getattr(found, name)[at]) for name in FLAGS] == [1, 0, 1, -1, -1, 0]
    assert found.bv[at] == "39500"


def test_unknown_is_never_zero(figures: None) -> None:
    found = arrays.columns()
    at = found.rows(["25056"])[0]
    assert np.isnan([getattr(found, name)[at] for name in NUMBERS[4:]]).all()
    assert [int(getattr(found, name)[at]) for name in FLAGS[:-1]] == [-1] * 5
    assert not found.equipment_known[at]
    assert found.bv[at] == ""
    Commune.objects.filter(code="25056").update(population=None, lat=None, lon=None, density_7=None)
    another_ground()
    again = arrays.columns()
    assert np.isnan([again.population[at], again.lat[at], again.lon[at]]).all()
    assert again.density[at] == 0


def test_no_dwelling_has_no_vacancy(figures: None) -> None:
    found = arrays.columns()
    at = found.rows(["39370"])[0]
    assert found.dwellings[at] == 0
    assert np.isnan(found.vacancy[at])


def test_what_france_ruralites_says_is_a_flag(figures: None) -> None:
    found = arrays.columns()
    assert found.in_frr[found.rows(["39093", "39370", "25056"])].tolist() == [1, 0, -1]


def test_equipment_is_a_matrix_of_communes_by_kinds(figures: None) -> None:
    found = arrays.columns()
    chamblay, mouchard, nantes = found.rows(["39093", "39370", "44109"])
    assert [kind.code for kind in found.kinds] == ["B203", "A129"]
    assert found.equipment.shape == (len(found), 2)
    assert found.equipment.toarray()[chamblay].tolist() == [0, 1]
    assert found.equipment.toarray()[mouchard].tolist() == [0, 0]
    assert found.equipment_known[[chamblay, mouchard, nantes]].tolist() == [True, True, False]


def test_each_part_of_france_is_a_zone_of_its_own(small_ground: None) -> None:
    found = arrays.columns()
    assert found.zone[found.rows(["39093", "97411"])].tolist() == ["metro", "974"]


def test_a_commune_kept_for_its_old_code_is_not_today_s(small_ground: None) -> None:
    FormerCode.objects.create(code="39546", commune_id="39093")
    another_ground()
    assert arrays.columns().rows(["39546", "39093"]).tolist()[0] == -1


@pytest.mark.parametrize("codes", [["00000"], ["99999"], ["", "3909", "390933"]])
def test_an_unknown_code_has_no_row(small_ground: None, codes: list[str]) -> None:
    assert arrays.columns().rows(codes).tolist() == [-1] * len(codes)


def test_without_a_ground_columns_are_empty(db: None) -> None:
    found = arrays.columns()
    assert len(found) == 0
    assert found.rows(["39093"]).tolist() == [-1]
    assert found.equipment.shape == (0, 0)
    assert zonings.zoning("epci").codes.tolist() == []


def test_columns_are_kept_until_another_ground_and_cannot_be_changed(
    small_ground: None, django_assert_num_queries
) -> None:
    first = arrays.columns()
    with django_assert_num_queries(1):
        assert arrays.columns() is first
    with pytest.raises(ValueError, match="read-only"):
        first.population[0] = 1
    another_ground()
    assert arrays.columns() is not first


@pytest.mark.parametrize(
    ("reference", "held"),
    [
        ("39093", ["39093"]),
        ("epci:243900420", ["39093", "39370", "39546"]),
        ("bv:39500", ["39093", "39370"]),
        ("dep:39", ["39093", "39300", "39370", "39546"]),
        ("reg:27", ["25056", "39093", "39300", "39370", "39546"]),
    ],
)
def test_the_members_of_a_territory(figures: None, reference: str, held: list[str]) -> None:
    found = arrays.columns()
    assert found.code[zonings.members(find(reference))].tolist() == held
    assert found.code[zonings.members(find(reference), found)].tolist() == held


def test_france_holds_every_commune(figures: None) -> None:
    assert zonings.members(find("france")).all()


@pytest.mark.parametrize("kind", zonings.KINDS)
def test_a_zoning_divides_what_its_territories_hold(figures: None, kind: str) -> None:
    found, divided = arrays.columns(), zonings.zoning(kind)
    assert divided.codes.tolist() == sorted(divided.codes.tolist())
    for number, (code, name) in enumerate(zip(divided.codes.tolist(), divided.names, strict=True)):
        where = find(f"{kind}-{code}" if code else kind)
        assert (where.name, where.code) == (name, code)
        assert ((divided.of == number) == zonings.members(where)).all()
    assert divided.total(found.population).sum() == np.nansum(found.population[divided.of >= 0])


def test_communes_outside_any_territory_of_a_kind_are_in_none(figures: None) -> None:
    found, divided = arrays.columns(), zonings.zoning("bv")
    assert (divided.of >= 0).tolist() == (found.bv != "").tolist()
    assert divided.codes.tolist() == ["39500"]


def test_a_total_of_unknown_figures_is_unknown(figures: None) -> None:
    divided = zonings.zoning("dep")
    told = dict(zip(divided.codes.tolist(), divided.total(arrays.columns().employed).tolist(), strict=True))
    assert told["39"] == 144
    assert np.isnan(told["44"])


def test_a_kind_that_is_not_is_refused(small_ground: None) -> None:
    with pytest.raises(ValueError) as refusal:
        zonings.zoning("canton")
    assert str(refusal.value) == (
        "'canton' is not a kind of territory; the kinds are commune, epci, bv, dep, reg, france"
    )


@pytest.mark.data
def test_the_real_columns(data_dir, now: datetime) -> None:
    load_folder(folder=data_dir, by="essai", now=now)
    found = arrays.columns()
    assert len(found) == 34_875
    assert np.nansum(found.employed) == Commune.objects.aggregate(sum=Sum("employed"))["sum"] == 27_398_174
    assert found.equipment.sum() == 2_178_930
    assert len(zonings.zoning("bv").codes) == 1_707
    assert int(zonings.members(find("epci:243900420")).sum()) == 24
