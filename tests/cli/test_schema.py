import pytest
from django.db.migrations.recorder import MigrationRecorder

from maillage.cli import migrate, schema, serve
from maillage.cli.main import main

pytestmark = pytest.mark.django_db
NEWER = (
    "la base est plus récente que ce code\u202f: elle a reçu des mises à jour qu’il ne connaît pas "
    "(atelier.0001_initial, places.0099_the_future). Rien n’a été touché. "
    "Mettez le code à jour (git pull), ou choisissez un autre dossier avec MAILLAGE_HOME."
)


@pytest.fixture
def newer(db):
    MigrationRecorder.Migration.objects.create(app="places", name="0099_the_future")
    MigrationRecorder.Migration.objects.create(app="atelier", name="0001_initial")


def test_a_level_database_has_nothing_to_say():
    state = schema.read()
    assert state == schema.Schema(pending=(), unknown=())
    assert (state.refusal(), state.delay()) == (None, None)


def test_a_database_newer_than_the_code_is_refused(newer):
    assert schema.read().refusal() == NEWER


def test_migrate_refuses_a_newer_database_and_touches_nothing(newer, capsys, settings, tmp_path):
    settings.HOME = tmp_path
    before = set(MigrationRecorder.Migration.objects.values_list("app", "name"))
    assert main(["migrate"]) == 1
    assert capsys.readouterr().err == f"maillage migrate\u202f: {NEWER}\n"
    assert set(MigrationRecorder.Migration.objects.values_list("app", "name")) == before


def test_serve_refuses_a_newer_database(newer):
    assert serve.obstacle("127.0.0.1", 58125) == NEWER


def test_serve_refuses_to_stand_on_no_ground():
    assert serve.obstacle("127.0.0.1", 58125) == (
        "le territoire n’est pas chargé. Lancez «\u202fmaillage territory update\u202f»."
    )


def test_nothing_stands_in_the_way_of_a_prepared_site(small_ground):
    assert serve.obstacle("127.0.0.1", 58125) is None


def test_a_missing_migration_asks_for_migrate():
    pending = schema.Schema(pending=("a.1",), unknown=())
    assert pending.delay() == (
        "la base n’est pas à jour\u202f: une mise à jour manque. Lancez «\u202fmaillage migrate\u202f»."
    )


def test_migrate_again_changes_nothing(capsys, settings, tmp_path):
    settings.HOME = tmp_path
    assert migrate.run(None) == 0
    assert capsys.readouterr().out == "Base à jour\u202f: rien à faire.\n"
