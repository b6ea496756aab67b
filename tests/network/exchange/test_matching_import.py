"""What an import newly brings joins the place it tells of, or waits for a person; every link can be undone."""

import csv
from pathlib import Path

import pytest

from maillage.journal.models import AuditEvent
from maillage.network.exchange.actions import import_file
from maillage.network.exchange.actions.matching import settle_candidate
from maillage.network.exchange.formats.merged import COLUMNS
from maillage.network.exchange.models import Candidate, ImportRun
from maillage.network.exchange.queries.candidates import candidates_for, open_candidates
from maillage.network.exchange.rules.reports import Options, Report
from maillage.places.actions import record_many, remove_place
from maillage.places.actions.detach import detach_record
from maillage.places.actions.lifecycle import PlaceRefused
from maillage.places.models import NotSame, Place, Revision, SourceRecord
from maillage.places.rules.drafts import Draft, SourceFacts
from tests.conftest import NOW

BY = "commande:essai"
STAR = {"nom": "L’Étoile", "adresse": "3 rue du Port", "insee": "39300", "commune": "Lons-le-Saunier"}
pytestmark = pytest.mark.usefixtures("small_ground")


def row(source: str, ref: str, **cells: str) -> dict[str, str]:
    told = dict.fromkeys(COLUMNS, "") | {"source": source, "source_id": ref, "kind": "coworking", "tl_any": "1"}
    return told | {"lat": "46.6758", "lon": "5.5575", "precision": "adresse", "licence": "Licence Ouverte 2.0"} | cells


