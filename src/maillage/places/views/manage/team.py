"""The people of a place, their invitations, and the keys of its programs."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from maillage.accounts import actions as accounts
from maillage.accounts.actions import InvitationRefused
from maillage.accounts.labels import GIVES
from maillage.accounts.labels import ROLES as ROLE_WORDS
from maillage.accounts.queries import keys as keys_of
from maillage.accounts.queries import keys_that_stop, names
from maillage.accounts.rules import COLLEAGUE, EDIT, FACILITATOR, TEAM
from maillage.accounts.views.proof import ask_again, proved_lately
from maillage.places.actions import team as actions
from maillage.places.actions.team import KeyRefused
from maillage.places.permissions import Seat
from maillage.places.queries.people import Act, Crew, acts, crew
from maillage.places.views.names import Names
from maillage.places.views.seat import seated


@seated("look")
def team(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Show the people of a place; who may, invites others."""
    said = {"email": "", "role": COLLEAGUE}
    problem = ""
    if request.method == "POST":
        if not seat.may(TEAM):
            raise PermissionDenied
        said = {name: request.POST.get(name, "").strip() for name in said}
        try:
            address = _invite(request, seat, said)
        except InvitationRefused as refused:
            problem = str(refused)
        else:
            told = _("Invitation envoyée à %(email)s. Le lien vaut sept jours.") % {"email": address}
            messages.success(request, told)
            return redirect("manage_team", seat.place.slug)
    found = crew(seat.scope, now=timezone.now(), with_invitations=seat.may(TEAM))
    told_acts, signed = acts(seat.scope) if seat.may(TEAM) else ([], {})
    context = {
        "seat": seat,
        "members": _members(seat, found),
        "hidden": not seat.may(EDIT),
        "own": next((one.pk for one in found.members if one.user_id == seat.user.pk), None),
        "waiting": [{"at": one, "role": ROLE_WORDS.get(one.role, one.role)} for one in found.waiting],
        "done": [_act(one, Names(signed, seat)) for one in told_acts],
        "roles": [{"code": code, "name": ROLE_WORDS[code], "gives": GIVES[code]} for code in actions.ROLES],
        "said": said,
        "problem": problem,
    }
    return render(request, "places/manage/team.html", context, status=422 if problem else 200)


@seated("look")
def dismiss(request: HttpRequest, seat: Seat, membership: int) -> HttpResponse:
    """Ask once, then take a role away: anybody's for who may, one's own for everybody."""
    found = crew(seat.scope, now=timezone.now(), with_invitations=False)
    member = next((one for one in found.members if one.pk == membership), None)
    own = member is not None and member.user_id == seat.user.pk
    if not (own or seat.may(TEAM)):
        raise PermissionDenied
    if member is None:
        raise Http404
    if request.method == "POST":
        try:
            actions.dismiss(
                place=seat.place,
                membership_id=membership,
                by=seat.by,
                now=timezone.now(),
                only_of=None if seat.may(TEAM) else seat.user.pk,
            )
        except ObjectDoesNotExist as missing:
            raise Http404 from missing
        if own:
            messages.success(request, _("Vous avez quitté l’équipe de ce lieu."))
            return redirect("my_places")
        messages.success(request, _("%(who)s n’est plus de l’équipe.") % {"who": member.user})
        return redirect("manage_team", seat.place.slug)
    last = found.facilitators() == [member]
    context = {
        "seat": seat,
        "member": _member(seat, member),
        "is_own": own,
        "is_last": last,
        "stopping": keys_that_stop(member),
    }
    return render(request, "places/manage/team_dismiss.html", context)


@seated("team")
def revoke_invitation(request: HttpRequest, seat: Seat, invitation: int) -> HttpResponse:
    """Cancel an invitation; inviting again makes another."""
    if request.method == "POST":
        _or_404(
            accounts.revoke_invitation,
            invitation_id=invitation,
            scope=seat.scope,
            by=seat.by,
            now=timezone.now(),
        )
        messages.success(request, _("Invitation annulée\u202f: son lien n’ouvre plus rien."))
    return redirect("manage_team", seat.place.slug)


