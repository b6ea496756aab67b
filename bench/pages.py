"""Pages under load: place, list, home and suggestions over a whole registry, 2 workers, SQLite, 8 clients.

Every address is first asked once by a single client of a server that has just started (`cold`), and its answer is
checked against the database: status, name of the place, places of the list. Then wrk asks the addresses in turn; last,
all other places of the registry, so that nearly no answer can have been kept (`place, new`). `--peers full` measures
an event page of pretix in the same run, with the same driver, for as long; `--peers quick` for five seconds.
"""

import html
import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from bench import measure, served
from bench.measure import SEED, Target
from bench.served import Registry, Server

PLACES, LISTS, SUGGESTIONS = 400, 240, 200
WARM_UP_S = QUICK_S = 5.0
INTENTS = {
    "travailler": {"coworking", "poste", "bureau-ferme", "domiciliation"},
    "fabriquer": {"fablab", "ateliers", "recyclerie", "machines", "outils"},
    "apprendre": {"mediation-numerique", "culture", "formation", "aide-numerique", "france-services"},
}
"""What three intents mean, said again here: the lists are checked against it, not against the code that makes them."""

Check = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Page:
    """An address, and how its answer is known to be right."""

    path: str
    is_right: Check


def place_pages(registry: Registry) -> list[Page]:
    """Places drawn from the whole registry; each page must say the place's name."""
    rows = registry.rows("SELECT slug, name FROM places_place WHERE removed_at IS NULL ORDER BY slug")
    drawn = random.Random(SEED).sample(rows, min(PLACES, len(rows)))
    return [Page(f"/lieux/{slug}/", _says(name)) for slug, name in drawn]


def _says(text: str) -> Check:
    return lambda body: " ".join(text.split()) in " ".join(html.unescape(body).split())


def list_pages(registry: Registry) -> list[Page]:
    """Lists by département, intent and page, and four of the whole country."""
    asked = dict(_lists(registry))
    drawn = random.Random(SEED).sample(sorted(asked), min(LISTS - 4, len(asked)))
    anywhere = {slug for (slug,) in registry.rows("SELECT slug FROM places_place WHERE removed_at IS NULL")}
    national = ["/lieux/", "/lieux/?page=2", "/lieux/?intention=travailler", "/lieux/?tri=recent"]
    return [Page(path, asked[path]) for path in drawn] + [Page(path, _shows(anywhere, 20)) for path in national]


