from datetime import timedelta

import pytest
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone
from django_q.models import OrmQ

from maillage.cli import doctor, locks, worker
from maillage.cli.main import main

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_home(settings, tmp_path):
    settings.HOME = tmp_path


def test_a_site_without_ground_is_broken_and_the_mend_is_told(capsys):
    assert main(["doctor"]) == 1
    said = capsys.readouterr().out
    assert "EN PANNE  territoire\u202f: aucun\n          → maillage territory update\n" in said


def test_a_prepared_site_is_not_broken(small_ground, capsys):
    assert main(["doctor"]) == 0
    said = capsys.readouterr().out
    assert "EN PANNE" not in said
    assert "ok        territoire\u202f: Petit fond d’essai, chargé le 22/11/2026" in said
    assert len([line for line in said.splitlines() if not line.startswith(" ")]) == len(doctor.EXAMINATIONS)


def test_a_newer_database_ends_the_examination(capsys):
    MigrationRecorder.Migration.objects.create(app="places", name="0099_the_future")
    assert main(["doctor"]) == 1
    said = capsys.readouterr().out
    assert "EN PANNE  tables\u202f: plus récentes que ce code (places.0099_the_future)" in said
    assert "territoire" not in said


def test_a_worker_is_seen_by_its_lock(settings):
    assert doctor.jobs().said == "arrêté sur ce poste"
    with locks.held(settings.HOME / worker.LOCK, shared=True):
        assert doctor.jobs() == doctor.Finding("travail de fond", "en marche")


def test_a_job_that_waits_too_long_is_told():
    now = timezone.now()
    OrmQ.objects.create(key="maillage", payload="", lock=now - timedelta(minutes=5))
    assert doctor.jobs().said == "arrêté sur ce poste"
    OrmQ.objects.create(key="maillage", payload="", lock=now - timedelta(minutes=11))
    assert doctor.jobs().said == "une tâche attend depuis plus de dix minutes"


def test_an_address_that_the_site_would_refuse_is_told(settings):
    settings.ALLOWED_HOSTS = ["localhost"]
    settings.SITE_URL = "https://lieux.example"
    found = doctor.hosts()
    assert found.said == "MAILLAGE_URL annonce lieux.example, que MAILLAGE_HOSTS n’accepte pas"
    assert found.mend == "MAILLAGE_HOSTS=localhost,lieux.example"


def test_a_secret_that_others_can_read_is_told(settings):
    path = settings.HOME / "secret"
    path.write_text("x" * 60)
    path.chmod(0o644)
    assert doctor.secret().mend == f"chmod 600 {path}"
    path.chmod(0o600)
    assert doctor.secret().mend == ""


def test_estimated_centres_are_told(small_ground):
    from maillage.territory.models import Ground

    Ground.objects.update(estimated_centres=1200)
    assert doctor.ground().said.endswith("\u202f; 1200 centres de communes sont estimés")
