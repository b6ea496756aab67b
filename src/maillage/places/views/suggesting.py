"""What anybody may propose, without an account: a correction of a sheet, or that something is wrong with it."""

from collections.abc import Callable, Mapping
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from maillage.accounts.rules import signature
from maillage.journal.actions import TooMany
from maillage.places.actions.lifecycle import PlaceRefused
from maillage.places.actions.suggestions import LONGEST_SAID, VISITOR, Proposed, suggest, withdraw
from maillage.places.forms import SECTIONS, Address, Closing, Entered, Hours, Mistake
from maillage.places.forms.entered import text
from maillage.places.queries.alike import alike
from maillage.places.queries.places import place_by_slug
from maillage.places.queries.suggestions import by_secret
from maillage.places.queries.team import Desk, commune_names
from maillage.places.queries.team import desk as desk_of
from maillage.places.rules.fields import BadValue, read_field
from maillage.places.views import slowing
from maillage.places.views.detail import elsewhere
from maillage.places.views.differences import changes
from maillage.places.views.manage.asking import asking, label_of
from maillage.places.views.manage.state import causes
from maillage.places.views.manage.wording import TITLES

REFUSED = 422
SEND, LOOK = "envoyer", "relire"
OPEN_TO_ALL = ("horaires", "contact", "adresse", "activites", "presentation", "venir", "structure")
REPORTS = {"ferme": "closed", "doublon": "duplicate", "charte": "charter"}
METHODS = ["GET", "HEAD", "POST"]


