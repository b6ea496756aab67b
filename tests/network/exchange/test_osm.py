"""OpenStreetMap, both ways: objects come in with their licence; only what may be given leaves, for a person to read.

The objects below are fictional.
"""

import json
import tracemalloc
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maillage.network.exchange import formats
from maillage.network.exchange.actions import import_file
from maillage.network.exchange.formats import osm
from maillage.network.exchange.formats.format import Document, Writing
from maillage.network.exchange.queries import exported
from maillage.network.exchange.rules.osm.tags import tags_of, values_of
from maillage.network.exchange.rules.own import ExportedPlace, ExportedRecord
from maillage.network.exchange.rules.reports import FileRefused, Options, Reading
from maillage.places.models import Place, SourceRecord
from maillage.places.rules.drafts import FIELDS, SourceFacts
from maillage.places.rules.fields import check
from tests.conftest import NOW

WRITING = Writing("https://maillage.example", NOW.date())
OPEN = SourceFacts("census", "Recensement", "Licence Ouverte 2.0")
SHARED = SourceFacts("ftl", "France Tiers-Lieux", "ODbL 1.0")
ITSELF = SourceFacts("lieu", "Le lieu lui-même", "ODbL 1.0", rank=3)
COWORKING = {"office": "coworking", "name": "La Maille (fictif)", "addr:housenumber": "1", "addr:street": "Rue Haute"}


def node(identifier: int = 1, *, tags: dict[str, str] | None = None, **more: object) -> dict[str, object]:
    base = {
        "type": "node",
        "id": identifier,
        "lat": 46.99,
        "lon": 5.7,
        "version": 3,
        "timestamp": "2025-02-03T04:05:06Z",
    }
    return {**base, "tags": COWORKING if tags is None else tags, **more}


def answer(*found: dict[str, object]) -> str:
    return json.dumps({"version": 0.6, "generator": "Overpass API", "elements": found}, indent=1, ensure_ascii=False)


def read(text: str, *, all_places: bool = False) -> Reading:
    return osm.read(Document("x.osm", text), Options(all_places=all_places))


def place(values: dict[str, object], *records: ExportedRecord, **more: object) -> ExportedPlace:
    return ExportedPlace(uuid4(), "x", values, "coworking", more.pop("demo", False), records, **more)


def said(source: SourceFacts, values: dict[str, object], **more: object) -> ExportedRecord:
    return ExportedRecord(source, more.pop("ref", "1"), source.licence, "", (), values, **more)


WHOLE = {"name": "La Maille", "lat": 46.99, "lon": 5.7, "activities": ["coworking"], "status": "open"}


def written(*places: ExportedPlace) -> str:
    return "".join(osm.write(places, WRITING))


