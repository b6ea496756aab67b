"""The form of one place in a census: no account, only what is missing or old, kept step by step, sent once."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from maillage.journal.actions import TooMany
from maillage.network.clearance.actions.campaigns import CensusRefused
from maillage.network.clearance.actions.census_answers import (
    SIGNED,
    begin,
    keep_step,
    send,
    takes_answers,
    try_code,
)
from maillage.network.clearance.actions.still_mails import fall_silent
from maillage.network.clearance.forms.campaigns import read_replies
from maillage.network.clearance.queries.census_forms import Form, form_of, place_of
from maillage.network.clearance.queries.census_links import invitation_by, mark_of_token, read_code
from maillage.network.clearance.rules.campaigns import ADDRESS, OWN
from maillage.network.clearance.views import census_words as words
from maillage.places.actions.lifecycle import PlaceRefused
from maillage.places.actions.suggestions import VISITOR
from maillage.places.forms import SECTIONS, Address, Entered, Hours, Plain
from maillage.places.forms.entered import seen_number, text
from maillage.places.permissions import has_team
from maillage.places.queries.team import as_seen, commune_names
from maillage.places.views.differences import changes
from maillage.places.views.field_wording import field_label
from maillage.places.views.manage.asking import asking
from maillage.places.views.slowing import uses
from maillage.places.views.timetable_wording import enumerate_words
from maillage.places.views.wording import day_in_words

REFUSED, OVER = 422, 410
REVIEW = "relire"
BEGIN, EXACT, SEND, PASS = "commencer", "exact", "envoyer", "passer"
METHODS = ["GET", "HEAD", "POST"]


@dataclass(frozen=True, slots=True)
class Door:
    """By which way somebody fills the form of a place: how what they say is signed, and where its pages are."""

    invitation: Any
    way: str
    by: str
    pages: tuple[str, str]
    held: tuple[Any, ...]
    is_officer: bool = False

    def url(self, step: str = "") -> str:
        return reverse(self.pages[1], args=[*self.held, step]) if step else reverse(self.pages[0], args=[*self.held])


@never_cache
@require_http_methods(METHODS)
def enter(request: HttpRequest) -> HttpResponse:
    """Ask for the code of a letter."""
    why = ""
    if request.method == "POST":
        code = read_code(text(request.POST, "code"))
        try:
            if try_code(code=code, uses=uses(request, ""), now=timezone.now()):
                return redirect("census", code)
            why = _("Ce code ne mène à rien\u202f: relisez les dix signes de la lettre.")
        except TooMany:
            why = _("Trop d’essais aujourd’hui\u202f: revenez demain, ou appelez votre réseau.")
    return render(request, "clearance/census/enter.html", {"why": why}, status=REFUSED if why else 200)


@never_cache
@require_http_methods(METHODS)
def form(request: HttpRequest, invited: str) -> HttpResponse:
    """Show a place what is known of it and what is asked; begin, or say at once that all is exact."""
    door = _door(invited)
    return _secret(first_page(request, door) if door else _no_link(request))


@never_cache
@require_http_methods(METHODS)
def step(request: HttpRequest, invited: str, step: str) -> HttpResponse:
    """Ask one step of the form, keep what is said, go to the next."""
    door = _door(invited)
    return _secret(step_page(request, door, step) if door else _no_link(request))


@never_cache
@require_http_methods(METHODS)
def silence(request: HttpRequest, quiet: str) -> HttpResponse:
    """Ask once, then never write to this address again."""
    mark = mark_of_token(quiet)
    if mark is None:
        return _secret(_no_link(request))
    done = request.method == "POST"
    if done:
        fall_silent(mark=mark, by=VISITOR, now=timezone.now())
    return _secret(render(request, "clearance/census/silence.html", {"done": done}))


def first_page(request: HttpRequest, door: Door) -> HttpResponse:
    """The first page of a form, whoever fills it."""
    over = _over(request, door)
    if over is not None:
        return over
    made = _form(door)
    if request.method != "POST":
        return _first(request, door, made)
    if BEGIN not in request.POST and EXACT not in request.POST:
        return _first(request, door, made, why=_("Choisissez par quoi commencer."))
    now, pk = timezone.now(), door.invitation.pk
    try:
        if EXACT in request.POST:
            keep_step(invitation_id=pk, is_confirmed=True, by=door.by, now=now)
            left = form_of(made.campaign, made.place, draft={**door.invitation.draft, "confirmed": True}, now=now)
            if not left.steps:
                send(invitation_id=pk, way=door.way, by=door.by, now=now)
            return redirect(door.url())
        begin(invitation_id=pk, now=now)
    except (CensusRefused, PlaceRefused) as refused:
        return _first(request, door, made, why=str(refused))
    return redirect(door.url(_next(made, door, "")))


def step_page(request: HttpRequest, door: Door, step: str) -> HttpResponse:
    """One step of a form, whoever fills it."""
    over = _over(request, door)
    if over is not None:
        return over
    made = _form(door)
    if step == REVIEW:
        return _review(request, door, made)
    if step not in made.steps:
        if request.method == "POST" or step not in (*SECTIONS, OWN):
            raise Http404
        return redirect(door.url())
    if PASS in request.POST:
        return redirect(door.url(_next(made, door, step)))
    return _own(request, door, made) if step == OWN else _section(request, door, made, step)


def section_form(made: Form, step: str) -> Any:
    """The section of the sheet that a step asks, with the asked fields only."""
    whole = SECTIONS[step]
    return Plain(made.sections[step]) if isinstance(whole, Plain) else whole


def section_context(made: Form, step: str, entered: Entered, values: Mapping[str, Any]) -> dict[str, Any]:
    """What the template of one section needs."""
    section = section_form(made, step)
    part = {Address: "address", Hours: "hours"}.get(type(section), "plain")
    names = made.sections[step]
    told = [
        f"{words.label_of(name)}\u202f: {words.reason_of(made.reasons[name])}" for name in names if name in made.reasons
    ]
    return {
        "step": step,
        "title": words.title_of(step),
        "part": part,
        "reasons": told,
        "raw": entered.raw,
        "wrong": bool(entered.mistakes),
        **asking(step, section, entered, values),
    }


def _section(request: HttpRequest, door: Door, made: Form, step: str) -> HttpResponse:
    section, draft = section_form(made, step), door.invitation.draft.get("values", {})
    if request.method != "POST":
        values = {**made.desk.values, **draft}
        context = section_context(made, step, Entered(section.initial(values)), values)
        return _step(request, door, made, step, context)
    seen = min(seen_number(request.POST), made.desk.seen)
    values = {**as_seen(made.place, seen, made.desk.values), **draft}
    entered = section.read(request.POST, values)
    if not entered.ready:
        return _step(request, door, made, step, section_context(made, step, entered, values), status=REFUSED)
    said = _said(entered.values, made.desk.values)
    try:
        keep_step(invitation_id=door.invitation.pk, values=said, seen=seen, by=door.by, now=timezone.now())
    except CensusRefused as refused:
        return _first(request, door, made, why=str(refused))
    return redirect(door.url(_next(made, door, step)))


def _said(values: Mapping[str, Any], shown: Mapping[str, Any]) -> dict[str, Any]:
    """What a step says: a field that was blank and is left so says nothing; an address is said whole or not at all."""
    if set(ADDRESS) & set(values):
        same = all(values[name] == shown[name] for name in values)
        return {} if same and not shown["street"] else dict(values)
    return {name: value for name, value in values.items() if value not in ("", [], None) or value != shown[name]}


def _own(request: HttpRequest, door: Door, made: Form) -> HttpResponse:
    entered = Entered(dict(door.invitation.draft.get("replies", {})))
    status = 200
    if request.method == "POST":
        entered = read_replies(request.POST, made.questions)
        if entered.ready:
            try:
                keep_step(invitation_id=door.invitation.pk, replies=entered.values, by=door.by, now=timezone.now())
            except CensusRefused as refused:
                return _first(request, door, made, why=str(refused))
            return redirect(door.url(_next(made, door, OWN)))
        status = REFUSED
    context = {
        "step": OWN,
        "title": words.title_of(OWN),
        "part": OWN,
        "controls": words.question_controls(made.questions, entered),
        "wrong": bool(entered.mistakes),
        "mistakes": words.mistakes_of(entered, made.questions),
    }
    return _step(request, door, made, OWN, context, status=status)


def _step(
    request: HttpRequest, door: Door, made: Form, step: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    rank = made.steps.index(step)
    context |= {
        **_common(door, made),
        "seen": made.desk.seen if request.method != "POST" else seen_number(request.POST),
        "rank": rank + 1,
        "count": len(made.steps),
        "back": door.url(made.steps[rank - 1]) if rank else door.url(),
    }
    return render(request, "clearance/census/step.html", context, status=status)


def _review(request: HttpRequest, door: Door, made: Form) -> HttpResponse:
    why = ""
    if request.method == "POST":
        confirmed = EXACT in request.POST
        try:
            send(
                invitation_id=door.invitation.pk,
                way=door.way,
                is_confirmed=confirmed,
                by=door.by,
                now=timezone.now(),
            )
            return redirect(door.url())
        except (CensusRefused, PlaceRefused) as refused:
            why = str(refused)
    draft, shown = door.invitation.draft, made.desk.values
    said = draft.get("values", {})
    codes = [code for code in (said.get("commune"), shown["commune"]) if code]
    context = {
        **_common(door, made),
        "why": why,
        "changes": changes(
            {name: [shown[name], value] for name, value in said.items() if value != shown[name]},
            communes=commune_names(codes),
        ),
        "again": enumerate_words(_named([name for name, value in said.items() if value == shown[name]])),
        "replies": words.replies(made.questions, draft.get("replies", {})),
        "standing": [] if draft.get("confirmed") else words.standing(made),
        "back": door.url(made.steps[-1]) if made.steps else door.url(),
    }
    return render(request, "clearance/census/review.html", context, status=REFUSED if why else 200)


def _first(request: HttpRequest, door: Door, made: Form, *, why: str = "") -> HttpResponse:
    draft = door.invitation.draft
    context = {
        **_common(door, made),
        "why": why,
        "steps": [
            {
                "title": words.title_of(one),
                "what": enumerate_words([words.label_of(name) for name in made.sections.get(one, ())]),
                "url": door.url(one),
                "done": _is_done(made, one, draft),
            }
            for one in made.steps
        ],
        "standing": words.standing(made),
        "begun": bool(draft),
        "confirmed": bool(draft.get("confirmed")),
        "review": door.url(REVIEW),
        "carried": len(made.replied),
    }
    return render(request, "clearance/census/form.html", context, status=REFUSED if why else 200)


def _is_done(made: Form, step: str, draft: Mapping[str, Any]) -> bool:
    if step == OWN:
        return bool(draft.get("replies"))
    names = section_form(made, step).fields
    return any(name in draft.get("values", {}) for name in names)


def _next(made: Form, door: Door, step: str) -> str:
    """The step after one; before the first, the first that is not filled yet."""
    if step:
        after = made.steps[made.steps.index(step) + 1 :]
        return after[0] if after else REVIEW
    return next((one for one in made.steps if not _is_done(made, one, door.invitation.draft)), REVIEW)


def _over(request: HttpRequest, door: Door) -> HttpResponse | None:
    """The page of a form that takes no answer: already given, the census over, the place gone."""
    one = door.invitation
    place, campaign = place_of(one), one.campaign
    answer = getattr(one, "answer", None)
    is_open = takes_answers(campaign, campaign.network, timezone.now()) and one.ended_at is None
    if answer is None and is_open and not place.removed_at:
        return None
    context = {
        "door": door,
        "network": campaign.network,
        "campaign": campaign,
        "place": None if place.removed_at else place,
        "has_team": has_team(place),
        "answer": answer,
        "left": enumerate_words([field_label(name) for name in answer.left]) if answer else "",
    }
    return render(request, "clearance/census/over.html", context, status=200 if answer else OVER)


def _form(door: Door) -> Form:
    one = door.invitation
    return form_of(one.campaign, place_of(one), draft=one.draft, now=timezone.now())


def _named(fields: list[str]) -> list[str]:
    """Fields as people call them: coordinates are one point on the map."""
    point = _("Le point sur la carte")
    return list(dict.fromkeys(point if one in ("lat", "lon", "precision") else field_label(one) for one in fields))


def _common(door: Door, made: Form) -> dict[str, Any]:
    return {
        "door": door,
        "network": made.campaign.network,
        "campaign": made.campaign,
        "place": made.place,
        "first": door.url(),
        "last_day": day_in_words(made.campaign.closes_on, "j F"),
    }


def _door(invited: str) -> Door | None:
    found = invitation_by(invited)
    if found is None:
        return None
    invitation, way = found
    return Door(invitation, way, SIGNED[way], ("census", "census_step"), (invited,))


def _no_link(request: HttpRequest) -> HttpResponse:
    return render(request, "places/suggest/no_link.html", status=404)


def _secret(answer: HttpResponse) -> HttpResponse:
    # The address is its secret; « no-referrer » would hide from ourselves where the form comes from, and refuse it.
    answer["Referrer-Policy"] = "same-origin"
    return answer
