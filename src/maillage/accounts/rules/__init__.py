"""Who may do what, decided on plain words: roles, acts, scopes, signatures, fingerprints."""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

OPERATOR, FACILITATOR, COLLEAGUE, NETWORK_OFFICER, OBSERVER = ROLES = (
    "operator",
    "facilitator",
    "colleague",
    "network_officer",
    "observer",
)
"""Strongest first."""

OF_THE_PLACE = (FACILITATOR, COLLEAGUE)
"""Held in a place and nowhere else: who has one of these there speaks for it, whatever else they may do."""

LOOK, EDIT, CLOSE, TEAM, HOST, RUN, CLEAR = ACTS = ("look", "edit", "close", "team", "host", "run", "clear")
"""See the pages of a place's team; change its sheet; close or re-open it; invite, dismiss and give keys; see persons
and bookings, book and check in; define spaces and hours, merge, export and erase; answer what people suggest of places
that have no team, verify sheets, say that two places are one.

The members of a place are its own business: whoever looks after a territory never hosts nor runs.
"""

MAY: Mapping[str, frozenset[str]] = {
    OPERATOR: frozenset(ACTS),
    FACILITATOR: frozenset(ACTS) - {CLEAR},
    COLLEAGUE: frozenset({LOOK, EDIT, HOST}),
    NETWORK_OFFICER: frozenset({LOOK, EDIT, CLEAR}),
    OBSERVER: frozenset({LOOK}),
}
EVERYWHERE = "france"
INVITATION_LASTS = timedelta(days=7)
DEMO_HOST = "demonstration.invalid"
"""Where the people of the demo have their addresses: a name that no mail ever reaches."""

ERASED_HOST = "compte-efface.invalid"
"""Where erased people have what stands for their address."""

_UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_PLACE = re.compile(rf"place:{_UUID}")
_TERRITORY = re.compile(r"france|reg:[0-9]{2,3}|dep:[0-9][0-9AB][0-9]?|epci:[0-9]{9}|commune:[0-9][0-9AB][0-9]{3}")
_SIGNATURE = re.compile(r"compte:([0-9]{1,18}):([a-z_]{1,20})")
_KEY_SIGNATURE = re.compile(r"cle:([0-9]{1,18}):[a-z_]{1,20}")


class AddressRefused(ValueError):
    """An electronic address that may imitate another; the message says why and what to do."""


class ScopeRefused(ValueError):
    """A role does not fit a scope; the message says why and what to do."""


class ScopeUnreadable(ScopeRefused):
    """A scope is written like none."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What a person may do somewhere, and under which of their roles."""

    role: str = ""
    acts: frozenset[str] = frozenset()

    def may(self, act: str) -> bool:
        return act in self.acts


def address(text: str) -> str:
    """The one way in which an electronic address is written here, so that the same address is always the same text.

    A database that ignores capitals also takes « ı » for « i » and « ſ » for « s »: such signs are refused, not read.

    >>> address(" Nadine@Exemple.fr ")
    'nadine@exemple.fr'
    >>> address("nadıne@exemple.fr")
    Traceback (most recent call last):
    maillage.accounts.rules.AddressRefused: Cette adresse électronique a un accent ou un signe étranger, qui peut \
imiter une autre adresse : écrivez-la en lettres simples, comme nom@domaine.fr.
    """
    bare = text.strip()
    if not bare.isascii():
        raise AddressRefused(
            "Cette adresse électronique a un accent ou un signe étranger, qui peut imiter une autre adresse : "
            "écrivez-la en lettres simples, comme nom@domaine.fr."
        )
    return bare.lower()


def is_erased(email: str) -> bool:
    """Whether this stands for the address of somebody who was erased."""
    return email.endswith(f"@{ERASED_HOST}")


def same_address(one: str, other: str) -> bool:
    """Whether two addresses are one; those that `address` refuses are so only when written alike, sign for sign.

    >>> same_address("Nadine@exemple.fr", "nadine@exemple.fr"), same_address("nadıne@exemple.fr", "nadine@exemple.fr")
    (True, False)
    """
    try:
        return address(one) == address(other)
    except AddressRefused:
        return one == other


def place_scope(place_id: object) -> str:
    """The scope of one place.

    >>> place_scope("0b9c2e0e-8a94-4f4e-9a59-6a3c3c1c2d3e")
    'place:0b9c2e0e-8a94-4f4e-9a59-6a3c3c1c2d3e'
    """
    return f"place:{place_id}"


def check_scope(role: str, scope: str, *, called: str = "") -> None:
    """Refuse a role that does not exist, or a scope where it makes no sense; `called` is how people call the role.

    >>> check_scope(COLLEAGUE, "dep:39")
    Traceback (most recent call last):
    maillage.accounts.rules.ScopeRefused: Le rôle « colleague » se donne dans un lieu : nommez ce lieu.
    """
    if role not in ROLES:
        raise ScopeRefused(f"Le rôle « {role[:40]} » n’existe pas. Rôles connus : {', '.join(ROLES)}.")
    if role == OPERATOR and scope != EVERYWHERE:
        raise ScopeRefused(f"Le rôle « {called or role} » vaut pour tout le site : ne nommez ni lieu ni territoire.")
    if role in (FACILITATOR, COLLEAGUE) and not _PLACE.fullmatch(scope):
        raise ScopeRefused(f"Le rôle « {called or role} » se donne dans un lieu : nommez ce lieu.")
    if not (_PLACE.fullmatch(scope) or _TERRITORY.fullmatch(scope)):
        raise ScopeUnreadable(
            f"« {scope[:60]} » n’est ni un lieu ni un territoire : écrivez par exemple dep:39, epci:243900610, france."
        )


def standing(held: Iterable[tuple[str, str]], scopes: Iterable[str]) -> Standing:
    """What the roles held, as (role, scope), allow within any of these scopes; who is of a place signs as such.

    >>> standing([("colleague", "place:a"), ("operator", "france")], ["place:a", "france"]).role
    'colleague'
    >>> standing([("facilitator", "place:a")], ["place:b", "dep:39"])
    Standing(role='', acts=frozenset())
    """
    within = set(scopes)
    roles = [role for role, scope in held if scope in within and role in MAY]
    if not roles:
        return Standing()
    own = [role for role in roles if role in OF_THE_PLACE]
    return Standing(min(own or roles, key=ROLES.index), frozenset().union(*(MAY[role] for role in roles)))


def signature(user_id: int, role: str) -> str:
    """How an account signs what it writes: « compte:12:facilitator »."""
    return f"compte:{user_id}:{role}"


def key_signature(key_id: int, role: str) -> str:
    """How a program signs what it writes with a key of a place: « cle:7:colleague »."""
    return f"cle:{key_id}:{role}"


def read_signature(by: str) -> tuple[int, str] | None:
    """The account and role behind a signature, or None.

    >>> read_signature("compte:12:facilitator"), read_signature("commande:import")
    ((12, 'facilitator'), None)
    """
    found = _SIGNATURE.fullmatch(by)
    return (int(found[1]), found[2]) if found else None


def read_key_signature(by: str) -> int | None:
    """The key behind a signature, or None.

    >>> read_key_signature("cle:7:colleague"), read_key_signature("compte:7:colleague")
    (7, None)
    """
    found = _KEY_SIGNATURE.fullmatch(by)
    return int(found[1]) if found else None


def digest(secret: str) -> str:
    """The fingerprint under which a secret is kept; ours have 256 bits, so that no salt is needed.

    >>> digest("x")[:12]
    '2d711642b726'
    """
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
