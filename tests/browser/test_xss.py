"""Scripts written into every field that a page shows, in a real browser: none runs, none is even tried."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.test import override_settings
from playwright.sync_api import Browser, Page

from maillage.accounts.actions import give_role, invite, make_key
from maillage.accounts.rules import COLLEAGUE, FACILITATOR, place_scope
from maillage.places.actions import record_many
from maillage.places.actions.lifecycle import remove_place
from maillage.places.actions.photos import add_photo
from maillage.places.models import Place
from maillage.places.rules.drafts import Draft, SourceFacts
from maillage.places.rules.fields import BadValue, read_field
from tests.authorisation.world import picture
from tests.hostile.corpora import SEED, naughty_strings
from tests.people import People, cookies_of, gather

pytestmark = [pytest.mark.browser]

CLASSICS = (
    "<script>alert(1)</script>",
    '"><script>alert(2)</script>',
    "'><img src=x onerror=alert(3)>",
    "<svg/onload=alert(4)>",
    "</textarea><script>alert(5)</script>",
    "</title><script>alert(6)</script>",
    "</script><script>alert(7)</script>",
    "--><script>alert(8)</script>",
    "]]><script>alert(9)</script>",
    '" autofocus onfocus=alert(10) x="',
    "' onmouseover='alert(11)",
    "javascript:alert(12)",
    "<iframe srcdoc='<script>parent.alert(13)</script>'>",
    "<details open ontoggle=alert(14)>",
    "<a href=javascript:alert(15)>ici</a>",
    "<img src=//evil.example/x.png>",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "<meta http-equiv=refresh content='0;url=//evil.example/'>",
    "<base href=//evil.example/>",
    "<style>@import '//evil.example/x.css';</style>",
    "<form action=//evil.example/><button>oui</button></form>",
    "{{constructor.constructor('alert(16)')()}}",
    "\\u003cscript\\u003ealert(17)\\u003c/script\\u003e",
    "&lt;script&gt;alert(18)&lt;/script&gt;",
)
LISTEN = """
    window.ran = [];
    for (const name of ['alert', 'confirm', 'prompt', 'print'])
        window[name] = (...said) => { window.ran.push(name + ' ' + said.join()); return null; };
    document.addEventListener('securitypolicyviolation', (one) =>
        window.ran.push('tried ' + one.effectiveDirective + ' ' + one.blockedURI + ' ' + one.sample));
