from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db.models.signals import post_migrate
from django.utils import timezone
from django.utils.module_loading import import_string
from django_q.models import Schedule

from maillage.cli import doctor
from maillage.journal import tasks

pytestmark = pytest.mark.django_db
DAILY, MINUTES = Schedule.DAILY, Schedule.MINUTES
ALL = (
    ("accounts", "accounts-daily-sweep", "maillage.accounts.tasks.daily_sweep", DAILY, None),
    ("billing", "billing-forget-accounts", "maillage.management.billing.tasks.forget_accounts", DAILY, None),
    ("billing", "billing-read-payments", "maillage.management.billing.tasks.read_payments", MINUTES, 1),
    ("bookings", "bookings-read-feeds", "maillage.management.bookings.tasks.read_feeds", MINUTES, 5),
    ("bookings", "bookings-sweep-holds", "maillage.management.bookings.tasks.sweep_holds", MINUTES, 1),
    ("clearance", "clearance-daily-accesses", "maillage.network.clearance.tasks.daily_accesses", DAILY, None),
    ("clearance", "clearance-censuses", "maillage.network.clearance.tasks.censuses", DAILY, None),
    ("exchange", "exchange-daily-dumps", "maillage.network.exchange.tasks.daily_dumps", DAILY, None),
    ("exchange", "exchange-intakes", "maillage.network.exchange.tasks.take_up_intakes", MINUTES, 1),
    ("exchange", "exchange-read-instances", "maillage.network.exchange.tasks.read_instances", MINUTES, 60),
    ("exchange", "exchange-read-sources", "maillage.network.exchange.tasks.read_sources", MINUTES, 10),
    ("journal", "journal-mails", "maillage.journal.tasks.send_mails", MINUTES, 1),
    ("observatory", "observatory-daily-snapshot", "maillage.network.observatory.tasks.daily_snapshot", DAILY, None),
    ("passes", "passes-daily", "maillage.management.passes.tasks.daily", DAILY, None),
    ("people", "people-forget-visitors", "maillage.management.people.tasks.forget_visitors", DAILY, None),
    ("places", "places-daily-sweep", "maillage.places.tasks.daily_sweep", DAILY, None),
    ("schemes", "schemes-forget-holders", "maillage.network.schemes.tasks.forget_holders", DAILY, None),
)


def migrate(room: str) -> None:
    own = apps.get_app_config(room)
    post_migrate.send(sender=own, app_config=own, verbosity=0, interactive=False, using="default", apps=apps)


def timetable() -> set[tuple]:
    return set(Schedule.objects.values_list("name", "func", "schedule_type", "minutes"))


def test_a_migrated_database_has_every_schedule_and_no_other() -> None:
    assert timetable() == {one[1:] for one in ALL}


def test_the_doctor_looks_for_each_of_them() -> None:
    for name in list(Schedule.objects.values_list("name", flat=True)):
        kept = Schedule.objects.filter(name=name)
        kept.update(name="autre")
        assert doctor.schedules() == doctor.Finding("horaires des tâches", f"absents\u202f: {name}", "maillage migrate")
        Schedule.objects.filter(name="autre").update(name=name)
    Schedule.objects.update(next_run=timezone.now())
    assert doctor.schedules().said == "suivis"


@pytest.mark.parametrize("room", sorted({one[0] for one in ALL}))
def test_making_the_tables_of_a_room_makes_its_schedule_once(room: str) -> None:
    Schedule.objects.all().delete()
    for _ in range(3):
        migrate(room)
    own = {one[1:] for one in ALL if one[0] == room}
    assert timetable() == own
    assert Schedule.objects.count() == len(own)


def test_what_an_operator_changed_stays() -> None:
    Schedule.objects.filter(name="journal-mails").update(minutes=5)
    migrate("journal")
    assert Schedule.objects.get(name="journal-mails").minutes == 5


@pytest.mark.parametrize("func", [one[2] for one in ALL])
def test_a_schedule_names_a_function_that_runs(func: str, settings: Any, tmp_path: Path) -> None:
    settings.HOME = tmp_path
    assert isinstance(import_string(func)(), int)


def test_without_the_table_of_schedules_nothing_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    Schedule.objects.all().delete()
    monkeypatch.setattr(Schedule._meta, "db_table", "nowhere")
    tasks.ensure(tasks.Job("x", "y"), "default")
    monkeypatch.undo()
    assert not Schedule.objects.exists()
