"""The forms of spaces and hours: filled as they open, written once sent, refused beside what is wrong."""

import pytest

from maillage.management.bookings.actions.reserving import Asked, reserve
from maillage.management.bookings.models import Closure, OpeningRule, Settings, Space, Unit
from tests.management.bookings.hall import hours


def test_a_first_space_is_added_then_what_lies_inside(desk, people):
    page = desk("espaces/ajouter/?genre=whole").page
    assert page.head("option", value="whole")[0] == {"value": "whole", "selected": ""}
    said = desk("espaces/ajouter/", {"name": "Tout", "kind": "whole", "is_online": "1"}).page.text
    assert "«\u202fTout\u202f» est ajouté." in said
    whole = Space.objects.get()
    desks = {"name": "Bureaux", "kind": "desk", "units": "3", "inside": str(whole.pk)}
    assert "3 unités · dans «\u202fTout\u202f»" in desk("espaces/ajouter/", desks).page.text
    answer = desk("espaces/ajouter/", {"name": "", "kind": "room"})
    assert answer.status_code == 422 and Space.objects.count() == 2
    assert "il manque un nom\u202f: écrivez celui que les gens connaissent." in answer.page.text
    assert answer.page.head("input", name="name")[0]["aria-invalid"] == "true"


def test_a_space_sent_back_as_it_opened_changes_nothing(desk, venue):
    page = desk(f"espaces/{venue.laser.pk}/").page
    sent = {one["name"]: one["value"] for one in page.attributes["input"] if one.get("name") and "value" in one}
    assert sent["authorisation"] == "Découpe laser"
    sent |= {"kind": "machine", "inside": str(venue.whole.pk), "step_minutes": "30", "shortest_minutes": "30"}
    sent |= {"longest_minutes": "1440", "notice_minutes": "0", "horizon_days": "180", "is_online": "1"}
    before = Space.objects.values().get(pk=venue.laser.pk)
    assert "Rien n’a changé." in desk(f"espaces/{venue.laser.pk}/", sent).page.text
    assert Space.objects.values().get(pk=venue.laser.pk) == before
    assert "C’est enregistré." in desk(f"espaces/{venue.laser.pk}/", {**sent, "name": "Laser"}).page.text


def test_units_and_spaces_leave_use_or_say_why_not(desk, venue, tuesday, now):
    start, end = hours(tuesday)
    reserve(asked=Asked(space=venue.room, start=start, end=end), by="page", now=now)
    answer = desk(f"espaces/{venue.room.pk}/retirer/", {})
    assert answer.status_code == 422
    assert "Réservé pour plus tard, 1 fois\u202f: déplacez-les ou annulez-les d’abord." in answer.page.text
    assert "ne se réserve plus" in desk(f"espaces/{venue.desks.pk}/retirer/", {}).page.text
    desk(f"espaces/{venue.desks.pk}/", to=404)
    assert Space.objects.get(pk=venue.desks.pk).archived_at == now


def test_a_unit_is_added_renamed_and_left_out(desk, venue):
    path = f"espaces/{venue.desks.pk}/unites/"
    assert "«\u202fFenêtre\u202f» est ajouté." in desk(path, {"unit": "Fenêtre"}).page.text
    answer = desk(path, {"unit": "Fenêtre"})
    assert (
        answer.status_code == 422 and "une unité porte déjà ce nom\u202f: choisissez-en un autre." in answer.page.text
    )
    unit = Unit.objects.get(name="Fenêtre")
    desk(f"espaces/unites/{unit.pk}/", {"unit": "Près de la fenêtre"})
    assert "Près de la fenêtre" in desk(path).page.text
    desk(f"espaces/unites/{unit.pk}/", {"unit": "x", "retire": "1"})
    assert "Près de la fenêtre" not in desk(path).page.text
    desk(f"espaces/unites/{unit.pk}/", to=404)


def test_hours_closures_and_settings_warn_of_what_they_leave_outside(desk, venue, tuesday, now):
    start, end = hours(tuesday)
    booking = reserve(asked=Asked(space=venue.room, start=start, end=end), by="page", now=now)
    warning = "1 réservation à venir tombe hors des heures. Elle tient toujours\u202f: à vous de décider, dans Espaces."
    rule = OpeningRule.objects.get(place=venue.place, weekday=1)
    assert warning in desk(f"espaces/heures/{rule.pk}/retirer/", {}).page.text
    listed = desk("espaces/").page
    assert f"/gerer/{venue.place.slug}/reservations/{booking.pk}/" in listed.links
    added = desk("espaces/heures/", {"weekdays": ["1", "2"], "opens": "9:00", "closes": "12:00"}).page.text
    assert "Ces heures sont ajoutées." in added and warning not in added
    answer = desk("espaces/heures/", {"opens": "9:00", "closes": "12:00"})
    assert answer.status_code == 422 and "il manque le jour\u202f: cochez-en au moins un." in answer.page.text
    assert warning in desk("espaces/fermetures/", {"first_day": "2026-11-24", "reason": "<b>Travaux"}).page.text
    closure = Closure.objects.get()
    assert warning not in desk(f"espaces/fermetures/{closure.pk}/retirer/", {}).page.text
    desk("espaces/reglages/", {"zone": "Europe/Paris", "half_day": "12:30", "school_zone": "C"})
    kept = Settings.objects.get(place=venue.place)
    assert (kept.half_day_minute, kept.school_zone, kept.is_online) == (750, "C", False)
    answer = desk("espaces/reglages/", {"zone": "Lune", "half_day": "12:30"})
    assert answer.status_code == 422 and "ce fuseau horaire n’existe pas" in answer.page.text
    booking.refresh_from_db()
    assert (booking.status, booking.start) == ("confirmed", tuesday)


@pytest.mark.parametrize("path", ["espaces/heures/", "espaces/fermetures/", "espaces/agendas/"])
def test_all_spaces_and_the_space_of_the_whole_place_are_told_apart(desk, venue, path):
    text = desk(path).page.text
    assert "tous les espaces" in text and "tout le lieu" not in text and "Tout le lieu" in text


def test_what_a_closure_leaves_outside_is_one_link_away(desk, venue, tuesday, now):
    start, end = hours(tuesday)
    reserve(asked=Asked(space=venue.room, start=start, end=end), by="page", now=now)
    page = desk("espaces/fermetures/", {"first_day": "2026-11-24"}).page
    assert f"/gerer/{venue.place.slug}/espaces/#outside" in page.links
    assert desk("espaces/").page.head("h2", id="outside")
