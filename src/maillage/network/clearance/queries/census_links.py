"""The secrets of a census: the link of a mail, the code of a letter; and the link by which an address asks for silence.

They are drawn from the key of the site, so that a reminder carries the same link; their fingerprints alone are kept.
"""

from uuid import UUID

from django.conf import settings
from django.core import signing
from django.urls import reverse
from django.utils.crypto import salted_hmac

from maillage.accounts.rules import digest
from maillage.network.clearance.models import Invitation, Silence
from maillage.network.clearance.models.campaigns import BY_LETTER, BY_MAIL
from maillage.places.actions.claiming import CODE_SIGNS, LETTERS

_LINK, _CODE, _SILENCE = (f"maillage.network.clearance.{name}" for name in ("link", "code", "silence"))


def link_secret(invitation_id: UUID) -> str:
    """What the link of a mail holds."""
    return salted_hmac(_LINK, str(invitation_id), algorithm="sha256").hexdigest()[:48]


def letter_code(invitation_id: UUID) -> str:
    """The code of a letter: ten signs that nobody takes for another on paper."""
    drawn = int.from_bytes(salted_hmac(_CODE, str(invitation_id), algorithm="sha256").digest())
    signs = []
    for _sign in range(CODE_SIGNS):
        drawn, rest = divmod(drawn, len(LETTERS))
        signs.append(LETTERS[rest])
    return "".join(signs)


def read_code(text: str) -> str:
    """A code as it is kept, however it was typed.

    >>> read_code(" abcde-fghjk ")
    'ABCDEFGHJK'
    """
    return "".join(sign for sign in text[:40].upper() if sign.isalnum())


def invitation_by(secret: str) -> tuple[Invitation, str] | None:
    """The place of a census whose link or code this is, and the way by which it came."""
    rows = Invitation.objects.select_related("campaign__network", "place__commune__departement", "answer")
    if len(secret) > 80:
        return None
    found = rows.filter(digest=digest(secret)).first()
    if found is not None:
        return found, BY_MAIL
    found = rows.filter(code_digest=digest(read_code(secret))).first()
    return (found, BY_LETTER) if found is not None else None


def census_url(secret: str) -> str:
    """The whole address of a place's form."""
    return settings.SITE_URL + reverse("census", args=[secret])


def mark_of(email: str) -> str:
    """The fingerprint of an address of mail; it holds whatever the key of the site: silence outlives a backup."""
    return digest(f"{_SILENCE}:{email.strip().lower()}")


def silence_url(email: str) -> str:
    """The whole address by which whoever reads a mail asks for no other."""
    return settings.SITE_URL + reverse("census_silence", args=[signing.dumps(mark_of(email), salt=_SILENCE)])


def mark_of_token(token: str) -> str | None:
    """The fingerprint of the address that a link of silence names."""
    try:
        return str(signing.loads(token[:300], salt=_SILENCE))
    except signing.BadSignature:
        return None


def silent(emails: set[str]) -> set[str]:
    """Those of some addresses that asked for silence."""
    marks = {mark_of(email): email for email in emails}
    found = Silence.objects.filter(digest__in=list(marks)).values_list("digest", flat=True)
    return {marks[one] for one in found}
