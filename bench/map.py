"""The live map: on a slow phone, under load, with as many places as the network has, and with 100,000 points.

The phone is Chromium at 390 px with its CPU slowed 4 times and a link of 9 Mbit/s with 100 ms of delay. Figures are
of first visits to `/lieux/?carte=1`, the median of several: when the first points are on the screen, bytes, time the
page was blocked. A pan is timed from the moment the map stands still to the moment its points are on the screen; it
counts only when it led to tiles that the phone did not have.
"""

import gzip
import json
import random
import sqlite3
import time
from collections.abc import Sequence
from contextlib import closing
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from bench import measure, served
from bench.measure import BUILD, CHROMIUM_FLAGS, SEED, Target
from bench.served import Registry, Server

LIVE = "/lieux/?carte=1"
NEAR = f"{LIVE}&bbox=3.6,45.3,4.6,46.3"
NETWORK, MANY = 4_300, 100_000
VISITS = 5
OBSERVED = """() => {
    window.seen = { cls: 0, lcp: 0, blocked: 0 };
    const watch = (type, note) => new PerformanceObserver((list) => list.getEntries().forEach(note))
        .observe({ type, buffered: true });
    watch("layout-shift", (entry) => { if (!entry.hadRecentInput) seen.cls += entry.value; });
    watch("largest-contentful-paint", (entry) => { seen.lcp = entry.startTime; });
    watch("longtask", (entry) => { seen.blocked += Math.max(0, entry.duration - 50); });
}"""


def of_size(registry: Registry, size: int) -> Registry:
    """The same registry with `size` places, in a home beside: some taken out, or more added around its own."""
    home = BUILD / f"{registry.home.name}-{size}"
    file = home / "maillage.sqlite3"
    home.mkdir(parents=True, exist_ok=True)
    if not file.exists():
        with (
            closing(sqlite3.connect(registry.home / "maillage.sqlite3")) as source,
            closing(sqlite3.connect(file)) as made,
        ):
            source.backup(made)
            _thin(made, size)
            _multiply(made, size)
            made.execute(
                "INSERT INTO journal_auditevent (at, by, action, subject, detail) "
                "VALUES (datetime('now'), 'bench', 'places.bench', '', '{}')"
            )
            made.commit()
        for name in ("secret", "static"):
            (home / name).unlink(missing_ok=True)
            (home / name).symlink_to(registry.home / name)
    made_up = Registry(home, registry.about | {"places": size})
    made_up.run("migrate")
    return made_up


def _thin(database: sqlite3.Connection, size: int) -> None:
    slugs = [
        slug for (slug,) in database.execute("SELECT slug FROM places_place WHERE removed_at IS NULL ORDER BY slug")
    ]
    random.Random(SEED).shuffle(slugs)
    database.executemany(
        "UPDATE places_place SET removed_at = datetime('now'), removed_reason = 'bench' WHERE slug = ?",
        [(slug,) for slug in slugs[size:]],
    )


def _multiply(database: sqlite3.Connection, size: int) -> None:
    draw = random.Random(SEED)
    database.row_factory = sqlite3.Row
    rows = [dict(row) for row in database.execute("SELECT * FROM places_place WHERE lat IS NOT NULL ORDER BY slug")]
    standing = database.execute("SELECT count(*) FROM places_place WHERE removed_at IS NULL").fetchone()[0]
    columns = list(rows[0])
    made = []
    for number in range(size - standing):
        row = rows[number % len(rows)] | {"id": f"{draw.getrandbits(128):032x}", "slug": f"essai-{number}"}
        row["lat"], row["lon"] = row["lat"] + draw.gauss(0, 0.05), row["lon"] + draw.gauss(0, 0.05)
        made.append([row[column] for column in columns])
    marks = ", ".join("?" * len(columns))
    database.executemany(f"INSERT INTO places_place ({', '.join(columns)}) VALUES ({marks})", made)


