"""Addresses, numbers and identifiers by which two sheets reach the same people."""

from functools import lru_cache
from urllib.parse import urlsplit

from stdnum.fr import siret

from maillage.places.rules.phones import dialled

_SHARED_SITES = (
    "facebook.com instagram.com linkedin.com twitter.com x.com google.com youtube.com helloasso.com wixsite.com "
    "wordpress.com free.fr orange.fr caf.fr ameli.fr pole-emploi.fr francetravail.fr laposte.fr msa.fr "
    "france-services.gouv.fr maisondeservicesaupublic.fr emmaus-connect.org croix-rouge.fr"
)
SHARED_SITES = frozenset(_SHARED_SITES.split())
"""Hosts that many organisations use: only a path of one's own there names somebody."""
_PATHS_NAME_SOMEBODY = "facebook.com instagram.com linkedin.com twitter.com x.com helloasso.com france-services.gouv.fr"
PATHS_NAME_SOMEBODY = frozenset(_PATHS_NAME_SOMEBODY.split())


@lru_cache(maxsize=2_000)
def site_key(address: str) -> str:
    """The host and path of a website, or nothing where the address is that of a service many use.

    >>> site_key("https://www.etoile.fr/"), site_key("etoile.fr"), site_key("http://etoile.fr/dole/?x=1")
    ('etoile.fr', 'etoile.fr', 'etoile.fr/dole')
    >>> site_key("https://www.caf.fr/"), site_key("https://fr-fr.facebook.com/Etoile"), site_key("http://[")
    ('', 'facebook.com/etoile', '')
    """
    text = address.strip().lower()
    try:
        parts = urlsplit(text if "://" in text else f"https://{text}")
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:
        return ""
    path = parts.path.rstrip("/")
    if "." not in host:
        return ""
    shared = next((known for known in SHARED_SITES if host == known or host.endswith(f".{known}")), None)
    if shared is None or (host != shared and shared in ("wixsite.com", "wordpress.com", "free.fr", "orange.fr")):
        return host + path
    return f"{shared}{path}" if shared in PATHS_NAME_SOMEBODY and len(path) > 1 else ""


@lru_cache(maxsize=2_000)
def phone_key(text: str) -> str:
    """The number a telephone dials; numbers of four digits or less belong to whole networks and name nobody.

    >>> phone_key("03 84 00 00 00"), phone_key("3949"), phone_key("")
    ('+33384000000', '', '')
    """
    number = dialled(text[:80]) if text else ""
    return number if len(number) > 6 else ""


@lru_cache(maxsize=2_000)
def siret_key(text: str) -> str:
    """A Siret whose key is right, fourteen digits; anything else names nobody.

    >>> siret_key("732 829 320 00074"), siret_key("73282932000075"), siret_key("12")
    ('73282932000074', '', '')
    """
    digits = siret.compact(text[:40]) if text else ""
    return digits if siret.is_valid(digits) else ""
