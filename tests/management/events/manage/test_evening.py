"""Tonight's session: ticked in two taps, somebody walks in, ages are counted, the sheet is printed."""

from datetime import timedelta

import pytest

from maillage.journal.models import Mail
from maillage.management.bookings.actions.freeing import cancel
from maillage.management.events.actions.programme import change_event
from maillage.management.events.actions.registering import register_for
from maillage.management.events.models import Headcount, Registration, Session
from maillage.management.people.models import Person
from tests.management.events.workshop import RAW, workshop


@pytest.fixture
def tonight(small, clock, tuesday):
    """Two seats: Odette has one, Marcel the other; it is half an hour before."""
    for name in ("Odette", "Marcel"):
        register_for(raw={"name": name}, party=1, session_id=small.session.pk, **small.team)
    clock.move_to(tuesday - timedelta(minutes=30))
    return f"seances/{small.session.pk}/"


def of(name: str) -> Registration:
    return Registration.objects.get(person__name=name)


def test_two_taps_tick_somebody_and_a_third_takes_it_back(desk, tonight, people):
    listed = desk("").page
    assert f"/gerer/{people.place.slug}/programme/{tonight}" in listed.links and "Aujourd’hui" in listed.text
    path = f"{tonight}{of('Odette').pk}/venue/"
    answer = desk(path, {"came": "arrived"}, to=302)
    assert answer["Location"].endswith(f"/programme/{tonight}#r{of('Odette').pk}")
    page = desk(tonight).page
    assert "1 présent" in page.text and of("Odette").arrived_at is not None
    assert page.head("li", **{"data-came": "arrived"})[0]["id"] == f"r{of('Odette').pk}"
    desk(path, {"came": "undone"})
    desk(path, {"came": "missed"})
    assert of("Odette").arrived_at is None and of("Odette").missed_at is not None
    desk(path, {"came": "n’importe"})
    assert of("Odette").missed_at is not None


def test_a_name_is_enough_for_somebody_who_walks_in_and_seats_hold(desk, tonight, small):
    full = desk(f"{tonight}inscrire/", {"name": "Ginette", "faire": "venu"})
    assert full.status_code == 422 and "il n’y a plus assez de places" in full.page.text
    assert not Person.objects.filter(name="Ginette").exists()
    assert full.page.head("input", name="name")[0]["value"] == "Ginette"
    assert "C’est enregistré." in desk(f"{tonight}places/", {"capacity": "4"}).page.text
    sent = {"name": "Ginette", "faire": "venu", "jeton": "g"}
    assert "C’est noté\u202f: Ginette est là." in desk(f"{tonight}inscrire/", sent).page.text
    desk(f"{tonight}inscrire/", sent)
    assert Registration.objects.count() == 3 and of("Ginette").arrived_at is not None
    assert (
        "C’est noté\u202f: Odette est là." in desk(f"{tonight}inscrire/", {"name": "odette", "faire": "venu"}).page.text
    )
    assert Registration.objects.count() == 3 and small.counted() == (4, 3, 0)


def test_who_finds_no_seat_waits_and_takes_the_seat_given_back(desk, tonight, small):
    waiting = desk(f"{tonight}inscrire/", {"name": "Ginette", "faire": "inscrire", "email": "g@exemple.fr"}).page
    assert "Tout est pris\u202f: Ginette est sur la liste d’attente." in waiting.text
    asked = desk(f"{tonight}{of('Marcel').pk}/retirer/").page
    assert "Désinscrire Marcel\u202f?" in asked.text and "Sa place va tout de suite à qui attend" in asked.text
    assert "Marcel n’est plus sur la liste." in desk(f"{tonight}{of('Marcel').pk}/retirer/", {}).page.text
    assert small.states() == {"Odette": "confirmed", "Marcel": "cancelled", "Ginette": "confirmed"}
    assert Mail.objects.filter(to="g@exemple.fr").exists()