def on_a_phone(browser: Browser, server: Server, *, pans: int) -> dict[str, Any]:
    """The median of several first visits, then pans to ground that the last visitor has not seen."""
    server.get(LIVE)
    visits = [_visit(browser, server) for _ in range(VISITS)]
    told = {name: measure.median([visit[name] for visit in visits]) for name in visits[0]}
    context, page, _ = _phone(browser)
    page.goto(f"{server.url}{NEAR}", wait_until="commit")
    page.wait_for_selector("[data-shown]", state="attached", timeout=60_000)
    page.wait_for_timeout(1500)
    told |= {"pan_ms": round(measure.median([pan(page) for _ in range(pans)])), "pans": pans}
    context.close()
    return told


def _phone(browser: Browser) -> tuple[BrowserContext, Page, list[int]]:
    """A slow phone that knows nothing of the site; the list is that of the bytes it receives."""
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, locale="fr-FR", device_scale_factor=2, has_touch=True, is_mobile=True
    )
    page = context.new_page()
    page.add_init_script(f"({OBSERVED})()")
    devtools = context.new_cdp_session(page)
    sizes: list[int] = []
    devtools.on("Network.loadingFinished", lambda event: sizes.append(int(event["encodedDataLength"])))
    devtools.send("Network.enable")
    link = {"offline": False, "latency": 100, "downloadThroughput": 9e6 / 8, "uploadThroughput": 9e6 / 8}
    devtools.send("Network.emulateNetworkConditions", link)
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    return context, page, sizes


def _visit(browser: Browser, server: Server) -> dict[str, Any]:
    context, page, sizes = _phone(browser)
    page.goto(f"{server.url}{LIVE}", wait_until="commit")
    page.wait_for_selector("[data-shown]", state="attached", timeout=60_000)
    page.wait_for_timeout(1500)
    figures = page.evaluate(
        "() => ({ ...seen, shown_ms: performance.getEntriesByName('map-shown')[0].startTime, "
        "points: +document.querySelector('[data-shown]').dataset.shown })"
    )
    context.close()
    return {
        "points": figures["points"],
        "shown_ms": round(figures["shown_ms"]),
        "lcp_ms": round(figures["lcp"]),
        "blocked_ms": round(figures["blocked"]),
        "cls": round(figures["cls"], 3),
        "kB": round(sum(sizes) / 1000, 1),
    }


def pan(page: Page) -> float:
    """Move by some 240 pixels with the keyboard until fresh tiles are asked; milliseconds until their points show."""
    told = page.evaluate(
        """async () => {
            const sheet = document.querySelector(".live__sheet");
            sheet.focus({ preventScroll: true });
            const key = { key: "ArrowRight", code: "ArrowRight", keyCode: 39, shiftKey: true, bubbles: true };
            const files = () => performance.getEntriesByType("resource");
            const tiles = () => files().filter(({ name }) => name.includes("/carte/lieux/"));
            for (let moves = 0; moves < 9; moves++) {
                const before = tiles().length;
                performance.clearMarks();
                sheet.dispatchEvent(new KeyboardEvent("keydown", key));
                while (!performance.getEntriesByName("map-shown").length) await new Promise(requestAnimationFrame);
                await new Promise((done) => setTimeout(done, 900));
                const at = (name) => performance.getEntriesByName(name)[0].startTime;
                if (tiles().length > before) return at("map-shown") - at("map-asked");
            }
            return null;
        }"""
    )
    if told is None:
        raise SystemExit("nine moves of the map asked for no tile: nothing is measured.")
    return float(told)


def tiles(server: Server, zooms: tuple[int, ...] = (5, 7, 9, 11)) -> dict[str, list[str]]:
    """Addresses of tiles with places, by zoom, found by going down from the whole of France."""
    found: dict[str, list[str]] = {}
    level = {(4, 7, 5), (4, 8, 5)}
    for zoom in range(5, max(zooms) + 1):
        level = {(zoom, 2 * x + i, 2 * y + j) for _, x, y in level for i in (0, 1) for j in (0, 1)}
        level = {tile for tile in sorted(level)[:400] if _count(server, tile)}
        if zoom in zooms:
            found[f"zoom {zoom}"] = ["/carte/lieux/{}/{}/{}.json".format(*tile) for tile in sorted(level)[:60]]
    return found


