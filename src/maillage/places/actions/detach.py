"""A record that was linked to the wrong place gets a place of its own, and the two are told apart for ever."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from maillage.accounts.rules import CLEAR
from maillage.journal import actions as journal
from maillage.places.actions.lifecycle import PlaceRefused
from maillage.places.actions.merging import tell_apart
from maillage.places.actions.record import set_apart
from maillage.places.models import Place, SourceRecord
from maillage.places.permissions import let_in


@transaction.atomic
def detach_record(*, record_id: int, by: str, now: datetime, reason: str) -> Place:
    """Undo a link: the record leaves its place for one of its own, which later imports then know it by.

    Raises `PlaceRefused` for the only record of a place, what it says of itself, one without a name, a place that left.
    """
    if not reason.strip():
        raise PlaceRefused(_("Une séparation demande un motif\u202f: dites à quoi vous voyez que c’est un autre lieu."))
    journal.lock_order()
    record = SourceRecord.objects.select_for_update(of=("self",)).select_related("source", "place").get(pk=record_id)
    place = Place.objects.select_for_update(of=("self",)).get(pk=record.place_id)
    let_in(CLEAR, place, by)
    if place.removed_at:
        raise PlaceRefused(_("Ce lieu a quitté le registre\u202f: il n’y a plus rien à y séparer."))
    if not SourceRecord.objects.filter(place=place).exclude(pk=record.pk).exists():
        raise PlaceRefused(_("Ce lieu n’a que cet enregistrement\u202f: il n’y a rien à séparer."))
    if record.source.rank > 1:
        raise PlaceRefused(
            _("C’est ce que l’équipe ou un réseau dit de ce lieu\u202f: corrigez la fiche au lieu de la séparer.")
        )
    if not record.values.get("name"):
        raise PlaceRefused(_("Cet enregistrement ne dit aucun nom\u202f: il ne peut pas devenir un lieu à lui seul."))
    made = set_apart(record=record, by=by, now=now, reason="Séparation\u202f: ce sont deux lieux")
    tell_apart(place_ids=(place.pk, made), reason=reason, by=by, now=now)
    detail = {"from": str(place.pk), "record": record.pk, "reason": reason.strip()[:300]}
    journal.write(action="places.detached", by=by, now=now, subject=str(made), detail=detail)
    return Place.objects.get(pk=made)
