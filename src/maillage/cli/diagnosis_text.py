"""A diagnosis as a person reads it in a terminal."""

import textwrap
from collections.abc import Iterable
from math import isfinite
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from maillage.diagnosis.rules.facts import Case, Diagnosis, Plan, Range, Reach, Step, Town

WIDTH = 100
MOST_TOWNS, MOST_PLACES, MOST_CASES = 12, 8, 6


def lines(found: "Diagnosis") -> list[str]:
    """The whole of it: the answer first, then what it rests on."""
    from maillage.diagnosis import labels

    people = [town.population for town in found.towns if town.population is not None]
    inhabitants = f"{labels.number(sum(people))} habitants" if people else "population inconnue"
    count = f"{labels.number(len(found.towns))} communes" if len(found.towns) > 1 else ""
    name = found.name if found.kind == "france" else f"{found.name} ({labels.kind(found.kind)})"
    title = ", ".join(part for part in (name, count, inhabitants) if part)
    told = [title, ""]
    moved = [one for one in found.remarks if one.rule in ("former", "former-named")]
    told += [line for one in moved for line in _wrapped(labels.remark(one))]
    told += _wrapped(labels.headline(found))
    told += [line for one in found.conclusion.sentences for line in _item(labels.sentence(one))]
    told += _wrapped(labels.if_complete(found))
    others = [one for one in found.remarks if one not in moved]
    told += [line for one in others for line in _wrapped(f"À savoir : {labels.remark(one)}")]
    told += ["", *_confirm(found), *_reach(found), *_towns(found), *_places(found), *_demand(found)]
    told += [*_plan(found.plan, found.request.within_min), *_peers(found), *_around(found), *_sources(found)]
    return told


def _wrapped(text: str, first: str = "", rest: str = "") -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent=first, subsequent_indent=rest, break_long_words=False)


def _item(text: str) -> list[str]:
    return _wrapped(text, "  • ", "    ")


def _part(title: str, rows: Iterable[str]) -> list[str]:
    listed = list(rows)
    return [title, *listed, ""] if listed else []


def minutes(value: float | None) -> str:
    """Minutes as told: known, past an hour, or unknown.

    >>> minutes(12.4), minutes(float("inf")), minutes(None)
    ('12 min', 'plus d’une heure', 'inconnu')
    """
    if value is None:
        return "inconnu"
    return f"{value:.0f} min" if isfinite(value) else "plus d’une heure"


def percent(share: float | None) -> str:
    """A share as told.

    >>> percent(0.188), percent(None)
    ('19 %', '? %')
    """
    return "? %" if share is None else f"{share * 100:.0f} %"


def _confirm(found: "Diagnosis") -> list[str]:
    named = {place.slug: place for place in found.places}
    rows = [named[slug] for slug in found.trust.to_confirm if slug in named]
    from maillage.diagnosis.labels import month

    if found.conclusion.verdict not in ("unknown", "smaller") or not rows:
        return []
    return _part(
        "À confirmer d’abord",
        (
            f"  {place.name} ({place.commune_name}), à {minutes(place.minutes)}, "
            f"{'vu en ' + month(place.checked_on) if place.checked_on else 'jamais daté'}"
            for place in rows[:MOST_PLACES]
        ),
    )


def _reach(found: "Diagnosis") -> list[str]:
    from maillage.diagnosis.labels import number

    reach: Reach = found.reach
    if not reach.population:
        return _part(f"Trajet jusqu’au lieu ouvert le plus proche ({found.travel})", ["  inconnu"])
    tried = found.request.opened or found.request.closed
    rows = [
        f"  {f'{band} min ou moins':<18}{number(people):>12}  {percent(people / reach.population):>7}"
        + (f"   (avant : {number(found.reach_now.bands[band])})" if tried else "")
        for band, people in reach.bands.items()
    ]
    beyond = f"  {f'plus de {found.request.within_min} min':<18}{number(reach.beyond):>12}"
    rows.append(f"{beyond}  {percent(reach.beyond / reach.population):>7}")
    return _part(f"Habitants par trajet jusqu’au lieu ouvert le plus proche ({found.travel})", rows)


def _towns(found: "Diagnosis") -> list[str]:
    from maillage.diagnosis.labels import number

    if len(found.towns) < 2:
        return []

    def far(town: "Town") -> tuple[float, float, str]:
        away = -1.0 if town.minutes is None else town.minutes
        return (-(town.priority or 0), -away, town.code)

    first = sorted(found.towns, key=far)[:MOST_TOWNS]
    rows = [
        f"  {town.code}  {town.name[:34]:<34} {number(town.population) if town.population is not None else '?':>9} hab."
        f"  {minutes(town.minutes):<17}" + (f" priorité {town.priority:.2f}" if town.priority else "")
        for town in first
    ]
    more = len(found.towns) - len(first)
    return _part("Communes à servir d’abord", [*rows, *([f"  … et {number(more)} autres"] if more else [])])


def _places(found: "Diagnosis") -> list[str]:
    from maillage.diagnosis.labels import status

    rows = [
        f"  {place.name[:44]:<44} {place.commune_name[:24]:<24} {minutes(place.minutes):<8} {status(place.status)}"
        + (" (fictif)" if place.is_demo else "")
        for place in found.places[:MOST_PLACES]
    ]
    more = len(found.places) - MOST_PLACES
    return _part("Lieux dans le territoire ou à portée", [*rows, *([f"  … et {more} autres"] if more > 0 else [])])


