"""Nadine comes in with her phone: by code, password, application, passkey, by keyboard, without JavaScript."""

import re
from collections.abc import Callable

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.core import mail
from django.core.cache import cache
from playwright.sync_api import Page, expect

from maillage.accounts.models import User
from tests.accounts.test_signin import totp_now
from tests.browser.test_accessibility import violations

pytestmark = pytest.mark.browser

EMAIL, PASSWORD = "nadine@example.org", "quatre mots sans rapport"


@pytest.fixture
def nadine(site: str, settings) -> User:
    """Her account; mails stay in memory, and the keys of this browser are for this site."""
    cache.clear()
    settings.SITE_URL = site
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    user = User.objects.create_user(EMAIL, PASSWORD, name="Nadine")
    EmailAddress.objects.create(user=user, email=EMAIL, verified=True, primary=True)
    return user


def come_in(page: Page, then: str = "/mon-compte/") -> None:
    """By password, as the quickest way for tests of other pages."""
    page.goto(page.url.split("/", 3)[0] + "//" + page.url.split("/")[2] + "/connexion/?next=" + then)
    page.fill("[name=login]", EMAIL)
    page.fill("[name=password]", PASSWORD)
    page.click("button[value=password]")
    page.wait_for_url("**" + then)


@pytest.mark.parametrize("scripts", [True, False])
def test_by_code_with_the_keyboard_alone(visit: Callable[..., Page], nadine: User, scripts: bool) -> None:
    page = visit("/connexion/?next=/mon-compte/", width=390, java_script_enabled=scripts)
    page.locator("[name=login]").focus()
    page.keyboard.type(EMAIL)
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_attribute("value", "code")
    page.keyboard.press("Enter")
    page.wait_for_url("**/connexion/code/verifier/**")
    code = re.search(r"\d{3}-\d{3}-\d{3}", mail.outbox[-1].body)[0]
    page.locator("[name=code]").focus()
    page.keyboard.type(code.replace("-", " "))
    page.keyboard.press("Enter")
    page.wait_for_url("**/mon-compte/")
    expect(page.locator("h1")).to_have_text("Nadine")


def test_the_enter_key_in_the_password_enters_by_password(visit: Callable[..., Page], nadine: User) -> None:
    page = visit("/connexion/?next=/mon-compte/")
    page.fill("[name=login]", EMAIL)
    page.fill("[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/mon-compte/")
    assert mail.outbox == []


def test_a_wrong_password_is_told_and_focused(visit: Callable[..., Page], nadine: User) -> None:
    page = visit("/connexion/", width=390)
    page.fill("[name=login]", EMAIL)
    page.click("button[value=password]")
    expect(page.locator(":focus")).to_have_class("wrongs")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(":focus")).to_have_attribute("name", "password")
    assert violations(page) == []


def test_an_application_then_a_second_proof(visit: Callable[..., Page], nadine: User) -> None:
    page = visit("/connexion/", width=390)
    come_in(page, "/mon-compte/securite/")
    page.get_by_role("link", name="Ajouter une application").click()
    page.fill("[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/securite/application/")
    assert page.locator(".qr").evaluate("image => image.complete && image.naturalWidth") > 0
    secret = page.locator(".secret").inner_text()
    assert violations(page) == []
    page.fill("[name=code]", totp_now(secret))
    page.keyboard.press("Enter")
    page.wait_for_url("**/secours/")
    expect(page.locator(".codes li")).to_have_count(10)
    assert violations(page) == []
    rescue = page.locator(".codes li").first.inner_text()
    with page.expect_navigation():
        page.get_by_role("button", name="Se déconnecter").click()
    page.goto(page.url.rstrip("/") + "/connexion/")
    page.fill("[name=login]", EMAIL)
    page.fill("[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/deuxieme-preuve/")
    assert violations(page) == []
    page.fill("[name=code]", rescue)
    page.keyboard.press("Enter")
    page.wait_for_url("**/gerer/")


