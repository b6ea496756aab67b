"""Who may use which machine, until when: shown, given after a training, taken back."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from maillage.accounts.rules import RUN
from maillage.management.bookings.actions.authorising import authorise, withdraw
from maillage.management.bookings.actions.spaces import SpacesRefused
from maillage.management.bookings.queries import authorisations as queries
from maillage.management.bookings.queries.desk import person_of, zone_here
from maillage.management.bookings.rules.authorisations import ENDING, LONGEST_LIST, MOST_NAMES, OVER, read_names
from maillage.management.bookings.rules.clock import local_day, zone_named
from maillage.management.bookings.views.manage.wording import REFUSED, Wrongs, control, mistakes, number, posted
from maillage.places.permissions import Seat
from maillage.places.views.seat import seated
from maillage.places.views.wording import day_in_words

GIVEN = ("authorisation", "given_on", "expires_on")


@seated("host")
def authorisations(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Show who may use which machine and until when; of one person only, where the address says one."""
    today = local_day(timezone.now(), zone_named(zone_here(seat.place)))
    person = person_of(seat.place, number(request.GET.get("personne", "")))
    boards = [_board(one) for one in queries.boards(seat.place, today, person=person)]
    if person:
        boards = [one for one in boards if one["lasting"] or one["over"]]
    context = {
        "seat": seat,
        "person": person,
        "boards": boards,
        "ending": sum(row["state"] == ENDING for one in boards for row in one["lasting"]),
        "may_run": seat.may(RUN),
        "may_give": bool(queries.names_given(seat.place)),
    }
    return render(request, "bookings/manage/authorisations.html", context)


@seated("run")
def give(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Give an authorisation to all who followed a training; names that mean nobody, or several, are asked again."""
    if request.method != "POST":
        today = local_day(timezone.now(), zone_named(zone_here(seat.place)))
        raw = {"authorisation": request.GET.get("pour", "")[:80], "given_on": today.isoformat(), "expires_on": ""}
        known = person_of(seat.place, number(request.GET.get("personne", "")))
        return _form(request, seat, raw, [known] if known else [])
    raw = posted(request, GIVEN)
    lines = read_names(request.POST.get("names", "")[:LONGEST_LIST])
    named = queries.named(seat.place, lines)
    chosen = queries.persons(seat.place, [number(one) for one in request.POST.getlist("person")[: 2 * MOST_NAMES]])
    sure = [*chosen, *(one for one in named.sure if one not in chosen)]
    if named.unknown or named.several:
        return _form(request, seat, raw, sure, several=named.several, unknown=named.unknown, wrongs=_unsure(named))
    try:
        ids = [one.pk for one in sure]
        given = authorise(place=seat.place, person_ids=ids, raw=raw, by=seat.by, now=timezone.now())
    except SpacesRefused as refused:
        return _form(request, seat, raw, sure, wrongs=refused.wrongs)
    told = ngettext("%(n)d personne habilitée.", "%(n)d personnes habilitées.", given) % {"n": given}
    messages.success(request, told if given else _("Elles l’avaient déjà\u202f: rien n’a changé."))
    return redirect("manage_authorisations", seat.place.slug)


@seated("run")
def take_back(request: HttpRequest, seat: Seat, authorisation: int) -> HttpResponse:
    """Ask once, then take an authorisation back from somebody."""
    found = queries.one_of(seat.place, authorisation)
    if found is None:
        raise Http404
    if request.method == "POST":
        try:
            withdraw(place=seat.place, authorisation_id=authorisation, by=seat.by, now=timezone.now())
        except ObjectDoesNotExist as missing:
            raise Http404 from missing
        told = {"name": found.person.name, "what": found.name}
        messages.success(request, _("%(name)s n’a plus l’habilitation «\u202f%(what)s\u202f».") % told)
        return redirect("manage_authorisations", seat.place.slug)
    return render(request, "bookings/manage/authorisation_withdraw.html", {"seat": seat, "found": found})


def _board(board: queries.Board) -> dict[str, Any]:
    rows = [
        {
            "pk": held.authorisation.pk,
            "person": held.authorisation.person,
            "state": held.standing,
            "until": day_in_words(held.authorisation.expires_on, "j F Y") if held.authorisation.expires_on else "",
            "since": day_in_words(held.authorisation.given_on, "j F Y"),
        }
        for held in board.held
    ]
    return {
        "name": board.name,
        "spaces": board.spaces,
        "lasting": [row for row in rows if row["state"] != OVER],
        "over": [row for row in rows if row["state"] == OVER],
    }


def _unsure(named: queries.Named) -> dict[str, tuple[str, str]]:
    if named.unknown:
        told = _("personne ici ne porte ce nom\u202f: %(names)s") % {"names": ", ".join(named.unknown[:10])}
        return {"names": (told, _("corrigez-le, ou ajoutez d’abord cette personne"))}
    return {"names": (_("plusieurs personnes portent le même nom"), _("cochez la bonne"))}


def _form(
    request: HttpRequest,
    seat: Seat,
    raw: dict[str, str],
    chosen: list[Any],
    *,
    several: Any = (),
    unknown: Any = (),
    wrongs: Wrongs | None = None,
) -> HttpResponse:
    wrongs = wrongs or {}
    names = queries.names_given(seat.place)
    alike = [one for one in several if one not in chosen]
    ends = _("Rien\u202f: elle n’a pas de fin.")
    context = {
        "seat": seat,
        "has_names": bool(names),
        "what": control(
            "authorisation",
            raw["authorisation"],
            wrongs,
            kind="select",
            label=_("Habilitation"),
            choices=[(name, name) for name in names],
        ),
        "days": [
            control("given_on", raw["given_on"], wrongs, type="date", required="required"),
            control("expires_on", raw["expires_on"], wrongs, type="date", hint=ends),
        ],
        "people": [{"at": one, "on": True} for one in chosen] + [{"at": one, "on": False} for one in alike],
        "names": control("names", "\n".join(unknown), wrongs),
        "wrong": bool(wrongs),
        "mistakes": mistakes(wrongs),
    }
    return render(request, "bookings/manage/authorisation_give.html", context, status=REFUSED if wrongs else 200)
