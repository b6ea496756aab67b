"""The pages of the sources that are followed, and the command that does the same."""

import pytest
from django.test import Client

from maillage.cli import doctor
from maillage.cli.main import main
from maillage.network.exchange.actions.pulling import run_pull
from maillage.network.exchange.models import Intake, Pull
from maillage.places.models import Place
from tests.network.exchange.outside import Outside, outside
from tests.network.exchange.test_pulls import BY, DAY, NIGHT, census, follow, online

__all__ = ["follow", "online", "outside"]
pytestmark = pytest.mark.usefixtures("small_ground", "online")
LIST = "/importer/sources/"


@pytest.fixture
def camille(people, client_of) -> Client:
    return client_of(people.operator)


def text(answer: object) -> str:
    return " ".join(answer.content.decode().replace("\u202f", " ").split())  # type: ignore[attr-defined]


def read(pull: Pull, now=NIGHT) -> str:
    return run_pull(pull_id=pull.pk, by=BY, now=now).what


def test_a_source_is_added_read_paused_and_left(camille, outside: Outside):
    outside.body = census(0, 1, 2, 3)
    assert "Aucune source n’est suivie." in text(camille.get(LIST))
    given = {"address": f"{outside.url}/lieux.csv", "name": "Région", "every": "weekly", "read": "cget"}
    made = camille.post(LIST, given)
    pull = Pull.objects.get()
    assert made.headers["Location"] == f"{LIST}{pull.pk}/"
    assert (pull.every, pull.format, pull.opened_by.endswith(":operator")) == ("weekly", "cget", True)
    page = f"{LIST}{pull.pk}/"
    assert "Cette source est suivie : sa première lecture commence." in text(camille.get(page))
    assert read(pull, pull.next_run_at) == "entered"
    shown = text(camille.get(page))
    assert "4 lignes, " in shown and "Relue chaque semaine." in shown
    camille.post(page, {"pause": "1"})
    assert "En pause : elle n’est pas lue." in text(camille.get(page))
    camille.post(page, {"reprendre": "1"})
    camille.post(page, {"lire": "1"})
    assert Pull.objects.get().state == "active"
    assert "Ne plus suivre Région ?" in text(camille.get(f"{page}arreter/"))
    assert camille.post(f"{page}arreter/").headers["Location"] == LIST
    assert (Pull.objects.count(), Place.objects.filter(name__in=["Étoile", "Horloge"]).count()) == (0, 2)
    assert camille.get(page).status_code == 404


def test_a_source_that_cannot_be_is_refused_with_what_was_typed(camille):
    given = {"address": "ftp://mairie.example/a.csv", "name": "Ma région", "licence": "Licence Ouverte 2.0"}
    refused = camille.post(LIST, given)
    assert refused.status_code == 422
    assert "n’est pas de celles qu’on peut lire : donnez celle du fichier lui-même" in text(refused)
    assert 'value="Ma région"' in text(refused) and Pull.objects.count() == 0
    for inside in ("http://192.168.1.4/a.csv", "http://[fd00::1]/a.csv", "http://169.254.169.254/a.csv"):
        assert "mène à l’intérieur d’un réseau privé" in text(camille.post(LIST, {**given, "address": inside}))
    assert Pull.objects.count() == 0


def test_the_question_is_asked_on_the_page_and_answered(camille, follow, outside):
    pull = follow()
    read(pull)
    outside.body = census(0, 1, 2)
    read(pull, NIGHT + DAY)
    page = f"{LIST}{pull.pk}/"
    said = "La source « Région » comptait 6 lieux, elle n’en compte plus que 3 : elle a perdu la moitié de ses lignes"
    assert said in text(camille.get(page)) and said in text(camille.get(LIST))
    camille.post(page, {"attendre": "1"})
    assert "Vous avez choisi d’attendre" in text(camille.get(page))
    outside.body = census(0, 1)
    read(pull, NIGHT + 2 * DAY)
    camille.post(page, {"entrer": "1"})
    assert read(pull, NIGHT + 2 * DAY) == "entered"
    shown = text(camille.get(page))
    assert "4 lieux ne sont plus dans la source." in shown
    assert '<a href="/lieux/jacinthe/" lang="fr">Jacinthe</a>' in shown
    assert shown.index("4 lieux ne sont plus") < shown.index("6 lignes, 6 lieux créés")


