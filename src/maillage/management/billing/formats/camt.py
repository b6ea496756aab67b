"""The statement of a bank as CAMT.053 (ISO 20022): entries that are booked, nothing fetched, no entity expanded."""

from collections.abc import Iterator
from typing import Any

from lxml import etree

from maillage.management.billing.rules.bank import (
    MOST_BYTES,
    MOST_ROWS,
    NotAStatement,
    Row,
    Statement,
    label_of,
    read_cents,
    read_day,
)
from maillage.places.rules.sentences import sentence as _

MEND = _("demandez à la banque un relevé CAMT.053, ou un CSV")


def is_xml(raw: bytes) -> bool:
    """Whether a file says that it is XML.

    >>> is_xml(b"\\xef\\xbb\\xbf<?xml version='1.0'?>"), is_xml(b"Date;Montant")
    (True, False)
    """
    return raw.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"<"


def read(raw: bytes) -> Statement:
    """The booked movements of a statement; `NotAStatement` where it is none."""
    if len(raw) > MOST_BYTES:
        mend = _("demandez à la banque une période plus courte")
        raise NotAStatement(_("ce fichier dépasse %(n)d Mo", n=MOST_BYTES // 1_048_576), mend)
    if b"<!DOCTYPE" in raw[:65_536].upper() or b"<!ENTITY" in raw.upper():
        raise NotAStatement(_("ce fichier définit ses propres mots, ce qu’un relevé ne fait pas"), MEND)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(raw, parser)
    except (etree.XMLSyntaxError, ValueError) as broken:
        raise NotAStatement(_("ce fichier XML est coupé ou abîmé"), MEND) from broken
    if root.getroottree().docinfo.doctype or "camt.053" not in str(etree.QName(root).namespace or ""):
        raise NotAStatement(_("ce fichier XML n’est pas un relevé CAMT.053"), MEND)
    told = Statement()
    for entry in _all(root, "Ntry"):
        if len(told.rows) + len(told.bad) >= MOST_ROWS:
            mend = _("la suite n’est pas lue\u202f: coupez le fichier en deux")
            told.refuse(_line(entry), "Ntry", "", _("ce fichier dépasse %(n)d lignes", n=MOST_ROWS), mend)
            break
        _entry(told, entry)
    return told


def _entry(told: Statement, entry: Any) -> None:
    line = _line(entry)
    state = _text(entry, "Sts", "Cd") or _text(entry, "Sts")
    if state and state != "BOOK":
        return
    day_said = (_text(entry, "BookgDt", "Dt") or _text(entry, "BookgDt", "DtTm"))[:10]
    day = read_day(day_said)
    if day is None:
        told.refuse(line, "BookgDt", day_said, _("ce jour est illisible"), MEND)
        return
    sign = {"CRDT": 1, "DBIT": -1}.get(_text(entry, "CdtDbtInd"))
    amount = _child(entry, "Amt")
    cents = _cents(amount)
    if sign is None or not cents:
        told.refuse(line, "Amt", "" if amount is None else amount.text or "", _("ce montant est illisible"), MEND)
        return
    if amount.get("Ccy", "EUR") != "EUR":
        told.refuse(line, "Ccy", amount.get("Ccy", ""), _("ce montant n’est pas en euros"), _("notez-le à la main"))
        return
    details = list(_all(entry, "TxDtls"))
    parts = [_cents(_amount_of(one)) or 0 for one in details]
    if len(details) > 1 and all(parts) and sum(parts) == cents:
        found = list(zip(details, parts, strict=True))
    else:
        found = [(entry, cents)]
    for node, own in found:
        label = _label(node, entry)
        if label:
            told.rows.append(Row(_line(node), day, label, sign * own, _text(entry, "AcctSvcrRef")[:100]))
        else:
            told.refuse(_line(node), "RmtInf", "", _("il manque le libellé"), _("notez-le à la main"))


def _label(node: Any, entry: Any) -> str:
    parts = [text.text or "" for text in _all(node, "Ustrd")]
    parts += [text.text or "" for text in _all(node, "Ref")]
    for party in _all(node, "Dbtr"):
        parts += [text.text or "" for text in _all(party, "Nm")]
    parts += [text.text or "" for text in _all(node, "EndToEndId") if text.text != "NOTPROVIDED"]
    return label_of(parts) or label_of([_text(entry, "AddtlNtryInf")])


def _amount_of(details: Any) -> Any:
    own = _child(details, "Amt")
    if own is not None:
        return own
    return next((amount for within in _all(details, "TxAmt") for amount in _all(within, "Amt")), None)


def _cents(amount: Any) -> int | None:
    return None if amount is None else read_cents((amount.text or "").strip().lstrip("+-"))


def _all(node: Any, name: str) -> Iterator[Any]:
    yield from node.iter(f"{{*}}{name}")


def _child(node: Any, name: str) -> Any:
    return next(node.iterchildren(f"{{*}}{name}"), None)


def _text(node: Any, *path: str) -> str:
    for name in path:
        node = _child(node, name)
        if node is None:
            return ""
    return (node.text or "").strip()


def _line(node: Any) -> int:
    return int(node.sourceline or 0)
