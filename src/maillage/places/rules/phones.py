"""Telephone numbers as people read them (« 03 84 12 34 56 ») and as a telephone dials them (« +33384123456 »)."""

import re

from maillage.places.rules.sentences import sentence as _

_SHAPE = re.compile(r"[+0-9(][0-9 .()/-]{3,38}")
_SHORT = re.compile(r"1[0-9]{1,2}|[13][0-9]{3}|118[0-9]{3}|116[0-9]{3}")
_FRENCH = re.compile(r"0[1-9][0-9]{8}")
_ABROAD = re.compile(r"[1-9][0-9]{6,14}")
_ONE = re.compile(
    r"(?<![0-9])(?:(?:\+|00)(?:33|262|590|594|596)[ .-]*(?:\(?0\)?)?|\(?0)[ .-]*[1-9]\)?(?:[ ./()-]*[0-9]){8}(?![0-9])"
)
_OVERSEAS = {
    **dict.fromkeys(("0262", "0692", "0693", "0263", "0269", "0639"), "262"),
    **dict.fromkeys(("0590", "0690", "0691"), "590"),
    **dict.fromkeys(("0594", "0694"), "594"),
    **dict.fromkeys(("0596", "0696", "0697"), "596"),
    "0508": "508",
}
"""Beginnings of the numbers that are not called with +33: La Réunion and Mayotte, the Antilles, Guyane, and so on."""
_NATIONAL_ONLY = ("0709", "0947", "0976")
"""Beginnings shared among several territories: dialled as they are, no country code being sure."""
_HYPHENS = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013"), "-")
_BY_TWO = ("508", "681", "687", "689")


class BadNumber(ValueError):
    """A number nobody can call: what is wrong, and the mend."""

    def __init__(self, problem: str, mend: str) -> None:
        super().__init__(problem)
        self.problem, self.mend = problem, mend


def read_number(text: str) -> str:
    """The one number of a text, written to be read; `BadNumber` says what it lacks, or that there are two.

    >>> read_number("+33 (0)3 53 01 39 93"), read_number("0033353013993"), read_number("00687258300")
    ('03 53 01 39 93', '03 53 01 39 93', '+687 25 83 00')
    """
    text = text.translate(_HYPHENS)
    if len(_ONE.findall(text)) > 1:
        raise BadNumber(
            _("ce champ ne tient qu’un numéro, celui que l’on appelle d’un geste"),
            _("gardez ici celui où l’on répond le mieux, et dites l’autre dans la présentation"),
        )
    if not _SHAPE.fullmatch(text):
        raise BadNumber(_("numéro illisible"), _("écrivez 03 84 00 00 00 ou +33 3 84 00 00 00"))
    digits = re.sub(r"[^0-9]", "", text)
    if national := _national(text):
        return _by_two(national)
    if text.startswith("+") or digits.startswith("00"):
        return _from_abroad(digits.removeprefix("00") if not text.startswith("+") else digits, text)
    if _SHORT.fullmatch(digits):
        return text
    mend = _("écrivez les dix, ou +687… pour un numéro d’outre-mer")
    if len(digits) < 10:
        raise BadNumber(_("il manque des chiffres à ce numéro"), mend)
    if len(digits) > 10:
        raise BadNumber(_("il y a trop de chiffres dans ce numéro"), mend)
    raise BadNumber(_("numéro illisible"), _("écrivez 03 84 00 00 00 ou +33 3 84 00 00 00"))


def in_words(number: str) -> str:
    """A number grouped by two where it is one French number; any other text as it is.

    >>> in_words("0384123456"), in_words("+33 384123456"), in_words("3949"), in_words("03 84 12 34 56 (bureau)")
    ('03 84 12 34 56', '03 84 12 34 56', '3949', '03 84 12 34 56 (bureau)')
    """
    national = _national(number)
    return _by_two(national) if national else number


def dialled(number: str) -> str:
    """What a telephone dials for a kept text: the first of its numbers; empty where none can be called.

    >>> dialled("03 53 01 39 93 / 06 12 34 56 78"), dialled("0262 12 34 56"), dialled("3949"), dialled("35301")
    ('+33353013993', '+262262123456', '3949', '')
    """
    found = _ONE.search(number)
    if national := _national(found[0] if found else number):
        return _called(national)
    digits = re.sub(r"[^0-9]", "", number)
    if number.startswith("+") or digits.startswith("00"):
        whole = digits if number.startswith("+") else digits.removeprefix("00")
        return f"+{whole}" if _ABROAD.fullmatch(whole) else ""
    return digits if _SHORT.fullmatch(digits) else ""


def _national(text: str) -> str:
    """The ten digits of one French number, however it is written; empty for anything else."""
    digits = re.sub(r"[ .()/-]", "", text)
    found = re.fullmatch(r"(?:\+|00)?(33|262|590|594|596)0?([1-9][0-9]{8})", digits)
    if found and (found[1] == "33" or _OVERSEAS.get(f"0{found[2][:3]}") == found[1]):
        digits = f"0{found[2]}"
    return digits if _FRENCH.fullmatch(digits) else ""


def _called(national: str) -> str:
    if national.startswith(_NATIONAL_ONLY):
        return national
    country = _OVERSEAS.get(national[:4], "33")
    return f"+{country}{national[4:] if country == '508' else national[1:]}"


def _from_abroad(digits: str, text: str) -> str:
    if digits.startswith("33"):
        short = len(digits.removeprefix("33").removeprefix("0")) < 9
        problem = _("il manque des chiffres à ce numéro") if short else _("il y a trop de chiffres dans ce numéro")
        raise BadNumber(problem, _("écrivez-en neuf après +33\u202f: +33 3 84 00 00 00"))
    if not _ABROAD.fullmatch(digits):
        raise BadNumber(_("numéro illisible"), _("écrivez 03 84 00 00 00 ou +33 3 84 00 00 00"))
    if digits[:3] in _BY_TWO and len(digits) == 9:
        return f"+{digits[:3]} {_by_two(digits[3:])}"
    if text.startswith("+"):
        return f"+{' '.join(re.sub(r'[^0-9]', ' ', text).split())}"
    return f"+{digits}"


def _by_two(digits: str) -> str:
    return " ".join(digits[start : start + 2] for start in range(0, len(digits), 2))
