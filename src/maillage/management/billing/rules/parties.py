"""Who sells and who buys, as somebody typed it: read, or refused field by field."""

import re
from collections.abc import Mapping
from datetime import date

from stdnum import bic, iban
from stdnum.eu import vat as vat_number
from stdnum.exceptions import ValidationError
from stdnum.fr import siret
from stdnum.iso7064 import mod_97_10

from maillage.management.billing.rules.amounts import BadNumber, read_amount
from maillage.management.billing.rules.vat import LIABLE, REGIMES
from maillage.management.people.rules.entries import LONGEST_EMAIL, Read, read_day
from maillage.places.rules.fields import BadValue, read_field
from maillage.places.rules.sentences import sentence as _
from maillage.places.rules.text import one_line

SELLER = (
    *("since", "regime", "legal_name", "legal_form", "siret", "vat_number", "rna", "street", "postal_code", "city"),
    *("email", "iban", "bic", "creditor", "payment_days", "cash_ceiling"),
)
SELLER_CHECKS = ("vat_on_debits", "is_general_interest")
CUSTOMER = (
    *("name", "street", "postal_code", "city", "country", "email", "siret", "vat_number"),
    *("service_code", "engagement"),
)
CUSTOMER_CHECKS = ("is_public",)
LONGEST = {
    "legal_name": 200,
    "legal_form": 80,
    "street": 200,
    "postal_code": 10,
    "city": 100,
    "name": 200,
    "service_code": 100,
    "engagement": 50,
}
MOST_DAYS = 60
"""Beyond, the law lets no two businesses go."""
_RNA = re.compile(r"W[0-9][0-9A-Z][0-9]{7}")
_CREDITOR = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{3}[A-Z0-9]{1,28}")


def read_seller(raw: Mapping[str, str], *, today: date) -> Read:
    """Who invoices from a day on, its VAT regime and its accounts."""
    read = Read()
    for name in ("legal_name", "legal_form", "street", "postal_code", "city"):
        _line(read, name, raw)
    _needed(read, "legal_name", _("il manque le nom légal"), _("écrivez-le comme dans les statuts"))
    _needed(read, "street", _("il manque l’adresse"), _("écrivez le numéro et la voie"))
    _needed(read, "city", _("il manque la commune"), _("écrivez son nom"))
    if "postal_code" not in read.wrongs and not _is_french_code(read.values["postal_code"]):
        read.wrong("postal_code", _("ce code postal est illisible"), _("écrivez ses cinq chiffres"))
    regime = raw.get("regime", "")
    if regime not in REGIMES:
        read.wrong("regime", _("il manque ce qui est fait de la TVA"), _("choisissez une des quatre réponses"))
    given = raw.get("since", "")
    since = read_day(given) if given else today
    if since is None:
        read.wrong("since", _("ce jour est illisible"), _("écrivez-le comme 2026-09-01"))
    read.values |= {"regime": regime, "since": since}
    _siret(read, raw)
    _vat_number(read, raw)
    _email(read, raw)
    _accounts(read, raw)
    _days(read, raw)
    _ceiling(read, raw)
    read.values |= {name: raw.get(name) == "1" for name in SELLER_CHECKS}
    if regime == LIABLE:
        _needed(read, "siret", _("il manque le Siret"), _("qui facture la TVA en a un\u202f: écrivez ses 14 chiffres"))
        _needed(read, "vat_number", _("il manque le numéro de TVA"), _("écrivez-le, comme FR12 345678901"))
    return read


def read_customer(raw: Mapping[str, str]) -> Read:
    """Who owes and pays; a public buyer has a Siret."""
    read = Read()
    for name in ("name", "street", "postal_code", "city", "service_code", "engagement"):
        _line(read, name, raw)
    _needed(read, "name", _("il manque un nom"), _("écrivez celui qui figurera sur les factures"))
    country = one_line(raw.get("country", "")[:40]).upper() or "FR"
    if not re.fullmatch(r"[A-Z]{2}", country):
        read.wrong("country", _("ce pays est illisible"), _("écrivez ses deux lettres, comme FR ou BE"))
    code = read.values.get("postal_code", "")
    if country == "FR" and code and not _is_french_code(code):
        read.wrong("postal_code", _("ce code postal est illisible"), _("écrivez ses cinq chiffres"))
    read.values["country"] = country
    _siret(read, raw)
    _vat_number(read, raw)
    _email(read, raw)
    read.values |= {name: raw.get(name) == "1" for name in CUSTOMER_CHECKS}
    if read.values["is_public"]:
        _needed(read, "siret", _("un acheteur public a un Siret"), _("écrivez ses 14 chiffres"))
    return read


def read_siret(text: str) -> str:
    """A Siret, its key checked; ValueError otherwise.

    >>> read_siret("732 829 320 00074")
    '73282932000074'
    """
    bare = _without_blanks(text)
    if not re.fullmatch(r"[0-9]{14}", bare):
        raise ValueError(text[:20])
    return str(siret.validate(bare))


