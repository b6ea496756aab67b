"""What may be asked of a diagnosis: bounds first, so that nothing is computed for a question that means nothing."""

from collections.abc import Iterable
from math import isfinite

from maillage.diagnosis.rules.facts import DEFAULT_WITHIN_MIN, Request

SHORTEST_MIN, LONGEST_MIN = 5, 60
MOST_CHANGES = 20
MOST_SITES = 100


class Refused(ValueError):
    """A question without a meaning; `rule` is its name in `diagnosis.labels.REFUSALS`, `figures` what it speaks of."""

    def __init__(self, rule: str, **figures: object) -> None:
        super().__init__(rule)
        self.rule, self.figures = rule, figures


def within(value: object) -> int:
    """Read a threshold in whole minutes, 5 to 60.

    >>> within("20"), within(30.0)
    (20, 30)
    >>> within(0)
    Traceback (most recent call last):
    maillage.diagnosis.rules.asking.Refused: within
    """
    try:
        number = float(str(value).replace(",", ".")[:20])
    except ValueError:
        number = float("nan")
    if not isfinite(number) or number != int(number) or not SHORTEST_MIN <= number <= LONGEST_MIN:
        raise Refused("within", value=str(value)[:20], least=SHORTEST_MIN, most=LONGEST_MIN)
    return int(number)


def sites(value: object, *, candidates: int | None = None, least: int = 1) -> int:
    """Read how many sites are wanted, 1 to 100 and never more than the candidates.

    >>> sites("5"), sites(3, candidates=4)
    (5, 3)
    """
    text = str(value).strip()
    digits = text.removeprefix("-")
    number = int(text) if digits.isascii() and digits.isdigit() and len(text) <= 9 else None
    if number is None or not least <= number <= MOST_SITES:
        raise Refused("sites", value=text[:20], most=MOST_SITES)
    if candidates is not None and number > candidates:
        raise Refused("sites-candidates", value=number, candidates=candidates)
    return number


def changes(kind: str, values: Iterable[str]) -> tuple[str, ...]:
    """Read the communes opened or the places closed, each once, in the order given, 20 at most.

    >>> changes("open", ["39093", " 39093", "39370"])
    ('39093', '39370')
    """
    read = tuple(dict.fromkeys(value.strip() for value in values if value.strip()))
    if len(read) > MOST_CHANGES:
        raise Refused("too-many", kind=kind, count=len(read), most=MOST_CHANGES)
    if wrong := next((value for value in read if len(value) > 120 or not value.isprintable()), None):
        raise Refused(f"{kind}-unknown", value=wrong[:40])
    return read


def request(
    territory: str,
    *,
    within_min: object = DEFAULT_WITHIN_MIN,
    opened: Iterable[str] = (),
    closed: Iterable[str] = (),
    best_sites: object = 0,
) -> Request:
    """Read a whole question; raises `Refused` for anything out of bounds.

    >>> request("commune-39093", within_min="15", opened=["39370"])
    Request(territory='commune-39093', within_min=15, opened=('39370',), closed=(), sites=0)
    """
    here, there = changes("open", opened), changes("close", closed)
    if len(here) + len(there) > MOST_CHANGES:
        raise Refused("too-many", kind="close", count=len(here) + len(there), most=MOST_CHANGES)
    return Request(
        territory=territory.strip()[:60],
        within_min=within(within_min),
        opened=here,
        closed=there,
        sites=sites(best_sites, least=0),
    )
