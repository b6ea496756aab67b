"""A page signed over its very bytes: Content-Digest (RFC 9530) under an HTTP message signature (RFC 9421, Ed25519).

The signature also covers what was asked, so that the answer to another question is not taken for this one's.
"""

import hashlib
import re
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from maillage.network.exchange.rules.feeds.keys import name_of, public_of, verifies

DIGEST, INPUT, SIGNATURE = "Content-Digest", "Signature-Input", "Signature"
HEADERS = (DIGEST, INPUT, SIGNATURE)
LABEL, TAG = "maillage", "maillage-feed"
TYPE = "application/json"
_COVERED = '("@status" "content-type" "content-digest" "@path";req "@query";req)'
_INPUT = re.compile(
    re.escape(f"{LABEL}={_COVERED};created=")
    + r"([0-9]{1,12})"
    + re.escape(';keyid="')
    + "([0-9a-f]{16})"
    + re.escape(f'";alg="ed25519";tag="{TAG}"')
)
_SIGNATURE = re.compile(rf"{LABEL}=:([A-Za-z0-9+/]{{86}}==):")


class BadSignature(ValueError):
    """A page that is not signed as it should be: `code` says in which way.

    The codes: unsigned, digest (the body is another), key (signed by another key), forged.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked, as the request wrote it: the path and the query, without its question mark."""

    path: str
    query: str


@dataclass(frozen=True, slots=True)
class Signed:
    """When a page was signed, in seconds since 1970, and by which key."""

    created: int
    key: str


def headers_of(body: bytes, asked: Asked, key: Ed25519PrivateKey, created: int) -> dict[str, str]:
    """The headers that sign a body, as it leaves.

    >>> from maillage.network.exchange.rules.feeds.keys import private_key
    >>> key, asked = private_key(b"secret", 1), Asked("/api/v1/places/changes", "since=0.0")
    >>> signed(b"{}", asked, headers_of(b"{}", asked, key, 1700000000), public_of(key)).created
    1700000000
    """
    digest = digest_of(body)
    parameters = f'{_COVERED};created={created};keyid="{name_of(public_of(key))}";alg="ed25519";tag="{TAG}"'
    signature = b64encode(key.sign(_base(digest, asked, parameters))).decode()
    return {DIGEST: digest, INPUT: f"{LABEL}={parameters}", SIGNATURE: f"{LABEL}=:{signature}:"}


def signed(body: bytes, asked: Asked, headers: Mapping[str, str], public: str) -> Signed:
    """When a page was signed, once its signature holds under a public key; raises `BadSignature`.

    >>> signed(b"{}", Asked("/", ""), {}, "00" * 32)
    Traceback (most recent call last):
    maillage.network.exchange.rules.feeds.signing.BadSignature: unsigned
    """
    told, signature = _INPUT.fullmatch(headers.get(INPUT, "")), _SIGNATURE.fullmatch(headers.get(SIGNATURE, ""))
    if told is None or signature is None:
        raise BadSignature("unsigned")
    if headers.get(DIGEST, "") != digest_of(body):
        raise BadSignature("digest")
    if told[2] != name_of(public):
        raise BadSignature("key")
    raw = b64decode(signature[1])
    # The last sign of base64 has spare bits: another spelling of the same bytes is another text, and refused.
    parameters = headers[INPUT].removeprefix(f"{LABEL}=")
    if b64encode(raw).decode() != signature[1] or not verifies(public, raw, _base(digest_of(body), asked, parameters)):
        raise BadSignature("forged")
    return Signed(int(told[1]), public)


def digest_of(body: bytes) -> str:
    """What RFC 9530 calls the digest of a content.

    >>> digest_of(b"")
    'sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:'
    """
    return f"sha-256=:{b64encode(hashlib.sha256(body).digest()).decode()}:"


def _base(digest: str, asked: Asked, parameters: str) -> bytes:
    """The signature base of RFC 9421, section 2.5."""
    lines = (
        '"@status": 200',
        f'"content-type": {TYPE}',
        f'"content-digest": {digest}',
        f'"@path";req: {asked.path}',
        f'"@query";req: ?{asked.query}',
        f'"@signature-params": {parameters}',
    )
    return "\n".join(lines).encode()
