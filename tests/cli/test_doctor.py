import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone
from django_q.models import OrmQ, Schedule

from maillage.accounts.actions import accept, invite
from maillage.cli import backup, doctor, locks, serve, stamps, worker
from maillage.cli.main import main
from maillage.management.bookings.queries import guard
from tests.management.bookings.test_guard import take_off

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_home(settings, tmp_path):
    settings.HOME = tmp_path
    settings.MEDIA_ROOT = tmp_path / "media"
    from django.core.management import call_command

    call_command("createcachetable", verbosity=0)


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


def test_bookings_that_nothing_guards_stop_the_site(capsys):
    take_off()
    found = doctor.booking_guard()
    gone = ", ".join(guard.missing())
    assert found == doctor.Finding(
        "garde", f"la base n’empêche plus deux réservations de la même place ({gone})", "maillage migrate", broken=True
    )
    assert serve.obstacle("127.0.0.1", 0) == (
        f"La garde des réservations manque dans la base ({gone})\u202f: deux réservations pourraient prendre la même "
        "place. Rien n’est réservé. Lancez «\u202fmaillage migrate\u202f», qui la remet."
    )
    assert main(["migrate"]) == 0
    assert doctor.booking_guard() == doctor.Finding("garde", "la base refuse deux réservations de la même place")


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


def test_production_without_a_declared_proxy_is_told(settings):
    settings.ENV, settings.PROXIES = "production", 0
    assert doctor.proxies().mend == "MAILLAGE_PROXIES=1 (un par mandataire entre les visiteurs et le site)"
    settings.PROXIES = 1
    assert doctor.proxies() == doctor.Finding("mandataires", "1 devant le site")


def test_a_clock_before_the_code_is_told(monkeypatch):
    assert doctor.clock().mend == ""
    monkeypatch.setattr(doctor, "_newest_code", lambda: time.time() + 3600)
    assert "avant la date du code" in doctor.clock().said
    assert doctor.clock().mend == "réglez-la (timedatectl set-ntp true)"


def test_missing_time_zones_stop_the_site(monkeypatch):
    import zoneinfo

    def missing(key: str) -> None:
        raise zoneinfo.ZoneInfoNotFoundError(key)

    monkeypatch.setattr(zoneinfo, "ZoneInfo", missing)
    found = doctor.clock()
    assert (found.broken, found.mend) == (True, "apt install tzdata, ou pip install tzdata")


def test_a_database_server_with_another_time_is_told(monkeypatch):
    from django.db import connection

    assert doctor.base_clock().mend == ""
    if connection.vendor == "postgresql":
        monkeypatch.setattr(doctor.time, "time", lambda: 1_000_000_000.0)
        assert doctor.base_clock().mend == "mettez les deux à l’heure (timedatectl set-ntp true)"


def test_without_the_table_of_counters_nobody_signs_in(settings):
    assert doctor.counters() == doctor.Finding("compteurs", "dans la base")
    settings.CACHES = settings.CACHES | {"default": settings.CACHES["default"] | {"LOCATION": "nowhere"}}
    found = doctor.counters()
    assert (found.broken, found.mend) == (True, "maillage migrate")
    settings.CACHE = "redis://localhost/1"
    assert not doctor.counters().broken


def test_a_site_without_an_operator_is_told(now):
    assert doctor.operator().mend == "maillage invite ADRESSE --role operator"
    made = invite(email="ines@example.org", role="operator", scope="france", by="essai", now=timezone.now())
    assert doctor.operator().mend != ""
    accept(token=made.token, by=None, now=timezone.now())
    assert doctor.operator() == doctor.Finding("exploitant", "au moins un compte")


def mail(**values):
    from maillage.journal.models import Mail

    asked = timezone.now() - timedelta(hours=1)
    return Mail.objects.create(to="nadine@example.org", subject="x", asked_at=asked, **values)


def test_mails_that_do_not_leave_are_told(settings):
    assert doctor.mails().mend == ""
    mail(next_try_at=timezone.now() + timedelta(minutes=4))
    assert doctor.mails().mend == ""
    mail(next_try_at=timezone.now() - timedelta(minutes=30), trouble="connection refused")
    late = doctor.mails()
    assert late.said == "1 en retard (dernier ennui\u202f: connection refused)"
    assert late.mend == "lancez «\u202fmaillage worker\u202f»\u202f; s’il tourne, vérifiez MAILLAGE_SMTP"
    mail(next_try_at=None, trouble="no such user")
    assert doctor.mails().said.startswith("1 abandonnés après plusieurs essais")
    assert "administration" in doctor.mails().mend


def test_a_real_site_that_sends_no_mail_is_told(settings):
    settings.ENV = "production"
    assert doctor.mails().mend == "MAILLAGE_SMTP=smtp://…"
    settings.SMTP = {"host": "mail.example.org"}
    assert doctor.mails() == doctor.Finding("courriels", "par mail.example.org, 0 en attente")


def test_missing_and_late_schedules_are_told():
    Schedule.objects.update(next_run=timezone.now())
    assert doctor.schedules().said == "suivis"
    Schedule.objects.update(next_run=timezone.now() - timedelta(minutes=11))
    assert doctor.schedules().mend == "lancez «\u202fmaillage worker\u202f», ou ./run"
    Schedule.objects.all().delete()
    missing = doctor.schedules()
    wanted = (
        "accounts-daily-sweep, billing-forget-accounts, billing-read-payments, bookings-read-feeds, "
        "bookings-sweep-holds, clearance-censuses, clearance-daily-accesses, exchange-daily-dumps, "
        "exchange-intakes, exchange-read-instances, exchange-read-sources, journal-mails, "
        "observatory-daily-snapshot, passes-daily, people-forget-visitors, places-daily-sweep, "
        "schemes-forget-holders"
    )
    assert missing.said == f"absents\u202f: {wanted}"
    assert missing.mend == "maillage migrate"


def test_a_photo_without_its_file_and_a_file_without_its_photo_are_told(settings, monkeypatch):
    media = Path(settings.MEDIA_ROOT) / "photos"
    media.mkdir(parents=True)
    monkeypatch.setattr("maillage.places.queries.files.photo_files", lambda: {"photos/a.webp", "photos/a-small.webp"})
    assert doctor.photos().said == "2 fichiers manquent (photos/a-small.webp, photos/a.webp)"
    assert "depuis une sauvegarde" in doctor.photos().mend
    (media / "a.webp").touch()
    (media / "a-small.webp").touch()
    assert doctor.photos() == doctor.Finding("photos", "1, tous les fichiers sont là")
    (media / "b.webp").touch()
    assert doctor.photos().said.endswith("1 fichiers sans photo, que le ménage effacera")
    assert doctor.photos().mend == ""


def test_a_backup_too_old_or_never_made_is_told(settings):
    mend = "maillage backup FICHIER, chaque jour par un minuteur, et une copie ailleurs"
    assert doctor.saved() == doctor.Finding("sauvegarde", "aucune faite ici", mend)
    for at in ("hier", "2026-11-22T09:00:00"):
        stamps.write(settings.HOME / backup.STAMP, {"at": at})
        assert doctor.saved().said == "aucune faite ici"
    for days, expected in ((1, ""), (3, mend)):
        at = timezone.now() - timedelta(days=days)
        stamps.write(settings.HOME / backup.STAMP, {"at": at.isoformat(), "file": "/srv/a.zip"})
        assert doctor.saved().mend == expected
        assert doctor.saved().said.endswith(", /srv/a.zip")
