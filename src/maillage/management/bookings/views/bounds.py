"""How often visitors may book or wait: by address of mail, and by where they come from."""

import hashlib

from allauth.core.internal import ratelimit
from django.db import transaction
from django.http import HttpRequest

MOST = 5
"""What one address of mail may ask for in a day."""
MOST_TOGETHER = 30
"""What one address on the network may ask for in a day: everybody on the Wi-Fi of a place, or on one phone network."""
BOUNDS = (f"{MOST}/d/key", f"{MOST_TOGETHER}/d/ip")


@transaction.atomic
def counted(request: HttpRequest, email: str) -> ratelimit.RateLimitUsage | None:
    """Count one; None when it is one too many. What comes to nothing is given back by `rollback`.

    One transaction: each of the counters' own would wait for the disk.
    """
    key = hashlib.sha256(email.strip().lower().encode("utf-8", "replace")).hexdigest()
    given = ratelimit.RateLimitUsage(usage=[])
    for bound in BOUNDS:
        one = ratelimit.consume(request, app="maillage.bookings", action="book", config={"book": bound}, key=key)
        if one is None:
            given.rollback()
            return None
        given.usage += one.usage
    return given
