"""Lighthouse 12.8, mobile, on every type of page, signed in or not: the median of three runs of each.

Lighthouse comes from npm into `build/peers/`; its throttling is simulated, so a busy machine still moves the figures.
"""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

from bench import measure, served, signed_in, weight
from bench.measure import BUILD, CHROMIUM_FLAGS, PEERS, Target

GOALS = {"performance": 0.98, "accessibility": 1.0, "best-practices": 1.0}
AUDITS = {"fcp_ms": "first-contentful-paint", "lcp_ms": "largest-contentful-paint", "tbt_ms": "total-blocking-time"}

LOST_TRACE, TRIES = "NO_NAVSTART", 4
"""Chromium now and then gives Lighthouse a trace without a beginning: that run is no measure, and is done again."""


def once(address: str, chromium: str, cookie: str = "") -> dict[str, Any]:
    """One run: scores, times, layout shift, bytes, and the audits that failed."""
    report = BUILD / "lighthouse.json"
    command = [
        *(str(PEERS / "lighthouse/node_modules/.bin/lighthouse"), address, "--quiet"),
        *("--output=json", f"--output-path={report}", "--no-enable-error-reporting"),
        "--only-categories=performance,accessibility,best-practices,seo",
        f"--chrome-flags={' '.join(CHROMIUM_FLAGS)}",
        *([f"--extra-headers={json.dumps({'Cookie': cookie})}"] if cookie else []),
    ]
    around = os.environ | {"CHROME_PATH": chromium}
    for _ in range(TRIES):
        done = subprocess.run(command, env=around, capture_output=True, text=True, timeout=120)
        if LOST_TRACE not in done.stderr:
            break
    if done.returncode:
        raise SystemExit(f"lighthouse {address} failed:\n{done.stderr[-2000:]}")
    return read(report)


def read(report: Path) -> dict[str, Any]:
    said = json.loads(report.read_text())
    audits = said["audits"]
    failed = sorted(
        ref["id"]
        for category in said["categories"].values()
        for ref in category["auditRefs"]
        if ref["weight"] and (audits[ref["id"]]["score"] or 0) < 0.9 and audits[ref["id"]]["score"] is not None
    )
    return {
        **{name: category["score"] for name, category in said["categories"].items()},
        **{name: round(audits[audit]["numericValue"]) for name, audit in AUDITS.items()},
        "cls": round(audits["cumulative-layout-shift"]["numericValue"], 3),
        "kb": round(audits["total-byte-weight"]["numericValue"] / 1000, 1),
        "failed": failed,
    }


def middle(runs: list[dict[str, Any]]) -> dict[str, Any]:
    """The median of each figure, and every audit that failed in some run."""
    figures = {name: measure.median([run[name] for run in runs]) for name in runs[0] if name != "failed"}
    return figures | {"failed": sorted({audit for run in runs for audit in run["failed"]})}


def main() -> int:
    parser = measure.parser(__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=3, help="runs of each page (3)")
    options = parser.parse_args()
    chromium = measure.browser()
    measure.install("npm", PEERS / "lighthouse", "lighthouse@12.8.2")
    registry = served.registry(options.data, fresh=options.fresh)
    public = weight.pages(registry) | {"doc": "/doc/donnees/", "sign-in": "/connexion/"}
    slug = public["place"].strip("/").split("/")[-1]
    inside = signed_in.pages(slug)
    cookie = signed_in.cookie(registry, slug)
    figures = {}
    with served.serving(registry) as server:
        for page, path in {**public, **inside}.items():
            held = cookie if page in inside else ""
            once(f"{server.url}{path}", chromium, held)
            figures[page] = middle([once(f"{server.url}{path}", chromium, held) for _ in range(options.runs)])
    rows = [{"page": page} | told | {"failed": ", ".join(told["failed"])} for page, told in figures.items()]
    measure.show(f"Lighthouse mobile, median of {options.runs}, {registry.about}", rows)
    judged = measure.judge(
        [
            Target(f"{page}, {name}", told[name], goal, floor=True)
            for page, told in figures.items()
            for name, goal in GOALS.items()
        ]
    )
    measure.record("lighthouse", {**registry.about, "pages": figures, "targets": judged}, note=options.note)
    return 0 if all(target["held"] for target in judged) else 1


if __name__ == "__main__":
    raise SystemExit(main())
