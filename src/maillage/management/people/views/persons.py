"""The persons of a place: the list, one sheet, and the small acts around it."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from maillage.accounts.rules import RUN
from maillage.journal.actions import KeyReused
from maillage.management.people.actions import bodies, persons
from maillage.management.people.actions.door import PeopleRefused
from maillage.management.people.forms import MEMBERSHIP, PERSON, Typed, of_person, typed
from maillage.management.people.labels import FEES, KINDS
from maillage.management.people.queries import persons as queries
from maillage.management.people.rules.entries import read_day
from maillage.management.people.rules.memberships import MEMBER
from maillage.management.people.views.beside import ways
from maillage.management.people.views.wording import (
    Wrongs,
    choices,
    controls,
    membership,
    mistake,
    mistakes,
    reasons,
)
from maillage.places.forms.entered import text
from maillage.places.permissions import Seat
from maillage.places.rules.text import one_line
from maillage.places.views.seat import seated

REFUSED = 422
STATES = {
    "partir": persons.leave,
    "revenir": persons.come_back,
    "relier": persons.link_account,
    "delier": persons.unlink_account,
}


@seated("host")
def people(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Show the persons of a place, found by name, telephone or e-mail."""
    text = one_line(request.GET.get("q", "")[: queries.LONGEST_SEARCH])
    asked = request.GET.get("page", "1")
    page = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 7 else 1
    gone = request.GET.get("parties") == "1"
    found = queries.search(seat.place, text, page=page, gone=gone)
    today = timezone.localdate()
    context = {
        "seat": seat,
        "found": found,
        "text": text,
        "gone": gone,
        "people": [
            {
                "at": one,
                "held": [told for each in one.memberships.all() if (told := membership(each, today))["holds"]],
            }
            for one in found.items
        ],
        "newer": found.page - 1,
        "older": found.page + 1,
    }
    return render(request, "people/people.html", context)