def _count(server: Server, tile: tuple[int, int, int]) -> int:
    status, body, _ = server.get("/carte/lieux/{}/{}/{}.json".format(*tile))
    answer = json.loads(gzip.decompress(body.encode("latin-1")) if body[:2] == "\x1f\x8b" else body)
    return sum(node[2] for node in answer["groups"] + answer["spots"]) if status == 200 else 0


def cold_cpu_ms(registry: Registry) -> float:
    """CPU of one tile that was never asked for, its neighbours gathered: the median of many, in one process."""
    with served.serving(registry, workers=1) as server:
        addresses = [path for paths in tiles(server, (8,)).values() for path in paths]
    with served.serving(registry, workers=1) as server:
        server.get(addresses[0])
        time.sleep(0.2)
        pids = measure.tree(server.pid)
        before = measure.cpu_ms(pids)
        for path in addresses[1:]:
            server.get(path)
        return round((measure.cpu_ms(pids) - before) / max(1, len(addresses) - 1), 2)


def on_phones(registry: Registry, parts: Sequence[str]) -> tuple[dict[str, Any], list[Target]]:
    """What a phone shows of this registry, of one as large as the network, and of one much larger."""
    figures: dict[str, Any] = {}
    targets: list[Target] = []
    sizes = {"phone": registry.about["places"], "network": NETWORK, "many": MANY}
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=measure.browser(), args=list(CHROMIUM_FLAGS))
        try:
            for part in [part for part in sizes if part in parts]:
                size = sizes[part]
                with served.serving(registry if part == "phone" else of_size(registry, size)) as server:
                    told = figures[part] = on_a_phone(browser, server, pans=7)
                of = f"{size:,} places"
                targets += [
                    Target(f"{of}: points shown, ms", told["shown_ms"], 1_500),
                    Target(f"{of}: kB", told["kB"], 170),
                    Target(f"{of}: blocked, ms", told["blocked_ms"], 200),
                    Target(f"{of}: layout shift", told["cls"], 0.05),
                    Target(f"{of}: LCP, ms", told["lcp_ms"], 1_500),
                    Target(f"{of}: pan to fresh tiles, ms", told["pan_ms"], 200),
                ]
        finally:
            browser.close()
    return figures, targets


def under_load(registry: Registry, *, seconds: float) -> tuple[dict[str, Any], list[Target]]:
    """Kept tiles asked again and again, and tiles that nobody has asked yet."""
    with served.serving(registry, workers=2) as server:
        paths = [path for asked in tiles(server, (5, 7)).values() for path in asked]
        kept = served.drive(server, paths, seconds=seconds)
    cold = cold_cpu_ms(registry)
    targets = [
        Target("tiles: requests/s", kept["per_s"], 3_000, floor=True),
        Target("a tile never asked for: CPU ms", cold, 3.0),
    ]
    return {"load": kept, "cold_cpu_ms": cold}, targets


def main() -> int:
    options = measure.parser(__doc__.splitlines()[0])
    options.add_argument("--seconds", type=float, default=8.0, help="how long tiles are asked (8)")
    parts = ["load", "phone", "network", "many"]
    options.add_argument("--only", choices=parts, action="append", help="one part only")
    given = options.parse_args()
    parts = given.only or parts
    registry = served.registry(given.data, fresh=given.fresh)
    figures, targets = under_load(registry, seconds=given.seconds) if "load" in parts else ({}, [])
    if set(parts) - {"load"}:
        more, judged_too = on_phones(registry, parts)
        figures, targets = figures | more, targets + judged_too
    for name, told in figures.items():
        if isinstance(told, dict):
            measure.show(name, [told])
    judged = measure.judge(targets)
    measure.record("map", {**registry.about, **figures, "targets": judged}, note=given.note)
    return 0 if all(target["held"] for target in judged) else 1


if __name__ == "__main__":
    raise SystemExit(main())