@seated("team")
def keys(request: HttpRequest, seat: Seat) -> HttpResponseBase:
    """Show the keys of a place, and make one, shown once."""
    said = {"name": "", "role": actions.KEY_ROLES[0]}
    secret = problem = ""
    if request.method == "POST" and not proved_lately(request):
        return ask_again(request)
    if request.method == "POST":
        said = {name: request.POST.get(name, "").strip() for name in said}
        try:
            secret = actions.make_key(place=seat.place, **said, by=seat.by, now=timezone.now())
        except KeyRefused as refused:
            problem = str(refused)
    found = keys_of(seat.scope)
    named = Names(names(key.created_by for key in found), seat)
    context = {
        "seat": seat,
        "keys": [{"key": key, "may": _key_role(key.role), "by": named(key.created_by)} for key in found],
        "roles": [{"code": code, "name": _key_role(code)} for code in actions.KEY_ROLES],
        "said": said,
        "secret": secret,
        "problem": problem,
    }
    return render(request, "places/manage/keys.html", context, status=422 if problem else 200)


@seated("team")
def revoke_key(request: HttpRequest, seat: Seat, key: int) -> HttpResponse:
    """Ask once, then take a key out of use for good."""
    found = next((one for one in keys_of(seat.scope) if one.pk == key), None)
    if found is None:
        raise Http404
    if request.method == "POST":
        _or_404(accounts.revoke_key, key_id=key, scope=seat.scope, by=seat.by, now=timezone.now())
        messages.success(request, _("Clé retirée\u202f: les programmes qui s’en servaient sont refusés."))
        return redirect("manage_keys", seat.place.slug)
    return render(request, "places/manage/keys_revoke.html", {"seat": seat, "key": found})


def _invite(request: HttpRequest, seat: Seat, said: dict[str, str]) -> str:
    """Invite, or invite again; returns the address."""
    who: dict[str, Any] = {"place": seat.place, "inviter": str(seat.user), "by": seat.by, "now": timezone.now()}
    again = request.POST.get("again", "")
    if again:
        if not (again.isascii() and again.isdigit() and len(again) < 19):
            raise Http404
        invited = _or_404(actions.invite_again, invitation_id=int(again), **who)
    else:
        invited = actions.invite_colleague(email=said["email"], role=said["role"], **who)
    return str(invited.invitation.email)


def _or_404(action: Any, **act: Any) -> Any:
    """Do something to what belongs to this place; anything else does not exist here."""
    try:
        return action(**act)
    except ObjectDoesNotExist as missing:
        raise Http404 from missing


def _members(seat: Seat, found: Crew) -> list[dict[str, Any]]:
    """The team as this person may see it: an observer sees who answers for the place, no more."""
    active = [one for one in found.members if one.user.is_active or seat.may(TEAM)]
    if not seat.may(EDIT):
        active = [one for one in active if one.role == FACILITATOR or one.user_id == seat.user.pk]
    return [_member(seat, one) for one in active]


def _member(seat: Seat, one: Any) -> dict[str, Any]:
    own = one.user_id == seat.user.pk
    return {
        "pk": one.pk,
        "name": one.user.name or (one.user.email if own or seat.may(TEAM) else _("Une personne sans nom affiché")),
        "email": one.user.email if seat.may(TEAM) and one.user.name else "",
        "role": ROLE_WORDS.get(one.role, one.role),
        "gives": GIVES.get(one.role, ""),
        "since": one.given_at,
        "is_own": own,
        "inactive": not one.user.is_active,
    }


def _act(one: Act, named: Names) -> dict[str, Any]:
    """Who did what to whom, in one sentence."""
    role = ROLE_WORDS.get(one.role, one.role)
    said = {"who": named(one.by), "whom": one.whom or _("compte effacé"), "role": role}
    sentences = {
        "accounts.invited": _("%(who)s a invité %(whom)s (%(role)s)"),
        "accounts.joined": _("%(who)s a rejoint l’équipe (%(role)s)"),
        "accounts.invitation_revoked": _("%(who)s a annulé l’invitation de %(whom)s"),
        "accounts.dismissed": _("%(who)s a retiré de l’équipe %(whom)s (%(role)s)"),
        "accounts.key_made": _("%(who)s a fait la clé de programme «\u202f%(whom)s\u202f»"),
        "accounts.key_revoked": _("%(who)s a retiré la clé de programme «\u202f%(whom)s\u202f»"),
    }
    return {"at": one.at, "says": sentences[one.action] % said}


def _key_role(role: str) -> str:
    return _("Lire et modifier la fiche") if role == COLLEAGUE else _("Lire seulement")