def _lists(registry: Registry) -> list[tuple[str, Check]]:
    rows = registry.rows(
        "SELECT c.departement_id, p.slug, group_concat(f.code) FROM places_place p "
        "JOIN territory_commune c ON c.code = p.commune_id LEFT JOIN places_feature f ON f.place_id = p.id "
        "AND f.kind IN ('activities', 'services') WHERE p.removed_at IS NULL AND p.status != 'closed' GROUP BY p.id"
    )
    lists = []
    for departement in sorted({row[0] for row in rows}):
        there = [(slug, set((words or "").split(","))) for code, slug, words in rows if code == departement]
        for intent in ("", *INTENTS):
            slugs = {slug for slug, words in there if not intent or INTENTS[intent] & words}
            for page in range(1, min(3, -(-len(slugs) // 20)) + 1):
                asked = {"intention": intent, "territoire": f"dep-{departement}", "page": page if page > 1 else ""}
                path = "/lieux/?" + urlencode({name: value for name, value in asked.items() if value})
                lists.append((path, _shows(slugs, min(20, len(slugs) - 20 * (page - 1)))))
    return lists


def _shows(slugs: set[str], least: int) -> Check:
    """A list that links to places among `slugs` only, and to no fewer than `least` of them."""

    def is_right(body: str) -> bool:
        linked = set(re.findall(r'href="/lieux/([^/"?.]+)/"', body))
        return len(linked) >= least and linked <= slugs

    return is_right


def other_pages(registry: Registry) -> dict[str, list[Page]]:
    """Home, which says how many places there are, and what is shown under the search field while one types."""
    visible = registry.rows("SELECT count(*) FROM places_place WHERE removed_at IS NULL AND status != 'closed'")[0][0]
    names = [name for (name,) in registry.rows("SELECT name FROM territory_commune ORDER BY code")]
    drawn = random.Random(SEED).sample(names, SUGGESTIONS)
    return {
        "home": [Page("/", lambda body: str(visible) in re.sub(r"\s", "", html.unescape(body)))],
        "suggestions": [Page(f"/chercher/suggestions/?q={quote(name[:5])}", _leads_somewhere) for name in drawn],
    }


def _leads_somewhere(body: str) -> bool:
    return "/lieux/?pres=" in body or "/lieux/?territoire=" in body


def cold(server: Server, pages: list[Page]) -> dict[str, Any]:
    """Ask each page once, check its answer, and time it; the first ones also fill what a process keeps."""
    times, wrong = [], []
    for page in pages:
        status, body, elapsed_ms = server.get(page.path)
        times.append(elapsed_ms)
        if status != 200 or not page.is_right(body):
            wrong.append(f"{status} {page.path}")
    if wrong:
        listed = "\n".join(wrong[:8])
        raise SystemExit(f"{len(wrong)} of {len(pages)} answers are wrong, so nothing is timed:\n{listed}")
    return {
        "first_ms": round(times[0], 1),
        "p50_ms": round(measure.median(times), 1),
        "p99_ms": round(measure.percentile(times, 99), 1),
    }


def measured(registry: Registry, groups: dict[str, list[Page]], *, seconds: float) -> dict[str, dict[str, Any]]:
    """Cold, then warm figures of each group, all from one server."""
    with served.serving(registry, workers=2) as server:
        colds = {name: cold(server, pages) for name, pages in groups.items()}
        figures = {}
        for name, pages in groups.items():
            paths = [page.path for page in pages]
            served.drive(server, paths, seconds=min(WARM_UP_S, seconds))
            figures[name] = served.drive(server, paths, seconds=seconds) | {"cold": colds[name]}
        figures["place, new"] = served.drive(server, new_places(registry, groups["place"]), seconds=seconds)
    return figures


def new_places(registry: Registry, asked: list[Page]) -> list[str]:
    """The pages of all other places, in no order."""
    rows = registry.rows("SELECT slug FROM places_place WHERE removed_at IS NULL ORDER BY slug")
    left = sorted({f"/lieux/{slug}/" for (slug,) in rows} - {page.path for page in asked})
    random.Random(SEED).shuffle(left)
    return left or [page.path for page in asked]


def rows(figures: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {"page": name}
        | {key.replace("_", " "): value for key, value in measured.items() if key != "cold"}
        | {f"cold {key.replace('_', ' ')}": value for key, value in measured.get("cold", {}).items()}
        for name, measured in figures.items()
    ]


def main() -> int:
    parser = measure.parser(__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=12.0, help="how long each group of pages is asked (12)")
    options = parser.parse_args()
    registry = served.registry(options.data, fresh=options.fresh)
    groups = {"place": place_pages(registry), "list": list_pages(registry), **other_pages(registry)}
    figures = measured(registry, groups, seconds=options.seconds)
    if options.peers != "none":
        from bench import pretix

        seconds = options.seconds if options.peers == "full" else min(QUICK_S, options.seconds)
        with pretix.serving() as (server, path, watched):
            served.drive(server, [path], seconds=min(WARM_UP_S, seconds))
            figures["pretix event"] = served.drive(server, [path], seconds=seconds, watched=watched)
    measure.show(f"{registry.about}, 2 workers, SQLite, {served.CLIENTS} clients", rows(figures))
    targets = []
    for name in ("place", "place, new", "list"):
        targets.append(Target(f"{name}: p99 ms", figures[name]["p99_ms"], 60))
        targets.append(Target(f"{name}: requests/s", figures[name]["per_s"], 250, floor=True))
    targets.append(Target("memory of 2 workers, MB", figures["place"]["pss_mb"], 250))
    if "pretix event" in figures:
        for name in ("place", "place, new"):
            ratio = round(figures[name]["per_s"] / figures["pretix event"]["per_s"], 1)
            targets.append(Target(f"{name}: times the requests/s of pretix", ratio, 5, floor=True))
            share = round(figures[name]["cpu_ms"] / figures["pretix event"]["cpu_ms"], 3)
            targets.append(Target(f"{name}: share of the CPU of pretix per request", share, 0.2))
    judged = measure.judge(targets)
    measure.record("pages", {**registry.about, "pages": figures, "targets": judged}, note=options.note)
    return 0 if all(target["held"] for target in judged) else 1


if __name__ == "__main__":
    raise SystemExit(main())
