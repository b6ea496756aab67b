"""A price with everything in it, and what it is without VAT."""

WHOLE = 10_000


def net_of_total(total_cents: int, rate: int) -> int | None:
    """The amount without VAT whose VAT, rounded once, makes this total; None where no cent does. Rates in 1/10 000.

    >>> net_of_total(3600, 2000), net_of_total(900, 0), net_of_total(3, 2000)
    (3000, 900, None)
    """
    near = total_cents * WHOLE // (WHOLE + rate)
    for net in (near - 1, near, near + 1):
        if net >= 0 and net + (2 * net * rate + WHOLE) // (2 * WHOLE) == total_cents:
            return net
    return None
