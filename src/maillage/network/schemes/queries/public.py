"""What a QR code opens, for who bears it and for the teams that may count it."""

from dataclasses import dataclass

from maillage.accounts.queries import held
from maillage.network.schemes.models import Accreditation, Issue, SigningKey
from maillage.network.schemes.rules import tokens
from maillage.places.models import Place

HOSTS = ("facilitator", "colleague")


@dataclass(frozen=True, slots=True)
class Where:
    """The places where a pass opens the door, and those of them where one is at the desk."""

    all: list[Place]
    mine: list[Place]


def shown(token: str) -> Issue | None:
    """The pass that a signed code names; None for whatever is forged, cut or of no scheme."""
    token = tokens.token_in(token)
    parts = token.split(".")
    keys = dict(SigningKey.objects.filter(kid=parts[1][:16]).values_list("kid", "public")) if len(parts) == 4 else {}
    try:
        said = tokens.read(token, keys)
    except tokens.BadToken:
        return None
    rows = Issue.objects.select_related("of", "scheme", "referrer")
    return rows.filter(scheme=said.scheme, of__code=said.code).first()


def places_to_count_at(user: object, issue: Issue) -> Where:
    """Where a pass serves; and where somebody of the team may count it."""
    rows = Accreditation.objects.filter(scheme=issue.scheme_id, state="accepted").select_related("place")
    places = [one.place for one in rows.order_by("place__sort_name", "pk")]
    desks = {scope for role, scope in held(user) if role in HOSTS}
    return Where(places, [one for one in places if f"place:{one.pk}" in desks])
