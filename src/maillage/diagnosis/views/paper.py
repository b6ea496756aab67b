"""The council's report: two A4 pages as a PDF that screen readers can read (PDF/UA-1)."""

import json
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from maillage.diagnosis import labels
from maillage.diagnosis.rules.facts import Diagnosis
from maillage.diagnosis.views import compared, desks, maps, shown, tables, vocabulary
from maillage.diagnosis.views.asking import Asked, request_pairs
from maillage.diagnosis.views.charts import WIDTH
from maillage.diagnosis.views.engraved import engraved
from maillage.places.rules.signs import all_printable
from maillage.places.views.wording import figure, partial_date

TEMPLATE = Path(__file__).parents[1] / "data" / "council.typ"
ENDS = [1, 2]
"""The pages on which the answer and the figures end."""
LONGEST_NAME = 44
FIRST: tuple[dict[str, float], ...] = (
    {"size": 11.6, "map": 118, "reasons": 9, "confirm": 6},
    {"size": 11, "map": 110, "reasons": 9, "confirm": 6},
    {"size": 10.4, "map": 102, "reasons": 9, "confirm": 6},
    {"size": 10, "map": 92, "reasons": 9, "confirm": 6},
    {"size": 9.7, "map": 84, "reasons": 9, "confirm": 5},
    {"size": 9.4, "map": 72, "reasons": 8, "confirm": 4},
    {"size": 9, "map": 60, "reasons": 7, "confirm": 3},
    {"size": 8.6, "map": 46, "reasons": 6, "confirm": 2},
    {"size": 8, "map": 34, "reasons": 5, "confirm": 1},
)
"""The page of the answer from ample to dense: the first that fits is printed. `map`: its height in mm; else rows."""
SECOND: tuple[dict[str, float], ...] = (
    {"size": 11, "towns": 14, "places": 8, "themes": 7, "peers": 5, "cases": 3},
    {"size": 10, "towns": 14, "places": 8, "themes": 7, "peers": 5, "cases": 3},
    {"size": 10, "towns": 10, "places": 6, "themes": 7, "peers": 5, "cases": 3},
    {"size": 9.7, "towns": 9, "places": 5, "themes": 7, "peers": 4, "cases": 2},
    {"size": 9.4, "towns": 8, "places": 5, "themes": 7, "peers": 4, "cases": 1},
    {"size": 9, "towns": 7, "places": 4, "themes": 6, "peers": 3, "cases": 1},
    {"size": 8.6, "towns": 6, "places": 4, "themes": 5, "peers": 3, "cases": 0},
    {"size": 8, "towns": 4, "places": 3, "themes": 3, "peers": 2, "cases": 0},
)
"""The page of the figures, in rows."""
MAP_WIDTH_MM = 95
"""The column of the map: a broad territory needs less height than the level allows."""


class NoReport(RuntimeError):
    """A report that fits on no two pages, or that cannot be written: not to be printed rather than cut."""


def pdf(diagnosis: Diagnosis, language: str = "fr", *, kept_at: str = "") -> bytes:
    """Write the two pages of a diagnosis, in French or English; the same diagnosis gives the same bytes.

    `kept_at`: the path of a kept diagnosis, written instead of the address where it is asked again. Raises NoReport
    where even the densest pages do not hold it, or where they cannot be written.
    """
    import typst

    with override(language):
        try:
            return _written(diagnosis, language, kept_at)
        except typst.TypstError as trouble:
            raise NoReport(diagnosis.reference) from trouble


@cache
def _template() -> bytes:
    """The layout, read once: a newer one put down under a running site belongs to the newer code."""
    return TEMPLATE.read_bytes()


