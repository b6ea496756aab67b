"""What the QR code of a pass says, signed so that a tablet without network can tell it from a forgery.

ECDSA over P-256 with SHA-256, the signature as r and s side by side, as WebCrypto verifies it (decision 0026).
A token reads `MP1.<key>.<payload>.<signature>`, the last two in base64url; the payload is `scheme|code|units|from|to`.
"""

import hashlib
import hmac
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from maillage.places.rules.sentences import sentence as _

VERSION, LONGEST = "MP1", 600
SCALAR = 32
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_TOKEN = re.compile(r"MP1\.([0-9a-f]{12})\.([A-Za-z0-9_-]{20,200})\.([A-Za-z0-9_-]{86})")
_IN_TEXT = re.compile(r"MP1\.[^\s/?#]*")
_PAYLOAD = re.compile(r"([0-9]{1,18})\|([0-9A-Z]{5}-[0-9A-Z]{5})\|([0-9]{1,5})\|([0-9-]{10})\|([0-9-]{10})")


REASONS: Mapping[str, tuple[str, str]] = {
    "cut": (_("ce code QR est incomplet"), _("scannez-le de nouveau en entier, ou tapez le code écrit dessous")),
    "stranger": (
        _("ce passe est d’un dispositif où ce lieu n’est pas agréé"),
        _("demandez l’agrément à qui le finance"),
    ),
    "forged": (
        _("la signature de ce code QR est fausse"),
        _("ne l’acceptez pas\u202f: ce n’est pas un passe"),
    ),
}


class BadToken(ValueError):
    """A QR code that is none of ours: `problem` and `mend` say which way, as a word of `REASONS`."""

    def __init__(self, reason: str) -> None:
        self.reason, (self.problem, self.mend) = reason, REASONS[reason]
        super().__init__(f"{self.problem} : {self.mend}.")


@dataclass(frozen=True, slots=True)
class Signed:
    """What a pass said of itself on the day it was signed."""

    scheme: int
    code: str
    units: int
    starts_on: date
    ends_on: date


def private_key(secret: bytes, scheme: int) -> ec.EllipticCurvePrivateKey:
    """The key of a scheme, drawn anew from the site's secret whenever one signs: it is kept nowhere.

    >>> public_hex(private_key(b"a", 1)) == public_hex(private_key(b"a", 1)) != public_hex(private_key(b"a", 2))
    True
    """
    wide = b"".join(
        hmac.digest(secret, f"maillage.schemes.signing:{scheme}:{part}".encode(), "sha256") for part in (1, 2)
    )
    return ec.derive_private_key(int.from_bytes(wide, "big") % (_ORDER - 1) + 1, ec.SECP256R1())


def public_hex(key: ec.EllipticCurvePrivateKey) -> str:
    """The public half as an uncompressed point, in hexadecimal: 130 signs, that WebCrypto imports as « raw »."""
    return key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint).hex()


def kid_of(public: str) -> str:
    """The short name of a public key."""
    return hashlib.sha256(bytes.fromhex(public)).hexdigest()[:12]


def sign(told: Signed, key: ec.EllipticCurvePrivateKey) -> str:
    """The token of a pass.

    >>> key = private_key(b"secret", 3)
    >>> told = Signed(3, "7K3QX-0M2A5", 4, date(2026, 11, 1), date(2027, 4, 30))
    >>> read(sign(told, key), {kid_of(public_hex(key)): public_hex(key)}) == told
    True
    """
    payload = f"{told.scheme}|{told.code}|{told.units}|{told.starts_on}|{told.ends_on}".encode()
    first, second = decode_dss_signature(key.sign(payload, ec.ECDSA(hashes.SHA256())))
    raw = first.to_bytes(SCALAR, "big") + second.to_bytes(SCALAR, "big")
    return f"{VERSION}.{kid_of(public_hex(key))}.{_packed(payload)}.{_packed(raw)}"


def looks_signed(text: str) -> bool:
    """Whether a text holds what wants to be a token, forged or cut as it may be, alone or in an address."""
    return _IN_TEXT.search(text[:LONGEST]) is not None


def token_in(text: str) -> str:
    """The token that a text holds; empty where it holds none.

    >>> token_in("https://exemple.fr/dispositifs/passe/MP1.a.b.c/")
    'MP1.a.b.c'
    """
    found = _IN_TEXT.search(text[:LONGEST])
    return found[0] if found else ""


def read(text: str, keys: Mapping[str, str]) -> Signed:
    """What a token says, once its signature holds under one of these public keys; raises `BadToken`.

    >>> read("MP1.abc", {})
    Traceback (most recent call last):
    maillage.network.schemes.rules.tokens.BadToken: ce code QR est incomplet : scannez-le de nouveau en entier, ou \
tapez le code écrit dessous.
    """
    found = _TOKEN.fullmatch(token_in(text) if len(text) <= LONGEST else "")
    if found is None:
        raise BadToken("cut")
    public = keys.get(found[1])
    if public is None:
        raise BadToken("stranger")
    forged = BadToken("forged")
    try:
        payload, raw = _unpacked(found[2]), _unpacked(found[3])
    except ValueError:
        raise forged from None
    # The last sign of base64 has spare bits: another spelling of the same bytes is another text, and refused.
    if _packed(payload) != found[2] or _packed(raw) != found[3]:
        raise forged
    signature = encode_dss_signature(int.from_bytes(raw[:SCALAR], "big"), int.from_bytes(raw[SCALAR:], "big"))
    point = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), bytes.fromhex(public))
    try:
        point.verify(signature, payload, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        raise forged from None
    return _said(payload.decode("ascii", "replace"), forged)


def _said(payload: str, forged: BadToken) -> Signed:
    told = _PAYLOAD.fullmatch(payload)
    if told is None:
        raise forged
    try:
        days = date.fromisoformat(told[4]), date.fromisoformat(told[5])
    except ValueError:
        raise forged from None
    return Signed(int(told[1]), told[2], int(told[3]), *days)


def _packed(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def _unpacked(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def code_in(payload: str) -> str:
    """The code that an unverified payload names, to say which card was shown; empty where it cannot be read."""
    try:
        told = _PAYLOAD.fullmatch(_unpacked(payload).decode("ascii", "replace"))
    except ValueError:
        return ""
    return told[2] if told else ""
