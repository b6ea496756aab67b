"""A correspondence of columns is kept under a name, for the next file with the same columns."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from maillage.journal import actions as journal
from maillage.network.exchange.models import Recipe
from maillage.network.exchange.rules.mapping.correspondence import Correspondence, as_data, fingerprint
from maillage.network.exchange.rules.reports import FileRefused, short

LONGEST_NAME = 80


@transaction.atomic
def save_recipe(
    *,
    name: str,
    header: Sequence[str],
    correspondence: Correspondence,
    source: str,
    licence: str,
    by: str,
    now: datetime,
) -> None:
    """Keep a correspondence; the same name again replaces it, the same correspondence again writes nothing.

    Raises `FileRefused` for a name or a licence that cannot be kept.
    """
    said, under = " ".join(name.split()), " ".join(licence.split())
    if not said or len(said) > LONGEST_NAME or "\x00" in said:
        raise FileRefused(f"« {short(name)} » ne peut pas nommer une correspondance : {LONGEST_NAME} signes au plus.")
    if not under or "\x00" in under + source:
        raise FileRefused("La licence manque : une correspondance dit aussi sous quelle licence entrent les lieux.")
    kept = {
        "fingerprint": fingerprint(header),
        "header": list(header),
        "mapping": as_data(correspondence),
        "source": source[:200],
        "licence": under[:200],
    }
    before = Recipe.objects.select_for_update().filter(name=said).first()
    if before and all(getattr(before, field) == value for field, value in kept.items()):
        return
    Recipe.objects.update_or_create(name=said, defaults={**kept, "made_at": now, "made_by": by[:120]})
    detail = {"columns": len(correspondence.used), "licence": under[:200]}
    journal.write(action="exchange.recipe_kept", by=by, now=now, subject=said, detail=detail)
