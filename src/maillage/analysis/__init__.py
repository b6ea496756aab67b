"""Pure functions on arrays: numbers in, numbers out, no framework, no database."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from scipy import sparse

__all__ = ["sparse"]
_UNASKED = frozenset({"char", "ctypeslib", "f2py", "ma", "polynomial", "rec", "test", "testing"})
"""Parts of NumPy that nothing here uses, with all of unittest and a guesser of encodings behind them."""


def __getattr__(name: str) -> Any:
    if name != "sparse":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = found = _sparse()
    return found


def _sparse() -> Any:
    """SciPy's sparse arrays, loaded in half the time.

    At its first import SciPy copies every public name of NumPy, which loads each of its parts.
    """
    import numpy as np

    names, listed = np.__all__, np.__dir__
    np.__all__ = [name for name in names if name not in _UNASKED]
    np.__dir__ = lambda: [name for name in listed() if name not in _UNASKED]  # type: ignore[method-assign]
    try:
        from scipy import sparse
    finally:
        np.__all__, np.__dir__ = names, listed  # type: ignore[method-assign]
    return sparse
