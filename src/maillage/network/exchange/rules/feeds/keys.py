"""The key by which an instance signs what it tells others, and how one key hands over to the next (decision 0032)."""

import hashlib
import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

PUBLIC = re.compile(r"[0-9a-f]{64}")
MOST_TURNS = 50


@dataclass(frozen=True, slots=True)
class Turn:
    """One key handing over to the next: `word` is the old one's signature, in hexadecimal as both keys are."""

    old: str
    new: str
    word: str


def private_key(secret: bytes, number: int) -> Ed25519PrivateKey:
    """The n-th key of an instance, drawn anew from the site's secret whenever it signs: it is kept nowhere.

    >>> public_of(private_key(b"a", 1)) == public_of(private_key(b"a", 1)) != public_of(private_key(b"a", 2))
    True
    """
    return Ed25519PrivateKey.from_private_bytes(
        hmac.digest(secret, f"maillage.federation.signing:{number}".encode(), "sha256")
    )


def public_of(key: Ed25519PrivateKey) -> str:
    """The public half, in hexadecimal: 64 signs."""
    return key.public_key().public_bytes_raw().hex()


def name_of(public: str) -> str:
    """The short name of a public key."""
    return hashlib.sha256(bytes.fromhex(public)).hexdigest()[:16]


def fingerprint(public: str) -> str:
    """What two persons read to each other on the phone to be sure of a key.

    >>> fingerprint("00" * 32)
    '66687 aadf8 62bd7 76c8f'
    """
    told = hashlib.sha256(bytes.fromhex(public)).hexdigest()[:20]
    return " ".join(told[at : at + 5] for at in range(0, 20, 5))


def is_key(given: str, public: str) -> bool:
    """Whether what somebody typed names a key: the key itself, or its fingerprint however it is spaced."""
    typed = re.sub(r"[\s:-]", "", given).lower()
    return typed in (public, fingerprint(public).replace(" ", ""))


def hand_over(site: str, old: Ed25519PrivateKey, new: str) -> Turn:
    """The word of a key for the one that follows it."""
    return Turn(public_of(old), new, old.sign(_said(site, public_of(old), new)).hex())


def leads_to(site: str, pinned: str, current: str, turns: Iterable[Turn]) -> bool:
    """Whether a key that was trusted hands over, in as many turns as it takes, to the one that signs now.

    >>> first, second = private_key(b"a", 1), private_key(b"a", 2)
    >>> turn = hand_over("jura-example", first, public_of(second))
    >>> leads_to("jura-example", turn.old, turn.new, [turn]), leads_to("ain-example", turn.old, turn.new, [turn])
    (True, False)
    """
    nexts = {turn.old: turn for turn in turns if _holds(site, turn)}
    here = pinned
    for _turn in range(MOST_TURNS):
        if here == current:
            return True
        if here not in nexts:
            return False
        here = nexts[here].new
    return False


def _holds(site: str, turn: Turn) -> bool:
    if not (PUBLIC.fullmatch(turn.old) and PUBLIC.fullmatch(turn.new) and re.fullmatch(r"[0-9a-f]{128}", turn.word)):
        return False
    return verifies(turn.old, bytes.fromhex(turn.word), _said(site, turn.old, turn.new))


def verifies(public: str, signature: bytes, said: bytes) -> bool:
    """Whether a signature is that of a public key under these very bytes."""
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public)).verify(signature, said)
    except (InvalidSignature, ValueError):
        return False
    return True


def _said(site: str, old: str, new: str) -> bytes:
    return f"maillage.federation.turn|{site}|{old}|{new}".encode()
