"""What Maillage writes, Maillage reads back: export(import(export(x))) is the same file, byte for byte."""

import csv as stdlib_csv
import io
import json
from collections.abc import Iterable
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from maillage.network.exchange.actions import import_file
from maillage.network.exchange.formats import csv, geojson, jsonld
from maillage.network.exchange.formats.format import Writing
from maillage.network.exchange.queries import exported
from maillage.network.exchange.rules.reports import FileRefused, Options, Report
from maillage.places.actions import record_many, remove_place
from maillage.places.actions.sheet import edit_sheet
from maillage.places.models import Place, Source, SourceRecord
from maillage.places.queries.team import shown
from maillage.places.rules.drafts import Draft, SourceFacts
from maillage.places.rules.fields import check
from maillage.places.rules.vocabulary import ACCESS, ACTIVITIES, LABELS, LEGAL_FORMS, SERVICES, STATUSES
from tests.conftest import NOW

pytestmark = pytest.mark.usefixtures("small_ground")
SOURCES = {
    "census": SourceFacts("census", 'Recensement, dit "grand"', "Licence Ouverte 2.0", publisher="=CGET", url="https://x.fr"),
    "network": SourceFacts("network", "Réseau BFC", "ODbL", rank=2),
    "place": SourceFacts("place", "Le lieu lui-même", "Licence Ouverte 2.0", rank=3),
}  # fmt: skip
WRITERS = {"geojson": geojson.write, "csv": csv.write}
WRITING = Writing("https://maillage.example", NOW.date())
NASTY = st.text(
    alphabet=st.sampled_from("=+-@'\"\n\r\t;|,\\ aéŒ’«»🎈\u202f\u00a0＝<>&{}[]0")
    | st.characters(codec="utf-8", exclude_characters="\x00"),
    min_size=1,
    max_size=24,
)
COMMUNES = st.sampled_from(["39093", "44109", "97411", "75056"])


def some(words: Iterable[str]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(sorted(words)), unique=True, max_size=3)


VALUES = st.fixed_dictionaries(
    {"name": NASTY.filter(lambda text: not check({"name": text, "commune": "39093"}).refused), "commune": COMMUNES},
    optional={
        "lat": st.floats(42, 51),
        "lon": st.floats(-4, 9).map(lambda lon: lon + 0.0),
        "street": NASTY,
        "city": NASTY,
        "operator": NASTY,
        "prices": NASTY,
        "description": NASTY,
        "how_to_come": NASTY,
        "opening_hours": st.sampled_from(["Mo-Fr 09:00-12:00,14:00-18:30; Sa 08:30-12:00", "24/7"]),
        "status": st.sampled_from(STATUSES),
        "closed_on": st.sampled_from(["2024", "2024-03", "2024-03-01"]),
        "closed_cause": st.just("equipe"),
        "opened_on": st.just("2019-06"),
        "postal_code": st.sampled_from(["01400", "39380"]),
        "phone": st.sampled_from(["+33 3 84 00 00 00", "03 84 00 00 00"]),
        "email": st.just("bonjour@exemple.fr"),
        "website": st.just("https://exemple.fr/?a=1|2;3"),
        "links": st.just(["https://a.fr/=x", "https://b.fr/,y"]),
        "siret": st.just("73282932000074"),
        "capacity": st.integers(0, 5000),
        "precision": st.sampled_from(["address", "street", "estimated"]),
        "activities": some(ACTIVITIES),
        "services": some(SERVICES),
        "access": some(ACCESS),
        "labels": some(LABELS),
        "legal_forms": some(LEGAL_FORMS),
    },
)  # fmt: skip
RECORDS = st.lists(
    st.tuples(st.sampled_from(sorted(SOURCES)), VALUES, st.sampled_from(["", "2019-06", "2026"]), NASTY),
    min_size=1,
    max_size=3,
)


