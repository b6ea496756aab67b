"""Everything issued, read again and recomputed: what no longer is what was written is named, and nothing is mended."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from maillage.management.billing.models import Entry, Invoice, Receipt, Series
from maillage.management.billing.queries.pieces import (
    candidates,
    check_closings,
    check_invoices,
    check_payments,
    check_receipts,
    check_slips,
)
from maillage.management.billing.queries.stored import rows
from maillage.management.billing.rules import chain
from maillage.management.billing.rules.chain import Link
from maillage.management.billing.rules.faults import Fault, Told, begun
from maillage.places.models import Place

AROUND = 12
"""How many lines on each side are read to name what happened to one."""


@dataclass(slots=True)
class Checked:
    """What was read of a place's books, and what is wrong with it."""

    entries: int = 0
    invoices: int = 0
    payments: int = 0
    receipts: int = 0
    closings: int = 0
    faults: list[Fault] = field(default_factory=list)

    @property
    def is_whole(self) -> bool:
        return not self.faults


def verify(place: Place) -> Checked:
    """Recompute the books of a place: chain, closings, digests, numbers, and each piece against its lines."""
    checked = Checked()
    told = _check_entries(place, checked)
    checked.invoices = check_invoices(place, told, checked.faults)
    checked.payments = check_payments(place, told, checked.faults)
    check_slips(place, told, checked.faults)
    checked.receipts = check_receipts(place, told, checked.faults)
    checked.closings = check_closings(place, checked.faults)
    return checked


def with_books() -> list[Place]:
    """The places that have something to verify."""
    holders = {*Entry.objects.values_list("place_id", flat=True).distinct()}
    holders |= {*Invoice.objects.values_list("place_id", flat=True).distinct()}
    holders |= {*Receipt.objects.values_list("place_id", flat=True).distinct()}
    return list(Place.objects.filter(pk__in=holders).order_by("slug"))


def verify_all() -> list[tuple[Place, Checked]]:
    """The books of every place that has some."""
    return [(place, verify(place)) for place in with_books()]


def _check_entries(place: Place, checked: Checked) -> dict[str, Told]:
    """Follow the chain once, in the order of writing; where it breaks, read around it and name the row."""
    ids: list[int] = []
    bad: list[int] = []
    told: dict[str, Told] = {}
    before, last_position = "", 0
    for row in rows(Entry, (*chain.ENTRY, "before", "digest"), place):
        values = {name: row[name] for name in chain.ENTRY}
        whole = row["before"] == before and chain.linked(values, row["before"]) == row["digest"]
        if not whole or row["position"] != last_position + 1:
            bad.append(len(ids))
        ids.append(row["id"])
        before, last_position = row["digest"], row["position"]
        _tell(told, values)
    checked.entries = len(ids)
    checked.faults += _named_entries(place, ids, bad, told)
    kept = Series.objects.filter(place=place, name=chain.SERIES).values_list("last_number", flat=True).first()
    if not bad and kept != (last_position or None) and (kept or last_position):
        gone = (kept or 0) > last_position
        number = f"{last_position + 1}" if gone else f"{kept or 0}"
        checked.faults.append(Fault("entry" if gone else "series", number, chain.GONE if gone else "last_number"))
    if not bad:
        checked.faults += [Fault("entry", piece, "balance") for piece, one in told.items() if one.gap_cents]
    return told


def _tell(told: dict[str, Told], values: dict[str, Any]) -> None:
    piece = str(values["piece"])
    one = told.get(piece)
    if one is None:
        one = told[piece] = begun(values)
    one.add(values)


def _named_entries(place: Place, ids: list[int], bad: list[int], told: dict[str, Told]) -> Iterator[Fault]:
    for index in bad:
        first = max(index - AROUND, 0)
        window = list(rows(Entry, (*chain.ENTRY, "before", "digest"), place, ids=ids[first : index + AROUND]))
        links = [Link({name: row[name] for name in chain.ENTRY}, row["before"], row["digest"]) for row in window]
        at = index - first
        found = chain.judged(links, at, candidates(place, [link.values for link in links], at, index + 1))
        if found is None:
            continue
        values = links[at].values
        for piece in {str(values["piece"]), found.was} & told.keys():
            told[piece].is_doubtful = True
        yield Fault("entry", str(index + 1), found.column, found.was)
