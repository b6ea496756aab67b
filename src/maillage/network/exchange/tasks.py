"""The background work of exchanges: every night, the registry as files; every minute, files that wait to come in."""

from django.conf import settings
from django.utils import timezone

from maillage.network.exchange.actions import working
from maillage.network.exchange.actions.dumping import write_dumps
from maillage.network.exchange.actions.federation import pull
from maillage.network.exchange.actions.intake import purge_files
from maillage.network.exchange.actions.pulling import run_due, run_pull
from maillage.network.exchange.actions.undoing import forget_steps
from maillage.network.exchange.queries import federation, intakes


def daily_dumps() -> int:
    """Write the files of the night; returns how many."""
    now = timezone.now()
    folder = settings.HOME / "dumps"
    return write_dumps(folder=folder, site_url=settings.SITE_URL, today=timezone.localdate(now), now=now)


def carry_out(intake_id: int) -> bool:
    """Do what was asked of one file."""
    return working.carry_out(intake_id=intake_id, now=timezone.now())


def take_up_intakes() -> int:
    """Take up the file that has waited longest, or whose worker died, and forget old ones; says how many were done."""
    now = timezone.now()
    purge_files(now=now)
    forget_steps(now=now)
    waiting = list(intakes.left_behind(now=now).values_list("pk", flat=True)[:1])
    return sum(working.carry_out(intake_id=one, now=now) for one in waiting)


def read_sources() -> int:
    """Read the sources whose turn has come; returns how many were looked at."""
    return run_due(by="tâche:sources", now=timezone.now())


def read_instances() -> int:
    """Read what the instances that are followed tell since last time; returns how many were wholly read."""
    if settings.OFFLINE:
        return 0
    now = timezone.now()
    return sum(not pull(peer_id=peer.pk, now=now).problem for peer in federation.due())


def read_source(pull_id: int) -> str:
    """Read one source that somebody asked to read; returns what came of it."""
    return run_pull(pull_id=pull_id, by="tâche:sources", now=timezone.now()).what
