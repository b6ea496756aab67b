"""Sections whose controls are the fields themselves."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _

from maillage.places.forms.dates import as_typed as date_as_typed
from maillage.places.forms.dates import read_date, to_come
from maillage.places.forms.entered import Entered, Mistake, Raw, several, text
from maillage.places.rules import prose
from maillage.places.rules.drafts import FEATURE_FIELDS
from maillage.places.rules.text import DESCRIPTION_LENGTH


@dataclass(frozen=True, slots=True)
class Plain:
    """A section of plain fields."""

    fields: tuple[str, ...]

    @property
    def controls(self) -> tuple[str, ...]:
        return self.fields

    def initial(self, values: Mapping[str, Any]) -> Raw:
        """The controls as the sheet fills them."""
        return {name: _typed(name, values[name]) for name in self.fields}

    def entered(self, post: QueryDict) -> Raw:
        """The controls as they were posted."""
        return {name: several(post, name) if name in FEATURE_FIELDS else text(post, name) for name in self.fields}

    def read(self, post: QueryDict, values: Mapping[str, Any]) -> Entered:
        """Read what was posted; a control left as the sheet filled it keeps its value to the letter."""
        entered = Entered(self.entered(post))
        as_it_was = self.initial(values)
        for name in self.fields:
            given = entered.raw[name]
            if _same(given, as_it_was[name]):
                entered.values[name] = values[name]
            else:
                _read(entered, name, given)
        _refuse_opening_to_come(entered, values)
        if entered.values.get("name") == "":
            entered.mistakes["name"] = Mistake(_("le nom manque"), _("donnez le nom que les gens connaissent"))
        return entered


def _refuse_opening_to_come(entered: Entered, values: Mapping[str, Any]) -> None:
    """Only a place being prepared opens in the future."""
    opened_on = entered.values.get("opened_on", "")
    changed = opened_on != values["opened_on"]
    if changed and values["status"] != "project" and to_come(opened_on, timezone.localdate()):
        entered.mistakes["opened_on"] = Mistake(
            _("cette date est à venir, et la fiche dit que le lieu a déjà ouvert"),
            _("corrigez-la, ou dites d’abord dans «\u202fÉtat du lieu\u202f» qu’il est en projet"),
        )


def _same(given: Any, before: Any) -> bool:
    if isinstance(given, str):
        return given.replace("\r\n", "\n").strip() == before
    return bool(given == before)


def _typed(name: str, value: Any) -> Any:
    if name in FEATURE_FIELDS:
        return list(value)
    if name == "links":
        return "\n".join(value)
    if name == "description":
        return prose.as_typed(value)
    if name == "opened_on":
        return date_as_typed(value)
    return "" if value is None else str(value)


def _read(entered: Entered, name: str, given: Any) -> None:
    if name == "links":
        given = [line.strip() for line in given.splitlines() if line.strip()]
        if len(given) > 10:
            entered.mistakes[name] = Mistake(_("plus de dix adresses"), _("gardez les dix plus utiles"))
            return
    elif name == "description":
        given = prose.as_html(given)
        if len(given) >= DESCRIPTION_LENGTH:
            mend = _("raccourcissez, ou racontez le reste sur votre site")
            entered.mistakes[name] = Mistake(_("dépasse %(n)d caractères") % {"n": DESCRIPTION_LENGTH}, mend)
            return
    elif name == "opened_on":
        read_date(entered, name, given)
        return
    elif name not in FEATURE_FIELDS:
        given = given.strip()
    entered.read(name, given)


PLAIN = {
    "presentation": Plain(("name", "description")),
    "contact": Plain(("phone", "email", "website", "links")),
    "activites": Plain(("activities", "services", "access", "labels")),
    "venir": Plain(("how_to_come", "how_to_join", "how_to_help", "capacity", "prices")),
    "structure": Plain(("operator", "legal_forms", "siret", "opened_on")),
}
