"""What somebody without an account sees, and the three steps to a booking."""

import re
from datetime import datetime, timedelta
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from maillage.journal.models import AuditEvent, Mail
from maillage.management.bookings.actions.reserving import Asked, reserve
from maillage.management.bookings.models import Booking, Closure, OpeningRule, Settings, Space, Unit, Waiting
from maillage.management.people.models import Person
from tests.management.bookings.hall import Hall
from tests.web.page import Page

THOMAS = {"name": "Thomas Petit", "email": "Thomas@Example.org", "phone": "03 84 00 00 00"}


def base(venue: Hall) -> str:
    return f"/lieux/{venue.place.slug}/reserver/"


def said(client: Client, address: str, status: int = 200) -> Page:
    response = client.get(address)
    assert response.status_code == status
    page = Page(response.content.decode())
    assert page.problems == []
    return page


def asking(venue: Hall, space: Space, start: datetime, hours: float = 1) -> str:
    end = start + timedelta(hours=hours)
    return f"{base(venue)}?espace={space.slug}&de={start:%Y-%m-%dT%H:%MZ}&a={end:%Y-%m-%dT%H:%MZ}"


def sent(client: Client, address: str, **changed: str):
    form = client.get(address).content.decode()
    key = re.search(r'name="cle" value="([^"]+)"', form)[1]
    return client.post(address, {"cle": key, **THOMAS, **changed})


def alerts(response) -> str:
    found = re.findall(r'role="alert".*?</div>', response.content.decode(), re.DOTALL)
    return re.sub(r"[ \n]+", " ", unescape(re.sub(r"<[^>]+>", " ", " ".join(found)))).strip()


def test_a_day_says_what_is_free_space_by_space(client: Client, venue: Hall, tuesday: datetime, now: datetime) -> None:
    reserve(asked=Asked(space=venue.room, start=tuesday, end=tuesday + timedelta(hours=2)), by="essai", now=now)
    reserve(
        asked=Asked(space=venue.desks, start=tuesday, end=tuesday + timedelta(hours=2), units=7), by="essai", now=now
    )
    text = re.sub(r"[ \n]+", " ", said(client, f"{base(venue)}?jour=2026-11-24").text)
    assert "Mardi 24 novembre 2026" in text
    assert "Tout le lieu 8\u202fh – 10\u202fh 12\u202fh – 20\u202fh" in text
    assert "Salle du four 8\u202fh – 10\u202fh 12\u202fh – 20\u202fh" in text
    assert "8\u202fh – 10\u202fh 9 libres 10\u202fh – 12\u202fh 2 libres" in text


def test_visitors_read_why_it_is_closed(client: Client, venue: Hall, tuesday: datetime) -> None:
    given = {"place": venue.place, "start": tuesday - timedelta(hours=10)}
    Closure.objects.create(**given, end=tuesday + timedelta(hours=14), space=venue.whole, reason="Inventaire")
    Closure.objects.create(**given, end=tuesday, space=venue.room, reason="<b>Peinture</b>")
    page = said(client, f"{base(venue)}?jour=2026-11-24")
    assert page.html.count('Fermé ce jour-là\u202f: <span lang="fr">Inventaire</span>') == 3
    assert page.html.count("Inventaire, &lt;b&gt;Peinture&lt;/b&gt;") == 1
    Closure.objects.filter(space=venue.whole).delete()
    page = said(client, f"{base(venue)}?espace=salle&jour=2026-11-24")
    assert "Fermé une partie du jour\u202f: <b>Peinture</b>" in page.text
    assert "Inventaire" not in said(client, f"{base(venue)}?jour=2026-11-25").text


def test_with_no_day_asked_the_next_that_has_something_is_shown(client: Client, venue: Hall) -> None:
    assert "Dimanche 22 novembre 2026" in said(client, base(venue)).text
    Settings.objects.filter(pk=venue.place.pk).update(zone="Pacific/Noumea")
    assert "Lundi 23 novembre 2026" in said(client, base(venue)).text


