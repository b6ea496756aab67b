"""What the operator opens for a network, and what its officers do: answer many suggestions, verify many sheets."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from maillage.accounts.permissions import check_role
from maillage.accounts.rules import NETWORK_OFFICER, ScopeRefused
from maillage.journal import actions as journal
from maillage.network.clearance.models import Network, Perimeter
from maillage.network.clearance.permissions import let_speak
from maillage.network.clearance.queries import holds, suggestion_of
from maillage.places.actions.lifecycle import PlaceRefused
from maillage.places.actions.sheet import SheetOvertaken
from maillage.places.actions.suggestions import accept
from maillage.places.actions.trust import end_verification, verify_place
from maillage.places.models import Place
from maillage.places.rules.slugs import slugify
from maillage.places.rules.vocabulary import ACTIVITIES

MOST_AT_ONCE = 100


class NetworkRefused(ValueError):
    """Something of a network cannot be; the message says why and what to do. Nothing is written."""


@dataclass(frozen=True, slots=True)
class Answered:
    """How many of several suggestions were accepted, and why the others were not, by suggestion."""

    accepted: int
    refused: dict[UUID, str]


@transaction.atomic
def open_network(
    *,
    name: str,
    scopes: Iterable[str],
    themes: Collection[str] = (),
    website: str = "",
    says: str = "",
    is_demo: bool = False,
    by: str,
    now: datetime,
) -> Network:
    """Open a network over some territories; whoever is an officer of one of them speaks for it."""
    wanted = list(dict.fromkeys(scope.strip() for scope in scopes if scope.strip()))
    if not name.strip():
        raise NetworkRefused(_("Un réseau a un nom\u202f: écrivez-le."))
    if not wanted:
        raise NetworkRefused(_("Un réseau suit au moins un territoire\u202f: écrivez par exemple dep:39."))
    unknown = [theme for theme in themes if theme not in ACTIVITIES]
    if unknown:
        raise NetworkRefused(_("Activité inconnue\u202f: %(name)s.") % {"name": unknown[0][:40]})
    for scope in wanted:
        try:
            check_role(NETWORK_OFFICER, scope)
        except ScopeRefused as refused:
            raise NetworkRefused(str(refused)) from refused
        if scope.startswith("place:"):
            raise NetworkRefused(_("Un réseau suit des territoires, pas un lieu seul."))
    slug = slugify(name)[:80] or "reseau"
    if Network.objects.filter(slug=slug).exists():
        raise NetworkRefused(_("Un réseau porte déjà ce nom\u202f: choisissez-en un autre."))
    given = {"name": name.strip()[:200], "website": website, "says": says.strip()[:2_000], "themes": list(themes)}
    made = Network.objects.create(slug=slug, is_demo=is_demo, opened_at=now, opened_by=by, **given)
    Perimeter.objects.bulk_create(Perimeter(network=made, scope=scope) for scope in wanted)
    journal.write(action="clearance.opened", by=by, now=now, subject=f"network:{made.pk}", detail={"scopes": wanted})
    return made


@transaction.atomic
def close_network(*, network: Network, by: str, now: datetime) -> None:
    """Close a network: its page goes, what it verified keeps its name and its day."""
    here = _locked(network, by)
    if here.closed_at is None:
        here.closed_at, here.closed_by = now, by
        here.save(update_fields=["closed_at", "closed_by"])
        journal.write(action="clearance.closed", by=by, now=now, subject=f"network:{here.pk}")


def accept_many(*, network: Network, suggestions: Collection[UUID], by: str, now: datetime) -> Answered:
    """Accept several suggestions of the perimeter, each in its own transaction: one that cannot be stays waiting."""
    if len(suggestions) > MOST_AT_ONCE:
        raise NetworkRefused(_("C’est trop en une fois\u202f: choisissez-en %(n)d au plus.") % {"n": MOST_AT_ONCE})
    let_speak(network, by)
    if not suggestions:
        raise NetworkRefused(_("Rien n’est coché\u202f: cochez les suggestions à accepter, puis validez."))
    accepted, refused = 0, {}
    for one in suggestions:
        if suggestion_of(network, one) is None:
            refused[one] = _("Cette suggestion n’est pas du périmètre de ce réseau.")
            continue
        try:
            accept(suggestion_id=one, by=by, now=now)
            accepted += 1
        except (PlaceRefused, SheetOvertaken, PermissionDenied) as wrong:
            refused[one] = str(wrong) or _("Votre rôle ne permet pas d’en décider.")
    return Answered(accepted, refused)


@transaction.atomic
def verify_many(*, network: Network, place_ids: Collection[UUID], how: str, by: str, now: datetime) -> int:
    """Answer for several sheets as they stand: all of them or none."""
    if len(place_ids) > MOST_AT_ONCE:
        raise NetworkRefused(_("C’est trop en une fois\u202f: choisissez-en %(n)d au plus.") % {"n": MOST_AT_ONCE})
    here = _locked(network, by)
    if not place_ids:
        raise NetworkRefused(_("Rien n’est coché\u202f: cochez les fiches dont vous répondez, puis validez."))
    for place in _of(here, place_ids):
        verify_place(place_id=place.pk, network=here.slug, name=here.name, how=how, by=by, now=now)
    return len(place_ids)


@transaction.atomic
def take_word_back(*, network: Network, place_id: UUID, by: str, now: datetime) -> int:
    """No longer answer for a sheet."""
    here = _locked(network, by)
    return end_verification(place_id=place_id, network=here.slug, by=by, now=now)


def _locked(network: Network, by: str) -> Network:
    journal.lock_order()
    here = Network.objects.select_for_update().get(pk=network.pk)
    let_speak(here, by)
    return here


def _of(network: Network, place_ids: Collection[UUID]) -> list[Place]:
    found = list(Place.objects.public().filter(pk__in=place_ids))
    if len(found) != len(set(place_ids)) or not all(holds(network, place) for place in found):
        raise NetworkRefused(_("Un de ces lieux n’est pas du périmètre de ce réseau\u202f: rechargez la page."))
    return found
