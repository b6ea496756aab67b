"""What slows a program that fills the public forms, without asking anything of people nor of a third party."""

import secrets
from collections.abc import Mapping
from datetime import timedelta
from ipaddress import IPv6Address, ip_address, ip_network

from allauth.account.adapter import get_adapter
from django.core import signing
from django.http import HttpRequest
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from maillage.places.rules.suggesting import QUICKEST, SLOWEST

TRAP = "site_perso"
"""A field that people do not see; a program fills it."""
STAMP = "debut"
MOST, MOST_TOGETHER = 10, 40
"""What one address of mail, and one address on the network, may suggest in a day."""
_SALT = "maillage.places.suggesting"


def stamp() -> str:
    """When a form was shown, signed, and a number of its own: it goes with the form."""
    return signing.dumps(secrets.token_urlsafe(9), salt=_SALT)


def kept_stamp(request: HttpRequest) -> str:
    """The stamp that came with a form while it still counts, or a new one."""
    given = request.POST.get(STAMP, "")[:200]
    return given if _counts(given, SLOWEST) else stamp()


def _counts(given: str, within: timedelta) -> bool:
    """Whether a stamp is ours, and younger than that."""
    try:
        signing.loads(given, salt=_SALT, max_age=within)
    except signing.BadSignature:
        return False
    return True


def refusal(request: HttpRequest) -> str:
    """Why a form is not taken, in words, or nothing."""
    if request.POST.get(TRAP):
        return _("Ce formulaire a été rempli par un programme\u202f: laissez vide le champ caché, puis renvoyez.")
    given = request.POST.get(STAMP, "")[:200]
    if not _counts(given, SLOWEST):
        return _("Ce formulaire a été ouvert il y a trop longtemps\u202f: relisez, puis envoyez de nouveau.")
    if not _counts(given, QUICKEST):
        return ""
    return _("C’est allé trop vite pour une personne\u202f: attendez trois secondes, puis envoyez de nouveau.")


def uses(request: HttpRequest, email: str) -> Mapping[str, int]:
    """What this request counts among in a day, under names that tell nobody who."""
    told = {"network": (_house(get_adapter(request).get_client_ip(request)), MOST_TOGETHER)}
    if email:
        told["mail"] = (email.strip().lower(), MOST)
    return {
        f"suggest:{kind}:{salted_hmac('suggest', who.encode('utf-8', 'replace')).hexdigest()}": most
        for kind, (who, most) in told.items()
    }


def _house(seen: str) -> str:
    """An address as it is counted: in IPv6 the 64 bits that one house has, as it may take any address beneath them."""
    try:
        address = ip_address(seen)
    except ValueError:
        return seen
    if not isinstance(address, IPv6Address) or address.ipv4_mapped:
        return str(getattr(address, "ipv4_mapped", None) or address)
    return str(ip_network((address.packed[:8] + bytes(8), 64)))
