"""At the door: whether a half-day may be spent here and now, and which day a tablet without network really meant."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from maillage.management.people.rules.entries import Wrong
from maillage.places.rules.sentences import sentence as _

AM, PM = "am", "pm"
NOON = time(13, 30)
"""Where a morning ends, as the carnets of the field count (13 h 30)."""
CLOCK_TOLERANCE = timedelta(minutes=5)
OFFLINE_LASTS = timedelta(days=7)
"""How long a tablet may keep what it counted: later, somebody looks at it."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known when a code is shown; None where nobody knows."""

    state: str = "accepted"
    is_closed_scheme: bool = False
    is_own_issue: bool = False
    has_come_today: bool = False
    is_open: bool | None = None
    capacity: int | None = None
    present: int = 0


REASONS: dict[str, Wrong] = {
    "unknown": Wrong(_("ce code n’est pas celui d’un passe"), _("relisez-le signe par signe, ou scannez la carte")),
    "carnet": Wrong(
        _("ce code est celui d’un carnet"),
        _("comptez-le à «\u202fItinérance\u202f», s’il vient d’un autre lieu, ou à «\u202fCarnets\u202f»"),
    ),
    "stranger": Wrong(
        _("ce passe est d’un dispositif où ce lieu n’est pas agréé"), _("demandez l’agrément à qui le finance")
    ),
    "changed": Wrong(_("ce code QR ne dit pas la même chose que le registre"), _("tapez le code écrit dessous")),
    "revoked": Wrong(
        _("ce passe a été annulé, comme perdu ou remplacé"), _("demandez la nouvelle carte, ou appelez le relais")
    ),
    "own": Wrong(
        _("ce passe a été remis par ce lieu même"), _("qui remet un passe n’est jamais celui qui en est payé")
    ),
    "person": Wrong(
        _("cette personne a déjà passé cette demi-journée sur un autre passe"), _("il n’y a rien de plus à noter")
    ),
    "closed": Wrong(
        _("le lieu est fermé à cette heure, d’après sa fiche"), _("corrigez ses horaires, si elle se trompe")
    ),
    "full": Wrong(
        _("tous les postes du lieu ont déjà leur passe pour cette demi-journée"), _("corrigez la capacité de sa fiche")
    ),
    "old": Wrong(_("ce passage est trop ancien pour être compté d’office"), _("voyez-le avec qui finance")),
    "future": Wrong(
        _("l’heure de la tablette est fausse"), _("mettez-la à l’heure, et voyez ce passage avec qui finance")
    ),
}


def refusal(facts: Facts) -> str:
    """Why a place may not take a half-day from a pass, as a word of `REASONS`; the pass itself is not looked at.

    >>> refusal(Facts()), refusal(Facts(is_own_issue=True)), refusal(Facts(capacity=4, present=4))
    ('', 'own', 'full')
    """
    if facts.state != "accepted":
        return "stranger"
    if facts.is_own_issue:
        return "own"
    if facts.has_come_today:
        return "person"
    if facts.is_open is False:
        return "closed"
    if facts.capacity is not None and facts.present >= facts.capacity:
        return "full"
    return ""


def half_of(moment: datetime, zone: ZoneInfo) -> tuple[date, str]:
    """The day and the half-day of a moment, by the clocks of a place.

    >>> from datetime import UTC
    >>> half_of(datetime(2026, 11, 23, 12, 29, tzinfo=UTC), ZoneInfo("Europe/Paris"))
    (datetime.date(2026, 11, 23), 'am')
    """
    here = moment.astimezone(zone)
    return here.date(), AM if here.time() < NOON else PM


@dataclass(frozen=True, slots=True)
class Placed:
    """When something counted offline really took place; `drift` is by how much the tablet's clock was wrong."""

    at: datetime
    drift: timedelta
    reason: str = ""

    @property
    def is_corrected(self) -> bool:
        return abs(self.drift) > CLOCK_TOLERANCE


def placed(*, counted_at: datetime, tablet_now: datetime, now: datetime) -> Placed:
    """Put a moment of a tablet on the server's clock: what matters is how long ago it was, not what the tablet showed.

    >>> from datetime import UTC
    >>> noon = datetime(2026, 11, 23, 12, tzinfo=UTC)
    >>> slow = noon - timedelta(hours=2)
    >>> placed(counted_at=slow - timedelta(minutes=10), tablet_now=slow, now=noon).at == noon - timedelta(minutes=10)
    True
    """
    drift = now - tablet_now
    ago = tablet_now - counted_at
    if ago < -CLOCK_TOLERANCE:
        return Placed(now, drift, "future")
    at = now - max(ago, timedelta(0)) if abs(drift) > CLOCK_TOLERANCE else counted_at
    return Placed(at, drift, "old" if ago > OFFLINE_LASTS else "")
