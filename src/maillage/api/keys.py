"""Who writes: a program that holds a key of a place. Cookies give no right here."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest

from maillage.accounts import actions, queries
from maillage.accounts.rules import MAY, digest, key_signature, place_scope
from maillage.api import limits
from maillage.api.problems import ProblemRaised

_BEARER = re.compile(r"bearer +(mlg_[A-Za-z0-9_-]{20,100})", re.IGNORECASE)
_ASK = {"WWW-Authenticate": 'Bearer realm="Maillage"'}


@dataclass(frozen=True, slots=True)
class Program:
    """A program that holds a key: how it signs, where and what it may do."""

    key: int
    by: str
    scope: str
    acts: frozenset[str]

    def holds(self, place_id: UUID) -> bool:
        """Whether this place is the key's."""
        return self.scope == place_scope(place_id)

    def must_be_able_to(self, act: str) -> None:
        if act not in self.acts:
            raise ProblemRaised("droit")


def authenticate(request: HttpRequest, *, now: datetime) -> Program:
    """The program behind the key of a request."""
    found = _BEARER.fullmatch(request.headers.get("Authorization", "")[:200].strip())
    if found is None:
        raise ProblemRaised("cle", headers=_ASK)
    fingerprint = digest(found[1])
    limits.hold_back_guesses(request, fingerprint)
    key = queries.key(found[1])
    if key is None:
        limits.note_bad_key(request)
        raise unknown_key()
    limits.note_good_key(fingerprint)
    limits.allow_write(key.pk)
    actions.note_key_use(key=key, now=now)
    return Program(key.pk, key_signature(key.pk, key.role), key.scope, MAY[key.role])


def unknown_key() -> ProblemRaised:
    """What a program hears whose key never worked, or works no more."""
    return ProblemRaised(
        "cle", headers=_ASK | {"WWW-Authenticate": f'{_ASK["WWW-Authenticate"]}, error="invalid_token"'}
    )


class Key:
    """How the key is told of in OpenAPI; operations ask for it by themselves."""

    openapi_security_schema: dict[str, Any] = {"type": "http", "scheme": "bearer", "bearerFormat": "mlg_…"}

    def __call__(self, request: HttpRequest) -> bool:
        return True
