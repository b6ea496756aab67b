"""Forged hosts, open redirects, header injection, fixed sessions, loose cookies: each is refused."""

import os
import re
import subprocess
import sys
from html import unescape
from urllib.parse import urljoin, urlsplit

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from tests.accounts.conftest import PASSWORD, code_of

from maillage.accounts.adapter import DEVICE_COOKIE, stays_here
from maillage.journal.models import Mail

pytestmark = pytest.mark.django_db

ELSEWHERE = [
    "http://evil.example",
    "https://evil.example/",
    "HTTPS://EVIL.EXAMPLE",
    "//evil.example",
    "///evil.example",
    "////evil.example/%2f..",
    "/\\evil.example",
    "\\/evil.example",
    "\\\\evil.example",
    "/\\/evil.example",
    "\\evil.example",
    "http:evil.example",
    "https:evil.example",
    "http:/evil.example",
    "http:///evil.example",
    "http:\\\\evil.example",
    "https:/\\evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "/\r/evil.example",
    "\t//evil.example",
    "\n//evil.example",
    " //evil.example",
    "\x0b//evil.example",
    "\x00//evil.example",
    "\x01https://evil.example",
    "ht\ntps://evil.example",
    "java\tscript:alert(1)",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "javascript://evil.example/%0aalert(1)",
    "vbscript:x",
    "data:text/html,<script>alert(1)</script>",
    "file:///etc/passwd",
    "ftp://evil.example",
    "mailto:x@evil.example",
    "blob:https://evil.example/x",
    "view-source:https://evil.example",
    "http://localhost:8000@evil.example",
    "http://localhost%2f@evil.example",
    "//localhost@evil.example",
    "http://user:pass@evil.example",
    "http://evil.example#localhost",
    "http://evil.example?localhost",
    "http://evil.example\\@localhost",
    "http://localhost\\@evil.example",
    "http://localhost.evil.example",
    "http://127.0.0.1.evil.example",
    "http://[::1]@evil.example",
    "http://[::ffff:6.6.6.6]/",
    "//evil.example\\@localhost",
    "/%0d%0aLocation:%20http://evil.example\r\nLocation: http://evil.example",
    "/\r\nSet-Cookie: a=b",
    "/x\r\n\r\n<script>alert(1)</script>",
    "\u2215\u2215evil.example",
    "/\u2044evil.example",
    "\uff0f\uff0fevil.example",
    "/\uff0fevil.example",
    "https\uff1a//evil.example",
    "http://evil\u3002example",
    "\u3000//evil.example",
    "\u200b//evil.example",
    "/\u202e//evil.example",
    "\ufeff//evil.example",
    "/\u2028/evil.example",
    "/\ud7ff/\x7f//evil.example",
    ".evil.example",
    "evil.example",
    "@evil.example",
    ":evil.example",
    "?next=//evil.example",
    "#//evil.example",
    "../..//evil.example",
    "./\\evil.example",
    "http://",
    "//",
    "/\\",
]


def leaves(location: str) -> bool:
    """Whether a browser that was here goes elsewhere, or runs something."""
    cleaned = re.sub(r"[\t\r\n]", "", location).strip("".join(map(chr, range(33)))).replace("\\", "/")
    there = urlsplit(urljoin("http://testserver/connexion/", cleaned))
    return there.scheme != "http" or there.netloc != "testserver"


def test_there_are_many_spellings_of_elsewhere():
    assert len(set(ELSEWHERE)) >= 60
    assert sum(map(leaves, ELSEWHERE)) >= 35


@pytest.mark.parametrize("url", ["/", "/gerer/", "/lieux/?q=a%20b&page=2#x", "/en/mon-compte/"])
def test_plain_paths_are_followed(url, folk):
    assert stays_here(url)
    assert not leaves(url)
    folk.nadine.user.set_password(PASSWORD)
    folk.nadine.user.save()
    data = {"login": folk.nadine.email, "password": PASSWORD, "next": url}
    assert Client().post("/connexion/", data).headers["Location"] == url


