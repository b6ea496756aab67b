"""Spaces, units and hours: what is written, what is refused, and what never changes a booking."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied

from maillage.accounts.rules import signature
from maillage.journal.models import AuditEvent
from maillage.management.bookings.actions.freeing import cancel
from maillage.management.bookings.actions.hours import (
    add_closure,
    add_openings,
    change_settings,
    remove_closure,
    remove_opening,
)
from maillage.management.bookings.actions.reserving import Asked, Taken, reserve
from maillage.management.bookings.actions.spaces import (
    SpacesRefused,
    add_space,
    add_unit,
    archive_space,
    change_space,
    rename_unit,
    retire_unit,
)
from maillage.management.bookings.models import Booking, Closure, OpeningRule, Settings, Space, Unit
from maillage.management.bookings.queries.desk import misfits
from tests.management.bookings.hall import DESKS, hours

ROOM = {"name": "Petite salle", "kind": "room", "is_online": "1"}


def ask(space, start, count: float = 1, **more) -> Asked:
    start, end = hours(start, count)
    return Asked(space=space, start=start, end=end, **more)


def taken_by(lead: Booking) -> set[int]:
    return {lead.unit_id, *lead.parts.values_list("unit", flat=True)}


def test_a_space_is_added_with_its_units_and_told(people, chief, now):
    desks = add_space(place=people.place, raw={"name": "Bureaux", "kind": "desk", "units": "3"}, by=chief, now=now)
    assert list(desks.units.order_by("order").values_list("name", flat=True)) == ["Bureaux 1", "Bureaux 2", "Bureaux 3"]
    assert (desks.slug, desks.step_minutes, desks.longest_minutes, desks.horizon_days) == ("bureaux", 30, 1440, 180)
    event = AuditEvent.objects.get(action="bookings.space_added")
    assert (event.by, event.at, event.subject) == (chief, now, f"space:{desks.pk}")
    assert event.detail == {"place": str(people.place.pk), "units": [unit.pk for unit in desks.units.order_by("pk")]}
    room = add_space(place=people.place, raw={**ROOM, "units": "9"}, by=chief, now=now)
    assert [unit.name for unit in room.units.all()] == ["Petite salle"]
    twin = add_space(place=people.place, raw=ROOM, by=chief, now=now)
    assert twin.slug == "petite-salle-2"


@pytest.mark.parametrize(
    ("more", "wrongs"),
    [
        ({"name": " "}, {"name": ("il manque un nom", "écrivez celui que les gens connaissent")}),
        ({"name": "x" * 81}, {"name": ("dépasse 80 caractères", "raccourcissez")}),
        ({"kind": "boat"}, {"kind": ("le genre manque", "choisissez-en un de la liste")}),
        (
            {"longest_minutes": "15"},
            {"longest_minutes": ("c’est moins que la durée la plus courte", "choisissez une durée plus longue")},
        ),
        ({"step_minutes": "-5"}, {"step_minutes": ("ce nombre ne va pas", "écrivez un nombre de 5 à 1440")}),
        ({"inside": "999"}, {"inside": ("rien ne peut être dans cet espace", "choisissez une salle, ou tout le lieu")}),
    ],
)
def test_a_space_that_makes_no_sense_is_refused(people, chief, now, more, wrongs):
    with pytest.raises(SpacesRefused) as refused:
        add_space(place=people.place, raw={**ROOM, **more}, by=chief, now=now)
    assert refused.value.wrongs == wrongs
    assert not Space.objects.exists() and not AuditEvent.objects.filter(action__startswith="bookings.").exists()


def test_who_may_not_run_a_place_defines_nothing(people, now):
    for person, role in ((people.karim, "colleague"), (people.ines, "network_officer"), (people.lila, "facilitator")):
        with pytest.raises(PermissionDenied):
            add_space(place=people.place, raw=ROOM, by=signature(person.user.pk, role), now=now)
    assert not Space.objects.exists()


def test_a_unit_added_later_is_taken_by_who_booked_the_whole(venue, chief, tuesday, now):
    lead = reserve(asked=ask(venue.whole, tuesday), by="page", now=now)
    over = reserve(asked=ask(venue.whole, tuesday + timedelta(days=1)), by="page", now=now)
    cancel(booking_id=over.pk, by="page", now=now)
    unit = add_unit(place=venue.place, space_id=venue.desks.pk, name="Près de la fenêtre", by=chief, now=now)
    assert unit.pk in taken_by(lead) and len(taken_by(lead)) == DESKS + 3
    assert unit.pk not in taken_by(over)
    assert AuditEvent.objects.get(action="bookings.whole_extended").detail["bookings"] == [lead.pk]
    with pytest.raises(Taken):
        reserve(asked=ask(venue.desks, tuesday, unit=unit), by="page", now=now)
    cancel(booking_id=lead.pk, by="page", now=now)
    assert reserve(asked=ask(venue.desks, tuesday, unit=unit), by="page", now=now).unit == unit


def test_a_space_added_inside_is_taken_too_and_past_bookings_are_left(venue, chief, tuesday, now):
    past = reserve(asked=ask(venue.whole, now + timedelta(minutes=30)), by="page", now=now)
    lead = reserve(asked=ask(venue.whole, tuesday), by="page", now=now)
    later = now + timedelta(days=1)
    room = add_space(place=venue.place, raw={**ROOM, "inside": str(venue.whole.pk)}, by=chief, now=later)
    assert room.units.get().pk in taken_by(lead)
    assert room.units.get().pk not in taken_by(past)


def test_a_booked_space_cannot_move_into_what_is_booked_whole_at_the_same_time(venue, chief, tuesday, now):
    room = add_space(place=venue.place, raw=ROOM, by=chief, now=now)
    reserve(asked=ask(room, tuesday), by="page", now=now)
    lead = reserve(asked=ask(venue.whole, tuesday), by="page", now=now)
    with pytest.raises(SpacesRefused) as refused:
        change_space(
            place=venue.place, space_id=room.pk, raw={**ROOM, "inside": str(venue.whole.pk)}, by=chief, now=now
        )
    assert refused.value.wrongs == {
        "inside": (
            "«\u202fPetite salle\u202f» est réservé en même temps que ce qui l’entoure",
            "déplacez ou annulez d’abord l’une des deux réservations",
        )
    }
    room.refresh_from_db()
    assert room.inside_id is None and len(taken_by(lead)) == DESKS + 2


def test_a_space_changes_and_never_lies_in_itself(venue, chief, now):
    raw = {"name": "Grande salle", "kind": "room", "is_online": "1", "seats": "12"}
    assert change_space(place=venue.place, space_id=venue.room.pk, raw=raw, by=chief, now=now) == [
        "name",
        "seats",
        "inside",
    ]
    assert change_space(place=venue.place, space_id=venue.room.pk, raw=raw, by=chief, now=now) == []
    whole = {"name": "Tout", "kind": "whole", "inside": str(venue.whole.pk)}
    with pytest.raises(SpacesRefused) as refused:
        change_space(place=venue.place, space_id=venue.whole.pk, raw=whole, by=chief, now=now)
    assert refused.value.wrongs == {"inside": ("un espace n’est pas dans lui-même", "choisissez-en un autre")}


def test_what_is_booked_is_not_taken_out_of_use(venue, chief, tuesday, now):
    booking = reserve(asked=ask(venue.desks, tuesday), by="page", now=now)
    for act in (
        lambda: archive_space(place=venue.place, space_id=venue.desks.pk, by=chief, now=now),
        lambda: retire_unit(place=venue.place, unit_id=booking.unit_id, by=chief, now=now),
    ):
        with pytest.raises(SpacesRefused) as refused:
            act()
        assert list(refused.value.wrongs.values()) == [
            ("réservé pour plus tard, 1 fois", "déplacez-les ou annulez-les d’abord")
        ]
    cancel(booking_id=booking.pk, by="page", now=now)
    retire_unit(place=venue.place, unit_id=booking.unit_id, by=chief, now=now)
    archive_space(place=venue.place, space_id=venue.desks.pk, by=chief, now=now)
    venue.desks.refresh_from_db()
    assert venue.desks.archived_at == now and Unit.objects.get(pk=booking.unit_id).retired_at == now
    with pytest.raises(SpacesRefused, match="d’autres espaces sont dedans"):
        archive_space(place=venue.place, space_id=venue.whole.pk, by=chief, now=now)


def test_units_are_named_once_and_the_last_one_stays(venue, chief, now):
    first = venue.desks.units.get(name="Bureau 1")
    with pytest.raises(SpacesRefused, match="une unité porte déjà ce nom"):
        rename_unit(place=venue.place, unit_id=first.pk, name="Bureau 2", by=chief, now=now)
    rename_unit(place=venue.place, unit_id=first.pk, name="Bureau de l’entrée", by=chief, now=now)
    retire_unit(place=venue.place, unit_id=first.pk, by=chief, now=now)
    again = add_unit(place=venue.place, space_id=venue.desks.pk, name="Bureau de l’entrée", by=chief, now=now)
    assert again.pk == first.pk and again.retired_at is None
    with pytest.raises(SpacesRefused, match="c’est la dernière de cet espace"):
        retire_unit(place=venue.place, unit_id=venue.room.units.get().pk, by=chief, now=now)
    with pytest.raises(SpacesRefused, match="cet espace ne compte pas d’unités"):
        add_unit(place=venue.place, space_id=venue.room.pk, name="Moitié", by=chief, now=now)


def test_hours_change_and_bookings_stay_listed_for_her_to_decide(venue, chief, tuesday, now):
    booking = reserve(asked=ask(venue.room, tuesday), by="page", now=now)
    assert misfits(venue.place, now=now).total == 0
    before = Booking.objects.values().get(pk=booking.pk)
    tuesdays = OpeningRule.objects.get(place=venue.place, weekday=1)
    remove_opening(place=venue.place, opening_id=tuesdays.pk, by=chief, now=now)
    assert [one.pk for one in misfits(venue.place, now=now).shown] == [booking.pk]
    raw = {"opens": "9:00", "closes": "12 h"}
    add_openings(place=venue.place, raw=raw, weekdays=["1"], by=chief, now=now)
    assert misfits(venue.place, now=now).total == 0
    closure = add_closure(place=venue.place, raw={"first_day": "2026-11-24", "reason": "Inventaire"}, by=chief, now=now)
    assert (closure.start, closure.end) == (
        datetime(2026, 11, 23, 23, tzinfo=UTC),
        datetime(2026, 11, 24, 23, tzinfo=UTC),
    )
    assert misfits(venue.place, now=now).total == 1
    remove_closure(place=venue.place, closure_id=closure.pk, by=chief, now=now)
    assert misfits(venue.place, now=now).total == 0 and not Closure.objects.exists()
    assert Booking.objects.values().get(pk=booking.pk) == before


def test_an_evening_past_midnight_in_its_season(venue, chief, now):
    raw = {"opens": "20:00", "closes": "2:00", "first_day": "2026-12-01", "last_day": "2027-02-28"}
    made = add_openings(
        place=venue.place, raw={**raw, "space": str(venue.room.pk)}, weekdays=["4", "5"], by=chief, now=now
    )
    assert [(one.weekday, one.opens_minute, one.closes_minute) for one in made] == [(4, 1200, 1560), (5, 1200, 1560)]
    assert {(one.first_day, one.last_day, one.space) for one in made} == {
        (date(2026, 12, 1), date(2027, 2, 28), venue.room)
    }


def test_hours_that_make_no_sense_are_refused(venue, chief, now):
    count = OpeningRule.objects.count()
    raw = {"opens": "25 h", "closes": "", "first_day": "2026-12-02", "last_day": "2026-12-01"}
    with pytest.raises(SpacesRefused) as refused:
        add_openings(place=venue.place, raw=raw, weekdays=["7"], by=chief, now=now)
    illegible = ("cette heure est illisible", "écrivez-la comme 9:00 ou 13:30")
    assert refused.value.wrongs == {
        "weekdays": ("il manque le jour", "cochez-en au moins un"),
        "opens": illegible,
        "closes": illegible,
        "last_day": ("ce jour est avant le premier", "écrivez un jour qui vient après, ou rien"),
    }
    with pytest.raises(SpacesRefused, match="ces jours sont passés"):
        add_closure(place=venue.place, raw={"first_day": "2026-11-01"}, by=chief, now=now)
    assert OpeningRule.objects.count() == count and not Closure.objects.exists()


def test_settings_are_set_or_refused_whole(venue, chief, now):
    raw = {"zone": "Indian/Reunion", "half_day": "12:00", "school_zone": "B"}
    assert change_settings(place=venue.place, raw=raw, by=chief, now=now) == [
        "zone",
        "half_day_minute",
        "closes_on_holidays",
        "school_zone",
        "is_online",
    ]
    kept = Settings.objects.get(place=venue.place)
    assert (kept.zone, kept.half_day_minute, kept.school_zone, kept.is_online) == ("Indian/Reunion", 720, "B", False)
    with pytest.raises(SpacesRefused) as refused:
        change_settings(
            place=venue.place, raw={"zone": "Mars", "half_day": "0:00", "school_zone": "D"}, by=chief, now=now
        )
    assert refused.value.wrongs == {
        "zone": ("ce fuseau horaire n’existe pas", "écrivez par exemple Europe/Paris ou Indian/Reunion"),
        "half_day": ("minuit ne partage pas la journée", "choisissez une heure du milieu du jour"),
        "school_zone": ("cette zone n’existe pas", "choisissez A, B, C, ou aucune"),
    }
