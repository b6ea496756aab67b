"""A territory explained, on the small ground: who is near what, what a change does, what cannot be said."""

from dataclasses import replace
from math import inf

import pytest

from maillage.analysis.travel import crow_fly
from maillage.diagnosis import labels
from maillage.diagnosis.queries import demand as demands
from maillage.diagnosis.queries.supply import supply
from maillage.diagnosis.rules.asking import Refused
from maillage.places.actions import record_many
from maillage.places.actions.sheet import close_place
from maillage.places.models import Place
from maillage.places.rules.drafts import Draft
from maillage.territory.models import Commune
from tests.conftest import NOW
from tests.diagnosis.conftest import ask, change_ground, record
from tests.web.cast import CENSUS

pytestmark = pytest.mark.django_db
VAL = "epci-243900420"


def test_what_counts_as_a_tiers_lieu_and_what_serves(places):
    record(
        {"name": "Aide au clavier", "commune": "39093", "activities": ["mediation-numerique"]},
        {"name": "Guichet", "commune": "39093", "activities": [], "services": ["france-services"]},
        {
            "name": "Fabrique",
            "commune": "39093",
            "activities": ["mediation-numerique"],
            "labels": ["fabrique-de-territoire"],
        },
        {"name": "Endormi", "commune": "39370", "status": "dormant"},
    )
    drafts = [
        Draft("recensement", "deux", {"name": "Deux avis", "commune": "39093", "activities": ["fablab"]}, {}, "LO"),
        Draft("mediation", "deux", {"activities": ["mediation-numerique"]}, {}, "LO", dated="2026-10"),
    ]
    sources = {"recensement": CENSUS, "mediation": replace(CENSUS, slug="mediation", rank=2)}
    record_many(drafts=[replace(one, group="deux") for one in drafts], sources=sources, by="essai", now=NOW)
    told = supply()
    assert [one.code for one in Place.objects.get(slug="deux-avis").features.all()] == ["mediation-numerique"]
    assert "deux-avis" in told.slug
    slugs = set(told.slug)
    assert {"fabrique", "endormi", "la-boutique-de-nadine", "l-ancienne-poste"} <= slugs
    assert not {"aide-au-clavier", "guichet"} & slugs
    assert set(told.slug[~told.serves]) == {"endormi", "l-ancienne-poste", "les-communs-de-vaudrey"}


def test_minutes_are_those_of_the_nearest_open_place_even_outside(places):
    found = ask(VAL)
    near = {town.code: (town.nearest, town.minutes) for town in found.towns}
    assert near["39093"] == ("la-boutique-de-nadine", pytest.approx(2.0, abs=0.01))
    assert near["39370"][0] == "l-atelier-de-m-perrin"
    assert near["39546"][0] == "la-boutique-de-nadine"  # its own place is a project
    listed = Place.objects.filter(status="open", lat__isnull=False)
    lat, lon, density = zip(*listed.values_list("lat", "lon", "commune__density_7"), strict=True)
    for town in found.towns:
        plain = crow_fly().minutes_from(town.lat, town.lon, town.density, lat, lon, density)
        assert town.minutes == pytest.approx(plain.min(), rel=1e-5)
    alone = ask("epci-244400644")
    assert alone.towns[0].nearest == ""
    assert alone.towns[0].minutes == inf


def test_bands_add_up_the_people_of_the_communes(places):
    found = ask(VAL)
    for band, people in found.reach.bands.items():
        assert people == sum(town.population for town in found.towns if town.minutes <= band)
    assert found.reach.population == 423 + 1095 + 355
    assert found.reach.beyond == found.reach.population - found.reach.bands[20]
    assert found.reach.curve[-1][1] == found.reach.population
    assert (found.reach.known, found.reach.communes) == (3, 3)


def test_closing_a_place_loses_what_it_served_and_leaves_the_registry_as_it_is(places):
    before = ask(VAL)
    found = ask(VAL, closed=["la-boutique-de-nadine"])
    assert found.reach_now == before.reach
    assert {town.nearest for town in found.towns} == {"l-atelier-de-m-perrin"}
    for was, town in zip(before.towns, found.towns, strict=True):
        assert town.minutes >= was.minutes == town.minutes_now
    assert found.trust.found == before.trust.found - 1
    assert ask(VAL) == before


def test_opening_never_makes_anybody_farther_and_is_the_nearest_at_home(places):
    before, found = ask("dep-39"), ask("dep-39", opened=["39300"])
    for was, town in zip(before.towns, found.towns, strict=True):
        assert town.minutes <= was.minutes == town.minutes_now
    (lons,) = [town for town in found.towns if town.code == "39300"]
    assert (lons.nearest, lons.nearest_name, lons.minutes) == ("", "Lons-le-Saunier", pytest.approx(2.0))
    assert found.reach.beyond == before.reach.beyond - 16618
    assert found.demand.centre == "39300"