def test_a_form_that_lacks_a_name_or_comes_twice_with_other_words_writes_nothing(desk, tonight):
    desk(f"{tonight}places/", {"capacity": "9"})
    answer = desk(f"{tonight}inscrire/", {"name": " ", "faire": "inscrire"})
    assert answer.status_code == 422 and "il manque un nom" in answer.page.text
    desk(f"{tonight}inscrire/", {"name": "Ada", "faire": "inscrire", "jeton": "k"})
    again = desk(f"{tonight}inscrire/", {"name": "Zoé", "faire": "inscrire", "jeton": "k"})
    assert again.status_code == 422 and "ce formulaire a déjà servi" in again.page.text
    assert not Person.objects.filter(name="Zoé").exists()
    many = desk(f"{tonight}inscrire/", {"name": "Zoé", "faire": "inscrire", "party": "40"})
    assert many.status_code == 422 and "ce nombre de personnes ne va pas" in many.page.text


def test_ages_are_counted_without_a_name_and_nothing_is_not_zero(desk, tonight):
    page = desk(f"{tonight}ages/", {"age-60-69": "3", "age-70+": "0", "age-18-24": ""}).page
    assert "3 personnes comptées." in page.text
    assert dict(Headcount.objects.values_list("age_band", "count")) == {"60-69": 3, "70+": 0}
    values = {one["name"]: one["value"] for one in page.attributes["input"] if one.get("name", "").startswith("age-")}
    assert (values["age-60-69"], values["age-70+"], values["age-18-24"]) == ("3", "0", "")
    answer = desk(f"{tonight}ages/", {"age-60-69": "-1", "age-0-17": "douze"})
    assert answer.status_code == 422 and "ce nombre ne va pas" in answer.page.text
    assert dict(Headcount.objects.values_list("age_band", "count")) == {"60-69": 3, "70+": 0}


def test_a_price_is_told_a_party_and_no_money_is_taken(desk, small, clock, tuesday, now):
    raw = {**RAW, "price": "fixed", "price_euros": "4,50"}
    change_event(event_id=small.event.pk, raw=raw, **small.team)
    register_for(raw={"name": "Odette"}, party=2, session_id=small.session.pk, **small.team)
    assert "9\u202f€" in desk(f"seances/{small.session.pk}/").page.text
    change_event(event_id=small.event.pk, raw={**RAW, "price": "open", "price_euros": "5"}, **small.team)
    text = desk(f"seances/{small.session.pk}/").page.text
    assert "Prix libre, 5\u202f€ conseillés" in text and "9\u202f€" not in text


def test_the_sheet_has_a_line_for_each_and_blank_ones(desk, repair):
    register_for(
        raw={"name": "Odette", "phone": "03 84 12 34 56"}, party=3, session_id=repair.session.pk, **repair.team
    )
    page = desk(f"seances/{repair.session.pk}/feuille/").page
    assert len(page.attributes["tr"]) == 1 + 12 and page.text.count("avec Odette") == 2
    assert "Mardi 24 novembre 2026, 10\u202fh\u202f–\u202f12\u202fh" in page.text and "03 84" not in page.text


def test_a_spreadsheet_shows_every_cell_and_runs_none(desk, people, tuesday, now):
    told = workshop(people.place, tuesday, seats=3, now=now, title="=1+1")
    for name in ('=HYPERLINK("http://mal.invalid")', "@somme", "Odette ; Roux"):
        register_for(raw={"name": name}, party=1, session_id=told.session.pk, **told.team)
    answer = desk(f"seances/{told.session.pk}/feuille.csv")
    assert answer["Content-Disposition"] == f'attachment; filename="feuille-2026-11-24-{told.session.pk}.csv"'
    text = answer.content.decode()
    assert text.startswith("\ufeffséance;début;nom;personnes;") and "no-store" in answer["Cache-Control"]
    rows = text.splitlines()[1:]
    assert len(rows) == 3 and all(row.startswith("'=1+1;2026-11-24 10:00;") for row in rows)
    assert '"\'=HYPERLINK(""http://mal.invalid"")"' in rows[0] and ";'@somme;1;inscrit;;;" in rows[1]
    assert '"Odette ; Roux"' in rows[2]


