"""Guesses are slowed, and the person whose account is guessed still comes in."""

import json
import os
import subprocess
import sys
from datetime import timedelta

import pytest
import time_machine
from django.conf import settings
from django.core import signing
from django.test import Client
from tests.accounts.conftest import PASSWORD, code_of

from maillage.accounts.adapter import DEVICE_COOKIE, DEVICE_SALT, PEOPLE_ON_A_DEVICE, client_address

pytestmark = pytest.mark.django_db

MOST = 10


@pytest.fixture
def nadine(folk):
    folk.nadine.user.set_password(PASSWORD)
    folk.nadine.user.save()
    return folk.nadine


def guess(email: str, address: str, password: str = "pas le bon mot de passe", **more) -> int:
    return Client(REMOTE_ADDR=address, **more).post("/connexion/", {"login": email, "password": password}).status_code


def attack(email: str, times: int = MOST) -> list[int]:
    """Guesses from as many addresses."""
    return [guess(email, f"198.51.100.{n}") for n in range(1, times + 1)]


def test_the_eleventh_guess_is_refused_wherever_it_comes_from(nadine, mailed):
    assert attack(nadine.email) == [200] * MOST
    refused = Client(REMOTE_ADDR="203.0.113.9").post("/connexion/", {"login": nadine.email, "password": "encore"})
    assert refused.status_code == 429
    assert refused.headers["Retry-After"] == "600"
    assert "429.html" in [one.name for one in refused.templates]
    assert guess(nadine.email, "203.0.113.10", PASSWORD) == 429
    assert guess(nadine.email.upper() + " ", "203.0.113.11", PASSWORD) == 429
    assert guess("lila@example.org", "203.0.113.12") == 200


def test_a_right_guess_is_taken_before_that(nadine):
    assert attack(nadine.email, MOST - 1) == [200] * (MOST - 1)
    assert guess(nadine.email, "203.0.113.9", PASSWORD) == 302


def test_her_own_device_still_opens(nadine, mailed):
    phone = Client(REMOTE_ADDR="192.0.2.1")
    assert phone.post("/connexion/", {"login": nadine.email, "password": PASSWORD}).status_code == 302
    phone.post("/deconnexion/")
    assert attack(nadine.email, MOST + 1)[-1] == 429
    again = phone.post("/connexion/", {"login": nadine.email, "password": PASSWORD})
    assert (again.status_code, again.headers["Location"]) == (302, "/gerer/")


def test_her_own_device_opens_from_the_address_of_the_attacker(nadine, mailed):
    """Everybody in one place has the same address."""
    phone = Client(REMOTE_ADDR="192.0.2.1")
    phone.post("/connexion/", {"login": nadine.email, "password": PASSWORD})
    phone.post("/deconnexion/")
    codes = [guess(f"someone{n}@example.org", "192.0.2.1") for n in range(21)]
    assert codes[-1] == 429
    assert phone.post("/connexion/", {"login": nadine.email, "password": PASSWORD}).status_code == 302


def test_a_device_has_tries_of_its_own_and_no_more(nadine):
    phone = Client()
    phone.post("/connexion/", {"login": nadine.email, "password": PASSWORD})
    phone.post("/deconnexion/")
    tries = [phone.post("/connexion/", {"login": nadine.email, "password": "non"}).status_code for _ in range(MOST + 1)]
    assert tries == [200] * MOST + [429]


def test_a_device_known_for_one_opens_no_other(nadine, folk):
    """An attacker who has an account is a stranger to the accounts of others."""
    folk.lila.user.set_password(PASSWORD)
    folk.lila.user.save()
    lila = Client()
    lila.post("/connexion/", {"login": folk.lila.email, "password": PASSWORD})
    lila.post("/deconnexion/")
    attack(nadine.email)
    assert lila.post("/connexion/", {"login": nadine.email, "password": PASSWORD}).status_code == 429


OTHERWISE_SIGNED = pytest.param(signing.dumps({"a": "b"}, salt="autre"), id="signed for something else")


@pytest.mark.parametrize("forged", ["", "x", "a:b:c", "{}", OTHERWISE_SIGNED, "é" * 9])
def test_a_forged_device_is_a_stranger(nadine, forged):
    attack(nadine.email)
    client = Client(headers={"Cookie": f"{DEVICE_COOKIE}={forged}"})
    assert client.post("/connexion/", {"login": nadine.email, "password": PASSWORD}).status_code == 429


def test_the_cookie_of_a_device(nadine, folk, now):
    client = Client()
    client.post("/connexion/", {"login": nadine.email, "password": PASSWORD})
    cookie = client.cookies[DEVICE_COOKIE]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert cookie["max-age"] == 365 * 86400
    assert nadine.email not in cookie.value
    first = signing.loads(cookie.value, salt=DEVICE_SALT)
    assert len(first) == 1
    client.post("/deconnexion/")
    client.post("/connexion/", {"login": nadine.email, "password": PASSWORD})
    assert signing.loads(client.cookies[DEVICE_COOKIE].value, salt=DEVICE_SALT).values() != first.values()
    for person in vars(folk).values():
        person.user.set_password(PASSWORD)
        person.user.save()
        client.post("/deconnexion/")
        client.post("/connexion/", {"login": person.email, "password": PASSWORD})
    assert len(signing.loads(client.cookies[DEVICE_COOKIE].value, salt=DEVICE_SALT)) == PEOPLE_ON_A_DEVICE