class TestReading:
    def test_a_coworking_space_comes_in_with_its_licence_and_its_date(self):
        tags = COWORKING | {
            "addr:postcode": "39380", "addr:city": "Chamblay", "opening_hours": "Mo-Fr 09:00-12:00",
            "check_date": "2026-01-02", "ref:FR:SIRET": "73282932000074", "contact:website": "la-maille.example",
            "wheelchair": "yes", "internet_access": "wlan", "contact:facebook": "lamaille", "capacity": "12",
            "start_date": "2019-06",
        }  # fmt: skip
        (entry,) = read(answer(node(tags=tags))).entries
        (draft,) = entry.drafts
        assert (draft.source, draft.ref, draft.licence, draft.dated) == (
            "openstreetmap",
            "node/1",
            "ODbL 1.0",
            "2026-01-02",
        )
        assert check(draft.values).values == {
            "name": "La Maille (fictif)", "street": "1 Rue Haute", "postal_code": "39380", "city": "Chamblay",
            "opening_hours": "Mo-Fr 09:00-12:00", "siret": "73282932000074", "website": "https://la-maille.example",
            "links": ["https://www.facebook.com/lamaille"], "capacity": 12, "opened_on": "2019-06", "status": "open",
            "activities": ["coworking"], "services": ["wifi"], "access": ["fauteuil"], "lat": 46.99, "lon": 5.7,
            "precision": "address",
        }  # fmt: skip
        assert draft.raw["tags"] == tags and (draft.raw["version"], draft.raw["id"]) == (3, 1)

    def test_what_is_no_tiers_lieu_stays_out_and_a_hint_is_flagged(self):
        lamp = node(1, tags={"highway": "street_lamp", "name": "Lampe"})
        library = node(2, tags={"amenity": "library", "name": "Bibliothèque"})
        hint = node(3, tags={"amenity": "cafe", "thirdplace": "yes", "name": "Le Relais"})
        reading = read(answer(lamp, library, hint))
        assert [(e.drafts[0].ref, e.drafts[0].flags) for e in reading.entries] == [("node/3", ("thirdplace-hint",))]
        assert (reading.skipped, reading.refused) == (1, [])
        everything = read(answer(lamp, library, hint), all_places=True)
        assert [e.drafts[0].ref for e in everything.entries] == ["node/2", "node/3"]

    @pytest.mark.parametrize("prefix", ["disused:", "was:", "abandoned:"])
    def test_a_place_of_the_past_is_closed(self, prefix):
        tags = {f"{prefix}office": "coworking", "name": "La Maille", "end_date": "2024-03"}
        (entry,) = read(answer(node(tags=tags))).entries
        values = entry.drafts[0].values
        assert (values["status"], values["closed_on"], values["activities"]) == ("closed", "2024-03", ["coworking"])

    def test_a_way_is_at_its_centre_or_amid_its_nodes_or_told(self):
        way = {"type": "way", "id": 7, "tags": COWORKING, "nodes": [1, 2]}
        corners = [node(1, tags={}, lat=46.0), node(2, tags={}, lat=48.0)]
        (entry,) = read(answer(way | {"center": {"lat": 47.5, "lon": 5.0}})).entries
        assert (entry.drafts[0].values["lat"], entry.drafts[0].values["lon"]) == (47.5, 5.0)
        (entry,) = read(answer(*corners, way)).entries
        assert (entry.drafts[0].values["lat"], entry.drafts[0].values["lon"]) == (47.0, 5.7)
        (refused,) = read(answer(way)).refused
        assert (refused.problem.value, refused.problem.problem, refused.problem.mend) == (
            "way/7",
            "le tracé n’a pas de centre",
            "demandez à Overpass «\u202fout center\u202f»",
        )

    def test_xml_says_the_same_as_json(self):
        text = (
            '<?xml version="1.0"?>\n<osm version="0.6">\n<node id="5" lat="46" lon="5"/>\n'
            '<node id="6" lat="48" lon="6"/>\n'
            '<way id="7" version="2" timestamp="2025-01-01T00:00:00Z"><nd ref="5"/><nd ref="6"/>\n'
            '<tag k="leisure" v="hackerspace"/><tag k="name" v="L’Atelier &amp; Cie"/></way>\n'
            '<relation id="8"><center lat="47.1" lon="5.1"/><tag k="office" v="coworking"/><tag k="name" v="R"/>'
            '</relation>\n<node id="9" action="delete" lat="1" lon="1"><tag k="office" v="coworking"/>'
            '<tag k="name" v="X"/></node></osm>'
        )
        reading = read(text)
        assert [(e.line, e.drafts[0].ref, e.drafts[0].values["name"]) for e in reading.entries] == [
            (5, "way/7", "L’Atelier & Cie"),
            (7, "relation/8", "R"),
        ]
        assert [(e.drafts[0].values["lat"], e.drafts[0].values["lon"]) for e in reading.entries] == [
            (47.0, 5.5),
            (47.1, 5.1),
        ]

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            (
                '<!DOCTYPE osm [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><osm version="0.6">&b;</osm>',
                "Le fichier OSM déclare des entités XML, ce qu’aucun outil d’OpenStreetMap n’écrit.",
            ),
            (
                '<osm version="0.6">\n<node id="1"',
                "Le fichier OSM est mal formé ou tronqué, ligne 2. Téléchargez-le à nouveau, puis relancez l’import.",
            ),
            (
                '{"elements": [{"type": "node"',
                "La réponse d’Overpass est illisible ou tronquée. Téléchargez-le à nouveau, puis relancez l’import.",
            ),
        ],
    )
    def test_entities_and_cut_files_are_refused(self, text, message):
        assert formats.detect(text).name == "osm"
        with pytest.raises(FileRefused) as refused:
            read(text)
        assert str(refused.value) == message

    def test_bad_objects_are_told_and_their_neighbours_come_in(self):
        bad = [
            node(2, lat="NaN", lon=5.7),
            node(3, tags={"office": "coworking", "name": "x" * 300}),
            node(4, type="place"),
            node(5, tags={"office": ["coworking"]}),
            node(6) | {"id": "six"},
        ]
        text = answer(node(1), *bad, node(7), node(7))
        text = text.replace('"NaN"', "NaN")
        reading = read(text)
        assert [e.drafts[0].ref for e in reading.entries] == ["node/1", "node/3", "node/7"]
        assert [r.problem.problem for r in reading.refused] == [
            "«\u202fNaN\u202f» n’est pas un nombre de JSON",
            "ce n’est pas un objet d’OpenStreetMap",
            "étiquettes illisibles",
            "ce n’est pas un objet d’OpenStreetMap",
            f"objet déjà vu à la ligne {reading.entries[2].line}",
        ]

    def test_a_large_extract_takes_bounded_memory(self):
        nodes = "".join(f'<node id="{i}" lat="46.99" lon="5.7"/>\n' for i in range(1, 60_001))
        tracemalloc.start()
        reading = read(
            f'<osm version="0.6">\n{nodes}<node id="1" lat="47" lon="5"><tag k="office" v="coworking"/></node></osm>'
        )
        _now, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert len(reading.entries) == 1
        assert peak < 60_000_000

    @settings(max_examples=200)
    @given(st.text(max_size=80), st.sampled_from(["", '<osm version="0.6">', '{"elements": [']))
    def test_any_text_is_read_or_refused(self, text, head):
        try:
            read(head + text)
        except FileRefused as refused:
            assert str(refused)


