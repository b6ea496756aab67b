"""A person's telephone number: as people read it, and in the one way in which numbers are compared (E.164)."""

from dataclasses import dataclass

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat

from maillage.places.rules.phones import BadNumber, dialled, read_number
from maillage.places.rules.sentences import sentence as _
from maillage.places.rules.text import one_line

LONGEST = 40
FRANCE = "FR"
REGIONS = {
    "971": "GP",
    "972": "MQ",
    "973": "GF",
    "974": "RE",
    "975": "PM",
    "976": "YT",
    "977": "BL",
    "978": "MF",
    "986": "WF",
    "987": "PF",
    "988": "NC",
}
"""The numbering plan of each overseas département or collectivity; France where nothing else is known."""
_OWN_PLAN = ("PM", "WF", "PF", "NC")
"""Where numbers are not the ten figures of France."""


@dataclass(frozen=True, slots=True)
class Phone:
    """A number as it is shown (« 03 84 12 34 56 ») and as it is dialled (« +33384123456 »); both empty for none."""

    shown: str = ""
    dialled: str = ""


def read_phone(text: str, departement: str = "") -> Phone:
    """Read a person's number, local ones by the plan of the place's département; `BadNumber` says what it lacks.

    >>> read_phone("0384123456"), read_phone("0692.12.34.56")
    (Phone(shown='03 84 12 34 56', dialled='+33384123456'), Phone(shown='06 92 12 34 56', dialled='+262692123456'))
    >>> read_phone("25 83 00", "988")
    Phone(shown='+687 25 83 00', dialled='+687258300')
    """
    bare = one_line(text[: 4 * LONGEST])
    if not bare:
        return Phone()
    if len(bare) > LONGEST:
        raise BadNumber(_("il y a trop de chiffres dans ce numéro"), _("écrivez 03 84 00 00 00 ou +33 3 84 00 00 00"))
    region = REGIONS.get(departement, FRANCE)
    shown = read_number(_local(bare, region) or bare)
    called = dialled(shown)
    whole = _whole(called or shown, region)
    if not whole:
        raise BadNumber(
            _("ce n’est pas le numéro d’une personne"), _("écrivez 03 84 00 00 00, ou +687… pour un numéro d’ailleurs")
        )
    return Phone(shown, whole)


def _local(text: str, region: str) -> str:
    """A number of a plan of its own, written whole; empty for any other."""
    if region not in _OWN_PLAN or text.startswith(("+", "0")):
        return ""
    whole = _whole(text, region)
    if not whole or whole.removeprefix("+")[3:] != "".join(sign for sign in text if sign in "0123456789"):
        return ""
    return phonenumbers.format_number(phonenumbers.parse(whole), PhoneNumberFormat.INTERNATIONAL)


def _whole(text: str, region: str) -> str:
    try:
        number = phonenumbers.parse(text, region)
    except NumberParseException:
        return ""
    if not phonenumbers.is_possible_number(number) or number.extension:
        return ""
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)
