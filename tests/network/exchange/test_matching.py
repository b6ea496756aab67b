"""Whether two sheets tell of one place: what speaks for it and against, whatever order they come in."""

import string

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from maillage.analysis.distance import great_circle_m
from maillage.network.exchange.rules.matching import Band, Match, Sheet, Verdict, compare, matches, ready
from maillage.network.exchange.rules.matching.blocks import LARGEST_PILE, near
from maillage.network.exchange.rules.matching.joining import Node, join
from maillage.network.exchange.rules.matching.score import ASK, LINK

DOLE = {"commune": "39198", "town": "Dole"}
texts = st.text(string.ascii_letters + "éàç '’-;.0123456789\x00", max_size=40)
sheets = st.builds(
    Sheet,
    key=st.uuids(),
    name=texts,
    commune=st.sampled_from(["39198", "25056", ""]),
    town=st.sampled_from(["Dole", "Besançon", ""]),
    street=texts,
    lat=st.one_of(st.none(), st.floats(46.9, 47.1)),
    lon=st.one_of(st.none(), st.floats(5.4, 5.6)),
    precision=st.sampled_from(["address", "commune", "unknown"]),
    website=texts,
    email=texts,
    phone=texts,
    siret=texts,
    source=st.sampled_from(["a", "b", ""]),
)


def verdict(one: dict, other: dict, *, source: str = "b") -> Verdict:
    return compare(
        ready(Sheet(1, **{**DOLE, "source": "a", **one})), ready(Sheet(2, **{**DOLE, "source": source, **other}))
    )


@given(sheets, sheets)
def test_two_sheets_are_as_alike_one_way_as_the_other(one, other):
    there, back = compare(ready(one), ready(other)), compare(ready(other), ready(one))
    assert (there.band, there.points, there.held) == (back.band, back.points, back.held)
    assert there.points == sum(reason.points for reason in there.evidence)


@given(sheets, sheets)
def test_a_link_always_has_its_points_and_nothing_against_it(one, other):
    told = compare(ready(one), ready(other))
    if told.band is Band.LINK:
        assert told.points >= LINK and not told.held
    if told.points < ASK:
        assert told.band is Band.IGNORE


@given(sheets, st.sampled_from(["street", "website", "email", "phone", "siret"]))
def test_what_is_not_said_counts_for_nothing(sheet, field):
    other = Sheet(2, "La Maille", **DOLE)
    said = {name: getattr(sheet, name) for name in sheet.__slots__}
    before = compare(ready(sheet), ready(other))
    assert compare(ready(Sheet(**{**said, field: ""})), ready(other)).points == before.points


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"name": "L’Étoile", "street": "3 rue du Port"}, {"name": "ETOILE", "street": "3, R. DU PORT"}),
        (
            {"name": "Mairie de Dole", "street": "1 place de l’Europe"},
            {"name": "COMMUNE DE DOLE", "street": "1 PL EUROPE"},
        ),
        ({"name": "France services de Dole"}, {"name": "MSAP de Dole", "street": "2 rue Neuve"}),
        (
            {"name": "8 Fablab Drôme", "street": "8 rue courre-commère"},
            {"name": "8 FABLAB DROME", "street": "RUE COURRE COMMERE"},
        ),
        ({"name": "Le Cèdre bleu"}, {"name": "Association Le Cèdre Bleu", "street": "4 rue des Arènes"}),
    ],
)
def test_one_place_written_by_two_sources_is_linked(one, other):
    assert verdict(one, other).band is Band.LINK


@pytest.mark.parametrize(
    ("one", "other"),
    [
        # under one roof
        (
            {"name": "La Raffinerie", "street": "34 quai Pasteur"},
            {"name": "Nicéphore Labs", "street": "34 quai Pasteur"},
        ),
        # two sites of one operator
        (
            {"name": "La Cordée", "street": "4 quai Jean Moulin", "lat": 47.09, "lon": 5.49, "precision": "address"},
            {"name": "La Cordée", "street": "61 cours Liberté", "lat": 47.07, "lon": 5.50, "precision": "address"},
        ),
        ({"name": "Maison de quartier Soubise"}, {"name": "Maison de quartier de la Tente verte"}),
        ({"name": "France services Dole 14e"}, {"name": "France services Dole 13e"}),
        # a town hall and its CCAS
        ({"name": "Mairie de Dole"}, {"name": "CCAS de Dole"}),
    ],
)
def test_two_organisations_are_never_linked(one, other):
    assert verdict(one, other).band is Band.IGNORE


def test_a_bus_and_a_counter_or_a_list_of_places_are_asked_not_linked():
    counter = {"name": "France services Pimms Médiation", "street": "97 galerie de l’Arlequin"}
    told = verdict(counter, {**counter, "name": "Bus France services Pimms Médiation"})
    assert (told.band, told.held) == (Band.ASK, "kinds")
    told = verdict(counter, {**counter, "name": "France services Pimms Médiation; France services"})
    assert (told.band, told.held) == (Band.ASK, "several")


def test_one_source_is_believed_when_it_gives_two_references():
    star, again = {"name": "L’Étoile", "street": "3 rue du Port"}, {"name": "Étoile", "street": "3 rue du Port"}
    assert verdict(star, again).band is Band.LINK
    assert (verdict(star, again, source="a").band, verdict(star, again, source="a").held) == (Band.ASK, "source")
    assert verdict(star, star, source="a").band is Band.LINK