@seated("host")
def add(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Add somebody; a form sent twice adds them once."""
    if request.method != "POST":
        return _form(request, seat, Typed({"name": one_line(request.GET.get("nom", "")[:200])}), {})
    form = typed(request.POST, PERSON)
    if wrongs := find_guardian(seat, form):
        return _form(request, seat, form, wrongs)
    try:
        made = persons.add_person(
            place=seat.place,
            raw=form.raw,
            is_child=form.is_child,
            guardian_id=form.guardian,
            by=seat.by,
            now=timezone.now(),
            idempotency_key=form.key,
        )
    except PeopleRefused as refused:
        return _form(request, seat, form, refused.wrongs)
    except KeyReused:
        return _form(request, seat, Typed(form.raw, is_child=form.is_child, guardian=form.guardian), sent_already())
    messages.success(request, _("C’est noté\u202f: voici sa page."))
    return redirect("manage_people_one", seat.place.slug, made)


def sent_already() -> dict[str, tuple[str, str]]:
    """A form that came twice with other words in it."""
    return {"": (_("ce formulaire a déjà servi, avec d’autres réponses"), _("relisez-le et enregistrez de nouveau"))}


@seated("host")
def one(request: HttpRequest, seat: Seat, person: int) -> HttpResponse:
    """Show one person, and write what the team changes."""
    found = found_or_404(seat, person)
    if found.merged_into_id:
        return redirect("manage_people_one", seat.place.slug, found.merged_into_id)
    if request.method != "POST":
        return sheet(request, seat, found, of_person(found), {})
    form = typed(request.POST, PERSON)
    if wrongs := find_guardian(seat, form, without=person):
        return sheet(request, seat, found, form, wrongs)
    try:
        changed = or_404(
            persons.change_person,
            place=seat.place,
            person_id=person,
            raw=form.raw,
            is_child=form.is_child,
            guardian_id=form.guardian,
            by=seat.by,
            now=timezone.now(),
        )
    except PeopleRefused as refused:
        return sheet(request, seat, found, form, refused.wrongs)
    messages.success(request, _("Enregistré.") if changed else _("Rien n’a changé."))
    return redirect("manage_people_one", seat.place.slug, person)


@seated("host")
def state(request: HttpRequest, seat: Seat, person: int) -> HttpResponse:
    """Let somebody leave or return, or link their account."""
    found = found_or_404(seat, person)
    act = STATES.get(text(request.POST, "faire")) if request.method == "POST" else None
    if act is not None:
        try:
            or_404(act, place=seat.place, person_id=person, by=seat.by, now=timezone.now())
        except PeopleRefused as refused:
            return sheet(request, seat, found, of_person(found), refused.wrongs)
        messages.success(request, _("Enregistré."))
    return redirect("manage_people_one", seat.place.slug, person)


@seated("host")
def add_membership(request: HttpRequest, seat: Seat, person: int) -> HttpResponse:
    """Add a membership to somebody."""
    found = found_or_404(seat, person)
    if request.method != "POST":
        return redirect("manage_people_one", seat.place.slug, person)
    form = typed(request.POST, MEMBERSHIP)
    try:
        or_404(
            bodies.add_membership,
            place=seat.place,
            person_id=person,
            raw=form.raw,
            organisation_id=form.organisation,
            by=seat.by,
            now=timezone.now(),
            idempotency_key=form.key,
        )
    except PeopleRefused as refused:
        return sheet(request, seat, found, of_person(found), refused.wrongs, form)
    except KeyReused:
        form = Typed(form.raw, organisation=form.organisation)
        return sheet(request, seat, found, of_person(found), sent_already(), form)
    messages.success(request, _("Adhésion ajoutée."))
    return redirect("manage_people_one", seat.place.slug, person)


@seated("host")
def end_membership(request: HttpRequest, seat: Seat, person: int, adhesion: int) -> HttpResponse:
    """Say the last day of a membership: today, unless another is given."""
    found = found_or_404(seat, person)
    if request.method != "POST":
        return redirect("manage_people_one", seat.place.slug, person)
    given = text(request.POST, "ends_on")
    day = read_day(given) if given else timezone.localdate()
    try:
        if day is None:
            wrong = (_("ce jour est illisible"), _("écrivez-le comme 2026-09-01"))
            return sheet(request, seat, found, of_person(found), {"ends_on": wrong})
        or_404(
            bodies.end_membership,
            place=seat.place,
            person_id=person,
            membership_id=adhesion,
            ends_on=day,
            by=seat.by,
            now=timezone.now(),
        )
    except PeopleRefused as refused:
        return sheet(request, seat, found, of_person(found), refused.wrongs)
    messages.success(request, _("Adhésion terminée."))
    return redirect("manage_people_one", seat.place.slug, person)


def find_guardian(seat: Seat, form: Typed, without: int = 0) -> dict[str, tuple[str, str]]:
    """Find by name who answers for a child; what is wrong where the name is nobody's, or several persons'."""
    if not form.is_child or not form.guardian_name.strip():
        return {}
    found = [one for one in queries.grown_ups_named(seat.place, form.guardian_name) if one.pk != without]
    if len(found) > 1 and form.guardian not in {one.pk for one in found}:
        return {"guardian": (_("plusieurs personnes portent ce nom ici"), _("choisissez laquelle"))}
    if not found:
        return {"guardian": (_("aucun adulte de ce lieu ne porte ce nom"), _("corrigez-le, ou ajoutez-le d’abord"))}
    form.guardian = form.guardian if len(found) > 1 else found[0].pk
    return {}


def found_or_404(seat: Seat, person: int) -> Any:
    """A person of this place; anybody else's, and one who was erased, does not exist here."""
    found = queries.person_of(seat.place, person)
    if found is None:
        raise Http404
    return found


def or_404(action: Callable[..., Any], **act: Any) -> Any:
    """Do something to what belongs to this place; anything else does not exist here."""
    try:
        return action(**act)
    except ObjectDoesNotExist as missing:
        raise Http404 from missing


def _form(request: HttpRequest, seat: Seat, form: Typed, wrongs: Wrongs) -> HttpResponse:
    context = {"seat": seat, **_asked(seat, form, wrongs), **mistakes(wrongs)}
    return render(request, "people/add.html", context, status=REFUSED if wrongs else 200)


def _asked(seat: Seat, form: Typed, wrongs: Wrongs, without: int = 0) -> dict[str, Any]:
    grown_ups = [one for one in queries.grown_ups(seat.place) if one.pk != without]
    named = queries.grown_ups_named(seat.place, form.guardian_name) if form.guardian_name else []
    alike = [one for one in named if one.pk != without]
    return {
        "controls": controls(PERSON, form, wrongs),
        "form": form,
        "guardians": list(dict.fromkeys(one.name for one in grown_ups)),
        "alike_guardians": [{"at": one, "on": one.pk == form.guardian} for one in alike] if len(alike) > 1 else [],
        "guardian_mistake": mistake(wrongs, "guardian") or mistake(wrongs, "is_child"),
    }


def sheet(
    request: HttpRequest, seat: Seat, person: Any, form: Typed, wrongs: Wrongs, adding: Typed | None = None
) -> HttpResponse:
    """The page of a person as it stands, with what was typed and what is wrong with it."""
    found = queries.sheet(seat.place, person)
    today = timezone.localdate()
    adding = adding or Typed({"kind": MEMBER, "starts_on": today.isoformat()})
    of_membership = wrongs if adding.raw.keys() == set(MEMBERSHIP) else {}
    paying = {str(one.pk): one.name for one in queries.organisations(seat.place)}
    context = {
        "seat": seat,
        "person": found.person,
        "memberships": [membership(one, today) for one in found.memberships],
        "children": found.children,
        "merged": found.merged,
        "alike": [{"at": other, "why": reasons(likeness)} for other, likeness in found.alike],
        "may_run": seat.may(RUN),
        "ways": ways(seat, found.person),
        "adding": adding,
        "adding_again": bool(of_membership),
        "kinds": choices(KINDS, adding.raw.get("kind", "")),
        "fees": choices(FEES, adding.raw.get("fee_class", "")),
        "paying": choices(paying, str(adding.organisation or "")),
        "days": controls(("starts_on", "ends_on"), adding, of_membership),
        **_asked(seat, form, wrongs, without=person.pk),
        **mistakes(wrongs),
    }
    return render(request, "people/person.html", context, status=REFUSED if wrongs else 200)
