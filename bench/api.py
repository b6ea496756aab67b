"""The public API: lists of 50 places, kept and worked out anew, one place, and search as one types.

Two workers on SQLite, asked by wrk with 8 clients for a few seconds each; reads are not limited during the run. The
search is asked letter after letter by one client, as a person types.
"""

import json
import random
import sys
from typing import Any

from bench import measure, served
from bench.measure import BUILD, SEED, Target

SECONDS = 4
LEAST_PER_S = 300
GOAL_MS = 30.0
TYPED = ("Chamblay", "Saint-Nazaire", "Lons-le-Saunier", "atelier", "fabrique", "Val d’Amour", "Loire")


def questions(draw: random.Random) -> dict[str, list[str]]:
    """The addresses of each kind; those worked out anew are all different."""
    boxes = []
    for _ in range(20_000):
        west, south = draw.uniform(-4.5, 1), draw.uniform(42.5, 45)
        boxes.append(f"{west:.4f},{south:.4f},{west + 7:.4f},{south + 5:.4f}")
    return {
        "50 places, kept": ["/api/v1/places", "/api/v1/places?tri=recent"],
        "50 places, never asked before": [f"/api/v1/places?bbox={box}" for box in boxes],
        "50 nearest, never asked before": [
            f"/api/v1/places?minutes=60&pres={draw.uniform(43, 49):.5f},{draw.uniform(0, 6):.5f}" for _ in range(20_000)
        ],
    }


def typing(server: served.Server) -> list[float]:
    """Milliseconds of each answer while these words are typed, from the second letter on."""
    server.get("/api/v1/search?q=cha")
    times = []
    for word in TYPED:
        for end in range(2, len(word) + 1):
            quoted = "".join(f"%{byte:02X}" for byte in word[:end].encode())
            status, _, ms = server.get(f"/api/v1/search?q={quoted}")
            if status != 200:
                raise SystemExit(f"search answered {status}: nothing is measured.")
            times.append(ms)
    return times


def one_places(server: served.Server) -> list[str]:
    listed = json.loads(server.get("/api/v1/places?limit=100")[1])["places"]
    return [f"/api/v1/places/{place['slug']}" for place in listed]


def main() -> int:
    options = measure.parser((__doc__ or "").splitlines()[0]).parse_args()
    registry = served.registry(options.data, fresh=options.fresh)
    port = served.free_port()
    around = registry.around | {"MAILLAGE_WORKERS": "2", "MAILLAGE_API_RATE": "0"}
    command = [sys.executable, "-m", "maillage", "serve", "--port", str(port)]
    rows: list[dict[str, Any]] = []
    with served.start(command, around, port, BUILD / "serve-api.log", "/healthz") as server:
        typed = typing(server)
        asked = questions(random.Random(SEED)) | {"one place": one_places(server)}
        for what, paths in asked.items():
            for path in paths[:2]:
                server.get(path)
            rows.append({"what": what, **served.drive(server, paths, seconds=SECONDS)})
    measure.show(f"API, {registry.about.get('places')} places ({registry.about['ground']}), 2 workers", rows)
    p95 = round(measure.percentile(typed, 95), 1)
    print(f"\nsearch as one types, {len(typed)} answers: p50 {measure.median(typed):.1f} ms, p95 {p95} ms")
    targets = measure.judge(
        [
            Target("list of 50 places, kept, per second", rows[0]["per_s"], LEAST_PER_S, floor=True),
            Target("search as one types, p95 ms", p95, GOAL_MS),
        ]
    )
    measure.record(
        "api", {**registry.about, "answers": rows, "search_p95_ms": p95, "targets": targets}, note=options.note
    )
    return 0 if all(target["held"] for target in targets) else 1


if __name__ == "__main__":
    raise SystemExit(main())
