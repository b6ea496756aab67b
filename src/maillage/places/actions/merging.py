"""Two sheets of one place become one, and two again when that was a mistake; what is not the same is said for ever."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from maillage.accounts.rules import CLEAR
from maillage.journal import actions as journal
from maillage.places.actions.lifecycle import PlaceRefused
from maillage.places.actions.record import choose_again
from maillage.places.models import Merge, NotSame, Photo, Place, SourceRecord, Suggestion
from maillage.places.permissions import let_in
from maillage.places.queries.places import standing_for
from maillage.places.queries.ties import lived_in


@transaction.atomic
def merge_places(*, kept_id: UUID, gone_id: UUID, reason: str, by: str, now: datetime) -> Merge:
    """Make one place of two: `kept` takes the records, photos and pending suggestions of `gone`, whose addresses then
    lead to it.

    Raises `PlaceRefused` where they were told apart, one has left, or `gone` is run here (a team, persons, bookings).
    """
    if not reason.strip():
        raise PlaceRefused(_("Une fusion demande un motif\u202f: dites à quoi vous voyez que c’est le même lieu."))
    kept, gone = _pair(kept_id, gone_id, by)
    _refuse_standing_apart(kept, gone)
    _refuse_lived_in(kept, gone)
    records = list(SourceRecord.objects.filter(place=gone).values_list("pk", flat=True))
    held = Photo.everything.filter(place=kept)
    photos = Photo.everything.filter(place=gone).exclude(file__in=held.values("file")).order_by("position", "pk")
    moved = list(photos.values_list("pk", flat=True))
    SourceRecord.objects.filter(pk__in=records).update(place=kept)
    last = held.aggregate(last=Max("position"))["last"] or 0
    for position, photo in enumerate(moved, start=last + 1):
        Photo.everything.filter(pk=photo).update(place=kept, position=position)
    asked = Suggestion.objects.filter(place=gone, state="pending").exclude(twin=kept)
    waiting = [str(pk) for pk in asked.order_by("suggested_at", "pk").values_list("pk", flat=True)]
    Suggestion.objects.filter(pk__in=waiting).update(place=kept)
    said = f"fondu dans «\u202f{kept.name}\u202f»"
    gone.removed_at, gone.removed_reason, gone.replaced_by = now, said[:300], kept
    gone.save(update_fields=["removed_at", "removed_reason", "replaced_by"])
    told = reason.strip()[:300]
    made = Merge.objects.create(
        kept=kept,
        gone=gone,
        records=records,
        photos=moved,
        waiting=waiting,
        reason=told,
        merged_at=now,
        merged_by=by,
    )
    choose_again(place_ids=[kept.pk], by=by, now=now, reason=f"Fusion avec «\u202f{gone.name}\u202f»")
    detail = {"into": str(kept.pk), "reason": told}
    journal.write(action="places.merged", by=by, now=now, subject=str(gone.pk), detail=detail)
    return made


@transaction.atomic
def unmerge(*, merge_id: int, reason: str, by: str, now: datetime, records_follow: bool = False) -> Merge:
    """Give both places back what was theirs, and remember for ever that they are two.

    `records_follow`: whoever holds both places elsewhere says next which record is whose.
    """
    found = Merge.objects.select_for_update().get(pk=merge_id)
    kept, gone = _pair(found.kept_id, found.gone_id, by)
    if found.undone_at is not None:
        raise PlaceRefused(_("Ces deux lieux ont déjà été séparés."))
    holder = standing_for(kept)
    if not records_follow:
        _refuse_wordless(found, holder)
    SourceRecord.objects.filter(pk__in=found.records, place=holder).update(place=gone)
    Photo.everything.filter(pk__in=found.photos, place=holder).update(place=gone)
    Suggestion.objects.filter(pk__in=found.waiting, place=holder, state="pending").update(place=gone)
    gone.removed_at, gone.removed_reason, gone.replaced_by = None, "", None
    gone.save(update_fields=["removed_at", "removed_reason", "replaced_by"])
    found.undone_at, found.undone_by = now, by
    found.save(update_fields=["undone_at", "undone_by"])
    said = "Séparation\u202f: ce sont deux lieux"
    choose_again(place_ids={holder.pk, gone.pk}, by=by, now=now, reason=said)
    _apart(kept.pk, gone.pk, reason=reason, by=by, now=now)
    journal.write(
        action="places.unmerged", by=by, now=now, subject=str(gone.pk), detail={"from": str(kept.pk), "reason": reason}
    )
    return found


def _refuse_wordless(found: Merge, holder: Place) -> None:
    """Each place needs a record that names it; one that was detached meanwhile has a place of its own."""
    rows = SourceRecord.objects.filter(place=holder).values_list("pk", "values")
    back = {pk in found.records for pk, values in rows if values.get("name")}
    if back != {True, False}:
        raise PlaceRefused(
            _(
                "Les enregistrements de l’un de ces deux lieux sont déjà partis dans un autre\u202f: "
                "il n’y a rien à séparer."
            )
        )


@transaction.atomic
def tell_apart(*, place_ids: tuple[UUID, UUID], reason: str, by: str, now: datetime) -> NotSame:
    """Note that two places are two: no import joins them, and nobody is asked again."""
    one, other = _pair(*place_ids, by)
    return _apart(one.pk, other.pk, reason=reason, by=by, now=now)


def _apart(one: UUID, other: UUID, *, reason: str, by: str, now: datetime) -> NotSame:
    # Both databases compare identifiers as the text that they are written in.
    first, second = sorted((one, other), key=str)
    found, is_new = NotSame.objects.get_or_create(
        one_id=first, other_id=second, defaults={"reason": reason.strip()[:300], "said_at": now, "said_by": by}
    )
    if is_new:
        journal.write(
            action="suggestions.told_apart",
            by=by,
            now=now,
            subject=str(first),
            detail={"other": str(second), "reason": found.reason},
        )
    return found


def _pair(one_id: UUID, other_id: UUID, by: str) -> tuple[Place, Place]:
    """Two places, locked in one order whoever asks, with the right seen again."""
    if one_id == other_id:
        raise PlaceRefused(_("C’est un seul et même lieu\u202f: choisissez-en deux."))
    journal.lock_order()
    rows = Place.objects.select_for_update(of=("self",)).filter(pk__in=[one_id, other_id]).order_by("pk")
    locked = {place.pk: place for place in rows.select_related("commune__departement")}
    if len(locked) != len({one_id, other_id}):
        raise PlaceRefused(_("Un de ces deux lieux n’est pas dans le registre\u202f: rechargez la page."))
    for place in locked.values():
        let_in(CLEAR, place, by)
    return locked[one_id], locked[other_id]


def _refuse_standing_apart(kept: Place, gone: Place) -> None:
    if kept.removed_at or gone.removed_at:
        raise PlaceRefused(_("Un de ces deux lieux a quitté le registre\u202f: il n’y a plus rien à fondre."))
    if kept.is_demo != gone.is_demo:
        raise PlaceRefused(_("Un de ces lieux est fictif et l’autre non\u202f: ils ne se mêlent pas."))
    first, second = sorted((kept.pk, gone.pk), key=str)
    told = NotSame.objects.filter(one=first, other=second).first()
    if told is not None:
        raise PlaceRefused(
            _("Quelqu’un a déjà dit que ce sont deux lieux distincts, le %(day)s\u202f: la fusion est refusée.")
            % {"day": told.said_at.strftime("%d/%m/%Y")}
        )


def _refuse_lived_in(kept: Place, gone: Place) -> None:
    """A place with a team, or with anything that is run here, is never the one that goes."""
    if not is_lived_in(gone):
        return
    if is_lived_in(kept):
        raise PlaceRefused(
            _(
                "Ces deux lieux ont chacun leur équipe ou leur gestion ici\u202f: "
                "voyez avec elles laquelle s’arrête d’abord."
            )
        )
    raise PlaceRefused(
        _("«\u202f%(gone)s\u202f» a son équipe ou sa gestion ici\u202f: gardez-le, et fondez-y l’autre.")
        % {"gone": gone.name}
    )


def is_lived_in(place: Place) -> bool:
    """Whether a place has a team, or anything that is run here."""
    return bool(lived_in([place.pk]))