def between(told: "Range") -> str:
    """A range as told.

    >>> from maillage.diagnosis.rules.facts import Range
    >>> between(Range(2.5, 4.2, 6.5))
    '4,2 (2,5 à 6,5)'
    """
    from maillage.diagnosis.labels import number, rounded

    low, middle, high = (number(rounded(value), 1) for value in (told.p10, told.p50, told.p90))
    return f"{middle} ({low} à {high})"


def _demand(found: "Diagnosis") -> list[str]:
    from maillage.diagnosis import labels

    demand = found.demand
    if demand is None:
        nobody = any(one.rule == "nobody" for one in found.conclusion.sentences)
        return [] if nobody else _part("Demande", ["  inconnue : ni population ni emploi connus"])
    where = f"à moins de {demand.within_min} min de {demand.centre_name}"
    rows = [f"  {between(demand.desks)} postes occupés un jour ordinaire, {where}, si nos hypothèses sont justes"]
    rows.append(f"  dont {between(demand.desks_beyond)} par des personnes loin de tout lieu ouvert")
    rows += [_step(step) for step in demand.steps]
    rows += [
        f"  {labels.cost(row.slug)} : {_euros(row.cost_cents)} par an, "
        + (f"{row.desks_needed} postes pour les payer" if row.desks_needed is not None else _too_few())
        for row in found.break_even
    ]
    return _part("Demande et équilibre", rows)


def _too_few() -> str:
    from maillage.analysis.viability import parameters

    return f"plus que les {parameters().desks} postes d’une petite salle n’en paient"


def _step(step: "Step") -> str:
    from maillage.diagnosis import labels

    mark = "source" if step.kind == "source" else "hypothèse"
    return f"    {labels.step(step.slug)[:62]:<62} {between(step.people):>24}  [{mark}]"


def _euros(cents: float) -> str:
    from maillage.diagnosis.labels import number

    return f"{number(cents / 100)} €"


def _plan(plan: "Plan | None", within: int) -> list[str]:
    from maillage.diagnosis.labels import number

    if plan is None:
        return []
    rows = [
        f"  {site.rank}. {site.name} ({site.code}) : {number(site.gained)} habitants de plus à moins de {within} min"
        for site in plan.sites
    ]
    return _part("Meilleurs lieux à ouvrir", [*rows, f"  {proof(plan)}"])


def proof(plan: "Plan") -> str:
    """What is proved of a plan, in plain words."""
    if plan.stopped == "interrupted":
        start = "Recherche interrompue : "
    else:
        start = "Temps écoulé : " if plan.stopped == "time" else ""
    if plan.gap == 0:
        return f"{start}prouvé, aucun autre choix ne fait mieux ({_seconds(plan)})."
    gap = f"{plan.gap * 100:.2g}".replace(".", ",")
    return f"{start}à {gap} % au plus du meilleur choix possible ({_seconds(plan)})."


def _seconds(plan: "Plan") -> str:
    return f"{plan.seconds:.1f} s".replace(".", ",")


def _peers(found: "Diagnosis") -> list[str]:
    from maillage.diagnosis.labels import number

    rows = [
        f"  {peer.name[:52]:<52} {number(peer.population):>9} hab.  {peer.places_open} ouverts, "
        f"{peer.places_closed} fermés, {percent(peer.share_within)} des habitants à portée"
        for peer in found.peers
    ]
    told = _part("Territoires comme celui-ci", rows)
    cases = [_case(case) for case in found.cases[:MOST_CASES]]
    none = ["  Nous ne connaissons aucun cas documenté dans ces territoires."] if rows else []
    return told + _part("Ce que des lieux y sont devenus", cases or none)


def _case(case: "Case") -> str:
    from maillage.diagnosis.labels import cause, month, status

    facts = [status(case.status)]
    facts += [f"ouvert en {month(case.opened_on)}"] if case.opened_on else []
    facts += [f"fermé en {month(case.closed_on)}"] if case.closed_on else []
    facts += [cause(case.closed_cause)] if case.closed_cause else []
    facts += [f"{case.desks} place{'s' if case.desks > 1 else ''}"] if case.desks is not None else []
    facts += [case.prices] if case.prices else []
    return f"  {case.name[:44]} ({case.commune_name}) : {', '.join(facts)} [{case.source}]"


def _around(found: "Diagnosis") -> list[str]:
    from maillage.diagnosis import labels

    def rate(value: float | None) -> str:
        return "?" if value is None else labels.number(value, 1)

    return _part(
        "Autour des habitants (pour 1 000 ; ailleurs pareil)",
        (
            f"  {labels.theme(row.slug)[:40]:<40} {labels.number(row.count):>8} dans {row.communes} communes"
            f"  {rate(row.per_1000):>6} ; {rate(row.peers_per_1000)}"
            for row in found.surroundings
        ),
    )


def _sources(found: "Diagnosis") -> list[str]:
    from maillage.diagnosis import labels

    rows = []
    for one in found.figures:
        dated = f", {one.vintage}" if one.vintage else ""
        rows += _wrapped(f"{labels.figure(one.name)} : {one.source}{dated}", "  ", "    ")
    return _part("Sources", rows)