def test_the_way_by_code_stays_open_while_others_ask_for_codes(nadine, mailed):
    asked = [
        Client(REMOTE_ADDR=f"198.51.100.{n % 20}").post("/connexion/code/", {"email": nadine.email}).status_code
        for n in range(100)
    ]
    assert asked.count(302) == 80
    assert asked.count(429) == 20
    phone = Client(REMOTE_ADDR="192.0.2.1")
    phone.post("/connexion/code/", {"email": nadine.email})
    entered = phone.post("/connexion/code/verifier/", {"code": code_of(mailed()[-1])})
    assert entered.headers["Location"] == "/gerer/"


def test_wrong_passwords_do_not_close_the_way_by_code_nor_by_passkey(nadine, mailed, coded):
    attack(nadine.email, MOST + 1)
    assert coded(nadine.email).last.headers["Location"] == "/gerer/"
    assert Client().get("/connexion/cle/", headers={"Accept": "application/json"}).status_code == 200


def test_resets_asked_by_others_do_not_close_it(nadine, mailed):
    asked = [
        Client(REMOTE_ADDR="198.51.100.1").post("/mot-de-passe/oublie/", {"email": nadine.email}) for _ in range(5)
    ]
    assert [one.status_code for one in asked] == [302] * 4 + [429]
    mine = Client(REMOTE_ADDR="192.0.2.1").post("/mot-de-passe/oublie/", {"email": nadine.email})
    assert mine.status_code == 302


def test_the_door_opens_again(nadine):
    with time_machine.travel("2026-11-22 09:00Z", tick=False) as clock:
        attack(nadine.email)
        assert guess(nadine.email, "203.0.113.1", PASSWORD) == 429
        clock.shift(timedelta(minutes=10, seconds=1))
        assert guess(nadine.email, "203.0.113.1", PASSWORD) == 302


def test_second_proofs_are_slowed_apart_from_her_device(folk, nadine):
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
    from tests.accounts.test_signin import totp_now

    secret = generate_totp_secret()
    phone = Client()
    phone.post("/connexion/", {"login": nadine.email, "password": PASSWORD})
    phone.post("/deconnexion/")
    TOTP.activate(nadine.user, secret)

    def tried(client: Client, code: str) -> int:
        client.post("/connexion/", {"login": nadine.email, "password": PASSWORD})
        return client.post("/connexion/deuxieme-preuve/", {"code": code}).status_code

    codes = [tried(Client(REMOTE_ADDR=f"198.51.100.{n}"), "000000") for n in range(1, MOST + 2)]
    assert codes == [200] * MOST + [429]
    assert tried(phone, totp_now(secret)) == 302


@pytest.mark.parametrize(
    ("remote", "forwarded", "proxies", "seen"),
    [
        ("192.0.2.1", "6.6.6.6", 0, "192.0.2.1"),
        ("10.0.0.1", "6.6.6.6, 192.0.2.7", 1, "192.0.2.7"),
        ("10.0.0.1", "6.6.6.6, 192.0.2.7, 10.0.0.2", 2, "192.0.2.7"),
        ("10.0.0.1", "192.0.2.7", 2, "10.0.0.1"),
        ("10.0.0.1", "", 1, "10.0.0.1"),
        ("10.0.0.1", "n’importe quoi", 1, "10.0.0.1"),
        ("10.0.0.1", "192.0.2.7:4711", 1, "192.0.2.7"),
        ("::1", "[2001:db8::1]:80", 1, "2001:db8::1"),
        ("", "", 0, "0.0.0.0"),
    ],
)
def test_the_address_of_a_visitor(remote, forwarded, proxies, seen):
    assert client_address(remote, forwarded, proxies) == seen


def test_a_forged_address_moves_no_counter(nadine):
    codes = [guess(f"someone{n}@example.org", "192.0.2.1", HTTP_X_FORWARDED_FOR=f"6.6.6.{n}") for n in range(21)]
    assert codes == [200] * 20 + [429]


def test_behind_a_proxy_each_visitor_counts_alone(nadine, settings):
    settings.PROXIES = 1

    def behind(n: int, said: str) -> int:
        return guess(f"someone{n}@example.org", "10.0.0.1", HTTP_X_FORWARDED_FOR=said)

    assert [behind(n, f"6.6.6.{n}, 192.0.2.1") for n in range(21)] == [200] * 20 + [429]
    assert behind(99, "192.0.2.1, 192.0.2.2") == 200


PROCESS = """
import json, sys
import django
django.setup()
from django.test import Client
from django.test.utils import setup_test_environment
setup_test_environment()
codes = []
for n in range(1, 8):
    client = Client(REMOTE_ADDR=f"{sys.argv[1]}.{n}")
    codes.append(client.post("/connexion/", {"login": "x@example.org", "password": "non"}).status_code)
print(json.dumps(codes))
"""


def test_two_processes_share_the_counters(tmp_path):
    env = {
        **os.environ,
        "MAILLAGE_HOME": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "maillage.config.settings",
        "PYTHONPATH": os.pathsep.join(sys.path),
        "DATABASE_URL": "",
    }

    def run(*arguments: str) -> str:
        done = subprocess.run([sys.executable, *arguments], env=env, capture_output=True, text=True, check=True)
        return done.stdout

    run("-m", "django", "migrate", "--verbosity=0")
    run("-m", "django", "createcachetable")
    codes = [json.loads(run("-c", PROCESS, start).splitlines()[-1]) for start in ("192.0.2", "198.51.100")]
    assert codes == [[200] * 7, [200] * 3 + [429] * 4]
    assert settings.CACHES["default"]["BACKEND"] != "django.core.cache.backends.locmem.LocMemCache"
