"""The gentle mail that asks, once a year, whether a sheet is still right; and whoever asks for no mail at all."""

from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q

from maillage.journal import actions as journal
from maillage.network.clearance.emails import campaigns as emails
from maillage.network.clearance.models import Invitation, Silence, StillAsked
from maillage.network.clearance.models.campaigns import OPEN
from maillage.network.clearance.queries.census_links import silent
from maillage.network.clearance.rules.campaigns import STILL_EVERY, may_ask_still
from maillage.places.models import Place


def ask_still(*, by: str, now: datetime) -> int:
    """Ask the places whose sheet nobody confirmed for a year, the oldest word first; says how many were written to.

    So many a day at most as the settings say, and none without a mail server. Never a fictional place, nor one that a
    census asks at this moment.
    """
    if not settings.SMTP:
        return 0
    count = 0
    for place_id in _due(now)[: settings.STILL_MAILS]:
        count += _ask(place_id, by=by, now=now)
    return count


def _due(now: datetime) -> list[UUID]:
    long_ago = now - STILL_EVERY
    unsaid = Q(confirmed_at__lt=long_ago) | Q(confirmed_at__isnull=True, created_at__lt=long_ago)
    asked = StillAsked.objects.filter(asked_at__gte=long_ago).values("place")
    in_census = Invitation.objects.filter(campaign__state=OPEN, ended_at__isnull=True).values("place")
    rows = Place.objects.public().filter(unsaid, is_demo=False, status="open").exclude(email="")
    rows = rows.exclude(pk__in=asked).exclude(pk__in=in_census)
    told = list(rows.order_by(F("confirmed_at").asc(nulls_first=True), "created_at", "pk").values_list("pk", "email"))
    quiet = silent({email.lower() for _pk, email in told})
    return [pk for pk, email in told if email.lower() not in quiet]


@transaction.atomic
def _ask(place_id: UUID, *, by: str, now: datetime) -> bool:
    journal.lock_order()
    place = Place.objects.select_for_update().get(pk=place_id)
    before = StillAsked.objects.filter(place=place).first()
    asked_at = before.asked_at if before else None
    due = may_ask_still(confirmed_at=place.confirmed_at, asked_at=asked_at, known_at=place.created_at, now=now)
    if not due or place.removed_at or not place.email:
        return False
    StillAsked.objects.update_or_create(place=place, defaults={"asked_at": now, "asked_by": by})
    emails.still(place=place, now=now)
    journal.write(action="clearance.still_asked", by=by, now=now, subject=str(place.pk))
    return True


@transaction.atomic
def fall_silent(*, mark: str, by: str, now: datetime) -> None:
    """Never write again to the address of this fingerprint; said twice, it is once."""
    _row, is_new = Silence.objects.get_or_create(digest=mark, defaults={"asked_at": now, "asked_by": by})
    if is_new:
        journal.write(action="clearance.silenced", by=by, now=now)
