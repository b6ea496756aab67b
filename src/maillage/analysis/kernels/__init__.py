"""Loops worth compiling: each is plain Python that Numba compiles at its first call, beside a NumPy path.

Numba is imported by the first compiled call, never before. `Loop.fast` is the compiled function, `Loop.slow` the same
in NumPy, with the same answer: for machines without Numba, and for instances too small to pay for loading it.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, cached_property
from importlib.util import find_spec
from signal import SIGINT, getsignal, signal
from threading import current_thread, main_thread
from types import FrameType, FunctionType
from typing import Any


@cache
def available() -> bool:
    """Tell whether loops can be compiled on this machine."""
    return find_spec("numba") is not None


@contextmanager
def unbroken() -> Iterator[None]:
    """Put Ctrl-C off until the block ends; a second one counts at once.

    Numba half imported, or half way in a compilation, turns Ctrl-C into other errors, and cannot be used again.
    """
    usual = getsignal(SIGINT)
    if not callable(usual) or current_thread() is not main_thread():  # Ctrl-C does not come here
        yield
        return
    came: list[tuple[int, FrameType | None]] = []

    def note(number: int, frame: FrameType | None) -> None:
        came.append((number, frame))
        signal(SIGINT, usual)

    signal(SIGINT, note)
    try:
        yield
    finally:
        signal(SIGINT, usual)
        if came:
            usual(*came[0])


class Loop:
    """A function in two forms; loops that it calls are linked in the same form.

    `plain` is compiled; `in_numpy`, where given, does the same by whole arrays, else `plain` itself runs.

    >>> def double(x):
    ...     return 2 * x
    >>> Loop(double).slow(21)
    42
    """

    def __init__(self, plain: Callable[..., Any], *callees: "Loop", in_numpy: Callable[..., Any] | None = None) -> None:
        self.plain = plain
        self.callees = callees
        self.in_numpy = in_numpy
        self.__name__ = plain.__name__

    def __call__(self, *given: Any) -> Any:
        return self.slow(*given)

    def on(self, compiled: bool) -> Callable[..., Any]:
        """The form asked for; the one in NumPy where nothing can be compiled."""
        return self.fast if compiled and available() else self.slow

    @cached_property
    def fast(self) -> Callable[..., Any]:
        with unbroken():
            compiled = self._compiled

        def run(*given: Any) -> Any:
            if compiled.signatures:
                return compiled(*given)
            with unbroken():
                return compiled(*given)

        return run

    @cached_property
    def _compiled(self) -> Any:
        from numba import njit

        linked = self._linked({callee.__name__: callee._compiled for callee in self.callees})
        try:
            return njit(cache=True, nogil=True)(linked)
        except RuntimeError:  # nowhere to keep compiled code: every process compiles its own
            return njit(nogil=True)(linked)

    @cached_property
    def slow(self) -> Callable[..., Any]:
        return self.in_numpy or self._linked({callee.__name__: callee.slow for callee in self.callees})

    def _linked(self, names: dict[str, Any]) -> FunctionType:
        source = self.plain
        assert isinstance(source, FunctionType)
        linked = FunctionType(source.__code__, source.__globals__ | names, source.__name__, source.__defaults__)
        linked.__qualname__ = source.__qualname__
        return linked


def loop(*callees: Loop, in_numpy: Callable[..., Any] | None = None) -> Callable[[Callable[..., Any]], Loop]:
    """Mark a plain function as worth compiling; name the loops that it calls, and the same in NumPy."""
    return lambda plain: Loop(plain, *callees, in_numpy=in_numpy)