def written(path: Path, *rows: dict[str, str]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        lines = csv.DictWriter(file, COLUMNS)
        lines.writeheader()
        lines.writerows(rows)
    return path


@pytest.fixture
def bring(tmp_path):
    def brought(*rows: dict[str, str], dry_run: bool = False, **options) -> Report:
        path = written(tmp_path / "places.csv", *rows)
        return import_file(path=path, by=BY, now=NOW, options=Options(**options), dry_run=dry_run)

    return brought


def test_a_place_told_by_another_source_joins_it_and_a_second_run_changes_nothing(bring):
    bring(row("gironde", "1", **STAR))
    again = row("angers", "x", **STAR | {"nom": "ETOILE (association)", "adresse": "3, R. DU PORT"})
    tried = bring(again, dry_run=True)
    assert (len(tried.linked), Place.objects.get().records.count()) == (1, 1)
    report = bring(again)
    assert (report.created, report.changed, report.candidates) == (0, 1, ())
    told = report.linked[0]
    assert (told.source, told.ref, told.place, told.slug) == ("angers", "x", "L’Étoile", "l-etoile")
    assert told.why == {"name": 50, "address": 35, "distance": 5}
    assert Place.objects.get().records.count() == 2
    assert ImportRun.objects.order_by("pk").last().counts["linked"] == 1
    for rows in ((again,), (row("gironde", "1", **STAR), again)):
        second = bring(*rows)
        assert (second.created, second.changed, second.linked, second.candidates) == (0, 0, (), ())
    assert (ImportRun.objects.count(), Candidate.objects.count()) == (2, 0)


def test_without_matching_each_record_is_a_place(bring):
    bring(row("gironde", "1", **STAR))
    report = bring(row("angers", "x", **STAR), match=False)
    assert (report.created, report.linked, Place.objects.count()) == (1, (), 2)


def test_two_sources_of_one_file_meet_and_one_source_is_believed(bring):
    report = bring(
        row("gironde", "1", **STAR),
        row("angers", "x", **STAR),
        row("gironde", "2", **STAR | {"nom": "L’Étoile filante"}),
    )
    assert (report.created, Place.objects.count()) == (2, 2)
    assert [(told.ref, told.place, told.slug) for told in report.linked] == [("x", "L’Étoile", "")]
    assert len(report.candidates) == 1
    second = bring(
        row("gironde", "1", **STAR),
        row("angers", "x", **STAR),
        row("gironde", "2", **STAR | {"nom": "L’Étoile filante"}),
    )
    assert (second.created, second.changed, Candidate.objects.count()) == (0, 0, 1)


def test_what_is_not_sure_enters_and_is_asked_once(bring):
    bring(row("gironde", "1", **STAR | {"adresse": ""}))
    report = bring(row("angers", "x", **STAR | {"nom": "L’Étoile filante", "adresse": "", "lat": "46.6790"}))
    assert (report.created, len(report.candidates)) == (1, 1)
    candidate = open_candidates().get()
    assert (candidate.points, candidate.state, candidate.found_by) == (report.candidates[0].points, "open", BY)
    assert {reason["what"] for reason in candidate.evidence["reasons"]} == {"name", "distance"}
    apart = settle_candidate(candidate_id=candidate.pk, same=False, reason="deux étages", by=BY, now=NOW)
    assert (apart.state, NotSame.objects.count(), open_candidates().count()) == ("apart", 1, 0)
    assert settle_candidate(candidate_id=candidate.pk, same=True, reason="non", by=BY, now=NOW).state == "apart"


def test_an_answered_question_makes_one_place_of_two_and_keeps_the_older_sheet(bring):
    bring(row("gironde", "1", **STAR | {"adresse": ""}))
    bring(row("angers", "x", **STAR | {"nom": "L’Étoile filante", "adresse": "", "lat": "46.6790"}))
    settle_candidate(candidate_id=open_candidates().get().pk, same=True, reason="même porte", by=BY, now=NOW)
    kept = Place.objects.public().get()
    assert (kept.records.count(), kept.records.order_by("pk").first().ref) == (2, "1")


def test_organisations_under_one_roof_stay_two_and_nobody_is_asked(bring):
    bring(row("gironde", "1", **STAR))
    report = bring(row("angers", "x", **STAR | {"nom": "Le Repair café des voisins"}))
    assert (report.created, report.linked, report.candidates) == (1, (), ())


def test_a_closed_place_is_not_opened_again_by_a_list_that_still_has_it(bring):
    bring(row("gironde", "1", **STAR))
    place = Place.objects.get()
    facts = {"equipe": SourceFacts("equipe", "L’équipe", "Licence Ouverte 2.0")}
    closing = {"status": "closed", "closed_on": "2024-03-01", "name": "L’Étoile"}
    draft = Draft("equipe", "1", closing, {}, "Licence Ouverte 2.0", dated="2024-03", place_id=place.pk)
    record_many(drafts=[draft], sources=facts, by=BY, now=NOW)
    again = row("angers", "x", **STAR | {"date_maj": "2026-10-01"})
    report = bring(again)
    assert report.created == 0
    assert report.linked[0].gone == "déjà connu, fermé le 2024-03-01"
    assert report.flagged == {"closed-here": 1}
    place.refresh_from_db()
    assert (place.status, place.closed_on) == ("closed", "2024-03-01")
    second = bring(again)
    assert (second.created, second.changed) == (0, 0)
    place.refresh_from_db()
    assert place.status == "closed"


def test_a_removed_place_does_not_come_back_under_another_source(bring):
    bring(row("gironde", "1", **STAR))
    remove_place(place_id=Place.objects.get().pk, reason="n’existe plus", by=BY, now=NOW)
    report = bring(row("angers", "x", **STAR))
    assert (report.created, Place.objects.public().count()) == (0, 0)
    assert report.linked[0].gone == "déjà connu, retiré du registre\u202f: n’existe plus"


def test_what_fits_two_places_as_well_joins_none_and_is_asked_twice(bring):
    anticafe = {"nom": "Anticafé", "insee": "75056", "commune": "Paris"}
    bring(
        row("gironde", "1", **anticafe, adresse="79 rue Quincampoix", lat="48.8617", lon="2.3520"),
        row("gironde", "2", **anticafe, adresse="6 rue du Château d’Eau", lat="48.8695", lon="2.3615"),
    )
    assert Place.objects.count() == 2
    report = bring(row("angers", "x", **anticafe, lat="48.8598", lon="2.3456", precision="commune"))
    assert (report.created, report.linked, len(report.candidates)) == (1, (), 2)


def test_a_link_is_undone_for_ever(bring):
    bring(row("gironde", "1", **STAR))
    again = row("angers", "x", **STAR)
    bring(again)
    record = SourceRecord.objects.get(ref="x")
    was = record.place
    made = detach_record(record_id=record.pk, by=BY, now=NOW, reason="deux associations du même nom")
    assert (made.name, made.pk != was.pk, made.slug) == ("L’Étoile", True, "l-etoile-lons-le-saunier")
    assert SourceRecord.objects.get(ref="x").place == made
    assert Revision.objects.filter(place=made).count() == 1
    assert made.provenance["name"] == "angers:x"
    assert {NotSame.objects.get().one_id, NotSame.objects.get().other_id} == {was.pk, made.pk}
    assert AuditEvent.objects.filter(action="places.detached", subject=str(made.pk)).count() == 1
    second = bring(again)
    assert (second.created, second.changed, second.linked, Candidate.objects.count()) == (0, 0, (), 0)
    third = bring(row("corse", "9", **STAR))
    assert (third.created, third.linked, len(third.candidates)) == (1, (), 2)


@pytest.mark.parametrize(
    ("ref", "reason", "said"),
    [
        ("1", "", "Une séparation demande un motif\u202f: dites à quoi vous voyez que c’est un autre lieu."),
        ("1", "pourquoi pas", "Ce lieu n’a que cet enregistrement\u202f: il n’y a rien à séparer."),
    ],
)
def test_a_refused_separation_leaves_everything(bring, ref, reason, said):
    bring(row("gironde", "1", **STAR))
    with pytest.raises(PlaceRefused) as refused:
        detach_record(record_id=SourceRecord.objects.get(ref=ref).pk, by=BY, now=NOW, reason=reason)
    assert str(refused.value) == said
    assert (Place.objects.count(), NotSame.objects.count()) == (1, 0)


class TestWhoeverIsAboutToAdd:
    def test_a_name_still_typed_finds_the_places_of_its_commune(self, bring):
        bring(row("gironde", "1", **STAR), row("gironde", "2", **STAR | {"nom": "Le Repair café des voisins"}))
        assert [found.slug for found in candidates_for(name="etoi", commune="39300")] == ["l-etoile"]
        assert candidates_for(name="etoi", commune="25056") == []
        found = candidates_for(name="Étoile", commune="39300", street="3 rue du Port")[0]
        assert (found.verdict.band.value, found.verdict.points, found.city) == ("link", 85, "Lons-le-Saunier")

    def test_removed_places_are_not_shown_and_a_name_alone_is_looked_for_everywhere(self, bring):
        bring(row("gironde", "1", **STAR))
        assert [found.slug for found in candidates_for(name="Étoile")] == ["l-etoile"]
        remove_place(place_id=Place.objects.get().pk, reason="n’existe plus", by=BY, now=NOW)
        assert candidates_for(name="Étoile", commune="39300") == []

    @pytest.mark.parametrize("name", ["", "\x00", "x" * 5_000, "%_\\", "🎈"])
    def test_whatever_is_typed_is_answered(self, bring, name):
        bring(row("gironde", "1", **STAR))
        assert candidates_for(name=name, commune="39300", point=(46.0, 5.0), phone="\x00", siret="x") == []