class TestWriting:
    def test_an_object_never_sent_is_flagged_when_it_comes_back_and_not_taken_for_one_of_openstreetmap(self):
        (entry,) = read(written(place(WHOLE, said(OPEN, WHOLE)))).entries
        (draft,) = entry.drafts
        assert (draft.ref, draft.flags) == ("node/-1", ("osm-unsaved",))
        back = ExportedRecord(osm.SOURCE, draft.ref, draft.licence, "", draft.flags, draft.values, draft.raw)
        assert osm.leaves_out(place(WHOLE, said(OPEN, WHOLE), back)) == ""
        assert 'id="-1"' in written(place(WHOLE, said(OPEN, WHOLE), back))

    def test_a_new_place_is_a_node_with_a_negative_number(self):
        confirmed = datetime(2026, 11, 1, tzinfo=UTC)
        text = written(place(WHOLE, said(OPEN, WHOLE), confirmed_at=confirmed))
        (found,) = ElementTree.fromstring(text).findall("node")
        assert (found.get("id"), found.get("version"), found.get("lat"), found.get("lon")) == (
            "-1", None, "46.9900000", "5.7000000",
        )  # fmt: skip
        assert {tag.get("k"): tag.get("v") for tag in found.findall("tag")} == {
            "check_date": "2026-11-01", "name": "La Maille", "office": "coworking",
        }  # fmt: skip

    def test_what_a_licence_forbids_never_leaves(self):
        shown = WHOLE | {"phone": "0384000000", "email": "a@exemple.fr", "activities": ["coworking", "cafe"]}
        mixed = place(
            shown,
            said(OPEN, WHOLE),
            said(SHARED, {"phone": "0384000000", "activities": ["cafe"]}),
            said(ITSELF, {"email": "a@exemple.fr"}),
        )
        text = written(mixed)
        assert ("0384000000" in text, "cafe" in text, "a@exemple.fr" in text) == (False, False, True)
        assert osm.leaves_out(place(WHOLE, said(SHARED, WHOLE))) == osm.NOT_FREE
        assert written(place(WHOLE, said(SHARED, WHOLE))).count("<node") == 0
        assert osm.leaves_out(place(WHOLE, said(ITSELF, WHOLE))) == ""

    def test_what_openstreetmap_knows_keeps_its_number_its_place_and_its_tags(self):
        raw = {"type": "node", "id": 42, "version": 7, "lat": 46.5, "lon": 5.5, "tags": COWORKING | {"level": "1"}}
        own = said(osm.SOURCE, {"name": "La Maille (fictif)"}, ref="node/42", raw=raw)
        same = place(WHOLE | {"name": "La Maille (fictif)"}, own)
        (found,) = ElementTree.fromstring(written(same)).findall("node")
        assert (found.get("id"), found.get("version"), found.get("action"), found.get("lat")) == (
            "42",
            "7",
            None,
            "46.5000000",
        )
        (found,) = ElementTree.fromstring(
            written(place(WHOLE | {"phone": "0384000000"}, own, said(ITSELF, {"phone": "0384000000"})))
        ).findall("node")
        tags = {tag.get("k"): tag.get("v") for tag in found.findall("tag")}
        assert (found.get("action"), tags) == ("modify", COWORKING | {"level": "1", "phone": "0384000000"})
        closed = WHOLE | {"status": "closed", "closed_on": "2026-02"}
        text = written(place(closed, own, said(ITSELF, {"status": "closed", "closed_on": "2026-02"})))
        assert '<tag k="disused:office" v="coworking"/>' in text and '<tag k="end_date" v="2026-02"/>' in text

    @pytest.mark.parametrize(
        ("changed", "why"),
        [
            ({"status": "closed"}, osm.NOT_OPEN),
            ({"precision": "commune"}, osm.NOT_PRECISE),
            ({"activities": ["ateliers"]}, osm.NO_TAG),
        ],
    )
    def test_places_that_openstreetmap_does_not_want_are_left_out_with_the_reason(self, changed, why):
        assert osm.leaves_out(place(WHOLE | changed, said(OPEN, WHOLE | changed))) == why

    def test_fiction_outlines_and_unversioned_objects_are_left_out(self):
        assert osm.leaves_out(place(WHOLE, said(OPEN, WHOLE), demo=True)) == osm.FICTION
        assert (
            osm.leaves_out(place(WHOLE, said(osm.SOURCE, WHOLE, raw={"type": "way", "id": 1, "version": 1})))
            == osm.OUTLINE
        )
        assert osm.leaves_out(place(WHOLE, said(osm.SOURCE, WHOLE, raw={"type": "node", "id": 1}))) == osm.NO_VERSION