def _written(diagnosis: Diagnosis, language: str, kept_at: str) -> bytes:
    import typst

    first = second = 0
    while first < len(FIRST) and second < len(SECOND):
        level = {**SECOND[second], **FIRST[first], "size_2": SECOND[second]["size"]}
        told = {"data": json.dumps(all_printable(content(diagnosis, level, language, kept_at)))}
        given: dict[str, Any] = {"sys_inputs": told, "font_paths": [], "ignore_system_fonts": True}
        ends = json.loads(typst.query(_template(), "<end>", field="value", **given))
        if ends == ENDS:
            return bytes(typst.compile(_template(), format="pdf", pdf_standards=["ua-1"], **given))
        first += ends[0] > ENDS[0]
        second += ends[1] - ends[0] > ENDS[1] - ENDS[0]
    raise NoReport(diagnosis.reference)


def content(diagnosis: Diagnosis, level: dict[str, float], language: str, kept_at: str = "") -> dict[str, Any]:
    """Every word of the report, with as many rows as the level allows."""
    asked = Asked(diagnosis.request)
    answer, bands = shown.answer(diagnosis), shown.bands(diagnosis)
    name = short(diagnosis.name, 90)
    rows = {key: int(value) for key, value in level.items() if not key.startswith("size")}
    return {
        "lang": language,
        "size": level["size"],
        "size_2": level["size_2"],
        "name_size": 27 if len(name) < 26 else 22 if len(name) < 48 else 17,
        "title": _("Faut-il un tiers-lieu\u202f? %(name)s") % {"name": name},
        "description": answer["title"],
        "kind": capfirst(labels.kind(diagnosis.kind)),
        "name": name,
        "day": partial_date(diagnosis.today),
        "facts": " · ".join(shown.facts(diagnosis)),
        "warnings": warnings(diagnosis),
        "answer": answer["title"],
        "if_complete": answer["if_complete"],
        "reasons": [reason["text"] for reason in answer["reasons"][: rows["reasons"]]],
        "trust": answer["trust"],
        "confirm": [f"{short(one['name'])} ({short(one['where'])})" for one in answer["confirm"][: rows["confirm"]]],
        **_minutes(diagnosis, asked, bands, rows["map"]),
        "demand": _demand(diagnosis),
        **_tables(diagnosis, asked, rows),
        "sources": _sources(diagnosis),
        "again": _kept(kept_at) if kept_at else _again(diagnosis),
        "footer": _("%(name)s · constat du %(day)s · minutes de trajet\u202f: %(travel)s")
        % {
            "name": short(diagnosis.name),
            "day": partial_date(diagnosis.today),
            "travel": vocabulary.source(diagnosis.travel),
        },
        "words": _words(diagnosis),
    }


def warnings(diagnosis: Diagnosis) -> list[str]:
    """What must be said on top: fictional places, what is tried, the remarks."""
    told = [labels.remark(one) for one in diagnosis.remarks][:4]
    tried = shown.tried(diagnosis, Asked(diagnosis.request))
    if tried:
        chips = ", ".join(chip["label"] for chip in tried["chips"][:4])
        told.insert(
            0,
            _("Essai, non la situation d’aujourd’hui\u202f: %(what)s. %(says)s")
            % {"what": chips, "says": tried["says"]},
        )
    return told


def _minutes(diagnosis: Diagnosis, asked: Asked, bands: dict[str, Any], height: int) -> dict[str, Any]:
    lone = diagnosis.kind == "commune"
    drawing = None if lone else maps.minutes_map(diagnosis, asked)
    if drawing:
        height = min(height, round(MAP_WIDTH_MM * drawing.height / drawing.width))
    return {
        "lone": lone,
        "map": engraved(drawing) if drawing else "",
        "map_alt": shown.map_says(diagnosis),
        "map_height": height,
        "map_note": "" if lone else _map_note(diagnosis, drawing.far if drawing else ""),
        **_far(bands),
        "bands": [{key: row[key] for key in ("kind", "title", "people", "share")} for row in bands["rows"]],
    }


def _map_note(diagnosis: Diagnosis, far: str) -> str:
    if diagnosis.kind == "france":
        return _("chaque point\u202f: les communes alentour, en moyenne")
    if far:
        return _("hachuré\u202f: au-delà de %(n)s minutes\u202f; point\u202f: lieu ouvert") % {
            "n": diagnosis.request.within_min
        }
    return _("point\u202f: lieu ouvert")


