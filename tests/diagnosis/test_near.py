"""What is said of the registry around a commune, on the small ground: what counts for nothing, and who is asked."""

import numpy as np
import pytest

from maillage.diagnosis.queries import demand as demands
from maillage.diagnosis.queries import near
from maillage.diagnosis.queries.area import area_of, nearest_now
from maillage.diagnosis.queries.asked import territory_of
from maillage.diagnosis.queries.supply import supply
from maillage.places.models import Place, SourceRecord
from maillage.territory.models import Commune
from tests.conftest import NOW
from tests.diagnosis.conftest import ask, change_ground, record

pytestmark = pytest.mark.django_db
VAL = "epci-243900420"
TODAY = NOW.date()


def _neighbour(*closed: str):
    area = area_of(territory_of(VAL), 20)
    rows = np.flatnonzero(np.isin(area.places.slug, closed)).astype(np.intp)
    return near.neighbour_of(area, "39093", rows, today=TODAY)


def test_a_place_closed_for_a_try_is_never_the_neighbour_to_share_with(places):
    first, count = _neighbour()
    second, fewer = _neighbour(first.slug)
    assert (first.slug, fewer) == ("la-boutique-de-nadine", count - 1)
    assert second is not None and second.slug != first.slug and second.minutes >= first.minutes
    assert _neighbour(first.slug, second.slug) == (None, 0)


def test_one_fictional_place_within_the_hour_is_enough_to_prove_nothing(places):
    far = {"commune": "39300", "lat": 46.8, "lon": 5.65}
    record({"name": "Au loin", **far}, dated="2026-06")
    before = ask(VAL).trust
    record({"name": "Plus loin", **far}, dated="2026-06")
    Place.objects.filter(slug="plus-loin").update(is_demo=True)
    found = ask(VAL).trust
    assert (before.evidence, before.around - before.found, before.found) == ("solid", 1, found.found)
    assert (found.evidence, found.around - found.found) == ("none", 2)


def test_a_date_that_was_to_come_when_the_source_was_read_hides_no_other(places):
    record({"name": "Demain", "commune": "39093"}, dated="2027-01")
    record({"name": "Cette année", "commune": "39093"}, dated="2026")
    Place.objects.filter(slug="demain").update(confirmed_at=NOW, confirmed_by="essai")
    told = dict(zip(supply().slug, supply().checked_on, strict=True))
    assert SourceRecord.objects.get(place__slug="demain").dated == "2027-01"
    assert (told["demain"], told["cette-annee"]) == ("2026-11-22", "2026")


def test_the_commune_that_most_people_reach_is_the_same_whatever_is_open(places):
    Commune.objects.filter(code="39300").update(population=30_000)
    change_ground()

    def most():
        area = area_of(territory_of("dep-39"), 20)
        return demands.most_desks(area, nearest_now())

    before = most()
    every = [demands.demand_of(area_of(territory_of("dep-39"), 20), nearest_now(), code) for code in ("39093", "39370")]
    assert (before.centre, before.desks.p50 > max(one.desks.p50 for one in every)) == ("39300", True)
    record(*({"name": f"Lons {n}", "commune": "39300"} for n in range(3)))
    after = most()
    assert (after.centre, after.desks) == (before.centre, before.desks)
    assert after.desks_beyond != before.desks_beyond


def test_a_village_where_an_unconfirmed_registry_leads_is_no_firm_smaller(places):
    Commune.objects.filter(code="39300").update(population=60_000)
    Commune.objects.filter(code="39370").update(population=4_000)
    change_ground()
    Place.objects.exclude(commune_id="25056").delete()
    record({"name": "Jadis", "commune": "39300"}, dated="2019")
    found = ask("dep-39")
    assert found.demand.centre != "39300"
    assert found.demand.desks.p50 < demands.sizes().viable
    assert (found.conclusion.verdict, found.trust.evidence == "solid") == ("unknown", False)
    assert [one.figures["centre"] for one in found.conclusion.sentences if one.rule == "most-desks"] == [
        "Lons-le-Saunier"
    ]
