"""What a funder entered about a scheme, a place of it or a referrer, read or refused, field by field."""

from collections.abc import Mapping
from datetime import date

from maillage.management.billing.rules.amounts import BadNumber, read_amount
from maillage.management.people.rules.entries import Read, read_day
from maillage.places.rules.fields import BadValue, read_field
from maillage.places.rules.sentences import sentence as _
from maillage.places.rules.text import one_line

LONGEST_NAME, LONGEST_FUNDER, LONGEST_STREET, LONGEST_CITY = 120, 200, 200, 100
LONGEST_SERVICE, LONGEST_ENGAGEMENT, LONGEST_SAID = 100, 50, 300
MOST_HALVES, MOST_PASSES, OLDEST = 400, 5_000, 120
TEXTS = {
    "name": (LONGEST_NAME, True),
    "funder": (LONGEST_FUNDER, True),
    "street": (LONGEST_STREET, False),
    "city": (LONGEST_CITY, False),
    "service_code": (LONGEST_SERVICE, False),
    "engagement": (LONGEST_ENGAGEMENT, False),
}


def read_scheme(raw: Mapping[str, str]) -> Read:
    """A scheme as its form says it, without its communes, which only the ground knows.

    >>> read_scheme({"budget": "12,345"}).wrongs["budget"].problem
    'un montant s’arrête aux centimes'
    """
    read = Read()
    for name, (most, is_needed) in TEXTS.items():
        _text(read, name, raw, most, is_needed=is_needed)
    _siret(read, raw)
    _postal(read, raw)
    for name in ("budget", "price"):
        _amount(read, name, raw)
    read.values["halves"] = _number(read, "halves", raw, MOST_HALVES)
    read.values["most_passes"] = _number(read, "most_passes", raw, MOST_PASSES)
    for name in ("least_age", "most_age"):
        given = one_line(raw.get(name, "")[:40])
        read.values[name] = _number(read, name, raw, OLDEST, least=0) if given else None
    _days(read, raw, "starts_on", "ends_on")
    read.values |= {"is_first_time": bool(raw.get("is_first_time")), "is_named": bool(raw.get("is_named"))}
    _sense(read)
    return read


def _sense(read: Read) -> None:
    """What each field allows and the whole does not."""
    told = read.values
    ages = told.get("least_age"), told.get("most_age")
    if ages[0] is not None and ages[1] is not None and ages[0] > ages[1]:
        read.wrong("most_age", _("cet âge est sous le premier"), _("écrivez un âge plus grand, ou rien"))
    budget, price, halves = told.get("budget_cents"), told.get("price_cents"), told.get("halves")
    if budget and price and halves and budget < price * halves:
        read.wrong("budget", _("ce budget ne paie pas un seul passe"), _("augmentez-le, ou baissez le prix"))


def read_rent(raw: Mapping[str, str]) -> Read:
    """What a funder rents at a place: desks, weekdays, cents a month, between two days; or nothing."""
    read = Read({"rented_desks": 0, "rented_weekdays": [], "rent_cents": 0, "rent_from": None, "rent_to": None})
    if not any(one_line(raw.get(name, "")[:40]) for name in ("desks", "rent")):
        return read
    read.values["rented_desks"] = _number(read, "desks", raw, 1_000)
    _amount(read, "rent", raw)
    days = [
        int(sign) for sign in raw.get("weekdays", "")[:20] if sign.isascii() and sign.isdigit() and 1 <= int(sign) <= 7
    ]
    if not days:
        read.wrong("weekdays", _("il manque les jours loués"), _("cochez au moins un jour de la semaine"))
    read.values["rented_weekdays"] = sorted(set(days))
    _days(read, raw, "rent_from", "rent_to")
    return read


def read_said(raw: Mapping[str, str], name: str, most: int = LONGEST_SAID) -> Read:
    """One line that cannot be empty: a name, or what became of something."""
    read = Read()
    _text(read, name, raw, most, is_needed=True)
    return read


def read_count(raw: Mapping[str, str], name: str, most: int) -> Read:
    """A whole number from one."""
    read = Read()
    read.values[name] = _number(read, name, raw, most)
    return read


def _text(read: Read, name: str, raw: Mapping[str, str], most: int, *, is_needed: bool) -> None:
    given = raw.get(name, "")
    line = one_line(given[: 4 * most])
    if len(line) > most or len(given) > 4 * most:
        read.wrong(name, _("dépasse %(n)d caractères", n=most), _("raccourcissez"))
    elif is_needed and not line:
        read.wrong(name, _("il manque une réponse"), _("écrivez-la"))
    read.values[name] = line


def _siret(read: Read, raw: Mapping[str, str]) -> None:
    given = one_line(raw.get("siret", "")[:100])
    try:
        read.values["siret"] = read_field("siret", given) if given else ""
    except BadValue as bad:
        read.wrong("siret", bad.problem, bad.mend)
        return
    if not read.values["siret"]:
        read.wrong(
            "siret", _("il manque le Siret de qui paie"), _("écrivez ses 14 chiffres\u202f: les factures le portent")
        )


def _postal(read: Read, raw: Mapping[str, str]) -> None:
    given = one_line(raw.get("postal_code", "")[:40]).replace(" ", "")
    if given and not (given.isascii() and given.isdigit() and len(given) == 5):
        read.wrong("postal_code", _("ce code postal est illisible"), _("écrivez ses 5 chiffres"))
    read.values["postal_code"] = given


def _amount(read: Read, name: str, raw: Mapping[str, str]) -> None:
    try:
        cents = read_amount(raw.get(name, ""))
    except BadNumber as bad:
        read.wrong(name, bad.problem, bad.mend)
        return
    if not cents:
        read.wrong(name, _("ce montant est nul"), _("écrivez-le en euros, comme 12,50"))
    read.values[f"{name}_cents"] = cents


def _number(read: Read, name: str, raw: Mapping[str, str], most: int, *, least: int = 1) -> int:
    given = one_line(raw.get(name, "")[:40])
    number = int(given) if given.isascii() and given.isdigit() and len(given) <= 6 else -1
    if not least <= number <= most:
        problem = _("ce nombre ne va pas") if given else _("il manque un nombre")
        read.wrong(name, problem, _("écrivez un nombre de %(least)d à %(most)d", least=least, most=most))
        return 0
    return number


def _days(read: Read, raw: Mapping[str, str], first: str, last: str) -> None:
    days: list[date | None] = []
    for name in (first, last):
        given = one_line(raw.get(name, "")[:40])
        day = read_day(given)
        if day is None:
            problem = _("ce jour est illisible") if given else _("il manque un jour")
            read.wrong(name, problem, _("écrivez-le comme 2026-09-01"))
        read.values[name] = day
        days.append(day)
    if days[0] and days[1] and days[1] < days[0]:
        read.wrong(last, _("ce jour est avant le premier"), _("écrivez un jour qui vient après"))
