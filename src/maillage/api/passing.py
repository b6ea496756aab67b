"""Carnets and funded passes, looked at and used by a program in the name of a place's team.

A code that is neither sold by the place of the key nor of a scheme in which it is accredited does not exist there.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from maillage.accounts.rules import HOST
from maillage.api.bodies import read_bytes, read_object
from maillage.api.kept import told_in_problems
from maillage.api.keys import Program, authenticate, unknown_key
from maillage.api.problems import ProblemRaised
from maillage.api.writing import as_json, once
from maillage.management.billing.actions.door import BillingRefused
from maillage.management.billing.queries.days import today_at
from maillage.management.passes.actions import using
from maillage.management.passes.actions.ledger import PassRefused
from maillage.management.passes.queries.formulas import pass_of_code
from maillage.management.passes.queries.ledger import balance, standing
from maillage.management.passes.rules.formulas import rates_of
from maillage.management.passes.rules.ledger import REASONS, refused
from maillage.network.schemes.actions.door import SchemesRefused
from maillage.network.schemes.actions.redeeming import redeem as redeem_funded
from maillage.network.schemes.permissions import is_own_issue
from maillage.network.schemes.queries.door import pass_shown_at, why_not
from maillage.places.labels import say
from maillage.places.queries.scopes import place_of

JSON = ("application/json",)
HALVES = ("am", "pm")
LARGEST_ID = 2**63 - 1
CARD = {
    "name": "card",
    "in": "path",
    "required": True,
    "description": "Le code écrit sur la carte, ou le texte signé de son code QR (« MP1… »).",
    "schema": {"type": "string", "pattern": r"^[A-Za-z0-9_-]{10,20}$|^MP1\.[A-Za-z0-9._-]{10,500}$"},
}
BODY: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "space": {
            "type": "integer",
            "minimum": 1,
            "maximum": LARGEST_ID,
            "description": "Pour un carnet ou un abonnement du lieu : l’espace utilisé.",
        },
        "quantity": {
            "type": "integer",
            "minimum": 1,
            "maximum": using.MOST_PIECES,
            "description": "Pour un carnet : combien d’heures, de demi-journées… Sans lui, une.",
        },
        "half": {"type": "string", "enum": list(HALVES), "description": "Pour un carnet : matin ou après-midi."},
    },
    "description": "Vide pour un passe découverte : c’est la demi-journée qu’il est, à l’heure du lieu.",
}
_POINTERS = {"subject": "/space", "quantity": "/quantity", "half": "/half"}


@dataclass(frozen=True, slots=True)
class _Shown:
    """What a code is at the place of a key: a funded pass by its issue, or a carnet of the place."""

    place: Any
    issue: Any
    one: Any


@told_in_problems
def one_pass(request: HttpRequest, card: str) -> HttpResponse:
    """Ce qui reste sur un carnet ou un passe découverte, avec la clé du lieu.

    « good » dit s’il vaut ici et maintenant, « why » sinon pourquoi. Jamais qui le porte. Un passe d’un dispositif où
    le lieu n’est pas agréé, ou le carnet d’un autre lieu, n’existe pas pour cette clé (404).
    """
    now = timezone.now()
    _program, shown = _enter(request, card, now)
    return as_json(_told(shown, now), 200)


@told_in_problems
def redeem(request: HttpRequest, card: str) -> HttpResponse:
    """Compter une venue sur un carnet ou un passe découverte, avec la clé du lieu.

    Avec « Idempotency-Key », la même demande renvoyée dans la semaine reçoit la même réponse et ne compte rien ; une
    autre demande sous la même clé est refusée (422). Ce que le passe, le lieu ou le dispositif ne permet pas est
    refusé (409), avec ce qu’il faut faire.
    """
    now = timezone.now()
    program, shown = _enter(request, card, now)
    body = _asked(request, shown)
    keyed = "Idempotency-Key" in request.headers
    number = f"{program.key} {request.headers.get('Idempotency-Key', '')}" if keyed else str(uuid4())
    nonce = f"api-{hashlib.sha256(number.encode()).hexdigest()[:32]}"
    spend = _funded if shown.issue is not None else _carnet

    def act() -> dict[str, Any]:
        return spend(shown, card, body, nonce=nonce, by=program.by, now=now)

    asked = f"redeem {shown.one.code} " + json.dumps(body, sort_keys=True)
    return as_json(_refusing(lambda: once(request, program, asked, now, act) if keyed else act()), 201)


def _refusing(act: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Do an act; what it refuses is told as a problem."""
    try:
        return act()
    except PassRefused as refused_so:
        errors = [{"reason": refused_so.problem, "mend": refused_so.mend}]
        raise ProblemRaised("refus", str(refused_so), errors=errors) from refused_so
    except SchemesRefused as refused_so:
        errors = [{"reason": wrong, "mend": mend} for wrong, mend in refused_so.wrongs.values()]
        raise ProblemRaised("refus", str(refused_so), errors=errors) from refused_so
    except BillingRefused as refused_so:
        wrongs = refused_so.wrongs.items()
        errors = [{"pointer": _POINTERS.get(name, ""), "reason": wrong, "mend": mend} for name, (wrong, mend) in wrongs]
        raise ProblemRaised("champs", str(refused_so), errors=errors) from refused_so
    except PermissionDenied as lost:
        raise unknown_key() from lost


