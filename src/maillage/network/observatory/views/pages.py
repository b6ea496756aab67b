"""The observatory, the page of one counter, and its files."""

import json
from datetime import date
from functools import partial
from hashlib import blake2b
from itertools import groupby
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import etag, require_safe

from maillage.network.observatory import queries
from maillage.network.observatory.labels import FAMILIES, class_name
from maillage.network.observatory.rules import tables
from maillage.network.observatory.rules.counts import Count, as_data
from maillage.network.observatory.rules.definitions import FAMILIES as ORDER
from maillage.network.observatory.rules.definitions import Definition, definitions
from maillage.network.observatory.views.cards import card, citation, past, warning
from maillage.places.queries import registry_version
from maillage.places.views.kept import kept
from maillage.territory.queries import ground_version

LONGEST_ASKED = 60


def edition(request: HttpRequest, counter: str) -> str:
    """What an answer hangs on: the registry, the ground, the day, the question."""
    asked = f"{registry_version()}:{ground_version()}:{timezone.localdate()}:{request.get_full_path()}"
    return f'W/"{blake2b(asked.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()}"'


@require_safe
@kept
def observatory(request: HttpRequest) -> HttpResponse:
    """Every counter, by what it speaks of."""
    regions = queries.region_names()
    counts = queries.all_counts(today=timezone.localdate())
    ordered = sorted(counts, key=lambda count: (ORDER.index(count.definition.family), count.definition.order))
    families = [
        {
            "code": family,
            "name": FAMILIES[family],
            "cards": [card(count, regions) for count in found],
        }
        for family, found in groupby(ordered, key=lambda count: count.definition.family)
    ]
    biases = [count.bias for count in counts if count.bias]
    context = {"families": families, "bias": warning(biases[0], regions) if biases else None}
    return render(request, "observatory/observatory.html", context)


@require_safe
@kept
def counter(request: HttpRequest, counter: str) -> HttpResponse:
    """One counter: its definition, its figure for France or a territory, its past, how to cite it."""
    definition = _definition(counter)
    asked = request.GET.get("territoire", "")[:LONGEST_ASKED]
    problem = ""
    try:
        count = _count(definition, asked)
    except queries.Refused:
        problem, count = asked, _count(definition, "")
    regions = queries.region_names()
    shown = card(count, regions, whole=True)
    points = queries.history(definition) if definition.is_of_today and not count.territory else []
    context = {
        "card": shown,
        "definition": definition,
        "bias": warning(count.bias, regions),
        "cite": citation(shown),
        "past": past(points, count),
        "problem": problem,
        "choices": queries.choices(definition),
        "chosen": count.territory.replace(":", "-"),
        "query": f"?territoire={count.territory.replace(':', '-')}" if count.territory else "",
    }
    return render(request, "observatory/counter.html", context)


@require_safe
@etag(edition)
def counter_json(request: HttpRequest, counter: str) -> HttpResponse:
    """One counter as JSON, its snapshots with it."""
    count, refusal = _asked(request, counter)
    if count is None:
        return _refused({"error": refusal})
    points = queries.history(count.definition) if count.definition.is_of_today and not count.territory else []
    history = [
        {"day": p.day.isoformat(), "numerator": p.numerator, "denominator": p.denominator, "missing": p.missing}
        for p in points
    ]
    return _json({**as_data(count), "history": history})


@require_safe
@etag(edition)
def counter_csv(request: HttpRequest, counter: str) -> HttpResponse:
    """One counter as CSV: the answer, then its classes."""
    count, refusal = _asked(request, counter)
    if count is None:
        return HttpResponse(refusal + "\n", status=400, content_type="text/plain; charset=utf-8")
    told = tables.rows(count, partial(class_name, regions=queries.region_names()))
    return HttpResponse(tables.as_csv(told), content_type="text/csv; charset=utf-8")


def _definition(slug: str) -> Definition:
    found = definitions().get(slug)
    if found is None:
        raise Http404
    return found


def _count(definition: Definition, where: str, at: date | None = None) -> Count:
    """The answer; that of today for the whole country is read with all the others, once."""
    today = timezone.localdate()
    if not where and at is None:
        return next(count for count in queries.all_counts(today=today) if count.definition.slug == definition.slug)
    return queries.answered(definition, today=today, at=at, where=where)


def _asked(request: HttpRequest, slug: str) -> tuple[Count | None, str]:
    """The answer for the territory and the day of the address, or None and why not."""
    definition = _definition(slug)
    told = request.GET.get("date", "")[:LONGEST_ASKED]
    try:
        at = date.fromisoformat(told) if told else None
    except ValueError:
        return None, f"« {told} » n’est pas une date ; écrivez par exemple 2026-09-01."
    try:
        return _count(definition, request.GET.get("territoire", "")[:LONGEST_ASKED], at), ""
    except queries.Refused as refusal:
        return None, str(refusal)


def _refused(told: dict[str, Any]) -> HttpResponse:
    response = _json(told)
    response.status_code = 400
    return response


def _json(told: dict[str, Any]) -> HttpResponse:
    return HttpResponse(json.dumps(told, ensure_ascii=False), content_type="application/json; charset=utf-8")