def test_a_passkey_is_added_then_opens(visit: Callable[..., Page], nadine: User) -> None:
    page = visit("/connexion/", width=390)
    tools = page.context.new_cdp_session(page)
    tools.send("WebAuthn.enable")
    tools.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    come_in(page, "/mon-compte/")
    page.get_by_role("link", name="Ajouter une clé d’accès").click()
    page.fill("[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/cles/ajouter/")
    page.fill("[name=name]", "Mon téléphone")
    assert violations(page) == []
    page.get_by_role("button", name="Ajouter la clé").click()
    page.wait_for_url("**/secours/")
    assert Authenticator.objects.filter(user=nadine, type="webauthn").count() == 1
    with page.expect_navigation():
        page.get_by_role("button", name="Se déconnecter").click()
    page.goto(page.url.rstrip("/") + "/connexion/?next=/mon-compte/securite/cles/")
    page.get_by_role("button", name="Entrer avec une clé d’accès").click()
    page.wait_for_url("**/mon-compte/securite/cles/")
    expect(page.locator(".row__what")).to_have_text("Mon téléphone")
    page.get_by_role("link", name="Retirer").click()
    page.get_by_role("button", name="Utiliser ma clé d’accès").or_(page.locator("[name=password]")).first.wait_for()
    if page.locator("[name=password]").count():
        page.get_by_role("link", name="Avec une clé d’accès").click()
        page.get_by_role("button", name="Utiliser ma clé d’accès").click()
    page.wait_for_url("**/retirer/")
    page.get_by_role("button", name="Retirer la clé").click()
    page.wait_for_url("**/securite/cles/")
    assert not Authenticator.objects.filter(user=nadine, type="webauthn").exists()


def test_a_passkey_refused_by_the_device_says_so(visit: Callable[..., Page], nadine: User) -> None:
    page = visit("/connexion/", width=390)
    page.evaluate("() => { navigator.credentials.get = () => Promise.reject(new Error('no')); }")
    page.get_by_role("button", name="Entrer avec une clé d’accès").click()
    expect(page.locator("[data-passkey-trouble]")).to_be_visible()


def test_without_scripts_no_passkey_is_offered(visit: Callable[..., Page], nadine: User) -> None:
    page = visit("/connexion/", java_script_enabled=False)
    expect(page.locator("[data-passkey]")).to_be_hidden()
    expect(page.get_by_role("button", name="Recevoir un code")).to_be_visible()


OPEN = ["/connexion/", "/connexion/code/", "/inscription/", "/mot-de-passe/oublie/", "/mot-de-passe/oublie/envoye/"]
OWN = [
    "/mon-compte/",
    "/mon-compte/adresses/",
    "/mon-compte/mot-de-passe/",
    "/mon-compte/securite/",
    "/mon-compte/securite/cles/",
    "/mon-compte/sessions/",
    "/deconnexion/",
]
FITS = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
SMALL = """[...document.querySelectorAll('main a, main button, main input')].filter((e) => {
    const box = e.getBoundingClientRect();
    const inline = getComputedStyle(e).display === 'inline' && e.closest('p, li, dd');
    return box.width && box.height && !inline && !e.closest('.sr') && box.height < 44;
}).map((e) => e.outerHTML.slice(0, 100) + e.getBoundingClientRect().height)"""


@pytest.mark.parametrize(
    ("language", "width", "scheme"), [("", 390, "light"), ("/en", 390, "dark"), ("", 1280, "dark")]
)
def test_axe_finds_nothing_and_nothing_overflows(
    visit: Callable[..., Page], nadine: User, language: str, width: int, scheme: str
) -> None:
    page = visit("/connexion/", width=width, color_scheme=scheme)
    root = page.url.removesuffix("/connexion/")
    for path in OPEN:
        page.goto(root + language + path)
        assert violations(page) == [], path
        assert page.evaluate(FITS), path
        assert page.evaluate(SMALL) == [], path
    come_in(page)
    for path in OWN:
        page.goto(root + language + path)
        assert violations(page) == [], path
        assert page.evaluate(FITS), path
        assert page.evaluate(SMALL) == [], path


@pytest.mark.parametrize("width", [390, 1280])
def test_the_mesh_never_runs_through_what_is_written_above_it(visit: Callable[..., Page], width: int) -> None:
    page = visit("/connexion/", width=width)
    room, mesh = page.evaluate(
        """() => {
          const side = document.querySelector(".door__side");
          const bottom = side.lastElementChild.getBoundingClientRect().bottom;
          return [side.getBoundingClientRect().bottom - bottom, parseFloat(getComputedStyle(side, "::before").height)];
        }"""
    )
    assert room >= mesh > 0
