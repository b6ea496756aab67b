"""A diagnosis in words and drawings, section by section, ready for its page."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from maillage.diagnosis import labels
from maillage.diagnosis.queries.named import spoken_of
from maillage.diagnosis.rules.facts import BANDS_MIN, Diagnosis, Plan, Reach, Request
from maillage.diagnosis.views import charts, compared, desks, maps, tables, vocabulary, words
from maillage.diagnosis.views.asking import MOST_SITES, Asked, request_pairs
from maillage.places.views.wording import figure, partial_date
from maillage.territory.queries import current_ground, find

MOST_PLACES, FEW_PLACES = 12, 8
THRESHOLDS = BANDS_MIN


def page(diagnosis: Diagnosis, asked: Asked) -> dict[str, Any]:
    """Everything that the page of a diagnosis writes."""
    drawing = maps.minutes_map(diagnosis, asked)
    return {
        "d": diagnosis,
        "asked": asked,
        "kind": labels.kind(diagnosis.kind),
        "facts": facts(diagnosis),
        "ground": ground_name(),
        "travel": vocabulary.source(diagnosis.travel),
        "remarks": [labels.remark(one) for one in diagnosis.remarks],
        "answer": answer(diagnosis),
        "tried": tried(diagnosis, asked),
        "map": drawing,
        "map_says": map_says(diagnosis),
        "bands": bands(diagnosis),
        "parts": tables.part_rows(diagnosis, asked) if tables.is_by_parts(diagnosis) else None,
        "towns": [] if tables.is_by_parts(diagnosis) else tables.town_rows(diagnosis, asked),
        "towns_left": 0 if asked.whole else max(0, len(diagnosis.towns) - tables.MOST_ROWS),
        "whole_url": asked.but(whole=True).url() + "#tableau",
        "sorts": tables.sorts(asked),
        "places": places(diagnosis, asked),
        "demand": desks.demand(diagnosis),
        "priorities": compared.priorities(diagnosis),
        "priority_map": maps.priority_map(diagnosis),
        "priority_key": compared.priority_key(),
        "themes": compared.themes(diagnosis),
        "peers": compared.peers(diagnosis),
        "cases": compared.cases(diagnosis),
        "no_closed": not any(case.status == "closed" for case in diagnosis.cases),
        "plan": plan(diagnosis),
        "forms": forms(asked),
        "sources": sources(diagnosis),
        "links": links(diagnosis),
    }


def ground_name() -> str:
    """The ground that everything stands on, in a few words."""
    return str(current_ground() or "")


def facts(diagnosis: Diagnosis) -> list[str]:
    """Who lives there, in a line: communes, inhabitants, places."""
    count = len(diagnosis.towns)
    said = (
        []
        if diagnosis.kind == "commune"
        else [ngettext("%(n)s commune", "%(n)s communes", count) % {"n": figure(count)}]
    )
    known = [town.population for town in diagnosis.towns if town.population is not None]
    if known:
        total = sum(known)
        said.append(ngettext("%(n)s habitant", "%(n)s habitants", total) % {"n": figure(total)})
    else:
        said.append(_("population inconnue"))
    return said


def answer(diagnosis: Diagnosis) -> dict[str, Any]:
    """The straight answer, its reasons with the rule of each, and what to confirm first."""
    conclusion, trust = diagnosis.conclusion, diagnosis.trust
    method = reverse("doc_page", args=["methodes"])
    confirm = spoken_of(trust.to_confirm)
    return {
        "verdict": conclusion.verdict,
        "title": labels.verdict(diagnosis),
        "reasons": [
            {"text": labels.sentence(one), "url": f"{method}#{labels.chapter(one.rule)}"}
            for one in conclusion.sentences
        ],
        "if_complete": labels.if_complete(diagnosis),
        "confirm": [
            {
                "name": place.name,
                "where": place.commune,
                "url": reverse("place", args=[place.slug]),
                "seen": seen(place.checked_on),
            }
            for place in confirm
        ],
        "trust": "" if trust.evidence == "none" else labels.evidence(trust.evidence),
        "method": method,
    }


def seen(checked_on: str) -> str:
    """When a place was last spoken of."""
    return partial_date(checked_on) if checked_on else _("sans date")


def tried(diagnosis: Diagnosis, asked: Asked) -> dict[str, Any] | None:
    """What is tried, each with the way back, and what it changes; None when nothing is."""
    request = asked.request
    if not (request.opened or request.closed):
        return None
    towns = {town.code: town.name for town in diagnosis.towns}
    towns |= {code: told.name for code in request.opened if code not in towns and (told := find(f"commune-{code}"))}
    named = {place.slug: place.name for place in diagnosis.places}
    chips = [
        {"label": _("Ouvrir à %(name)s") % {"name": towns.get(code, code)}, "url": _without(asked, "opened", code)}
        for code in request.opened
    ]
    chips += [
        {
            "label": _("Fermer «\u202f%(name)s\u202f»") % {"name": named.get(slug, slug)},
            "url": _without(asked, "closed", slug),
        }
        for slug in request.closed
    ]
    gained = within(diagnosis.reach) - within(diagnosis.reach_now)
    said = {"n": figure(abs(gained)), "minutes": figure(request.within_min)}
    if gained > 0:
        text = ngettext(
            "%(n)s habitant de plus à moins de %(minutes)s\u202fminutes d’un lieu.",
            "%(n)s habitants de plus à moins de %(minutes)s\u202fminutes d’un lieu.",
            gained,
        )
    elif gained < 0:
        text = ngettext(
            "%(n)s habitant de moins à moins de %(minutes)s\u202fminutes d’un lieu.",
            "%(n)s habitants de moins à moins de %(minutes)s\u202fminutes d’un lieu.",
            -gained,
        )
    else:
        text = _("Personne de plus ni de moins à moins de %(minutes)s\u202fminutes d’un lieu.")
    return {"chips": chips, "says": text % said, "gain": gained, "back": diagnosis_url(diagnosis)}


def _without(asked: Asked, name: str, value: str) -> str:
    kept = {name: tuple(one for one in getattr(asked.request, name) if one != value)}
    return asked.but(sort=None, whole=None, **kept).url()


def diagnosis_url(diagnosis: Diagnosis) -> str:
    """The page of this territory, as it is."""
    return reverse("diagnosis", args=[diagnosis.reference])


def within(reach: Reach) -> int:
    """How many people a place serves within the threshold."""
    return reach.population - reach.beyond


def bands(diagnosis: Diagnosis) -> dict[str, Any]:
    """People by time to the nearest place: one bar and its table."""
    reach, now, within_min = diagnosis.reach, diagnosis.reach_now, diagnosis.request.within_min
    counts, before = by_band(reach), by_band(now)
    titles = band_titles()
    changed = bool(diagnosis.request.opened or diagnosis.request.closed)
    least = (0, *BANDS_MIN)
    rows = [
        {
            "kind": kind,
            "title": titles[kind],
            "people": words.people(count),
            "share": words.percent(count / reach.population if reach.population else None),
            "before": words.people(before[kind]) if changed else "",
            "far": least[kind] >= within_min,
        }
        for kind, count in enumerate(counts)
    ]
    share = reach.beyond / reach.population if reach.population else None
    return {
        "rows": rows,
        "slices": charts.slices(list(enumerate(counts))),
        "beyond": words.people(reach.beyond) if reach.known else words.people(None),
        "beyond_count": reach.beyond,
        "nobody": reach.beyond == 0,
        "share": words.percent(share),
        "within": within_min,
        "missing": reach.communes - reach.known,
        "doubt": doubt(diagnosis),
        "wide": tables.is_wide(diagnosis),
        "communes": reach.communes,
        "changed": changed,
        "known": bool(reach.known and reach.population),
    }


def doubt(diagnosis: Diagnosis) -> str:
    """What these minutes rest on, where the registry is not confirmed; empty where it is.

    The trust of a wide territory speaks of one site of it only: it says nothing of the whole.
    """
    if tables.is_wide(diagnosis):
        return _("d’après un registre que personne n’a confirmé partout")
    told = {"none": _("d’après un registre non confirmé"), "thin": _("d’après un registre en partie confirmé")}
    return told.get(diagnosis.trust.evidence, "")


def by_band(reach: Reach) -> list[int]:
    """People in each class of minutes, the last one beyond every band."""
    upto = [reach.bands.get(band, 0) for band in BANDS_MIN]
    return [after - before for before, after in zip([0, *upto], [*upto, reach.population], strict=True)]


def band_titles() -> list[str]:
    """The classes of minutes, in words, the unknown last."""
    first = _("%(n)s\u202fmin ou moins") % {"n": BANDS_MIN[0]}
    middle = [_("%(a)s à %(b)s\u202fmin") % {"a": a, "b": b} for a, b in pairwise(BANDS_MIN)]
    return [first, *middle, _("plus de %(n)s\u202fmin") % {"n": BANDS_MIN[-1]}, _("temps inconnu")]


def map_says(diagnosis: Diagnosis) -> str:
    """The map in one sentence, for who does not see it."""
    reach = diagnosis.reach
    if not reach.known or not reach.population:
        return _("Temps jusqu’au lieu le plus proche\u202f: inconnu.")
    text = _(
        "Temps de trajet jusqu’au lieu le plus proche, par commune. %(share)s des habitants sont à plus de"
        " %(within)s\u202fminutes. Le tableau qui suit donne chaque commune."
    )
    return text % {"share": words.percent(reach.beyond / reach.population), "within": diagnosis.request.within_min}


def places(diagnosis: Diagnosis, asked: Asked) -> dict[str, Any]:
    """The places of the territory or around it, the nearest first; minutes only where a territory is small enough."""
    wide = tables.is_by_parts(diagnosis)
    most = FEW_PLACES if wide else MOST_PLACES
    rows = [
        {
            "slug": place.slug,
            "name": place.name,
            "url": reverse("place", args=[place.slug]),
            "where": place.commune_name,
            "minutes": "" if wide else words.minutes_in_words(place.minutes),
            "seen": seen(place.checked_on),
            "confirmed": place.confirmed,
            "status": labels.status(place.status),
            "is_open": place.status == "open",
            "is_shut": place.slug in asked.request.closed,
            "is_demo": place.is_demo,
            "inside": place.inside,
            "source": place.source,
        }
        for place in diagnosis.places[:most]
    ]
    more = max(0, len(diagnosis.places) - most)
    return {"rows": rows, "more": more, "more_said": figure(more), "wide": wide, "says": counted(diagnosis)}


def counted(diagnosis: Diagnosis) -> str:
    """How many open places are within reach, as the answer counts them; then the others that are listed."""
    wide, within_min = tables.is_wide(diagnosis), diagnosis.request.within_min
    shut = diagnosis.request.closed
    reached = sum(
        place.status == "open" and place.slug not in shut and (wide or place.minutes <= within_min)
        for place in diagnosis.places
    )
    others = len(diagnosis.places) - reached
    figures = {"n": figure(reached), "others": figure(others), "minutes": figure(within_min)}
    if wide:
        text = ngettext("%(n)s tiers-lieu ouvert connu", "%(n)s tiers-lieux ouverts connus", reached)
        other = ngettext("%(others)s fermé ou en projet", "%(others)s fermés ou en projet", others)
    else:
        text = ngettext(
            "%(n)s tiers-lieu ouvert connu à moins de %(minutes)s\u202fminutes",
            "%(n)s tiers-lieux ouverts connus à moins de %(minutes)s\u202fminutes",
            reached,
        )
        other = ngettext("%(others)s plus loin ou fermé", "%(others)s plus loin ou fermés", others)
    if not reached:
        text = (
            _("Aucun tiers-lieu ouvert connu")
            if wide
            else _("Aucun tiers-lieu ouvert connu à moins de %(minutes)s\u202fminutes")
        )
    return (f"{text}, {other}" if others else text) % figures


def plan(diagnosis: Diagnosis) -> dict[str, Any] | None:
    """The best sites found, and what is proved of them."""
    found = diagnosis.plan
    if found is None:
        return None
    return {
        "sites": [
            {
                "rank": site.rank,
                "name": site.name,
                "code": site.code,
                "gained": figure(site.gained),
                "served": figure(site.served),
            }
            for site in found.sites
        ],
        "gained": figure(found.gained) if found.gained else "",
        "proof": proof(found),
        "enough": enough(found, diagnosis.request.sites),
        "within": diagnosis.request.within_min,
    }


def proof(found: Plan) -> str:
    """What is proved of a choice of sites, in plain words: a search that the clock stopped says so."""
    if found.gap <= 1e-9:
        return _("Prouvé\u202f: aucun autre choix ne fait mieux.")
    said = {"n": words.few(max(found.gap * 100, 0.1)), "seconds": words.few(max(found.seconds, 0.1))}
    if found.stopped in ("time", "interrupted"):
        text = _(
            "Recherche arrêtée après %(seconds)s\u202fs, avant la preuve\u202f: un autre choix pourrait rapprocher"
            " jusqu’à %(n)s\u202f%% de personnes de plus. Relancez-la, ou demandez moins de lieux."
        )
        return text % (said | {"n": words.few(100 * (found.bound / found.gained - 1)) if found.gained else "100"})
    return _("À %(n)s\u202f%% près\u202f: aucun autre choix ne fait mieux de plus de %(n)s\u202f%%.") % said


def enough(found: Plan, asked: int) -> str:
    """Why fewer sites are given than were asked; empty where all are, or nothing is proved."""
    count = len(found.sites)
    if found.gap > 1e-9 or not 0 < count < asked:
        return ""
    if count == 1:
        return _("Un seul suffit\u202f: les autres ne rapprocheraient personne.")
    return _("%(n)s suffisent\u202f: les autres ne rapprocheraient personne.") % {"n": figure(count)}


def forms(asked: Asked) -> dict[str, Any]:
    """What the forms of « et si » keep and offer."""
    request = asked.request
    return {
        "thresholds": [
            {"n": n, "on": n == request.within_min, "url": asked.but(within_min=n).url()}
            for n in sorted({*THRESHOLDS, request.within_min})
        ],
        "kept": [*request_pairs(request), *order(asked)],
        "kept_without_sites": [*request_pairs(Request(**{**plain(request), "sites": 0})), *order(asked)],
        "counts": list(range(1, MOST_SITES + 1)),
        "sites": request.sites or 3,
    }


def sources(diagnosis: Diagnosis) -> list[dict[str, str]]:
    """Where each figure comes from; the sources of places on one line."""
    told = [
        {
            "name": named(one.name),
            "source": _("une par étape, plus haut") if one.name == "demand" else vocabulary.source(one.source),
            "vintage": words.vintage(one.vintage),
            "licence": one.licence,
            "note": one.note,
        }
        for one in diagnosis.figures
        if one.name != "places" and one.name not in vocabulary.UNUSED
    ]
    of_places = [one.source for one in diagnosis.figures if one.name == "places"]
    if of_places:
        told.insert(0, {"name": named("places"), "source": ", ".join(of_places)})
    return told


def named(figure_name: str) -> str:
    """A figure of the ground, of the registry or of our parameters, as people call it."""
    said = vocabulary.FIGURES.get(figure_name)
    return str(said) if said else labels.figure(figure_name)


def plain(request: Request) -> dict[str, Any]:
    """The fields of a request by name."""
    return {name: getattr(request, name) for name in ("territory", "within_min", "opened", "closed", "sites")}


def order(asked: Asked) -> Sequence[tuple[str, str]]:
    """The order of the table, as a parameter, where it is not the usual one."""
    query = Asked(Request(""), sort=asked.sort).query()
    return [("tri", asked.sort)] if query else []


def links(diagnosis: Diagnosis) -> dict[str, str]:
    """The same figures, to take away."""
    query = urlencode(request_pairs(diagnosis.request))
    names = {"pdf": "diagnosis_pdf", "json": "diagnosis_json", "csv": "diagnosis_csv", "geojson": "diagnosis_geojson"}
    names["keep"] = "diagnosis_keep"
    end = f"?{query}" if query else ""
    return {key: reverse(name, args=[diagnosis.reference]) + end for key, name in names.items()}
