"""What an event costs, in cents; with an open price everybody gives what they can, and the amount is a guide."""

import re

from maillage.places.rules.text import one_line

FREE, FIXED, OPEN = PRICES = ("free", "fixed", "open")
CENTS_MOST = 1_000_000
"""Ten thousand euros: above, a point was mistaken for a comma."""
_EUROS = re.compile(r"([0-9]{1,6})(?:[.,]([0-9]{1,2}))? ?€?")


def read_cents(text: str) -> int | None:
    """An amount in euros, as people write it, in cents; None for anything else.

    >>> read_cents("12,50"), read_cents("5 €"), read_cents("0.5"), read_cents("1,234"), read_cents("gratuit")
    (1250, 500, 50, None, None)
    """
    found = _EUROS.fullmatch(one_line(text[:20]))
    if found is None:
        return None
    cents = int(found[1]) * 100 + int((found[2] or "0").ljust(2, "0"))
    return cents if cents <= CENTS_MOST else None
