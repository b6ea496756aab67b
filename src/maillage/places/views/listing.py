from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import parse_qsl

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from maillage.places import queries
from maillage.places.queries import Item, Listing
from maillage.places.queries.listing import PAGE_SIZE
from maillage.places.rules.filters import DEFAULT_MINUTES, WHATEVER, PlaceFilter, parse, parse_page
from maillage.places.rules.nearness import about, nearness
from maillage.places.rules.vocabulary import ACTIVITIES, INTENTS, SERVICES, STATUSES
from maillage.places.views import wording
from maillage.places.views.kept import kept
from maillage.places.views.map_words import live_tiles, live_views, live_words
from maillage.places.views.notices import aimed_link, named_links, notices, there
from maillage.territory import queries as territory

MINUTES = (10, 15, 20, 30, 45, 60)
LIVE = ("carte", "1")
"""The parameter of an address that opens the interactive map."""


@require_safe
@kept
def place_list(request: HttpRequest) -> HttpResponse:
    """The list and the map of the places that answer one question, at one address; `carte=1` opens the live map."""
    now = timezone.now()
    params = dict(request.GET.lists())
    asked, problems = parse(params)
    found = queries.listing(asked, page=parse_page(params), now=now)
    live = request.GET.get("carte") == "1"
    base = reverse("place_list")
    address = partial(_address, base, found.filter, live=live)
    only_territory = asked == PlaceFilter(territory=asked.territory)
    page_of_territory = PlaceFilter(territory=asked.territory).query_string(page=found.page)
    context = listed(found, now, live=live) | {
        "seek": asked.q,
        "seek_kept": _seek_kept(found.filter) + ([LIVE] if live else []),
        "noindex": not only_territory,
        "canonical_query": f"?{page_of_territory}" if page_of_territory else "",
        "crumbs": _crumbs(found, base),
        "notices": notices(found, asked, problems, base),
        "picks": _picks(found.filter, address),
        "chips": _chips(found, address),
        "sift": _sift(found, live=live),
        "links": _links(found.filter),
        "map": queries.map_for(found.filter, now=now, light=True),
        "live": queries.live_map(found.filter, now=now) if live else None,
        "live_url": _address(base, found.filter, page=found.page, live=not live),
    }
    if live:
        context |= {"live_words": live_words(), "live_views": live_views()} | live_tiles()
    return render(request, "places/list.html", context)


def listed(found: Listing, now: datetime, *, live: bool) -> dict[str, Any]:
    """What the list itself shows, with or without the page around it."""
    base = reverse("place_list")
    address = partial(_address, base, found.filter, live=live)
    from_estimate = found.near is not None and found.near.estimated
    heading, total = _heading(found), wording.places_total(found.total)
    return {
        "found": found,
        "total": total,
        "heading": heading,
        "title": f"{total.number} {total.word}{heading}",
        "sorts": _sorts(found.filter, address),
        "range_words": _range(found),
        "part": _range(found) if found.pages > 1 else "",
        "rows": [_row(item, base, now, from_estimate) for item in found.items],
        "previous_url": address(page=found.page - 1) if found.page > 1 else "",
        "next_url": address(page=found.page + 1) if found.page < found.pages else "",
        "ways_out": [] if found.items else _ways_out(found, address, base),
    }


def _address(base: str, filter: PlaceFilter, *, live: bool = False, **changes: Any) -> str:
    query = "&".join(part for part in (filter.query_string(**changes), "carte=1" if live else "") if part)
    return f"{base}?{query}" if query else base


def _heading(found: Listing) -> str:
    """Where or for what the places are looked for: the end of the title, with the space or comma before it."""
    asked, said = found.filter, ""
    if found.near:
        words = {"minutes": asked.minutes, "name": found.near.name, "of_name": wording.of_name(found.near.name)}
        if found.near.name:
            said = " " + _("autour %(of_name)s, à %(minutes)s\xa0minutes") % words
        else:
            said = " " + _("autour de vous, à %(minutes)s\xa0minutes") % words
    elif found.territory:
        said = f", {_territory_name(found.territory)}"
    if asked.q:
        said += " " + _("pour «\u202f%(words)s\u202f»") % {"words": asked.q}
    return said


def _territory_name(where: territory.Territory) -> str:
    return f"{where.name} ({where.code})" if where.kind == "dep" else where.name