def drafts(places: list[list[tuple[str, dict, str, str]]]) -> list[Draft]:
    found = []
    for number, records in enumerate(places):
        place_id = uuid4()
        for rank, (source, values, dated, ref) in enumerate(records):
            checked = check(values)
            if checked.refused:
                checked = check({k: v for k, v in values.items() if k not in ("lat", "lon")})
            found.append(
                Draft(
                    source=source,
                    ref=f"{ref}{number}.{rank}",
                    values=checked.values,
                    raw={"row": ref},
                    licence=SOURCES[source].licence,
                    dated=dated,
                    flags=("insee-missing",) if rank else (),
                    place_id=place_id,
                    demo=number == 1,
                )
            )
    return found


def written(name: str) -> str:
    return "".join(WRITERS[name](exported(now=NOW), WRITING))


def brought(text: str, folder: Path, name: str, **more) -> Report:
    path = folder / f"x.{name}"
    path.write_text(text, encoding="utf-8", newline="")
    return import_file(path=path, by="test:Inès", now=NOW, **more)


def empty_the_registry() -> None:
    Place.objects.all().delete()
    Source.objects.all().delete()


def remembered() -> list[tuple]:
    fields = ("place_id", "source__slug", "ref", "licence", "dated", "flags", "values")
    return list(SourceRecord.objects.order_by("source__slug", "ref").values_list(*fields))


@pytest.mark.parametrize("name", ["geojson", "csv"])
class TestRoundTrip:
    @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
    @given(places=st.lists(RECORDS, min_size=1, max_size=3))
    def test_into_an_empty_registry_and_out_again_is_the_same_file(self, tmp_path, name, places):
        with transaction.atomic():
            record_many(drafts=drafts(places), sources=SOURCES, by="test:Inès", now=NOW)
            out, before = written(name), remembered()
            slugs = dict(Place.objects.values_list("pk", "slug"))
            empty_the_registry()
            report = brought(out, tmp_path, name)
            assert (report.created, report.quarantined, report.warnings) == (len(places), (), ())
            assert remembered() == before
            assert dict(Place.objects.values_list("pk", "slug")) == slugs
            assert written(name) == out
            transaction.set_rollback(True)

    @settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
    @given(places=st.lists(RECORDS, min_size=1, max_size=3))
    def test_into_the_registry_it_came_from_changes_nothing(self, tmp_path, name, places):
        with transaction.atomic():
            record_many(drafts=drafts(places), sources=SOURCES, by="test:Inès", now=NOW)
            rows = list(SourceRecord.objects.order_by("pk").values())
            report = brought(written(name), tmp_path, name)
            assert (report.created, report.changed, report.unchanged) == (0, 0, len(places))
            assert list(SourceRecord.objects.order_by("pk").values()) == rows
            transaction.set_rollback(True)

    def test_a_removed_place_does_not_leave(self, tmp_path, name):
        record_many(drafts=[LA_MAILLE], sources=SOURCES, by="test:Inès", now=NOW)
        remove_place(place_id=LA_MAILLE.place_id, reason="demandé", by="test:Inès", now=NOW)
        assert "La Maille" not in written(name)

    def test_a_closed_place_keeps_its_tombstone(self, tmp_path, name):
        record_many(drafts=[LA_MAILLE], sources=SOURCES, by="test:Inès", now=NOW)
        out = written(name)
        empty_the_registry()
        brought(out, tmp_path, name)
        place = Place.objects.get()
        assert (place.pk, place.slug) == (LA_MAILLE.place_id, "maille")
        assert (place.status, place.closed_on, place.closed_cause) == ("closed", "2024-03", "equipe")

    def test_two_identical_rows_are_one_place_and_one_refusal(self, tmp_path, name):
        record_many(drafts=[LA_MAILLE], sources=SOURCES, by="test:Inès", now=NOW)
        lines = written(name).splitlines(keepends=True)
        twice = [*lines[:2], ",\n" if name == "geojson" else "", lines[1], *lines[2:]]
        empty_the_registry()
        report = brought("".join(twice), tmp_path, name)
        assert report.created == 1
        assert [refused.problem.problem for refused in report.quarantined] == ["identifiant déjà vu à la ligne 2"]

    def test_only_places_wholly_under_the_licence_asked_leave(self, tmp_path, name):
        mixed = Draft(
            "network", "2", {"name": "Le Fil", "commune": "39093"}, {}, "ODbL", place_id=UUID(int=9)
        )  # fmt: skip
        both = Draft("census", "3", {"name": "Le Fil"}, {}, "Licence Ouverte 2.0", place_id=UUID(int=9))
        record_many(drafts=[LA_MAILLE, mixed, both], sources=SOURCES, by="test:Inès", now=NOW)
        out = "".join(WRITERS[name](exported(now=NOW, licences=["Licence Ouverte 2.0"]), WRITING))
        assert ("La Maille" in out, "Le Fil" in out) == (True, False)