def test_three_steps_lead_to_a_booking(client: Client, venue: Hall, tuesday: datetime, now: datetime) -> None:
    first = said(client, f"{base(venue)}?jour=2026-11-24")
    assert "?espace=salle&jour=2026-11-24" in first.links
    second = said(client, f"{base(venue)}?espace=salle&jour=2026-11-24")
    assert "?espace=salle&de=2026-11-24T07%3A00Z&a=2026-11-24T12%3A30Z" in second.links
    assert '<option value="2026-11-24T09:00Z">10\u202fh</option>' in second.html
    address = asking(venue, venue.room, tuesday)
    third = said(client, address)
    assert "Mardi 24 novembre 2026, de 10\u202fh à 11\u202fh" in third.text
    assert "?espace=salle&jour=2026-11-24" in third.links
    response = sent(client, address)
    (booking,) = Booking.objects.all()
    assert response.status_code == 302
    assert response["Location"].startswith(f"/reservation/{booking.pk}-")
    assert (booking.status, booking.start, booking.unit.name) == ("confirmed", tuesday, "Salle du four")
    thomas = booking.person
    assert (thomas.name, thomas.email, thomas.place) == ("Thomas Petit", "thomas@example.org", venue.place)
    assert AuditEvent.objects.get(action="bookings.made").by == "visiteur"
    last = said(client, response["Location"])
    assert "C’est réservé" in last.text
    assert "Thomas" not in last.text


def test_the_mail_holds_the_facts_and_links_that_work(client: Client, venue: Hall, tuesday: datetime) -> None:
    sent(client, asking(venue, venue.room, tuesday))
    mail = Mail.objects.get()
    assert mail.to == "thomas@example.org"
    assert mail.subject == "Réservé\u202f: Salle du four, mardi 24 novembre 2026, de 10\u202fh à 11\u202fh"
    links = re.findall(r"http://localhost:8000(/\S+)", mail.body)
    assert [client.get(link).status_code for link in links] == [200, 200]
    assert links[1] == f"{links[0]}agenda.ics"
    ics = client.get(links[1]).content.decode()
    assert "DTSTART:20261124T090000Z" in ics
    assert "STATUS:CONFIRMED" in ics


def test_an_english_visitor_is_written_to_in_english(client: Client, venue: Hall, tuesday: datetime) -> None:
    sent(client, f"/en{asking(venue, venue.room, tuesday)}")
    mail = Mail.objects.get()
    assert mail.subject == "Booked: Salle du four, Tuesday 24 November 2026, 10:00 to 11:00"
    assert "http://localhost:8000/en/reservation/" in mail.body


def test_a_form_sent_twice_books_once(client: Client, venue: Hall, tuesday: datetime) -> None:
    address = asking(venue, venue.desks, tuesday)
    answers = [client.post(address, {"cle": "une-seule-fois", **THOMAS}) for _ in range(2)]
    assert {answer.status_code for answer in answers} == {302}
    assert answers[0]["Location"] == answers[1]["Location"]
    assert (Booking.objects.count(), Person.objects.count(), Mail.objects.count()) == (1, 1, 1)
    other = client.post(asking(venue, venue.room, tuesday), {"cle": "une-seule-fois", **THOMAS})
    assert other.status_code == 422
    assert alerts(other) == (
        'role="alert" tabindex="-1"> Rien n’a été réservé Ce formulaire a déjà servi, pour une autre demande. '
        "Un formulaire fait une seule réservation, même envoyé deux fois. "
        "Si vous en voulez une autre, envoyez-le de nouveau\u202f: il est prêt."
    )
    assert Booking.objects.count() == 1


def test_the_same_person_is_found_and_another_is_not(client: Client, venue: Hall, tuesday: datetime) -> None:
    for name, hour in (("Thomas Petit", 0), ("PETIT Thomas".title(), 2), ("thomas  pétit", 4), ("Zoé Petit", 6)):
        sent(client, asking(venue, venue.room, tuesday + timedelta(hours=hour)), name=name)
    assert sorted(Person.objects.values_list("name", flat=True)) == ["Petit Thomas", "Thomas Petit", "Zoé Petit"]


