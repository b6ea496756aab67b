"""How a page is looked at: language, width and colours. A short run turns through them; a long one takes them all."""

from collections.abc import Sequence
from typing import Any

import pytest

LOOKS = (
    ("", 390, "light"),
    ("", 1280, "dark"),
    ("/en", 390, "dark"),
    ("/en", 1280, "light"),
    ("", 390, "dark"),
    ("", 1280, "light"),
)


def turned(paths: Sequence[str], ways: Sequence[tuple[Any, ...]], *, each: int = 1) -> list[Any]:
    """Every page in every way; only `each` of them a page in a short run, so that together they see all the ways."""
    seen = {
        (place, (place + turn * (len(ways) // 2)) % len(ways)) for place in range(len(paths)) for turn in range(each)
    }
    return [
        pytest.param(path, *way, marks=() if (place, number) in seen else pytest.mark.full)
        for place, path in enumerate(paths)
        for number, way in enumerate(ways)
    ]
