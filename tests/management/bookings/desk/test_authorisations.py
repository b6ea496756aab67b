"""Who may use which machine, until when: shown, given to several after a training, withdrawn."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied

from maillage.accounts.rules import signature
from maillage.journal.models import AuditEvent
from maillage.management.bookings.actions.authorising import authorise, withdraw
from maillage.management.bookings.actions.reserving import Asked, Refused, reserve
from maillage.management.bookings.actions.spaces import SpacesRefused
from maillage.management.bookings.models import Authorisation
from maillage.management.bookings.queries.proposals import Wish, proposals
from maillage.management.bookings.rules.spans import Span
from maillage.management.people.actions.persons import leave
from maillage.management.people.models import Person
from tests.management.bookings.hall import hall, hours

GIVE = "habilitations/donner/"
TODAY = date(2026, 11, 22)
ASKED = {"authorisation": "Découpe laser", "given_on": "2026-11-20", "expires_on": "2027-11-20"}


def given(person: Person, until: date | None = None, since: date = date(2026, 1, 5)) -> Authorisation:
    row = {"person": person, "name": "Découpe laser", "given_by": "essai"}
    return Authorisation.objects.create(**row, given_on=since, expires_on=until)


def known(venue, now, name: str, **more: str) -> Person:
    return Person.objects.create(
        place=venue.place, name=name, folded=name.casefold().replace("è", "e"), created_at=now, **more
    )


def test_a_training_gives_it_to_several_and_then_they_may_book(desk, venue, tuesday, now):
    people = [known(venue, now, name) for name in ("Ève Martin", "Thomas Petit")]
    page = desk(GIVE, {**ASKED, "names": "- Thomas Petit\nmartin Ève\n"}).page
    assert "2 personnes habilitées." in page.text and "du 20 novembre 2026 au 20 novembre 2027" in page.text
    rows = Authorisation.objects.order_by("person")
    assert [(row.person, row.expires_on) for row in rows] == [(one, date(2027, 11, 20)) for one in people]
    events = AuditEvent.objects.filter(action="bookings.authorised")
    assert events.count() == 2 and "Thomas" not in str([event.detail for event in events])
    start, end = hours(tuesday)
    reserve(asked=Asked(space=venue.laser, start=start, end=end, person=people[0]), by="page", now=now)
    again = desk(GIVE, {**ASKED, "names": "Thomas Petit"}).page
    assert "Elles l’avaient déjà" in again.text and rows.count() == 2


def test_the_page_says_what_ends_within_thirty_days_and_what_is_over(desk, venue, now):
    for name, until in (("Ève", None), ("Karl", TODAY + timedelta(30)), ("Lou", TODAY - timedelta(1))):
        given(venue.person(name, now=now), until)
    given(venue.person("Zoé", now=now), TODAY + timedelta(31))
    page = desk("habilitations/").page
    assert "1 habilitation finit dans les trente jours." in page.text and "1 habilitation finie" in page.text
    assert "depuis le 5 janvier 2026, sans fin" in page.text and "finie depuis le 21 novembre 2026" in page.text
    assert page.text.count("finit bientôt") == 1 and page.text.index("Karl") < page.text.index("finit bientôt")
    assert "Demandée pour\u202f: Découpe laser" in page.text


def test_the_one_that_lasts_longest_is_shown_once(desk, venue, now):
    eve = venue.person("Ève", now=now)
    given(eve, TODAY + timedelta(3))
    given(eve, TODAY + timedelta(400), TODAY)
    page = desk("habilitations/").page
    assert page.text.count("Ève") == 3 and "finit bientôt" not in page.text


def test_names_that_mean_nobody_or_several_write_nothing_and_are_asked_again(desk, venue, now):
    twins = [known(venue, now, "Ève Martin", phone=phone) for phone in ("06 11", "06 22")]
    known(venue, now, "Thomas")
    page = desk(GIVE, {**ASKED, "names": "Ève Martin\nThomas\nInconnue <b>"}, to=422).page
    assert not Authorisation.objects.exists()
    assert "personne ici ne porte ce nom\u202f: Inconnue <b>" in page.text
    boxes = page.head("input", name="person")
    assert [("checked" in box) for box in boxes] == [True, False, False]
    assert "06 11" in page.text and "Inconnue <b>" in page.text
    desk(GIVE, {**ASKED, "names": "", "person": [boxes[0]["value"], str(twins[1].pk)]})
    assert set(Authorisation.objects.values_list("person__phone", flat=True)) == {"", "06 22"}


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"authorisation": "Autre"}, "il manque l’habilitation"),
        ({"given_on": "hier"}, "il manque le jour de la formation"),
        ({"expires_on": "2026-02-30"}, "ce jour est illisible"),
        ({"expires_on": "2026-01-01"}, "ce jour est avant la formation"),
        ({"names": "", "person": ["987654321", "x", "\x00", "-1"]}, "il manque à qui"),
    ],
)
def test_what_is_wrong_is_told_and_nothing_is_written(desk, venue, now, wrong, said):
    known(venue, now, "Thomas")
    page = desk(GIVE, {**ASKED, "names": "Thomas", **wrong}, to=422).page
    assert said in page.text and not Authorisation.objects.exists()


def test_who_left_or_is_of_another_place_gets_none(people, venue, chief, now):
    gone = venue.person("Parti", now=now)
    leave(place=people.place, person_id=gone.pk, by=chief, now=now)
    other = Person.objects.create(place=people.other, name="Autre", created_at=now)
    for one in (gone, other):
        with pytest.raises(SpacesRefused, match="plus dans la liste"):
            authorise(place=people.place, person_ids=[one.pk], raw=ASKED, by=chief, now=now)
    assert not Authorisation.objects.exists()


def test_withdrawn_it_no_longer_counts_anywhere_and_the_row_stays(desk, venue, tuesday, now):
    eve = venue.person("Ève", now=now)
    row, older = given(eve), given(eve, date(2026, 12, 31))
    page = desk(f"habilitations/{row.pk}/retirer/").page
    assert "Retirer «\u202fDécoupe laser\u202f» à Ève\u202f?" in page.text and "Oui, retirer" in page.text
    assert "Personne ne l’a encore" in desk(f"habilitations/{row.pk}/retirer/", {}).page.text
    row.refresh_from_db()
    older.refresh_from_db()
    assert row.withdrawn_at == older.withdrawn_at == now
    assert AuditEvent.objects.filter(action="bookings.unauthorised").count() == 1
    start, end = hours(tuesday)
    with pytest.raises(Refused, match="habilitation"):
        reserve(asked=Asked(space=venue.laser, start=start, end=end, person=eve), by="page", now=now)
    told = proposals(venue.place, Wish(space=venue.laser), [Span(start, end)], person=eve, now=now)
    assert [one.code for one in told[0].problems] == ["authorisation"]
    desk(f"habilitations/{row.pk}/retirer/", {}, to=404)


def test_only_who_runs_the_place_gives_and_takes_back(people, desk, venue, now):
    eve = venue.person("Ève", now=now)
    row = given(eve)
    host = signature(people.karim.user.pk, "colleague")
    assert "Retirer" not in desk("habilitations/", by=people.karim).page.text
    with pytest.raises(PermissionDenied):
        authorise(place=people.place, person_ids=[eve.pk], raw=ASKED, by=host, now=now)
    with pytest.raises(PermissionDenied):
        withdraw(place=people.place, authorisation_id=row.pk, by=host, now=now)


def test_the_page_of_a_person_leads_to_theirs(desk, venue, now):
    eve = venue.person("Ève", now=now)
    given(venue.person("Lou", now=now))
    given(eve)
    links = desk(f"personnes/{eve.pk}/").page.links
    assert f"/gerer/{venue.place.slug}/habilitations/?personne={eve.pk}" in links
    assert f"/gerer/{venue.place.slug}/reserver/?personne={eve.pk}" in links
    page = desk(f"habilitations/?personne={eve.pk}").page
    assert "Habilitations de Ève" in page.text and "Lou" not in page.text


def test_without_a_space_that_asks_for_one_it_says_what_to_do(desk, people, now):
    assert "Aucun espace ne demande d’habilitation" in desk("habilitations/").page.text
    assert "Aucun espace ne demande d’habilitation" in desk(GIVE).page.text
    hall(people.place)
    assert "Personne ne l’a encore" in desk("habilitations/").page.text
