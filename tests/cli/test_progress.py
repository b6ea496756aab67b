import io

from hypothesis import given
from hypothesis import strategies as st

from maillage.cli.progress import Bar, progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_sees_a_bar_and_is_left_clean():
    screen = Terminal()
    with progress(10, "Lieux", screen) as bar:
        bar.step(5)
    lines = screen.getvalue().split("\r")
    assert "Lieux ████████████░░░░░░░░░░░░  50%" in lines[1]
    assert lines[-1] == ""
    assert lines[-2].strip() == ""


def test_a_pipe_sees_nothing():
    pipe = io.StringIO()
    with progress(10, "Lieux", pipe) as bar:
        bar.step(10)
    assert pipe.getvalue() == ""


@given(total=st.integers(0, 10**6), steps=st.lists(st.integers(0, 10**6), max_size=5))
def test_a_bar_never_goes_beyond_its_width_nor_100_percent(total, steps):
    bar = Bar(total=total, label="Lieux", stream=io.StringIO(), shown=False)
    for count in steps:
        bar.step(count)
    line = bar.line(1.0)
    assert bar.done == sum(steps)
    assert line.count("█") + line.count("░") == (24 if total else 0)
    assert "100%" in line or not total or bar.done < total
