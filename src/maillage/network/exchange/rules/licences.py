"""Which records may leave under the Licence Ouverte."""

from collections.abc import Iterable

from maillage.territory.rules.names import normalise

_FREE = ("licence ouverte", "etalab", "lov2", "cc0", "domaine public")


def all_open(licences: Iterable[str]) -> bool:
    """Whether everything under these licences may be given again under the Licence Ouverte: a share-alike one may not.

    >>> all_open(["Licence Ouverte 2.0", "CC0 1.0 (fiction)"]), all_open(["Licence Ouverte 2.0", "ODbL"]), all_open([])
    (True, False, False)
    """
    told = [normalise(licence) for licence in licences]
    return bool(told) and all(licence.startswith(_FREE) for licence in told)
