"""Who comes to a session: ticked, added, taken off, counted by age."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from maillage.journal.actions import KeyReused
from maillage.management.bookings.views.manage.wording import number, posted
from maillage.management.events.actions import attending, registering
from maillage.management.events.actions.door import EventsRefused
from maillage.management.events.queries.programme import Row, zone_of
from maillage.management.events.queries.team import Board
from maillage.management.events.rules.entries import AGE_BANDS
from maillage.management.events.views.manage.session import WHO, board_or_404, page, party, said
from maillage.management.events.views.manage.wording import key_of, mistakes, name_of, sent_already
from maillage.management.people.actions.door import PeopleRefused
from maillage.places.permissions import Seat
from maillage.places.views.seat import seated

SAID: dict[str, Callable[..., Any]] = {
    "arrived": attending.came,
    "missed": attending.missed,
    "undone": attending.neither,
}


@seated("host")
def came(request: HttpRequest, seat: Seat, session: int, registration: int) -> HttpResponse:
    """Note who came, who did not, or neither after all; then back to that person on the list."""
    found = board_or_404(seat, session)
    one_or_404(found, registration)
    act = SAID.get(request.POST.get("came", "")) if request.method == "POST" else None
    if act is not None:
        try:
            act(place=seat.place, registration_id=registration, by=seat.by, now=timezone.now())
        except EventsRefused as refused:
            return page(request, seat, found, wrongs=refused.wrongs)
    answer = redirect("manage_session", seat.place.slug, session)
    answer["Location"] += f"#r{registration}"
    return answer


@seated("host")
def join(request: HttpRequest, seat: Seat, session: int) -> HttpResponse:
    """Add somebody: a name is enough; who stands there is ticked at once. A form sent twice adds them once."""
    found = board_or_404(seat, session)
    if request.method != "POST":
        return redirect("manage_session", seat.place.slug, session)
    raw, key = posted(request, WHO), key_of(request)
    act: dict[str, Any] = {"place": seat.place, "session_id": session, "by": seat.by, "now": timezone.now()}
    who = {name: raw[name] for name in ("name", "phone", "email")}
    try:
        if request.POST.get("faire") == "venu":
            made = attending.walk_in(**act, raw=who, party=_size(raw["party"]), key=key)
        else:
            made = registering.register_for(**act, raw=who, party=_size(raw["party"]), key=key)
    except (EventsRefused, PeopleRefused) as refused:
        return page(request, seat, found, raw={**raw, "jeton": key}, wrongs=refused.wrongs)
    except KeyReused:
        return page(request, seat, found, raw=raw, wrongs=sent_already())
    name = {"name": made.person.name if made.person else ""}
    if made.seat_id is not None:
        here = (
            _("C’est noté\u202f: %(name)s est là.") if made.arrived_at else _("C’est noté\u202f: %(name)s a sa place.")
        )
        messages.success(request, here % name)
    else:
        messages.warning(request, _("Tout est pris\u202f: %(name)s est sur la liste d’attente.") % name)
    return redirect("manage_session", seat.place.slug, session)


@seated("host")
def withdraw(request: HttpRequest, seat: Seat, session: int, registration: int) -> HttpResponse:
    """Ask once, then give a seat back; who waits takes it."""
    found = board_or_404(seat, session)
    one = one_or_404(found, registration)
    now = timezone.now()
    wrongs: dict[str, tuple[str, str]] = {}
    if request.method == "POST":
        try:
            registering.withdraw(place=seat.place, registration_id=registration, by=seat.by, now=now)
        except EventsRefused as refused:
            wrongs = dict(refused.wrongs)
        else:
            messages.success(request, _("%(name)s n’est plus sur la liste.") % {"name": name_of(one)})
            return redirect("manage_session", seat.place.slug, session)
    context = {
        "seat": seat,
        **said(found, zone_of(seat.place)),
        "one": party(found, one, now),
        "is_waiting": one in found.waiting,
        "others_wait": bool(found.waiting),
        "wrong": bool(wrongs),
        "mistakes": mistakes(wrongs),
    }
    return render(request, "events/manage/withdraw.html", context, status=422 if wrongs else 200)


@seated("host")
def ages(request: HttpRequest, seat: Seat, session: int) -> HttpResponse:
    """Count how many of each age came, without a name."""
    found = board_or_404(seat, session)
    if request.method == "POST":
        raw = posted(request, (f"age-{band}" for band in AGE_BANDS))
        counts = {band: raw[f"age-{band}"] for band in AGE_BANDS}
        try:
            attending.count_ages(place=seat.place, session_id=session, counts=counts, by=seat.by, now=timezone.now())
        except EventsRefused as refused:
            return page(request, seat, found, raw=raw, wrongs=_as_one(refused.wrongs))
        told = sum(number(count.strip()) for count in counts.values())
        said = ngettext("%(n)d personne comptée.", "%(n)d personnes comptées.", told) % {"n": told}
        messages.success(request, said)
    return redirect("manage_session", seat.place.slug, session)


def one_or_404(found: Board, registration: int) -> Row:
    """Somebody on the list of this session, who leads a party; anybody else is not there."""
    one = next((row for row in found.rows if row.registration.pk == registration), None)
    if one is None:
        raise Http404
    return one


def _size(text: str) -> int:
    """How many come together; one unless said."""
    return number(text) or 1


def _as_one(wrongs: Any) -> dict[str, tuple[str, str]]:
    """Whatever band is wrong is told beside the counts as a whole."""
    return {"counts": next(iter(wrongs.values()))} if wrongs else {}
