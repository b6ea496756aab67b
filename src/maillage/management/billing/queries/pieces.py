"""Each piece held against its own digest, its columns, its number and the lines that tell of it."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from django.db.models import Sum

from maillage.management.billing.models import Closing, Entry, Invoice, Payment, Receipt, Series, Slip, SlipCheque
from maillage.management.billing.queries.stored import rows
from maillage.management.billing.rules import accounts, chain, faults
from maillage.management.billing.rules.chain import Link, Values
from maillage.management.billing.rules.closings import PERIODS, period_of
from maillage.management.billing.rules.documents import CREDIT, digest_of
from maillage.management.billing.rules.faults import Fault, Told
from maillage.management.billing.rules.payments import METHODS
from maillage.places.models import Place

FROM_DOCUMENT = {
    "kind": "kind",
    "issued_on": "issued_on",
    "due_on": "due_on",
    "net_cents": "net_cents",
    "vat_cents": "vat_cents",
    "total_cents": "total_cents",
}


def check_invoices(place: Place, told: Mapping[str, Told], found: list[Fault]) -> int:
    """Every invoice: its text, its columns, its number and day, and its lines."""
    numbers, named = [], set[str]()
    for row in rows(Invoice, (*chain.INVOICE, "canonical"), place, order="series, number"):
        name = piece_name(row["series"], row["number"])
        numbers.append((str(row["series"]), chain.whole(row["number"]), str(row["issued_on"])))
        named.add(name)
        found += _wrong_invoice(place, name, row, told.get(name))
    found += _numbering(place, "invoice", numbers)
    found += _without_piece(told, named, chain.SALES)
    return len(numbers)


def piece_name(series: object, number: object) -> str:
    """An invoice or a receipt as people name it."""
    return f"{series}-{number:05}" if isinstance(number, int) else f"{series}-{number}"


def _wrong_invoice(place: Place, name: str, row: Values, told: Told | None) -> Iterator[Fault]:
    if told is not None and told.is_doubtful:
        return
    values = {column: row[column] for column in chain.INVOICE}
    true, document = digest_of(row["canonical"]), _read(row["canonical"])
    is_sealed = told is not None and chain.sealed(values) == told.seal
    if true != row["digest"]:
        resealed = told is not None and chain.sealed({**values, "digest": true}) == told.seal
        yield Fault("invoice", name, chain.DIGEST if resealed else "canonical", true if resealed else "")
        return
    wrong = [
        Fault("invoice", name, column, str(document.get(key)))
        for column, key in FROM_DOCUMENT.items()
        if document.get(key) != values[column]
    ]
    if document.get("number") != name:
        wrong.append(Fault("invoice", name, "number", str(document.get("number"))))
    if wrong:
        yield from wrong
        return
    if told is None:
        if document.get("total_cents") or any(line["net_cents"] for line in document.get("lines", ())):
            yield Fault("invoice", name, faults.LACKS_ENTRY)
        return
    if not is_sealed:
        yield _unsealed(
            "invoice",
            name,
            values,
            told,
            [
                ("place_id", str(place.pk)),
                ("customer_id", _customer(told.auxiliary)),
                ("issued_at", told.written_at),
                ("issued_by", told.written_by),
                ("corrects_id", _corrected(place, document)),
            ],
            "key",
        )
        return
    sign = -1 if values["kind"] == CREDIT else 1
    if told.owed_cents != sign * values["total_cents"]:
        yield Fault("invoice", name, faults.TOTALS, str(told.owed_cents))


def _unsealed(
    table: str, name: str, values: Values, told: Told, ways: Iterable[tuple[str, Any]], otherwise: str
) -> Fault:
    """A piece whose lines hold another digest: the column that gives it back, else the ones that nothing repeats."""
    for column, value in ways:
        if chain.sealed({**values, column: value}) == told.seal:
            return Fault(table, name, column, str(value))
    return Fault(table, name, otherwise)


def check_payments(place: Place, told: Mapping[str, Told], found: list[Fault]) -> int:
    """Every payment against its lines."""
    count, named = 0, set[str]()
    for row in rows(Payment, chain.PAYMENT, place):
        count += 1
        name = f"E{row['id']}"
        named.add(name)
        one = told.get(name)
        if one is None:
            found.append(Fault("payment", name, faults.LACKS_ENTRY))
            continue
        values = {column: row[column] for column in chain.PAYMENT}
        if one.is_doubtful or chain.sealed(values) == one.seal:
            continue
        ways: list[tuple[str, Any]] = [
            ("place_id", str(place.pk)),
            ("customer_id", _customer(one.auxiliary)),
            ("amount_cents", -one.owed_cents),
            ("received_on", one.piece_on),
            ("recorded_at", one.written_at),
            ("recorded_by", one.written_by),
            *(("method", method) for method in METHODS),
            *(("undoes_id", other) for other in _undoable(place, values)),
            *((column, "") for column in ("provider", "provider_ref", "reference")),
        ]
        found.append(_unsealed("payment", name, values, one, ways, "reference"))
    found += _without_piece(told, named, chain.CASH, chain.BANK, starts="E")
    return count


def slip_piece(number: object) -> str:
    """A slip as the books name it."""
    return f"REM{number}"


def slip_cheques(slip: "Slip | int") -> str:
    """The cheques of a slip, as its seal reads them."""
    rows = SlipCheque.objects.filter(slip=slip).order_by("payment").values_list("payment", flat=True)
    return " ".join(str(pk) for pk in rows)


def slip_values(values: Values, cheques: str) -> dict[str, Any]:
    """What the seal of a slip is made of."""
    return {**values, "cheques": cheques}


def check_slips(place: Place, told: Mapping[str, Told], found: list[Fault]) -> None:
    """Every slip that the bank has credited against its lines, and no line without its slip."""
    named = set[str]()
    for row in rows(Slip, chain.SLIP, place):
        name, one = str(row["number"]), told.get(slip_piece(row["number"]))
        values = slip_values({column: row[column] for column in chain.SLIP}, slip_cheques(row["id"]))
        if row["banked_on"] is None and one is None:
            continue
        named.add(slip_piece(row["number"]))
        if one is None:
            found.append(Fault("slip", name, faults.LACKS_ENTRY))
        elif not one.is_doubtful and chain.sealed(values) != one.seal:
            ways: list[tuple[str, Any]] = [
                ("banked_on", one.piece_on),
                ("banked_at", one.written_at),
                ("banked_by", one.written_by),
                ("place_id", str(place.pk)),
            ]
            found.append(_unsealed("slip", name, values, one, ways, "cheques"))
    found += [
        Fault("slip", piece.removeprefix("REM"), chain.GONE)
        for piece, one in told.items()
        if one.journal == chain.BANK and piece.startswith("REM") and piece not in named and not one.is_doubtful
    ]


def check_receipts(place: Place, told: Mapping[str, Told], found: list[Fault]) -> int:
    """Every receipt: its text, its columns and its number."""
    numbers = []
    columns = ("customer_id", "payment_id", "series", "number", "amount_cents", "given_on", "issued_at", "issued_by")
    for row in rows(Receipt, (*columns, "canonical", "digest"), place, order="series, number"):
        name = piece_name(row["series"], row["number"])
        numbers.append((str(row["series"]), chain.whole(row["number"]), str(row["issued_at"])))
        one = told.get(name)
        true = digest_of(row["canonical"])
        if true != row["digest"]:
            is_digest = one is not None and one.seal == true
            found.append(Fault("receipt", name, chain.DIGEST if is_digest else "canonical", true if is_digest else ""))
            continue
        held = _read(row["canonical"])
        found += [
            Fault("receipt", name, column, str(held.get(column)))
            for column in columns
            if held.get(column) != row[column]
        ]
        if one is None:
            found.append(Fault("receipt", name, faults.LACKS_ENTRY))
        elif not one.is_doubtful and one.seal != row["digest"]:
            found.append(Fault("receipt", name, "canonical"))
    found += _numbering(place, "receipt", numbers)
    return len(numbers)


def check_closings(place: Place, found: list[Fault]) -> int:
    """Every closing: its chain, and what it says against the lines."""
    held = list(rows(Closing, (*chain.CLOSING, "before", "digest"), place))
    links = [Link({name: row[name] for name in chain.CLOSING}, row["before"], row["digest"]) for row in held]
    for index, link in enumerate(links):
        name = f"{link.values['starts_on']} – {link.values['ends_on']}"
        broken = chain.judged(links, index, _closing_ways(place, link.values))
        if broken:
            found.append(Fault("closing", name, broken.column, broken.was))
            continue
        true = _closing_facts(place, link.values)
        found += [Fault("closing", name, column, str(value)) for column, value in true if value != link.values[column]]
    kept = Series.objects.filter(place=place, name=chain.CLOSINGS).values_list("last_number", flat=True).first() or 0
    if len(held) < kept:
        found.append(Fault("closing", f"{len(held) + 1} / {kept}", chain.GONE))
    elif kept < len(held):
        found.append(Fault("series", chain.CLOSINGS, "last_number", str(len(held))))
    return len(held)


def candidates(place: Place, window: Sequence[Values], at: int, position: int) -> list[tuple[str, Any]]:
    """What may have stood in the columns of a line: what its sisters, its piece and the chart say."""
    own = window[at]
    sisters = [one for one in window if one and (one["writing"] == own["writing"] or one["piece"] == own["piece"])]
    ways: list[tuple[str, Any]] = [("place_id", str(place.pk)), ("position", position)]
    ways += chain.alike(sisters)[next(i for i, one in enumerate(sisters) if one is own)]
    around = [one for one in window if one]
    ways += [("writing", chain.whole(one["writing"]) + step) for one in around for step in (-1, 0, 1)]
    ways += [("on", own["piece_on"]), ("piece_on", own["on"])]
    known = accounts.chart().accounts.values()
    ways += [("account", one.number) for one in known] + [("account_label", one.label) for one in known]
    ways += [("journal", one) for one in chain.JOURNALS]
    names = {one[column] for one in around for column in ("label", "auxiliary_label")}
    ways += [(column, name) for column in ("label", "auxiliary_label") for name in names]
    ways += _from_piece(place, str(own["piece"]))
    return ways


def _from_piece(place: Place, piece: str) -> Iterator[tuple[str, Any]]:
    series, _, number = piece.rpartition("-")
    if piece.startswith("E") and piece[1:].isascii() and piece[1:].isdigit():
        columns: Sequence[str] = chain.PAYMENT
        found = list(rows(Payment, columns, place, ids=[int(piece[1:][:18])]))
    else:
        held = Invoice.objects.filter(place=place, series=series[:12], number=_number(number))
        ids = list(held.values_list("pk", flat=True)[:1])
        columns = chain.INVOICE
        found = list(rows(Invoice, columns, place, ids=ids)) if ids else []
    for row in found:
        yield "seal", chain.sealed({name: row[name] for name in columns})
        yield "auxiliary", f"C{row['customer_id']:06}"


def _closing_ways(place: Place, values: Values) -> list[tuple[str, Any]]:
    ways = [("place_id", str(place.pk)), *_closing_facts(place, values)]
    for column in ("starts_on", "ends_on"):
        try:
            day = date.fromisoformat(str(values[column]))
        except ValueError:
            continue
        for kind in PERIODS:
            period = period_of(kind, day)
            ways += [("period", kind), ("starts_on", str(period.starts_on)), ("ends_on", str(period.ends_on))]
    last = Entry.objects.filter(place=place, digest=str(values["chain"])[:64]).values_list("position", flat=True)
    return [*ways, *(("last_position", position) for position in last)]


def _closing_facts(place: Place, values: Values) -> list[tuple[str, Any]]:
    """What the lines say of a closed period: its totals, and the end of the chain on its day."""
    try:
        until = date.fromisoformat(str(values["ends_on"]))
    except ValueError:
        return []
    held = Entry.objects.filter(place=place)
    sums = held.filter(on__lte=until).aggregate(debit=Sum("debit_cents"), credit=Sum("credit_cents"))
    last = held.filter(position=chain.whole(values["last_position"])).values_list("digest", flat=True).first()
    return [("debit_cents", sums["debit"] or 0), ("credit_cents", sums["credit"] or 0), ("chain", last or "")]


def _numbering(place: Place, table: str, numbers: list[tuple[str, int, str]]) -> Iterator[Fault]:
    for series, number, what in faults.numbering(numbers):
        yield Fault(table, piece_name(series, number), what)
    last = {series: number for series, number, _day in numbers}
    kept = dict(Series.objects.filter(place=place, name__in=last).values_list("name", "last_number"))
    for series, number in last.items():
        held = kept.get(series, 0)
        for missing in range(number + 1, min(held, number + 20) + 1):
            yield Fault(table, piece_name(series, missing), chain.GONE)
        if held < number:
            yield Fault("series", series, "last_number", str(number))


def _without_piece(told: Mapping[str, Told], named: set[str], *journals: str, starts: str = "") -> Iterator[Fault]:
    for piece, one in told.items():
        if one.journal in journals and piece.startswith(starts) and piece not in named and not one.is_doubtful:
            yield Fault("payment", piece, chain.GONE) if starts else Fault("entry", piece, faults.LACKS_PIECE)


def _read(canonical: str) -> dict[str, Any]:
    try:
        held = json.loads(canonical)
    except ValueError:
        return {}
    return held if isinstance(held, dict) else {}


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _customer(auxiliary: str) -> int:
    return _number(auxiliary[1:])


def _corrected(place: Place, document: Mapping[str, Any]) -> int | None:
    series, _dash, number = str(document.get("corrects") or "").rpartition("-")
    held = Invoice.objects.filter(place=place, series=series[:12], number=_number(number))
    return held.values_list("pk", flat=True).first()


def _undoable(place: Place, values: Values) -> Iterator[int | None]:
    yield None
    if chain.whole(values["amount_cents"]) < 0:
        held = Payment.objects.filter(place=place, amount_cents=-values["amount_cents"])
        yield from held.values_list("pk", flat=True)
