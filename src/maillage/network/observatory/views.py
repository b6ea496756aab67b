from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.views.decorators.http import require_safe

from maillage.network.observatory import queries
from maillage.network.observatory.labels import REASONS
from maillage.places.labels import label
from maillage.places.views.wording import partial_date


@require_safe
def observatory(request: HttpRequest) -> HttpResponse:
    language = translation.get_language() or "fr"
    cards = [
        {
            "count": count,
            "words": count.definition.told(language[:2]),
            "reason": REASONS.get(count.reason, ""),
            "day": partial_date(count.date),
            "percent": None if count.share is None else count.share * 100,
            "details": [
                {"kind": detail.kind, "rows": [(_named(detail.kind, name), n) for name, n in detail.rows]}
                for detail in count.details
            ],
        }
        for count in queries.all_counts(today=timezone.localdate())
    ]
    return render(request, "observatory/observatory.html", {"cards": cards})


def _named(kind: str, name: str) -> object:
    return label("status", name) if kind == "status" else name
