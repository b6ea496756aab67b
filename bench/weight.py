"""What a first visit loads: bytes as transferred, requests and hosts, at 390 px, with and without JavaScript.

Bytes are `encodedDataLength` of Chromium's network events: headers and compressed bodies. Exits with 1 when a page
is over its budget, asks another host, or asks for a file that is not there.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, sync_playwright

from bench import measure, served
from bench.measure import CHROMIUM_FLAGS, Target
from bench.served import Registry

WIDTH, HEIGHT = 390, 844
BUDGETS_KB = {"home": 100.0, "list": 60.0, "list of a département": 60.0, "place": 60.0, "longest place": 60.0}
FULLEST = "ORDER BY length(description) + length(how_to_come) + length(how_to_join) + length(opening_hours) DESC, slug"
QUIET_MS = 600


@dataclass(slots=True)
class Visit:
    """What one first visit asked for."""

    page: str
    scripts: bool
    bytes: dict[str, int] = field(default_factory=dict)
    hosts: set[str] = field(default_factory=set)
    missing: list[str] = field(default_factory=list)

    @property
    def kb(self) -> float:
        return round(sum(self.bytes.values()) / 1000, 1)


def pages(registry: Registry) -> dict[str, str]:
    """The addresses to weigh."""
    public = "FROM places_place WHERE removed_at IS NULL"
    middle = registry.rows(f"SELECT slug {public} ORDER BY slug LIMIT 1 OFFSET (SELECT count(*) / 2 {public})")
    fullest = registry.rows(f"SELECT slug {public} {FULLEST} LIMIT 1")
    largest = registry.rows(
        "SELECT c.departement_id FROM places_place p JOIN territory_commune c ON c.code = p.commune_id "
        "WHERE p.removed_at IS NULL GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1"
    )
    return {
        "home": "/",
        "list": "/lieux/",
        "list of a département": f"/lieux/?territoire=dep-{largest[0][0]}",
        "place": f"/lieux/{middle[0][0]}/",
        "longest place": f"/lieux/{fullest[0][0]}/",
        "observatory": "/observatoire/",
    }


def visits(registry: Registry) -> Iterator[Visit]:
    """Visit every page with an empty cache, on a screen of 390 px; no request can leave this machine."""
    chromium = measure.browser()
    kept_in = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
    with served.serving(registry) as server, sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=[*CHROMIUM_FLAGS, kept_in])
        try:
            for name, path in pages(registry).items():
                for scripts in (True, False):
                    yield visit(browser, name, f"{server.url}{path}", scripts=scripts)
        finally:
            browser.close()


def visit(browser: Browser, name: str, address: str, *, scripts: bool) -> Visit:
    """Load one page in a context of its own, down to its end, so that late images are counted."""
    seen = Visit(name, scripts)
    context = browser.new_context(
        viewport={"width": WIDTH, "height": HEIGHT}, java_script_enabled=scripts, locale="fr-FR", device_scale_factor=2
    )
    page = context.new_page()
    network = context.new_cdp_session(page)
    asked: dict[str, str] = {}

    def sent(event: dict[str, Any]) -> None:
        parts = urlsplit(event["request"]["url"])
        if parts.scheme in ("http", "https"):
            asked[event["requestId"]] = event["request"]["url"]
            seen.hosts.add(parts.netloc)

    def received(event: dict[str, Any]) -> None:
        if event["response"]["status"] >= 400:
            seen.missing.append(event["response"]["url"])

    def loaded(event: dict[str, Any]) -> None:
        if event["requestId"] in asked:
            url = asked[event["requestId"]]
            seen.bytes[url] = seen.bytes.get(url, 0) + int(event["encodedDataLength"])

    network.on("Network.requestWillBeSent", sent)
    network.on("Network.responseReceived", received)
    network.on("Network.loadingFinished", loaded)
    network.on("Network.loadingFailed", lambda event: seen.missing.append(asked.get(event["requestId"], "?")))
    network.send("Network.enable")
    page.goto(address, wait_until="networkidle", timeout=30_000)
    page.keyboard.press("End")
    page.wait_for_timeout(QUIET_MS)
    context.close()
    if address not in seen.bytes:
        raise SystemExit(f"{address} did not load: {seen}")
    return seen


def row(seen: Visit) -> dict[str, Any]:
    """A line of the table, the heaviest files first."""
    files = sorted(seen.bytes.items(), key=lambda item: -item[1])
    named = [f"{urlsplit(url).path.rpartition('/')[2] or 'page'} {size / 1000:.1f}" for url, size in files]
    return {
        "page": seen.page,
        "JavaScript": "on" if seen.scripts else "off",
        "kB": seen.kb,
        "requests": len(seen.bytes),
        "hosts": len(seen.hosts),
        "files": ", ".join(named),
    }


def main() -> int:
    options = measure.parser(__doc__.splitlines()[0]).parse_args()
    registry = served.registry(options.data, fresh=options.fresh)
    seen = list(visits(registry))
    rows = [row(one) for one in seen]
    measure.show(f"First load at {WIDTH} px, {registry.about}", [r | {"files": r["files"][:100]} for r in rows])
    targets = [
        Target(f"{page}, kB", max(one.kb for one in seen if one.page == page), budget)
        for page, budget in BUDGETS_KB.items()
    ]
    targets.append(Target("hosts asked by any page", max(len(one.hosts) for one in seen), 1))
    missing = sorted({address for one in seen for address in one.missing})
    targets.append(Target("files asked for and not there", len(missing), 0))
    judged = measure.judge(targets)
    print("\n".join(f"  not there: {address}" for address in missing))
    measure.record("weight", {**registry.about, "pages": rows, "targets": judged}, note=options.note)
    return 0 if all(target["held"] for target in judged) else 1


if __name__ == "__main__":
    raise SystemExit(main())