LA_MAILLE = Draft(
    source="census",
    ref="7",
    values=check(
        {
            "name": "=La Maille",
            "commune": "39093",
            "status": "closed",
            "closed_on": "2024-03",
            "closed_cause": "equipe",
            "phone": "+33 3 84 00 00 00",
            "activities": ["cafe", "coworking"],
            "lat": 46.9915,
            "lon": -1.5,
        }
    ).values,
    raw={"NOM": "La Maille"},
    licence="Licence Ouverte 2.0",
    dated="2019-06",
    place_id=UUID(int=7),
    slug="maille",
)


def test_no_cell_of_the_csv_is_a_formula_and_numbers_stay_numbers():
    record_many(drafts=[LA_MAILLE], sources=SOURCES, by="test:Inès", now=NOW)
    header, row = stdlib_csv.reader(io.StringIO(written("csv"), newline=""))
    cells = dict(zip(header, row, strict=True))
    assert (cells["name"], cells["phone"]) == ("'=La Maille", "'+33 3 84 00 00 00")
    assert (cells["lat"], cells["lon"], cells["commune"]) == ("46.9915", "-1.5", "39093")
    assert cells["activities"] == "coworking|cafe"


def test_each_row_names_its_sources_its_licences_and_whom_to_credit():
    record_many(drafts=[LA_MAILLE], sources=SOURCES, by="test:Inès", now=NOW)
    feature = json.loads(written("geojson"))["features"][0]
    assert feature["id"] == "00000000-0000-0000-0000-000000000007"
    assert feature["geometry"] == {"type": "Point", "coordinates": [-1.5, 46.9915]}
    told = feature["properties"]
    assert told["licence"] == "Licence Ouverte 2.0"
    assert told["attribution"] == 'Recensement, dit "grand" (=CGET), 2019-06, Licence Ouverte 2.0'
    assert [(s["source"], s["name"], s["ref"], s["licence"], s["dated"]) for s in told["sources"]] == [
        ("census", 'Recensement, dit "grand"', "7", "Licence Ouverte 2.0", "2019-06")
    ]
    assert "raw" not in told["sources"][0]


def test_json_ld_is_one_graph_of_schema_org():
    record_many(drafts=[LA_MAILLE], sources=SOURCES, by="test:Inès", now=NOW)
    graph = json.loads("".join(jsonld.write(exported(now=NOW), WRITING)))
    assert graph["@context"] == "https://schema.org"
    (thing,) = graph["@graph"]
    assert (thing["name"], thing["mainEntityOfPage"]) == ("=La Maille", "https://maillage.example/lieux/maille/")
    assert thing["license"] == ["Licence Ouverte 2.0"]
    assert "@context" not in thing


def test_an_export_is_read_in_few_queries_whatever_its_length(django_assert_num_queries):
    many = [
        Draft("census", str(n), {"name": f"Lieu {n}", "commune": "39093"}, {}, "LO", place_id=UUID(int=n + 1))
        for n in range(30)
    ]
    record_many(drafts=many, sources=SOURCES, by="test:Inès", now=NOW)
    with django_assert_num_queries(4):
        assert [place.id.int for place in exported(now=NOW)] == list(range(1, 31))


