from dataclasses import asdict
from datetime import datetime, timedelta

from django.core.cache import cache
from django.db import transaction
from django.utils import timezone

from maillage.diagnosis.models import Kept
from maillage.diagnosis.queries import diagnose
from maillage.diagnosis.rules.asking import Refused
from maillage.diagnosis.rules.facts import Diagnosis, Request
from maillage.diagnosis.rules.packing import fingerprint, pack
from maillage.journal.actions import write

SHORT = 10
MOST_A_DAY = 500
"""Anybody may keep a diagnosis: so many new ones a day, all together, and no more."""
MOST_EACH = 30
"""The share of one visitor in a day, so that none locks the others out."""
DAY_S = 86_400


@transaction.atomic
def keep(*, request: Request, by: str, now: datetime, visitor: str = "") -> str:
    """Keep the diagnosis of a question under a permanent link, and give its identifier; the same figures, once.

    `visitor`: a print of who asks, counted for a day and never written with the link. Raises `Refused` for a question
    without an answer, past 500 new links a day, and past 30 of one visitor.
    """
    found = diagnose(request, today=timezone.localtime(now).date())
    digest = fingerprint(found)
    known = Kept.objects.filter(digest=digest).values_list("pk", flat=True).first()
    if known:
        return known
    share = f"kept-today:{now:%Y-%m-%d}:{visitor}"
    if visitor and (cache.get(share) or 0) >= MOST_EACH:
        raise Refused("kept-yours", most=MOST_EACH)
    if Kept.objects.filter(made_at__gt=now - timedelta(days=1)).count() >= MOST_A_DAY:
        raise Refused("kept-enough", most=MOST_A_DAY)
    row = _row(found, digest, by, now)
    if visitor:
        cache.set(share, (cache.get(share) or 0) + 1, DAY_S)
    write(action="diagnosis.kept", by=by, now=now, subject=f"constat:{row.pk}", detail={"territory": row.territory})
    return row.pk


def _row(found: Diagnosis, digest: str, by: str, now: datetime) -> Kept:
    taken = Kept.objects.filter(pk=digest[:SHORT]).exists()
    row, _made = Kept.objects.get_or_create(
        digest=digest,
        defaults={
            "id": digest[:16] if taken else digest[:SHORT],
            "territory": found.reference,
            "request": asdict(found.request),
            "packed": pack(found),
            "ground": found.ground,
            "registry": found.registry,
            "travel": found.travel,
            "made_at": now,
            "by": by,
        },
    )
    return row
