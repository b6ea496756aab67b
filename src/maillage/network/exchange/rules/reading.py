"""Reading tables row by row, and files of our own shape: one entry per place, broken rows told and left out."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from maillage.network.exchange.rules.own import CARRIED, OwnRow, Unreadable
from maillage.network.exchange.rules.reports import Entry, Options, Reading, RowProblem
from maillage.network.exchange.rules.tables import Row, Table, identity, rows
from maillage.places.rules.drafts import SourceFacts
from maillage.places.rules.slugs import slugify


def identified(
    table: Table, column: str, reading: Reading, kept: Callable[[Mapping[str, str]], Mapping[str, str]] = dict
) -> Iterator[Row]:
    """Yield the rows that have an identifier of their own in `column`; the others are refused, with what is `kept`."""
    seen: dict[str, int] = {}
    for row in rows(table):
        if isinstance(row, RowProblem):
            reading.refuse(row)
        elif problem := identity(row, column, seen):
            reading.refuse(problem, kept(row.cells))
        else:
            yield row


class OwnReader:
    """Gathers the rows of one file of our own shape, and refuses what is told twice.

    `columns` names the file's column of each field, where it is not the field's own name.
    """

    def __init__(
        self, file_name: str, options: Options, unmapped: tuple[str, ...], columns: Mapping[str, str] | None = None
    ) -> None:
        self.reading = Reading(unmapped=unmapped, own=True)
        self.columns = columns or {}
        self.fallback = fallback_source(file_name, options)
        self._places: dict[object, int] = {}
        self._records: dict[tuple[str, str], int] = {}

    def add(self, line: int, raw: Mapping[str, Any], read: Callable[[], OwnRow]) -> None:
        """Keep the row that `read` gives, or what is wrong with it."""
        try:
            row = read()
            self._once(line, row)
        except Unreadable as problem:
            self.reading.refuse(problem.at(line), raw)
            return
        for facts in row.sources:
            self.reading.sources.setdefault(facts.slug, facts)
        mend = "elle n’entre pas : corrigez la source qui la dit, ou videz « sources »"
        warnings = tuple(
            RowProblem(line, self.columns.get(name, name), "", "valeur sans source", mend) for name in row.unclaimed
        )
        whole = row.whole if len(row.drafts) > 1 else None
        drafts = tuple(d if d.raw or CARRIED in d.extra else replace(d, raw=_kept(raw)) for d in row.drafts)
        self.reading.entries.append(Entry(line, drafts, self.columns, whole, warnings))

    def _once(self, line: int, row: OwnRow) -> None:
        """Refuse a place or a source record already met in this file."""
        place_id = row.drafts[0].place_id
        if place_id is not None and place_id in self._places:
            problem = f"identifiant déjà vu à la ligne {self._places[place_id]}"
            raise Unreadable("id", str(place_id), problem, "retirez une des deux lignes")
        keys = [(draft.source, draft.ref) for draft in row.drafts]
        for position, key in enumerate(keys):
            if key in self._records or key in keys[:position]:
                problem = f"enregistrement « {key[0]} : {key[1]} » déjà vu à la ligne {self._records.get(key, line)}"
                raise Unreadable("sources", key[1], problem, "retirez-en un")
        self._places |= {place_id: line} if place_id is not None else {}
        self._records |= dict.fromkeys(keys, line)


def _kept(raw: Mapping[str, Any]) -> dict[str, Any]:
    """The cells that a row filled by hand has, as a database can keep them."""
    return {name: str(cell).replace("\x00", "␀") for name, cell in raw.items() if cell not in (None, "", [], {})}


def fallback_source(file_name: str, options: Options) -> SourceFacts | None:
    """The source of rows that name none: the file itself, once its licence is told."""
    if not options.licence:
        return None
    stem = file_name.split(".", 1)[0]
    name = options.source or file_name
    return SourceFacts(
        slug=slugify(options.source or f"fichier-{stem}")[:80], name=name[:200], licence=options.licence[:200]
    )
