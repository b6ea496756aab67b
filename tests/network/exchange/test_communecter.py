"""France Tiers-Lieux and Nouvelle-Aquitaine, read by their published vocabularies. Every place below is fictional."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maillage.network.exchange import formats
from maillage.network.exchange.formats import communecter, nouvelle_aquitaine
from maillage.network.exchange.formats.communecter import hours_of
from maillage.network.exchange.formats.format import Document
from maillage.network.exchange.rules.reports import FileRefused, Options, Reading
from maillage.places.rules.fields import check
from maillage.places.rules.hours import validate
from maillage.places.rules.timetable import DAYS

MORNING = [{"opens": "09:00", "closes": "12:00"}, {"opens": "14:00", "closes": "18:30"}]
PLACE = {
    "_id": {"$id": "5cfictif1"},
    "name": "La Maille (fictif)",
    "type": "NGO",
    "tags": [
        "TiersLieux",
        "Bureaux partagés / Coworking",
        "Fablab / Makerspace / Hackerspace (Espaces du Faire)",
        "SCIC",
        "Plus de 200m2",
    ],
    "address": {
        "@type": "PostalAddress",
        "addressCountry": "FR",
        "addressLocality": "Chamblay",
        "postalCode": "39380",
        "codeInsee": "39093",
        "streetAddress": "1 rue du Moulin",
    },
    "geo": {"@type": "GeoCoordinates", "latitude": "46.99", "longitude": "5.70"},
    "updated": 1757000000,
    "openingDate": "01/06/2019",
    "shortDescription": "Coworking &amp; fablab",
    "url": "la-maille.example",
    "telephone": {"fixe": ["03 84 00 00 00"]},
    "socialNetwork": {"facebook": "https://www.facebook.com/lamaille", "discord": "pas une adresse"},
    "openingHours": [{"dayOfWeek": day, "hours": MORNING} for day in DAYS[:5]] + ["", ""],
    "inconnu": 1,
}


def read(found: object, *, all_places: bool = False) -> Reading:
    text = json.dumps(found, ensure_ascii=False, indent=1)
    assert formats.detect(text).name == "communecter"
    return communecter.read(Document("ftl.json", text), Options(all_places=all_places))


def test_an_organisation_becomes_a_place_by_its_labels():
    reading = read({"results": [PLACE]})
    (entry,) = reading.entries
    (draft,) = entry.drafts
    assert (draft.source, draft.ref, draft.licence, draft.dated) == (
        "france-tiers-lieux",
        "5cfictif1",
        "ODbL 1.0",
        "2025-09-04",
    )
    assert check(draft.values).values == {
        "name": "La Maille (fictif)",
        "status": "open",
        "street": "1 rue du Moulin",
        "postal_code": "39380",
        "city": "Chamblay",
        "commune": "39093",
        "lat": 46.99,
        "lon": 5.7,
        "precision": "address",
        "website": "https://la-maille.example",
        "phone": "03 84 00 00 00",
        "links": ["https://www.facebook.com/lamaille"],
        "opened_on": "2019-06",
        "opening_hours": "Mo-Fr 09:00-12:00,14:00-18:30",
        "description": "<p>Coworking &amp; fablab</p>",
        "activities": ["coworking", "fablab"],
        "legal_forms": ["scic"],
    }
    assert reading.unmapped == ("inconnu",)
    assert [(told.column, told.problem) for told in entry.warnings] == [
        ("socialNetwork.discord", "ce n’est pas une adresse")
    ]


def test_networks_and_what_is_no_tiers_lieu_stay_out():
    network = PLACE | {"_id": {"$id": "b"}, "tags": ["TiersLieux", "RéseauTiersLieux"]}
    other = PLACE | {"_id": {"$id": "c"}, "tags": ["Ferme"]}
    reading = read({"results": [network, PLACE, other]})
    assert ([e.drafts[0].ref for e in reading.entries], reading.skipped) == (["5cfictif1"], 2)
    everything = read({"results": [network, PLACE, other]}, all_places=True)
    assert [e.drafts[0].ref for e in everything.entries] == ["5cfictif1", "c"]


def test_a_family_or_a_way_of_managing_that_nobody_knows_is_told():
    odd = PLACE | {
        "typePlace": "Tiers-lieu nourricier,Pétanque",
        "manageModel": "Collectivités (Département, Intercommunalité, Région, etc)",
    }
    (entry,) = read([odd | {"openingHours": [{"dayOfWeek": "Lu", "hours": []}]}]).entries
    assert entry.drafts[0].values["activities"] == ["coworking", "fablab", "nourricier"]
    assert entry.drafts[0].values["legal_forms"] == ["collectivite"]
    assert [(told.column, told.value, told.problem) for told in entry.warnings][1:] == [
        ("openingHours", "[{'dayOfWeek': 'Lu', 'hours': []}]", "un jour est inconnu, ou dit deux fois"),
        ("typePlace", "Pétanque", "famille inconnue"),
    ]


def test_twins_and_nameless_objects_are_refused_alone():
    reading = read({"results": [PLACE, PLACE, PLACE | {"_id": {"$id": ""}}, PLACE | {"_id": {"$id": "d"}}]})
    assert [e.drafts[0].ref for e in reading.entries] == ["5cfictif1", "d"]
    assert [refused.problem.problem.split(" à ")[0] for refused in reading.refused] == [
        "identifiant déjà vu",
        "l’identifiant manque",
    ]


def test_an_answer_keyed_by_identifier_is_refused_with_the_mend():
    with pytest.raises(FileRefused) as refused:
        read({"results": {"5c": PLACE}})
    assert str(refused.value) == (
        "La réponse de Communecter ne contient pas de liste «\u202fresults\u202f». "
        "Demandez-la avec indexStep vide, ou rassemblez les objets dans une liste, puis relancez l’import."
    )


SPANS = st.lists(st.sampled_from(MORNING), max_size=2, unique_by=lambda one: one["opens"])


@given(st.lists(SPANS, min_size=7, max_size=7))
def test_seven_days_are_always_hours_that_can_be_read(days):
    said = hours_of([{"dayOfWeek": d, "hours": times} if times else "" for d, times in zip(DAYS, days, strict=True)])
    assert said == "" if not any(days) else validate(said) is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 10**20) | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(st.sampled_from(sorted(set(PLACE) | {"typePlace", "manageModel", "modified"})), JSON))
def test_any_object_is_read_or_refused_never_a_crash(odd):
    text = json.dumps({"results": [PLACE | odd]})
    reading = communecter.read(Document("x.json", text), Options(all_places=True))
    for entry in reading.entries:
        check(entry.drafts[0].values)


HEADER = (
    "id,code_officiel,type_code_officiel,nom,categorie,typologie,adresse,code_postal,numcom,nomcom,url_web,facebook,"
    "twitter,instagram,ct_nom,ct_prenom,ct_courriel,ct_tel_fixe,ct_tel_mobile,x_wgs84,y_wgs84,geom,date_sai"
)
ROW = (
    "1,73282932000074,Siret,La Maille (fictif),SCIC + Association,8,1 rue du Moulin,33000,33063,Bordeaux,"
    "la-maille.example,lamaille,,,Dupont,Jeanne,jeanne@exemple.fr,,,-0.57,44.84,,2022-11-02 10:00:00"
)


def test_the_table_of_nouvelle_aquitaine_is_read_without_its_contact_persons():
    text = f"{HEADER}\n{ROW}\n2,W1,RNA,Sans Siret,NR,000,,33000,33063,Bordeaux,,,,,,,,,,-0.6,44.8,,\n"
    text += "3,,,Autre,Confrérie,9,,33000,33063,Bordeaux,,,,,,,,,,-0.6,44.8,,\n"
    assert formats.detect(text).name == "nouvelle-aquitaine"
    first, second, third = nouvelle_aquitaine.read(Document("na.csv", text), Options()).entries
    (draft,) = first.drafts
    assert (draft.licence, draft.dated) == ("Licence Ouverte 2.0", "2022-11-02")
    assert check(draft.values).values == {
        "name": "La Maille (fictif)",
        "status": "open",
        "street": "1 rue du Moulin",
        "postal_code": "33000",
        "city": "Bordeaux",
        "commune": "33063",
        "lat": 44.84,
        "lon": -0.57,
        "precision": "address",
        "website": "https://la-maille.example",
        "links": ["https://www.facebook.com/lamaille"],
        "siret": "73282932000074",
        "activities": ["coworking"],
        "legal_forms": ["association", "scic"],
    }
    assert not any("Dupont" in str(part) or "jeanne@" in str(part) for part in (draft.values, draft.raw))
    assert (second.drafts[0].values["siret"], second.warnings) == ("", ())
    assert [(told.column, told.value, told.problem) for told in third.warnings] == [
        ("categorie", "Confrérie", "mot inconnu du dictionnaire")
    ]
