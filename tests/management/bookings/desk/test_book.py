"""Booking for somebody without a login: everything is shown before anything is written."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from maillage.management.bookings.actions.hours import change_settings
from maillage.management.bookings.actions.reserving import Asked, reserve
from maillage.management.bookings.models import Authorisation, Booking, OpeningRule, Series
from maillage.management.bookings.queries.proposals import Wish, proposals
from maillage.management.bookings.rules.spans import Span
from maillage.management.people.models import Membership, Organisation, Person
from tests.management.bookings.hall import DESKS, hall, hours

HOUR = timedelta(hours=1)


def ask(space, start, count: float = 1, **more) -> Asked:
    start, end = hours(start, count)
    return Asked(space=space, start=start, end=end, **more)


def entered(space, **more):
    told = {"name": "Odette Roux", "what": f"s{space.pk}", "day": "2026-11-24", "starts": "10:00", "ends": "11:00"}
    return {**told, **more}


def kept(page) -> dict:
    """What the browser sends when nothing on the page is touched."""
    hidden = {one["name"]: one["value"] for one in page.head("input", type="hidden") if one["name"] != "weekdays"}
    hidden["weekdays"] = [one["value"] for one in page.head("input", type="hidden", name="weekdays")]
    return {**hidden, "pick": [one["value"] for one in page.head("input", type="checkbox", name="pick")]}


def test_a_name_and_a_telephone_are_enough(desk, venue, chief, tuesday, now):
    page = desk("reserver/", entered(venue.desks, phone="03 84 12 34 56", purpose="Impôts")).page
    assert "1 réservation faite pour Odette Roux." in page.text and "Mardi 24 novembre 2026" in page.text
    booking = Booking.objects.get()
    assert (booking.start, booking.end, booking.made_by, booking.purpose) == (tuesday, tuesday + HOUR, chief, "Impôts")
    assert (booking.person.name, booking.person.phone_dialled) == ("Odette Roux", "+33384123456")
    desk("reserver/", entered(venue.room, name="odette  roux"))
    assert Person.objects.count() == 1 and Booking.objects.filter(person=booking.person).count() == 2
    desk("reserver/", entered(venue.desks, phone="03 84 65 43 21"))
    assert Person.objects.filter(name="Odette Roux").count() == 2
    page = desk("reserver/", entered(venue.desks, starts="14:00", ends="15:00")).page
    assert "plusieurs personnes portent ce nom ici" in page.text
    assert "ajoutez le téléphone ou le courriel que vous avez d’elle" in page.text


def test_a_desk_is_booked_by_its_name_and_several_at_once(desk, venue, tuesday):
    fourth = venue.desks.units.get(name="Bureau 4")
    desk("reserver/", entered(venue.desks, what=f"u{fourth.pk}"))
    desk("reserver/", entered(venue.desks, units="3"))
    assert Booking.objects.filter(part_of__isnull=True).count() == 2 and Booking.objects.count() == 4
    assert Booking.objects.filter(unit=fourth).count() == 1


def test_what_is_taken_is_shown_with_what_is_free_and_nothing_is_written(desk, venue, tuesday, now):
    reserve(asked=ask(venue.room, tuesday), by="page", now=now)
    page = desk("reserver/", entered(venue.room)).page
    assert "1 fois bloquée, rien n’est encore écrit" in page.text
    assert "«\u202fSalle du four\u202f» n’est plus libre. Quelqu’un l’a réservé à cette heure." in page.text
    assert Booking.objects.count() == 1 and not Person.objects.exists()
    offers = [one["value"] for one in page.attributes["option"] if one["value"]]
    assert len(offers) == 4 and "laisser ce jour" in page.text
    nothing = desk("reserver/", kept(page)).page
    assert "Aucun jour n’est gardé. Gardez-en au moins un, ou changez la demande." in nothing.text
    assert Booking.objects.count() == 1
    desk("reserver/", {**kept(page), "pick": ["", offers[0]]})
    made = Booking.objects.get(person__name="Odette Roux")
    assert made.unit == venue.room.units.get() and made.start in (tuesday - HOUR, tuesday + HOUR)


def test_a_series_is_shown_whole_then_written_or_the_ones_kept(desk, venue, chief, tuesday, now):
    raw = {"zone": "Europe/Paris", "half_day": "13:30", "school_zone": "A", "closes_on_holidays": "1"}
    change_settings(place=venue.place, raw=raw, by=chief, now=now)
    reserve(asked=ask(venue.room, tuesday + timedelta(weeks=1)), by="page", now=now)
    series = {"weekdays": ["1", "3"], "until": "2027-01-08", "skip_school": "1"}
    page = desk("reserver/", entered(venue.room, **series)).page
    picks = page.head("input", type="checkbox", name="pick")
    assert len(picks) == 8 - 1 + 2 and "1 fois bloquée" in page.text
    assert "Mardi 22 décembre 2026 Vacances de Noël" in re.sub(r"\s*\n\s*", " ", page.text)
    assert Booking.objects.count() == 1
    sent = kept(page)
    sent["pick"] = sent["pick"][1:]
    assert "8 réservations faites pour Odette Roux." in desk("reserver/", sent).page.text
    made = Booking.objects.filter(person__name="Odette Roux").order_by("start")
    assert [one.start.date() for one in made] == [
        date(2026, 11, 26),
        *(date(2026, 12, day) for day in (3, 8, 10, 15, 17)),
        date(2027, 1, 5),
        date(2027, 1, 7),
    ]
    assert {one.start.hour for one in made} == {9}
    kept_series = Series.objects.get()
    assert kept_series.pattern["until"] == "2027-01-08" and kept_series.pattern["skip_school_zone"] == "A"


def test_what_went_meanwhile_is_told_and_nothing_is_written(desk, venue, tuesday, now):
    page = desk("reserver/", entered(venue.room, until="2026-12-08")).page
    reserve(asked=ask(venue.room, tuesday + timedelta(weeks=1)), by="page", now=now)
    again = desk("reserver/", kept(page))
    assert again.status_code == 422
    assert "«\u202fSalle du four\u202f» n’est plus libre." in again.page.text and "1 fois bloquée" in again.page.text
    assert "Quelqu’un vient de réserver une de ces heures." in again.page.text
    assert "liste d’attente" not in again.page.text
    assert Booking.objects.count() == 1 and not Person.objects.exists() and not Series.objects.exists()


def test_a_machine_asks_for_its_authorisation(desk, venue, now):
    page = desk("reserver/", entered(venue.laser)).page
    assert "Il faut l’habilitation «\u202fDécoupe laser\u202f», valable ce jour-là." in page.text
    odette = Person.objects.create(place=venue.place, name="Odette Roux", folded="odette roux", created_at=now)
    Authorisation.objects.create(person=odette, name="Découpe laser", given_on=now.date(), given_by="Nadine")
    desk("reserver/", entered(venue.laser))
    assert Booking.objects.get().person == odette


def test_outside_the_hours_is_asked_once_more(desk, venue):
    page = desk("reserver/", entered(venue.room, starts="21:00", ends="22:00")).page
    assert "hors des heures" in page.text and not Booking.objects.exists()
    desk("reserver/", kept(page))
    assert Booking.objects.get().start == datetime(2026, 11, 24, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"name": ""}, "il manque un nom\u202f: écrivez un prénom, un nom, ou les deux."),
        ({"phone": "12"}, "phone"),
        ({"what": "s999"}, "il manque l’espace\u202f: choisissez-en un de la liste."),
        ({"day": "hier"}, "ce jour est illisible\u202f: écrivez-le comme 2026-09-01."),
        ({"day": ""}, "il manque le jour\u202f: choisissez-le."),
        ({"starts": "99"}, "cette heure est illisible\u202f: écrivez-la comme 9:00 ou 13:30."),
        ({"weekdays": ["1"]}, "il manque le dernier jour de la série\u202f: choisissez-le, ou décochez les jours."),
        ({"until": "2036-01-01"}, "La série dure plus de 2 ans\u202f: d’ici là, tout change."),
        ({"until": "2026-11-20"}, "La série finit le vendredi 20 novembre 2026, avant de commencer"),
        ({"weekdays": ["2"], "until": "2026-11-24"}, "elle ne compte aucun jour\u202f: choisissez d’autres jours"),
        (
            {"day": "2027-03-28", "starts": "2:30", "ends": "4:00"},
            "Le dimanche 28 mars 2027, 2\u202fh\u202f30 n’existe pas",
        ),
        ({"units": "0"}, "ce nombre ne va pas\u202f: écrivez un nombre de 1 à 50."),
    ],
)
def test_what_makes_no_sense_is_told_and_nothing_is_written(desk, venue, more, said):
    answer = desk("reserver/", entered(venue.desks, **more))
    assert answer.status_code == 422
    assert said in answer.page.text or answer.page.head("input", name=said)[0]["aria-invalid"] == "true"
    assert not Booking.objects.exists() and not Person.objects.exists()


def test_a_unit_of_another_place_is_nobody_s_to_book(desk, venue, people):
    other = hall(people.other)
    answer = desk("reserver/", entered(other.room))
    assert answer.status_code == 422 and not Booking.objects.exists()


@pytest.mark.parametrize(
    "pick", ["x", "0:5", "9999999999:1:2", "0:1795510800:1795507200", "0:1:2:3", "٣:1:2", ":" * 90]
)
def test_a_time_that_cannot_be_read_is_left_out(desk, venue, pick):
    answer = desk("reserver/", {**entered(venue.room), "confirm": "1", "pick": pick})
    assert answer.status_code == 422 and "Aucun jour n’est gardé." in answer.page.text
    assert not Booking.objects.exists()


def test_a_long_series_costs_as_many_queries_as_one_time(people, venue, tuesday, now):
    for week in range(0, 40, 3):
        reserve(
            asked=ask(venue.desks, tuesday + timedelta(weeks=week), units=DESKS, at_desk=False), by="page", now=now
        ) if (week < 24) else None

    def asked(count: int) -> tuple[int, int]:
        spans = [Span(*hours(tuesday + timedelta(weeks=week))) for week in range(count)]
        with CaptureQueriesContext(connection) as seen:
            found = proposals(people.place, Wish(space=venue.desks), spans, person=None, now=now)
        return len(seen), sum(bool(one.problems) for one in found)

    asked(1)
    assert asked(1) == (6, 1)
    assert asked(40) == (6, 8)


def test_several_desks_are_offered_another_time_when_all_are_free(people, venue, tuesday, now):
    reserve(asked=ask(venue.desks, tuesday, units=DESKS - 1), by="page", now=now)
    (found,) = proposals(people.place, Wish(space=venue.desks, units=2), [Span(*hours(tuesday))], person=None, now=now)
    assert [problem.code for problem in found.problems] == ["taken"]
    assert found.offers[0].span in (Span(tuesday - HOUR, tuesday), Span(tuesday + HOUR, tuesday + 2 * HOUR))
    (whole,) = proposals(people.place, Wish(space=venue.whole), [Span(*hours(tuesday))], person=None, now=now)
    assert whole.offers and not whole.outside


def test_a_booking_moves_or_says_why_not(desk, venue, tuesday, now):
    booking = reserve(asked=ask(venue.room, tuesday, person=venue.person(now=now)), by="page", now=now)
    reserve(asked=ask(venue.room, tuesday + 3 * HOUR), by="page", now=now)
    address = f"reservations/{booking.pk}/"
    page = desk(address, {"day": "2026-11-24", "starts": "14:00", "ends": "15:00"}).page
    assert "La réservation est déplacée." in page.text
    answer = desk(address, {"day": "2026-11-24", "starts": "13:00", "ends": "14:00"})
    assert answer.status_code == 422 and "«\u202fSalle du four\u202f» n’est plus libre." in answer.page.text
    answer = desk(address, {"day": "2026-11-24", "starts": "", "ends": "14:00"})
    assert answer.status_code == 422 and "cette heure est illisible" in answer.page.text
    booking.refresh_from_db()
    assert booking.start == tuesday + 4 * HOUR - HOUR + HOUR
    text = desk(address).page.text
    assert "réservation déplacée" in text and "réservation faite" in text


def test_no_space_is_chosen_until_somebody_does(desk, venue):
    page = desk("reserver/").page
    options = page.attributes["option"]
    first = next(n for n, one in enumerate(options) if one.get("value") == "")
    assert not page.head("option", selected="")
    spaces = [one["value"] for one in options[first + 1 :]]
    assert spaces[-1] == f"s{venue.whole.pk}" and f"s{venue.room.pk}" in spaces
    answer = desk("reserver/", entered(venue.whole, what=""))
    assert answer.status_code == 422 and not Booking.objects.exists()
    assert "il manque l’espace\u202f: choisissez-en un de la liste." in answer.page.text


@pytest.mark.parametrize("ends", ["10:00", "10 h"])
def test_a_booking_that_lasts_nothing_is_refused(desk, venue, ends, tuesday, now):
    answer = desk("reserver/", entered(venue.room, ends=ends))
    assert answer.status_code == 422 and not Booking.objects.exists()
    assert "la réservation ne dure rien\u202f: choisissez une fin qui vient après le début." in answer.page.text
    booking = reserve(asked=ask(venue.room, tuesday), by="page", now=now)
    answer = desk(f"reservations/{booking.pk}/", {"day": "2026-11-25", "starts": "10:00", "ends": ends})
    booking.refresh_from_db()
    assert answer.status_code == 422 and booking.start == tuesday


def test_what_cannot_be_kept_has_no_button_but_a_way_back_that_keeps_what_was_typed(desk, venue):
    typed = entered(venue.room, day="2026-11-17", phone="03 84 12 34 56", purpose="Impôts", until="2026-11-18")
    typed |= {"weekdays": ["1", "2"], "skip_public": "1"}
    page = desk("reserver/", typed).page
    assert "2 fois bloquées, rien n’est encore écrit" in page.text and "Ce jour est laissé." in page.text
    assert "Réserver ce qui est gardé" not in page.text and "Tout réserver" not in page.text
    assert [one["name"] for one in page.attributes["button"] if one.get("name")] == ["revoir"]
    answer = desk("reserver/", {**kept(page), "revoir": "1"})
    back = answer.page
    assert answer.status_code == 200 and not back.head("div", role="alert")
    given = {one["name"]: one["value"] for one in back.attributes["input"] if one.get("name") and "value" in one}
    assert {name: given[name] for name in ("name", "day", "phone", "purpose", "until", "starts")} == {
        **{name: typed[name] for name in ("name", "day", "phone", "purpose", "until", "starts")}
    }
    assert {one["value"] for one in back.head("input", name="weekdays") if "checked" in one} == {"1", "2"}
    assert back.head("option", selected="")[0]["value"] == f"s{venue.room.pk}"
    assert "checked" in back.head("input", name="skip_public")[0]
    desk("reserver/", {**typed, "day": "2026-11-24", "until": "", "weekdays": [], "jeton": given["jeton"]})
    assert Booking.objects.count() == 1


def test_what_is_wrong_in_the_preview_takes_the_focus(desk, venue):
    answer = desk("reserver/", {**entered(venue.room), "confirm": "1"})
    (alert,) = answer.page.head("div", role="alert")
    assert alert["tabindex"] == "-1" and "autofocus" in alert


def test_a_move_to_a_taken_time_shows_what_is_free_and_takes_it_in_one_press(desk, venue, tuesday, now):
    booking = reserve(asked=ask(venue.desks, tuesday, units=2), by="page", now=now)
    for hour in (1, 2):
        reserve(asked=ask(venue.desks, tuesday + hour * HOUR, units=DESKS - 1), by="page", now=now)
    address = f"reservations/{booking.pk}/"
    answer = desk(address, {"day": "2026-11-24", "starts": "11:00", "ends": "12:00"})
    assert answer.status_code == 422 and "liste d’attente" not in answer.page.text
    assert "Choisissez une des heures libres, plus bas, ou une autre." in answer.page.text
    offers = [one["value"] for one in answer.page.head("input", type="hidden", name="starts")]
    days = [one["value"] for one in answer.page.head("input", type="hidden", name="day")]
    assert len(offers) == 4 and ("2026-11-24", "10:00") not in zip(days, offers, strict=True)
    assert "Déplacer au mardi 24 novembre 2026, 13\u202fh\u202f–\u202f14\u202fh" in answer.page.text
    sent = {name: answer.page.head("input", type="hidden", name=name)[0]["value"] for name in ("day", "starts", "ends")}
    assert "La réservation est déplacée." in desk(address, sent).page.text
    booking.refresh_from_db()
    assert booking.start in (tuesday - HOUR, tuesday + 3 * HOUR) and booking.parts.get().start == booking.start


def test_a_move_with_nothing_free_around_says_so(desk, venue, chief, tuesday, now):
    OpeningRule.objects.exclude(weekday=1).delete()
    OpeningRule.objects.update(opens_minute=600, closes_minute=660)
    booking = reserve(asked=ask(venue.room, tuesday), by="page", now=now)
    reserve(asked=ask(venue.room, tuesday + 29 * HOUR, at_desk=True), by=chief, now=now)
    answer = desk(f"reservations/{booking.pk}/", {"day": "2026-11-25", "starts": "15:00", "ends": "16:00"})
    assert answer.status_code == 422 and "liste d’attente" not in answer.page.text
    assert "Rien d’autre n’est libre autour\u202f: choisissez un jour plus loin." in answer.page.text
    assert "Déplacer au" not in answer.page.text


@pytest.fixture
def lila(venue, now) -> Person:
    """Somebody whose newest membership an association pays."""
    lila = Person.objects.create(place=venue.place, name="Lila Haddad", folded="lila haddad", created_at=now)
    paid = Organisation.objects.create(place=venue.place, name="Les Amis du four", folded="amis", created_at=now)
    since = now.date() - timedelta(days=90)
    Membership.objects.create(person=lila, kind="member", starts_on=since - timedelta(days=300))
    Membership.objects.create(person=lila, kind="member", starts_on=since, organisation=paid)
    return lila


def test_the_organisation_of_the_membership_pays_unless_another_is_said(desk, venue, lila, now):
    paid = Organisation.objects.get()
    other = Organisation.objects.create(place=venue.place, name="Mairie", folded="mairie", created_at=now)
    form = desk(f"reserver/?personne={lila.pk}").page
    assert {"value": str(paid.pk), "selected": ""} in form.attributes["option"]
    said = desk("reserver/", entered(venue.room, name=lila.name)).page.text
    assert "1 réservation faite pour Lila Haddad. Payée par Les Amis du four." in said
    desk("reserver/", entered(venue.room, name=lila.name, starts="11:00", ends="12:00", organisation="0"))
    desk("reserver/", entered(venue.room, starts="14:00", ends="15:00", organisation=str(other.pk)))
    page = desk("reserver/", entered(venue.room, name=lila.name, until="2026-12-01", starts="16:00", ends="17:00")).page
    assert "payée par Les Amis du four" in page.text
    desk("reserver/", kept(page))
    assert [one.organisation for one in Booking.objects.order_by("start")] == [paid, None, other, paid, paid]
    shown = Booking.objects.order_by("start")[0]
    assert "Les Amis du four" in desk(f"reservations/{shown.pk}/").page.text


def test_a_membership_that_is_over_pays_nothing(desk, venue, lila, now):
    Membership.objects.filter(organisation__isnull=False).update(ends_on=now.date())
    desk("reserver/", entered(venue.room, name=lila.name))
    assert Booking.objects.get().organisation is None


@pytest.mark.parametrize("which", ["of another place", "merged", "x", "999999999"])
def test_an_organisation_that_is_not_of_the_place_pays_nothing(desk, venue, people, which, now):
    kept_one = Organisation.objects.create(place=venue.place, name="Mairie", created_at=now)
    merged = Organisation.objects.create(place=venue.place, name="La mairie", merged_into=kept_one, created_at=now)
    far = Organisation.objects.create(place=people.other, name="Ailleurs", created_at=now)
    page = desk("reserver/").page
    assert {one["value"] for one in page.attributes["option"]} >= {"0", str(kept_one.pk)}
    assert "Ailleurs" not in page.text and "La mairie" not in page.text
    given = {"of another place": str(far.pk), "merged": str(merged.pk)}.get(which, which)
    answer = desk("reserver/", entered(venue.room, organisation=given))
    assert answer.status_code == 422 and not Booking.objects.exists() and not Person.objects.exists()
    assert "cette organisation n’est plus de ce lieu\u202f: choisissez-en une de la liste." in answer.page.text


def test_a_place_without_organisations_asks_no_payer(desk, venue):
    assert "Payée par" not in desk("reserver/").page.text
