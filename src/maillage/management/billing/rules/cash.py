"""How much may be paid in cash: the law's cap on what settles one debt, and the ceiling that a place gives itself."""

from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path

from maillage.journal import legal
from maillage.management.billing.rules.payments import Part
from maillage.management.people.rules.entries import Wrong
from maillage.places.rules.sentences import sentence as _

CAP, CAP_ABROAD = "cash_cap_cents", "cash_cap_abroad_cents"
FRANCE = frozenset({"FR", "GP", "MQ", "GF", "RE", "YT", "PM", "BL", "MF", "NC", "PF", "WF", "TF"})


def cap_of(country: str, *, is_business: bool, on: date, path: Path = legal.FILE) -> int | None:
    """The most that settles one debt in cash on a day, in cents, for who pays from a country; None where none is known.

    >>> day = date(2026, 11, 22)
    >>> cap_of("FR", is_business=False, on=day), cap_of("BE", is_business=False, on=day)
    (100000, 1000000)
    >>> cap_of("BE", is_business=True, on=day), cap_of("FR", is_business=True, on=date(2009, 1, 1))
    (100000, None)
    """
    name = CAP if is_business or country in FRANCE else CAP_ABROAD
    known = legal.parameter(name, on, path=path)
    return known.value if known else None


def beyond(cap: int | None, *, cents: int, parts: Iterable[Part], taken: Mapping[int, int]) -> bool:
    """Whether cash goes beyond the cap: on one invoice with what cash paid of it before, or in advance.

    >>> beyond(1_000, cents=900, parts=[Part(1, 900)], taken={1: 200}), beyond(None, cents=9_999, parts=[], taken={})
    (True, False)
    """
    if cap is None:
        return False
    told = list(parts)
    advance = cents - sum(part.cents for part in told)
    return advance > cap or any(part.cents + taken.get(part.invoice, 0) > cap for part in told)


def refusal(cap_said: str) -> Wrong:
    """What is answered to cash beyond the cap."""
    return Wrong(
        _("la loi n’admet pas plus de %(cap)s en espèces pour une même dette", cap=cap_said),
        _("prenez le reste par virement, par chèque ou par carte"),
    )
