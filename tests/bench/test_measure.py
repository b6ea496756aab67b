"""The benches' own instruments: a gauge that lies is worse than none."""

import json
import subprocess
import sys
import time
from fractions import Fraction
from pathlib import Path

import pytest
from bench.measure import Target
from hypothesis import given
from hypothesis import strategies as st

from bench import measure

BUSY = "import time; end = time.process_time() + 0.3\nwhile time.process_time() < end: pass"


@given(st.lists(st.integers(-1000, 1000), min_size=1), st.integers(1, 100))
def test_a_percentile_is_the_smallest_value_that_enough_values_do_not_exceed(values: list[int], percent: int) -> None:
    found = measure.percentile(values, percent)
    assert found in values
    needed = Fraction(percent * len(values), 100)
    assert sum(value <= found for value in values) >= needed
    assert sum(value < found for value in values) < needed


@pytest.mark.parametrize(
    ("value", "floor", "held"), [(60.0, False, True), (60.1, False, False), (250.0, True, False), (60.0, True, True)]
)
def test_a_target_is_held_up_to_its_bound(value: float, floor: bool, held: bool) -> None:
    bound = 60.0 if value < 250 else 250.5
    assert Target("figure", value, bound, floor=floor).held is held


def test_the_work_of_a_grandchild_is_counted() -> None:
    holding = f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {BUSY + chr(10) + 'input()'!r}])"
    process = subprocess.Popen([sys.executable, "-c", holding], stdin=subprocess.PIPE)
    try:
        deadline = time.monotonic() + 20
        while measure.cpu_ms(pids := measure.tree(process.pid)) < 300 and time.monotonic() < deadline:
            time.sleep(0.05)
        assert len(pids) == 2
        assert measure.cpu_ms(pids) >= 300 > measure.cpu_ms([process.pid])
        assert measure.memory_mb(pids)["rss_mb"] >= measure.memory_mb(pids)["pss_mb"] > 1
    finally:
        process.communicate(b"\n")


def test_nothing_that_was_started_is_left_behind() -> None:
    """The grandchild is in a session of its own and ignores the polite signal."""
    stubborn = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"
    )
    parent = f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {stubborn!r}], start_new_session=True)"
    process = subprocess.Popen([sys.executable, "-c", parent], stdout=subprocess.PIPE)
    with process, measure.stopped_after(process):
        assert process.stdout is not None
        assert process.stdout.readline() == b"up\n"
        pids = measure.tree(process.pid)
        assert len(pids) == 2
    assert [pid for pid in pids if measure.born(pid)] == []


def test_a_missing_tool_is_named_with_the_way_to_get_it() -> None:
    with pytest.raises(SystemExit) as stopped:
        measure.need("no-such-tool", install="Debian: apt install no-such-tool")
    assert str(stopped.value) == "no-such-tool is missing: Debian: apt install no-such-tool"


def test_a_record_says_when_on_what_and_which_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measure, "RESULTS", tmp_path / "results")
    measure.record("speed", {"ms": 2.5}, note="quiet")
    measure.record("speed", {"ms": 3.5})
    first, second = [json.loads(line) for line in (tmp_path / "results" / "speed.jsonl").read_text().splitlines()]
    assert (first["figures"], second["figures"], first["note"]) == ({"ms": 2.5}, {"ms": 3.5}, "quiet")
    assert {"date", "commit", "uncommitted", "machine"} <= first.keys()
    assert first["machine"]["cores"] >= 1
