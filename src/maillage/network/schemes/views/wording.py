"""How pages say a scheme, its forms and what is wrong with them."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import uuid4

from django.http import HttpRequest
from django.utils.translation import gettext as _

from maillage.management.bookings.views.manage import wording
from maillage.management.bookings.views.manage.wording import REFUSED, Wrongs, number, posted
from maillage.network.schemes.labels import FIELDS
from maillage.places.views.wording import day_in_words

__all__ = ["REFUSED", "Wrongs", "control", "day", "key_of", "mistakes", "month", "number", "posted", "sent_already"]


def control(name: str, value: Any, wrongs: Wrongs, **more: Any) -> dict[str, Any]:
    """One control of a form, under the name that schemes give it."""
    return wording.control(name, value, wrongs, label=more.pop("label", None) or FIELDS[name], **more)


def mistakes(wrongs: Wrongs) -> list[dict[str, Any]]:
    """What stands in the way, for the summary above a form."""
    return [
        {
            "control": name if name in FIELDS else "",
            "label": FIELDS.get(name, ""),
            "problem": problem,
            "mend": mend,
        }
        for name, (problem, mend) in wrongs.items()
    ]


def key_of(request: HttpRequest) -> str:
    """The key under which a form is written once, however often it is sent; plain signs alone, for it names sheets."""
    given = posted(request, ("jeton",))["jeton"][:40]
    return "".join(sign for sign in given if sign.isascii() and (sign.isalnum() or sign == "-")) or str(uuid4())


def sent_already() -> Mapping[str, tuple[str, str]]:
    """A form that came twice with other words in it."""
    return {"": (_("ce formulaire a déjà servi, avec d’autres réponses"), _("relisez-le et envoyez-le de nouveau"))}


def day(one: date) -> str:
    """« 28 février 2027 »."""
    return day_in_words(one, "j F Y")


def month(text: str) -> str:
    """« novembre 2026 »."""
    return day_in_words(date(int(text[:4]), int(text[5:]), 2), "F Y")
