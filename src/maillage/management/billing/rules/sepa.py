"""Direct debits: a mandate as it was typed, and the file that a bank takes (pain.008), checked against its schema."""

import re
import xml.etree.ElementTree as ET
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sepaxml import SepaDD
from sepaxml.validation import ValidationError, try_valid_xml
from stdnum import iban as iban_key
from stdnum.exceptions import ValidationError as BadKey

from maillage.management.people.rules.entries import Wrong, read_day
from maillage.places.rules.sentences import sentence as _
from maillage.places.rules.text import one_line

SCHEMA = "pain.008.001.02"
SOONEST_DAYS, LATEST_DAYS = 2, 60
"""The bank asks for the file a working day before; two days leave it one on most days."""
LONGEST_HOLDER, LONGEST_REFERENCE = 70, 35
_REFERENCE = re.compile(r"[A-Za-z0-9+?/:().,' -]{1,35}")
_BIC = re.compile(r"[A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?")
_SPACE = f"{{urn:iso:std:iso:20022:tech:xsd:{SCHEMA}}}"


class SepaRefused(ValueError):
    """A file of debits that no bank would take: `problem`, and `mend`."""

    def __init__(self, problem: str, mend: str) -> None:
        super().__init__(f"{problem} : {mend}.")
        self.problem, self.mend = problem, mend


@dataclass(frozen=True, slots=True)
class Creditor:
    """Who draws the debits."""

    name: str
    iban: str
    bic: str
    identifier: str


@dataclass(frozen=True, slots=True)
class Draw:
    """What is drawn from whom: under which mandate, and what the person reads on their statement."""

    holder: str
    iban: str
    bic: str
    mandate: str
    signed_on: date
    amount_cents: int
    label: str
    end_to_end: str


@dataclass(slots=True)
class MandateRead:
    """A mandate as it was read, and what is wrong with it."""

    values: dict[str, Any] = field(default_factory=dict)
    wrongs: dict[str, Wrong] = field(default_factory=dict)


def read_iban(text: str) -> str:
    """An IBAN without blanks; ValueError where its key or its length is wrong.

    >>> read_iban("fr76 3000 6000 0112 3456 7890 189")
    'FR7630006000011234567890189'
    """
    bare = re.sub(r"[\s\u202f\u00a0-]", "", text[:80]).upper()
    if not bare.isascii() or not bare.isalnum():
        raise ValueError(text[:80])
    try:
        return str(iban_key.validate(bare))
    except BadKey as bad:
        raise ValueError(text[:80]) from bad


def read_mandate(raw: Mapping[str, str], *, today: date, reference: str) -> MandateRead:
    """Holder, IBAN, BIC, reference and day of a mandate; `reference` is proposed where none was typed."""
    read = MandateRead()
    holder = one_line(raw.get("holder", "")[:400])
    if not holder:
        read.wrongs["holder"] = Wrong(_("il manque le titulaire"), _("écrivez le nom qui figure sur le mandat"))
    elif len(holder) > LONGEST_HOLDER:
        read.wrongs["holder"] = Wrong(_("dépasse %(n)d caractères", n=LONGEST_HOLDER), _("raccourcissez"))
    try:
        read.values["iban"] = read_iban(raw.get("iban", ""))
    except ValueError:
        mend = _("recopiez-le du relevé d’identité bancaire, chiffre par chiffre")
        read.wrongs["iban"] = Wrong(_("la clé de cet IBAN est fausse"), mend)
    bic = re.sub(r"\s", "", raw.get("bic", "")[:40]).upper()
    if bic and not _BIC.fullmatch(bic):
        read.wrongs["bic"] = Wrong(_("ce BIC n’a pas la bonne forme"), _("8 ou 11 signes, ou rien"))
    own = one_line(raw.get("mandate_reference", "")[:200]) or reference
    if not _REFERENCE.fullmatch(own):
        mend = _("lettres sans accent et chiffres, %(n)d au plus", n=LONGEST_REFERENCE)
        read.wrongs["mandate_reference"] = Wrong(_("une banque refuserait cette référence"), mend)
    signed = read_day(raw.get("signed_on", ""))
    if signed is None:
        read.wrongs["signed_on"] = Wrong(_("ce jour est illisible"), _("écrivez-le comme 2026-09-01"))
    elif signed > today:
        read.wrongs["signed_on"] = Wrong(_("ce jour n’est pas encore venu"), _("écrivez celui de la signature"))
    read.values |= {"holder": holder, "bic": bic, "reference": own, "signed_on": signed}
    return read


def collect_wrong(day: date, today: date) -> Wrong | None:
    """Why debits cannot be drawn on a day."""
    soonest = today + timedelta(days=SOONEST_DAYS)
    if day < soonest:
        return Wrong(_("la banque demande deux jours"), _("choisissez le %(day)s ou après", day=f"{soonest:%d/%m/%Y}"))
    if day > today + timedelta(days=LATEST_DAYS):
        return Wrong(_("ce jour est dans plus de deux mois"), _("choisissez-en un plus proche"))
    return None


def pain_008(creditor: Creditor, draws: Sequence[Draw], *, collect_on: date, message: str, now: datetime) -> str:
    """The file of a run of debits, the same for the same run; `SepaRefused` where a bank would not take it."""
    if not draws:
        raise SepaRefused(_("aucune facture n’est choisie"), _("cochez-en une au moins"))
    if not (creditor.iban and creditor.bic and creditor.identifier):
        problem = _("il manque l’IBAN, le BIC ou l’identifiant créancier du lieu")
        raise SepaRefused(problem, _("complétez l’identité de facturation"))
    config = {
        "name": creditor.name,
        "IBAN": creditor.iban,
        "BIC": creditor.bic,
        "batch": True,
        "creditor_id": creditor.identifier,
        "currency": "EUR",
    }
    file = SepaDD(config, schema=SCHEMA, clean=True)
    for draw in draws:
        file.add_payment(_payment(draw, collect_on))
    return _settled(file.export(validate=False), message, now)


def _payment(draw: Draw, collect_on: date) -> dict[str, Any]:
    told = {
        "name": draw.holder,
        "IBAN": draw.iban,
        "amount": draw.amount_cents,
        "type": "RCUR",
        "collection_date": collect_on,
        "mandate_id": draw.mandate,
        "mandate_date": draw.signed_on,
        "description": draw.label,
        "endtoend_id": draw.end_to_end,
    }
    return told | ({"BIC": draw.bic} if draw.bic else {})


def _settled(raw: bytes, message: str, now: datetime) -> str:
    """The library draws numbers and reads the clock: the run's own stand instead, and the schema has the last word."""
    root = ET.fromstring(raw)  # noqa: S314 written just above
    for path, text in {"MsgId": message[:35], "CreDtTm": f"{now:%Y-%m-%dT%H:%M:%S}"}.items():
        node = root.find(f".//{_SPACE}{path}")
        if node is not None:
            node.text = text
    for number, node in enumerate(root.iter(f"{_SPACE}PmtInfId"), start=1):
        node.text = f"{message[:32]}-{number}"
    told = b'<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, "utf-8")
    try:
        try_valid_xml(told, SCHEMA)
    except ValidationError as wrong:
        problem = _("le schéma des banques refuse ce fichier")
        raise SepaRefused(problem, _("vérifiez les mandats, l’IBAN et l’identifiant créancier")) from wrong
    return told.decode()