def test_a_session_moves_with_its_people_told(desk, repair, tuesday):
    path = f"seances/{repair.session.pk}/"
    repair.come("Ada")
    Mail.objects.all().delete()
    moved = desk(f"{path}deplacer/", {"day": "2026-11-25", "starts": "14:00", "ends": "16:00"}).page
    assert "La séance est déplacée. Un courriel part à 1 personne." in moved.text
    assert "Mercredi 25 novembre 2026, 14\u202fh\u202f–\u202f16\u202fh" in moved.text and Mail.objects.count() == 1
    for wrong in ({"day": "2020-01-01"}, {"day": ""}, {"starts": "25:00"}):
        raw = {"day": "2026-11-25", "starts": "14:00", "ends": "16:00", **wrong}
        assert desk(f"{path}deplacer/", raw).status_code == 422
    assert Session.objects.get().start == tuesday + timedelta(days=1, hours=4)


def test_seats_grow_and_never_shrink_under_those_who_have_one(desk, tonight, small):
    answer = desk(f"{tonight}places/", {"capacity": "1"})
    assert answer.status_code == 422 and "2 personnes ont déjà une place" in answer.page.text
    for wrong in ("", "0", "1000", "douze", "-3", "1e3"):
        assert desk(f"{tonight}places/", {"capacity": wrong}).status_code == 422
    assert small.counted() == (2, 2, 0)


def test_calling_off_asks_once_says_who_is_written_to_and_who_to_call(desk, repair, clock):
    path = f"seances/{repair.session.pk}/annuler/"
    repair.come("Ada")
    register_for(
        raw={"name": "Odette", "phone": "03 84 12 34 56"}, party=1, session_id=repair.session.pk, **repair.team
    )
    asked = desk(path).page
    assert "Un courriel partira à 1 personne, avec votre motif." in asked.text
    assert "1 personne à prévenir vous-même" in asked.text and "Odette · 03 84 12 34 56" in asked.text
    answer = desk(path, {"reason": " "})
    assert answer.status_code == 422 and "il manque le motif" in answer.page.text
    assert Session.objects.get().cancelled_at is None
    done = desk(path, {"reason": "Intervenante malade"}).page
    assert "La séance est annulée. Un courriel part à 1 personne." in done.text
    assert set(repair.states().values()) == {"cancelled"}
    assert "Cette séance est annulée\u202f: Intervenante malade." in desk(f"seances/{repair.session.pk}/").page.text
    assert "Elle est déjà annulée." in desk(path).page.text
    gone = desk(f"{repair.event.pk}/retirer/", {}).page
    assert "quitte le programme." in gone.text and "1 événement retiré" in gone.text


def test_an_event_with_sessions_to_come_stays(desk, repair):
    answer = desk(f"{repair.event.pk}/retirer/", {})
    assert answer.status_code == 422 and "annulez-les d’abord" in answer.page.text
    repair.event.refresh_from_db()
    assert repair.event.archived_at is None


def test_a_feast_without_registration_counts_ages_only(desk, people, tuesday, now, clock):
    feast = workshop(people.place, tuesday, seats=None, now=now, title="Fête", takes_registrations="")
    clock.move_to(tuesday)
    page = desk(f"seances/{feast.session.pk}/").page
    assert "Les âges, sans les noms" in page.text and "Les inscrits" not in page.text
    answer = desk(f"seances/{feast.session.pk}/inscrire/", {"name": "Ada", "faire": "inscrire"})
    assert answer.status_code == 422 and not Person.objects.exists()


def test_a_session_that_lost_its_room_says_so(desk, venue, people, tuesday, now):
    told = workshop(people.place, tuesday, seats=3, now=now, space=venue.room.pk)
    assert "Salle du four" in desk(f"seances/{told.session.pk}/").page.text
    cancel(booking_id=told.session.booking_id, by="essai", now=now)
    text = desk(f"seances/{told.session.pk}/").page.text
    assert "Sa salle n’est plus réservée à cette heure" in text and "Salle du four" not in text
