"""How often visitors may book or wait: by address of mail, and by where they come from."""

from collections.abc import Mapping

from allauth.account.adapter import get_adapter
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

MOST = 5
"""What one address of mail may ask for in a day."""
MOST_TOGETHER = 30
"""What one address on the network may ask for in a day: everybody on the Wi-Fi of a place, or on one phone network."""


def uses(request: HttpRequest, email: str) -> Mapping[str, int]:
    """What this request counts among, and how many times a day each may: under names that tell nobody who."""
    told = {"mail": email.strip().lower(), "network": get_adapter(request).get_client_ip(request)}
    most = {"mail": MOST, "network": MOST_TOGETHER}
    return {
        f"book:{kind}:{salted_hmac('bounds', who.encode('utf-8', 'replace')).hexdigest()}": most[kind]
        for kind, who in told.items()
    }
