"""Who may: asked by every view before it acts; and where a role may be held at all.

The rooms above know places and territories: one of them says so when it starts, and is asked by its name.
"""

from collections.abc import Iterable
from importlib import import_module
from typing import Protocol, cast

from maillage.accounts import queries
from maillage.accounts.rules import (
    EVERYWHERE,
    OPERATOR,
    ScopeRefused,
    ScopeUnreadable,
    Standing,
    check_scope,
    standing,
)


class Scopes(Protocol):
    """A module that knows places and territories."""

    def read(self, text: str) -> str:
        """The scope that a text means: a place may be given by the address of its page."""

    def name(self, scope: str) -> str | None:
        """What a scope is called, or None when nothing of that name exists."""

    def nearest(self, text: str) -> list[str]:
        """The territories that a text may mean, each as « epci:243900420 (CC du Val d’Amour) »."""


_known: list[str] = []


def standing_of(user: object, scopes: Iterable[str]) -> Standing:
    """What a person may do within any of these scopes; nothing when not signed in."""
    return standing(queries.held(user), scopes)


def is_operator(user: object) -> bool:
    """Whether a person runs this site."""
    return (OPERATOR, EVERYWHERE) in queries.held(user)


def scopes_known_by(module: str) -> None:
    """Say which module knows scopes; called once, by `AppConfig.ready`."""
    _known[:] = [module]


def read_scope(text: str) -> str:
    """The scope that a text means, or the text; refuses the address of no place."""
    return _scopes().read(text)


def scope_name(scope: str) -> str | None:
    """What a scope is called, or None when nothing of that name exists."""
    return _scopes().name(scope)


def check_role(role: str, scope: str, *, called: str = "") -> None:
    """Refuse a role where it makes no sense, and a territory that nobody knows; the message names the closest."""
    try:
        check_scope(role, scope, called=called)
    except ScopeUnreadable as refused:
        raise ScopeRefused(_closest(scope) or str(refused)) from refused
    if not scope.startswith("place:") and scope_name(scope) is None:
        raise ScopeRefused(
            _closest(scope)
            or f"« {scope} » n’est pas sur le fond de territoire chargé : vérifiez ce code Insee ou Siren, "
            f"ou écrivez un nom pour lire les codes, comme dep:Jura."
        )


def _closest(scope: str) -> str:
    found = _scopes().nearest(scope)
    if not found:
        return ""
    said = "Le plus proche" if len(found) == 1 else "Les plus proches"
    return f"« {scope[:60]} » n’est pas un territoire d’ici. {said} : {', '.join(found)}."


def _scopes() -> Scopes:
    return cast("Scopes", import_module(_known[0]))
