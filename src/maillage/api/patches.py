"""A merge patch of a place's sheet (RFC 7396), read field by field: all of it is right, or nothing is written."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from maillage.api.problems import ProblemRaised
from maillage.places.labels import say
from maillage.places.rules.choice import STATE, TOGETHER
from maillage.places.rules.drafts import FEATURE_FIELDS, FIELDS
from maillage.places.rules.fields import MOST_LINKS, BadValue, blank, check, read_field
from maillage.territory import queries as territory

WHERE = TOGETHER[0]
WRITABLE = tuple(name for name in FIELDS if name not in STATE)
_FROM_COMMUNE = ("commune", "estimated")


def read_patch(patch: Mapping[str, Any], shown: Mapping[str, Any]) -> dict[str, Any]:
    """The values a patch gives to fields, given those shown today; every error is told, by JSON pointer."""
    values: dict[str, Any] = {}
    errors: list[dict[str, str]] = []
    for name, given in patch.items():
        try:
            values[name] = _read(name, given)
        except BadValue as bad:
            errors.append(_error(name, bad.problem, bad.mend))
    if not errors:
        values = _with_whereabouts(values, shown)
        errors = _whole(values, shown, patch)
    if errors:
        raise ProblemRaised("champs", errors=errors[:50])
    return values


def _read(name: str, given: Any) -> Any:
    if name in STATE:
        raise BadValue(
            _("l’état du lieu ne se change pas avec une clé"), _("changez-le sur la page de l’équipe\u202f: /gerer/")
        )
    if name not in WRITABLE:
        raise BadValue(_("champ inconnu"), _("champs connus\u202f: %(names)s") % {"names": ", ".join(WRITABLE)})
    if given is not None:
        _check_type(name, given)
    read = read_field(name, given)
    if name == "name" and not read:
        raise BadValue(_("le nom manque"), _("donnez un nom au lieu"))
    if name == "commune" and read:
        today = territory.resolve_code(read)
        if today is None:
            raise BadValue(_("cette commune est inconnue"), _("donnez son code Insee d’aujourd’hui"))
        return today
    return read


def _check_type(name: str, given: Any) -> None:
    if name in (*FEATURE_FIELDS, "links"):
        right = isinstance(given, list) and len(given) <= 50 and all(isinstance(one, str) for one in given)
        wanted = _("une liste de textes est attendue")
    elif name == "capacity":
        right, wanted = isinstance(given, int) and not isinstance(given, bool), _("un nombre entier est attendu")
    elif name in ("lat", "lon"):
        right, wanted = isinstance(given, int | float) and not isinstance(given, bool), _("un nombre est attendu")
    else:
        right, wanted = isinstance(given, str), _("un texte est attendu")
    if name == "links" and right and len(given) > MOST_LINKS:
        raise BadValue(_("plus de %(n)s adresses") % {"n": MOST_LINKS}, _("gardez les plus utiles"))
    if not right:
        raise BadValue(wanted, _("ou «\u202fnull\u202f», pour dire qu’il n’y a rien"))


def _with_whereabouts(values: dict[str, Any], shown: Mapping[str, Any]) -> dict[str, Any]:
    """The address, the commune and the point make sense only from one source: what is not said of them is repeated.

    A point that was only the commune's centre follows the commune; one that is given anew has no precision yet.
    """
    if not any(name in values for name in WHERE):
        return values
    point = "lat" in values or "lon" in values
    derived = shown["precision"] in _FROM_COMMUNE and not point
    whole = {}
    for name in WHERE:
        left_out = (derived and name in ("lat", "lon", "precision")) or (point and name == "precision")
        today = blank(name) if left_out or shown[name] is None else shown[name]
        whole[name] = values.get(name, today)
    return values | whole


def _whole(values: Mapping[str, Any], shown: Mapping[str, Any], patch: Mapping[str, Any]) -> list[dict[str, str]]:
    """What only the whole sheet can tell."""
    merged = {name: values.get(name, shown[name]) for name in FIELDS}
    touched = {*patch, *(WHERE if any(name in patch for name in WHERE) else ())}
    found = check({name: value for name, value in merged.items() if value not in (None, "", [])}).problems
    return [_error(one.field, one.problem, one.mend) for one in found if one.field in touched]


def _error(name: str, reason: str, mend: str) -> dict[str, str]:
    escaped = name[:80].replace("~", "~0").replace("/", "~1")
    return {"pointer": f"/{escaped}", "reason": say(reason), "mend": say(mend)}