def _siret(read: Read, raw: Mapping[str, str]) -> None:
    given = one_line(raw.get("siret", "")[:60])
    read.values["siret"] = ""
    try:
        read.values["siret"] = read_siret(given) if given else ""
    except (ValidationError, ValueError):
        digits = re.fullmatch(r"[0-9]{14}", _without_blanks(given))
        problem = _("la clé du Siret est fausse") if digits else _("un Siret compte 14 chiffres")
        read.wrong("siret", problem, _("vérifiez les 14 chiffres du Siret"))


def _vat_number(read: Read, raw: Mapping[str, str]) -> None:
    given = _without_blanks(one_line(raw.get("vat_number", "")[:60])).upper()
    read.values["vat_number"] = given
    if given and not (given.isascii() and vat_number.is_valid(given)):
        read.wrong("vat_number", _("ce numéro de TVA est faux"), _("recopiez-le, avec les deux lettres du pays"))


def _accounts(read: Read, raw: Mapping[str, str]) -> None:
    bank = _without_blanks(one_line(raw.get("iban", "")[:80])).upper()
    branch = _without_blanks(one_line(raw.get("bic", "")[:40])).upper()
    creditor = _without_blanks(one_line(raw.get("creditor", "")[:80])).upper()
    rna = _without_blanks(one_line(raw.get("rna", "")[:40])).upper()
    read.values |= {"iban": bank, "bic": branch, "creditor": creditor, "rna": rna}
    if bank and not (bank.isascii() and iban.is_valid(bank)):
        read.wrong("iban", _("la clé de cet IBAN est fausse"), _("recopiez-le du relevé de la banque"))
    if branch and not (branch.isascii() and bic.is_valid(branch)):
        read.wrong("bic", _("ce BIC est illisible"), _("recopiez ses 8 ou 11 signes"))
    if creditor and not is_creditor(creditor):
        read.wrong("creditor", _("la clé de cet identifiant est fausse"), _("recopiez-le de la lettre de la banque"))
    if rna and not _RNA.fullmatch(rna):
        read.wrong("rna", _("ce numéro RNA est illisible"), _("écrivez W et neuf chiffres"))


def is_creditor(text: str) -> bool:
    """Whether a SEPA creditor identifier has its right key; the three signs of the business count for nothing.

    >>> is_creditor("FR72ZZZ123456"), is_creditor("FR73ZZZ123456")
    (True, False)
    """
    return bool(_CREDITOR.fullmatch(text)) and bool(mod_97_10.is_valid(text[7:] + text[:4]))


def _days(read: Read, raw: Mapping[str, str]) -> None:
    given = one_line(raw.get("payment_days", "")[:20]) or "30"
    days = int(given) if given.isascii() and given.isdigit() and len(given) < 4 else -1
    read.values["payment_days"] = days
    if not 0 <= days <= MOST_DAYS:
        read.wrong(
            "payment_days", _("ce délai n’est pas possible"), _("écrivez un nombre de jours, de 0 à %(n)d", n=MOST_DAYS)
        )


def _ceiling(read: Read, raw: Mapping[str, str]) -> None:
    given = one_line(raw.get("cash_ceiling", "")[:40])
    read.values["cash_ceiling_cents"] = None
    try:
        read.values["cash_ceiling_cents"] = read_amount(given) if given else None
    except BadNumber as bad:
        read.wrong("cash_ceiling", bad.problem, bad.mend)


def _email(read: Read, raw: Mapping[str, str]) -> None:
    given = one_line(raw.get("email", "")[: 2 * LONGEST_EMAIL])
    read.values["email"] = ""
    try:
        email = read_field("email", given) if given else ""
    except BadValue as bad:
        read.wrong("email", bad.problem, bad.mend)
        return
    if not email.isascii() or len(email) > LONGEST_EMAIL:
        read.wrong("email", _("adresse électronique illisible"), _("écrivez nom@domaine.fr"))
    read.values["email"] = email.lower()


def _line(read: Read, name: str, raw: Mapping[str, str]) -> None:
    given, most = raw.get(name, ""), LONGEST[name]
    line = one_line(given[: 4 * most])
    read.values[name] = line
    if len(line) > most or len(given) > 4 * most:
        read.wrong(name, _("dépasse %(n)d caractères", n=most), _("raccourcissez"))


def _needed(read: Read, name: str, problem: str, mend: str) -> None:
    if name not in read.wrongs and not read.values.get(name):
        read.wrong(name, problem, mend)


def _is_french_code(text: str) -> bool:
    return re.fullmatch(r"[0-9]{5}", text) is not None


def _without_blanks(text: str) -> str:
    return re.sub(r"[\s.\u202f\u00a0-]", "", text)
