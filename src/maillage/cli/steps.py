"""What the person who typed ./run or ./test reads: one short line per step, and how long it took. Stdlib only."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager


def say(text: str) -> None:
    """Write one line at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def seconds(duration: float) -> str:
    """Write a duration the French way.

    >>> seconds(3.14159).split(), seconds(75.2).split()
    (['3,1', 's'], ['75', 's'])
    """
    text = f"{duration:.1f}" if duration < 10 else f"{duration:.0f}"
    return f"{text.replace('.', ',')}\u00a0s"


@contextmanager
def step(label: str) -> Iterator[None]:
    """Say that a step begins, then how long it took."""
    started = time.monotonic()
    sys.stdout.write(f"  {label}… ")
    sys.stdout.flush()
    try:
        yield
    except BaseException:
        say("")
        raise
    say(seconds(time.monotonic() - started))