"""
STRANGE = """() => {
    const told = [];
    for (const e of document.querySelectorAll('*')) {
        for (const a of e.attributes) if (/^on/i.test(a.name)) told.push(e.tagName + ' ' + a.name);
        for (const name of ['href', 'src', 'action', 'formaction', 'xlink:href'])
            if (/^\\s*(javascript|vbscript|data:text)/i.test(e.getAttribute(name) || ''))
                told.push(e.tagName + ' ' + name);
    }
    for (const e of document.scripts)
        if (!e.src && !/json/.test(e.type)) told.push('inline script ' + e.text.slice(0, 60));
    if (document.querySelector('iframe, object, embed, base')) told.push('a frame or a base');
    return told;
}"""


def scripts(most: int | None) -> list[str]:
    """Our classics, then those of the big list that hold a mark-up character or a scheme."""
    import random

    theirs = [text for text in naughty_strings() if any(mark in text for mark in ("<", ">", "javascript:", "on"))]
    chosen = theirs if most is None else random.Random(SEED).sample(theirs, most)
    return [*CLASSICS, *chosen]


@contextmanager
def listening(browser: Browser, site: str) -> Iterator[tuple[Page, list[str]]]:
    """A page whose every script, dialog and request elsewhere is heard."""
    context = browser.new_context(locale="fr-FR")
    heard: list[str] = []

    def outside(route: Any) -> None:
        heard.append(f"asked {route.request.url}")
        route.abort()

    context.route(lambda url: not url.startswith((site, "data:", "blob:", "about:")), outside)
    context.add_init_script(LISTEN)
    page = context.new_page()
    page.on("dialog", lambda dialog: (heard.append(f"dialog {dialog.message}"), dialog.dismiss()))
    yield page, heard
    context.close()


def looked_at(page: Page, url: str) -> list[str]:
    """Open a page, wave at it, and tell what ran or was tried."""
    page.goto(url, wait_until="domcontentloaded")
    page.mouse.move(200, 300)
    page.keyboard.press("Tab")
    return [*page.evaluate("window.ran || []"), *page.evaluate(STRANGE)]


def fields(script: str) -> dict[str, Any]:
    """Every field of a sheet, read as every writer reads it; those that refuse the script are left out."""
    said = {
        "name": f"Lieu {script}"[:200],
        "street": script[:200],
        "city": script[:120],
        "operator": script[:200],
        "prices": script[:500],
        "description": f"<p>{script}</p>\n\n**{script}** [{script}]({script})",
        "how_to_come": script[:600],
        "how_to_join": script[:600],
        "how_to_help": script[:600],
        "phone": script[:40],
        "website": script,
        "email": f"{script}@example.org",
        "links": [script],
    }
    read: dict[str, Any] = {"commune": "39093", "activities": ["cafe"]}
    for name, value in said.items():
        try:
            read[name] = read_field(name, value)
        except BadValue:
            continue
    return {"name": "Lieu sans nom lisible", **read}


def store(number: int, script: str, people: People, now: datetime) -> tuple[Place, str]:
    """A place whose every word is a script, with its source, photo, team, key and invitation; and the link."""
    facts = SourceFacts(
        slug=f"source-{number}",
        name=f"Source {script}"[:200],
        publisher=script[:200],
        licence=f"Licence {script}"[:200],
    )
    draft = Draft(source=facts.slug, ref=str(number), values=fields(script), raw={}, licence=facts.licence)
    record_many(drafts=[draft], sources={facts.slug: facts}, by="essai", now=now, reason=script[:300])
    place = Place.objects.get(records__source__slug=facts.slug)
    scope, by = place_scope(place.pk), f"compte:{people.nadine.user.pk}:facilitator"
    give_role(user=people.nadine.user, role=FACILITATOR, scope=scope, by="essai", now=now)
    words = {"alt": f"Photo {script}"[:300], "credit": script[:200], "licence": "CC BY 4.0"}
    add_photo(place_id=place.pk, data=picture("#334455"), **words, by=by, now=now)
    make_key(name=f"clé {script}"[:100], role=COLLEAGUE, scope=scope, by=by, now=now)
    token = invite(email=f"x{number}@example.org", role=COLLEAGUE, scope=scope, by=by, now=now).token
    return place, token


PUBLIC = ("/lieux/{slug}/", "/lieux/{slug}/historique/", "/lieux/{slug}/affiche/", "/en/lieux/{slug}/")
TEAM = ("", "photos/", "equipe/", "cles/", "historique/", "fiche/presentation/", "etat/")


@pytest.mark.parametrize("most", [pytest.param(2, id="sample"), pytest.param(None, id="all", marks=pytest.mark.full)])
def test_no_script_runs(browser: Browser, site: str, now: datetime, tmp_path: Path, most: int | None):
    with override_settings(MEDIA_ROOT=tmp_path):
        people = gather(now)
        said: list[str] = []
        every = scripts(most)
        chosen = every if most is None else every[:6] + every[-2:]
        people.operator.user.name = CLASSICS[1]
        people.operator.user.save()
        with listening(browser, site) as (page, heard):
            page.context.add_cookies(cookies_of(people.operator, site))
            for number, script in enumerate(chosen):
                place, token = store(number, script, people, now)
                urls = [one.format(slug=place.slug) for one in PUBLIC]
                urls += [f"/gerer/{place.slug}/{end}" for end in TEAM] + [f"/invitation/{token}/"]
                for url in urls:
                    said += [f"{url} with {script!r}: {one}" for one in looked_at(page, site + url)]
            for url in ("/", "/lieux/?q=lieu", "/doc/donnees/", "/gerer/", "/mon-compte/", "/administration/"):
                said += [f"{url}: {one}" for one in looked_at(page, site + url)]
            for script in CLASSICS:
                page.goto(f"{site}/lieux/?q={_quoted(script)}", wait_until="load")
                said += [f"search for {script!r}: {one}" for one in page.evaluate("window.ran || []")]
            remove_place(place_id=place.pk, reason=CLASSICS[0], by="essai", now=now)
            said += [f"removed: {one}" for one in looked_at(page, f"{site}/lieux/{place.slug}/")]
        assert said + heard == []


def _quoted(text: str) -> str:
    from urllib.parse import quote

    return quote(text, safe="")


def answering(html: str) -> Any:
    return lambda route, _request: route.fulfill(body=html, content_type="text/html")


def test_a_page_that_escapes_nothing_is_heard(browser: Browser, site: str):
    """The control: the same scripts, written as they are on a page without a policy, do run."""
    ran = 0
    with listening(browser, site) as (page, heard):
        for script in CLASSICS[:8]:
            html = f'<!doctype html><title>x</title><body><p>{script}</p><input value="{script}"></body>'
            page.route("**/controle/", answering(html))
            ran += bool(looked_at(page, f"{site}/controle/"))
            page.unroute("**/controle/")
        html = f"<!doctype html><title>x</title><body>{CLASSICS[15]}</body>"
        page.route("**/controle/", answering(html))
        looked_at(page, f"{site}/controle/")
        assert ran >= 4
        assert any("evil.example" in one for one in heard)