LINES = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S"]), min_size=1, max_size=20)
FULL = st.fixed_dictionaries(
    {"name": LINES, "activities": st.lists(st.sampled_from(["coworking", "fablab"]), min_size=1, unique=True)},
    optional={
        "street": LINES | st.just("12 bis rue du Moulin"), "city": LINES, "operator": LINES,
        "postal_code": st.just("01400"), "website": st.just("https://exemple.fr/?a=1|2;3&b"),
        "email": st.just("a@exemple.fr"), "phone": st.just("+33 3 84 00 00 00"),
        "opening_hours": st.just("Mo-Fr 09:00-12:00,14:00-18:30; Sa 08:30-12:00"),
        "siret": st.just("73282932000074"), "capacity": st.integers(0, 999),
        "opened_on": st.sampled_from(["2019", "2019-06"]),
    },
)  # fmt: skip
LOST = {loss.field for loss in osm.LOSSES}


@settings(max_examples=150, deadline=None)
@given(st.lists(FULL, min_size=1, max_size=4))
def test_all_that_the_report_of_losses_does_not_name_comes_back(found):
    places = []
    for values in found:
        kept = check(values | {"lat": 46.99, "lon": 5.7}).values
        places.append(place(kept, said(OPEN, kept)))
    back = [check(e.drafts[0].values).values for e in read(written(*places), all_places=True).entries]
    kept = [one for one in places if not osm.leaves_out(one)]
    assert len(back) == len(kept)
    for before, after in zip(kept, back, strict=True):
        for name in set(FIELDS) - LOST:
            assert after.get(name) == before.values.get(name), name
        assert sorted(after["activities"]) == sorted(before.values["activities"])


def test_every_field_is_carried_or_named_among_the_losses():
    told = set(tags_of({"name": "x", "activities": ["coworking"], "street": "x"}))
    assert told == {"name", "office", "addr:street"}
    assert set(FIELDS) - LOST == {
        "name", "street", "postal_code", "city", "website", "email", "phone", "operator", "siret", "capacity",
        "opened_on", "opening_hours",
    }  # fmt: skip
    assert values_of({}, closed=False) == {"status": "open"}


@pytest.mark.usefixtures("small_ground")
def test_an_answer_comes_in_changes_nothing_twice_and_leaves_again(tmp_path: Path):
    path = tmp_path / "overpass.json"
    path.write_text(answer(node(1), node(2, tags=COWORKING | {"name": "Le Relais"})), encoding="utf-8")
    first = import_file(path=path, by="test:Inès", now=NOW)
    assert (first.format, first.created, first.proved) == ("osm", 2, False)
    assert set(SourceRecord.objects.values_list("licence", flat=True)) == {"ODbL 1.0"}
    second = import_file(path=path, by="test:Inès", now=NOW)
    assert (second.created, second.changed, second.unchanged) == (0, 0, 2)
    text = "".join(osm.write(exported(now=NOW, rows=True), WRITING))
    assert sorted(n.get("id") for n in ElementTree.fromstring(text).findall("node")) == ["1", "2"]
    assert "action" not in text
    assert Place.objects.count() == 2
