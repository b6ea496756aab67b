import re
import time
from datetime import timedelta

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.db.utils import OperationalError
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone
from django_q.models import OrmQ, Schedule

from maillage.api import health
from maillage.journal.models import Mail
from maillage.web.middleware import Measured

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_home(settings, tmp_path, db):
    """Nothing is late, however long ago the database of the tests was made."""
    settings.HOME = tmp_path
    Schedule.objects.update(next_run=timezone.now())


def reasons(client: Client) -> dict:
    answer = client.get(reverse("readyz"))
    told = answer.json()
    assert answer.status_code == (503 if told["reasons"] else 200)
    assert told["status"] == ("ko" if told["reasons"] else "ok")
    assert answer.headers["Cache-Control"].startswith("max-age=0, no-cache, no-store")
    return told["reasons"]


def test_a_living_site_says_so(client):
    answer = client.get(reverse("healthz"))
    assert (answer.status_code, answer.json()["status"]) == (200, "ok")
    assert not answer.cookies


def broken(*args, **kwargs):
    raise OperationalError("no")


@pytest.mark.parametrize("name", ["healthz", "readyz"])
def test_a_site_without_its_database_says_so(client, monkeypatch, name):
    with monkeypatch.context() as without:
        without.setattr(connection, "cursor", broken)
        answer = client.get(reverse(name))
    assert answer.status_code == 503
    assert "database" in answer.json()["reasons"]


def test_a_prepared_site_is_ready(client, small_ground):
    assert reasons(client) == {}


def test_a_site_without_ground_is_not_ready(client):
    assert reasons(client) == {"ground": "not loaded"}


def test_a_base_behind_its_code_is_not_ready(client, small_ground):
    MigrationRecorder.Migration.objects.filter(app="places").order_by("-name").first().delete()
    assert reasons(client) == {"migrations": "1 not applied"}


def test_a_job_that_waits_too_long_is_told(client, small_ground):
    OrmQ.objects.create(key="maillage", payload="", lock=timezone.now() - timedelta(minutes=9))
    assert reasons(client) == {}
    OrmQ.objects.create(key="maillage", payload="", lock=timezone.now() - timedelta(minutes=12, seconds=5))
    assert reasons(client) == {"jobs": "the oldest has waited 12 minutes"}


def test_a_worker_that_gives_no_sign_is_told(client, small_ground):
    Schedule.objects.update(next_run=timezone.now() - timedelta(minutes=9))
    assert reasons(client) == {}
    Schedule.objects.update(next_run=timezone.now() - timedelta(minutes=31, seconds=5))
    assert reasons(client) == {"worker": "no sign for 31 minutes"}


def test_late_mails_are_told(client, small_ground):
    then = timezone.now() - timedelta(minutes=20)
    Mail.objects.create(to="nadine@example.org", subject="x", asked_at=then, next_try_at=then)
    assert reasons(client) == {"mails": "1 late"}


def test_only_reads_are_answered(client):
    for name in ("healthz", "readyz", "metrics"):
        assert client.post(reverse(name)).status_code == 405


FROM_HERE = {"REMOTE_ADDR": "127.0.0.1"}


def asked(client: Client, **meta: str) -> int:
    return client.get(reverse("metrics"), **{**FROM_HERE, **meta}).status_code


def test_figures_are_for_this_machine_alone_on_a_local_install(client, settings):
    assert asked(client) == 200
    assert asked(client, REMOTE_ADDR="::1") == 200
    assert asked(client, REMOTE_ADDR="192.0.2.7") == 404
    assert asked(client, REMOTE_ADDR="") == 404
    settings.ENV = "production"
    assert asked(client) == 404


@pytest.mark.parametrize(
    "meta",
    [
        {"HTTP_X_FORWARDED_FOR": "192.0.2.7"},
        {"HTTP_X_FORWARDED_FOR": "127.0.0.1"},
        {"HTTP_X_REAL_IP": "192.0.2.7"},
        {"HTTP_FORWARDED": "for=192.0.2.7"},
        {"HTTP_VIA": "1.1 caddy"},
        {"HTTP_X_FORWARDED_HOST": "lieux.example"},
    ],
)
def test_what_a_proxy_forwards_is_not_from_here(client, meta):
    assert asked(client, **meta) == 404


