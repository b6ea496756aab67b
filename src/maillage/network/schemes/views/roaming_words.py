"""How pages say agreements of roaming, months and what is wrong with a form of theirs."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from maillage.management.bookings.views.manage import wording
from maillage.management.bookings.views.manage.wording import Wrongs
from maillage.network.schemes.labels import HALVES
from maillage.network.schemes.queries.roaming import is_back
from maillage.network.schemes.rules import roaming as rules
from maillage.network.schemes.views.wording import day

FIELDS: dict[str, Promise] = {
    "name": gettext_lazy("Nom de l’accord"),
    "price": gettext_lazy("Prix d’une demi-journée, tout compris"),
    "notice": gettext_lazy("Préavis pour partir, en jours"),
    "starts_on": gettext_lazy("Premier jour"),
    "places": gettext_lazy("Lieux invités, un par ligne"),
    "code": gettext_lazy("Code du carnet"),
}
STATES: dict[str, Promise] = {
    rules.INVITED: gettext_lazy("invité"),
    rules.DECLINED: gettext_lazy("a dit non"),
    rules.COMING: gettext_lazy("entre bientôt"),
    rules.IN: gettext_lazy("dedans"),
    rules.LEAVING: gettext_lazy("part bientôt"),
    rules.LEFT: gettext_lazy("parti"),
}


def control(name: str, value: Any, wrongs: Wrongs, **more: Any) -> dict[str, Any]:
    """One control of a form of roaming."""
    return wording.control(name, value, wrongs, label=FIELDS[name], **more)


def mistakes(wrongs: Wrongs) -> list[dict[str, Any]]:
    """What stands in the way, for the summary above a form."""
    return [
        {"control": name if name in FIELDS else "", "label": FIELDS.get(name, ""), "problem": problem, "mend": mend}
        for name, (problem, mend) in wrongs.items()
    ]


def place_row(one: Any, stay: rules.Stay, today: date) -> dict[str, Any]:
    """A place of an agreement: where it stands, and since or until when."""
    state = rules.state(stay, today)
    said = ""
    if state == rules.COMING:
        said = _("à partir du %(day)s") % {"day": day(one.first_day)}
    elif state == rules.IN:
        said = _("depuis le %(day)s") % {"day": day(one.first_day)}
    elif state in (rules.LEAVING, rules.LEFT):
        said = _("jusqu’au %(day)s") % {"day": day(one.last_day)}
    return {"one": one, "state": state, "word": STATES[state], "said": said}


def visit_row(one: Any) -> dict[str, Any]:
    """A half-day of a list: its code, and no name."""
    return {
        "one": one,
        "half": HALVES[one.half],
        "code": one.movement.of.code,
        "is_back": is_back(one),
        "is_signed": hasattr(one, "line"),
    }


def visit_rows(visits: Iterable[Any]) -> list[dict[str, Any]]:
    return [visit_row(one) for one in visits]
