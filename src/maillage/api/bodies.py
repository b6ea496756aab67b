"""Bodies of requests: bounded, strict JSON, nothing that two readers could read in two ways."""

import json
import math
from typing import Any

from django.http import HttpRequest
from django.http.request import RawPostDataException, UnreadablePostError
from django.utils.translation import gettext as _

from maillage.api.problems import ProblemRaised

MOST_BYTES = 65_536
DEEPEST = 20


class _Refused(ValueError):
    pass


def read_object(request: HttpRequest, *, types: tuple[str, ...]) -> dict[str, Any]:
    """The JSON object that a request carries."""
    kind = (request.headers.get("Content-Type") or "").partition(";")[0].strip().lower()
    if kind not in types:
        raise ProblemRaised("format", _("Envoyez un corps de type «\u202f%(type)s\u202f».") % {"type": types[0]})
    try:
        text = read_bytes(request).decode("utf-8")
        found = json.loads(text, object_pairs_hook=_once, parse_constant=_no_constant, parse_float=_finite)
    except UnicodeDecodeError as error:
        raise ProblemRaised("corps", _("Ce n’est pas de l’UTF-8.")) from error
    except RecursionError as error:
        raise ProblemRaised("corps", _("Trop de niveaux.")) from error
    except _Refused as error:
        raise ProblemRaised("corps", str(error)) from error
    except ValueError as error:
        raise ProblemRaised("corps", _("Ce n’est pas du JSON.")) from error
    if not isinstance(found, dict):
        raise ProblemRaised("corps", _("Le corps doit être un objet JSON."))
    _check(found, DEEPEST)
    return found


def read_bytes(request: HttpRequest) -> bytes:
    """The body, if it is not too big."""
    declared = request.headers.get("Content-Length", "") or "0"
    if not declared.isascii() or not declared.isdigit() or int(declared[:12]) > MOST_BYTES:
        raise ProblemRaised("taille")
    try:
        data = request.read(MOST_BYTES + 1)
    except (UnreadablePostError, RawPostDataException, OSError) as error:
        raise ProblemRaised("corps", _("Le corps s’est interrompu.")) from error
    if len(data) > MOST_BYTES:
        raise ProblemRaised("taille")
    return data


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _Refused(_("Un nom est donné deux fois dans le même objet."))
    return found


def _no_constant(name: str) -> float:
    raise _Refused(_("%(name)s n’est pas un nombre en JSON.") % {"name": name})


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise _Refused(_("Un nombre est démesuré."))
    return number


def _check(value: Any, levels: int) -> None:
    """Refuse what cannot be stored as text, and what is nested beyond any use."""
    if levels == 0:
        raise ProblemRaised("corps", _("Trop de niveaux."))
    if isinstance(value, str):
        if "\x00" in value or any("\ud800" <= letter <= "\udfff" for letter in value):
            raise ProblemRaised("corps", _("Un texte contient un caractère nul ou illisible."))
    elif isinstance(value, dict):
        for name, held in value.items():
            _check(name, levels)
            _check(held, levels - 1)
    elif isinstance(value, list):
        for held in value:
            _check(held, levels - 1)