def test_behind_a_declared_proxy_nobody_is_from_here(client, settings):
    settings.PROXIES = 1
    assert asked(client) == 404


WRONG = ("Bearer ", "Bearer un-jeto", "Basic un-jeton", "un-jeton", "Bearer é", "Bearer " + "x" * 5000)


def test_a_token_opens_the_figures_and_nothing_else_does(client, settings):
    settings.METRICS_TOKEN = "un-jeton"
    assert asked(client) == 403
    for wrong in WRONG:
        assert asked(client, HTTP_AUTHORIZATION=wrong) == 403
    settings.ENV, settings.PROXIES = "production", 1
    for given in ("Bearer un-jeton", "bearer un-jeton"):
        assert asked(client, HTTP_AUTHORIZATION=given, REMOTE_ADDR="192.0.2.7") == 200


def test_the_comparison_takes_constant_time(rf: RequestFactory, settings, monkeypatch):
    seen = []
    monkeypatch.setattr(health.hmac, "compare_digest", lambda a, b: bool(seen.append((a, b))))
    settings.METRICS_TOKEN = "un-jeton"
    health.metrics(rf.get("/metrics", HTTP_AUTHORIZATION="Bearer faux"))
    assert seen == [(b"faux", b"un-jeton")]


def told(client: Client) -> str:
    return client.get(reverse("metrics"), **FROM_HERE).content.decode()


def value(text: str, name: str) -> float:
    found = re.search(rf"^{re.escape(name)} (\S+)$", text, re.MULTILINE)
    return float(found[1]) if found else 0.0


def test_answers_are_counted_by_page_method_and_outcome(client, small_ground):
    name = 'maillage_requests_total{method="GET",status="2xx",view="place_list"}'
    before = value(told(client), name)
    client.get(reverse("place_list"), {"q": "une-recherche-privée"})
    client.get(reverse("place_list"))
    after = told(client)
    assert value(after, name) == before + 2
    assert value(after, 'maillage_request_seconds_count{view="place_list"}') >= 2


def test_no_address_no_name_and_no_label_from_outside(client, small_ground):
    """A thousand made-up addresses and methods make a bounded number of lines, and none of their words."""
    told(client)
    client.get("/canari-1/")
    client.generic("CANARI0", "/canari")
    told(client)
    before = told(client).count("\n")
    for n in range(50):
        client.get(f"/canari-{n}/", {"canari": n}, HTTP_USER_AGENT="canari", HTTP_REFERER="canari")
        client.generic(f"CANARI{n}", "/canari")
    after = told(client)
    assert after.count("\n") == before
    assert "canari" not in after.lower()


def test_the_state_of_the_site_is_read_when_asked(client, small_ground, settings):
    then = timezone.now() - timedelta(minutes=20)
    Mail.objects.create(to="nadine@example.org", subject="canari", asked_at=then, next_try_at=then)
    OrmQ.objects.create(key="maillage", payload="", lock=then)
    (settings.HOME / "backup.json").write_text(f'{{"at": "{(timezone.now() - timedelta(hours=2)).isoformat()}"}}')
    text = told(client)
    assert value(text, "maillage_mails_waiting") == 1
    assert value(text, "maillage_mails_late") == 1
    assert value(text, "maillage_jobs_waiting") == 1
    assert 1190 < value(text, "maillage_jobs_oldest_seconds") < 1300
    assert 7190 < value(text, "maillage_backup_age_seconds") < 7300
    assert value(text, "maillage_places") == 0
    assert "nadine" not in text
    (settings.HOME / "backup.json").write_text("[]")
    assert "backup_age" not in told(client)


def test_counting_costs_little(rf: RequestFactory):
    """30 µs at most; the best of several rounds, since the machine is shared."""
    request = rf.get("/")
    from django.http import HttpResponse

    answer = HttpResponse()
    bare, measured = (lambda _request: answer), Measured(lambda _request: answer)

    def round_of(call) -> float:
        started = time.thread_time()
        for _ in range(2000):
            call(request)
        return (time.thread_time() - started) / 2000

    cost = min(round_of(measured) for _ in range(7)) - min(round_of(bare) for _ in range(7))
    assert cost < 30e-6, f"{cost * 1e6:.1f} µs"
    print(f"Measured: {cost * 1e6:.1f} µs a request")
