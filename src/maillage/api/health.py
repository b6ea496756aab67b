"""What watches the site asks: does it live, may it be sent visitors, how does it do."""

import hmac
import json
import os
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from functools import cache

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseForbidden, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django_q.models import OrmQ, Schedule
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

import maillage
from maillage.journal.queries import mails
from maillage.places.queries import registry, registry_version
from maillage.territory.queries import current_ground

LATE = timedelta(minutes=10)
FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_HOST", "HTTP_X_REAL_IP", "HTTP_FORWARDED", "HTTP_VIA")


@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Say that the process answers and its database too."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return JsonResponse({"status": "ko", "reasons": ["database"]}, status=503)
    return JsonResponse({"status": "ok", "maillage": maillage.__version__})


@never_cache
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """Say whether visitors may be sent here; if not, why, in words that a program may rely on."""
    try:
        reasons = troubles(now=timezone.now())
    except DatabaseError:
        reasons = {"database": "does not answer"}
    if reasons:
        return JsonResponse({"status": "ko", "reasons": reasons}, status=503)
    return JsonResponse({"status": "ok", "reasons": {}})


def troubles(*, now: datetime) -> dict[str, str]:
    """What keeps the site from being ready, by name; the first trouble of the database hides the others."""
    missing = code_migrations() - set(MigrationRecorder(connection).applied_migrations())
    if missing:
        return {"migrations": f"{len(missing)} not applied"}
    found: dict[str, str] = {}
    if current_ground() is None:
        found["ground"] = "not loaded"
    job = OrmQ.objects.order_by("lock").values_list("lock", flat=True).first()
    if job is not None and now - job > LATE:
        found["jobs"] = f"the oldest has waited {_minutes(now - job)} minutes"
    due = Schedule.objects.order_by("next_run").values_list("next_run", flat=True).first()
    if due is not None and now - due > LATE:
        found["worker"] = f"no sign for {_minutes(now - due)} minutes"
    late = mails(now=now).late
    if late:
        found["mails"] = f"{late} late"
    return found


def _minutes(duration: timedelta) -> int:
    return int(duration.total_seconds() // 60)


@cache
def code_migrations() -> frozenset[tuple[str, str]]:
    """The last migrations of each app of this code; it does not change while the process lives."""
    return frozenset(MigrationLoader(None).graph.leaf_nodes())


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Tell Prometheus how the site does: counts and durations, nobody's data."""
    if settings.METRICS_TOKEN:
        if not _holds_token(request):
            return HttpResponseForbidden("Authorization: Bearer …\n", content_type="text/plain; charset=utf-8")
    elif not _is_from_here(request):
        raise Http404
    return HttpResponse(written(), content_type=CONTENT_TYPE_LATEST)


def _holds_token(request: HttpRequest) -> bool:
    kind, _, given = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    expected = settings.METRICS_TOKEN.encode()
    return kind.lower() == "bearer" and hmac.compare_digest(given.strip().encode(errors="replace"), expected)


def _is_from_here(request: HttpRequest) -> bool:
    """Whether a program of this very machine asks, on a local install.

    Behind a proxy every visitor seems to come from this machine: whatever was forwarded, or may be, is not from here.
    """
    if settings.ENV != "local" or settings.PROXIES or any(name in request.META for name in FORWARDED):
        return False
    return request.META.get("REMOTE_ADDR") in ("127.0.0.1", "::1", "::ffff:127.0.0.1")


def written() -> bytes:
    """The figures of every web process, and those that are read now."""
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        gathered = CollectorRegistry()
        MultiProcessCollector(gathered)
        told = generate_latest(gathered)
    else:
        told = generate_latest(REGISTRY)
    read_now = CollectorRegistry()
    read_now.register(_Now())
    return told + generate_latest(read_now)


class _Now(Collector):
    def collect(self) -> Iterable[GaugeMetricFamily]:
        for name, (sentence, read) in GAUGES.items():
            try:
                value = read()
            except DatabaseError:
                continue
            if value is not None:
                yield GaugeMetricFamily(f"maillage_{name}", sentence, value=value)


def _backup_age() -> float | None:
    try:
        told = json.loads((settings.HOME / "backup.json").read_text(encoding="utf-8"))
        return (timezone.now() - datetime.fromisoformat(told["at"])).total_seconds()
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _oldest_job() -> float:
    oldest = OrmQ.objects.order_by("lock").values_list("lock", flat=True).first()
    return max(0.0, (timezone.now() - oldest).total_seconds()) if oldest else 0.0


GAUGES: dict[str, tuple[str, Callable[[], float | None]]] = {
    "jobs_waiting": ("Jobs in the queue.", OrmQ.objects.count),
    "jobs_oldest_seconds": ("How long the oldest job has been due.", _oldest_job),
    "mails_waiting": ("Mails that have not left yet.", lambda: mails(now=timezone.now()).waiting),
    "mails_late": ("Mails whose try is late by ten minutes.", lambda: mails(now=timezone.now()).late),
    "mails_given_up": ("Mails given up after their last try.", lambda: mails(now=timezone.now()).given_up),
    "places": ("Places in the registry.", lambda: registry().total),
    "registry_version": ("Number of the last public change.", lambda: registry_version()),
    "backup_age_seconds": ("Age of the last backup made on this machine.", _backup_age),
}
