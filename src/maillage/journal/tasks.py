"""The background work of every room is put on one timetable here; and the journal's own, mails tried again."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate
from django.utils import timezone
from django_q.models import Schedule

from maillage.journal import actions

_ALL: dict[str, "Job"] = {}


@dataclass(frozen=True, slots=True)
class Job:
    """A function of a room's `tasks`, run every day, or every so many minutes."""

    name: str
    func: str
    minutes: int | None = None


def send_mails() -> int:
    """Try the mails whose time has come."""
    return actions.send_mails(now=timezone.now())


def keep(app: AppConfig, job: Job) -> None:
    """Put a job on the timetable whenever the tables of its room are made; called once, by `AppConfig.ready`."""
    _ALL[job.name] = job
    post_migrate.connect(_after_migrating(job), sender=app, dispatch_uid=job.name, weak=False)


def names() -> set[str]:
    """The names of every job that a room keeps."""
    return set(_ALL)


def ensure(job: Job, using: str) -> None:
    """Write the schedule of a job once, where its table exists; what an operator changed in it stays."""
    if Schedule._meta.db_table not in connections[using].introspection.table_names():
        return
    kind = Schedule.MINUTES if job.minutes else Schedule.DAILY
    Schedule.objects.using(using).get_or_create(
        name=job.name, defaults={"func": job.func, "schedule_type": kind, "minutes": job.minutes}
    )


def _after_migrating(job: Job) -> Callable[..., None]:
    def write(using: str, **_: Any) -> None:
        ensure(job, using)

    return write
