"""The keys that sign passes, the links of referrers, and the codes that no longer open a door."""

from django.conf import settings

from maillage.accounts.rules import digest
from maillage.network.schemes.models import Accreditation, Issue, Referrer, Scheme, SigningKey
from maillage.network.schemes.rules import tokens
from maillage.places.models import Place


def signing_public(scheme: Scheme) -> str:
    """The public half of the key that signs a scheme's passes with the secret of this site."""
    return tokens.public_hex(tokens.private_key(settings.SECRET_KEY.encode(), scheme.pk))


def token_of(issue: Issue) -> str:
    """What the QR code of a pass says; `issue` with its pass."""
    found = issue.of
    key = tokens.private_key(settings.SECRET_KEY.encode(), issue.scheme_id)
    units = issue.cents // issue.scheme.price_cents
    return tokens.sign(tokens.Signed(issue.scheme_id, found.code, units, found.starts_on, found.ends_on), key)


def keys_at(place: Place) -> dict[str, str]:
    """The public keys of the schemes in which a place is accredited, by their names."""
    here = Accreditation.objects.filter(place=place, state="accepted").values("scheme")
    return dict(SigningKey.objects.filter(scheme__in=here).values_list("kid", "public"))


def revoked_at(place: Place) -> list[str]:
    """The codes that a tablet of a place must refuse, though their signature holds."""
    here = Accreditation.objects.filter(place=place, state="accepted").values("scheme")
    rows = Issue.objects.filter(scheme__in=here, revoked_at__isnull=False)
    return sorted(rows.values_list("of__code", flat=True))


def referrer_of(secret: str) -> Referrer | None:
    """The referrer whose link this is, while it is open."""
    if not 20 <= len(secret) <= 80:
        return None
    rows = Referrer.objects.select_related("scheme").filter(revoked_at__isnull=True)
    return rows.filter(digest=digest(secret)).first()
