"""What is a number among the things that are given, and how a refused one is told."""

from typing import Any

import numpy as np


def is_number(value: Any) -> bool:
    """Tell whether something is one real number, so that it can be compared.

    >>> is_number(20), is_number("20"), is_number(None), is_number(True)
    (True, False, False, False)
    """
    return isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool)


def told(value: Any) -> str:
    """Write a refused value as its giver wrote it: a text in quotes, a number bare.

    >>> told("20"), told(np.float64(0))
    ("'20'", '0.0')
    """
    return repr(value) if isinstance(value, str) else str(value)


def is_whole(value: Any) -> bool:
    """Tell whether something is one whole number, written as such.

    >>> is_whole(20), is_whole(np.int32(2)), is_whole(20.0), is_whole(True)
    (True, True, False, False)
    """
    return isinstance(value, int | np.integer) and not isinstance(value, bool)
