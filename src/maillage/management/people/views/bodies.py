"""The organisations of a place, which may pay for persons."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from maillage.accounts.rules import RUN
from maillage.journal.actions import KeyReused
from maillage.management.people.actions import bodies, merging
from maillage.management.people.actions.door import PeopleRefused
from maillage.management.people.forms import BODY, Typed, number, of_organisation, typed
from maillage.management.people.queries import persons as queries
from maillage.management.people.views.persons import REFUSED, or_404, sent_already
from maillage.management.people.views.wording import Wrongs, choices, controls, membership, mistakes
from maillage.places.forms.entered import text
from maillage.places.permissions import Seat
from maillage.places.views.seat import seated


@seated("host")
def organisations(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Show the organisations of a place, and add one."""
    form = Typed({})
    wrongs: Wrongs = {}
    if request.method == "POST":
        form = typed(request.POST, BODY)
        try:
            made = bodies.add_organisation(
                place=seat.place, raw=form.raw, by=seat.by, now=timezone.now(), idempotency_key=form.key
            )
        except PeopleRefused as refused:
            wrongs = refused.wrongs
        except KeyReused:
            form, wrongs = Typed(form.raw), sent_already()
        else:
            messages.success(request, _("C’est noté\u202f: voici sa page."))
            return redirect("manage_people_body", seat.place.slug, made)
    context = {
        "seat": seat,
        "organisations": queries.organisations(seat.place),
        "controls": controls(BODY, form, wrongs),
        "form": form,
        **mistakes(wrongs),
    }
    return render(request, "people/organisations.html", context, status=REFUSED if wrongs else 200)


@seated("host")
def organisation(request: HttpRequest, seat: Seat, body: int) -> HttpResponse:
    """Show one organisation and those it pays for, and write what the team changes."""
    found = queries.organisation_of(seat.place, body)
    if found is None:
        raise Http404
    if found.merged_into_id:
        return redirect("manage_people_body", seat.place.slug, found.merged_into_id)
    form = of_organisation(found)
    wrongs: Wrongs = {}
    if request.method == "POST":
        form = typed(request.POST, BODY)
        act = {"place": seat.place, "raw": form.raw, "by": seat.by, "now": timezone.now()}
        try:
            changed = or_404(bodies.change_organisation, organisation_id=body, **act)
        except PeopleRefused as refused:
            wrongs = refused.wrongs
        else:
            messages.success(request, _("Enregistré.") if changed else _("Rien n’a changé."))
            return redirect("manage_people_body", seat.place.slug, body)
    return _page(request, seat, body, form, wrongs)


@seated("run")
def merge(request: HttpRequest, seat: Seat, body: int) -> HttpResponse:
    """Make two organisations one; it can be undone."""
    found = queries.organisation_of(seat.place, body)
    if found is None:
        raise Http404
    other = number(text(request.POST, "autre")) if request.method == "POST" else None
    if other is not None:
        act = {"place": seat.place, "kept_id": body, "other_id": other, "by": seat.by, "now": timezone.now()}
        try:
            or_404(merging.merge_organisations, **act)
        except PeopleRefused as refused:
            return _page(request, seat, body, of_organisation(found), refused.wrongs)
        messages.success(request, _("C’est une seule organisation désormais."))
    return redirect("manage_people_body", seat.place.slug, body)


@seated("run")
def part(request: HttpRequest, seat: Seat, body: int) -> HttpResponse:
    """Undo a merge of two organisations."""
    found = queries.organisation_of(seat.place, body)
    if found is None:
        raise Http404
    if request.method == "POST" and found.merged_into_id:
        or_404(merging.part_organisations, place=seat.place, organisation_id=body, by=seat.by, now=timezone.now())
        messages.success(request, _("Séparées\u202f: chacune a retrouvé ce qui était à elle."))
    return redirect("manage_people_body", seat.place.slug, body)


def _page(request: HttpRequest, seat: Seat, body: int, form: Typed, wrongs: Wrongs) -> HttpResponse:
    found = queries.organisation_of(seat.place, body)
    if found is None:
        raise Http404
    today = timezone.localdate()
    others = {str(one.pk): one.name for one in queries.organisations(seat.place) if one.pk != body}
    context = {
        "seat": seat,
        "organisation": found,
        "members": [{"person": one.person, **membership(one, today)} for one in queries.members_of(found)],
        "merged": queries.merged_into(found),
        "others": choices(others, ""),
        "may_run": seat.may(RUN),
        "controls": controls(BODY, form, wrongs),
        "form": form,
        **mistakes(wrongs),
    }
    return render(request, "people/organisation.html", context, status=REFUSED if wrongs else 200)