class TestFilesFilledByHand:
    HEADER = "name;commune;lat;lon;activities;phone\n"

    def test_without_a_licence_every_row_is_refused_with_the_mend(self, tmp_path):
        report = brought(self.HEADER + "La Maille;39093;;;;\n", tmp_path, "csv")
        assert report.created == 0
        assert [(r.problem.line, r.problem.column, r.problem.mend) for r in report.quarantined] == [
            (2, "sources", 'relancez avec --licence, par exemple --licence "Licence Ouverte 2.0"')
        ]

    def test_with_one_they_come_in_under_the_name_of_the_file_and_again_change_nothing(self, tmp_path):
        text = self.HEADER + 'La Maille;39093;;;coworking | cafe;"\'+33384000000"\nLe Fil;;46,9776;5,7893;;\n'
        options = Options(licence="Licence Ouverte 2.0")
        assert brought(text, tmp_path, "csv", options=options).created == 2
        maille, fil = Place.objects.get(name="La Maille"), Place.objects.get(name="Le Fil")
        assert (maille.phone, maille.category, maille.commune_id) == ("+33384000000", "hybride", "39093")
        assert (fil.lat, Source.objects.get().slug) == (46.9776, "fichier-x")
        assert brought(text, tmp_path, "csv", options=options).unchanged == 2

    def test_a_value_that_no_source_tells_is_told_and_left_out(self, tmp_path):
        record_many(drafts=[LA_MAILLE], sources=SOURCES, by="test:Inès", now=NOW)
        feature = json.loads(written("geojson"))
        feature["features"][0]["properties"]["prices"] = "gratuit"
        report = brought(json.dumps(feature), tmp_path, "geojson")
        assert [(w.column, w.problem) for w in report.warnings] == [("prices", "valeur sans source")]
        assert Place.objects.get().prices == ""

    def test_columns_to_locate_a_place_are_asked_for(self, tmp_path):
        with pytest.raises(FileRefused, match="Il manque des colonnes au format"):
            brought("name,phone\nLa Maille,1\n", tmp_path, "csv", format="csv")


def point(*coordinates: object) -> dict:
    return {"type": "Point", "coordinates": list(coordinates)}


class TestForgedFiles:
    """Our own shape, in somebody else's hands."""

    def forge(self, tmp_path: Path, **changes) -> Report:
        record_many(drafts=[LA_MAILLE], sources=SOURCES, by="test:Inès", now=NOW)
        out = json.loads(written("geojson"))
        feature = out["features"][0]
        for key, value in changes.items():
            where = feature if key in ("id", "geometry", "type") else feature["properties"]
            where = feature["properties"]["sources"][0] if key.startswith("source_") else where
            where[key.removeprefix("source_")] = value
        return brought(json.dumps(out), tmp_path, "geojson")

    @pytest.mark.parametrize(
        ("changes", "column", "problem"),
        [
            ({"id": "7"}, "id", "ce n’est pas un identifiant de lieu"),
            ({"slug": "../admin"}, "slug", "adresse de page illisible"),
            ({"sources": "census"}, "sources", "la liste des sources est illisible"),
            ({"source_rank": 9}, "sources.rank", "rang de confiance inconnu"),
            ({"source_ref": ""}, "sources.ref", "texte absent ou trop long"),
            ({"source_licence": "x" * 300}, "sources.licence", "texte absent ou trop long"),
            ({"source_dated": "hier"}, "sources.dated", "ce n’est pas une date"),
            ({"source_flags": "x"}, "sources.flags", "signalements illisibles"),
            ({"source_fields": {"name": 1}}, "sources.fields", "liste de champs illisible"),
            ({"geometry": point("5", "46")}, "geometry", "les coordonnées ne sont pas des nombres"),
            ({"geometry": {"type": "Polygon", "coordinates": []}}, "geometry", "ce n’est pas un point"),
            ({"geometry": point(46.99, 5.7)}, "lat", "latitude et longitude semblent échangées"),
            ({"geometry": point(0, 0)}, "lat", "le point 0, 0 est en mer, au large du Ghana"),
            ({"name": {"a": 1}}, "name", "ce n’est pas un texte"),
            ({"name": "x\ud800"}, "feature", "contient un caractère impossible à écrire"),
            ({"type": "Place"}, "feature", "ce n’est pas un objet «\u202fFeature\u202f» avec ses propriétés"),
        ],
    )  # fmt: skip
    def test_each_forgery_is_told_and_changes_nothing(self, tmp_path, changes, column, problem):
        report = self.forge(tmp_path, **changes)
        assert (report.created, report.changed) == (0, 0)
        assert (report.quarantined[0].problem.column, report.quarantined[0].problem.problem) == (column, problem)
        assert Place.objects.get().name == "=La Maille"

    def test_a_file_cannot_raise_the_rank_of_a_source_already_known(self, tmp_path):
        self.forge(tmp_path, source_rank=3, source_name="Le ministère")
        source = Source.objects.get()
        assert (source.rank, source.name) == (1, 'Recensement, dit "grand"')


