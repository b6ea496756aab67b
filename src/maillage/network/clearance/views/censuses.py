"""The censuses of a network, for its officers: prepared, previewed, opened, followed, closed."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from maillage.network.clearance.actions import campaigns as acts
from maillage.network.clearance.actions.campaigns import CensusRefused, Prepared
from maillage.network.clearance.forms.campaigns import Written, initial, read, with_spare
from maillage.network.clearance.permissions import Officer
from maillage.network.clearance.queries import campaigns as queries
from maillage.network.clearance.queries import network_by_slug
from maillage.network.clearance.queries.census_forms import form_of, questions_of
from maillage.network.clearance.queries.census_links import census_url
from maillage.network.clearance.rules.campaigns import FIELDS, LEAST_PLACES, MOST_QUESTIONS, OWN
from maillage.network.clearance.rules.census_results import percent
from maillage.network.clearance.views import census_words as words
from maillage.network.clearance.views.census import section_context, section_form
from maillage.network.clearance.views.desk import REFUSED, desk_of
from maillage.places.forms import Entered
from maillage.places.views.detail import qr_code
from maillage.places.views.manage.wording import TITLES
from maillage.places.views.wording import day_in_words

METHODS = ["GET", "HEAD", "POST"]
OPEN, MORE, REMIND, CLOSE, DISCARD = "ouvrir", "inviter", "rappeler", "clore", "effacer"


@never_cache
@login_required
@require_safe
def censuses(request: HttpRequest, network: str) -> HttpResponse:
    """Show the censuses of a network."""
    here, _officer = desk_of(request, network)
    found = [{"one": one, "state": words.state_of(one)} for one in queries.campaigns_of(here)]
    return render(request, "clearance/census/list.html", {"network": here, "censuses": found})


@never_cache
@login_required
@require_http_methods(METHODS)
def new(request: HttpRequest, network: str) -> HttpResponse:
    """Prepare a census: what is most missing or old is ticked, the own questions of last time are there."""
    here, officer = desk_of(request, network)
    if request.method != "POST":
        return _write(request, here, None, initial(_proposed(here)))
    written = read(request.POST)
    return _written(request, here, officer, None, written)


@never_cache
@login_required
@require_http_methods(METHODS)
def change(request: HttpRequest, network: str, edition: str) -> HttpResponse:
    """Change a census that has not opened."""
    here, officer = desk_of(request, network)
    found = _or_404(here, edition)
    if request.method == "POST":
        return _written(request, here, officer, found, read(request.POST, edition=found.edition))
    given = Prepared(
        name=found.name,
        edition=found.edition,
        fields=found.fields,
        questions=questions_of(found),
        letter=found.letter,
        closes_on=found.closes_on,
    )
    return _write(request, here, found, initial(given))


def _proposed(here: Any) -> Prepared:
    needs, _places = queries.needs(here, now=timezone.now())
    today = timezone.localdate()
    last = next(iter(queries.campaigns_of(here)), None)
    return Prepared(
        name=_("Recensement %(year)d") % {"year": today.year},
        edition=_free_edition(here, today.year),
        fields=queries.proposed(needs),
        questions=questions_of(last) if last else (),
        closes_on=today + timedelta(days=42),
    )


def _free_edition(here: Any, year: int) -> str:
    """The year, or the year and a rank where this network already has a census of that year."""
    taken = {one.edition for one in queries.campaigns_of(here)}
    edition, rank = str(year), 2
    while edition in taken:
        edition, rank = f"{year}-{rank}", rank + 1
    return edition


def _written(request: HttpRequest, here: Any, officer: Officer, found: Any, written: Written) -> HttpResponse:
    if written.given is None:
        return _write(request, here, found, written, status=REFUSED)
    now = timezone.now()
    try:
        if found is None:
            found = acts.prepare(network=here, given=written.given, by=officer.by, now=now)
        else:
            acts.change(campaign=found, given=written.given, by=officer.by, now=now)
    except CensusRefused as refused:
        return _write(request, here, found, written, why=str(refused), status=REFUSED)
    messages.success(request, _("C’est préparé. Personne n’a encore été sollicité\u202f: relisez, puis ouvrez."))
    return redirect("network_census", here.slug, found.edition)


def _write(
    request: HttpRequest, here: Any, found: Any, written: Written, *, why: str = "", status: int = 200
) -> HttpResponse:
    needs, places = queries.needs(here, now=timezone.now())
    count = {one.field: one for one in needs}
    labels = {
        "name": _("Nom"),
        "edition": _("Édition"),
        "letter": _("Lettre"),
        "closes_on": _("Dernier jour"),
    }
    context = {
        "network": here,
        "census": found,
        "why": [why] if why else [],
        "raw": written.raw,
        "errors": written.mistakes,
        "wrong": bool(written.mistakes),
        "mistakes": [
            {"control": name, "label": labels.get(name, _("Questions")), "problem": one.problem, "mend": one.mend}
            for name, one in written.mistakes.items()
        ],
        "places": places,
        "sections": [
            {
                "title": TITLES[section](),
                "fields": [
                    {
                        "name": name,
                        "label": words.label_of(name),
                        "on": name in written.raw["fields"],
                        "need": count[name],
                    }
                    for name in names
                ],
            }
            for section, names in FIELDS.items()
        ],
        "rows": [
            {**row, "rank": rank, "mistakes": [written.mistakes.get(f"q{rank}_{one}") for one in ("texte", "choix")]}
            for rank, row in enumerate(with_spare(written.rows))
        ],
        "most": MOST_QUESTIONS,
        "today": timezone.localdate().isoformat(),
    }
    return render(request, "clearance/census/write.html", context, status=status)


@never_cache
@login_required
@require_http_methods(METHODS)
def census(request: HttpRequest, network: str, edition: str) -> HttpResponse:
    """Show how far a census is, by territory and by place; open it, remind, invite who came since, close it."""
    here, officer = desk_of(request, network)
    found = _or_404(here, edition)
    if request.method != "POST":
        return _census(request, here, found)
    act = next((one for one in _ACTS if one in request.POST), "")
    if not act:
        return _census(request, here, found, why=_("Choisissez ce qu’il faut faire."))
    try:
        said = _ACTS[act](found, officer.by)
    except CensusRefused as refused:
        return _census(request, here, found, why=str(refused))
    messages.success(request, said)
    if act == DISCARD:
        return redirect("network_censuses", here.slug)
    return redirect("network_census", here.slug, edition)


def _open(found: Any, by: str) -> str:
    count = acts.open_census(campaign=found, by=by, now=timezone.now())
    return ngettext("%(n)d lieu invité.", "%(n)d lieux invités.", count) % {"n": count}


def _more(found: Any, by: str) -> str:
    count = acts.invite_more(campaign=found, by=by, now=timezone.now())
    return ngettext("%(n)d lieu invité.", "%(n)d lieux invités.", count) % {"n": count}


def _remind(found: Any, by: str) -> str:
    count = acts.remind(campaign=found, by=by, now=timezone.now())
    return ngettext("%(n)d lieu relancé.", "%(n)d lieux relancés.", count) % {"n": count}


def _close(found: Any, by: str) -> str:
    acts.close_census(campaign=found, by=by, now=timezone.now())
    return _("C’est clos\u202f: les adresses de courriel qui ont servi sont effacées.")


def _discard(found: Any, by: str) -> str:
    acts.discard(campaign=found, by=by, now=timezone.now())
    return _("C’est effacé\u202f: personne n’avait été sollicité.")


_ACTS = {OPEN: _open, MORE: _more, REMIND: _remind, CLOSE: _close, DISCARD: _discard}


def _census(request: HttpRequest, here: Any, found: Any, *, why: str = "") -> HttpResponse:
    by = "epci" if request.GET.get("par") == "epci" else "dep"
    told = queries.followed(found, by=by, now=timezone.now())
    needs = queries.asked_places(here).count() if found.state == "draft" else 0
    most = max((line.total for line in told.lines), default=1)
    states = words.place_states()
    context = {
        "network": here,
        "census": found,
        "why": [why] if why else [],
        "state": words.state_of(found),
        "told": told,
        "rate": percent(told.answered, told.invited),
        "by_epci": by == "epci",
        "lines": [
            {
                "one": line,
                "label": line.label or _("Commune inconnue"),
                "answered": f"{100 * line.answered / most:.1f}",
                "seen": f"{100 * (line.answered + line.seen) / most:.1f}",
                "all": f"{100 * line.total / most:.1f}",
            }
            for line in told.lines
        ],
        "fields": [words.label_of(name) for name in found.fields],
        "questions": questions_of(found),
        "askings": [{"one": one, "state": states[one.state]} for one in told.askings[: queries.MOST_SHOWN]],
        "results": [words.result_line(one) for one in queries.results(found)],
        "to_open": needs,
    }
    return render(request, "clearance/census/census.html", context, status=REFUSED if why else 200)


@never_cache
@login_required
@require_safe
def preview(request: HttpRequest, network: str, edition: str) -> HttpResponse:
    """Show the very form that one place of the perimeter would get."""
    here, _officer = desk_of(request, network)
    found = _or_404(here, edition)
    places = list(
        queries.asked_places(here).select_related("commune").order_by("sort_name", "pk")[: queries.MOST_SHOWN]
    )
    wanted = request.GET.get("lieu", "")
    place = next((one for one in places if one.slug == wanted), places[0] if places else None)
    context: dict[str, Any] = {"network": here, "census": found, "places": places, "place": place}
    if place is not None:
        made = form_of(found, place, now=timezone.now())
        values = made.desk.values
        context |= {
            "standing": words.standing(made),
            "steps": [
                section_context(made, step, Entered(section_form(made, step).initial(values)), values)
                for step in made.sections
            ],
            "own": words.question_controls(made.questions, Entered({})),
            "title_of_questions": words.title_of(OWN),
        }
    return render(request, "clearance/census/preview.html", context)


@never_cache
@login_required
@require_http_methods(METHODS)
def letters(request: HttpRequest, network: str, edition: str) -> HttpResponse:
    """Print the letters to the places that no mail reaches."""
    here, officer = desk_of(request, network)
    found = _or_404(here, edition)
    context: dict[str, Any] = {"network": here, "census": found, "count": len(queries.to_post(found))}
    status = 200
    if request.method == "POST":
        try:
            made = acts.print_letters(campaign=found, by=officer.by, now=timezone.now())
        except CensusRefused as refused:
            context["why"], status = [str(refused)], REFUSED
        else:
            context["last_day"] = day_in_words(found.closes_on, "j F Y")
            context["letters"] = [
                {
                    "place": one.place,
                    "code": f"{code[:5]}-{code[5:]}",
                    "qr": qr_code(census_url(code), _("Code à scanner\u202f: le formulaire de ce lieu")),
                }
                for one, code in made
            ]
    return render(request, "clearance/census/letters.html", context, status=status)


@require_safe
def results(request: HttpRequest, network: str, edition: str) -> HttpResponse:
    """Show everybody what came of a census: who answered by territory, own questions without what points at a place."""
    here = network_by_slug(network)
    found = queries.shown_campaign(here, edition) if here is not None else None
    if found is None:
        raise Http404
    told = queries.followed(found, now=timezone.now())
    context = {
        "network": here,
        "census": found,
        "state": words.state_of(found),
        "told": told,
        "rate": percent(told.answered, told.invited),
        "results": [words.result_line(one) for one in queries.public_results(found) if one.asked.kind != "text"],
        "least": LEAST_PLACES,
        "is_over": found.closed_at is not None,
    }
    return render(request, "clearance/census/results.html", context)


def _or_404(here: Any, edition: str) -> Any:
    found = queries.campaign_of(here, edition)
    if found is None:
        raise Http404
    return found