def _far(bands: dict[str, Any]) -> dict[str, str]:
    """How many are too far, in a figure and the words after it."""
    told = {"n": bands["within"], "people": bands["beyond"]}
    if not bands["known"]:
        return {"share": _("Inconnu"), "share_says": _("Ni les habitants ni les distances ne sont connus ici.")}
    if bands["nobody"]:
        return {"share": _("Personne"), "share_says": _("n’est à plus de %(n)s minutes d’un tiers-lieu connu.") % told}
    says = ngettext(
        "des habitants à plus de %(n)s minutes d’un tiers-lieu connu (%(people)s personne)",
        "des habitants à plus de %(n)s minutes d’un tiers-lieu connu (%(people)s personnes)",
        bands["beyond_count"],
    )
    return {"share": bands["share"], "share_says": says % told}


def _demand(diagnosis: Diagnosis) -> dict[str, Any] | None:
    told = desks.demand(diagnosis)
    if told is None:
        return None
    says = _(
        "%(says)s postes occupés un jour ordinaire, pour %(people)s habitants à moins de %(n)s minutes de %(centre)s."
    )
    return {
        "says": says
        % {
            "says": told["says"][:1].upper() + told["says"][1:],
            "people": told["population"],
            "n": told["within"],
            "centre": short(told["centre"]),
        },
        **_chart(told),
        "ranges": [[one["title"], one["p10"], one["p50"], one["p90"]] for one in told["ranges"]],
        "costs": [[capfirst(row["title"]), row["cost"], row["income"], row["desks"]] for row in told["costs"]],
        "note": _(
            "«\u202fAu moins\u202f» et «\u202fau plus\u202f»\u202f: une fois sur dix moins, une fois sur dix plus."
            " Coûts et recettes par an, sans subvention\u202f; %(room)s."
        )
        % {"room": told["room"]},
    }


def _chart(told: dict[str, Any]) -> dict[str, Any]:
    """The chart of the demand, in fractions of its width."""
    return {
        "ticks": [{"at": tick.x / WIDTH, "label": figure(tick.value)} for tick in told["axis"].ticks],
        "bars": [
            {
                "title": one["title"],
                "left": band.left / WIDTH,
                "width": band.width / WIDTH,
                "middle": band.middle / WIDTH,
            }
            for one in told["ranges"]
            for band in [one["band"]]
        ],
        "needs": [{"at": one["x"] / WIDTH, "title": f"{one['n']} · {one['title']}"} for one in told["needs"]],
    }


def _tables(diagnosis: Diagnosis, asked: Asked, rows: dict[str, int]) -> dict[str, Any]:
    places = [row for row in shown.places(diagnosis, asked)["rows"] if row["is_open"]]
    total = sum(place.status == "open" for place in diagnosis.places)
    towns, left = _towns(diagnosis, asked, rows["towns"])
    return {
        "towns": towns,
        "towns_left": left,
        "places": [
            [short(row["name"]), short(row["where"], 26), row["minutes"], row["seen"]]
            for row in places[: rows["places"]]
        ],
        "places_left": others(total - rows["places"]),
        "themes": [
            [capfirst(row["title"]), row["count"], row["communes"], row["rate"], row["peers"]]
            for row in compared.themes(diagnosis)[: rows["themes"]]
        ],
        "peers": [
            [short(row["name"]), row["population"], row["open"], row["closed"], row["share"]]
            for row in compared.peers(diagnosis)[: rows["peers"]]
        ],
        "cases": [_case(row) for row in compared.cases(diagnosis)[: rows["cases"]]],
    }


def _towns(diagnosis: Diagnosis, asked: Asked, most: int) -> tuple[list[list[str]], str]:
    if tables.is_by_parts(diagnosis):
        parts = tables.part_rows(diagnosis, asked)
        return [[short(row.name), row.population, row.share, row.beyond] for row in parts[:most]], others(
            len(parts) - most
        )
    found = tables.town_rows(diagnosis, asked.but(sort="minutes"))[:most]
    told = [[short(r.name), r.population, r.minutes, short(r.nearest) or _("aucun à une heure")] for r in found]
    return told, others(len(diagnosis.towns) - most)