@pytest.mark.parametrize("name", ["geojson", "csv"])
class TestEmptied:
    """What a team has emptied stays empty: neither its source nor our own export brings it back."""

    SAID = {
        "name": "La Maille", "commune": "39093", "phone": "03 53 01 00 01", "capacity": 12, "prices": "6 €",
        "activities": ["cafe"], "links": ["https://a.fr/"], "website": "https://exemple.fr/",
    }  # fmt: skip
    EMPTIED = {"phone": "", "capacity": None, "prices": "", "activities": [], "links": []}

    @pytest.fixture
    def place_id(self, name: str) -> UUID:
        place_id = self.census().place_ids[0]
        edit_sheet(place_id=place_id, values=self.EMPTIED, seen=1, by="essai", now=NOW)
        assert self.shows() == (self.EMPTIED, "https://exemple.fr/")
        return place_id

    def census(self):
        draft = Draft("census", "1", self.SAID, {}, "Licence Ouverte 2.0", dated="2026")
        return record_many(drafts=[draft], sources=SOURCES, by="commande:import", now=NOW)

    def shows(self) -> tuple[dict, str]:
        now_shown = shown(Place.objects.get())
        return {field: now_shown[field] for field in self.EMPTIED}, now_shown["website"]

    def test_over_itself_nothing_changes(self, place_id: UUID, tmp_path: Path, name: str) -> None:
        before = remembered()
        report = brought(written(name), tmp_path, name)
        assert (report.changed, report.unchanged, report.quarantined, report.warnings) == (0, 1, (), ())
        assert (self.shows(), remembered()) == ((self.EMPTIED, "https://exemple.fr/"), before)

    def test_into_an_empty_registry_then_its_source_again(self, place_id: UUID, tmp_path: Path, name: str) -> None:
        out, before = written(name), remembered()
        empty_the_registry()
        assert brought(out, tmp_path, name).created == 1
        assert (self.shows(), remembered()) == ((self.EMPTIED, "https://exemple.fr/"), before)
        assert written(name) == out
        self.census()
        assert self.shows() == (self.EMPTIED, "https://exemple.fr/")

    def test_a_cell_left_empty_by_hand_says_nothing(self, place_id: UUID, tmp_path: Path, name: str) -> None:
        """A file without sources is a source of its own: where it is silent, the others speak."""
        row = {"id": str(place_id), "name": "La Maille", "commune": "39093", "website": "", "capacity": ""}
        text = ",".join(row) + "\n" + ",".join(row.values()) + "\n"
        if name == "geojson":
            feature = {"type": "Feature", "id": row.pop("id"), "geometry": None, "properties": row}
            text = json.dumps({"type": "FeatureCollection", "features": [feature]})
        brought(text, tmp_path, name, options=Options(licence="Licence Ouverte 2.0"))
        assert self.shows() == (self.EMPTIED, "https://exemple.fr/")


@pytest.mark.parametrize("field", ["name", "commune", "lat", "status", "street", "closed_on"])
def test_no_file_may_say_that_a_place_has_no_name_or_is_nowhere(tmp_path: Path, field: str) -> None:
    record_many(
        drafts=[Draft("census", "1", {"name": "La Maille", "commune": "39093"}, {}, "ODbL", dated="2026")],
        sources=SOURCES,
        by="test:Inès",
        now=NOW,
    )
    read = json.loads(written("geojson"))
    read["features"][0]["properties"]["sources"].append(
        {"source": "place", "name": "Le lieu", "rank": 3, "ref": "x", "licence": "ODbL", "other": {field: None}}
    )
    brought(json.dumps(read), tmp_path, "geojson")
    place = Place.objects.get()
    assert (place.name, place.commune_id, place.status) == ("La Maille", "39093", "open")
    assert not SourceRecord.objects.filter(source__slug="place").exclude(values={}).exists()
