"""Many made-up records, of which some are others told again by another source: time and memory at national scale."""

import csv
import gzip
import random
import resource
import time
from pathlib import Path
from typing import Any

from bench.measure import SEED
from maillage.network.exchange.rules.matching import Sheet, matches, ready
from maillage.network.exchange.rules.matching.score import Band

AGAIN = 0.25
BEGINNINGS = ("Le", "La", "L’", "Espace", "Tiers-lieu", "Coworking", "Fablab", "Maison", "Atelier", "Café", "Grange",
              "France services", "Médiathèque", "Centre social")  # fmt: skip
SYLLABLES = ("ba", "ro", "li", "mon", "tel", "vi", "gre", "sou", "cha", "pel", "nor", "dan", "fou", "clo", "ri", "ver",
             "mar", "ques", "tin", "lau", "bre", "zi", "no", "car")  # fmt: skip
WAYS = (("rue", "r."), ("avenue", "av."), ("boulevard", "bd"), ("place", "pl"), ("chemin", "che"))


def communes(folder: Path) -> tuple[list[tuple[str, str, float, float, float]], list[float]]:
    """Code, name, centre and radius in degrees of each commune; and its weight, by population."""
    rows, weights = [], []
    with gzip.open(folder / "communes.csv.gz", "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            radius = (float(row["superficie_km2"] or 10) / 3.14) ** 0.5 / 111
            rows.append((row["code"], row["nom"], float(row["lat"]), float(row["lon"]), radius))
            weights.append(float(row["pop"] or 0) + 200)
    return rows, weights


def made(count: int, folder: Path) -> tuple[list[Sheet], dict[int, int]]:
    """Records, and for each one that tells another again, the number of that other."""
    chance = random.Random(SEED)
    towns, weights = communes(folder)
    where = chance.choices(towns, weights, k=count)
    sheets: list[Sheet] = []
    again: dict[int, int] = {}
    for number in range(count):
        if number > 100 and chance.random() < AGAIN:
            of = chance.randrange(number)
            sheets.append(_retold(sheets[of], number, chance))
            again[number] = of
        else:
            sheets.append(_new(number, where[number], chance))
    return sheets, again


def _word(chance: random.Random) -> str:
    return "".join(chance.choices(SYLLABLES, k=chance.randint(2, 3))).capitalize()


def _new(number: int, town: tuple[str, str, float, float, float], chance: random.Random) -> Sheet:
    code, name, lat, lon, radius = town
    beginning = chance.choice(BEGINNINGS)
    return Sheet(
        key=number,
        name=f"{beginning} {_word(chance)} {_word(chance)}",
        commune=code,
        town=name,
        street=f"{chance.randint(1, 150)} {chance.choice(WAYS)[0]} {_word(chance)}",
        lat=lat + chance.gauss(0, radius / 3),
        lon=lon + chance.gauss(0, radius / 2),
        precision="address",
        website=f"https://{_word(chance).lower()}{number}.fr" if chance.random() < 0.3 else "",
        phone=f"03{chance.randrange(10**8):08d}" if chance.random() < 0.3 else "",
        source=f"source {chance.randrange(20)}",
    )


def _retold(sheet: Sheet, number: int, chance: random.Random) -> Sheet:
    name, street = sheet.name, sheet.street
    if chance.random() < 0.5:
        name = name.upper()
    if chance.random() < 0.3:
        at = chance.randrange(1, len(name))
        name = name[:at] + name[at + 1 :]
    for long, short in WAYS:
        street = street.replace(f" {long} ", f" {short} ")
    return Sheet(
        key=number,
        name=name,
        commune=sheet.commune,
        town=sheet.town,
        street=street if chance.random() < 0.8 else "",
        lat=(sheet.lat or 0) + chance.gauss(0, 0.0003),
        lon=(sheet.lon or 0) + chance.gauss(0, 0.0004),
        precision="address" if chance.random() < 0.9 else "commune",
        website=sheet.website if chance.random() < 0.7 else "",
        phone=sheet.phone if chance.random() < 0.7 else "",
        source=f"source {20 + chance.randrange(20)}",
    )


def run(count: int, folder: Path) -> dict[str, Any]:
    """Make the records, match them all, and say how long it took, how much memory, and how many retold were found."""
    sheets, again = made(count, folder)
    before_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    started, worked = time.perf_counter(), time.process_time()
    taken_apart = [ready(sheet) for sheet in sheets]
    apart_s = time.perf_counter() - started
    linked: set[tuple[int, int]] = set()
    asked = 0
    for match in matches(taken_apart):
        if match.verdict.band is Band.LINK:
            linked.add((int(str(match.one)), int(str(match.other))))
        else:
            asked += 1
    pairs = {(of, number) for number, of in again.items()}
    first = list(range(count))
    for number, of in again.items():  # In order: the one told again comes before.
        first[number] = first[of]
    wrong = sum(first[one] != first[other] for one, other in linked)
    return {
        "records": count,
        "told again": len(again),
        "seconds": round(time.perf_counter() - started, 1),
        "of which taking apart": round(apart_s, 1),
        "CPU seconds": round(time.process_time() - worked, 1),
        "links": len(linked),
        "of which wrong %": round(100 * wrong / max(1, len(linked)), 2),
        "to ask": asked,
        "retold linked %": round(100 * len(pairs & linked) / max(1, len(pairs)), 1),
        "memory before MB": round(before_mb),
        "memory peak MB": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }
