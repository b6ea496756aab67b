"""The door of a place without network, in a real browser: two tablets, a reload, a lost answer, a wrong clock."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import segno
from playwright.sync_api import Browser, BrowserContext, Error, Page, Route, expect
from scripts.launch import chromium

from maillage.management.passes.queries.ledger import balance
from maillage.network.schemes.actions.issuing import revoke
from maillage.network.schemes.models import Claim, Issue, Redemption
from maillage.network.schemes.queries.keys import token_of
from maillage.network.schemes.queries.statements import due_at
from maillage.network.schemes.rules.door import half_of
from maillage.places.models import Place
from tests.browser.conftest import FLAGS
from tests.browser.test_accessibility import violations
from tests.network.schemes.valley import BY, Valley, valley
from tests.people import People, cookies_of, gather
from tests.remembered import remembered

pytestmark = pytest.mark.browser
SLUG = "la-boutique-de-nadine"
DOOR = f"/gerer/{SLUG}/passes/porte/"
N = "\u202f"
ZONE = ZoneInfo("Europe/Paris")


@dataclass
class Hall:
    """Nadine's place, open at every hour, in M. Perrin's scheme; tablets of its team."""

    people: People
    valley: Valley
    site: str
    browser: Browser
    contexts: list[BrowserContext]

    def opened(self, *, width: int = 390, who: str = "nadine", language: str = "", **options: Any) -> Page:
        """The page of the door, of somebody of the team."""
        context = self.browser.new_context(viewport={"width": width, "height": 900}, locale="fr-FR", **options)
        self.contexts.append(context)
        context.add_cookies(cookies_of(getattr(self.people, who), self.site))
        page = context.new_page()
        page.goto(self.site + language + DOOR)
        return page

    def tablet(self, **options: Any) -> Page:
        """The same, once it has met the server and can work without it."""
        page = self.opened(**options)
        ready(page)
        return page

    def hand(self, **more: Any) -> Issue:
        return self.valley.hand(**more)


@pytest.fixture
def hall(browser: Browser, site: str, now: datetime) -> Iterator[Hall]:
    people = remembered(("people in the registry", now), lambda: gather(now))
    Place.objects.filter(pk=people.place.pk).update(opening_hours="24/7", capacity=None)
    people.place.refresh_from_db()
    today = datetime.now(UTC)
    days = {"starts_on": f"{today - timedelta(days=60):%Y-%m-%d}", "ends_on": f"{today + timedelta(days=90):%Y-%m-%d}"}
    made = Hall(people, valley(people.place, today, **days), site, browser, [])
    yield made
    for context in made.contexts:
        context.close()


def ready(page: Page) -> None:
    """Wait until the tablet has met the server and its worker holds the page."""
    expect(page.locator("[data-line]")).to_have_attribute("data-line", "on")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.wait_for_function("navigator.serviceWorker.controller !== null")


def cut(page: Page) -> None:
    """The network goes."""
    page.context.set_offline(True)
    expect(page.locator("[data-line]")).to_have_attribute("data-line", "off")


def back(page: Page) -> None:
    """The network is back."""
    page.context.set_offline(False)
    expect(page.locator("[data-line]")).to_have_attribute("data-line", "on")


def show(page: Page, text: str) -> None:
    page.get_by_label("Code du passe").fill(text)
    page.get_by_role("button", name="Compter la demi-journée").click()
    expect(page.locator("[data-count]")).not_to_have_attribute("aria-busy", "true")


def word(page: Page) -> str:
    """The one word of the answer, without the mark that no server was asked."""
    own = (
        "e => [...e.childNodes].filter(({ nodeType }) => nodeType === 3).map((one) => one.textContent.trim()).join('')"
    )
    return str(page.locator(".verdict__word").evaluate(own))


def kept(page: Page) -> list[dict[str, Any]]:
    """The rows of the tablet's queue, read beside the page's own code."""
    told = page.evaluate(
        """new Promise((done) => {
            const request = indexedDB.open("maillage-porte");
            request.onsuccess = () => {
                const all = request.result.transaction("queue").objectStore("queue").getAll();
                all.onsuccess = () => { request.result.close(); done(JSON.stringify(all.result)); };
            };
        })"""
    )
    return list(json.loads(told))


def test_two_tablets_redeem_one_half_day_offline_and_exactly_one_is_paid(hall: Hall) -> None:
    issue = hall.hand()
    token = token_of(issue)
    tablets = [hall.tablet(), hall.tablet(who="karim")]
    for page in tablets:
        cut(page)
        show(page, token)
        assert word(page) == "Valable"
        expect(page.locator(".verdict")).to_contain_text("Passe de 4 demi-journées à sa remise")
        expect(page.locator(".verdict .tag")).to_have_text("Sans réseau")
        expect(page.get_by_role("heading", name="1 passage à envoyer")).to_be_visible()
    assert not Redemption.objects.exists()
    for page in tablets:
        back(page)
    first, second = tablets
    expect(first.locator("[data-answers]")).to_be_visible()
    expect(second.locator("[data-answers]")).to_be_visible()
    told = sorted(page.locator("[data-told] p").first.inner_text() for page in tablets)
    assert told == ["1 passage compté", "1 passage à régler"]
    made = Redemption.objects.get()
    claim = Claim.objects.get()
    assert (balance(issue.of_id), claim.code) == (3, issue.of.code)
    month = f"{made.day:%Y-%m}"
    assert due_at(hall.valley.scheme, hall.people.place, month).total_cents == 900
    loser = next(page for page in tablets if "régler" in page.locator("[data-told]").inner_text())
    expect(loser.locator("[data-answers]")).to_contain_text("Cette demi-journée est déjà comptée sur ce passe")
    loser.reload()
    expect(loser.locator("[data-answers]")).to_contain_text("1 passage à régler")
    loser.get_by_role("button", name="C’est vu").click()
    expect(loser.locator("[data-answers]")).to_be_hidden()
    loser.reload()
    expect(loser.locator("[data-answers]")).to_be_hidden()


def test_the_page_reloads_closes_and_opens_again_without_network(hall: Hall) -> None:
    issue = hall.hand()
    page = hall.tablet()
    cut(page)
    show(page, f"https://exemple.fr/dispositifs/passe/{token_of(issue)}/")
    page.reload()
    assert page.locator("body.page-door--kept").count() == 1, "the page came from the network"
    expect(page.get_by_role("heading", name="1 passage à envoyer")).to_be_visible()
    context = page.context
    page.close()
    page = context.new_page()
    page.goto(hall.site + DOOR)
    expect(page.locator("[data-queue]")).to_contain_text(issue.of.code)
    show(page, issue.of.code)
    assert word(page) == "Non"
    expect(page.locator(".verdict")).to_contain_text("Cette demi-journée est déjà comptée sur ce passe")
    back(page)
    expect(page.locator("[data-told]")).to_have_text("1 passage compté")
    expect(page.locator("[data-today]")).to_contain_text(issue.of.code)
    assert Redemption.objects.get().is_offline
    show(page, hall.hand().of.code)
    assert word(page) == "Valable"
    assert Redemption.objects.count() == 2


def test_a_tablet_refuses_by_itself_what_is_forged_cut_strange_cancelled_or_out_of_its_days(hall: Hall) -> None:
    issue, lost, soon = hall.hand(), hall.hand(), hall.hand()
    token = token_of(issue)
    revoke(scheme_id=hall.valley.scheme.pk, code=lost.of.code, by=BY, now=datetime.now(UTC))
    page = hall.tablet()
    cut(page)
    parts = token.split(".")
    refusals = {
        token[:-1] + ("A" if token[-1] != "A" else "Q"): f"La signature de ce code QR est fausse{N}: ne l’acceptez",
        token[:-20]: "Ce code QR est incomplet",
        ".".join([parts[0], "0123456789ab", *parts[2:]]): "Ce passe est d’un dispositif où ce lieu n’est pas agréé",
        token_of(lost): "Ce passe a été annulé",
        lost.of.code: "Ce passe a été annulé",
        "bonjour": "Ce code n’est pas celui d’un passe",
        "": "Ce code n’est pas celui d’un passe",
    }
    for text, said in refusals.items():
        show(page, text)
        assert word(page) == "Non", text
        expect(page.locator(".verdict")).to_contain_text(said)
    assert kept(page) == []
    page.clock.set_fixed_time(datetime.now(UTC) + timedelta(days=200))
    show(page, token_of(soon))
    expect(page.locator(".verdict")).to_contain_text("Ce passe n’est plus valable ce jour-là")
    assert kept(page) == []


def test_a_code_typed_without_network_is_to_be_checked_and_settled_later(hall: Hall) -> None:
    issue = hall.hand()
    page = hall.tablet()
    cut(page)
    show(page, issue.of.code.lower().replace("-", " "))
    assert word(page) == "À vérifier"
    expect(page.locator(".verdict")).to_contain_text("Sans réseau, un code tapé ne se vérifie pas")
    unknown = "11111-1111J"
    show(page, unknown)
    assert word(page) == "À vérifier"
    expect(page.locator("[data-queue] .comer__state")).to_have_text(["à vérifier", "à vérifier"])
    back(page)
    expect(page.locator("[data-answers]")).to_contain_text("1 passage compté")
    expect(page.locator("[data-answers]")).to_contain_text("Ce code n’est pas celui d’un passe")
    assert Redemption.objects.get().issue == issue
    assert Claim.objects.get().code == unknown


@pytest.mark.parametrize("wrong", [timedelta(hours=-30), timedelta(days=3)])
def test_a_wrong_clock_is_said_and_moves_nothing(hall: Hall, wrong: timedelta) -> None:
    issue = hall.hand()
    page = hall.tablet()
    page.clock.install(time=datetime.now(UTC) + wrong)
    page.reload()
    expect(page.locator("[data-hint]")).to_contain_text("L’heure de cette tablette est fausse")
    ready(page)
    cut(page)
    show(page, token_of(issue))
    assert word(page) == "Valable"
    back(page)
    expect(page.locator("[data-answers]")).to_contain_text("l’horloge de la tablette est fausse")
    made = Redemption.objects.get()
    assert (made.day, made.half) in {half_of(made.redeemed_at - timedelta(minutes=n), ZONE) for n in (0, 5)}


def test_what_a_tablet_knows_and_keeps_grows_old_and_it_says_so(hall: Hall) -> None:
    page = hall.tablet()
    cut(page)
    show(page, token_of(hall.hand()))
    page.clock.set_fixed_time(datetime.now(UTC) + timedelta(days=9))
    page.reload()
    expect(page.locator("[data-hint]")).to_contain_text("Les passes annulés depuis le")
    expect(page.locator("[data-queue]")).to_contain_text("au bout de 7 jours, il sera à régler à la main.")


def test_an_answer_that_is_lost_counts_once(hall: Hall) -> None:
    """The server wrote it, and its answer never came: the same number is sent again, and counts nothing more."""
    issue = hall.hand()
    page = hall.tablet()

    def swallow(route: Route) -> None:
        route.fetch()
        route.abort()

    page.route("**/porte/", lambda route: swallow(route) if route.request.method == "POST" else route.continue_())
    page.route("**/cles.json", lambda route: route.abort())
    show(page, token_of(issue))
    assert word(page) == "Valable"
    expect(page.locator("[data-queue]")).to_contain_text("envoyé, sans réponse encore")
    assert Redemption.objects.count() == 1
    page.unroute_all()
    page.get_by_role("button", name="Envoyer maintenant").click()
    expect(page.locator("[data-told]")).to_have_text("1 passage compté")
    assert (Redemption.objects.count(), Claim.objects.count(), balance(issue.of_id)) == (1, 0, 3)


def test_two_tabs_of_one_tablet_keep_one_row_and_send_it_once(hall: Hall) -> None:
    issue = hall.hand()
    page = hall.tablet()
    other = page.context.new_page()
    other.goto(hall.site + DOOR)
    ready(other)
    sent: list[str] = []
    page.context.on("request", lambda one: sent.append(one.url) if one.method == "POST" else None)
    cut(page)
    show(page, token_of(issue))
    expect(other.get_by_role("heading", name="1 passage à envoyer")).to_be_visible()
    show(other, token_of(issue))
    assert word(other) == "Non"
    assert len(kept(page)) == 1
    page.context.set_offline(False)
    for one in (page, other):
        expect(one.locator("[data-told]")).to_have_text("1 passage compté")
    assert len([url for url in sent if url.endswith("/regler/")]) == 1
    assert (Redemption.objects.count(), Claim.objects.count()) == (1, 0)


def test_with_another_number_the_same_half_day_is_not_paid_twice_but_is_a_claim(hall: Hall) -> None:
    """The negative control of the number: under the same one it is the same; under another, it is one too many."""
    token = token_of(hall.hand())
    page = hall.tablet()
    again = """async ([text, nonce]) => {
        const { csrf } = await (await fetch("cles.json")).json();
        const now = new Date().toISOString();
        const headers = { "X-CSRFToken": csrf, "Content-Type": "application/json" };
        const body = JSON.stringify({ now, counted: [{ nonce, text, at: now }] });
        return (await (await fetch("regler/", { method: "POST", headers, body })).json()).results[0].state;
    }"""
    states = [page.evaluate(again, [token, nonce]) for nonce in ("un", "un", "deux")]
    assert states == ["settled", "settled", "to_settle"]
    assert (Redemption.objects.count(), Claim.objects.count()) == (1, 1)


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (500, "Le serveur a répondu par une erreur (500)"),
        (403, "Ce compte ne peut plus accueillir ici"),
        (413, f"Le serveur ne sait pas lire cet envoi (413){N}: il est gardé ici."),
        (502, "Sans réseau"),
    ],
)
def test_whatever_the_server_answers_nothing_is_dropped(hall: Hall, status: int, said: str) -> None:
    one, two = hall.hand(), hall.hand()
    page = hall.tablet()
    cut(page)
    for issue in (one, two):
        show(page, token_of(issue))
    page.route("**/regler/", lambda route: route.fulfill(status=status, body="<h1>non</h1>"))
    page.context.set_offline(False)
    expect(page.locator(".porte")).to_contain_text(said)
    assert {row["state"] for row in kept(page)} == {"waiting"}
    expect(page.get_by_role("heading", name="2 passages à envoyer")).to_be_visible()
    page.unroute_all()
    page.reload()
    page.get_by_role("button", name="Envoyer maintenant").or_(page.get_by_role("button", name="C’est vu")).click()
    expect(page.locator("[data-queue]")).to_be_hidden()
    assert Redemption.objects.count() == 2


def test_one_row_that_cannot_be_read_does_not_hold_the_others(hall: Hall) -> None:
    issues = [hall.hand() for _card in range(5)]
    page = hall.tablet()
    cut(page)
    for issue in issues:
        show(page, token_of(issue))
    spoilt = issues[2].of.code
    page.evaluate(
        """(code) => new Promise((done) => {
            indexedDB.open("maillage-porte").onsuccess = ({ target }) => {
                const queue = target.result.transaction("queue", "readwrite").objectStore("queue");
                queue.getAll().onsuccess = ({ target: { result } }) => {
                    const row = result.find((one) => one.code === code);
                    queue.put({ ...row, at: "hier" }).onsuccess = () => { target.result.close(); done(); };
                };
            };
        })""",
        spoilt,
    )
    page.context.set_offline(False)
    expect(page.locator("[data-told]")).to_have_text("4 passages comptés")
    expect(page.locator("[data-queue]")).to_contain_text(spoilt)
    expect(page.locator("[data-queue]")).to_contain_text("Le serveur ne sait pas lire cet envoi (422)")
    assert Redemption.objects.count() == 4


def test_what_was_counted_by_mistake_is_taken_back_before_it_leaves(hall: Hall) -> None:
    page = hall.tablet()
    cut(page)
    show(page, token_of(hall.hand()))
    page.get_by_role("button", name="Retirer").click()
    assert len(kept(page)) == 1
    page.get_by_role("button", name=f"Retirer pour de bon{N}?").click()
    expect(page.locator("[data-queue]")).to_be_hidden()
    assert kept(page) == []


def test_signed_out_the_tablet_keeps_what_waits_and_else_nothing(hall: Hall) -> None:
    page = hall.tablet()
    cut(page)
    show(page, token_of(hall.hand()))
    session = page.context.cookies()
    page.context.clear_cookies()
    page.context.set_offline(False)
    expect(page.locator("[data-state]")).to_have_text("Vous n’êtes plus connecté")
    expect(page.get_by_role("link", name="Se connecter")).to_be_visible()
    assert len(kept(page)) == 1
    page.context.add_cookies(session)
    page.get_by_role("button", name="Envoyer maintenant").click()
    page.get_by_role("button", name="C’est vu").click()
    expect(page.locator("[data-answers]")).to_be_hidden()
    page.context.clear_cookies()
    page.goto(hall.site + DOOR)
    expect(page).to_have_url(f"{hall.site}/connexion/?next={DOOR}")
    page.wait_for_function(
        """async () => !(await caches.keys()).length && !(await navigator.serviceWorker.getRegistrations()).length
            && !(await indexedDB.databases()).length"""
    )


def test_who_signs_out_is_told_of_what_waits_and_leaves_nothing_else(hall: Hall) -> None:
    page = hall.tablet()
    cut(page)
    show(page, token_of(hall.hand()))
    page.route("**/regler/", lambda route: route.abort())
    page.context.set_offline(False)
    page.goto(f"{hall.site}/mon-compte/")
    expect(page.locator(".note")).to_contain_text(f"qui attendent sur cette tablette{N}: 1.")
    page.unroute_all()
    page.goto(hall.site + DOOR)
    page.get_by_role("button", name="C’est vu").click()
    page.goto(f"{hall.site}/mon-compte/")
    assert page.locator(".own__out .note").count() == 0
    page.get_by_role("button", name="Se déconnecter").click()
    page.wait_for_url(lambda url: "/mon-compte/" not in url)
    left = "async () => [await caches.keys(), await indexedDB.databases()].flat().length"
    assert page.evaluate(left) == 0


def test_the_worker_keeps_one_page_and_its_files_and_drops_older_ones(hall: Hall) -> None:
    page = hall.tablet()
    old = f"caches.open('maillage-porte:{DOOR}:0000').then((old) => old.put('/x', new Response('')))"
    page.evaluate(old)
    page.evaluate("caches.open('autre').then((other) => other.put('/y', new Response('')))")
    page.evaluate("navigator.serviceWorker.getRegistration().then((found) => found.unregister())")
    page.reload()
    ready(page)
    page.wait_for_function("async () => (await caches.keys()).length === 2")
    held = page.evaluate(
        """async () => {
            const [name] = (await caches.keys()).filter((one) => one !== "autre");
            return (await (await caches.open(name)).keys()).map(({ url }) => new URL(url).pathname);
        }"""
    )
    pages = [path for path in held if not path.startswith("/static/")]
    assert pages == [f"{DOOR}hors-ligne/"]
    scope = page.evaluate("navigator.serviceWorker.ready.then(({ scope }) => new URL(scope).pathname)")
    assert scope == DOOR
    told = page.evaluate("caches.match(location.pathname + 'hors-ligne/').then((kept) => kept.text())")
    assert "csrfmiddlewaretoken" not in told
    assert hall.people.nadine.email not in told
    elsewhere = page.context.new_page()
    cut(page)
    with pytest.raises(Error, match="ERR_INTERNET_DISCONNECTED"):
        elsewhere.goto(f"{hall.site}/gerer/{SLUG}/passes/")


def test_without_https_the_page_says_so_and_counts_with_the_network(hall: Hall, settings: Any) -> None:
    """The tablet asks an address of the local network, in plain HTTP."""
    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "tablette.test"]
    issue = hall.hand()
    with another_browser(hall, "--host-resolver-rules=MAP tablette.test 127.0.0.1") as there:
        there.site = hall.site.replace("localhost", "tablette.test")
        page = there.opened()
        expect(page.locator("[data-hint]")).to_contain_text(
            "Sans réseau, cette page ne marche qu’à une adresse en HTTPS"
        )
        assert page.evaluate("isSecureContext") is False
        show(page, token_of(issue))
        assert word(page) == "Valable"
        assert Redemption.objects.count() == 1
        page.context.set_offline(True)
        show(page, token_of(hall.hand()))
        assert word(page) == "Non"
        expect(page.locator(".verdict")).to_contain_text(f"Pas de réseau{N}: rien n’est compté. Réessayez.")
        assert page.get_by_label("Code du passe").input_value() != ""


@pytest.mark.parametrize(
    ("language", "width", "scheme"), [("", 390, "light"), ("/en", 1280, "dark"), ("", 320, "dark")]
)
def test_axe_finds_nothing_in_any_state(hall: Hall, language: str, width: int, scheme: Any) -> None:
    known, lost = hall.hand(), hall.hand()
    page = hall.tablet(width=width, language=language, color_scheme=scheme)
    found: dict[str, list[str]] = {}

    def look(state: str) -> None:
        wide = page.evaluate("document.documentElement.scrollWidth")
        found[state] = violations(page) + (["too wide"] if wide > width else [])
        found[state] += page.evaluate(SMALL)

    def count(text: str) -> None:
        page.locator("#id-code").fill(text)
        page.locator("[data-count]").click()
        expect(page.locator("[data-count]")).not_to_have_attribute("aria-busy", "true")
        expect(page.locator(".verdict")).to_be_visible()

    look("met")
    count(token_of(known))
    look("valid with the network")
    count(known.of.code)
    look("refused with the network")
    cut(page)
    count(token_of(hall.hand()))
    look("valid without")
    count(lost.of.code)
    look("to check")
    count("bonjour")
    look("refused without")
    page.reload()
    expect(page.locator("[data-queue]")).to_be_visible()
    look("reloaded without")
    revoke(scheme_id=hall.valley.scheme.pk, code=lost.of.code, by=BY, now=datetime.now(UTC))
    page.context.set_offline(False)
    expect(page.locator("[data-answers]")).to_be_visible()
    look("answered")
    assert {state: wrong for state, wrong in found.items() if wrong} == {}


SMALL = """[...document.querySelectorAll('main .btn, main .text, main input:not([type=hidden])')]
    .filter((e) => e.getBoundingClientRect().height && e.getBoundingClientRect().height < 44)
    .map((e) => e.outerHTML.slice(0, 120))"""


def test_by_keyboard_and_with_a_plugged_reader(hall: Hall) -> None:
    """A reader types and ends with Enter, wherever the answer left the focus."""
    one, two = hall.hand(), hall.hand()
    page = hall.tablet(width=1280)
    cut(page)
    page.get_by_label("Code du passe").focus()
    page.keyboard.type(token_of(one))
    page.keyboard.press("Enter")
    expect(page.locator(".verdict")).to_be_focused()
    page.keyboard.type(token_of(two))
    expect(page.locator(".verdict")).to_have_count(0)
    page.keyboard.press("Enter")
    expect(page.locator(".verdict")).to_contain_text(two.of.code)
    expect(page.get_by_role("heading", name="2 passages à envoyer")).to_be_visible()


def test_without_javascript_the_server_answers(hall: Hall) -> None:
    issue = hall.hand()
    page = hall.opened(java_script_enabled=False)
    for hidden in ("[data-line]", "[data-queue]", "[data-answers]", "[data-lens-on]"):
        assert not page.locator(hidden).is_visible()
    page.get_by_label("Code du passe").fill(issue.of.code)
    page.get_by_role("button", name="Compter la demi-journée").click()
    expect(page.locator(".verdict--yes")).to_contain_text("Restent 3 demi-journées")


def test_the_camera_reads_a_card_even_without_network(hall: Hall, tmp_path: Path) -> None:
    """Chromium on Linux reads no QR code by itself: ours is fetched, from what the worker keeps."""
    issue = hall.hand()
    token = token_of(issue)
    address = f"https://exemple.fr/dispositifs/passe/{token}/"
    film = tmp_path / "card.y4m"
    film.write_bytes(filmed(address))
    flags = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
    with another_browser(hall, *flags, f"--use-file-for-fake-video-capture={film}") as there:
        page = there.tablet()
        assert page.evaluate("'BarcodeDetector' in window") is False
        cut(page)
        page.reload()
        page.get_by_role("button", name="Scanner la carte").click()
        expect(page.locator(".verdict")).to_contain_text(issue.of.code)
        assert word(page) == "Valable"
        expect(page.locator("[data-lens]")).to_be_hidden()
        assert [row["text"] for row in kept(page)] == [token]


@contextmanager
def another_browser(hall: Hall, *flags: str) -> Iterator[Hall]:
    """The same place in a Chromium that was started with other flags."""
    path = chromium.find()
    launched = hall.browser.browser_type.launch(executable_path=path, args=[*FLAGS, *flags])
    try:
        yield Hall(hall.people, hall.valley, hall.site, launched, [])
    finally:
        launched.close()


def filmed(text: str, *, width: int = 960, height: int = 720) -> bytes:
    """A film of one picture, of a card held before the camera: YUV 4:2:0, as Chromium plays it for a camera."""
    squares = [list(row) for row in segno.make(text, error="m").matrix_iter(border=4)]
    side = (height - 40) // len(squares)
    top, left = (height - side * len(squares)) // 2, (width - side * len(squares)) // 2
    picture = bytearray([235]) * (width * height)
    for y, row in enumerate(squares):
        for x, is_dark in enumerate(row):
            if is_dark:
                for line in range(top + y * side, top + (y + 1) * side):
                    start = line * width + left + x * side
                    picture[start : start + side] = bytes([16]) * side
    colours = bytes([128]) * (width * height // 2)
    return f"YUV4MPEG2 W{width} H{height} F10:1 Ip A1:1 C420jpeg\n".encode() + (b"FRAME\n" + picture + colours) * 3
