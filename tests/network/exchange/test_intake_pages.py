"""The import wizard as a person goes through it: a file, its columns, the trial, the way in and the way back."""

import re
from pathlib import Path
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from django_q.models import OrmQ

from maillage.network.exchange.actions import working
from maillage.network.exchange.models import ImportRun, Intake, Recipe
from maillage.network.exchange.queries import intakes
from maillage.network.exchange.rules.intakes import LEASE
from maillage.places.models import Place
from tests.network.exchange.test_intake import OTHERS, OURS

pytestmark = pytest.mark.django_db
ABOUT = {"source": "Réseau du Jura", "licence": "Licence Ouverte 2.0"}


@pytest.fixture(autouse=True)
def home(settings, tmp_path: Path) -> Path:
    settings.HOME = tmp_path
    return tmp_path


@pytest.fixture
def operator(people, client_of):
    return client_of(people.operator)


def text_of(response) -> str:
    bare = re.sub(r"<[^>]+>", " ", response.content.decode())
    return " ".join(bare.replace("\u202f", " ").replace("&#x27;", "’").split())


def send(client, text: str | bytes, name: str = "lieux.csv", **more):
    data = text if isinstance(text, bytes) else text.encode()
    return client.post("/importer/", {"fichier": SimpleUploadedFile(name, data), **ABOUT, **more})


def test_from_the_file_to_the_registry_and_back(operator):
    assert "Aucun fichier n’est encore entré par ici." in text_of(operator.get("/importer/"))
    before = Place.objects.public().count()
    sent = send(operator, OURS)
    found = Intake.objects.get()
    page = f"/importer/{found.pk}/"
    assert (sent.status_code, sent["Location"], found.state) == (302, page, "tried")
    told = text_of(operator.get(page))
    for said in (
        "écrit en UTF-8",
        "format reconnu : CSV de Maillage",
        "Essai à blanc : voici ce qu’il changerait. Rien n’est encore écrit.",
        "2 lieux nouveaux",
        "1 ligne à corriger",
        "Ligne 4",
        "Licence Ouverte 2.0",
    ):
        assert said in told, said
    assert Place.objects.public().count() == before
    table = operator.get(f"{page}a-corriger.csv")
    assert table["Content-Disposition"] == 'attachment; filename="a-corriger.csv"'
    assert b"Sans lieu" in b"".join(table.streaming_content)
    assert operator.post(page, {"entrer": "1"})["Location"] == page
    assert "C’est entré. Voici ce qui a changé." in text_of(operator.get(page))
    assert Place.objects.public().count() == before + 2
    again = operator.post(page, {"entrer": "1"})
    assert (again.status_code, "Ce fichier est déjà entré" in text_of(again)) == (409, True)
    undo = f"/importer/imports/{ImportRun.objects.get().pk}/annuler/"
    assert "Annuler cet import ?" in text_of(operator.get(undo))
    assert operator.post(undo)["Location"] == undo
    assert "2 lieux retirés" in text_of(operator.get(undo))
    assert Place.objects.public().count() == before
    assert operator.post(undo).status_code == 409
    assert "Cet import a été annulé." in text_of(operator.get(page))


def test_a_changed_place_is_shown_field_by_field_before_and_after(operator):
    one, other = UUID(int=7), UUID(int=8)
    rows = f"id,name,commune,phone\n{one},Le Fil,39370,03 84 00 00 01\n{other},La Jetée,44109,02 40 00 00 01\n"
    send(operator, rows)
    operator.post(f"/importer/{Intake.objects.get().pk}/", {"entrer": "1"})
    send(operator, rows.replace("02 40 00 00 01", "02 40 00 00 02"))
    page = operator.get(f"/importer/{Intake.objects.latest('pk').pk}/")
    told = text_of(page)
    assert "0 lieu nouveau 1 lieu modifié 1 lieu inchangé" in told
    assert "La Jetée Téléphone Avant : 02 40 00 00 01 Après : 02 40 00 00 02" in told
    assert f'href="/lieux/{Place.objects.get(pk=other).slug}/"' in page.content.decode()


def test_columns_are_said_kept_and_offered_next_time(operator):
    sent = send(operator, OTHERS, name="liste.csv")
    found = Intake.objects.get()
    columns = f"/importer/{found.pk}/colonnes/"
    assert sent["Location"] == columns
    told = text_of(operator.get(columns))
    assert "bleu" in told and "NOM_TL" in told
    lacking = operator.post(columns, {"colonne-0": "name", "licence": ""})
    assert lacking.status_code == 422
    assert "Dites où sont les lieux" in text_of(lacking)
    said = {"colonne-0": "name", "colonne-1": "commune", "colonne-2": "", "recette": "Jura", **ABOUT}
    assert operator.post(columns, said)["Location"] == f"/importer/{found.pk}/"
    assert Recipe.objects.get().name == "Jura"
    assert "Colonnes non lues couleur" in text_of(operator.get(f"/importer/{found.pk}/"))
    send(operator, OTHERS.replace("Le Fil", "Le Fil neuf"), name="liste.csv")
    later = text_of(operator.get(f"/importer/{Intake.objects.latest('pk').pk}/colonnes/"))
    assert "Un fichier aux mêmes colonnes est déjà venu. Lire comme alors : Jura" in later


