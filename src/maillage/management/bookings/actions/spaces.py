"""What can be booked in a place: its spaces, what lies inside which, and their units."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max

from maillage.accounts.rules import RUN
from maillage.journal import actions as journal
from maillage.management.bookings.actions.reserving import lock
from maillage.management.bookings.models import CONFIRMED, HELD, LAPSED, TAKING, Booking, Space, Unit
from maillage.management.bookings.queries.spaces import Layout, layout
from maillage.management.bookings.rules.entries import HOLDS, LONGEST_NAME, MOST_UNITS, read_space
from maillage.management.people.rules.entries import Wrong
from maillage.places.labels import say
from maillage.places.models import Place
from maillage.places.permissions import let_in
from maillage.places.rules.sentences import sentence as _
from maillage.places.rules.slugs import free_slug
from maillage.places.rules.text import one_line

MOST_SPACES = 100
KEPT = (
    *("name", "kind", "description", "seats", "is_online", "authorisation", "inside_id"),
    *("step_minutes", "shortest_minutes", "longest_minutes", "notice_minutes", "horizon_days"),
)


class SpacesRefused(ValueError):
    """Something about spaces or hours cannot be; `wrongs` by field say what and the mend. Nothing is written."""

    def __init__(self, wrongs: Mapping[str, Wrong]) -> None:
        self.wrongs = {name: (say(one.problem), say(one.mend)) for name, one in wrongs.items()}
        super().__init__(" ".join(f"{problem} : {mend}." for problem, mend in self.wrongs.values()))


def refuse(name: str, problem: str, mend: str) -> SpacesRefused:
    """A refusal for one reason."""
    return SpacesRefused({name: Wrong(problem, mend)})


def note(act: str, place: Place, subject: str, *, by: str, now: datetime, **detail: Any) -> None:
    """Write the audit event of an act on the spaces or hours of a place."""
    told = {"place": str(place.pk), **detail}
    journal.write(action=act, by=by, now=now, subject=subject, detail=told)


@transaction.atomic
def add_space(*, place: Place, raw: Mapping[str, str], by: str, now: datetime) -> Space:
    """Add a space with its units: desks in the number given, one for anything else; what is around keeps its bookings.

    Whoever has booked a space around it for later gets the new units too: booked whole stays booked whole.
    """
    lock(place)
    let_in(RUN, place, by)
    found = layout(place)
    values, units = _read(raw, found)
    if len(found.spaces) >= MOST_SPACES:
        problem = _("ce lieu a déjà %(n)d espaces", n=MOST_SPACES)
        raise refuse("name", problem, _("retirez-en un, ou comptez ses unités"))
    known = set(Space.objects.filter(place=place).values_list("slug", flat=True))
    order = (Space.objects.filter(place=place).aggregate(last=Max("order"))["last"] or 0) + 1
    slug = free_slug(values["name"][:50], "", known)[:60]
    space = Space.objects.create(place=place, slug=slug, order=order, **values)
    names = [f"{values['name'][:70]} {number}" for number in range(1, units + 1)] if units > 1 else [values["name"]]
    made = [Unit.objects.create(space=space, name=name, order=number) for number, name in enumerate(names, start=1)]
    note("bookings.space_added", place, f"space:{space.pk}", by=by, now=now, units=[unit.pk for unit in made])
    _extend(place, space, made, by=by, now=now)
    return space


@transaction.atomic
def change_space(*, place: Place, space_id: int, raw: Mapping[str, str], by: str, now: datetime) -> list[str]:
    """Change what is known of a space, never its bookings; the fields that changed."""
    lock(place)
    let_in(RUN, place, by)
    space = _one_of(place, space_id)
    found = layout(place)
    values, _units = _read(raw, found, of=space)
    changed = [name for name in KEPT if getattr(space, name) != values[name]]
    if not changed:
        return []
    for name in changed:
        setattr(space, name, values[name])
    space.save(update_fields=[name.removesuffix("_id") for name in changed])
    fields = [name.removesuffix("_id") for name in changed]
    note("bookings.space_changed", place, f"space:{space.pk}", by=by, now=now, fields=fields)
    if "inside_id" in changed:
        _extend(place, space, list(layout(place).units_of(space)), by=by, now=now)
    return fields


@transaction.atomic
def archive_space(*, place: Place, space_id: int, by: str, now: datetime) -> None:
    """Take a space out of use; refused while something is booked there for later, or lies inside it."""
    lock(place)
    let_in(RUN, place, by)
    space = _one_of(place, space_id)
    if any(one.inside_id == space.pk for one in layout(place).spaces):
        raise refuse("space", _("d’autres espaces sont dedans"), _("retirez-les d’abord, ou mettez-les ailleurs"))
    if booked := _booked(now).filter(space=space).count():
        raise refuse(
            "space", _("réservé pour plus tard, %(n)d fois", n=booked), _("déplacez-les ou annulez-les d’abord")
        )
    space.archived_at = now
    space.save(update_fields=["archived_at"])
    note("bookings.space_archived", place, f"space:{space.pk}", by=by, now=now)


@transaction.atomic
def add_unit(*, place: Place, space_id: int, name: str, by: str, now: datetime) -> Unit:
    """Add a unit to a space of desks, or put back one of that name; who has booked around it for later gets it too."""
    lock(place)
    let_in(RUN, place, by)
    space = _one_of(place, space_id)
    if space.kind not in ("desk", "other"):
        raise refuse("unit", _("cet espace ne compte pas d’unités"), _("ajoutez plutôt un espace"))
    line = _unit_name(name)
    units = Unit.objects.filter(space=space, retired_at__isnull=True)
    if units.filter(name=line).exists():
        raise _same_name()
    if units.count() >= MOST_UNITS:
        raise refuse("unit", _("cet espace a déjà %(n)d unités", n=MOST_UNITS), _("faites un autre espace"))
    order = (Unit.objects.filter(space=space).aggregate(last=Max("order"))["last"] or 0) + 1
    unit, _is_new = Unit.objects.update_or_create(space=space, name=line, defaults={"order": order, "retired_at": None})
    note("bookings.unit_added", place, f"space:{space.pk}", by=by, now=now, units=[unit.pk])
    _extend(place, space, [unit], by=by, now=now)
    return unit


@transaction.atomic
def rename_unit(*, place: Place, unit_id: int, name: str, by: str, now: datetime) -> None:
    """Give a unit another name."""
    lock(place)
    let_in(RUN, place, by)
    unit = Unit.objects.select_related("space").get(pk=unit_id, space__place=place, retired_at__isnull=True)
    line = _unit_name(name)
    if line == unit.name:
        return
    if Unit.objects.filter(space=unit.space_id, name=line).exists():
        raise _same_name()
    unit.name = line
    unit.save(update_fields=["name"])
    note("bookings.unit_renamed", place, f"space:{unit.space_id}", by=by, now=now, units=[unit.pk])


@transaction.atomic
def retire_unit(*, place: Place, unit_id: int, by: str, now: datetime) -> None:
    """Take a unit out of use; refused while somebody has booked it for later, and for the last one of a space."""
    lock(place)
    let_in(RUN, place, by)
    unit = Unit.objects.select_related("space").get(pk=unit_id, space__place=place, retired_at__isnull=True)
    if not Unit.objects.filter(space=unit.space, retired_at__isnull=True).exclude(pk=unit.pk).exists():
        raise refuse("unit", _("c’est la dernière de cet espace"), _("retirez plutôt l’espace"))
    if booked := _booked(now).filter(unit=unit, space=unit.space).count():
        raise refuse(
            "unit", _("réservé pour plus tard, %(n)d fois", n=booked), _("déplacez-les ou annulez-les d’abord")
        )
    unit.retired_at = now
    unit.save(update_fields=["retired_at"])
    note("bookings.unit_retired", place, f"space:{unit.space_id}", by=by, now=now, units=[unit.pk])


def _booked(now: datetime) -> Any:
    return Booking.objects.filter(status__in=TAKING, end__gt=now)


def _one_of(place: Place, space_id: int) -> Space:
    return Space.objects.get(pk=space_id, place=place, archived_at__isnull=True)


def _same_name() -> SpacesRefused:
    return refuse("unit", _("une unité porte déjà ce nom"), _("choisissez-en un autre"))


def _unit_name(name: str) -> str:
    line = one_line(name[:400])
    if not line:
        raise refuse("unit", _("il manque un nom"), _("écrivez par exemple Bureau 4, ou Près de la fenêtre"))
    if len(line) > LONGEST_NAME:
        raise refuse("unit", _("dépasse %(n)d caractères", n=LONGEST_NAME), _("raccourcissez"))
    return line


def _read(raw: Mapping[str, str], found: Layout, of: Space | None = None) -> tuple[dict[str, Any], int]:
    """The columns of a space, and how many units it starts with."""
    read = read_space(raw)
    inside = found.by_id.get(int(text)) if (text := raw.get("inside", "")[:9]).isascii() and text.isdigit() else None
    if text and (inside is None or inside.kind not in HOLDS):
        read.wrong("inside", _("rien ne peut être dans cet espace"), _("choisissez une salle, ou tout le lieu"))
    if inside and of and of.pk in {one.pk for one in found.around(inside)}:
        read.wrong("inside", _("un espace n’est pas dans lui-même"), _("choisissez-en un autre"))
    kind = read.values["kind"]
    if of and kind != of.kind and Booking.objects.filter(space=of).exists():
        read.wrong("kind", _("des réservations y ont été faites sous ce genre"), _("ajoutez plutôt un espace"))
    if kind == "machine" and not of and "authorisation" not in read.wrongs and raw.get("needs_authorisation"):
        read.values["authorisation"] = read.values["authorisation"] or read.values.get("name", "")
    if read.wrongs:
        raise SpacesRefused(read.wrongs)
    units = read.values.pop("units") if kind in ("desk", "other") else read.values.pop("units") and 1
    return {**read.values, "inside_id": inside.pk if inside else None}, units


def _extend(place: Place, space: Space, units: list[Unit], *, by: str, now: datetime) -> None:
    """Give new units to the bookings to come of every space around them, which are booked whole.

    A hold that lapsed gets them too: it may be confirmed again.
    """
    found = layout(place)
    around = [one for one in found.around(space) if one.pk != space.pk or found.takes_all(one)]
    rows = Booking.objects.filter(
        space__in=around, part_of__isnull=True, status__in=(HELD, CONFIRMED, LAPSED), end__gt=now
    )
    extended = []
    for lead in rows.order_by("pk"):
        has = {lead.unit_id, *Booking.objects.filter(part_of=lead).values_list("unit", flat=True)}
        lacking = [unit for unit in units if unit.pk not in has]
        for unit in lacking:
            _take(lead, unit, by=by, now=now)
        extended += [lead.pk] if lacking else []
    if extended:
        note("bookings.whole_extended", place, f"space:{space.pk}", by=by, now=now, bookings=extended)


def _take(lead: Booking, unit: Unit, *, by: str, now: datetime) -> None:
    try:
        with transaction.atomic():
            Booking.objects.create(
                place_id=lead.place_id,
                space_id=lead.space_id,
                unit=unit,
                part_of=lead,
                start=lead.start,
                end=lead.end,
                status=lead.status,
                expires_at=lead.expires_at,
                made_at=now,
                made_by=by,
                changed_at=now,
            )
    except IntegrityError as taken:
        problem = _("«\u202f%(name)s\u202f» est réservé en même temps que ce qui l’entoure", name=unit.name)
        raise refuse("inside", problem, _("déplacez ou annulez d’abord l’une des deux réservations")) from taken
