"""The section of the address: the street, the commune found by its name, and how exact the point is."""

import re
from collections.abc import Mapping
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from maillage.analysis.distance import great_circle_m
from maillage.places.forms.entered import LONGEST, Entered, Mistake, Raw, several, text
from maillage.places.rules.fields import box_of
from maillage.places.rules.text import one_line
from maillage.territory import queries as territory
from maillage.territory.queries.communes import CommuneFacts, commune_facts, postal_codes
from maillage.territory.rules.names import fold

KEEP, CENTRE, HERE = "garder", "centre", "ici"
FAR_M = 15_000
LINES = ("street", "postal_code", "city")
EXACT = ("address", "street", "unknown")
_PAIR = re.compile(r"\s*([+-]?[0-9]{1,3}[.][0-9]+)\s*[,; ]\s*([+-]?[0-9]{1,3}[.][0-9]+)\s*")


class Address:
    """Seven fields that go together: always read, and always written, whole."""

    fields = (*LINES, "commune", "lat", "lon", "precision")
    controls = (*LINES, "commune", "commune_cherche", "point", "lat", "lon", "precision", "sur")

    def initial(self, values: Mapping[str, Any]) -> Raw:
        return {
            **{name: values[name] for name in LINES},
            "commune": values["commune"] or "",
            "commune_cherche": "",
            "point": CENTRE if at_the_centre(values) else KEEP,
            "lat": "",
            "lon": "",
            "precision": "street",
            "sur": [],
        }

    def entered(self, post: QueryDict) -> Raw:
        raw: Raw = {name: text(post, name)[: LONGEST // 10] for name in self.controls if name != "sur"}
        pair = _PAIR.fullmatch(raw["lat"])
        if pair and not raw["lon"].strip():
            raw |= {"lat": pair[1], "lon": pair[2]}
        return raw | {"sur": several(post, "sur")}

    def read(self, post: QueryDict, values: Mapping[str, Any]) -> Entered:
        entered = Entered(self.entered(post))
        for name in LINES:
            entered.read(name, entered.raw[name].strip())
        commune = self._commune(entered)
        if not entered.choices:
            self._point(entered, values, commune)
        if commune and not entered.mistakes and values["commune"] not in (None, commune.code):
            _ask_if_elsewhere(entered, values, commune)
        return entered

    def _commune(self, entered: Entered) -> CommuneFacts | None:
        """The commune chosen, or the one that the words mean; several are given to choose among."""
        raw = entered.raw
        words = one_line(raw["commune_cherche"])[:200]
        if words:
            found = search(words)
            exact = [hit for hit in found if hit.exact]
            if len(exact) == 1 or len(found) == 1:
                raw |= {"commune": (exact or found)[0].code, "commune_cherche": ""}
            elif found:
                entered.choices = tuple(found)
                return None
            else:
                entered.mistakes["commune_cherche"] = Mistake(
                    _("aucune commune ne s’appelle «\u202f%(name)s\u202f»") % {"name": words[:60]},
                    _("vérifiez son nom, ou donnez son code postal"),
                )
                return None
        given = raw["commune"]
        code = territory.resolve_code(given) if given else None
        if given and code is None:
            entered.mistakes["commune_cherche"] = Mistake(
                _("la commune «\u202f%(code)s\u202f» n’est pas connue") % {"code": given[:40]},
                _("cherchez-la par son nom ou son code postal"),
            )
            return None
        entered.values["commune"] = code
        return commune_facts(code) if code else None

    def _point(self, entered: Entered, values: Mapping[str, Any], commune: CommuneFacts | None) -> None:
        raw, point = entered.raw, entered.raw["point"]
        moved = entered.values.get("commune") != values["commune"]
        if point == HERE:
            self._given_point(entered)
        elif point == KEEP and not at_the_centre(values):
            entered.values |= {name: values[name] for name in ("lat", "lon", "precision")}
            if moved and "point" not in raw["sur"]:
                entered.questions.append(("point", "moved", {}))
        else:
            entered.values |= {"lat": None, "lon": None, "precision": "unknown"}
        lat, lon = entered.values.get("lat"), entered.values.get("lon")
        if entered.mistakes:
            return
        if lat is None and entered.values["commune"] is None:
            entered.mistakes["commune_cherche"] = Mistake(
                _("le lieu ne peut pas être situé"), _("donnez sa commune, ou un point")
            )
        elif lat is not None and commune and commune.lat is not None and not entered.questions:
            self._ask_if_far(entered, lat, lon, commune)

    def _given_point(self, entered: Entered) -> None:
        raw = entered.raw
        for name in ("lat", "lon"):
            if raw[name].strip():
                entered.read(name, raw[name].strip())
            else:
                mend = _("écrivez-la, par exemple 46.99151, ou choisissez le centre de la commune")
                entered.mistakes[name] = Mistake(_("la coordonnée manque"), mend)
        entered.values["precision"] = raw["precision"] if raw["precision"] in EXACT else "unknown"
        lat, lon = entered.values.get("lat"), entered.values.get("lon")
        if lat is not None and lon is not None and box_of(lat, lon) is None:
            swapped = box_of(lon, lat)
            mend = _("échangez-les") if swapped else _("vérifiez les coordonnées, en degrés décimaux")
            problem = _("latitude et longitude semblent échangées") if swapped else _("le point n’est pas en France")
            entered.mistakes["lat"] = Mistake(problem, mend)

    def _ask_if_far(self, entered: Entered, lat: float, lon: Any, commune: CommuneFacts) -> None:
        metres = float(great_circle_m(lat, lon, commune.lat or 0.0, commune.lon or 0.0))
        token = f"loin:{lat},{lon},{commune.code}"
        if metres > FAR_M and token not in entered.raw["sur"]:
            entered.questions.append((token, "far", {"metres": metres, "commune": commune.name}))


def _ask_if_elsewhere(entered: Entered, values: Mapping[str, Any], commune: CommuneFacts) -> None:
    """Ask once about a commune that is far from today's, or that the rest of the address does not follow."""
    token = f"commune:{commune.code}"
    facts: dict[str, Any] = {"commune": commune.name, "context": commune.context}
    before = commune_facts(values["commune"])
    if before and before.lat is not None and commune.lat is not None:
        metres = float(great_circle_m(before.lat, before.lon or 0.0, commune.lat, commune.lon or 0.0))
        facts |= {"metres": metres, "before": before.name} if metres > FAR_M else {}
    code, city = entered.values["postal_code"], entered.values["city"]
    theirs = postal_codes(commune.code) if code else ()
    facts |= {"postal_code": code} if theirs and code not in theirs else {}
    facts |= {"city": city} if city and city == values["city"] and fold(city) != fold(commune.name) else {}
    if facts.keys() & {"metres", "postal_code", "city"} and token not in entered.raw["sur"]:
        entered.questions.append((token, "elsewhere", facts))


def at_the_centre(values: Mapping[str, Any]) -> bool:
    """Whether the point of a sheet is only that of its commune."""
    if values["lat"] is None:
        return True
    if values["precision"] not in ("commune", "estimated") or not values["commune"]:
        return False
    commune = commune_facts(values["commune"])
    return commune is not None and (commune.lat, commune.lon) == (values["lat"], values["lon"])


def search(words: str) -> list[territory.Hit]:
    """The communes that a name or a postal code may mean, the surest first."""
    return [hit for hit in territory.search(words, limit=20) if hit.kind == "commune"]
