"""What the script of the interactive map says, and the views it can jump to."""

import json
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from maillage.places.labels import LABELS
from maillage.places.rules.tile_layers import is_own_file
from maillage.places.views.wording import figure
from maillage.territory.rules.projection import METROPOLE, OVERSEAS, Extent


def live_words() -> str:
    """The words of the script, as JSON: `{n}` stands for a count, one form for one and one for many."""
    said: dict[str, Any] = {
        "thousands": figure(1_000)[1:-3],
        "places": [ngettext("%(n)s lieu", "%(n)s lieux", n) % {"n": "{n}"} for n in (1, 2)],
        "vague": [
            ngettext("dont %(n)s à la position approchée", "dont %(n)s aux positions approchées", n) % {"n": "{n}"}
            for n in (1, 2)
        ],
        "allVague": _("positions approchées"),
        "here": _("Position approchée\u202f: le point est celui de la commune, pas de l’adresse."),
        "spot": _("Ces lieux ont le même point sur la carte."),
        "more": _("et {n} autres, dans la liste"),
        "page": _("Voir la fiche"),
        "close": _("Fermer"),
        "in": _("Zoomer"),
        "out": _("Dézoomer"),
        "full": [_("Plein écran"), _("Quitter le plein écran")],
        "seen": _("{title} dans la carte"),
        "trouble": _("La carte n’a pas pu tout charger. La liste, elle, est complète."),
        "category": {code: str(label) for code, label in LABELS["category"].items()},
        "status": {code: str(label) for code, label in LABELS["status"].items() if code != "open"},
    }
    return json.dumps(said, ensure_ascii=False)


def live_views() -> list[dict[str, str]]:
    """Metropolitan France and each overseas département, as (name, frame)."""
    views = [(_("France métropolitaine"), METROPOLE), *OVERSEAS.values()]
    return [{"name": name, "frame": _frame(extent)} for name, extent in views]


def _frame(extent: Extent) -> str:
    return f"{extent.west},{extent.south},{extent.east},{extent.north}"


def live_tiles() -> dict[str, str]:
    """The layer under the map, if the settings name one: its address and whom to thank."""
    address = settings.TILES
    if is_own_file(address):
        address = reverse("map_tiles")
    return {"live_tiles": address, "live_tiles_credit": settings.TILES_CREDIT if address else ""}
