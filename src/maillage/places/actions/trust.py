"""Who answers for a sheet: a network that verifies it, somebody on the spot who says that it is still right."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from maillage.accounts.rules import CLEAR
from maillage.journal import actions as journal
from maillage.places.actions.lifecycle import PlaceRefused
from maillage.places.models import Place, Revision, Verification
from maillage.places.permissions import let_in

ON_THE_SPOT, BY_MAIL, BY_POST = "affiche", "courriel-du-lieu", "courrier-du-lieu"
"""How a word without an account is signed: by the poster on the wall, the mail that the sheet publishes, a letter."""


@transaction.atomic
def verify_place(*, place_id: UUID, network: str, name: str, how: str = "", by: str, now: datetime) -> Verification:
    """Say in the name of a network that a sheet is true as it stands; said again, it is dated anew."""
    place = _standing(place_id)
    let_in(CLEAR, place, by)
    open_one = Verification.objects.filter(place=place, network=network, ended_at__isnull=True)
    open_one.update(ended_at=now, ended_by=by)
    number = Revision.objects.filter(place=place).aggregate(last=Max("number"))["last"] or 0
    made = Verification.objects.create(
        place=place,
        network=network,
        network_name=name,
        number=number,
        how=how.strip()[:300],
        verified_at=now,
        verified_by=by,
    )
    detail = {"network": network, "revision": number}
    journal.write(action="places.verified", by=by, now=now, subject=str(place.pk), detail=detail)
    return made


@transaction.atomic
def end_verification(*, place_id: UUID, network: str, by: str, now: datetime) -> int:
    """Take a network's word back; returns how many there were, none or one."""
    journal.lock_order()
    place = Place.objects.select_for_update().get(pk=place_id)
    let_in(CLEAR, place, by)
    ended = Verification.objects.filter(place=place, network=network, ended_at__isnull=True)
    count = ended.update(ended_at=now, ended_by=by)
    if count:
        journal.write(action="places.unverified", by=by, now=now, subject=str(place.pk), detail={"network": network})
    return count


@transaction.atomic
def still_right(*, place_id: UUID, way: str, now: datetime) -> bool:
    """Note that somebody without an account, who holds a link of the place, says that its sheet is still right.

    Once a day for a place: returns whether this is what dated the sheet.
    """
    if way not in (ON_THE_SPOT, BY_MAIL, BY_POST):
        raise ValueError(f"unknown way: {way}")
    place = _standing(place_id)
    if place.status == "closed":
        raise PlaceRefused(_("La fiche dit que ce lieu a fermé\u202f: s’il a rouvert, dites-le à son équipe."))
    if place.confirmed_at is not None and place.confirmed_at.date() >= now.date():
        return False
    place.confirmed_at, place.confirmed_by = now, way
    place.save(update_fields=["confirmed_at", "confirmed_by"])
    journal.write(action="places.confirmed", by=way, now=now, subject=str(place.pk))
    return True


def _standing(place_id: UUID) -> Place:
    journal.lock_order()
    place = Place.objects.select_for_update(of=("self",)).select_related("commune__departement").get(pk=place_id)
    if place.removed_at:
        raise PlaceRefused(_("Ce lieu a quitté le registre."))
    return place
