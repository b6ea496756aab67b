"""Controls, mistakes and lines, in words."""

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from maillage.management.people.forms import Typed
from maillage.management.people.labels import ALIKE, FEES, FIELDS, KINDS
from maillage.management.people.rules.entries import LONGEST_BODY, LONGEST_EMAIL, LONGEST_NAME, LONGEST_NOTE
from maillage.management.people.rules.likeness import Likeness
from maillage.management.people.rules.memberships import is_current
from maillage.places.views.wording import day_in_words

Wrongs = Mapping[str, tuple[str, str]]
_TEL = (("type", "tel"), ("maxlength", "40"), ("autocomplete", "off"))
_EMAIL = (("type", "email"), ("maxlength", str(LONGEST_EMAIL)), ("autocomplete", "off"), ("inputmode", "email"))
ATTRIBUTES: dict[str, tuple[tuple[str, str], ...]] = {
    "name": (("required", "required"), ("maxlength", str(LONGEST_NAME)), ("autocomplete", "off")),
    "body": (("required", "required"), ("maxlength", str(LONGEST_BODY)), ("autocomplete", "off")),
    "phone": _TEL,
    "email": _EMAIL,
    "note": (("maxlength", str(LONGEST_NOTE)), ("autocomplete", "off")),
    "siret": (("inputmode", "numeric"), ("maxlength", "20"), ("autocomplete", "off")),
    "address": (("maxlength", "300"), ("autocomplete", "off")),
    "starts_on": (("type", "date"), ("required", "required")),
    "ends_on": (("type", "date"),),
}


def hint(name: str, *, of_person: bool) -> str:
    """What to know before filling a field; empty for most."""
    hints = {
        "phone": _("Suffit avec le nom pour réserver\u202f: ni compte ni courriel ne sont nécessaires.")
        if of_person
        else "",
        "note": _("La personne peut demander à la lire\u202f: restez aux faits utiles."),
        "ends_on": _("Rien\u202f: jusqu’à nouvel ordre."),
    }
    return hints.get(name, "")


def controls(names: Collection[str], typed: Typed, wrongs: Wrongs) -> list[dict[str, Any]]:
    """The fields of a form, as `places/manage/_control.html` draws them."""
    return [
        {
            "kind": "text",
            "name": name,
            "label": FIELDS[name],
            "hint": hint(name, of_person="note" in names),
            "value": typed.raw.get(name, ""),
            "attributes": ATTRIBUTES["body" if name == "name" and "siret" in names else name],
            "mistake": mistake(wrongs, name),
        }
        for name in names
    ]


def mistake(wrongs: Wrongs, name: str) -> dict[str, str]:
    """What is wrong with one field, or nothing."""
    return dict(zip(("problem", "mend"), wrongs[name], strict=True)) if name in wrongs else {}


def mistakes(wrongs: Wrongs) -> dict[str, Any]:
    """What stands in the way, for `places/manage/_summary.html`."""
    told = [
        {"control": name if name in FIELDS else "", "label": FIELDS.get(name, ""), "problem": problem, "mend": mend}
        for name, (problem, mend) in wrongs.items()
    ]
    return {"wrong": bool(told), "mistakes": told}


def choices(words: Mapping[str, Any], chosen: str) -> list[dict[str, Any]]:
    """The options of a list."""
    return [{"code": code, "label": label, "on": code == chosen} for code, label in words.items()]


def membership(one: Any, today: date) -> dict[str, Any]:
    """A membership in words; `holds` today or not."""
    return {
        "pk": one.pk,
        "kind": KINDS.get(one.kind, one.kind),
        "fee": FEES.get(one.fee_class, one.fee_class),
        "first": day_in_words(one.starts_on, "j F Y"),
        "last": day_in_words(one.ends_on, "j F Y") if one.ends_on else "",
        "holds": is_current(one.starts_on, one.ends_on, today),
        "coming": one.starts_on > today,
        "paid_by": one.organisation.name if one.organisation_id else "",
    }


def reasons(likeness: Likeness) -> str:
    """Why two persons may be one."""
    return ", ".join(str(ALIKE[reason]) for reason in likeness.reasons)
