"""Two that are one: everything of the second goes to the first, and comes back when they are parted."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, TypeVar

from django.db import IntegrityError, OperationalError, models, transaction

from maillage.accounts.rules import RUN
from maillage.management.people.actions.door import enter, note, one_of, organisation_of, refuse
from maillage.management.people.models import Apart, Organisation, Person
from maillage.management.people.queries.held import pointing_at
from maillage.places.models import Place
from maillage.places.rules.sentences import sentence as _

Twice = TypeVar("Twice", Person, Organisation)
FILLED: dict[str, tuple[tuple[str, ...], ...]] = {
    "person": (("email",), ("phone", "phone_dialled"), ("note",), ("account_id",)),
    "organisation": (("siret",), ("email",), ("phone",), ("address",)),
}
"""What the one kept takes of the other where it knows nothing, fields that go together taken together."""


def merge_persons(*, place: Place, kept_id: int, other_id: int, by: str, now: datetime) -> None:
    """Make two persons of one place one: the other's bookings, memberships, children and all else are the kept one's.

    Raises `PeopleRefused` for one and the same, a child with a grown-up, or somebody and their guardian.
    """
    with _unhurried(), transaction.atomic():
        here = enter(RUN, place, by)
        kept, other = (one_of(here, pk) for pk in (kept_id, other_id))
        if kept.is_child != other.is_child or kept.pk in (other.pk, other.guardian_id) or kept.guardian_id == other.pk:
            raise refuse(
                "other", _("ces deux personnes ne peuvent pas être la même"), _("choisissez-en une autre de ce lieu")
            )
        _merge(kept, other, "people.persons_merged", by=by, now=now)


def part_persons(*, place: Place, person_id: int, by: str, now: datetime) -> int:
    """Undo a merge: what came from this person goes back to them, as it stands now; the number of the one kept."""
    with _unhurried(), transaction.atomic():
        here = enter(RUN, place, by)
        rows = Person.objects.select_for_update(of=("self",), no_key=True)
        other = rows.get(pk=person_id, place=here, merged_into__isnull=False, erased_at__isnull=True)
        kept = one_of(here, other.merged_into_id or 0)
        _part(kept, other, "people.persons_parted", by=by, now=now)
    return int(kept.pk)


def merge_organisations(*, place: Place, kept_id: int, other_id: int, by: str, now: datetime) -> None:
    """Make two organisations of one place one."""
    with _unhurried(), transaction.atomic():
        here = enter(RUN, place, by)
        kept, other = (organisation_of(here, pk) for pk in (kept_id, other_id))
        if kept.pk == other.pk:
            raise refuse("other", _("c’est la même organisation"), _("choisissez-en une autre de ce lieu"))
        _merge(kept, other, "people.organisations_merged", by=by, now=now)


def part_organisations(*, place: Place, organisation_id: int, by: str, now: datetime) -> int:
    """Undo a merge of two organisations; the number of the one kept."""
    with _unhurried(), transaction.atomic():
        here = enter(RUN, place, by)
        rows = Organisation.objects.select_for_update(of=("self",), no_key=True)
        other = rows.get(pk=organisation_id, place=here, merged_into__isnull=False)
        kept = organisation_of(here, other.merged_into_id or 0)
        _part(kept, other, "people.organisations_parted", by=by, now=now)
    return int(kept.pk)


@transaction.atomic
def say_apart(*, place: Place, person_id: int, other_id: int, is_apart: bool = True, by: str, now: datetime) -> None:
    """Remember that two persons of one place are two, and are not proposed as one again; or forget it."""
    here = enter(RUN, place, by)
    one, other = (one_of(here, pk) for pk in sorted((person_id, other_id)))
    if one.pk == other.pk:
        raise refuse("other", _("c’est la même personne"), _("choisissez-en une autre de ce lieu"))
    said = Apart.objects.filter(one=one, other=other)
    if said.exists() == is_apart:
        return
    if is_apart:
        Apart.objects.create(one=one, other=other, said_at=now, said_by=by)
    else:
        said.delete()
    note("people.persons_apart" if is_apart else "people.persons_maybe_one", one, by=by, now=now, other=other.pk)


@contextmanager
def _unhurried() -> Iterator[None]:
    """A merge takes rows of every room, in no order that they share: where it would wait in a ring, it is refused."""
    try:
        yield
    except OperationalError as ring:
        raise refuse(
            "other", _("quelqu’un d’autre écrit ici en ce moment, et rien n’a changé"), _("réessayez dans un instant")
        ) from ring


def _merge(kept: Twice, other: Twice, action: str, *, by: str, now: datetime) -> None:
    moved = {name: ids for name, ids in _moves(kept, other) if ids}
    filled = _fill(kept, other)
    other.merged_into = kept
    other.moved = {"rows": moved, "filled": filled}
    other.save(update_fields=["merged_into", "moved"])
    if filled:
        kept.save(update_fields=[name.removesuffix("_id") for name in filled])
    counts = {name: len(ids) for name, ids in moved.items()}
    note(action, kept, by=by, now=now, other=other.pk, moved=counts, filled=filled)


def _moves(kept: Twice, other: Twice) -> Iterator[tuple[str, list[int]]]:
    """Give the kept one every row of the other; those moved, by « table.column »."""
    for field in pointing_at(type(kept)):
        rows = field.model._base_manager.filter(**{field.name: other})
        yield f"{field.model._meta.label_lower}.{field.name}", _give(rows, field, kept)


def _give(rows: models.QuerySet[Any], field: "models.ForeignKey[Any, Any]", kept: Twice) -> list[Any]:
    """Rows that would stand twice for the one kept stay with the other: nothing is lost, nothing is doubled."""
    ids: Sequence[Any] = list(rows.order_by("pk").values_list("pk", flat=True))
    manager = field.model._base_manager
    try:
        with transaction.atomic():
            manager.filter(pk__in=ids).update(**{field.name: kept})
    except IntegrityError:
        return [pk for pk in ids if _given(manager.filter(pk=pk), field, kept)]
    return list(ids)


def _given(row: models.QuerySet[Any], field: "models.ForeignKey[Any, Any]", kept: Twice) -> bool:
    try:
        with transaction.atomic():
            return bool(row.update(**{field.name: kept}))
    except IntegrityError:
        return False


def _fill(kept: Twice, other: Twice) -> list[str]:
    filled: list[str] = []
    for together in FILLED[str(kept._meta.model_name)]:
        if not any(getattr(kept, name) for name in together) and any(getattr(other, name) for name in together):
            for name in together:
                setattr(kept, name, getattr(other, name))
            filled += together
    return filled


def _part(kept: Twice, other: Twice, action: str, *, by: str, now: datetime) -> None:
    told = other.moved
    filled = [name for name in told.get("filled", ()) if getattr(kept, name) == getattr(other, name)]
    for name in filled:
        setattr(kept, name, None if name == "account_id" else "")
    if filled:
        kept.save(update_fields=[name.removesuffix("_id") for name in filled])
    if isinstance(other, Person) and _account_is_taken(other):
        other.account = None
    other.merged_into, other.moved = None, {}
    other.save()
    back = {name: n for name, n in _moves_back(kept, other, told.get("rows", {})) if n}
    note(action, kept, by=by, now=now, other=other.pk, moved=back)


def _account_is_taken(other: Person) -> bool:
    """Whether the account of somebody who was merged has become another person's of the same place meanwhile."""
    rows = Person.objects.filter(place=other.place_id, account=other.account_id, merged_into__isnull=True)
    return other.account_id is not None and rows.exists()


def _moves_back(kept: Twice, other: Twice, told: dict[str, list[Any]]) -> Iterator[tuple[str, int]]:
    for field in pointing_at(type(kept)):
        name = f"{field.model._meta.label_lower}.{field.name}"
        rows = field.model._base_manager.filter(pk__in=told.get(name, ()), **{field.name: kept})
        yield name, len(_give(rows, field, other))
