"""What happens to a place as a whole: confirmed, moved to another address, removed, brought back."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from maillage.accounts.rules import EDIT
from maillage.journal import actions as journal
from maillage.places.models import FormerSlug, Place
from maillage.places.permissions import let_in
from maillage.places.rules.slugs import slugify


class PlaceRefused(ValueError):
    """The registry refuses the act; the message says why and what to do."""


@transaction.atomic
def confirm_place(*, place_id: UUID, by: str, now: datetime) -> None:
    """Note that somebody says the sheet is still right."""
    journal.lock_order()
    place = Place.objects.select_for_update().get(pk=place_id)
    let_in(EDIT, place, by)
    place.confirmed_at, place.confirmed_by = now, by
    place.save(update_fields=["confirmed_at", "confirmed_by"])
    journal.write(action="places.confirmed", by=by, now=now, subject=str(place_id))


@transaction.atomic
def remove_place(*, place_id: UUID, reason: str, by: str, now: datetime) -> None:
    """Take a place out of public sight, with a reason; its page answers 410 and imports do not bring it back."""
    if not reason.strip():
        raise PlaceRefused(_("Un retrait demande un motif\u202f: dites pourquoi ce lieu quitte le registre."))
    place = _held(place_id)
    place.removed_at, place.removed_reason = now, reason.strip()[:300]
    place.save(update_fields=["removed_at", "removed_reason"])
    journal.write(action="places.removed", by=by, now=now, subject=str(place_id), detail={"reason": reason[:300]})


@transaction.atomic
def restore_place(*, place_id: UUID, by: str, now: datetime) -> None:
    """Bring a removed place back."""
    place = _held(place_id)
    place.removed_at, place.removed_reason = None, ""
    place.save(update_fields=["removed_at", "removed_reason"])
    journal.write(action="places.restored", by=by, now=now, subject=str(place_id))


@transaction.atomic
def rename_slug(*, place_id: UUID, slug: str, by: str, now: datetime) -> None:
    """Give a place another address; the old one leads to it for ever."""
    journal.lock_order()
    place = Place.objects.select_for_update().get(pk=place_id)
    wanted = slugify(slug)
    if wanted == place.slug:
        return
    former = FormerSlug.objects.filter(pk=wanted).first()
    if Place.objects.filter(slug=wanted).exists() or (former and former.place_id != place.pk):
        raise PlaceRefused(
            _("L’adresse «\u202f%(slug)s\u202f» est déjà prise\u202f: choisissez-en une autre.") % {"slug": wanted}
        )
    if former:
        former.delete()
    FormerSlug.objects.create(slug=place.slug, place=place)
    old, place.slug = place.slug, wanted
    place.save(update_fields=["slug"])
    journal.write(
        action="places.slug_renamed", by=by, now=now, subject=str(place_id), detail={"from": old, "to": wanted}
    )


def _held(place_id: UUID) -> Place:
    """A place, locked, that no other stands for: one that was merged away leaves and comes back by its merge alone."""
    journal.lock_order()
    place = Place.objects.select_for_update().get(pk=place_id)
    if place.replaced_by_id:
        raise PlaceRefused(_("Ce lieu a été fondu dans un autre\u202f: séparez-les d’abord."))
    return place
