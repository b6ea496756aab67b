"""The programme of a place: what it invites to, put online or not, and when."""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from maillage.journal.actions import KeyReused
from maillage.management.bookings.rules.clock import local_day
from maillage.management.bookings.views.manage.wording import REFUSED, Wrongs
from maillage.management.events.actions import programme as acts
from maillage.management.events.actions.door import EventsRefused
from maillage.management.events.labels import AUDIENCES, KINDS, PRICES, THEMES, price_said
from maillage.management.events.queries.programme import (
    Listed,
    archived_of,
    event_of,
    events_of,
    sessions_of,
    zone_of,
)
from maillage.management.events.queries.team import coming
from maillage.management.events.views.manage.wording import (
    FIELDS,
    control,
    key_of,
    mistakes,
    sent_already,
    session_told,
    typed,
)
from maillage.management.people.queries.persons import organisations
from maillage.places.permissions import Seat
from maillage.places.views.seat import seated

NAMES = ("title", "summary", "description", "kind", "audience", "theme", "organisation", "price", "price_euros")
CHECKED = "takes_registrations"
MOST_SHOWN = 12
"""How many sessions the programme shows after today’s: all of them are on the page of each event."""


@seated("host")
def events(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Show the sessions to come, tonight's first, then everything the place invites to."""
    now, zone = timezone.now(), zone_of(seat.place)
    found = coming(seat.place, now=now)
    here = local_day(now, zone)
    today = [one for one in found if local_day(one.session.start, zone) <= here]
    context = {
        "seat": seat,
        "today": [session_told(one, zone) for one in today],
        "coming": [session_told(one, zone) for one in found[len(today) :][:MOST_SHOWN]],
        "events": [_in_list(listed) for listed in events_of(seat.place, now=now)],
        "archived": archived_of(seat.place),
    }
    return render(request, "events/manage/programme.html", context)


@seated("host")
def add(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Add an event, which nobody sees until it is put online; a form sent twice adds it once."""
    if request.method != "POST":
        raw = {"kind": "workshop", "audience": "all", "price": "free", CHECKED: "1"}
        return _form(request, seat, raw)
    raw = typed(request, (*NAMES, CHECKED))
    try:
        made = acts.add_event(
            place=seat.place, raw=raw, by=seat.by, now=timezone.now(), idempotency_key=key_of(request)
        )
    except EventsRefused as refused:
        return _form(request, seat, raw, wrongs=refused.wrongs)
    except KeyReused:
        return _form(request, seat, raw, wrongs=sent_already(), key=str(uuid4()))
    messages.success(request, _("C’est noté, et personne ne le voit encore. Dites maintenant quand cela a lieu."))
    return redirect("manage_session_add", seat.place.slug, made.pk)


@seated("host")
def event(request: HttpRequest, seat: Seat, entry: int) -> HttpResponse:
    """Show one event, whether it is online, and its sessions."""
    return page(request, seat, found_or_404(seat, entry))


@seated("host")
def change(request: HttpRequest, seat: Seat, entry: int) -> HttpResponse:
    """Change what is said of an event; its sessions and who registered stay as they are."""
    found = found_or_404(seat, entry)
    if request.method != "POST":
        return _form(request, seat, _raw(found), found)
    raw = typed(request, (*NAMES, CHECKED))
    try:
        acts.change_event(place=seat.place, event_id=entry, raw=raw, by=seat.by, now=timezone.now())
    except EventsRefused as refused:
        return _form(request, seat, raw, found, refused.wrongs)
    messages.success(request, _("C’est enregistré."))
    return redirect("manage_event", seat.place.slug, entry)


@seated("host")
def publish(request: HttpRequest, seat: Seat, entry: int) -> HttpResponse:
    """Put an event online, or take it off; nobody who registered loses a seat."""
    found = found_or_404(seat, entry)
    if request.method == "POST":
        act = acts.unpublish if request.POST.get("cacher") else acts.publish
        try:
            act(place=seat.place, event_id=entry, by=seat.by, now=timezone.now())
        except EventsRefused as refused:
            return page(request, seat, found, refused.wrongs)
        hidden = _("Il n’est plus en ligne. Qui est inscrit le reste.")
        messages.success(request, hidden if act is acts.unpublish else _("C’est en ligne, sur la page du lieu."))
    return redirect("manage_event", seat.place.slug, entry)


@seated("host")
def archive(request: HttpRequest, seat: Seat, entry: int) -> HttpResponse:
    """Ask once, then take an event out of the programme; what took place stays written."""
    found = found_or_404(seat, entry)
    wrongs: Wrongs = {}
    if request.method == "POST":
        try:
            acts.archive(place=seat.place, event_id=entry, by=seat.by, now=timezone.now())
        except EventsRefused as refused:
            wrongs = refused.wrongs
        else:
            messages.success(request, _("«\u202f%(name)s\u202f» quitte le programme.") % {"name": found.title})
            return redirect("manage_events", seat.place.slug)
    context = {"seat": seat, "event": found, "wrong": bool(wrongs), "mistakes": mistakes(wrongs)}
    return render(request, "events/manage/archive.html", context, status=REFUSED if wrongs else 200)


def found_or_404(seat: Seat, entry: int) -> Any:
    """An event of this place; one of another place does not exist here."""
    found = event_of(seat.place, entry)
    if found is None:
        raise Http404
    return found


def page(request: HttpRequest, seat: Seat, found: Any, wrongs: Wrongs | None = None) -> HttpResponse:
    """The page of an event as it stands, with what was refused."""
    now, zone = timezone.now(), zone_of(seat.place)
    told = sessions_of(found, now=now)
    context = {
        "seat": seat,
        "event": found,
        "facts": _facts(found),
        "coming": [session_told(one, zone) for one in told if one.session.end > now],
        "past": [session_told(one, zone) for one in told if one.session.end <= now],
        "wrong": bool(wrongs),
        "mistakes": mistakes(wrongs or {}),
    }
    return render(request, "events/manage/event.html", context, status=REFUSED if wrongs else 200)


def _facts(found: Any) -> list[tuple[str, Any]]:
    facts: list[tuple[str, Any]] = [
        (str(FIELDS["kind"]), KINDS[found.kind]),
        (str(FIELDS["audience"]), AUDIENCES[found.audience]),
    ]
    if found.theme:
        facts.append((str(FIELDS["theme"]), THEMES[found.theme]))
    if found.organisation:
        facts.append((str(FIELDS["organisation"]), found.organisation.name))
    facts.append((str(FIELDS["price"]), price_said(found.price, found.price_cents)))
    taken = _("on s’inscrit, les places sont comptées") if found.takes_registrations else _("on vient sans s’inscrire")
    return [*facts, (_("Inscription"), taken)]


def _in_list(listed: Listed) -> dict[str, Any]:
    event = listed.event
    return {
        "pk": event.pk,
        "title": event.title,
        "kind": KINDS[event.kind],
        "is_hidden": event.published_at is None,
        "coming": listed.ahead,
    }


def _raw(found: Any) -> dict[str, str]:
    raw = {name: str(getattr(found, name) or "") for name in NAMES if name not in ("organisation", "price_euros")}
    euros = f"{found.price_cents / 100:.2f}".replace(".", ",").removesuffix(",00") if found.price_cents else ""
    organisation = str(found.organisation_id or "")
    return {**raw, "organisation": organisation, "price_euros": euros, CHECKED: "1" * found.takes_registrations}


def _form(
    request: HttpRequest,
    seat: Seat,
    raw: Mapping[str, str],
    event: Any = None,
    wrongs: Wrongs | None = None,
    key: str = "",
) -> HttpResponse:
    wrongs = wrongs or {}
    none = ("", _("aucune"))
    bodies = [none, *((str(one.pk), one.name) for one in organisations(seat.place))]
    themes = [("", _("aucun en particulier")), *THEMES.items()]
    hint = _("Le sujet de l’aide numérique\u202f: jamais la démarche de quelqu’un en particulier.")
    priced = _("Par personne. Pour un prix libre\u202f: ce que vous conseillez, ou rien.")
    hints = {"summary": _("Ce qu’on lit d’abord dans l’agenda."), "organisation": _("Qui l’organise ou le finance.")}
    context = {
        "seat": seat,
        "event": event,
        "key": key or key_of(request),
        "controls": [
            control("title", raw.get("title"), wrongs, maxlength=120, required="required"),
            control("kind", raw.get("kind"), wrongs, kind="select", choices=KINDS.items()),
            control("theme", raw.get("theme"), wrongs, kind="select", choices=themes, hint=hint),
            control("audience", raw.get("audience"), wrongs, kind="select", choices=AUDIENCES.items()),
            control("price", raw.get("price"), wrongs, kind="select", choices=PRICES.items()),
            control("price_euros", raw.get("price_euros"), wrongs, hint=priced, inputmode="decimal", maxlength=10),
        ],
        "more": [
            control("summary", raw.get("summary"), wrongs, hint=hints["summary"], maxlength=300),
            control("description", raw.get("description"), wrongs, kind="area", rows=5, maxlength=4000),
            control(
                "organisation",
                raw.get("organisation"),
                wrongs,
                kind="select",
                choices=bodies,
                hint=hints["organisation"],
            ),
        ],
        "is_open": event is not None or any(raw.get(name) for name in ("summary", "description", "organisation")),
        CHECKED: raw.get(CHECKED),
        "wrong": bool(wrongs),
        "mistakes": mistakes(wrongs),
    }
    return render(request, "events/manage/event_form.html", context, status=REFUSED if wrongs else 200)
