"""What a place may ask, what it may show for how long, and how long it waits for an answer."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction

from maillage.places.rules.sentences import sentence as _
from maillage.places.rules.text import bare, one_line

THEMES = ("money", "rights", "volunteers", "premises", "equipment", "public", "other")
USAGE, ACCOUNTS, PROGRAMME, MEMBERS = SHARES = ("usage", "accounts", "programme", "members")
"""What a place may show beyond its public sheet: how much it serves, its books, its programme, how many are members."""
OPEN, ANSWERED, RESOLVED, WITHDRAWN = STATES = ("open", "answered", "resolved", "withdrawn")
OUTCOMES = (RESOLVED, WITHDRAWN)
LONGEST_WORDS = 4_000
USUAL_DAYS, MOST_DAYS = 30, 180
LEAST_MEASURED = 5
"""A median of fewer answers tells of one of them."""
MEASURED_OVER = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Wrong:
    """What is wrong with one field, and how to mend it."""

    problem: str
    mend: str


@dataclass(slots=True)
class Asked:
    """A request as it was typed; `wrongs` by field say everything that stands in the way."""

    theme: str = ""
    says: str = ""
    readers: tuple[str, ...] = ()
    shares: tuple[str, ...] = ()
    days: int = USUAL_DAYS
    wrongs: dict[str, Wrong] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Wait:
    """How long a request waited for its first answer; one that has none yet has waited so long already."""

    lasted: timedelta
    is_over: bool


@dataclass(frozen=True, slots=True)
class Median:
    """The middle wait of `count`; None where it is not told. `is_more`: that one still waits, it will be longer."""

    count: int
    lasted: timedelta | None = None
    is_more: bool = False


def read_request(raw: Mapping[str, str], *, readers: Iterable[str], shares: Iterable[str]) -> Asked:
    """A request for help: a theme, words, at least one who reads, figures to show and for how long.

    >>> asked = read_request({"theme": "money", "says": " Deux mois d’avance. "}, readers=["reseau:1"], shares=[])
    >>> asked.says, asked.days, asked.wrongs
    ('Deux mois d’avance.', 30, {})
    """
    asked = Asked(theme=raw.get("theme", ""), readers=tuple(dict.fromkeys(readers)))
    asked.says = read_words(raw.get("says", ""), asked.wrongs, "says")
    if asked.theme not in THEMES:
        asked.wrongs["theme"] = Wrong(_("il manque le sujet"), _("choisissez celui qui s’en approche le plus"))
    if not asked.readers:
        asked.wrongs["readers"] = Wrong(_("personne ne lirait cette demande"), _("cochez au moins un destinataire"))
    asked.shares = tuple(one for one in SHARES if one in set(shares))
    if asked.shares:
        asked.days = read_days(raw.get("days", ""), asked.wrongs)
    return asked


def read_grant(raw: Mapping[str, str], *, shares: Iterable[str]) -> Asked:
    """An access without a request: to whom, which figures, for how long."""
    asked = Asked(readers=tuple(one for one in (raw.get("reader", ""),) if one))
    if not asked.readers:
        asked.wrongs["reader"] = Wrong(_("il manque à qui montrer ces chiffres"), _("choisissez dans la liste"))
    asked.shares = tuple(one for one in SHARES if one in set(shares))
    if not asked.shares:
        asked.wrongs["shares"] = Wrong(_("rien n’est coché"), _("cochez ce que vous montrez"))
    asked.days = read_days(raw.get("days", ""), asked.wrongs)
    return asked


def read_words(text: str, wrongs: dict[str, Wrong], name: str) -> str:
    """What somebody wrote, line by line, without what nobody would see."""
    lines = (one_line(line) for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"))
    told = "\n".join(lines).strip()
    if not bare(told):
        wrongs[name] = Wrong(_("il manque quelques mots"), _("dites en deux ou trois phrases ce qui se passe"))
    elif len(told) > LONGEST_WORDS:
        wrongs[name] = Wrong(
            _("ce texte est trop long"), _("gardez l’essentiel, en %(n)d signes au plus", n=LONGEST_WORDS)
        )
    return told


def read_days(text: str, wrongs: dict[str, Wrong]) -> int:
    """For how many days figures are shown; a month where nothing is said."""
    given = text.strip()
    days = int(given) if given.isascii() and given.isdigit() and len(given) < 5 else 0
    if not given:
        return USUAL_DAYS
    if not 1 <= days <= MOST_DAYS:
        wrongs["days"] = Wrong(
            _("cette durée ne convient pas"), _("choisissez de 1 à %(n)d jours\u202f; on peut redonner", n=MOST_DAYS)
        )
        return USUAL_DAYS
    return days


def median_wait(waits: Iterable[Wait]) -> Median:
    """The middle wait as Kaplan and Meier estimate it, those that last counted for as long as they have lasted.

    Nothing of fewer than five. Where half are not answered yet, the longest wait so far, and more.

    >>> day = timedelta(days=1)
    >>> median_wait([Wait(n * day, True) for n in (1, 2, 3, 4)])
    Median(count=4, lasted=None, is_more=False)
    >>> median_wait([Wait(n * day, True) for n in (1, 2, 3, 4, 5)])
    Median(count=5, lasted=datetime.timedelta(days=3), is_more=False)
    >>> median_wait([Wait(1 * day, True), Wait(2 * day, True), *[Wait(9 * day, False)] * 3])
    Median(count=5, lasted=datetime.timedelta(days=9), is_more=True)
    """
    told = sorted(waits, key=lambda one: (one.lasted, not one.is_over))
    if len(told) < LEAST_MEASURED:
        return Median(len(told))
    waiting_still = Fraction(1)
    for rank, one in enumerate(told):
        if one.is_over:
            waiting_still *= 1 - Fraction(1, len(told) - rank)
        if waiting_still < Fraction(1, 2):
            return Median(len(told), one.lasted)
    return Median(len(told), told[-1].lasted, is_more=True)


def months_before(today: date, count: int) -> list[date]:
    """The first days of the last `count` whole months, the oldest first.

    >>> months_before(date(2026, 2, 10), 3)
    [datetime.date(2025, 11, 1), datetime.date(2025, 12, 1), datetime.date(2026, 1, 1)]
    """
    last = today.year * 12 + today.month - 1
    return [date(month // 12, month % 12 + 1, 1) for month in range(last - count, last)]