def _crumbs(found: Listing, base: str) -> list[dict[str, str]]:
    crumbs = [
        {"label": _("Accueil"), "url": reverse("home")},
        {"label": _("Les lieux"), "url": base},
    ]
    where = found.territory
    if where:
        parents = [("reg", where.region_code), ("dep", where.departement_code)]
        for kind, code in parents:
            parent = territory.find(f"{kind}-{code}") if code and kind != where.kind else None
            if parent:
                crumbs.append({"label": parent.name, "url": f"{base}?territoire={parent.reference}"})
        crumbs.append({"label": where.name, "url": f"{base}?territoire={where.reference}"})
    crumbs[-1]["url"] = ""
    return crumbs


def _picks(filter: PlaceFilter, address: partial[str]) -> list[dict[str, Any]]:
    """The questions most often asked, one click each: open now, and the six intents."""
    now = {"code": "clock", "label": _("Ouvert maintenant"), "on": filter.open_now}
    picks = [now | {"url": address(open_now=not filter.open_now)}]
    for code in INTENTS:
        on = code == filter.intent
        url = address(intent="" if on else code)
        picks.append({"code": code, "label": wording.words("intents")[code], "on": on, "url": url})
    return picks


def _chips(found: Listing, address: partial[str]) -> list[dict[str, Any]]:
    """The filters in force; each leads to the same question without it."""
    asked = found.filter
    chips: list[dict[str, Any]] = []

    def chip(text: Any, **without: Any) -> None:
        chips.append({"label": text, "url": address(**without)})

    if asked.q:
        chip(_("«\u202f%(words)s\u202f»") % {"words": asked.q}, q="")
    if asked.near:
        name = found.near.name if found.near and found.near.name else _("autour de vous")
        chip(_("%(name)s, %(minutes)s\xa0min") % {"name": name, "minutes": asked.minutes}, near="", sort="")
    if asked.territory:
        chip(_territory_name(found.territory) if found.territory else asked.territory, territory="")
    if asked.bbox:
        chip(_("cadre de la carte"), bbox=None)
    if asked.intent:
        chip(wording.words("intents")[asked.intent], intent="")
    for code in asked.activities:
        chip(wording.words("activities")[code], activities=tuple(c for c in asked.activities if c != code))
    for code in asked.services:
        chip(wording.words("services")[code], services=tuple(c for c in asked.services if c != code))
    if asked.open_now:
        chip(_("ouvert en ce moment"), open_now=False)
    if asked.status:
        chip(wording.words("status")[asked.status], status="")
    return chips


def _seek_kept(asked: PlaceFilter) -> list[tuple[str, str]]:
    """The filters that new words keep, as (parameter, value): what is looked for, never where nor in what order."""
    kept = parse_qsl(replace(asked, q="", territory="", near="", sort="", bbox=None).query_string())
    return [*kept, ("minutes", str(asked.minutes))] if asked.minutes != DEFAULT_MINUTES else kept


def _sift(found: Listing, *, live: bool) -> dict[str, Any]:
    """The form of filters: its boxes with how many answers each would keep; those that would keep none are left out.

    Once an activity is asked for, every other can be added to it: they all stay.
    """
    asked = found.filter
    kept = {"q": asked.q, "intention": asked.intent, "territoire": asked.territory, "pres": asked.near}
    kept |= {"tri": asked.sort, "bbox": ",".join(f"{edge:g}" for edge in asked.bbox) if asked.bbox else ""}
    in_force = len(asked.activities) + len(asked.services) + asked.open_now + bool(asked.status)

    def boxes(kind: str, codes: tuple[str, ...], on: tuple[str, ...]) -> list[dict[str, Any]]:
        counts, words = found.facets.get(kind, {}), wording.words(kind)
        return [{"code": code, "label": words[code], "on": code in on, "count": counts.get(code, 0)} for code in codes]

    def useful(kind: str, codes: tuple[str, ...], on: tuple[str, ...]) -> list[dict[str, Any]]:
        return [box for box in boxes(kind, codes, on) if box["on"] or box["count"]]

    read_activities = boxes if asked.activities else useful

    return {
        "title": _("Affiner (%(n)s)") % {"n": in_force} if in_force else _("Affiner"),
        "hidden": [(name, value) for name, value in kept.items() if value] + ([LIVE] if live else []),
        "activities": read_activities("activities", ACTIVITIES, asked.activities),
        "services": useful("services", SERVICES, asked.services),
        "open_now": asked.open_now,
        "statuses": boxes("status", (*STATUSES, WHATEVER), (asked.status,)),
        "near": bool(asked.near),
        "minutes": [
            {"code": n, "label": _("%(n)s\xa0minutes") % {"n": n}, "on": n == asked.minutes}
            for n in sorted({*MINUTES, asked.minutes})
        ],
    }


