"""A place asks for help, goes on with the exchange, and says when the matter is settled."""

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from maillage.accounts.rules import RUN
from maillage.journal.actions import KeyReused
from maillage.network.clearance.actions import helping as acts
from maillage.network.clearance.actions.granting import HelpRefused
from maillage.network.clearance.labels import FIELDS, THEMES
from maillage.network.clearance.queries.grants import grants_with
from maillage.network.clearance.queries.helping import readers_for, request_of, requests_of
from maillage.network.clearance.rules.helping import RESOLVED, WITHDRAWN, read_request
from maillage.network.clearance.views import help_words as words
from maillage.network.schemes.views.wording import key_of, sent_already
from maillage.places.permissions import Seat
from maillage.places.views.seat import seated

OUTCOMES = {"regler": RESOLVED, "retirer": WITHDRAWN}


@seated("host")
def helping(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Show what the place has asked, and ask; a form sent twice asks once."""
    if request.method != "POST":
        return _page(request, seat, {}, [], [], {})
    raw, key = words.typed(request, ("theme", "says", "days")), key_of(request)
    readers, shares = words.ticked(request, "readers"), words.ticked(request, "shares")
    asked = read_request(raw, readers=readers, shares=shares)
    try:
        made = acts.ask(place=seat.place, asked=asked, by=seat.by, now=timezone.now(), key=key)
    except HelpRefused as refused:
        return _page(request, seat, raw, readers, shares, refused.wrongs, key)
    except KeyReused:
        return _page(request, seat, raw, readers, shares, sent_already())
    messages.success(request, _("C’est parti. Vous recevrez un courriel dès qu’on vous répond. Vous n’êtes pas seuls."))
    return redirect("manage_help_one", seat.place.slug, made.pk)


@seated("host")
def helping_one(request: HttpRequest, seat: Seat, need: int) -> HttpResponse:
    """Show an exchange; go on with it, or say that it is settled."""
    found = request_of(seat.place, need)
    if found is None:
        raise Http404
    if request.method != "POST":
        return _exchange(request, seat, found, "", {})
    outcome = next((outcome for name, outcome in OUTCOMES.items() if name in request.POST), "")
    by, now = seat.by, timezone.now()
    if outcome:
        acts.close(place=seat.place, request_id=found.pk, outcome=outcome, by=by, now=now)
        said = _("Tant mieux\u202f! C’est noté, et plus personne ne lit les chiffres donnés avec cette demande.")
        messages.success(request, said if outcome == RESOLVED else _("La demande est retirée, et ses accès aussi."))
        return redirect("manage_help_one", seat.place.slug, found.pk)
    text, key = words.typed(request, ("message",))["message"], key_of(request)
    try:
        acts.write_again(place=seat.place, request_id=found.pk, text=text, by=by, now=now, key=key)
    except HelpRefused as refused:
        return _exchange(request, seat, found, text, refused.wrongs, key)
    except KeyReused:
        return _exchange(request, seat, found, text, sent_already())
    messages.success(request, _("Votre message est parti."))
    return redirect("manage_help_one", seat.place.slug, found.pk)


def _page(
    request: HttpRequest,
    seat: Seat,
    raw: dict[str, str],
    readers: Sequence[str],
    shares: Sequence[str],
    wrongs: words.Wrongs,
    key: str = "",
) -> HttpResponse:
    now, known = timezone.now(), readers_for(seat.place)
    # With one network that looks after the place, there is nothing to choose.
    ticked = set(readers) if request.method == "POST" else {one.code for one in known if one.network}
    context = {
        "seat": seat,
        "may_run": seat.may(RUN),
        "themes": [{"code": code, "label": label, "on": code == raw.get("theme")} for code, label in THEMES.items()],
        "says": raw.get("says", ""),
        "readers": [
            {
                "code": one.code,
                "name": one.name,
                "is_network": one.network is not None,
                "people": one.people,
                "on": one.code in ticked,
            }
            for one in known
        ],
        "shares": words.choices_of_shares(shares),
        "days": words.choices_of_days(raw.get("days", "")),
        "labels": FIELDS,
        "key": key or str(uuid4()),
        "asked": [words.asked(one, now=now) for one in requests_of(seat.place)],
        **words.mistakes(wrongs),
    }
    return render(request, "clearance/help/ask.html", context, status=words.REFUSED if wrongs else 200)


def _exchange(
    request: HttpRequest, seat: Seat, found: Any, text: str, wrongs: words.Wrongs, key: str = ""
) -> HttpResponse:
    now = timezone.now()
    context = {
        "seat": seat,
        "asked": words.asked(found, now=now),
        "said": words.exchange(found),
        "grants": [words.granted(one) for one in grants_with(found, now=now)],
        "text": text,
        "key": key or str(uuid4()),
        "labels": FIELDS,
        **words.mistakes(wrongs),
    }
    return render(request, "clearance/help/team.html", context, status=words.REFUSED if wrongs else 200)