def _enter(request: HttpRequest, card: str, now: datetime) -> tuple[Program, _Shown]:
    """The program, and what the code is where its key holds; anything else answers like a code that is none."""
    program = authenticate(request, now=now)
    place = place_of(program.scope)
    issue = pass_shown_at(place, card) if place else None
    one = issue.of if issue else pass_of_code(place, card) if place else None
    if place is None or one is None:
        raise ProblemRaised(
            "introuvable", _("Ce code n’est pas celui d’un carnet ou d’un passe qui vaut dans ce lieu.")
        )
    program.must_be_able_to(HOST)
    return program, _Shown(place, issue, one)


def _asked(request: HttpRequest, shown: _Shown) -> dict[str, Any]:
    """What a body asks for, each field checked; none is needed for a funded pass, and none may be given."""
    if not request.headers.get("Content-Type") and not read_bytes(request):
        body: dict[str, Any] = {}
    else:
        body = read_object(request, types=JSON)
    wrong = [_wrong(name, _("champ inconnu")) for name in body if name not in BODY["properties"]]
    for name, most in (("space", LARGEST_ID), ("quantity", using.MOST_PIECES)):
        if name in body and (type(body[name]) is not int or not 1 <= body[name] <= most):
            wrong.append(_wrong(name, _("un nombre entier est attendu, de 1 à %(n)d") % {"n": most}))
    if "half" in body and body["half"] not in HALVES:
        wrong.append(_wrong("half", _("am ou pm est attendu")))
    if not wrong and shown.issue is not None:
        why = _("ne se dit pas d’un passe découverte\u202f: c’est la demi-journée qu’il est")
        wrong = [_wrong(name, why) for name in body]
    elif not wrong and "space" not in body:
        wrong = [_wrong("space", _("à donner, pour un carnet ou un abonnement"))]
    if wrong:
        raise ProblemRaised("champs", errors=wrong[:20])
    return body


def _wrong(name: str, why: str) -> dict[str, str]:
    return {"pointer": f"/{name[:80]}", "reason": why}


def _funded(
    shown: _Shown, card: str, _body: Mapping[str, Any], *, nonce: str, by: str, now: datetime
) -> dict[str, Any]:
    made = redeem_funded(place=shown.place, text=card, nonce=nonce, by=by, now=now)
    return _counted(shown, made.movement)


def _carnet(
    shown: _Shown, _card: str, body: Mapping[str, Any], *, nonce: str, by: str, now: datetime
) -> dict[str, Any]:
    movement = using.use(
        place=shown.place,
        pass_id=shown.one.pk,
        subject=f"space:{body['space']}",
        quantity=body.get("quantity", 1),
        day=today_at(shown.place, now),
        half=body.get("half", ""),
        key=nonce,
        by=by,
        now=now,
    )
    return _counted(shown, movement)


def _counted(shown: _Shown, movement: Any) -> dict[str, Any]:
    return {
        "id": movement.pk,
        "code": shown.one.code,
        "place": shown.place.slug,
        "day": movement.day.isoformat(),
        "half": movement.half or None,
        "units": -movement.amount,
        "left": balance(shown.one.pk),
        "ends_on": shown.one.ends_on.isoformat(),
    }


def _told(shown: _Shown, now: datetime) -> dict[str, Any]:
    one, issue = shown.one, shown.issue
    stand = standing(one)
    if issue is not None:
        wrong = why_not(issue, shown.place, now=now, is_own_issue=is_own_issue(issue, shown.place))
    else:
        wrong = REASONS.get(refused(stand, units=1, day=today_at(shown.place, now)))
    return {
        "code": one.code,
        "kind": one.kind,
        "name": issue.scheme.name if issue else one.formula.name if one.formula else "",
        "left": stand.balance,
        "starts_on": one.starts_on.isoformat(),
        "ends_on": one.ends_on.isoformat(),
        "good": wrong is None,
        "why": _("%(problem)s\u202f: %(mend)s.") % {"problem": say(wrong.problem), "mend": say(wrong.mend)}
        if wrong
        else None,
        "takes": [
            {"space": int(rate.subject.partition(":")[2]), "unit": rate.unit, "units": rate.units}
            for rate in rates_of(one.rates)
            if rate.subject.startswith("space:")
        ],
    }