def others(count: int) -> str:
    """How many rows are left out; nothing when none is."""
    return ngettext("et %(n)s autre", "et %(n)s autres", count) % {"n": figure(count)} if count > 0 else ""


def _case(row: dict[str, Any]) -> str:
    when = row["closed"] or row["opened"]
    parts = [
        f"{short(row['name'])} ({short(row['where'], 26)})",
        row["status_words"].lower() + (f" {when}" if when else ""),
    ]
    return ", ".join([*parts, short(row["cause"], 90)] if row["cause"] else parts) + "."


def _sources(diagnosis: Diagnosis) -> list[list[str]]:
    """What each figure is, and its source, which keeps the language it was named in."""
    return [
        [
            _("%(name)s\u202f:") % {"name": row["name"]},
            short(row["source"], 120) + (f", {row['vintage']}" if row.get("vintage") else "") + ".",
        ]
        for row in shown.sources(diagnosis)[:16]
    ]


def _again(diagnosis: Diagnosis) -> str:
    query = urlencode(request_pairs(diagnosis.request))
    url = settings.SITE_URL + reverse("diagnosis", args=[diagnosis.reference]) + (f"?{query}" if query else "")
    return _("Ces chiffres se refont à l’adresse %(url)s, règles comprises.") % {"url": url}


def _kept(path: str) -> str:
    return _("Ce constat est gardé, tel qu’il était ce jour-là, à l’adresse %(url)s.") % {
        "url": settings.SITE_URL + path
    }


def _words(diagnosis: Diagnosis) -> dict[str, str]:
    by_parts = tables.is_by_parts(diagnosis)
    return {
        "answer": _("La réponse"),
        "why": _("Pourquoi"),
        "confirm": _("À confirmer d’abord"),
        "minutes": _("À combien de minutes du lieu le plus proche\u202f?"),
        "no_map": _("Aucune commune n’a de position connue\u202f: il n’y a pas de carte."),
        "time": _("Temps"),
        "people": _("Habitants"),
        "part": _("Part"),
        "demand": _("Combien de postes, un jour ordinaire\u202f?"),
        "no_demand": _("Inconnu\u202f: la population d’ici n’est pas connue."),
        "figures": _("Les chiffres de cette réponse"),
        "around": _("Ce qu’il y a autour"),
        "theme": _("Équipements"),
        "count": _("Nombre"),
        "provided": _("Communes pourvues"),
        "rate": _("Pour 1\u202f000 hab."),
        "like": _("Comparables"),
        "desks": _("Postes par jour"),
        "low": _("au moins"),
        "middle": _("médiane"),
        "high": _("au plus"),
        "pays": _("Le lieu paie"),
        "costs": _("Charges"),
        "income": _("Recettes"),
        "needed": _("postes qu’il faut"),
        "towns": _("Par territoire, les plus éloignés d’abord")
        if by_parts
        else _("Les communes, les plus éloignées d’abord"),
        "town": _("Territoire") if by_parts else _("Commune"),
        "nearest": _("Habitants trop loin") if by_parts else _("Lieu le plus proche"),
        "places": _("Les lieux connus à portée"),
        "place": _("Lieu"),
        "seen": _("Dernière nouvelle"),
        "peers": _("Des territoires comme celui-ci"),
        "territory": _("Territoire"),
        "open": _("Ouverts"),
        "closed": _("Fermés"),
        "reached": _("À portée"),
        "sources": _("Sources"),
    }


def short(text: str, most: int = LONGEST_NAME) -> str:
    """A text cut at a word, with an ellipsis, where it is longer than the paper allows.

    >>> short("Communauté d’agglomération du Cotentin", 26)
    'Communauté…'
    """
    if len(text) <= most:
        return text
    cut = text[: most - 1].rsplit(" ", 1)[0].rstrip(" ,;:’'-")
    return (cut or text[: most - 1]) + "…"
