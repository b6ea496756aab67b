"""What a person may ask of the place, and what is done seldom: the download, a merge and its undoing, oblivion."""

import json

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from maillage.accounts.rules import RUN
from maillage.management.people.actions import erasing, merging
from maillage.management.people.actions.door import PeopleRefused
from maillage.management.people.actions.telling import note_download
from maillage.management.people.forms import of_person
from maillage.management.people.queries import persons as queries
from maillage.management.people.queries.held import everything_about
from maillage.management.people.rules.tables import as_csv, as_json
from maillage.management.people.views.persons import found_or_404, or_404, sheet
from maillage.management.people.views.wording import reasons
from maillage.places.permissions import Seat
from maillage.places.views.seat import seated


@seated("host")
def duplicates(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Show who may be known twice, and why; people decide."""
    pairs = [
        {"one": pair.one, "other": pair.other, "why": reasons(pair.likeness)} for pair in queries.duplicates(seat.place)
    ]
    said = queries.said_apart(seat.place)
    context = {"seat": seat, "pairs": pairs, "apart": said, "may_run": seat.may(RUN), "most": queries.MOST_PROPOSED}
    return render(request, "people/duplicates.html", context)


@seated("run")
def as_json_file(request: HttpRequest, seat: Seat, person: int) -> HttpResponse:
    """Everything held about somebody, for a program."""
    found = found_or_404(seat, person)
    note_download(place=seat.place, person_id=found.pk, kind="json", by=seat.by, now=timezone.now())
    told = as_json(everything_about(found))
    said = {"place": seat.place.name, "slug": seat.place.slug, "told_at": timezone.now().isoformat(), **told}
    body = json.dumps(said, ensure_ascii=False, indent=2)
    return _file(body, "application/json", f"personne-{person}.json")


@seated("run")
def as_csv_file(request: HttpRequest, seat: Seat, person: int) -> HttpResponse:
    """Everything held about somebody, for a spreadsheet."""
    heads = (_("table"), _("ligne"), _("donnée"), _("valeur"))
    found = found_or_404(seat, person)
    note_download(place=seat.place, person_id=found.pk, kind="csv", by=seat.by, now=timezone.now())
    body = as_csv(everything_about(found), heads)
    return _file(body, "text/csv; charset=utf-8", f"personne-{person}.csv")


def _file(body: str, kind: str, name: str) -> HttpResponse:
    return HttpResponse(body, content_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})


@seated("run")
def merge(request: HttpRequest, seat: Seat, person: int, twin: int) -> HttpResponse:
    """Ask once, then make two persons one; it can be undone."""
    kept, other = found_or_404(seat, person), found_or_404(seat, twin)
    if person == twin:
        return redirect("manage_people_one", seat.place.slug, person)
    problem = ""
    if request.method == "POST":
        try:
            or_404(
                merging.merge_persons, place=seat.place, kept_id=person, other_id=twin, by=seat.by, now=timezone.now()
            )
        except PeopleRefused as refused:
            problem = str(refused)
        else:
            messages.success(request, _("C’est une seule personne désormais. En bas de sa page, on peut les séparer."))
            return redirect("manage_people_one", seat.place.slug, person)
    context = {"seat": seat, "kept": kept, "other": other, "problem": problem}
    return render(request, "people/merge.html", context, status=422 if problem else 200)


@seated("run")
def apart(request: HttpRequest, seat: Seat, person: int, twin: int) -> HttpResponse:
    """Remember that two persons are two, or compare them again."""
    found_or_404(seat, person)
    found_or_404(seat, twin)
    if request.method == "POST":
        told = {"place": seat.place, "person_id": person, "other_id": twin, "by": seat.by, "now": timezone.now()}
        is_apart = request.POST.get("faire") != "revenir"
        try:
            or_404(merging.say_apart, **told, is_apart=is_apart)
        except PeopleRefused as refused:
            messages.error(request, str(refused))
        else:
            done = _("C’est noté : on ne les propose plus comme une seule.") if is_apart else _("Enregistré.")
            messages.success(request, done)
    return redirect("manage_people_duplicates", seat.place.slug)


@seated("run")
def part(request: HttpRequest, seat: Seat, person: int) -> HttpResponse:
    """Undo a merge."""
    found = found_or_404(seat, person)
    if request.method == "POST" and found.merged_into_id:
        or_404(merging.part_persons, place=seat.place, person_id=person, by=seat.by, now=timezone.now())
        messages.success(request, _("Séparées\u202f: chacune a retrouvé ce qui était à elle."))
    return redirect("manage_people_one", seat.place.slug, person)


@seated("run")
def erase(request: HttpRequest, seat: Seat, person: int) -> HttpResponse:
    """Ask once, then forget somebody for good."""
    found = found_or_404(seat, person)
    if request.method == "POST":
        try:
            or_404(erasing.erase_person, place=seat.place, person_id=person, by=seat.by, now=timezone.now())
        except PeopleRefused as refused:
            return sheet(request, seat, found, of_person(found), refused.wrongs)
        messages.success(request, _("Effacée\u202f: il ne reste que des dates et des comptes, sans nom."))
        return redirect("manage_people", seat.place.slug)
    return render(request, "people/erase.html", {"seat": seat, "person": found})