def test_the_rows_to_mend_come_back_with_their_columns_known(operator):
    send(operator, OTHERS.replace("39370", "99999") + "La Maille;39093;bleu\n", name="liste.csv")
    found = Intake.objects.get()
    said = {"colonne-0": "name", "colonne-1": "commune", "colonne-2": "", "recette": "Jura", **ABOUT}
    operator.post(f"/importer/{found.pk}/colonnes/", said)
    told = text_of(operator.get(f"/importer/{found.pk}/"))
    assert "Commune inconnue du territoire chargé → vérifiez le code Insee" in told
    assert "retirez la ligne ; si ce sont deux lieux, nommez-les autrement" in told
    mended = operator.get(f"/importer/{found.pk}/a-corriger.csv")
    sent = b"".join(mended.streaming_content).decode("utf-8-sig").replace("99999", "39370")
    send(operator, sent, name="a-corriger.csv")
    later = text_of(operator.get(f"/importer/{Intake.objects.latest('pk').pk}/colonnes/"))
    assert "Lire comme alors : Jura" in later
    assert "maillage_remede" not in later


@pytest.mark.parametrize(
    ("data", "name", "status", "says"),
    [
        (None, "", 422, "Choisissez d’abord un fichier"),
        (b"%PDF-1.4", "x.pdf", 422, "est un PDF, pas une liste de lieux"),
        (b"PK\x03\x04" + b"\0" * 300, "x.xlsx", 422, "Le classeur est abîmé"),
        (b"a\x00,b\x00\n", "nul.csv", 422, "n’est pas un en-tête lisible"),
        (b"x" * 25_000_001, "gros.csv", 413, "dépasse 25 Mo"),
        (b"[" * 5_000, "profond.json", 302, ""),
    ],
    ids=["none", "pdf", "workbook", "nul", "heavy", "deep"],
)
def test_what_cannot_come_in_is_refused_in_whole_sentences(operator, data, name, status, says):
    sent = send(operator, data, name) if data is not None else operator.post("/importer/", ABOUT)
    assert sent.status_code == status
    assert says in text_of(sent)
    if status == 302:
        assert operator.get(sent["Location"]).status_code in (200, 422)


def test_a_large_file_shows_how_far_it_is_and_a_dead_one_is_taken_up(operator, home: Path):
    rows = "".join(f"Lieu {n},39093,46.{n:04},5.70\n" for n in range(600))
    send(operator, f"name,commune,lat,lon\n{rows}")
    found = Intake.objects.get()
    page = f"/importer/{found.pk}/"
    seen = operator.get(page).content.decode()
    assert (found.state, "<progress" in seen, 'http-equiv="refresh"' in seen) == ("queued", True, True)
    held = working._hold(found.pk, timezone.now())
    intakes.progress_of(found.pk).write_text("[150, 600, false]", encoding="ascii")
    told = operator.get(page)
    assert "Lecture : 150 lignes sur 600." in text_of(told)
    assert 'value="25"' in told.content.decode()
    intakes.progress_of(found.pk).write_text("[15", encoding="ascii")
    assert "Ouverture du fichier." in text_of(operator.get(page))
    assert held is not None
    Intake.objects.filter(pk=found.pk).update(leased_until=timezone.now() - LEASE)
    assert "Le travail s’est interrompu. Rien n’est entré à moitié" in text_of(operator.get(page))
    waiting = OrmQ.objects.count()
    assert operator.post(page, {"reprendre": "1"}).status_code == 302
    assert OrmQ.objects.count() == waiting + 1
    assert operator.post(page, {"entrer": "1"}).status_code == 409


def test_an_officer_sees_her_files_alone_and_brings_in_her_territory(people, client_of, operator):
    ines = client_of(people.ines)
    send(ines, OURS)
    hers = Intake.objects.get()
    told = text_of(ines.get(f"/importer/{hers.pk}/"))
    assert "hors de votre territoire" in told
    send(operator, OTHERS)
    theirs = Intake.objects.latest("pk")
    assert ines.get(f"/importer/{theirs.pk}/").status_code == 404
    assert operator.get(f"/importer/{hers.pk}/").status_code == 200
    assert text_of(ines.get("/importer/")).count("lieux.csv") == 1
    assert text_of(operator.get("/importer/")).count("lieux.csv") == 2
    assert client_of(people.thomas).get("/importer/").status_code == 403
