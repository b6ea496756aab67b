"""Who may use which machine, and until when; whom the names of a list mean."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from maillage.management.bookings.models import Authorisation, Space
from maillage.management.bookings.rules.authorisations import standing
from maillage.management.people.models import Person
from maillage.management.people.queries.persons import present
from maillage.management.people.rules.names import folded, sorted_words
from maillage.places.models import Place

MOST = 1_000


@dataclass(frozen=True, slots=True)
class Held:
    """The authorisation of one person that lasts the longest, and where it stands today."""

    authorisation: Authorisation
    standing: str


@dataclass(frozen=True, slots=True)
class Board:
    """One authorisation: the spaces that ask for it, and who has it, by name."""

    name: str
    spaces: tuple[str, ...]
    held: tuple[Held, ...]


@dataclass(frozen=True, slots=True)
class Named:
    """Whom the names of a list mean: one each, several for one name, nobody."""

    sure: tuple[Person, ...]
    several: tuple[Person, ...]
    unknown: tuple[str, ...]


def names_given(place: Place) -> list[str]:
    """The authorisations that spaces of a place ask for, then those that somebody has."""
    asked = Space.objects.filter(place=place, archived_at__isnull=True).exclude(authorisation="")
    given = Authorisation.objects.filter(person__place=place, withdrawn_at__isnull=True)
    names = [*asked.order_by("order", "pk").values_list("authorisation", flat=True)]
    return list(dict.fromkeys([*names, *given.order_by("name").values_list("name", flat=True).distinct()]))


def boards(place: Place, today: date, *, person: Person | None = None) -> list[Board]:
    """Every authorisation of a place with who has it, in two questions; of one person only, where one is said."""
    asked: dict[str, list[str]] = {}
    spaces = Space.objects.filter(place=place, archived_at__isnull=True).exclude(authorisation="")
    for name, space in spaces.order_by("order", "pk").values_list("authorisation", "name"):
        asked.setdefault(name, []).append(space)
    rows = Authorisation.objects.filter(
        person__place=place,
        person__erased_at__isnull=True,
        person__left_at__isnull=True,
        person__merged_into__isnull=True,
        withdrawn_at__isnull=True,
    )
    rows = rows.filter(person=person) if person else rows
    longest: dict[str, dict[int, Authorisation]] = {name: {} for name in asked}
    for row in rows.select_related("person").order_by("person__folded", "person", "pk")[:MOST]:
        best = longest.setdefault(row.name, {}).get(row.person_id)
        if best is None or (row.expires_on or date.max, row.given_on) >= (best.expires_on or date.max, best.given_on):
            longest[row.name][row.person_id] = row
    return [
        Board(
            name,
            tuple(asked.get(name, ())),
            tuple(Held(row, standing(row.given_on, row.expires_on, today)) for row in held.values()),
        )
        for name, held in longest.items()
    ]


def one_of(place: Place, authorisation_id: int) -> Authorisation | None:
    """An authorisation of somebody of this place that still stands, or None."""
    rows = Authorisation.objects.filter(person__place=place, person__erased_at__isnull=True, withdrawn_at__isnull=True)
    return rows.select_related("person").filter(pk=authorisation_id).first()


def persons(place: Place, ids: Iterable[int]) -> list[Person]:
    """Those of these who are of this place now, by name."""
    return list(present(place).filter(pk__in=list(ids)).order_by("folded", "pk"))


def named(place: Place, names: Sequence[str]) -> Named:
    """Whom these names mean here, the order of their words aside, in one question."""
    wanted = {name: sorted_words(folded(name)) for name in names}
    found: dict[str, list[Person]] = {}
    if any(wanted.values()):
        for one in present(place).order_by("folded", "pk").only("pk", "name", "folded", "phone", "email"):
            found.setdefault(sorted_words(one.folded), []).append(one)
    here = {name: found.get(words, []) if words else [] for name, words in wanted.items()}
    return Named(
        tuple(rows[0] for rows in here.values() if len(rows) == 1),
        tuple(one for rows in here.values() if len(rows) > 1 for one in rows),
        tuple(name for name, rows in here.items() if not rows),
    )
