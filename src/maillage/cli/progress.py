"""A progress bar on a terminal, nothing in a pipe."""

import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TextIO


@dataclass
class Bar:
    """How far a long job is; `total` 0 means that nobody knows how long it will be."""

    total: int
    label: str
    stream: TextIO
    shown: bool
    done: int = 0
    started: float = field(default_factory=time.monotonic)
    drawn: float = 0.0

    def step(self, count: int = 1) -> None:
        """Move on by `count` units and redraw, at most ten times a second."""
        self.done += count
        now = time.monotonic()
        if self.shown and now - self.drawn >= 0.1:
            self.drawn = now
            self.stream.write(f"\r{self.line(now - self.started)}")
            self.stream.flush()

    def line(self, seconds: float) -> str:
        """One line of text, as wide as the terminal at most."""
        if self.total:
            share = min(self.done / self.total, 1.0)
            filled = round(share * 24)
            text = f"{self.label} {'█' * filled}{'░' * (24 - filled)} {share:4.0%}"
        else:
            text = f"{self.label} {self.done}"
        width = shutil.get_terminal_size().columns - 1
        return f"{text}  {seconds:.0f} s"[:width].ljust(width)


@contextmanager
def progress(total: int, label: str, stream: TextIO | None = None) -> Iterator[Bar]:
    """Show a bar of `total` units on the terminal while the block runs; call `.step(n)` inside.

    >>> with progress(3, "Lecture") as bar:
    ...     bar.step(3)
    """
    target = stream or sys.stderr
    bar = Bar(total=total, label=label, stream=target, shown=target.isatty())
    try:
        yield bar
    finally:
        if bar.shown:
            width = shutil.get_terminal_size().columns - 1
            target.write(f"\r{' ' * width}\r")
            target.flush()
