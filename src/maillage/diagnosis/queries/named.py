"""Places that an answer names by their address alone."""

from dataclasses import dataclass

import numpy as np

from maillage.diagnosis.queries.supply import supply


@dataclass(frozen=True, slots=True)
class Spoken:
    """A place as one speaks of it: its name, its commune, and the newest date (perhaps partial) it was checked."""

    slug: str
    name: str
    commune: str
    checked_on: str


def spoken_of(slugs: tuple[str, ...]) -> tuple[Spoken, ...]:
    """The places of these slugs, in their order; one that the registry no longer shows is left out."""
    if not slugs:
        return ()
    places = supply()
    rows = {places.slug[row]: row for row in np.flatnonzero(np.isin(places.slug.astype(str), slugs)).tolist()}
    return tuple(
        Spoken(slug, places.name[row], places.commune_name[row], places.checked_on[row])
        for slug in slugs
        if (row := rows.get(slug)) is not None
    )