def test_a_taken_time_offers_others_and_the_waiting_list(
    client: Client, venue: Hall, tuesday: datetime, now: datetime
) -> None:
    taken = reserve(asked=Asked(space=venue.room, start=tuesday, end=tuesday + timedelta(hours=1)), by="x", now=now)
    address = asking(venue, venue.room, tuesday)
    page = said(client, address)
    assert "Mardi 24 novembre 2026, de 9\u202fh à 10\u202fh" in page.text
    assert "Me mettre sur la liste d’attente" in page.text
    refused = sent(client, address)
    assert refused.status_code == 409
    assert alerts(refused) == (
        'role="alert" tabindex="-1"> Rien n’a été réservé «\u202fSalle du four\u202f» n’est plus libre. '
        "Quelqu’un l’a réservé à cette heure. "
        "Choisissez une autre heure, un autre espace, ou mettez-vous sur la liste d’attente."
    )
    response = sent(client, address, attente="1")
    (waiting,) = Waiting.objects.all()
    assert (waiting.person.name, waiting.start, response.status_code) == ("Thomas Petit", tuesday, 302)
    assert "Vous êtes sur la liste d’attente" in said(client, response["Location"]).text
    from maillage.management.bookings.actions.freeing import cancel

    cancel(booking_id=taken.pk, by="x", now=now)
    mails = list(Mail.objects.order_by("pk").values_list("subject", flat=True))
    assert mails == [
        "Sur la liste d’attente\u202f: Salle du four, mardi 24 novembre 2026, de 10\u202fh à 11\u202fh",
        "Une place s’est libérée\u202f: Salle du four, mardi 24 novembre 2026, de 10\u202fh à 11\u202fh",
    ]
    link = re.search(r"http://localhost:8000(/reservation/\S+)", Mail.objects.order_by("pk").last().body)[1]
    assert "Gardé pour vous" in said(client, link).text
    client.post(link, {"prendre": "1"})
    assert "C’est réservé" in said(client, link).text
    assert Booking.objects.get(person=waiting.person).status == "confirmed"


def test_what_is_free_is_not_waited_for(client: Client, venue: Hall, tuesday: datetime) -> None:
    refused = sent(client, asking(venue, venue.room, tuesday), attente="1")
    assert refused.status_code == 409
    assert (
        "«\u202fSalle du four\u202f» est libre à cette heure. On n’attend que ce qui est pris. Réservez-le."
        in alerts(refused)
    )
    assert not Waiting.objects.exists()
    assert not Person.objects.exists()


def test_a_link_cancels_once_asked_twice(client: Client, venue: Hall, tuesday: datetime) -> None:
    link = sent(client, asking(venue, venue.room, tuesday))["Location"]
    assert "Oui, annuler" not in said(client, link).text
    assert "Oui, annuler" in said(client, f"{link}?annuler=1").text
    assert Booking.objects.get().status == "confirmed"
    assert client.post(link, {"annuler": "1"}).status_code == 302
    assert "Réservation annulée" in said(client, link).text
    assert Booking.objects.get().status == "cancelled"
    assert "STATUS:CANCELLED" in client.get(f"{link}agenda.ics").content.decode()
    client.post(link, {"prendre": "1"})
    assert Booking.objects.get().status == "cancelled"


def test_what_has_begun_is_not_cancelled_by_a_link(client: Client, venue: Hall, tuesday: datetime) -> None:
    link = sent(client, asking(venue, venue.room, tuesday))["Location"]
    Booking.objects.update(start=tuesday - timedelta(days=3))
    answer = client.post(link, {"annuler": "1"})
    assert answer.status_code == 409
    assert alerts(answer).endswith(
        "Cette réservation a déjà commencé. Ce lien annule ce qui est à venir. Dites-le à l’équipe du lieu."
    )
    assert Booking.objects.get().status == "confirmed"


@pytest.mark.parametrize("change", [lambda t: t[:-1], lambda t: f"9{t}", lambda t: t.replace("-", "-x", 1)])
def test_a_changed_link_opens_nothing(client: Client, venue: Hall, tuesday: datetime, change) -> None:
    token = sent(client, asking(venue, venue.room, tuesday))["Location"].split("/")[2]
    changed = change(token)
    assert [client.get(f"/reservation/{one}/").status_code for one in (token, changed)] == [200, 404]
    assert client.get(f"/reservation/{changed}/agenda.ics").status_code == 404
    assert client.get(f"/attente/{token}/").status_code == 404


def test_five_bookings_a_day_for_an_address_of_mail(client: Client, venue: Hall, tuesday: datetime) -> None:
    def ask(n: int, **more: str):
        start = tuesday + timedelta(hours=n)
        return client.post(asking(venue, venue.desks, start), {"cle": f"cle-{n}", **THOMAS}, **more)

    assert [ask(n, REMOTE_ADDR=f"192.0.2.{n}").status_code for n in range(5)] == [302] * 5
    refused = ask(5, REMOTE_ADDR="192.0.2.9")
    assert refused.status_code == 429
    assert alerts(refused).endswith(
        "5 demandes en un jour pour une adresse, 30 pour un réseau\u202f: c’est le plus. "
        "Cela évite qu’une seule personne prenne toute la place. "
        "Revenez demain, ou appelez le lieu\u202f: l’équipe réserve pour vous."
    )
    assert Booking.objects.count() == 5