@pytest.mark.parametrize("url", ELSEWHERE, ids=ascii)
def test_no_next_leaves_the_site(url, folk, mailed):
    assert not stays_here(url)
    user = folk.nadine.user
    user.set_password(PASSWORD)
    user.save()
    client = Client()
    answers = [
        client.post("/connexion/", {"login": user.email, "way": "code", "next": url}),
        client.get("/connexion/code/verifier/", {"next": url}),
        client.post("/connexion/code/verifier/", {"code": code_of(mailed()[-1]), "next": url}),
        client.get("/connexion/", {"next": url}),
        client.get("/mon-compte/confirmer/", {"next": url}),
        client.post("/mon-compte/confirmer/", {"password": PASSWORD, "next": url}),
        client.post("/mon-compte/mot-de-passe/", {"oldpassword": "non", "next": url}),
        client.get("/deconnexion/", {"next": url}),
        client.post("/deconnexion/", {"next": url}),
        client.post("/deconnexion/", {"next": url}),
        client.post("/connexion/", {"login": user.email, "password": PASSWORD, "next": url}),
        Client().post(f"/connexion/?{'next'}={'%2F%2Fevil.example'}", {"login": user.email, "password": PASSWORD}),
        Client().post("/connexion/cle/", {"credential": "{}", "next": url}),
        Client().get("/invitation/nimporte/", {"next": url}),
        Client().post("/invitation/nimporte/", {"next": url}),
    ]
    for answer in answers:
        assert answer.status_code < 500
        location = answer.headers.get("Location", "")
        assert not leaves(location), location
        assert "\r" not in location and "\n" not in location
        for link in re.findall(r'(?:href|action|src)="([^"]*)"', answer.content.decode()):
            assert not leaves(unescape(link)) or link.startswith((settings.SITE_URL, "data:")), link


HOSTS = ["evil.example", "evil.example:80", "localhost.evil.example", "testserver@evil.example", "[::1", "a b", "é", ""]


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize("path", ["/", "/lieux/", "/connexion/", "/mot-de-passe/oublie/"])
def test_a_forged_host_is_refused(host, path, folk, mailed):
    answer = Client(HTTP_HOST=host).post(path, {"email": folk.nadine.email})
    assert answer.status_code == 400
    assert mailed() == []


FORWARDED = ["X-Forwarded-Host", "X-Host", "X-Original-Host", "X-Rewrite-Url", "Forwarded", "X-Forwarded-Server"]


@pytest.mark.parametrize("header", FORWARDED)
def test_a_forged_forwarded_host_is_nowhere(header, folk, client_of, mailed):
    forged = {header: "host=evil.example" if header == "Forwarded" else "evil.example"}
    answers = [
        Client().post("/mot-de-passe/oublie/", {"email": folk.nadine.email}, headers=forged),
        Client().post("/mot-de-passe/oublie/", {"email": "nobody@example.org"}, headers=forged),
        Client().post("/connexion/", {"login": folk.nadine.email, "way": "code"}, headers=forged),
        client_of(folk.nadine).post(
            "/mon-compte/adresses/", {"action_add": "", "email": "new@example.org"}, headers=forged
        ),
        Client().get("/connexion/", headers=forged),
        Client().get("/", headers=forged),
    ]
    assert [mail for mail in mailed() if "evil.example" in mail.body + mail.subject] == []
    assert len(mailed()) == 4
    for answer in answers:
        assert b"evil.example" not in answer.content
        assert "evil.example" not in str(answer.headers)


def test_links_of_mails_are_the_public_address(folk, client_of, mailed, settings):
    """Whatever allowed name the request came by."""
    settings.SITE_URL = "https://lieux.example.org"
    there = Client(HTTP_HOST="127.0.0.1")
    there.post("/mot-de-passe/oublie/", {"email": folk.nadine.email})
    there.post("/mot-de-passe/oublie/", {"email": "nobody@example.org"})
    there.post("/connexion/", {"login": folk.nadine.email, "way": "code"})
    client_of(folk.nadine).post("/mon-compte/adresses/", {"action_add": "", "email": "new@example.org"})
    assert len(mailed()) == 4
    for mail in mailed():
        assert set(re.findall(r"https?://[^/\s]+", mail.body)) == {"https://lieux.example.org"}
        assert "127.0.0.1" not in mail.subject + mail.body
        assert "testserver" not in mail.subject + mail.body


BREAKS = ["\r\n", "\n", "\r", "\x0b", "\x0c", "\x85", "\u2028", "%0d%0a"]


@pytest.mark.parametrize("line_break", BREAKS, ids=ascii)
def test_no_field_adds_a_header_to_a_mail(line_break, folk, client_of, mailed):
    forged = f"{folk.nadine.email}{line_break}Bcc: tous@example.org"
    for path, field in [("/connexion/", "login"), ("/connexion/code/", "email"), ("/mot-de-passe/oublie/", "email")]:
        assert Client().post(path, {field: forged, "way": "code"}).status_code == 200
    client = client_of(folk.nadine)
    client.post("/mon-compte/", {"name": f"Nadine{line_break}Bcc: tous@example.org"})
    client.post("/mon-compte/adresses/", {"action_add": "", "email": forged})
    assert mailed() == []
    client.post("/mon-compte/adresses/", {"action_add": "", "email": "new@example.org"})
    (mail,) = mailed()
    assert mail.to == "new@example.org"
    for text in (mail.to, mail.subject):
        assert text.isprintable()
    assert Mail.objects.filter(to__contains="tous@").count() == 0


