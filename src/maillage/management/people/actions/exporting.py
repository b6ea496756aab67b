"""All that a place holds, taken away by its team: a file, and a line in the journal."""

import json
import zipfile
from datetime import datetime
from tempfile import SpooledTemporaryFile
from typing import IO

from django.db import transaction

from maillage.accounts.rules import RUN
from maillage.journal import actions as journal
from maillage.management.people.actions.door import enter
from maillage.management.people.queries.export import everything_of
from maillage.management.people.rules.tables import as_sheet
from maillage.places.models import Place

IN_MEMORY = 4_000_000


@transaction.atomic
def export_place(*, place: Place, by: str, now: datetime) -> IO[bytes]:
    """A zip with every table of a place, as JSON for a program and as CSV for a spreadsheet; all of the same moment."""
    here = enter(RUN, place, by)
    counts: dict[str, int] = {}
    # Whoever answers with it closes it.
    file: IO[bytes] = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115
    told: dict[str, object] = {"place": here.name, "slug": here.slug, "told_at": now.isoformat()}
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for table in everything_of(here):
            counts[table.name] = len(table.rows)
            _put(packed, f"{table.name}.json", json.dumps(table.as_objects(), ensure_ascii=False, indent=1), now)
            _put(packed, f"{table.name}.csv", as_sheet(table), now)
        _put(packed, "lisez-moi.json", json.dumps({**told, "rows": counts}, ensure_ascii=False, indent=1), now)
    file.seek(0)
    detail = {"place": str(here.pk), "rows": sum(counts.values())}
    journal.write(action="people.place_exported", by=by, now=now, subject=f"place:{here.pk}", detail=detail)
    return file


def _put(packed: zipfile.ZipFile, name: str, text: str, now: datetime) -> None:
    entry = zipfile.ZipInfo(name, now.timetuple()[:6])
    entry.compress_type = zipfile.ZIP_DEFLATED
    packed.writestr(entry, text.encode("utf-8", "replace"))