def _sorts(filter: PlaceFilter, address: partial[str]) -> list[dict[str, Any]]:
    current = filter.sort or ("distance" if filter.near else "nom")
    names = {"distance": _("du plus proche"), "nom": _("par nom"), "recent": _("modifiés récemment")}
    if not filter.near:
        del names["distance"]
    default = next(iter(names))
    return [
        {"label": name, "on": code == current, "url": address(sort="" if code == default else code)}
        for code, name in names.items()
    ]


def _range(found: Listing) -> str:
    if found.pages == 1:
        return _("La liste")
    first = (found.page - 1) * PAGE_SIZE + 1
    said = {"first": wording.figure(first), "last": wording.figure(first + len(found.items) - 1)}
    return _("%(first)s à %(last)s, sur %(total)s") % (said | {"total": wording.figure(found.total)})


def _row(item: Item, base: str, now: datetime, from_estimate: bool) -> dict[str, Any]:
    """One line of the list, all in words."""
    state, when = "unknown", wording.opening(item.opening, now)
    if item.status != "open":
        state = "gone" if item.status == "closed" else item.status
        when = wording.words("status")[item.status]
    elif item.opening.open is not None:
        state = "open" if item.opening.open else "shut"
    activities = wording.words("activities")
    row: dict[str, Any] = {
        "name": item.name,
        "url": f"{base}{item.slug}/",
        "state": state,
        "when": when,
        "where": ", ".join(filter(None, (item.city, item.departement_name))) or _("Localité inconnue"),
        "what": " · ".join(activities.get(code, code) for code in item.activities),
        "fresh": wording.freshness(item.dated, item.confirmed_at),
        "demo": item.is_demo,
        "slug": item.slug,
        "at": "" if item.lat is None or item.lon is None else f"{item.lat:.5f},{item.lon:.5f}",
    }
    if item.minutes is not None and item.distance_m is not None:
        known = {item.exactness, "estimated" if from_estimate else "address"}
        told = nearness(item.distance_m, known, same_commune=item.in_commune_asked)
        row["far"] = wording.far(item.distance_m, told, known)
        if row["far"].distance:
            row["minutes"] = about(item.minutes, known)
    return row


def _links(filter: PlaceFilter) -> dict[str, str]:
    names = {
        "rss": "place_feed_rss",
        "feed": "place_feed_json",
        "geojson": "api_places_geojson",
        "csv": "api_places_csv",
        "jsonld": "api_places_jsonld",
    }
    return {key: _address(reverse(name), filter) for key, name in names.items()}


def _ways_out(found: Listing, address: partial[str], base: str) -> list[dict[str, Any]]:
    """What to try when nothing answers: wider, fewer filters, another word, everything."""
    asked = found.filter
    ways: list[dict[str, Any]] = [] if found.understood else list(named_links(found))
    if found.aimed:
        ways.append(aimed_link(found.aimed, base))
    if asked.near and found.near and asked.minutes < MINUTES[-1]:
        for minutes in sorted({min(asked.minutes * 2, MINUTES[-1]), MINUTES[-1]}):
            text = _("Chercher jusqu’à %(n)s\xa0minutes") % {"n": minutes}
            ways.append({"label": text, "url": address(minutes=minutes)})
    for hit in found.suggestions:
        text = _("Voir %(name)s, %(context)s") % {"name": hit.name, "context": hit.context}
        ways.append({"label": text, "url": _address(base, there(hit, asked))})
    chips = _chips(found, address)
    if len(chips) > 1:
        ways += [{"label": _("Sans le filtre %(name)s") % {"name": c["label"]}, "url": c["url"]} for c in chips]
    ways.append({"label": _("Voir tous les lieux"), "url": base})
    return ways
