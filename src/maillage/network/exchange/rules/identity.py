"""The identifier by which a place of this site is known everywhere, and how it is recognised when it comes back."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit
from uuid import UUID

from maillage.places.rules.slugs import slugify

LONGEST = 2_000
_OURS = re.compile(
    r"(?:.*--)?([a-z0-9]+(?:-[a-z0-9]+)*)--"
    r"([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})(?:--[a-z0-9-]+)?"
)


@dataclass(frozen=True, slots=True)
class Origin:
    """The Maillage site that wrote an identifier, and its place."""

    site: str
    place_id: UUID


def site_name(site_url: str) -> str:
    """The name of a site inside the identifiers that it writes.

    >>> site_name("https://maillage.example"), site_name("http://localhost:8000")
    ('maillage-example', 'localhost-8000')
    """
    return slugify(urlsplit(site_url).netloc)[:60].strip("-") or "maillage"


def written(site: str, place_id: UUID) -> str:
    """The identifier of a place in a file of others.

    >>> written("maillage-example", UUID(int=7))
    'maillage-example--00000000-0000-0000-0000-000000000007'
    """
    return f"{site}--{place_id}"


def origins(text: str) -> tuple[Origin, ...]:
    """The Maillage places that an identifier names; others prefix ours (`--`) or glue several together (`__`).

    >>> [o.site for o in origins("mediation-numerique--a-fr--00000000-0000-0000-0000-000000000007__Hub-12")]
    ['a-fr']
    >>> origins("structure-1")
    ()
    """
    parts = (_OURS.fullmatch(part) for part in text[:LONGEST].split("__"))
    return tuple(Origin(found[1], UUID(found[2])) for found in parts if found)