def test_a_siret_alone_or_one_roof_alone_joins_nothing():
    siret = {"siret": "73282932000074"}
    assert verdict({"name": "L’Étoile", **siret}, {"name": "Le Comptoir", **siret}).band is Band.IGNORE
    assert verdict({"name": "L’Étoile", **siret}, {"name": "Étoile du Port", **siret}).band is Band.LINK


@given(st.lists(st.tuples(st.floats(46.99, 47.01), st.floats(5.49, 5.51)), max_size=40))
def test_the_near_are_those_within_300_m_and_no_other(points):
    told = [ready(Sheet(n, "x", lat=lat, lon=lon, precision="address")) for n, (lat, lon) in enumerate(points)]
    found = {tuple(pair) for pair in near(told).tolist()}
    for a in range(len(points)):
        for b in range(a + 1, len(points)):
            apart_m = float(great_circle_m(*points[a], *points[b]))
            if abs(apart_m - 300) > 0.01:
                assert ((a, b) in found) == (apart_m < 300)


def test_a_pile_of_sheets_on_one_point_makes_no_pairs():
    piled = [ready(Sheet(n, f"Lieu {n}", lat=47.0, lon=5.0, precision="address")) for n in range(LARGEST_PILE + 1)]
    assert len(near(piled)) == 0
    assert len(near(piled[:-1])) == LARGEST_PILE * (LARGEST_PILE - 1) // 2


def test_thousands_of_sheets_of_one_commune_are_compared_within_bounds():
    crowd = [ready(Sheet(n, f"Zone{n:05d} Bis{n:05d}", **DOLE)) for n in range(3_000)]
    twins = [
        ready(Sheet(f"twin {n}", "Le Cèdre bleu", **DOLE, street="3 rue du Port", source=str(n))) for n in range(2)
    ]
    found = [(match.one, match.other) for match in matches([*crowd, *twins]) if str(match.one).startswith("twin")]
    assert found == [("twin 0", "twin 1")]


@given(st.lists(sheets, max_size=12))
def test_matches_are_those_of_comparing_every_pair_of_a_commune_that_are_linked(told):
    listed = [ready(sheet) for sheet in told]
    found = {frozenset((m.one, m.other)) for m in matches(listed)}
    for a in range(len(listed)):
        for b in range(a + 1, len(listed)):
            if frozenset((listed[a].key, listed[b].key)) in found:
                assert compare(listed[a], listed[b]).band is not Band.IGNORE


SURE, MAYBE = Verdict(Band.LINK, 80, ()), Verdict(Band.ASK, 35, ())


def refs(*pairs: str) -> frozenset[tuple[str, str]]:
    return frozenset((pair[0], pair[1:]) for pair in pairs)


class TestJoining:
    def test_two_places_of_the_registry_are_never_made_one_by_what_is_new(self):
        nodes = [Node("P", refs("a1"), place=True), Node("Q", refs("b1"), place=True), Node("n", refs("c1"))]
        better = Verdict(Band.LINK, 90, ())
        done = join(nodes, [Match(("a", "1"), ("c", "1"), better), Match(("b", "1"), ("c", "1"), SURE)])
        assert (done.of("n"), done.of("Q")) == ("P", "Q")
        assert [(m.one, m.other) for m in done.asked] == [("Q", "n")]

    def test_what_fits_two_places_as_well_joins_none(self):
        nodes = [Node("P", refs("a1"), place=True), Node("Q", refs("b1"), place=True), Node("n", refs("c1"))]
        done = join(nodes, [Match(("a", "1"), ("c", "1"), SURE), Match(("b", "1"), ("c", "1"), SURE)])
        assert (done.of("n"), done.links, len(done.asked)) == ("n", [], 2)

    def test_a_chain_does_not_bring_two_references_of_a_source_together(self):
        nodes = [Node(key, refs(key)) for key in ("a1", "b1", "a2")]
        found = [Match(("a", "1"), ("b", "1"), SURE), Match(("a", "2"), ("b", "1"), SURE)]
        done = join(nodes, found)
        assert len(done.links) == 1 and len(done.asked) == 1
        both = join(nodes, [*found, Match(("a", "1"), ("a", "2"), SURE)])
        assert len({both.of(node.key) for node in nodes}) == 1

    def test_what_was_told_apart_is_neither_joined_nor_asked(self):
        nodes = [Node("P", refs("a1"), place=True), Node("n", refs("c1"))]
        found = [Match(("a", "1"), ("c", "1"), SURE)]
        done = join(nodes, found, {frozenset(("P", "n"))})
        assert (done.of("n"), done.asked) == ("n", [])

    @given(st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7), st.integers(0, 99)), max_size=30))
    def test_whatever_is_found_each_place_stays_its_own_and_links_tell_who_joined(self, pairs):
        nodes = [Node(n, refs(f"{'abc'[n % 3]}{n}"), place=n < 3) for n in range(8)]
        key = {n: next(iter(node.refs)) for n, node in enumerate(nodes)}
        found = [
            Match(key[a], key[b], Verdict(Band.LINK if points >= LINK else Band.ASK, points, ()))
            for a, b, points in pairs
            if a != b
        ]
        done = join(nodes, found)
        assert [done.of(n) for n in range(3)] == [0, 1, 2]
        assert len(done.links) == sum(done.of(n) != n for n in range(8))


def test_matching_reads_numbers_of_numpy_as_numbers():
    told = [ready(Sheet(n, "L’Étoile", **DOLE, source=str(n))) for n in range(2)]
    seen = []
    list(matches(told, wanted=lambda one, other: seen.append((one, other)) or True))
    assert seen == [(0, 1)] and not isinstance(seen[0][0], np.integer)
