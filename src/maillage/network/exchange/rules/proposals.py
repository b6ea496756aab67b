"""Whether a commune that a file only proposes can be the one where a place is."""

from collections.abc import Collection

from maillage.analysis.distance import great_circle_m

FARTHEST_M = 60_000.0
"""A place farther than this from the centre of a commune is not in it; the wide ones of Guyane need a postal code."""

Point = tuple[float, float]


def departements_of_postal_code(code: str) -> tuple[str, ...]:
    """The départements a postal code may belong to by its first figures; none when it says nothing.

    >>> departements_of_postal_code("39380"), departements_of_postal_code("97418"), departements_of_postal_code("20250")
    (('39',), ('974',), ('2A', '2B'))
    >>> departements_of_postal_code("0")
    ()
    """
    if len(code) != 5 or not (code.isascii() and code.isdecimal()):
        return ()
    if code.startswith("20"):
        return ("2A", "2B")
    return (code[:3] if code.startswith(("97", "98")) else code[:2],)


def agrees(*, departement: str, centre: Point | None, departements: Collection[str], point: Point | None) -> bool:
    """Tell whether a proposed commune contradicts neither the postal code of a row nor its point.

    `departement` and `centre` (degrees) are the commune's, `departements` those of the postal code (empty: unknown).

    >>> agrees(departement="2A", centre=(41.4, 9.2), departements=["974"], point=None)
    False
    >>> agrees(departement="2A", centre=(41.4, 9.2), departements=[], point=(-21.2, 55.6))
    False
    >>> agrees(departement="39", centre=(46.99, 5.70), departements=["39"], point=(46.98, 5.71))
    True
    """
    if departements and departement not in departements:
        return False
    return not (centre and point) or float(great_circle_m(*centre, *point)) <= FARTHEST_M