def test_those_who_share_a_network_share_a_wider_bound(client: Client, venue: Hall, tuesday: datetime) -> None:
    """The Wi-Fi of a place is one address for all who sit there."""

    def ask(n: int) -> int:
        start = tuesday + timedelta(days=n // 9, minutes=30 * (n % 9))
        mine = {"cle": f"x{n}", **THOMAS, "email": f"t{n}@example.org"}
        return client.post(asking(venue, venue.desks, start, 0.5), mine, REMOTE_ADDR="192.0.2.50").status_code

    assert [ask(n) for n in range(30)] == [302] * 30
    assert ask(30) == 429


def test_what_is_refused_is_not_counted(client: Client, venue: Hall, tuesday: datetime) -> None:
    for n in range(7):
        answer = client.post(asking(venue, venue.room, tuesday), {"cle": f"c{n}", **THOMAS, "email": "x"})
        assert answer.status_code == 422
    assert sent(client, asking(venue, venue.room, tuesday)).status_code == 302


def test_fields_are_refused_each_with_its_mend(client: Client, venue: Hall, tuesday: datetime) -> None:
    answer = sent(client, asking(venue, venue.room, tuesday), name="", email="", phone="12")
    assert answer.status_code == 422
    assert "Il manque votre adresse électronique" in alerts(answer)
    assert not Booking.objects.exists()
    named = sent(client, asking(venue, venue.room, tuesday), name="")
    assert named.status_code == 422
    assert "entry--wrong" in named.content.decode()


def test_all_that_is_missing_is_said_at_once(client: Client, venue: Hall, tuesday: datetime) -> None:
    answer = sent(client, asking(venue, venue.room, tuesday), name="", email="", phone="12")
    assert answer.status_code == 422
    assert re.findall(r'<a href="#(\w+)">', answer.content.decode()) == ["name", "email", "phone"]
    assert '<div class="wrongs" autofocus role="alert" tabindex="-1">' in answer.content.decode()
    assert not Person.objects.exists()


def test_an_end_is_of_the_same_day_unless_it_says_otherwise(client: Client, venue: Hall) -> None:
    """Tuesday is open like Monday: its hours are no end of a Monday’s booking."""
    page = said(client, f"{base(venue)}?espace=salle&jour=2026-11-23")
    ends = page.html.partition('id="a"')[2]
    assert "2026-11-23T19:00Z" in ends
    assert "2026-11-24T" not in ends
    OpeningRule.objects.filter(weekday=0).update(opens_minute=1080, closes_minute=1560)
    ends = said(client, f"{base(venue)}?espace=salle&jour=2026-11-23").html.partition('id="a"')[2]
    assert '<option value="2026-11-23T22:30Z">23\u202fh\u202f30</option>' in ends
    assert '<option value="2026-11-24T00:00Z">1\u202fh (le lendemain)</option>' in ends


def test_an_end_before_the_start_is_mended_where_it_was_chosen(client: Client, venue: Hall) -> None:
    """Whoever changes the first list only, without JavaScript, keeps it and finds the ends that follow."""
    page = said(client, f"{base(venue)}?espace=salle&de=2026-11-24T13:00Z&a=2026-11-24T07:30Z")
    assert "vient avant le début" in page.text
    assert '<option value="2026-11-24T13:00Z" selected>14\u202fh</option>' in page.html
    ends = re.findall(r'value="([^"]+)"', page.html.partition('id="a"')[2].partition("</select>")[0])
    assert (ends[0], ends[-1]) == ("2026-11-24T13:30Z", "2026-11-24T19:00Z")
    back = said(client, f"{base(venue)}?espace=salle&de=2026-11-24T13:00Z")
    assert '<option value="2026-11-24T13:00Z" selected>' in back.html


def test_who_is_not_signed_in_learns_of_the_authorisation_before_filling_a_form(
    client: Client, venue: Hall, tuesday: datetime
) -> None:
    page = said(client, asking(venue, venue.laser, tuesday))
    assert "Il faut l’habilitation «\u202fDécoupe laser\u202f», valable ce jour-là" in page.text
    assert "Me connecter" in page.text
    assert 'name="cle"' not in page.html


def test_html_in_a_name_is_inert(client: Client, venue: Hall, tuesday: datetime, now: datetime) -> None:
    bad = "<script>alert(1)</script>"
    answer = sent(client, asking(venue, venue.room, tuesday), name=bad, phone="x<b>")
    assert answer.status_code == 422
    assert bad not in answer.content.decode()
    assert "&lt;script&gt;" in answer.content.decode()
    link = sent(client, asking(venue, venue.room, tuesday), name=bad)["Location"]
    assert bad not in client.get(link).content.decode()


def test_an_authorisation_is_not_borrowed_with_a_name(client: Client, venue: Hall, tuesday: datetime) -> None:
    from maillage.management.bookings.models import Authorisation

    known = Person.objects.create(
        place=venue.place, name="Lila", folded="lila", email="lila@example.org", created_at=tuesday
    )
    Authorisation.objects.create(person=known, name="Découpe laser", given_on="2026-01-01", given_by="x")
    lila = {"cle": "une-clé", **THOMAS, "name": "Lila", "email": "lila@example.org"}
    refused = client.post(asking(venue, venue.laser, tuesday), lila)
    assert refused.status_code == 409
    assert alerts(refused).endswith(
        "Il faut l’habilitation «\u202fDécoupe laser\u202f», valable ce jour-là. "
        "Elle s’obtient à une formation, et le lieu doit vous reconnaître. "
        "Connectez-vous avec votre compte, ou demandez à l’équipe la date de la prochaine formation."
    )
    assert not Booking.objects.exists()


def test_a_place_that_takes_none_says_so_and_how_to_reach_it(client: Client, venue: Hall, tuesday: datetime) -> None:
    address = asking(venue, venue.room, tuesday)
    assert client.get(f"/lieux/{venue.place.slug}/").content.decode().count(base(venue)) == 1
    Settings.objects.update(is_online=False)
    page = said(client, base(venue))
    assert f"{venue.place.name} ne prend pas de réservation en ligne." in page.text
    answer = client.post(address, {"cle": "c", **THOMAS})
    assert (answer.status_code, Booking.objects.count()) == (409, 0)
    assert client.get(f"{base(venue)}agenda.ics").status_code == 404
    assert client.get("/lieux/rien/reserver/").status_code == 404


def test_the_page_of_a_place_follows_its_settings_at_once(client: Client, venue: Hall, now: datetime) -> None:
    from maillage.journal import actions as journal

    sheet = f"/lieux/{venue.place.slug}/"
    assert base(venue) in client.get(sheet).content.decode()
    Settings.objects.update(is_online=False)
    assert base(venue) in client.get(sheet).content.decode()
    journal.write(action="bookings.settings_changed", by="x", now=now)
    assert base(venue) not in client.get(sheet).content.decode()


def test_a_space_taken_off_line_is_neither_shown_nor_booked(client: Client, venue: Hall, tuesday: datetime) -> None:
    address = asking(venue, venue.room, tuesday)
    Space.objects.filter(pk=venue.room.pk).update(is_online=False)
    assert "Salle du four" not in said(client, f"{base(venue)}?jour=2026-11-24").text
    assert client.post(address, {"cle": "c", **THOMAS}).status_code == 400
    assert not Booking.objects.exists()
    assert client.get(f"{base(venue)}salle/agenda.ics").status_code == 404


HOSTILE = ["0000-01-01", "99999-01-01", "2026-13-45", "a" * 10_000, "\u0661", "-1", "<b>", "0001-01"]
MOMENTS = ["2026-11-24T99:99Z", "0001-01-01T00:00Z", "9999-12-31T23:59Z", "2098-12-31T23:59Z"]


@pytest.mark.parametrize("name", ["jour", "mois", "de", "a", "espace"])
def test_hostile_parameters_get_a_page(client: Client, venue: Hall, name: str) -> None:
    before = {"espace": "salle", "de": "2026-11-24T09:00Z", "a": "2026-11-24T10:00Z"}
    for text in [*HOSTILE, *MOMENTS]:
        for given in ({name: text}, before | {name: text}):
            assert client.get(base(venue), given).status_code == 200
            assert client.post(f"{base(venue)}?espace=salle&{name}={text[:200]}", THOMAS).status_code < 500
    assert client.get(base(venue), {name: "a\x00b"}).status_code == 400
    assert not Booking.objects.exists()


def test_feeds_say_when_and_never_who(client: Client, venue: Hall, tuesday: datetime) -> None:
    sent(client, asking(venue, venue.room, tuesday))
    for feed in (f"{base(venue)}agenda.ics", f"{base(venue)}salle/agenda.ics"):
        told = client.get(feed)
        assert told["Content-Type"] == "text/calendar; charset=utf-8"
        text = told.content.decode()
        assert "DTSTART:20261124T090000Z" in text
        assert "Thomas" not in text
        assert "Pris" in text
    assert "BEGIN:VEVENT" not in client.get(f"{base(venue)}bureaux/agenda.ics").content.decode()


def test_a_month_asks_the_database_the_same_whatever_is_booked(
    client: Client, venue: Hall, now: datetime, tuesday: datetime
) -> None:
    """Thirty units and five thousand bookings."""
    Unit.objects.bulk_create(Unit(space=venue.desks, name=f"Poste {n}", order=n) for n in range(10, 29))
    units = list(Unit.objects.filter(space=venue.desks)) + list(Unit.objects.filter(space=venue.room))
    assert Unit.objects.count() == 30

    def asked() -> list[str]:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(f"{base(venue)}?mois=2026-12").status_code == 200
        return [re.sub(r'^\(?SELECT .* FROM "(\w+)".*', r"\1", one["sql"].replace("\n", " ")) for one in captured]

    asked()
    before = asked()
    rows = []
    for n in range(5_000):
        unit = units[n % len(units)]
        start = datetime(2026, 12, 1, 7, tzinfo=tuesday.tzinfo) + timedelta(minutes=10 * (n // len(units)) * 25)
        rows.append(
            Booking(
                place=venue.place,
                space=unit.space,
                unit=unit,
                start=start,
                end=start + timedelta(minutes=200),
                status="confirmed",
                made_at=now,
                made_by="essai",
                changed_at=now,
            )
        )
    Booking.objects.bulk_create(rows)
    assert asked() == before
    assert [name for name in before if name.startswith("bookings_")] == [
        "bookings_settings",
        "bookings_space",
        "bookings_unit",
        "bookings_openingrule",
        "bookings_closure",
        "bookings_booking",
    ]
    assert len(before) == 8


def test_somebody_takes_several_desks_at_once(client: Client, venue: Hall, tuesday: datetime, now: datetime) -> None:
    reserve(
        asked=Asked(space=venue.desks, start=tuesday, end=tuesday + timedelta(hours=1), units=6), by="essai", now=now
    )
    address = asking(venue, venue.desks, tuesday)
    options = re.findall(r"<option[^>]*>(\d)</option>", client.get(address).content.decode())
    assert options == ["1", "2", "3"]
    response = sent(client, address, nombre="3")
    assert response.status_code == 302
    assert "Bureaux, 3 places" in said(client, response["Location"]).text
    mail = Mail.objects.get()
    assert mail.subject.startswith("Réservé\u202f: Bureaux, 3 places, mardi 24 novembre 2026")
    assert Booking.objects.filter(status="confirmed").count() == 9
    assert client.post(response["Location"], {"annuler": "1"}).status_code == 302
    assert Booking.objects.filter(status="confirmed").count() == 6


def test_more_than_what_is_left_is_told_and_nothing_is_written(
    client: Client, venue: Hall, tuesday: datetime, now: datetime
) -> None:
    reserve(
        asked=Asked(space=venue.desks, start=tuesday, end=tuesday + timedelta(hours=1), units=7), by="essai", now=now
    )
    response = sent(client, asking(venue, venue.desks, tuesday), nombre="3")
    assert response.status_code == 409
    assert "Il n’en reste que 2 de libres à cette heure" in alerts(response)
    assert Booking.objects.count() == 7


@pytest.mark.parametrize("number", ["0", "9", "-1", "²", "deux", "1e1", ""])
def test_a_number_of_desks_that_is_none_is_told(client: Client, venue: Hall, tuesday: datetime, number: str) -> None:
    response = sent(client, asking(venue, venue.desks, tuesday), nombre=number)
    assert response.status_code == 422
    assert alerts(response).endswith(
        "À reprendre Ce nombre de places ne va pas Choisissez de 1 à 8\u202f; pour plus, appelez le lieu."
    )
    assert not Booking.objects.exists()


def test_the_whole_room_has_no_number(client: Client, venue: Hall, tuesday: datetime) -> None:
    assert 'name="nombre"' not in client.get(asking(venue, venue.room, tuesday)).content.decode()
