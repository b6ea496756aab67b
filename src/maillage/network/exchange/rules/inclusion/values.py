"""E-mail and web addresses that data·inclusion's own models accept; they are stricter than ours."""

import re
from ipaddress import AddressValueError, IPv4Address
from urllib.parse import urlsplit

LONGEST_ADDRESS = 2_083
LONGEST_EMAIL = 254
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_EMAIL = re.compile(rf"({_ATOM}(?:\.{_ATOM})*)@((?:{_LABEL}\.)+([A-Za-z][A-Za-z0-9-]*[A-Za-z]))")
_NOWHERE = frozenset({"arpa", "invalid", "local", "localhost", "onion", "test"})
"""Ends of addresses that lead nowhere on the internet (RFC 6761, RFC 6762, RFC 7686)."""
_LAST_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*", re.IGNORECASE)


def is_email(text: str) -> bool:
    """Whether a text is one e-mail address that could be reached.

    >>> is_email("bonjour@exemple.fr"), is_email("a..b@exemple.fr"), is_email("x@machine.local"), is_email("a@b")
    (True, False, False, False)
    """
    found = _EMAIL.fullmatch(text) if len(text) <= LONGEST_EMAIL else None
    if not found or len(found[1]) > 64 or len(found[2]) > 253 or found[3].lower() in _NOWHERE:
        return False
    labels = found[2].lower().split(".")
    return all(_encoded(label) for label in labels) and found[2].lower() != "ip6.arpa"


def is_web(text: str) -> bool:
    """Whether a text is a whole web address.

    >>> is_web("https://exemple.fr/?a=1|2"), is_web("exemple.fr"), is_web("http://1.2.3.999/"), is_web("https://a b.fr")
    (True, False, False, False)
    """
    if len(text) > LONGEST_ADDRESS or re.search(r"[\s\x00-\x20]", text):
        return False
    try:
        parts = urlsplit(text)
        host, _port = parts.hostname or "", parts.port
        host = host.encode("idna").decode()
    except (ValueError, UnicodeError):
        return False
    return parts.scheme in ("http", "https") and _is_host(host)


def _is_host(host: str) -> bool:
    labels = host.rstrip(".").split(".")
    if not host or not all(re.fullmatch(r"[a-z0-9_-]{1,63}", label) and _encoded(label) for label in labels):
        return False
    if not _LAST_NUMBER.fullmatch(labels[-1]):
        return True
    try:
        IPv4Address(host)
    except AddressValueError:
        return False
    return True


def _encoded(label: str) -> bool:
    """Whether a label that claims to write other letters (`xn--`) does; others may not have two hyphens there."""
    if not label.startswith("xn--"):
        return label[2:4] != "--"
    try:
        return label.encode().decode("idna") != label
    except UnicodeError:
        return False