@require_http_methods(METHODS)
@never_cache
def menu(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask what is wrong with a sheet."""
    found = place_by_slug(slug)
    if found.place is None:
        return elsewhere(request, found, "suggest")
    sections = [{"slug": one, "title": TITLES[one]()} for one in OPEN_TO_ALL]
    return render(request, "places/suggest/menu.html", {"place": found.place, "sections": sections})


@require_http_methods(METHODS)
@never_cache
def edit(request: HttpRequest, slug: str, section: str) -> HttpResponse:
    """Ask for one section as its team would; show the difference; send it to whoever answers."""
    found = place_by_slug(slug)
    if found.place is None:
        return elsewhere(request, found, "suggest")
    if section not in OPEN_TO_ALL:
        raise Http404
    desk, form = desk_of(found.place), SECTIONS[section]
    if request.method != "POST":
        return _edit_page(request, desk, section, Entered(form.initial(desk.values)))
    entered = form.read(request.POST, desk.values)
    if not entered.ready:
        return _edit_page(request, desk, section, entered, status=REFUSED)
    changed = {name: value for name, value in entered.values.items() if value != desk.values[name]}
    if SEND not in request.POST:
        return _edit_page(request, desk, section, entered, changed=changed)
    contact = contact_of(request, entered)
    if entered.mistakes:
        return _edit_page(request, desk, section, entered, changed=changed, status=REFUSED)
    proposed = Proposed(
        kind="edit", place=found.place, values=entered.values if _moves(changed) else changed, contact=contact
    )
    return sent_or_again(
        request,
        proposed,
        said=said_of(request),
        refuse=lambda why, status: _edit_page(request, desk, section, entered, why=why, changed=changed, status=status),
    )


def _moves(changed: Mapping[str, Any]) -> bool:
    """Whether fields change that are written whole or not at all."""
    return bool(set(changed) & set(Address.fields))


def _edit_page(
    request: HttpRequest,
    desk: Desk,
    section: str,
    entered: Entered,
    *,
    changed: Mapping[str, Any] | None = None,
    why: str = "",
    status: int = 200,
) -> HttpResponse:
    codes = [value for value in (desk.values["commune"], (changed or {}).get("commune")) if value]
    pairs = {name: [desk.values[name], value] for name, value in (changed or {}).items()}
    form = SECTIONS[section]
    context: dict[str, Any] = {
        "place": desk.place,
        "section": section,
        "title": TITLES[section](),
        "raw": entered.raw,
        "wrong": bool(entered.mistakes),
        "why": why,
        "reviewing": changed is not None,
        "changes": changes(pairs, communes=commune_names(codes)),
        "carried": carried(request),
        "part": {Address: "address", Hours: "hours"}.get(type(form), "plain"),
        **foot(request),
        **asking(section, form, entered, desk.values),
        "mistakes": mistakes_of(entered),
    }
    return render(request, "places/suggest/edit.html", context, status=status)


@require_http_methods(METHODS)
@never_cache
def report(request: HttpRequest, slug: str, what: str) -> HttpResponse:
    """Say that a place has closed, that its sheet is told twice, or that it does not belong here."""
    found = place_by_slug(slug)
    if found.place is None:
        return elsewhere(request, found, "suggest")
    kind = REPORTS.get(what)
    if kind is None:
        raise Http404
    if request.method != "POST":
        return _report_page(request, found.place, what)
    entered = Entered({})
    contact = contact_of(request, entered)
    values = _closing(request, entered) if kind == "closed" else {}
    twin = _twin(request) if kind == "duplicate" else None
    if entered.mistakes:
        return _report_page(request, found.place, what, entered=entered, status=REFUSED)
    proposed = Proposed(kind=kind, place=found.place, twin=twin, values=values, contact=contact)
    place = found.place
    return sent_or_again(
        request,
        proposed,
        said=said_of(request),
        refuse=lambda why, status: _report_page(request, place, what, entered=entered, why=why, status=status),
    )


def _closing(request: HttpRequest, entered: Entered) -> dict[str, Any]:
    """When and why a place closed, as far as the person knows; the state itself is what they say."""
    post = request.POST.copy()
    post["status"] = "closed"
    read = Closing().read(post, today=timezone.localdate())
    entered.mistakes |= read.mistakes
    return {"status": "closed"} | {name: read.values.get(name, "") for name in ("closed_on", "closed_cause")}


def _twin(request: HttpRequest) -> Any:
    """The other sheet: one of those proposed, or the address of its page."""
    told = text(request.POST, "autre").strip() or text(request.POST, "adresse").strip()
    given = told.replace("\x00", "").split("?")[0].split("#")[0].rstrip("/").rsplit("/", 1)[-1][:120]
    return place_by_slug(given).place if given else None


def _report_page(
    request: HttpRequest, place: Any, what: str, *, entered: Entered | None = None, why: str = "", status: int = 200
) -> HttpResponse:
    mistakes = entered.mistakes if entered else {}
    context: dict[str, Any] = {
        "place": place,
        "what": what,
        "why": why,
        "wrong": bool(mistakes),
        "mistakes": mistakes_of(entered) if entered else [],
        "errors": mistakes,
        "alike": _others(place) if what == "doublon" else [],
        "causes": causes(text(request.POST, "closed_cause")) if what == "ferme" else [],
        "raw": {name: text(request.POST, name)[:200] for name in ("closed_on", "autre", "adresse")},
        **foot(request),
    }
    return render(request, "places/suggest/report.html", context, status=status)


def _others(place: Any) -> list[Any]:
    return [one.place for one in alike(place.name, place.commune) if one.place != place]


@require_http_methods(METHODS)
@never_cache
def followed(request: HttpRequest, follow: str) -> HttpResponse:
    """Show what became of a suggestion to whoever made it, and let them take it back."""
    found = by_secret(follow)
    if found is None:
        return render(request, "places/suggest/no_link.html", status=404)
    why = ""
    if request.method == "POST":
        try:
            withdraw(secret=follow, by=_by(request), now=timezone.now())
        except PlaceRefused as refused:
            why = str(refused)
        else:
            return redirect("suggestion", follow)
    codes = [code for code in (found.base.get("commune"), found.values.get("commune")) if code]
    pairs = {name: [found.base.get(name), value] for name, value in found.values.items()}
    context = {
        "one": found,
        "why": why,
        "changes": changes(pairs, first=found.kind == "new", communes=commune_names(codes)),
        "place": found.made or found.place,
    }
    answer = render(request, "places/suggest/follow.html", context, status=REFUSED if why else 200)
    # The address is its secret; « no-referrer » would hide from ourselves where the form comes from, and refuse it.
    answer["Referrer-Policy"] = "same-origin"
    return answer


def sent_or_again(
    request: HttpRequest, proposed: Proposed, *, said: str, refuse: Callable[[str, int], HttpResponse]
) -> HttpResponse:
    """Send what is proposed, or show the form again with the reason."""
    slow = slowing.refusal(request)
    if slow:
        return refuse(slow, REFUSED)
    try:
        sent = suggest(proposed=told(request, proposed, said), by=_by(request), now=timezone.now())
    except PlaceRefused as refused:
        return refuse(str(refused), REFUSED)
    except TooMany:
        return refuse(too_many(), 429)
    return redirect(f"{reverse('suggestion', args=[sent.secret])}?merci=1")


def told(request: HttpRequest, proposed: Proposed, said: str) -> Proposed:
    """A proposal with who makes it."""
    return Proposed(
        kind=proposed.kind,
        place=proposed.place,
        twin=proposed.twin,
        values=proposed.values,
        said=said,
        contact=proposed.contact,
        language=(get_language() or "fr")[:2],
        uses=slowing.uses(request, proposed.contact),
        form=request.POST.get(slowing.STAMP, "")[:200],
    )


def too_many() -> str:
    return _(
        "Beaucoup de suggestions sont déjà venues d’ici aujourd’hui. Merci\u202f! "
        "Revenez demain, ou écrivez à l’exploitant du site."
    )


def _by(request: HttpRequest) -> str:
    return signature(request.user.pk, "self") if request.user.is_authenticated else VISITOR


def said_of(request: HttpRequest) -> str:
    return text(request.POST, "message").replace("\x00", "")[:LONGEST_SAID]


def contact_of(request: HttpRequest, entered: Entered) -> str:
    """The address to answer to; none is fine."""
    given = text(request.POST, "courriel_reponse").strip()
    if not given:
        return ""
    try:
        return str(read_field("email", given))
    except BadValue:
        entered.mistakes["courriel_reponse"] = Mistake(
            _("cette adresse électronique est illisible"), _("écrivez-la comme nom@domaine.fr, ou laissez vide")
        )
        return ""


def mistakes_of(entered: Entered) -> list[dict[str, str]]:
    """The summary above a form: each mistake, with the control it is about."""
    return [
        {
            "control": name,
            "label": _("Votre adresse électronique") if name == "courriel_reponse" else label_of(name),
            "problem": one.problem,
            "mend": one.mend,
        }
        for name, one in entered.mistakes.items()
    ]


def foot(request: HttpRequest) -> dict[str, Any]:
    return {
        "stamp": slowing.kept_stamp(request),
        "trap": slowing.TRAP,
        "message": text(request.POST, "message")[:LONGEST_SAID],
        "reply_to": text(request.POST, "courriel_reponse")[:254],
        "longest": LONGEST_SAID,
    }


OWN = frozenset({"csrfmiddlewaretoken", SEND, LOOK, slowing.TRAP, slowing.STAMP, "message", "courriel_reponse"})


def carried(request: HttpRequest) -> list[tuple[str, str]]:
    """What was answered, to be sent again with the review of it."""
    return [
        (name, value[:20_000])
        for name in list(request.POST)[:200]
        if name not in OWN
        for value in request.POST.getlist(name)[:100]
    ]
