"""Nobody makes this machine ask its neighbours, or take more than it can hold."""

import socket
import subprocess
import time
from functools import partial

import pytest

from maillage.management.bookings.rules.feeds import MOST_BYTES
from maillage.management.bookings.sources.outside import Asked, ask
from maillage.territory.sources import guarded
from maillage.territory.sources.guarded import NotHad
from tests.management.bookings.feeds.hosts import GOOD

get = partial(guarded.get, limit=MOST_BYTES)


def why(address: str, **more) -> str:
    with pytest.raises(NotHad) as refused:
        get(address, **more)
    return refused.value.code


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("http://127.0.0.1/a.ics", "private"),
        ("http://localhost/a.ics", "private"),
        ("http://[::1]/a.ics", "private"),
        ("http://[::ffff:127.0.0.1]/a.ics", "private"),
        ("http://[64:ff9b::7f00:1]/a.ics", "private"),
        ("http://[2002:7f00:1::]/a.ics", "private"),
        ("http://0.0.0.0/a.ics", "private"),
        ("http://2130706433/a.ics", "private"),
        ("http://0x7f.1/a.ics", "private"),
        ("http://169.254.169.254/latest/meta-data/", "private"),
        ("http://192.168.1.1/a.ics", "private"),
        ("http://100.64.0.1/a.ics", "private"),
        ("http://224.0.0.1/a.ics", "private"),
        ("http://[fd00::1]/a.ics", "private"),
        ("http://[fe80::1]/a.ics", "private"),
        ("ftp://mairie.example/a.ics", "address"),
        ("file:///etc/passwd", "address"),
        ("https://", "address"),
        ("https://[x/", "address"),
        ("http://mairie.example:99999/", "address"),
        ("http://mairie.example:22/", "port"),
        ("https://moi:secret@mairie.example/", "password"),
        ("https://nulle-part.invalid/a.ics", "name"),
    ],
)
def test_addresses_that_are_not_asked(address, code):
    assert why(address) == code


def test_a_name_with_one_address_inside_is_refused(monkeypatch):
    where = [(2, 1, 6, "", (ip, 80)) for ip in ("9.9.9.9", "10.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: where)
    assert why("http://mairie.example/") == "private"


def test_the_address_checked_is_the_one_connected_to(monkeypatch):
    """A name that changes its mind between the two is not believed."""
    asked: list[str] = []
    answers = iter(["9.9.9.9", "127.0.0.1"])
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [(2, 1, 6, "", (next(answers), 80))])
    monkeypatch.setattr(socket, "create_connection", lambda where, *_: asked.append(where[0]) or _refuse())
    assert why("http://mairie.example/") == "refused"
    assert asked == ["9.9.9.9"]


def _refuse():
    raise ConnectionRefusedError


@pytest.mark.parametrize(
    ("path", "code"),
    [
        *(("bomb", "big"), ("huge", "big"), ("flood", "big"), ("loop", "redirected"), ("inside", "private")),
        *(("metadata", "private"), ("file", "address"), ("gone", "answer"), ("short", "cut")),
    ],
)
def test_answers_that_are_not_taken(outside, path, code):
    address, _host = outside
    assert why(f"{address}/{path}", loopback=True) == code


def test_a_calendar_is_had_packed_or_not_and_after_a_turn(outside):
    address, host = outside
    assert get(f"{address}/good", loopback=True).body == GOOD
    assert get(f"{address}/packed", loopback=True).body == GOOD
    assert get(f"{address}/moved", loopback=True).body == GOOD
    assert get(f"{address}/good", etag='"1"', loopback=True).body is None
    assert host.asked[3][0] == "/good?a=1"
    assert host.asked[0][1]["User-Agent"].startswith("maillage/")


def test_what_drips_or_never_ends_its_count_is_stopped_in_time(outside):
    address, _host = outside
    given = {"zone": "Europe/Paris", "first": "2026-11-22", "last": "2027-11-22", "loopback": True}
    for path in ("drip", "seconds"):
        started = time.monotonic()
        answer = ask(Asked(address=f"{address}/{path}", **given), seconds=4)
        assert (answer.problem, answer.detail) == ("slow", "4"), path
        assert time.monotonic() - started < 8
    assert len(ask(Asked(address=f"{address}/good", **given)).spans) == 52


def test_the_reader_knows_no_secret(monkeypatch):
    kept: dict = {}

    def run(*_, **given):
        kept.update(given["env"])
        raise subprocess.TimeoutExpired("x", 1)

    monkeypatch.setattr("subprocess.run", run)
    monkeypatch.setenv("MAILLAGE_SECRET", "chut")
    ask(Asked(address="https://mairie.example/", zone="Europe/Paris", first="2026-11-22", last="2026-11-23"))
    assert "PYTHONPATH" in kept and not {name for name in kept if name.startswith(("MAILLAGE", "DATABASE", "DJANGO"))}
