"""The state of a place: open, dormant, a project, or closed since a date and for a cause."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from maillage.places.forms.dates import as_typed, read_date, to_come
from maillage.places.forms.entered import Entered, Mistake, Raw, text
from maillage.places.rules.vocabulary import STATUSES


class Closing:
    """Three fields that go together."""

    fields = ("status", "closed_on", "closed_cause")
    controls = fields

    def initial(self, values: Mapping[str, Any]) -> Raw:
        return {
            "status": values["status"],
            "closed_on": as_typed(values["closed_on"]),
            "closed_cause": values["closed_cause"],
        }

    def entered(self, post: QueryDict) -> Raw:
        return {name: text(post, name)[:200] for name in self.controls}

    def read(self, post: QueryDict, *, today: date) -> Entered:
        """Read the state; a closing date is at most today, a cause is one of the vocabulary or unknown."""
        entered = Entered(self.entered(post))
        raw = entered.raw
        if raw["status"] not in STATUSES:
            entered.mistakes["status"] = Mistake(_("l’état manque"), _("choisissez l’un des quatre"))
            return entered
        entered.read("status", raw["status"])
        if raw["status"] != "closed":
            return entered
        closed_on = read_date(entered, "closed_on", raw["closed_on"])
        if to_come(closed_on, today):
            entered.mistakes["closed_on"] = Mistake(
                _("cette date est à venir"), _("revenez le dire quand ce sera fait")
            )
        entered.read("closed_cause", raw["closed_cause"] or "inconnue")
        return entered
