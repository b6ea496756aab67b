"""Matching: how often a link is right, how many are found, beside the rules that others publish.

    MAILLAGE_DATA=<folder> python -m bench.matching --peers full
    MAILLAGE_DATA=<folder> python -m bench.matching --synthetic 150000

567 pairs of real records, drawn by strata (`bench.matching_pairs`) and labelled by reading them: same, different, or
uncertain where what is said does not settle it, as between a town hall and its CCAS at one address. Half of them, by a
hash of their keys, were looked at while the points were set; figures are of the other half. Each pair stands for so
many of its stratum: figures are for all pairs of the file that share a commune or lie within 300 m; those of the
labelled pairs as they stand, among which hard ones are many, are beside.
"""

import csv
import hashlib
import os
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import matching_peers, matching_synthetic, measure
from bench.matching_pairs import LABELS, Row, pairs, read
from bench.measure import SEED, Target
from maillage.network.exchange.formats.merged import PRECISIONS
from maillage.network.exchange.rules.matching import Band, Ready, compare, ready
from maillage.network.exchange.rules.matching.sheets import sheet_of

PRECISION, RECALL = 0.97, 0.90
SYNTHETIC_S = 600.0
RESAMPLED = 1_000


@dataclass(frozen=True, slots=True)
class Labelled:
    """A pair that somebody read; `stands_for` pairs of its stratum."""

    one: Row
    other: Row
    label: str
    stands_for: float
    test: bool


def labelled(rows: Sequence[Row]) -> list[Labelled]:
    """The labels, with the records they speak of."""
    by_key = {row.key: row for row in rows}
    found = []
    with LABELS.open(encoding="utf-8", newline="") as file:
        for line in csv.DictReader(file):
            one, other = (line["source"], line["ref"]), (line["other_source"], line["other_ref"])
            drawn = hashlib.sha256("|".join([*one, *other]).encode()).hexdigest()
            test = int(drawn[-1], 16) % 2 == 0
            found.append(Labelled(by_key[one], by_key[other], line["label"], float(line["stands_for"]), test))
    return found


def sheet(row: Row) -> Ready:
    """A record as the import sees it."""
    cells = row.cells
    values = {
        "name": cells["nom"],
        "commune": cells["insee"],
        "city": cells["commune"],
        "street": cells["adresse"],
        "lat": row.lat,
        "lon": row.lon,
        "precision": PRECISIONS.get(cells["precision"], "unknown"),
        "website": cells["web"],
    }
    return ready(sheet_of(values, key=row.key, source=cells["source"]))


def ours(one: Row, other: Row) -> bool:
    return compare(sheet(one), sheet(other)).band is Band.LINK


def ours_or_asked(one: Row, other: Row) -> bool:
    return compare(sheet(one), sheet(other)).band is not Band.IGNORE


def score(judged: Sequence[tuple[str, bool, float]]) -> tuple[float, float]:
    """Precision and recall of (label, linked, weight); uncertain pairs count in neither.

    >>> score([("same", True, 1.0), ("same", False, 3.0), ("different", True, 1.0), ("uncertain", True, 9.0)])
    (0.5, 0.25)
    """
    right = sum(weight for label, linked, weight in judged if linked and label == "same")
    wrong = sum(weight for label, linked, weight in judged if linked and label == "different")
    there = sum(weight for label, _, weight in judged if label == "same")
    return (right / (right + wrong) if right + wrong else 0.0), (right / there if there else 0.0)


def interval(judged: Sequence[tuple[str, bool, float]]) -> tuple[tuple[float, float], tuple[float, float]]:
    """95 % intervals of precision and recall: pairs drawn again with replacement, a thousand times."""
    chance = random.Random(SEED)
    drawn = [score(chance.choices(judged, k=len(judged))) for _ in range(RESAMPLED)]
    return tuple(
        (measure.percentile(values, 2.5), measure.percentile(values, 97.5)) for values in zip(*drawn, strict=True)
    )  # type: ignore[return-value]


