"""What a definition may ask of a place or of a row of a file: a small closed vocabulary, refused in clear words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from maillage.places.rules.vocabulary import ACTIVITIES, LABELS, SERVICES, STATUSES


class DefinitionError(ValueError):
    """A definition cannot be counted: the message says where, why, and what may stand there."""


YEARS = (1900, 2100)
"""The years that a definition may name."""


@dataclass(frozen=True, slots=True)
class Field:
    """What may be asked of one property of a place: these operators, these values (empty: any text)."""

    operators: tuple[str, ...]
    values: tuple[Any, ...] = ()
    several: bool = False


_CHOSEN = ("in", "not_in", "known")
FIELDS: Mapping[str, Field] = {
    "status": Field(("in", "not_in"), STATUSES),
    "third_place": Field(("in",), (True, False)),
    "duplicate": Field(("in",), (True, False)),
    "commune": Field(("known",)),
    "inhabitants": Field(("known",)),
    "density": Field(_CHOSEN, tuple(range(1, 8))),
    "region": Field(_CHOSEN),
    "metropole": Field(_CHOSEN, (True, False)),
    "opened": Field(_CHOSEN, tuple(range(YEARS[0], YEARS[1] + 1))),
    "closed": Field(_CHOSEN, tuple(range(YEARS[0], YEARS[1] + 1))),
    "confirmed": Field(("known", "within_months")),
    "activities": Field(("in", "not_in"), ACTIVITIES, several=True),
    "services": Field(("in", "not_in"), SERVICES, several=True),
    "labels": Field(("in", "not_in"), LABELS, several=True),
    "sources": Field(("in", "not_in"), several=True),
}
"""The properties of a place that a definition may speak of."""
COLUMN = Field(_CHOSEN)
"""A column of a file: its cells are text, and a blank one is not known."""
DIMENSIONS = ("status", "source", "density", "region", "metropole", "opened", "closed")
"""What a count may be told apart by."""
OF_TERRITORY = ("density", "region", "metropole")
"""The dimensions that communes have too, so that their inhabitants may be counted."""


@dataclass(frozen=True, slots=True)
class Test:
    """One condition: `field` `operator` `value`; a list of values for `in` and `not_in`."""

    __test__ = False  # not one of pytest's

    field: str
    operator: str
    value: tuple[Any, ...] | bool | int

    @property
    def key(self) -> str:
        """Where a cell keeps what this condition looks at: a property that has several values is asked at once.

        >>> Test("density", "in", (5, 6)).key, Test("labels", "not_in", ("france-services",)).key
        ('density', 'labels=france-services')
        """
        if isinstance(self.value, tuple) and self.field in FIELDS and FIELDS[self.field].several:
            return f"{self.field}={'|'.join(self.value)}"
        return self.field


Filter = tuple[Test, ...]


def parse_filter(given: Any, where: str, *, columns: bool) -> Filter:
    """Read `{ field = { operator = value } }`; every condition must hold.

    >>> parse_filter({"status": {"not_in": ["closed"]}}, "count.where", columns=False)
    (Test(field='status', operator='not_in', value=('closed',)),)
    """
    if not isinstance(given, dict):
        raise DefinitionError(f"{where} : il faut une table, par exemple {{ status = {{ in = ['open'] }} }}.")
    return tuple(
        _test(name, operator, value, f"{where}.{name}", columns=columns)
        for name, asked in given.items()
        for operator, value in _asked(asked, f"{where}.{name}").items()
    )


def _asked(given: Any, where: str) -> dict[str, Any]:
    if not isinstance(given, dict) or not given:
        raise DefinitionError(f"{where} : il faut une condition, par exemple {{ known = true }}.")
    return given


def _test(name: str, operator: str, value: Any, where: str, *, columns: bool) -> Test:
    if not columns and name not in FIELDS:
        raise DefinitionError(f"{where} : propriété inconnue. Propriétés d’un lieu : {', '.join(FIELDS)}.")
    field = COLUMN if columns else FIELDS[name]
    if operator not in field.operators:
        raise DefinitionError(f"{where} : « {operator} » ne va pas ici. Conditions : {', '.join(field.operators)}.")
    if operator == "known":
        if not isinstance(value, bool):
            raise DefinitionError(f"{where}.known : il faut true ou false ; reçu : {value!r}.")
        return Test(name, operator, value)
    if operator == "within_months":
        if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 1200:
            raise DefinitionError(f"{where}.within_months : il faut un nombre de mois, de 1 à 1200 ; reçu : {value!r}.")
        return Test(name, operator, value)
    return Test(name, operator, _values(value, field, f"{where}.{operator}"))


def _values(given: Any, field: Field, where: str) -> tuple[Any, ...]:
    if not isinstance(given, list) or not given:
        raise DefinitionError(f"{where} : il faut une liste d’au moins une valeur ; reçu : {given!r}.")
    for value in given:
        if field.values and not any(
            value is known or (value == known and type(value) is type(known)) for known in field.values
        ):
            raise DefinitionError(f"{where} : valeur inconnue : {value!r}. Valeurs : {_told(field.values)}.")
        if not field.values and not isinstance(value, str):
            raise DefinitionError(f"{where} : il faut du texte entre guillemets ; reçu : {value!r}.")
    return tuple(given)


def _told(values: tuple[Any, ...]) -> str:
    if len(values) > 20:
        return f"de {values[0]} à {values[-1]}"
    return ", ".join("true" if v is True else "false" if v is False else str(v) for v in values)


Cell = Mapping[str, Any]
"""What is known of a place, or of a row, by `Test.key`; None is unknown."""


def holds(conditions: Filter, cell: Cell, *, today: date) -> bool:
    """Tell whether a cell answers every condition.

    What is not known is in no list and out of none; the blank cell of a file is a text, out of every list.

    >>> rural = (Test("density", "in", (5, 6, 7)),)
    >>> [holds(rural, {"density": level}, today=date(2026, 1, 1)) for level in (6, 1, None)]
    [True, False, False]
    """
    return all(_holds(test, cell[test.key], today) for test in conditions)


def _holds(test: Test, value: Any, today: date) -> bool:
    if test.key != test.field:  # asked of the database at once: does it have one of these values?
        return bool(value) == (test.operator == "in")
    if test.operator == "known":
        return (value is not None and value != "") == test.value
    if value is None:
        return False
    if test.operator == "within_months":
        assert isinstance(test.value, int)
        return months_before(today, test.value) <= value <= today
    assert isinstance(test.value, tuple)
    return (value in test.value) == (test.operator == "in")


def months_before(day: date, months: int) -> date:
    """The same day some months before; the last of the month where it has no such day.

    >>> months_before(date(2026, 3, 31), 1), months_before(date(2026, 1, 15), 12)
    (datetime.date(2026, 2, 28), datetime.date(2025, 1, 15))
    """
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, last)
        except ValueError:
            continue
    raise ValueError(f"no day {day} minus {months} months")
