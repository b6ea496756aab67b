"""What a place shows of its figures: to whom, until which minute, who read it; nothing can be written through it."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from django.test import Client

from maillage.accounts.actions import erase
from maillage.accounts.models import Membership, User
from maillage.accounts.rules import signature
from maillage.journal.models import AuditEvent, Mail
from maillage.management.bookings.models import Booking, Space, Unit, Visit
from maillage.management.people.models import Membership as Bond
from maillage.management.people.models import Person
from maillage.network.clearance import tasks
from maillage.network.clearance.actions import granting
from maillage.network.clearance.actions.granting import PERSON, AccessOver, HelpRefused
from maillage.network.clearance.actions.networks import close_network
from maillage.network.clearance.models import Grant, GrantUse
from maillage.network.clearance.queries import shown
from maillage.network.clearance.queries.grants import ending_soon, grants_of, is_working, shown_to
from maillage.network.clearance.queries.helping import edits_by_observers
from maillage.network.clearance.queries.shown import Count
from maillage.places.actions.lifecycle import confirm_place, remove_place
from maillage.places.models import Place
from tests.network.clearance.helped import Valley, person, plea, valley

pytestmark = pytest.mark.django_db
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


@pytest.fixture
def jura(now: datetime, small_ground: None) -> Valley:
    return valley(now)


def give(jura: Valley, now: datetime, to: str = "dep:39", **more: Any) -> Grant:
    told = {"email": more.pop("email", ""), "by": more.pop("by", jura.nadine_by), "key": more.pop("key", "")}
    asked = plea(to, **({"shares": ("usage",)} | more))
    return granting.give(place=jura.place, asked=asked, now=now, **told)


def read(grant: Grant, user: User, now: datetime) -> dict[str, Any]:
    return dict(granting.read(grant_id=grant.pk, user=user, now=now).figures)


class TestGiving:
    def test_each_kind_of_holder_reads_and_nobody_else(self, jura: Valley, now: datetime) -> None:
        accompanier = User.objects.create_user("dla@exemple.fr", name="Aïcha")
        elsewhere = person("Paul", "observer", "dep:44", now)
        above = person("Remi", "observer", "reg:27", now)
        operator = person("Camille", "operator", "france", now)
        grants = {
            jura.ines: give(jura, now, f"reseau:{jura.network.pk}"),
            jura.claire: give(jura, now),
            accompanier: give(jura, now, PERSON, email="DLA@exemple.fr"),
        }
        everybody = [*grants, elsewhere, above, operator, jura.nadine, jura.karim]
        for holder, grant in grants.items():
            for user in everybody:
                if user == holder:
                    assert list(read(grant, user, now)) == ["usage"]
                else:
                    with pytest.raises(PermissionDenied):
                        read(grant, user, now)
            assert shown_to(holder, now=now) == [grant]
        assert [(one.read_by, one.shares) for one in GrantUse.objects.order_by("pk")] == [
            (signature(jura.ines.pk, "network_officer"), "usage"),
            (signature(jura.claire.pk, "observer"), "usage"),
            (signature(accompanier.pk, "reader"), "usage"),
        ]
        assert AuditEvent.objects.filter(action="clearance.access_read").count() == 3
        told = Mail.objects.get()
        assert (told.to, told.subject) == ("dla@exemple.fr", "La Maille vous montre ses chiffres")

    @pytest.mark.parametrize(
        ("given", "said"),
        [
            (
                {"to": PERSON, "email": "personne@exemple.fr"},
                "Personne n’a de compte ici à cette adresse\u202f: invitez d’abord cette personne dans l’équipe, "
                "pour observer, puis revenez.",
            ),
            ({"to": "dep:44"}, "Ce réseau ne suit plus ce lieu\u202f: choisissez de nouveau dans la liste."),
        ],
        ids=["no account", "elsewhere"],
    )
    def test_who_cannot_read_is_refused(self, jura: Valley, now: datetime, given: dict[str, str], said: str) -> None:
        with pytest.raises(HelpRefused) as refused:
            give(jura, now, **given)
        assert str(refused.value) == said
        assert not Grant.objects.exists()

    def test_only_who_runs_the_place_gives_and_a_form_sent_twice_gives_once(self, jura: Valley, now: datetime) -> None:
        for user, role in ((jura.karim, "colleague"), (jura.ines, "network_officer"), (jura.claire, "observer")):
            with pytest.raises(PermissionDenied):
                give(jura, now, by=signature(user.pk, role))
        assert give(jura, now, key="k") == give(jura, now, key="k")
        for _ in range(9):
            give(jura, now)
        with pytest.raises(HelpRefused, match="beaucoup pour un jour"):
            give(jura, now)

    @pytest.mark.parametrize(
        "wrong",
        [
            {"scope": ""},
            {"scope": "dep:39", "reader": True},
            {"usage": False},
            {"expires_at": timedelta(0)},
            {"expires_at": timedelta(days=180, seconds=1)},
            {"ended_by": "x"},
            {"given_by": ""},
        ],
        ids=["nobody", "two holders", "nothing", "no time", "too long", "end without a day", "no author"],
    )
    def test_the_database_refuses_what_makes_no_access(
        self, jura: Valley, now: datetime, wrong: dict[str, Any]
    ) -> None:
        right = {"place": jura.place, "scope": "dep:39", "usage": True, "given_at": now, "given_by": "x"}
        right["expires_at"] = now + timedelta(days=180)
        Grant.objects.create(**right)
        if "reader" in wrong:
            wrong["reader"] = jura.nadine
        if "expires_at" in wrong:
            wrong["expires_at"] += now
        with pytest.raises(IntegrityError), transaction.atomic():
            Grant.objects.create(**{**right, **wrong})


class TestEnding:
    def test_it_opens_until_the_very_minute(self, jura: Valley, now: datetime) -> None:
        grant = give(jura, now, days=7)
        assert read(grant, jura.claire, grant.expires_at - timedelta(microseconds=1))
        for moment in (grant.expires_at, grant.expires_at + MINUTE):
            with pytest.raises(AccessOver):
                read(grant, jura.claire, moment)
        with pytest.raises(AccessOver):
            read(grant, jura.claire, now - MINUTE)
        assert GrantUse.objects.count() == 1

    def test_clocks_that_change_shorten_nothing(self, jura: Valley) -> None:
        """Thirty days over the night of October are thirty times twenty-four hours, whatever the clocks say."""
        before = datetime(2026, 10, 20, 8, tzinfo=UTC)
        Membership.objects.update(given_at=before)
        grant = give(jura, before)
        grant.refresh_from_db()
        assert grant.expires_at == datetime(2026, 11, 19, 8, tzinfo=UTC)

    def test_ended_it_opens_nothing_and_only_the_place_ends_it(self, jura: Valley, now: datetime) -> None:
        grant = give(jura, now)
        end = {"place": jura.place, "grant_id": grant.pk}
        for by in (jura.claire_by, signature(jura.karim.pk, "colleague")):
            with pytest.raises(PermissionDenied):
                granting.end(by=by, now=now, **end)
        for minutes in (1, 2):
            granting.end(by=jura.nadine_by, now=now + minutes * MINUTE, **end)
        with pytest.raises(AccessOver):
            read(grant, jura.claire, now + MINUTE)
        grant.refresh_from_db()
        assert (grant.ended_at, grant.ended_by) == (now + MINUTE, jura.nadine_by)
        assert AuditEvent.objects.filter(action="clearance.access_ended").count() == 1
        held = grants_of(jura.place, now=now + MINUTE)
        assert (held.now, held.over) == ([], [grant])

    def test_reading_and_ending_wait_for_each_other(self, jura: Valley, now: datetime) -> None:
        """The row is locked by both before anything is read: an end comes before a reading or after it."""
        grant = give(jura, now)
        asked: list[str] = []

        def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
            asked.append(sql)
            return execute(sql, params, many, context)

        with connection.execute_wrapper(note):
            read(grant, jura.claire, now)
        first = next(sql for sql in asked if "clearance_grant" in sql)
        assert ("FOR UPDATE" in first) == (connection.vendor == "postgresql")
        written = next(number for number, sql in enumerate(asked) if 'INTO "clearance_grantuse"' in sql)
        assert all("bookings_booking" not in sql for sql in asked[:written])

    def test_roles_closures_and_removals_end_it_too(self, jura: Valley, now: datetime) -> None:
        ours, hers = give(jura, now, f"reseau:{jura.network.pk}"), give(jura, now)
        Membership.objects.filter(user=jura.claire).delete()
        close_network(network=jura.network, by="test", now=now)
        for grant, user in ((ours, jura.ines), (hers, jura.claire)):
            with pytest.raises(PermissionDenied):
                read(grant, user, now)
        remove_place(place_id=jura.place.pk, reason="erreur", by="test", now=now)
        hers.place.refresh_from_db()
        assert not is_working(hers, now)

    def test_who_is_erased_reads_no_more_and_stays_in_the_log(self, jura: Valley, now: datetime) -> None:
        user = User.objects.create_user("dla@exemple.fr", name="Aïcha")
        grant = give(jura, now, PERSON, email=user.email)
        read(grant, user, now)
        with time_machine.travel(now + DAY, tick=False):
            erase(user=user, by="test", now=now + DAY)
        grant.refresh_from_db()
        assert (grant.ended_at, grant.ended_by) == (now + DAY, "oubli")
        with pytest.raises(PermissionDenied):
            read(grant, user, now + DAY)
        client = Client()
        client.force_login(jura.nadine)
        page = client.get(f"/gerer/{jura.place.slug}/acces/").content.decode()
        assert "compte effacé" in page
        assert "Aïcha" not in page

    def test_ends_are_announced_once_and_old_readings_go(self, jura: Valley, now: datetime) -> None:
        short, long = give(jura, now, days=7), give(jura, now, days=30)
        read(long, jura.claire, now)
        Mail.objects.all().delete()
        assert list(ending_soon(now=now + 22 * DAY)) == []
        with time_machine.travel(now + 24 * DAY, tick=False):
            assert (tasks.daily_accesses(), tasks.daily_accesses()) == (1, 0)
        assert list(Mail.objects.values_list("to", "subject")) == [
            ("nadine@exemple.fr", "Un accès aux chiffres de La Maille prend bientôt fin")
        ]
        with time_machine.travel(now + 380 * DAY, tick=False):
            tasks.daily_accesses()
        assert list(Grant.objects.values_list("pk", flat=True)) == [long.pk]
        assert not GrantUse.objects.exists()
        assert short.pk != long.pk
        with time_machine.travel(now + 400 * DAY, tick=False):
            tasks.daily_accesses()
        assert not Grant.objects.exists()


class TestFigures:
    def test_few_are_hidden_and_unknown_is_not_zero(self, jura: Valley) -> None:
        now = datetime(2026, 11, 23, 12, tzinfo=UTC)
        place = Place.objects.get(pk=jura.place.pk)
        space = Space.objects.create(place=place, name="Bureau", slug="bureau", kind="desk")
        unit = Unit.objects.create(space=space, name="1")
        for month, count in ((9, 12), (10, 2)):
            for hour in range(count):
                start = datetime(2026, month, 2 + hour, 8, tzinfo=UTC)
                Booking.objects.create(
                    place=place,
                    space=space,
                    unit=unit,
                    start=start,
                    end=start + timedelta(hours=2),
                    status="confirmed",
                    made_at=now,
                    made_by="x",
                    changed_at=now,
                )
        Visit.objects.create(place=place, at=datetime(2026, 9, 30, 22, 30, tzinfo=UTC))
        told = {one.first: one for one in shown.usage(place, now=now)}
        assert min(told) == date(2025, 11, 1)
        assert max(told) == date(2026, 11, 1)
        few, unknown = Count(None, 3), Count(None)
        assert (told[date(2026, 9, 1)].bookings, told[date(2026, 9, 1)].hours) == (Count(12), Count(24))
        assert (told[date(2026, 10, 1)].bookings, told[date(2026, 10, 1)].hours) == (few, few)
        assert (told[date(2026, 9, 1)].visits, told[date(2026, 10, 1)].visits) == (unknown, few)
        assert told[date(2026, 8, 1)].bookings == unknown

    def test_books_programme_and_members_name_nobody(self, jura: Valley, now: datetime) -> None:
        for rank in range(14):
            one = Person.objects.create(place=jura.place, name=f"Canari {rank}", created_at=now)
            kind = "member" if rank < 12 else "volunteer"
            Bond.objects.create(person=one, kind=kind, starts_on=now.date())
        grant = give(jura, now, shares=("usage", "accounts", "programme", "members"))
        client = Client()
        client.force_login(jura.claire)
        with time_machine.travel(now + MINUTE, tick=False):
            page = client.get(f"/partages/{grant.pk}/").content.decode()
        assert "Canari" not in page
        assert page.count("masqué") == 2
        assert "Pas une écriture cette année-là" in page
        assert page.count("Rien n’est encore noté ici\u202f: inconnu.") == 2


class TestPages:
    def test_the_team_sees_who_read_and_no_reader_can_write(self, jura: Valley, now: datetime) -> None:
        grant = give(jura, now)
        claire, nadine, karim = Client(), Client(), Client()
        for client, user in ((claire, jura.claire), (nadine, jura.nadine), (karim, jura.karim)):
            client.force_login(user)
        slug = jura.place.slug
        with time_machine.travel(now + MINUTE, tick=False):
            assert claire.get("/partages/").content.decode().count(f"/partages/{grant.pk}/") == 1
            page = claire.get(f"/partages/{grant.pk}/")
            assert page.status_code == 200
            assert "no-store" in page["Cache-Control"]
            assert claire.post(f"/partages/{grant.pk}/").status_code == 405
            before = Place.objects.get(pk=jura.place.pk).updated_at
            for path in ("confirmer/", "modifier/identite/", "etat/", f"acces/{grant.pk}/fin/", "acces/", "aide/"):
                assert claire.post(f"/gerer/{slug}/{path}", {"name": "x"}).status_code in (403, 404), path
            with pytest.raises(PermissionDenied):
                confirm_place(place_id=jura.place.pk, by=jura.claire_by, now=now)
            assert Place.objects.get(pk=jura.place.pk).updated_at == before
            assert edits_by_observers() == edits_by_observers(jura.place) == 0
            seen = nadine.get(f"/gerer/{slug}/acces/").content.decode()
            assert "Claire (qui observe\u202f: Jura)" in seen
            assert "D’après le journal, modifications de votre fiche par une personne qui observe\u202f: 0." in seen
            assert "Y mettre fin" not in karim.get(f"/gerer/{slug}/acces/").content.decode()
            assert karim.post(f"/gerer/{slug}/acces/", {"reader": "dep:39"}).status_code == 403
            assert nadine.post(f"/gerer/{slug}/acces/{grant.pk}/fin/").status_code == 302
            over = claire.get(f"/partages/{grant.pk}/")
            assert (over.status_code, "Cet accès a pris fin" in over.content.decode()) == (403, True)
            assert nadine.get(f"/partages/{grant.pk}/").status_code == 404

    def test_a_count_of_edits_sees_one(self, jura: Valley, now: datetime) -> None:
        """The negative control: an edit in the name of who observes would show."""
        AuditEvent.objects.create(at=now, by=jura.claire_by, action="places.recorded", subject=str(jura.place.pk))
        assert edits_by_observers() == edits_by_observers(jura.place) == 1

    def test_figures_are_given_from_the_page(self, jura: Valley, now: datetime) -> None:
        client = Client()
        client.force_login(jura.nadine)
        url = f"/gerer/{jura.place.slug}/acces/"
        with time_machine.travel(now, tick=False):
            assert client.post(url, {}).status_code == 422
            form = {"reader": "dep:39", "shares": ["usage", "accounts"], "days": "90", "jeton": "a"}
            assert client.post(url, form).status_code == 302
            refused = client.post(url, {**form, "jeton": "a", "days": "7"})
        assert refused.status_code == 422
        grant = Grant.objects.get()
        assert (grant.shares, grant.expires_at - grant.given_at) == (("usage", "accounts"), timedelta(days=90))
