"""Arrays kept on the disk: taken back whole and of today, or made anew."""

import os
from pathlib import Path

import numpy as np
import pytest

from maillage.territory.queries import stored as module
from maillage.territory.queries.stored import Stored, stored

KEY, MAKERS = (3, "a ground"), ("maillage.territory.queries.stored",)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(module, "folder", lambda: tmp_path / "cache")
    return tmp_path / "cache" / "name.arrays"


class Making:
    """Makes something, and counts how often."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> Stored:
        self.times += 1
        arrays = {
            "code": np.array(["01001", "2A004"]),
            "lat": np.array([46.5, np.nan]),
            "none": np.zeros((0, 3), np.int32),
            "kept": np.array([[True, False], [False, True]]),
        }
        return Stored(arrays, {"names": ["L’Abergement", "Ajaccio\n"], "unknown": None})


def taken(making: Making, key: tuple[object, ...] = KEY) -> Stored:
    return stored("name", key, MAKERS, making)


def same(one: Stored, other: Stored) -> bool:
    alike = [np.array_equal(one.arrays[name], other.arrays[name], equal_nan=name == "lat") for name in one.arrays]
    types = [one.arrays[name].dtype == other.arrays[name].dtype for name in one.arrays]
    return all(alike) and all(types) and one.beside == other.beside and one.arrays.keys() == other.arrays.keys()


def test_what_was_kept_is_taken_back_as_it_was_and_cannot_be_changed(home: Path) -> None:
    making = Making()
    first, second = taken(making), taken(making)
    assert making.times == 1
    assert same(first, second)
    with pytest.raises(ValueError, match="read-only"):
        second.arrays["lat"][0] = 0
    assert (home.stat().st_mode & 0o777, home.parent.stat().st_mode & 0o777) == (0o600, 0o700)


def test_another_ground_another_code_or_another_form_is_made_anew(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    making = Making()
    taken(making)
    taken(making, (3, "another ground"))
    assert making.times == 2
    monkeypatch.setattr(module, "_content", lambda maker: b"changed")
    taken(making, (3, "another ground"))
    assert making.times == 3
    monkeypatch.setattr(module, "FORM", "0")
    taken(making, (3, "another ground"))
    assert making.times == 4


def broken(content: bytes) -> list[bytes]:
    check, head, body = content.split(b"\n", 2)
    turned = body[:100] + bytes([body[100] ^ 1]) + body[101:]
    return [
        b"",
        b"\n\n",
        content[:-1],
        content + b"\0",
        b"\n".join([check, head, turned]),
        b"\n".join([check, head.replace(b"Ajaccio", b"Bastia\\n"), body]),
        b"\n".join([check, b"{}", body]),
        b"\n".join([check, b"[]", body]),
        b"\n".join([check, head[:-1], body]),
        bytes(range(256)),
    ]


@pytest.mark.parametrize("nth", range(10))
def test_a_broken_file_is_left_aside_and_written_again(home: Path, nth: int) -> None:
    making = Making()
    taken(making)
    whole = home.read_bytes()
    home.write_bytes(broken(whole)[nth])
    assert same(taken(making), making())
    assert making.times == 3
    assert home.read_bytes() == whole
    assert [one.name for one in home.parent.iterdir()] == ["name.arrays"]


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="files have no owner here")
def test_a_file_that_another_user_could_have_written_is_never_believed(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    making = Making()
    taken(making)
    home.chmod(0o666)
    taken(making)
    assert making.times == 2
    assert home.stat().st_mode & 0o777 == 0o600
    us = os.getuid()
    monkeypatch.setattr(os, "getuid", lambda: us + 1)
    taken(making)
    assert making.times == 3


def test_a_disk_that_cannot_be_written_costs_only_time(home: Path) -> None:
    home.parent.parent.joinpath("cache").write_text("a file where the folder should be")
    making = Making()
    taken(making)
    taken(making)
    assert making.times == 2


def test_nothing_is_half_written(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    making = Making()

    def full(self: Path, target: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    assert same(taken(making), making())
    assert list(home.parent.iterdir()) == []
