"""Any columns: what is proposed, how a row is read, what is never silently dropped."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maillage.cli import main
from maillage.journal.models import AuditEvent
from maillage.network.exchange import formats
from maillage.network.exchange.actions import import_file
from maillage.network.exchange.actions.recipes import save_recipe
from maillage.network.exchange.formats import columns
from maillage.network.exchange.formats.format import Document
from maillage.network.exchange.models import Recipe
from maillage.network.exchange.queries.recipes import MappingNeeded, recipe, recipes
from maillage.network.exchange.rules import centroids
from maillage.network.exchange.rules.mapping import lambert
from maillage.network.exchange.rules.mapping.correspondence import (
    Correspondence,
    as_data,
    fingerprint,
    from_data,
    to_type,
    typed,
)
from maillage.network.exchange.rules.mapping.proposing import propose
from maillage.network.exchange.rules.mapping.values import Reader
from maillage.network.exchange.rules.mapping.words import FIELD_NAMES, TITLES, WORDS, field_named
from maillage.network.exchange.rules.reports import FileRefused, Options, Reading
from maillage.places.models import Place, SourceRecord
from maillage.places.rules.drafts import FIELDS
from maillage.places.rules.fields import box_of
from maillage.places.rules.vocabulary import FEATURES, STATUSES
from tests.conftest import NOW

OPEN = "Licence Ouverte 2.0"


def proposed(header: str, *rows: str) -> dict[str, list[str]]:
    document = Document("x.csv", "\n".join([header, *rows, ""]))
    found: dict[str, list[str]] = {}
    for one in columns.propose_for(document).proposals:
        found.setdefault(one.field, []).append(one.column)
    return found


def read(text: str, mapping: Correspondence) -> Reading:
    return columns.read(Document("x.csv", text), Options(licence=OPEN, mapping=mapping))


class TestProposing:
    @pytest.mark.parametrize(
        ("header", "row", "expected"),
        [
            (
                "NOM_TL;Adresse postale;CP;Commune;Code INSEE;Y;X",
                "La Maille;1 rue du Moulin;39380;Chamblay;39093;46,99;5,70",
                {"name": "NOM_TL", "street": "Adresse postale", "postal_code": "CP", "city": "Commune",
                 "commune": "Code INSEE", "lat": "Y", "lon": "X"},
            ),
            (
                "Nom du tiers-lieu,Site internet,Mél,Téléphone,N° SIRET,Horaires",
                "La Maille,la-maille.example,a@exemple.fr,03 84 00 00 00,73282932000074,Mo-Fr 09:00-12:00",
                {"name": "Nom du tiers-lieu", "website": "Site internet", "email": "Mél", "phone": "Téléphone",
                 "siret": "N° SIRET", "opening_hours": "Horaires"},
            ),
            (
                "titre,lattitude,longtitude,colonne7",
                "La Maille,46.99,5.70,contact@exemple.fr",
                {"name": "titre", "lat": "lattitude", "lon": "longtitude", "email": "colonne7"},
            ),
            (
                "structure,Wi-Fi,Salle de réunion,geo_point_2d,Statut juridique",
                'La Maille,oui,non,"46.99, 5.70",SCIC',
                {"name": "structure", "services": "Wi-Fi|Salle de réunion", "point": "geo_point_2d",
                 "legal_forms": "Statut juridique"},
            ),
        ],
    )  # fmt: skip
    def test_columns_are_recognised_by_name_and_by_shape(self, header, row, expected):
        assert proposed(header, row) == {field: column.split("|") for field, column in expected.items()}

    def test_a_name_whose_values_say_otherwise_is_not_believed(self):
        assert "email" not in proposed("nom,mail", *(f"Lieu {i},publipostage" for i in range(5)))

    def test_exchanged_coordinates_are_put_right_and_told(self):
        found = columns.propose_for(Document("x.csv", "nom,lat,lon\nA,5.70,46.99\nB,5.60,\nC,5.61,47.1\n"))
        assert {one.field: one.column for one in found.proposals} == {"name": "nom", "lat": "lon", "lon": "lat"}
        assert found.hints == (
            "«\u202flat\u202f» et «\u202flon\u202f» semblent échangées\u202f: l’une est proposée pour l’autre.",
        )

    def test_metres_are_told(self):
        found = columns.propose_for(Document("x.csv", "nom,x,y\nA,652469,6862035\n"))
        assert found.hints == ("Les coordonnées sont en mètres Lambert-93\u202f: elles seront converties en degrés.",)

    def test_what_no_field_takes_is_shown_and_what_lacks_is_told(self):
        found = columns.propose_for(Document("x.csv", "couleur,activités\nbleu,Pétanque\nrouge,Coworking; Pétanque\n"))
        assert found.unmapped == (("couleur", ("bleu", "rouge")),)
        assert found.unknown == {"activities": {"Pétanque": 2}}
        assert found.lacking == ("name", "where")

    @settings(max_examples=100, deadline=None)
    @given(st.lists(st.text(max_size=12), max_size=8, unique=True), st.lists(st.text(max_size=12), max_size=8))
    def test_every_column_is_proposed_once_or_shown(self, header, cells):
        found = propose(header, [dict(zip(header, cells, strict=False))])
        told = [one.column for one in found.proposals] + [column for column, _values in found.unmapped]
        assert sorted(told) == sorted(name for name in header if name)
        assert all(0.5 <= one.confidence <= 1 and one.why for one in found.proposals)


class TestReading:
    def test_a_row_is_read_field_by_field(self):
        text = (
            "id;nom;num;voie;cp;ville;lat;lon;type;Wi-Fi;maj;couleur\n"
            '7;La Maille;12 bis;rue du Moulin;1400;Châtillon;46,99;5,70;"Bureaux partagés / Coworking, Fablab";oui;'
            "30/06/2025;bleu\n"
        )
        mapping = typed(
            ["réf=id" if field_named("réf") else "ref=id", "nom=nom,adresse=num,adresse=voie,cp=cp,ville=ville"],
        )
        mapping = from_data({
            "columns": as_data(mapping)["columns"]
            | {"lat": ["lat"], "lon": ["lon"], "activities": ["type"], "services": ["Wi-Fi"], "dated": ["maj"]},
        })  # fmt: skip
        reading = read(text, mapping)
        (entry,) = reading.entries
        (draft,) = entry.drafts
        assert (draft.ref, draft.dated, draft.licence, draft.source) == ("7", "2025-06-30", OPEN, "fichier-x")
        assert draft.values == {
            "name": "La Maille", "street": "12 bis rue du Moulin", "postal_code": "01400", "city": "Châtillon",
            "lat": "46,99", "lon": "5,70", "activities": ["coworking", "fablab"], "services": ["wifi"],
        }  # fmt: skip
        assert reading.unmapped == ("couleur",)
        assert [(told.line, told.column, told.value, told.problem, told.mend) for told in entry.warnings] == [
            (2, "cp", "1400", "zéro de tête perdu",
             "lu 01400\u202f; mettez la colonne en texte dans le tableur, pour garder les zéros")
        ]  # fmt: skip

    def test_unknown_words_are_told_once_with_their_number_and_a_word_said_by_hand_is_followed(self):
        text = "nom,commune,type\nA,39093,Pétanque\nB,39093,Pétanque|Coworking\nC,39093,Yoga\n"
        by_hand = Correspondence({"name": ("nom",), "commune": ("commune",), "activities": ("type",)})
        assert [(w.line, w.column, w.value, w.problem, w.mend) for w in read(text, by_hand).warnings] == [
            (2, "type", "Pétanque", "mot inconnu, 2 fois",
             "dites-en le sens\u202f: --word «\u202factivités:Pétanque=…\u202f», vide pour le laisser"),
            (4, "type", "Yoga", "mot inconnu, une fois",
             "dites-en le sens\u202f: --word «\u202factivités:Yoga=…\u202f», vide pour le laisser"),
        ]  # fmt: skip
        said = typed(["nom=nom,code insee=commune,activités=type"], ["activités:Pétanque=culture", "activités:yoga="])
        reading = read(text, said)
        assert reading.warnings == []
        assert [entry.drafts[0].values.get("activities") for entry in reading.entries] == [
            ["culture"], ["culture", "coworking"], None,
        ]  # fmt: skip

    def test_metres_become_degrees_and_two_coordinates_in_a_cell_are_read(self):
        metres = read("nom,x,y\nA,652469.02,6862035.26\n", typed(["nom=nom,lon=x,lat=y"]))
        assert metres.entries[0].drafts[0].values == {"name": "A", "lat": "48.8566", "lon": "2.3522"}
        assert metres.warnings[0].problem == "1 ligne(s) en mètres Lambert-93, converties en degrés"
        point = Correspondence({"name": ("nom",), "point": ("p",)})
        reading = read('nom,p\nA,"46.99, 5.70"\nB,POINT (5.70 46.99)\nC,ici\n', point)
        assert [(e.drafts[0].values.get("lat"), len(e.warnings)) for e in reading.entries] == [
            ("46.99", 0), ("46.99", 0), (None, 1),
        ]  # fmt: skip

    def test_a_file_without_licence_or_with_other_columns_is_refused(self):
        with pytest.raises(FileRefused, match="Ce fichier ne dit pas sous quelle licence il est"):
            columns.read(Document("x.csv", "nom\nA\n"), Options(mapping=typed(["nom=nom"])))
        with pytest.raises(FileRefused) as refused:
            read("titre\nA\n", typed(["nom=nom"]))
        assert str(refused.value) == "Le fichier n’a pas ces colonnes\u202f: nom. Colonnes trouvées\u202f: titre."

    def test_a_header_repeated_by_joined_files_and_a_place_told_twice_stay_out(self):
        reading = read("nom,ville\nA,Dole\nnom,ville\nA,Dole\nB,Dole\n", typed(["nom=nom,ville=ville"]))
        assert [(r.problem.line, r.problem.problem) for r in reading.refused] == [
            (3, "l’en-tête, une fois de plus"), (4, "déjà vu à la ligne 2"),
        ]  # fmt: skip

    def test_geojson_with_any_properties_and_shapes(self):
        square = [[[5, 46], [7, 46], [7, 48], [5, 48], [5, 46]]]
        shapes = [
            {"type": "Polygon", "coordinates": square},
            {"type": "MultiPolygon", "coordinates": [[[[0, 0], [1, 0], [0, 1], [0, 0]]], square]},
            {"type": "LineString", "coordinates": [[5, 46], [7, 48]]},
            {"type": "Point", "coordinates": [6, 47]},
            {"type": "Point", "coordinates": ["x", 47]},
        ]
        found = [
            {"type": "Feature", "geometry": shape, "properties": {"titre": f"L{i}", "adresse": {"cp": "39380"}}}
            for i, shape in enumerate(shapes)
        ]
        text = json.dumps({"type": "FeatureCollection", "features": found})
        with pytest.raises(formats.UnknownFormat):
            formats.detect(text)
        document = Document("x.geojson", text)
        assert {one.field: one.column for one in columns.propose_for(document).proposals} == {
            "name": "titre", "postal_code": "adresse.cp", "lat": "geometry.lat", "lon": "geometry.lon",
        }  # fmt: skip
        reading = read(text, columns.propose_for(document).correspondence)
        assert [(e.drafts[0].values["lat"], e.drafts[0].values["lon"]) for e in reading.entries] == [
            ("47.0", "6.0")
        ] * 4
        assert [r.problem.problem for r in reading.refused] == ["il faut deux coordonnées, en nombres"]

    @settings(max_examples=100, deadline=None)
    @given(st.dictionaries(st.sampled_from(FIELD_NAMES), st.text(max_size=30), min_size=1))
    def test_any_cell_is_read_without_a_crash(self, cells):
        mapping = Correspondence({name: (name,) for name in cells})
        values, told = Reader(mapping).read(2, cells)
        assert set(values) <= {*FIELD_NAMES}
        assert all(one.line == 2 for one in told)


class TestCorrespondence:
    @given(
        st.dictionaries(
            st.sampled_from(FIELD_NAMES), st.lists(st.text('ab,"= é', min_size=1, max_size=6), min_size=1, max_size=3)
        )
    )
    def test_what_is_typed_back_says_the_same(self, said):
        named = {name: tuple(column.strip() for column in found if column.strip()) for name, found in said.items()}
        mapping = Correspondence({name: found for name, found in named.items() if found})
        assert dict(typed([to_type(mapping)] if mapping.columns else []).columns) == dict(mapping.columns)
        assert from_data(json.loads(json.dumps(as_data(mapping)))) == mapping

    @pytest.mark.parametrize(
        ("said", "words", "message"),
        [
            (["couleur=A"], [], "Champ inconnu\u202f: «\u202fcouleur\u202f». Champs connus\u202f: "),
            (["nom"], [], "«\u202fnom\u202f» ne dit pas une colonne. Écrivez par exemple\u202f: nom=NOM_TL,lat=Y."),
            (['"nom=A'], [], '«\u202f"nom=A\u202f» se lit mal\u202f: un guillemet n’est pas refermé.'),
            (
                [],
                ["activités:x=y"],
                "Mot inconnu pour «\u202factivités\u202f»\u202f: «\u202fy\u202f». Mots connus\u202f: coworking",
            ),
            ([], ["nom:x=y"], "Mot inconnu pour «\u202fnom\u202f»\u202f: «\u202fy\u202f». Mots connus\u202f: aucun."),
        ],
    )
    def test_what_cannot_be_followed_is_refused(self, said, words, message):
        with pytest.raises(FileRefused) as refused:
            typed(said, words)
        assert str(refused.value).startswith(message)

    def test_columns_in_another_order_have_the_same_fingerprint(self):
        assert fingerprint(["Nom", "Code postal"]) == fingerprint(["code_postal", "NOM"]) != fingerprint(["nom"])

    def test_the_dictionary_names_every_field_and_only_codes_that_exist(self):
        assert set(FIELDS) - set(FIELD_NAMES) == {"closed_cause", "precision"}
        assert {field: set(words.values()) - set(FEATURES.get(field, STATUSES)) for field, words in WORDS.items()} == {
            field: set() for field in WORDS
        }
        assert all(field_named(title) == field for field, title in TITLES.items())


@given(st.floats(42, 51), st.floats(-4.5, 8))
def test_lambert_93_is_inverted_to_a_centimetre(lat, lon):
    from math import asin, atanh, cos, exp, radians, sin

    def isometric(latitude):
        return atanh(sin(latitude)) - lambert.ECCENTRICITY * atanh(lambert.ECCENTRICITY * sin(latitude))

    radius = lambert.RADIUS_M * exp(-lambert.EXPONENT * isometric(radians(lat)))
    angle = lambert.EXPONENT * radians(lon - lambert.CENTRAL_MERIDIAN)
    x_m, y_m = lambert.X_ORIGIN_M + radius * sin(angle), lambert.Y_ORIGIN_M - radius * cos(angle)
    back = lambert.to_degrees(x_m, y_m)
    assert abs(back[0] - lat) < 2e-7 and abs(back[1] - lon) < 2e-7
    assert lambert.is_lambert93(x_m, y_m) and box_of(*back)
    assert asin(1) > 0


@given(
    st.recursive(
        st.none() | st.integers() | st.floats() | st.text(max_size=3), lambda inner: st.lists(inner, max_size=4)
    )
)
def test_any_coordinates_give_a_point_or_a_reason(coordinates):
    for kind in ("Point", "Polygon", "MultiPolygon", "LineString", "Oval"):
        try:
            lat, lon = centroids.of({"type": kind, "coordinates": coordinates})
        except ValueError as error:
            assert "float" not in str(error) and str(error)
        else:
            assert isinstance(lat, float) and isinstance(lon, float)


TEXT = (
    "NOM;CP;VILLE;Y;X;genre\nLa Maille;39380;Chamblay;46,99;5,70;Coworking\nLe Loin;39380;Chamblay;48,50;-4,00;Fablab\n"
)


@pytest.mark.usefixtures("small_ground")
class TestWhole:
    def test_an_unknown_file_is_answered_with_what_its_columns_suggest(self, tmp_path: Path):
        path = tmp_path / "lieux.csv"
        path.write_text(TEXT, encoding="cp1252")
        with pytest.raises(MappingNeeded) as needed:
            import_file(path=path, by="test:Inès", now=NOW)
        assert needed.value.proposed.lacking == ()
        assert (needed.value.recipes, Place.objects.count()) == ((), 0)

    def test_a_recipe_is_kept_once_found_again_and_replaced_by_name(self):
        header, mapping = ("NOM", "Y", "X"), typed(["nom=NOM,lat=Y,lon=X"], ["activités:Pétanque=culture"])
        for _ in range(2):
            save_recipe(
                name=" Jura ", header=header, correspondence=mapping, source="S", licence=OPEN, by="test:Inès", now=NOW
            )
        assert AuditEvent.objects.filter(action="exchange.recipe_kept", subject="Jura").count() == 1
        assert [kept.name for kept in recipes(["x", "nom", "y"])] == ["Jura"]
        assert (recipe("Jura").correspondence, recipes(["nom"])) == (mapping, ())
        save_recipe(
            name="Jura", header=header, correspondence=typed(["nom=NOM"]), source="S", licence=OPEN, by="t", now=NOW
        )
        assert (Recipe.objects.count(), recipe("Jura").correspondence) == (1, typed(["nom=NOM"]))
        for name, licence in (("", OPEN), ("x" * 81, OPEN), ("a\0", OPEN), ("b", " ")):
            with pytest.raises(FileRefused):
                save_recipe(
                    name=name, header=header, correspondence=mapping, source="", licence=licence, by="t", now=NOW
                )
        with pytest.raises(FileRefused) as refused:
            recipe("Ain")
        assert str(refused.value) == (
            "Aucune correspondance ne s’appelle «\u202fAin\u202f». Correspondances gardées\u202f: «\u202fJura\u202f»."
        )

    def test_the_terminal_proposes_accepts_keeps_and_does_it_again(self, tmp_path: Path, capsys):
        path = tmp_path / "lieux.csv"
        path.write_text(TEXT, encoding="utf-8")
        assert main.main(["import", str(path)]) == 1
        said = capsys.readouterr().err
        assert "code postal        ← CP («\u202f39380\u202f»)" in said
        accepted = said.split("--map ")[1].split(" --licence")[0].strip("'")
        assert accepted == "nom=NOM,code postal=CP,ville=VILLE,latitude=Y,longitude=X,activités=genre"
        told = ["import", str(path), "--map", accepted, "--licence", OPEN, "--save-recipe", "Jura"]
        assert main.main(told) == 0
        out = capsys.readouterr().out
        assert "créés            2" in out and "Correspondance gardée\u202f: «\u202fJura\u202f»" in out
        assert set(SourceRecord.objects.values_list("licence", flat=True)) == {OPEN}
        assert main.main(["import", str(path)]) == 1
        assert f"maillage import {path} --recipe Jura --dry-run" in capsys.readouterr().err
        assert main.main(["import", str(path), "--recipe", "Jura"]) == 0
        assert "inchangés        2" in capsys.readouterr().out
        assert main.main(["import", str(path), "--recipe", "Ain"]) == 1

    def test_a_point_far_from_its_declared_commune_comes_in_flagged_with_the_distance(self, tmp_path: Path):
        path = tmp_path / "lieux.csv"
        path.write_text("nom,insee,lat,lon\nA,39093,46.99,5.70\nB,39093,48.50,-4.00\n", encoding="utf-8")
        mapping = typed(["nom=nom,code insee=insee,lat=lat,lon=lon"])
        report = import_file(path=path, by="test:Inès", now=NOW, options=Options(licence=OPEN, mapping=mapping))
        assert (report.created, report.flagged) == (2, {"far-from-commune": 1})
        (told,) = report.warnings
        assert (told.line, told.column, told.value) == (3, "lat", "48.5, -4.0")
        assert told.problem.startswith("le point est à 7") and told.problem.endswith("commune déclarée (39093)")
