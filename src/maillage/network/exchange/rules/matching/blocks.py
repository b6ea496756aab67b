"""Which sheets are worth comparing: those of one commune that share something, and those within 300 m."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz, process
from scipy.spatial import cKDTree

from maillage.analysis.distance import EARTH_RADIUS_M
from maillage.network.exchange.rules.matching.sheets import Ready

NEAR_M = 300.0
LIKE_ENOUGH = 65
"""Names of one commune less alike than this (token-set ratio, 0 to 100) never reach a person by the name alone."""
ROWS = 256
LARGEST_COMMUNE = 2_000
"""In larger communes only sheets that share the beginning of a word are compared by name."""
LARGEST_SHARED = 40
"""More sheets of one commune under one contact are those of a network: the contact tells them apart no more."""
LARGEST_PILE = 60
"""More sheets than this on the very same point were put there by a geocoder that knew no better."""

Pairs = NDArray[np.int64]
"""Shape (n, 2): numbers of sheets, the smaller first."""


def neighbours(sheets: Sequence[Ready]) -> Iterator[Pairs]:
    """Pairs worth comparing, in batches; a pair may come twice.

    >>> from maillage.network.exchange.rules.matching.sheets import Sheet, ready
    >>> sheets = [ready(Sheet(n, "Étoile", "39198")) for n in range(3)]
    >>> sorted(map(tuple, np.unique(np.concatenate(list(neighbours(sheets))), axis=0).tolist()))
    [(0, 1), (0, 2), (1, 2)]
    """
    communes: defaultdict[str, list[int]] = defaultdict(list)
    shared: defaultdict[tuple[str, ...], list[int]] = defaultdict(list)
    for number, sheet in enumerate(sheets):
        if sheet.commune:
            communes[sheet.commune].append(number)
            for key in _keys(sheet):
                shared[sheet.commune, *key].append(number)
    for members in communes.values():
        for block in _cut(members, sheets):
            yield from _alike(block, [sheets[number].name.key for number in block])
    yield _all_pairs(members for members in shared.values() if len(members) > 1)
    yield near(sheets)


def _keys(sheet: Ready) -> Iterator[tuple[str, str]]:
    for what in ("site", "email", "phone", "siret"):
        if said := getattr(sheet, what):
            yield what, said
    if sheet.address.number:
        yield "address", f"{sheet.address.number} {sheet.address.street}"


def _cut(members: list[int], sheets: Sequence[Ready]) -> Iterator[list[int]]:
    if len(members) <= LARGEST_COMMUNE:
        if len(members) > 1:
            yield members
        return
    begun: defaultdict[str, list[int]] = defaultdict(list)
    for number in members:
        for beginning in {word[:4] for word in sheets[number].name.key.split()}:
            begun[beginning].append(number)
    yield from (block for block in begun.values() if 1 < len(block) <= LARGEST_COMMUNE)


def _alike(members: list[int], names: list[str]) -> Iterator[Pairs]:
    """Pairs of one commune whose names are alike, a slice of the table of all pairs at a time."""
    numbers = np.array(members)
    for start in range(0, len(names), ROWS):
        table = process.cdist(
            names[start : start + ROWS],
            names[start:],
            scorer=fuzz.token_set_ratio,
            score_cutoff=LIKE_ENOUGH,
            dtype=np.uint8,
        )
        rows, columns = np.nonzero(np.triu(table, 1))
        if len(rows):
            yield np.stack([numbers[start + rows], numbers[start + columns]], axis=1)


def _all_pairs(groups: Iterator[list[int]]) -> Pairs:
    found = [
        (one, other)
        for members in groups
        if len(members) <= LARGEST_SHARED
        for at, other in enumerate(members)
        for one in members[:at]
    ]
    return np.array(found, dtype=np.int64).reshape(-1, 2)


def near(sheets: Sequence[Ready]) -> Pairs:
    """Pairs within 300 m of each other whose points are precise, or whose commune is not known.

    >>> from maillage.network.exchange.rules.matching.sheets import Sheet, ready
    >>> told = [Sheet(n, "x", lat=47.0, lon=5.0 + n / 400, precision="address") for n in range(3)]
    >>> near([ready(sheet) for sheet in told]).tolist()
    [[0, 1], [1, 2]]
    """
    piles: defaultdict[tuple[float, float], list[int]] = defaultdict(list)
    for number, sheet in enumerate(sheets):
        if sheet.near and (sheet.point or not sheet.commune):
            piles[sheet.near].append(number)
    placed = [number for pile in piles.values() if len(pile) <= LARGEST_PILE for number in pile]
    if len(placed) < 2:
        return np.empty((0, 2), dtype=np.int64)
    numbers = np.array(sorted(placed))
    lat, lon = np.radians([sheets[number].near for number in numbers]).T
    on_globe = np.stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)], axis=1)
    chord = 2 * np.sin(NEAR_M / EARTH_RADIUS_M / 2)
    found: Pairs = numbers[cKDTree(on_globe).query_pairs(chord, output_type="ndarray")]
    return found