def test_closing_then_opening_the_same_spot_gives_the_same_people_back(places):
    found = ask(VAL, closed=["la-boutique-de-nadine"], opened=["39093"])
    assert found.reach.bands == ask(VAL).reach.bands


def test_a_really_closed_place_is_the_same_as_one_closed_for_a_try(places):
    tried = ask(VAL, closed=["la-boutique-de-nadine"])
    place = Place.objects.get(slug="la-boutique-de-nadine")
    seen = place.revisions.latest("number").number
    close_place(place_id=place.pk, closed_on="2026-11", cause="economie", seen=seen, by="essai", now=NOW)
    found = ask(VAL)
    assert [town.minutes for town in found.towns] == [town.minutes for town in tried.towns]
    assert found.reach == tried.reach


def test_a_small_catchment_ends_in_a_firm_no_whatever_the_registry_holds(places):
    found = ask("epci-200071116")  # Lons alone has people enough; its neighbours are not on this ground
    assert found.conclusion.verdict != "not-now"
    Commune.objects.filter(epci="243900420").update(population=90)
    Commune.objects.filter(code="39300").update(population=90)
    change_ground()
    for closed in ([], ["la-boutique-de-nadine", "l-atelier-de-m-perrin"]):
        found = ask(VAL, closed=closed)
        assert found.conclusion.verdict == "not-now"
        assert found.demand.desks.p90 < demands.sizes().few
        assert "Cela reste vrai quoi que sache le registre" in labels.sentence(found.conclusion.sentences[1])
    assert labels.verdict(found) == "Non, pas maintenant\u202f: trop peu de monde pour qu’un lieu vive."


def test_the_answer_waits_where_places_of_an_old_census_were_never_checked(places):
    Place.objects.all().delete()
    record(*({"name": f"Bureau {n}", "commune": "44109"} for n in range(12)), dated="2019")
    found = ask("commune-44109")
    assert (found.conclusion.verdict, found.trust.evidence, found.trust.checked) == ("unknown", "none", 0)
    assert labels.sentence(found.conclusion.sentences[0]).startswith(
        "Le registre n’est pas confirmé ici\u202f: 12 lieux"
    )
    assert found.trust.to_confirm[:2] == ("bureau-0", "bureau-1")
    record(*({"name": f"Bureau {n}", "commune": "44109"} for n in range(12)), dated="2026-06")
    found = ask("commune-44109")
    assert (found.conclusion.verdict, found.trust.evidence, found.trust.checked) == ("useful", "solid", 12)
    assert found.trust.to_confirm == ()


def test_an_emptiness_that_is_improbable_is_the_registry_s(places):
    record(*({"name": f"Bureau {n}", "commune": "44109"} for n in range(60)))
    found = ask("commune-25056", closed=[slug for slug in supply().slug if slug.startswith("bureau-0")][:9])
    assert found.trust.expected is not None
    assert found.trust.chance is not None
    empty = ask("epci-244400644")
    assert (empty.trust.found, empty.trust.evidence) == (0, "none")


def test_employed_people_are_estimated_from_the_population_and_it_is_said(places):
    found = ask(VAL)
    assert found.demand.estimated == 1.0
    assert [one.rule for one in found.remarks] == ["employed-estimated"]
    assert all(town.employed is None for town in found.towns)
    Commune.objects.all().update(employed=10)
    change_ground()
    assert ask(VAL).demand.estimated == 0.0


def test_a_ground_without_population_says_that_nobody_knows(places):
    Commune.objects.all().update(population=None)
    change_ground()
    found = ask(VAL)
    assert (found.demand, found.conclusion.verdict, found.break_even) == (None, "unknown", ())
    assert labels.verdict(found) == "On ne peut pas conclure\u202f: les chiffres manquent ici."
    assert found.reach.known == 0
    assert "no-population" in [one.rule for one in found.remarks]


def test_a_commune_without_a_centre_has_unknown_minutes(places):
    Commune.objects.filter(code="39546").update(lat=None, lon=None)
    change_ground()
    found = ask(VAL)
    assert [town.minutes for town in found.towns if town.code == "39546"] == [None]
    assert (found.reach.known, found.reach.communes) == (2, 3)
    assert "no-centre" in [one.rule for one in found.remarks]
    with pytest.raises(Refused) as refused:
        ask(VAL, opened=["39546"])
    assert labels.refusal(refused.value) == (
        "Le centre de Vaudrey n’est pas connu\u202f: on ne sait pas quels trajets y mènent."
    )


