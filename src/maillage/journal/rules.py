"""What of a mail may be shown to somebody it was not written to, and which acts the public sees."""

import re

HIDDEN = "•••"
_SECRET = re.compile(r"https?://\S+|\d(?:[-\s]?\d){5,}")


def masked(text: str) -> str:
    """A text without its links and long numbers: either may open somebody's account.

    >>> masked("691-777-848 : votre code"), masked("Voir https://exemple.fr/invitation/abc."), masked("L’atelier 42")
    ('••• : votre code', 'Voir •••', 'L’atelier 42')
    """
    return _SECRET.sub(HIDDEN, text)


PRIVATE_ROOMS = (
    *("accounts", "journal", "diagnosis", "people", "billing", "passes", "bookings", "events", "schemes"),
    *("suggestions", "claims", "clearance", "intakes", "pulls"),
)
"""Rooms whose acts change no page that all may read and that is kept aside for speed."""
BUT_PUBLIC = (
    "bookings.settings_changed",
    *("events.published", "events.unpublished", "events.changed", "events.archived", "events.demo_removed"),
    *("billing.list_added", "billing.price_added", "billing.price_changed", "billing.price_removed"),
    *("events.sessions_added", "events.session_moved", "events.session_resized", "events.session_cancelled"),
)
"""Acts of these rooms that do: whether a place takes bookings online, its prices and its programme; never who comes."""


def is_public(action: str) -> bool:
    """Whether an act changes what the public sees.

    >>> is_public("places.closed"), is_public("bookings.made"), is_public("bookings.settings_changed")
    (True, False, True)
    >>> is_public("events.published"), is_public("events.registered")
    (True, False)
    """
    return action in BUT_PUBLIC or action.partition(".")[0] not in PRIVATE_ROOMS
