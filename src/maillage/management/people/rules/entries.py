"""What somebody entered about a person, an organisation or a membership, read or refused, field by field."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from maillage.management.people.rules.memberships import FEES, KINDS
from maillage.management.people.rules.names import folded
from maillage.management.people.rules.phones import read_phone
from maillage.places.rules.fields import BadValue, read_field
from maillage.places.rules.phones import BadNumber
from maillage.places.rules.sentences import sentence as _
from maillage.places.rules.text import one_line

LONGEST_NAME, LONGEST_NOTE, LONGEST_EMAIL, LONGEST_ADDRESS = 120, 500, 254, 300
LONGEST_BODY = 200
FIRST_YEAR, LAST_YEAR = 1900, 2100


@dataclass(frozen=True, slots=True)
class Wrong:
    """What is wrong with one field, and how to mend it."""

    problem: str
    mend: str


@dataclass(slots=True)
class Read:
    """What was read, by the names of columns; what could not be, by the names of fields."""

    values: dict[str, Any] = field(default_factory=dict)
    wrongs: dict[str, Wrong] = field(default_factory=dict)

    def wrong(self, name: str, problem: str, mend: str) -> None:
        self.wrongs[name] = Wrong(problem, mend)


def read_person(raw: Mapping[str, str], *, departement: str = "") -> Read:
    """Name, e-mail, telephone and note of a person.

    >>> read_person({"name": " Thomas\\x00 Petit "}).values["name"]
    'Thomas Petit'
    """
    read = Read()
    _name(read, raw, LONGEST_NAME)
    _email(read, raw)
    _phone(read, raw, departement, dialled=True)
    _text(read, "note", raw, LONGEST_NOTE)
    return read


def read_organisation(raw: Mapping[str, str], *, departement: str = "") -> Read:
    """Name, Siret, e-mail, telephone and address of an organisation."""
    read = Read()
    _name(read, raw, LONGEST_BODY)
    _email(read, raw)
    _phone(read, raw, departement, dialled=False)
    _text(read, "address", raw, LONGEST_ADDRESS)
    siret = one_line(raw.get("siret", "")[:100])
    try:
        read.values["siret"] = read_field("siret", siret) if siret else ""
    except BadValue as bad:
        read.wrong("siret", bad.problem, bad.mend)
    return read


def read_membership(raw: Mapping[str, str]) -> Read:
    """Kind, fee class and days of a membership; no last day means until further notice."""
    read = Read()
    kind, fee = raw.get("kind", ""), raw.get("fee_class", "")
    if kind not in KINDS:
        read.wrong("kind", _("ce lien n’existe pas"), _("choisissez-en un de la liste"))
    if fee and fee not in FEES:
        read.wrong("fee_class", _("ce tarif n’existe pas"), _("choisissez-en un de la liste"))
    read.values |= {"kind": kind, "fee_class": fee}
    starts = _day(read, "starts_on", raw)
    if starts is None and "starts_on" not in read.wrongs:
        read.wrong("starts_on", _("il manque le premier jour"), _("écrivez-le comme 2026-09-01"))
    ends = _day(read, "ends_on", raw)
    if starts and ends and ends < starts:
        read.wrong("ends_on", _("ce jour est avant le premier"), _("écrivez un jour qui vient après, ou rien"))
    return read


def read_day(text: str) -> date | None:
    """A day written as 2026-09-01, or None for anything else.

    >>> read_day("2026-09-01"), read_day("2026-02-30"), read_day("hier")
    (datetime.date(2026, 9, 1), None, None)
    """
    bare = one_line(text[:40])
    try:
        day = date.fromisoformat(bare) if len(bare) == 10 else None
    except ValueError:
        return None
    return day if day and FIRST_YEAR <= day.year <= LAST_YEAR else None


def _day(read: Read, name: str, raw: Mapping[str, str]) -> date | None:
    given = one_line(raw.get(name, "")[:40])
    day = read_day(given)
    if given and day is None:
        read.wrong(name, _("ce jour est illisible"), _("écrivez-le comme 2026-09-01"))
    read.values[name] = day
    return day


def _name(read: Read, raw: Mapping[str, str], most: int) -> None:
    _text(read, "name", raw, most)
    if "name" not in read.wrongs and not read.values["name"]:
        read.wrong("name", _("il manque un nom"), _("écrivez un prénom, un nom, ou les deux"))
    read.values["folded"] = folded(read.values.get("name", ""))


def _text(read: Read, name: str, raw: Mapping[str, str], most: int) -> None:
    given = raw.get(name, "")
    line = one_line(given[: 4 * most])
    if len(line) > most or len(given) > 4 * most:
        read.wrong(name, _("dépasse %(n)d caractères", n=most), _("raccourcissez"))
    else:
        read.values[name] = line


def _email(read: Read, raw: Mapping[str, str]) -> None:
    given = one_line(raw.get("email", "")[: 2 * LONGEST_EMAIL])
    try:
        email = read_field("email", given) if given else ""
    except BadValue as bad:
        read.wrong("email", bad.problem, bad.mend)
        return
    if not email.isascii() or len(email) > LONGEST_EMAIL:
        read.wrong("email", _("adresse électronique illisible"), _("écrivez nom@domaine.fr"))
    read.values["email"] = email.lower()


def _phone(read: Read, raw: Mapping[str, str], departement: str, *, dialled: bool) -> None:
    try:
        phone = read_phone(raw.get("phone", ""), departement)
    except BadNumber as bad:
        read.wrong("phone", bad.problem, bad.mend)
        return
    read.values |= {"phone": phone.shown, "phone_dialled": phone.dialled} if dialled else {"phone": phone.shown}