def wilson(successes: int, tries: int) -> tuple[float, float]:
    """The 95 % interval of a share of counts (Wilson): what none wrong among so many still allows.

    >>> [round(edge, 3) for edge in wilson(100, 100)]
    [0.963, 1.0]
    """
    if not tries:
        return 0.0, 1.0
    z, share = 1.96, successes / tries
    middle, spread = share + z * z / (2 * tries), z * (share * (1 - share) / tries + z * z / (4 * tries**2)) ** 0.5
    return (middle - spread) / (1 + z * z / tries), min(1.0, (middle + spread) / (1 + z * z / tries))


def row_of(name: str, rule: Callable[[Row, Row], bool], found: Sequence[Labelled]) -> dict[str, Any]:
    """A line of the table."""
    judged = [(pair.label, rule(pair.one, pair.other), pair.stands_for) for pair in found]
    plain = [(label, linked, 1.0) for label, linked, _ in judged]
    (precision, recall), (precise, recalled) = score(judged), interval(judged)
    right = sum(linked and label == "same" for label, linked, _ in judged)
    wrong = sum(linked and label == "different" for label, linked, _ in judged)
    low, high = wilson(right, right + wrong)
    unsure = [linked for label, linked, _ in judged if label == "uncertain"]
    return {
        "rule": name,
        "precision": round(precision, 3),
        "95 %": f"{precise[0]:.2f}–{precise[1]:.2f}",
        "recall": round(recall, 3),
        "95 % ": f"{recalled[0]:.2f}–{recalled[1]:.2f}",
        "as labelled: precision": round(score(plain)[0], 3),
        "95 %  ": f"{low:.2f}–{high:.2f}",
        "recall ": round(score(plain)[1], 3),
        "right": right,
        "wrong": wrong,
        "uncertain linked %": round(100 * sum(unsure) / max(1, len(unsure)), 1),
    }


def links_of_all(rows: Sequence[Row], rules: dict[str, Callable[[Row, Row], bool]]) -> list[dict[str, Any]]:
    """How many pairs of the whole file each rule would link."""
    counts = dict.fromkeys(rules, 0)
    for one, other, _ in pairs(list(rows)):
        for name, rule in rules.items():
            counts[name] += rule(rows[one], rows[other])
    return [{"rule": name, "pairs linked in the whole file": count} for name, count in counts.items()]


def quality(folder: Path, peers: str) -> tuple[dict[str, Any], list[Target]]:
    rows = read(folder)
    every = labelled(rows)
    found = [pair for pair in every if pair.test]
    rules: dict[str, Callable[[Row, Row], bool]] = {
        "Maillage, linked": ours,
        "Maillage, linked or asked": ours_or_asked,
    }
    if peers != "none":
        rules |= matching_peers.RULES
    table = [row_of(name, rule, found) for name, rule in rules.items()]
    labels = {label: sum(pair.label == label for pair in found) for label in ("same", "different", "uncertain")}
    measure.show(f"Test half: {len(found)} of {len(every)} labelled pairs, {labels}", table)
    known = row_of("Maillage, linked", ours, [pair for pair in every if not pair.test])
    measure.show("The half that was looked at while points were set", [known])
    figures: dict[str, Any] = {"pairs": len(every), "test": labels, "rules": table, "other half": known}
    if peers == "full":
        figures["whole file"] = links_of_all(rows, matching_peers.RULES)
        measure.show(f"{len(rows)} records", figures["whole file"])
    return figures, [
        Target("precision of links, test half", table[0]["precision"], PRECISION, floor=True),
        Target("recall of links, test half", table[0]["recall"], RECALL, floor=True),
    ]


def main() -> int:
    options = measure.parser(__doc__.splitlines()[0], peers="quick")
    options.add_argument("--synthetic", type=int, metavar="N", help="instead: N made-up records, time and memory")
    asked = options.parse_args()
    folder = asked.data or Path(os.environ["MAILLAGE_DATA"])
    if asked.synthetic:
        figures = matching_synthetic.run(asked.synthetic, folder)
        measure.show("Made-up records", [figures])
        targets = [Target(f"{asked.synthetic} records matched, s", figures["seconds"], SYNTHETIC_S)]
    else:
        figures, targets = quality(folder, asked.peers)
    figures["targets"] = measure.judge(targets)
    measure.record("matching", figures, note=asked.note)
    return 0 if all(target["held"] for target in figures["targets"]) else 1


if __name__ == "__main__":
    raise SystemExit(main())
