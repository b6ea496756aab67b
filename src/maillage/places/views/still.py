"""« Toujours exact ? »: the page that the poster and the mail of a place open, without an account."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from maillage.places.actions.lifecycle import PlaceRefused
from maillage.places.actions.trust import still_right as say_still_right
from maillage.places.queries.sheet import sheet_by_slug
from maillage.places.queries.still import place_of_token
from maillage.places.views import sheet as words


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def still_right(request: HttpRequest, still: str) -> HttpResponse:
    """Show what the sheet says today, and let whoever is on the spot say that it is right."""
    found = place_of_token(still)
    if found is None:
        return render(request, "places/suggest/no_link.html", status=404)
    place, way = found
    why, done = "", False
    if request.method == "POST":
        try:
            say_still_right(place_id=place.pk, way=way, now=timezone.now())
            done = True
        except PlaceRefused as refused:
            why = str(refused)
    _found, sheet = sheet_by_slug(place.slug)
    now = timezone.now()
    context = {
        "place": place,
        "why": why,
        "done": done,
        "what": words.activities(sheet) if sheet else "",
        "where": words.where(sheet) if sheet else {},
        "hours": words.hours(sheet, now=now) if sheet else {},
        "contact": words.contact(sheet) if sheet else {},
    }
    answer = render(request, "places/suggest/still.html", context, status=422 if why else 200)
    # The address is its secret; « no-referrer » would hide from ourselves where the form comes from, and refuse it.
    answer["Referrer-Policy"] = "same-origin"
    return answer
