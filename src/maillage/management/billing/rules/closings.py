"""Which days, months and years may be closed, and in which order."""

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from maillage.management.people.rules.entries import Wrong
from maillage.places.rules.sentences import sentence as _

PERIODS = DAY, MONTH, YEAR = "day", "month", "year"
LATE_DAYS = 31
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Period:
    """A day, a month or a year of the books."""

    kind: str
    starts_on: date
    ends_on: date


def period_of(kind: str, on: date) -> Period:
    """The period of a kind that a day is in.

    >>> period_of("month", date(2028, 2, 9)).ends_on
    datetime.date(2028, 2, 29)
    """
    if kind == DAY:
        return Period(kind, on, on)
    if kind == MONTH:
        return Period(kind, on.replace(day=1), on.replace(day=monthrange(on.year, on.month)[1]))
    return Period(kind, date(on.year, 1, 1), date(on.year, 12, 31))


def refusal(asked: Period, closed: Sequence[Period], *, first_open: date | None, today: date) -> Wrong | None:
    """Why a period cannot be closed; None when it can.

    `first_open` is the first day with a line that nothing has closed yet. Days and months may be passed over; what is
    inside a closed month or year is closed with it.
    """
    if asked.ends_on >= today:
        return Wrong(
            _("cette période n’est pas finie (elle finit le %(day)s)", day=_said(asked.ends_on)),
            _("clôturez-la à partir du %(day)s", day=_said(asked.ends_on + ONE_DAY)),
        )
    for one in closed:
        same = one.kind == asked.kind
        if same and one.starts_on == asked.starts_on:
            return Wrong(_("cette période est déjà close"), _("il n’y a rien à faire"))
        if _rank(one) >= _rank(asked) and one.ends_on >= asked.ends_on:
            return Wrong(
                _("les comptes sont déjà clos jusqu’au %(day)s", day=_said(one.ends_on)),
                _("clôturez une période d’après"),
            )
    if first_open is not None and first_open < asked.starts_on:
        return Wrong(
            _("des écritures d’avant ne sont pas closes (la première est du %(day)s)", day=_said(first_open)),
            _("clôturez d’abord leur période"),
        )
    return None


def due(first_open: date | None, closed: Sequence[Period], today: date) -> Period | None:
    """The next month to close, once it is over and has lines, or whose year is; None when nothing waits."""
    if first_open is not None:
        month = period_of(MONTH, first_open)
        return month if month.ends_on < today else None
    years = {one.starts_on.year for one in closed} - {one.starts_on.year for one in closed if one.kind == YEAR}
    over = sorted(year for year in years if year < today.year)
    return period_of(YEAR, date(over[0], 1, 1)) if over else None


def is_late(waiting: Period | None, today: date) -> bool:
    """Whether a closing was forgotten: a month after its period ended.

    >>> is_late(period_of("month", date(2026, 9, 1)), date(2026, 11, 23))
    True
    """
    return waiting is not None and (today - waiting.ends_on).days > LATE_DAYS


def _rank(period: Period) -> int:
    return PERIODS.index(period.kind)


def _said(day: date) -> str:
    return f"{day:%d/%m/%Y}"