class TestCommand:
    def test_a_source_is_followed_read_and_answered_for(self, outside, capsys):
        outside.body = census(0, 1, 2, 3, 4, 5)
        url = f"{outside.url}/lieux.csv"
        assert main(["pull", "list"]) == 0
        assert main(["pull", "add", url, "--name", "Région"]) == 0
        out = capsys.readouterr().out
        assert "Source suivie" in out and "créés            6" in out
        outside.body = census(0, 1)
        assert main(["pull", "run", "Région"]) == 1
        assert "elle n’en compte plus que 2" in capsys.readouterr().out
        assert doctor.sources().said.replace("\u202f", " ") == "« Région » attend une réponse"
        assert main(["pull", "wait", "Région"]) == 0
        assert main(["pull", "run", "Région"]) == 0
        assert "celui que vous avez choisi de laisser dehors" in capsys.readouterr().out
        outside.body = census(0, 2)
        assert (main(["pull", "run", "Région"]), main(["pull", "accept", "Région"])) == (1, 0)
        assert "4 lieux ne sont plus dans la source" in capsys.readouterr().out
        assert [main(["pull", act, "Région"]) for act in ("pause", "run", "resume", "stop")] == [0, 0, 0, 0]
        assert "Cette source n’est pas lue" in capsys.readouterr().out
        assert (Pull.objects.count(), doctor.sources().said) == (0, "aucune suivie")

    def test_what_goes_wrong_is_said_and_no_traceback(self, outside, settings, capsys):
        outside.code = 404
        assert main(["pull", "add", f"{outside.url}/lieux.csv"]) == 1
        assert "Le site répond 404 au lieu du fichier" in capsys.readouterr().out
        assert main(["pull", "run", "Autre"]) == 1
        assert "aucune source suivie ne s’appelle « Autre »" in capsys.readouterr().err.replace("\u202f", " ")
        assert (main(["pull", "accept", "lieux.csv"]), main(["pull", "add", "/tmp/lieux.csv"])) == (1, 1)
        Pull.objects.update(failing_since=NIGHT - 9 * DAY)
        told = doctor.sources()
        assert told.said.startswith("« lieux.csv » en panne depuis") and not told.broken
        settings.OFFLINE = True
        assert main(["pull", "run"]) == 1


def test_a_file_at_an_address_opens_the_wizard(camille, outside, settings):
    outside.body = census(0, 1)
    page = "/importer/adresse/"
    assert "Depuis une adresse" in text(camille.get(page))
    sent = camille.post(page, {"adresse": f"{outside.url}/lieux.csv"})
    made = Intake.objects.get()
    assert (sent.headers["Location"], made.name) == (f"/importer/{made.pk}/", "lieux.csv")
    assert made.state == "tried" and not Place.objects.filter(name="Étoile").exists()
    settings.FEEDS_FROM_LOOPBACK = False
    for url in (f"{outside.url}/lieux.csv", "http://169.254.169.254/", "file:///etc/passwd", ""):
        assert camille.post(page, {"adresse": url}).status_code == 422
    assert (Intake.objects.count(), len(outside.asked)) == (1, 1)


def test_the_command_takes_an_address_too(outside, settings, capsys):
    outside.body = census(0, 1)
    assert main(["import", f"{outside.url}/lieux.csv"]) == 0
    assert "Import : lieux.csv, format cget, 2 lignes." in capsys.readouterr().out.replace("\u202f", " ")
    settings.FEEDS_FROM_LOOPBACK = False
    assert main(["import", f"{outside.url}/lieux.csv", "--dry-run"]) == 1
    assert "L’adresse demande un port inhabituel" in capsys.readouterr().err
