"""What changed between a diagnosis that was kept and today's: figures, places, and what both rest on."""

from collections.abc import Mapping

from maillage.diagnosis.rules.facts import Diagnosis, NearPlace, Sentence

MOST_NAMED = 10
WORTH = 0.05
"""A range of desks that moved by less than this share says the same thing."""


def changes(before: Diagnosis, after: Diagnosis) -> tuple[Sentence, ...]:
    """Tell what changed, the answer first; nothing when all figures are the same.

    Each change is a rule of `diagnosis.labels.CHANGES` with its figures `before` and `after`.
    """
    told = [*_answer(before, after), *_people(before, after), *_desks(before, after)]
    told += _places(before, after)
    told += [
        Sentence(f"changed-{name}", {"before": getattr(before, name), "after": getattr(after, name)})
        for name in ("travel", "ground")
        if getattr(before, name) != getattr(after, name)
    ]
    return tuple(told)


def _answer(before: Diagnosis, after: Diagnosis) -> list[Sentence]:
    was, is_now = before.conclusion.verdict, after.conclusion.verdict
    return [Sentence("changed-verdict", {"before": was, "after": is_now})] if was != is_now else []


def _people(before: Diagnosis, after: Diagnosis) -> list[Sentence]:
    told = []
    for rule, was, is_now in (
        ("changed-population", before.reach.population, after.reach.population),
        ("changed-beyond", before.reach.beyond, after.reach.beyond),
        ("changed-communes", len(before.towns), len(after.towns)),
    ):
        if was != is_now:
            told.append(Sentence(rule, {"before": was, "after": is_now, "within": after.request.within_min}))
    return told


def _desks(before: Diagnosis, after: Diagnosis) -> list[Sentence]:
    was = None if before.demand is None else before.demand.desks.p50
    is_now = None if after.demand is None else after.demand.desks.p50
    if was is None or is_now is None:
        moved = was is not is_now
    else:
        moved = abs(was - is_now) > WORTH * max(was, is_now)
    return [Sentence("changed-desks", {"before": was, "after": is_now})] if moved else []


def _places(before: Diagnosis, after: Diagnosis) -> list[Sentence]:
    was, is_now = _by_slug(before), _by_slug(after)
    told = [_named("place-new", is_now[slug]) for slug in is_now if slug not in was]
    told += [_named("place-gone", was[slug]) for slug in was if slug not in is_now]
    told += [
        Sentence("place-status", {"name": place.name, "before": was[slug].status, "after": place.status})
        for slug, place in is_now.items()
        if slug in was and was[slug].status != place.status
    ]
    more = len(told) - MOST_NAMED
    return told if more <= 0 else [*told[:MOST_NAMED], Sentence("places-more", {"count": more})]


def _by_slug(diagnosis: Diagnosis) -> Mapping[str, NearPlace]:
    return {place.slug: place for place in diagnosis.places}


def _named(rule: str, place: NearPlace) -> Sentence:
    return Sentence(rule, {"name": place.name, "commune": place.commune_name})