def test_the_session_changes_at_sign_in_and_dies_at_sign_out(folk, mailed):
    user = folk.nadine.user
    user.set_password(PASSWORD)
    user.save()
    client = Client()
    client.post("/connexion/", {"login": user.email, "way": "code"})
    before = client.cookies[settings.SESSION_COOKIE_NAME].value
    client.post("/connexion/code/verifier/", {"code": code_of(mailed()[-1])})
    after = client.cookies[settings.SESSION_COOKIE_NAME].value
    assert before != after
    fixed = Client(headers={"Cookie": f"{settings.SESSION_COOKIE_NAME}={before}"})
    assert fixed.get("/mon-compte/").status_code == 302
    chosen = Client()
    chosen.cookies[settings.SESSION_COOKIE_NAME] = "a" * 32
    chosen.post("/connexion/", {"login": user.email, "password": PASSWORD})
    assert chosen.cookies[settings.SESSION_COOKIE_NAME].value != "a" * 32
    assert chosen.get("/mon-compte/").status_code == 200
    client.post("/deconnexion/")
    assert Client(headers={"Cookie": f"{settings.SESSION_COOKIE_NAME}={after}"}).get("/mon-compte/").status_code == 302


def test_signing_out_is_a_post(folk, client_of):
    client = client_of(folk.nadine)
    assert client.get("/deconnexion/").status_code == 200
    assert client.get("/mon-compte/").status_code == 200
    assert client.post("/deconnexion/").headers["Location"] == "/"
    assert client.get("/mon-compte/").status_code == 302


def test_forms_are_refused_to_other_sites(folk):
    client = Client(enforce_csrf_checks=True)
    for path in ("/connexion/", "/connexion/code/", "/connexion/cle/", "/mot-de-passe/oublie/", "/deconnexion/"):
        assert client.post(path, {"login": folk.nadine.email, "email": folk.nadine.email}).status_code == 403


def test_cookies_are_closed(folk, mailed):
    folk.nadine.user.set_password(PASSWORD)
    folk.nadine.user.save()
    client = Client()
    client.get("/connexion/")
    client.post("/connexion/", {"login": folk.nadine.email, "password": PASSWORD})
    client.get("/mon-compte/")
    assert set(client.cookies) == {settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME, DEVICE_COOKIE}
    for cookie in client.cookies.values():
        assert cookie["httponly"], cookie
        assert cookie["samesite"] == "Lax", cookie
        assert cookie["domain"] == ""


PUBLIC = [
    "/",
    "/lieux/",
    "/lieux/?q=x",
    "/lieux/la-boutique-de-nadine/",
    "/observatoire/",
    "/doc/",
    "/doc/mentions/",
    "/en/",
    "/en/lieux/",
    "/rien/",
]


@pytest.mark.parametrize("path", PUBLIC)
def test_public_pages_know_nobody(path, people, client_of):
    """The same for who is signed in, or they could not be kept for all."""
    plain, signed = Client().get(path), client_of(people.nadine).get(path)
    for answer in (plain, signed):
        assert not answer.cookies
        assert "Cookie" not in answer.headers.get("Vary", "")
    assert plain.content == signed.content
    assert reverse("account") in plain.content.decode()


def test_every_answer_says_what_browsers_may_do():
    for path in ("/", "/connexion/"):
        headers = Client().get(path).headers
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["Referrer-Policy"] == "strict-origin-when-cross-origin"
        assert "default-src 'self'" in headers["Content-Security-Policy"]
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["Permissions-Policy"].startswith("camera=()")


PRODUCTION = """
import django
django.setup()
from django.conf import settings
from django.test import Client
from django.test.utils import setup_test_environment
setup_test_environment()
answer = Client(HTTP_HOST="lieux.example.org").get("/connexion/", secure=True)
print(answer.status_code, all(cookie["secure"] for cookie in answer.cookies.values()), len(answer.cookies))
print(settings.SESSION_COOKIE_SECURE, settings.CSRF_COOKIE_SECURE, settings.MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN)
print(answer.headers["Strict-Transport-Security"], Client(HTTP_HOST="lieux.example.org").get("/connexion/").status_code)
"""


def test_production_is_closed(tmp_path):
    env = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "maillage.config.settings",
        "PYTHONPATH": os.pathsep.join(sys.path),
        "MAILLAGE_HOME": str(tmp_path),
        "MAILLAGE_ENV": "production",
        "MAILLAGE_SECRET": "x" * 60,
        "MAILLAGE_HOSTS": "lieux.example.org",
        "MAILLAGE_URL": "https://lieux.example.org",
        "DATABASE_URL": "",
    }
    for command in (["migrate", "--verbosity=0"], ["createcachetable"]):
        subprocess.run([sys.executable, "-m", "django", *command], env=env, check=True, capture_output=True)
    done = subprocess.run([sys.executable, "-c", PRODUCTION], env=env, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["200 True 1", "True True False", "max-age=31536000 301"]