def test_an_empty_registry_is_said_and_nothing_is_served(small_ground):
    found = ask(VAL)
    assert "no-places" in [one.rule for one in found.remarks]
    assert found.reach.beyond == found.reach.population == 1873
    assert (found.trust.expected, found.trust.found) == (None, 0)
    assert found.places == ()


def test_fictional_places_never_make_a_finding(small_ground):
    record(*({"name": f"Bureau {n}", "commune": "44109"} for n in range(12)), dated="2026-06")
    Place.objects.update(is_demo=True)
    found = ask("commune-44109")
    assert (found.fictional, found.trust.evidence, found.conclusion.verdict) == (True, "none", "unknown")
    assert "fictional" in [one.rule for one in found.remarks]


def test_a_commune_that_merged_is_followed_and_said(places):
    found = ask("39999")
    assert (found.code, found.reference) == ("39093", "commune-39093")
    assert labels.remark(found.remarks[0]) == ("Ancienne-Chamblay (39999) fait aujourd’hui partie de Chamblay (39093).")


def test_overseas_has_its_own_speeds_and_no_trip_crosses_the_sea(places):
    record({"name": "Nantais", "commune": "44109"})
    found = ask("reg-04")
    assert "overseas" in [one.rule for one in found.remarks]
    assert all(town.minutes == inf for town in found.towns)
    assert ask("france").reach.communes == 11


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"territory": "commune-99999"}, "Aucun territoire ne répond à «\u202fcommune-99999\u202f»"),
        ({"territory": "Chamblai"}, "Peut-être\u202f: Chamblay (commune-39093)"),
        ({"territory": VAL, "opened": ["00000"]}, "Aucune commune n’a le code «\u202f00000\u202f»"),
        ({"territory": VAL, "opened": ["dep-39"]}, "Aucune commune n’a le code «\u202fdep-39\u202f»"),
        ({"territory": VAL, "closed": ["nulle-part"]}, "Aucun tiers-lieu n’a l’adresse «\u202fnulle-part\u202f»"),
        ({"territory": VAL, "closed": ["l-ancienne-poste"]}, "«\u202fl-ancienne-poste\u202f» n’est pas ouvert"),
    ],
)
def test_what_does_not_exist_is_refused_with_what_may_be_meant(places, asked, said):
    with pytest.raises(Refused) as refused:
        ask(**asked)
    assert said in labels.refusal(refused.value)


def test_a_territory_left_without_a_commune_is_refused(places):
    Commune.objects.filter(epci="244400586").update(epci=None)
    change_ground()
    with pytest.raises(Refused) as refused:
        ask("epci-244400586")
    assert labels.refusal(refused.value) == (
        "CC du Sud Estuaire n’a aucune commune dans le fond de territoire\u202f: il n’y a rien à dire d’ici."
    )


def test_territories_like_this_one_are_of_the_same_kind_with_their_places(places):
    found = ask(VAL)
    assert found.peers
    assert all(peer.reference.startswith("epci-") and peer.reference != VAL for peer in found.peers)
    assert [peer.distance for peer in found.peers] == sorted(peer.distance for peer in found.peers)
    nantes = [peer for peer in ask("epci-244400644").peers if peer.reference == "epci-244400404"]
    assert [peer.places_open for peer in nantes] == [1]
    assert ask("france").peers == ()
    closed = [case for case in ask("epci-244400404").cases if case.status == "closed"]
    assert [(case.name, case.closed_on) for case in closed] == [("L’Ancienne Poste", "2016")]


def test_the_order_in_which_changes_are_tried_changes_nothing(places):
    one = ask("dep-39", opened=["39300", "39370"])
    other = ask("dep-39", opened=["39370", "39300"])
    assert [town.minutes for town in one.towns] == [town.minutes for town in other.towns]
    assert replace(one.reach) == other.reach


def test_the_threshold_is_one_of_reading_and_never_turns_the_answer(places):
    usual = ask(VAL)
    for within in (5, 10, 30):
        found = ask(VAL, within_min=within)
        assert (found.conclusion, found.demand, found.trust) == (usual.conclusion, usual.demand, usual.trust)
    assert ask(VAL, within_min=5).reach.beyond > usual.reach.beyond


def test_a_territory_where_nobody_lives_is_told_so_with_its_source(places):
    Commune.objects.filter(code="39093").update(population=0)
    change_ground()
    found = ask("commune-39093")
    assert labels.headline(found).startswith("Personne n’habite ici")
    assert (found.demand, found.conclusion.verdict) == (None, "not-now")
    assert ask(VAL).demand is not None


def test_a_case_is_shown_only_where_it_teaches_something(places):
    record({"name": "Bibliothèque", "commune": "44109"})
    found = ask("epci-244400644").cases
    assert all(
        one.opened_on or one.closed_on or one.closed_cause or one.desks is not None or one.prices for one in found
    )
    assert "Bibliothèque" not in [one.name for one in found]
