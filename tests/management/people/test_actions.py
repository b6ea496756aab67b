"""Acts on persons: what each writes, what each refuses, its audit event whole, and never a name in it."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.db import models

from maillage.accounts.actions import make_key
from maillage.accounts.rules import key_signature, place_scope, signature
from maillage.journal.actions import KeyReused
from maillage.journal.models import AuditEvent, Mail
from maillage.management.bookings.models import Authorisation, Visit
from maillage.management.people.actions.bodies import (
    add_membership,
    add_organisation,
    change_organisation,
    end_membership,
)
from maillage.management.people.actions.door import PeopleRefused
from maillage.management.people.actions.erasing import erase_person
from maillage.management.people.actions.merging import (
    merge_organisations,
    merge_persons,
    part_organisations,
    part_persons,
)
from maillage.management.people.actions.persons import (
    add_person,
    change_person,
    come_back,
    introduce,
    leave,
    link_account,
    link_own,
    unlink_account,
)
from maillage.management.people.models import Membership, Organisation, Person
from maillage.management.people.queries import held
from maillage.management.people.queries.held import everything_about, pointing_at
from tests.people import People

THOMAS = {"name": "Thomas Petit", "phone": "0612345678", "email": "Thomas@example.org", "note": "vient à vélo"}
Team = dict[str, Any]


@pytest.fixture
def team(people: People, now: datetime) -> Team:
    """What Nadine gives to every act."""
    return {"place": people.place, "by": signature(people.nadine.user.pk, "facilitator"), "now": now}


@pytest.fixture
def thomas(team: Team) -> Person:
    return Person.objects.get(pk=add_person(**team, raw=THOMAS))


def person(team: Team, name: str, **more: str) -> Person:
    return Person.objects.get(pk=add_person(**team, raw={"name": name, **more}))


def told(team: Team) -> list[tuple[str, str, str, dict[str, Any]]]:
    """The audit events of this room: act, author, subject, detail; the place is checked and left out."""
    events = AuditEvent.objects.filter(action__startswith="people.").order_by("pk")
    assert all(not event.is_public and event.detail["place"] == str(team["place"].pk) for event in events)
    return [
        (event.action, event.by, event.subject, {name: at for name, at in event.detail.items() if name != "place"})
        for event in events
    ]


def row(one: models.Model) -> dict[str, Any]:
    """A row as the database has it now."""
    return type(one)._base_manager.filter(pk=one.pk).values().get()


def refused(act: Callable[..., Any], **given: Any) -> str:
    before = AuditEvent.objects.count(), Person.objects.count(), Membership.objects.count()
    with pytest.raises(PeopleRefused) as wrong:
        act(**given)
    assert (AuditEvent.objects.count(), Person.objects.count(), Membership.objects.count()) == before
    return str(wrong.value)


class TestComing:
    def test_a_person_is_added_with_a_number_that_is_dialled(self, team: Team, thomas: Person) -> None:
        assert (thomas.name, thomas.folded, thomas.email, thomas.phone, thomas.phone_dialled, thomas.note) == (
            "Thomas Petit",
            "thomas petit",
            "thomas@example.org",
            "06 12 34 56 78",
            "+33612345678",
            "vient à vélo",
        )
        assert told(team) == [("people.person_added", team["by"], f"person:{thomas.pk}", {})]

    def test_a_form_sent_twice_adds_once_and_another_under_its_key_is_refused(self, team: Team) -> None:
        first = add_person(**team, raw=THOMAS, idempotency_key="k")
        assert add_person(**team, raw=THOMAS, idempotency_key="k") == first
        with pytest.raises(KeyReused):
            add_person(**team, raw={"name": "Ève"}, idempotency_key="k")
        assert Person.objects.count() == len(told(team)) == 1

    def test_every_wrong_is_told_together(self, team: Team) -> None:
        said = refused(add_person, **team, raw={"name": "\x00", "email": "thomas@", "phone": "12"}, is_child=True)
        assert said == (
            "Il manque un nom\u202f: écrivez un prénom, un nom, ou les deux. "
            "Adresse électronique illisible\u202f: écrivez nom@domaine.fr. "
            "Numéro illisible\u202f: écrivez 03 84 00 00 00 ou +33 3 84 00 00 00. "
            "Il manque qui répond de cet enfant\u202f: choisissez un adulte de ce lieu, ou ajoutez-le d’abord."
        )

    def test_a_child_has_a_guardian_of_the_same_place(self, people: People, team: Team, thomas: Person) -> None:
        elsewhere = add_person(place=people.other, raw={"name": "Lila"}, by="essai", now=team["now"])
        lacking = "Il manque qui répond de cet enfant\u202f: choisissez un adulte de ce lieu, ou ajoutez-le d’abord."
        zoe = {"raw": {"name": "Zoé"}, "is_child": True}
        assert refused(add_person, **team, **zoe, guardian_id=elsewhere) == lacking
        child = add_person(**team, **zoe, guardian_id=thomas.pk)
        assert Person.objects.get(pk=child).guardian == thomas
        assert refused(add_person, **team, **zoe, guardian_id=child) == lacking
        assert refused(change_person, **team, person_id=child, **zoe, guardian_id=child) == lacking
        assert refused(
            change_person, **team, person_id=thomas.pk, raw=THOMAS, is_child=True, guardian_id=elsewhere
        ) == (
            f"{lacking} Cette personne répond elle-même d’un enfant\u202f: "
            "confiez d’abord cet enfant à quelqu’un d’autre."
        )

    def test_who_books_by_themselves_is_known_by_account_or_by_name_and_address(
        self, people: People, team: Team, thomas: Person
    ) -> None:
        public = {"place": people.place, "by": "public", "now": team["now"]}
        again = {"name": "PETIT Thomas", "email": "thomas@example.org"}
        assert introduce(**public, raw={**again, "name": "thomas  petit"}) == thomas
        other = introduce(**public, raw=again)
        assert other != thomas and other.email == thomas.email
        assert introduce(**public, raw={"name": "Thomas Petit"}) not in (thomas, other)
        Person.objects.filter(pk=thomas.pk).update(account=people.thomas.user)
        assert introduce(**public, raw={"name": ""}, account=people.thomas.user) == thomas
        row_before = row(thomas)
        introduce(**public, raw={"name": "Thomas Petit", "email": "thomas@example.org", "phone": "0699999999"})
        assert row(thomas) == row_before, "a bare claim changes nothing of what is held"


class TestChanging:
    def test_only_the_names_of_fields_are_journalled(self, team: Team, thomas: Person) -> None:
        changed = change_person(**team, person_id=thomas.pk, raw={**THOMAS, "name": "Tom Petit", "phone": ""})
        assert changed == ["name", "phone"]
        thomas.refresh_from_db()
        assert (thomas.name, thomas.folded, thomas.phone, thomas.phone_dialled) == ("Tom Petit", "tom petit", "", "")
        assert told(team)[1:] == [
            ("people.person_changed", team["by"], f"person:{thomas.pk}", {"fields": ["name", "phone"]})
        ]
        assert change_person(**team, person_id=thomas.pk, raw={**THOMAS, "name": "Tom Petit", "phone": ""}) == []
        assert len(told(team)) == 2

    def test_who_leaves_may_come_back(self, team: Team, thomas: Person) -> None:
        for act, left_at in ((leave, team["now"]), (leave, team["now"]), (come_back, None), (come_back, None)):
            act(**team, person_id=thomas.pk)
            assert row(thomas)["left_at"] == left_at
        assert [one[0] for one in told(team)[1:]] == ["people.person_left", "people.person_returned"]

    def test_an_account_is_linked_by_an_address_it_confirmed_only(
        self, people: People, team: Team, thomas: Person
    ) -> None:
        user = people.thomas.user
        EmailAddress.objects.filter(user=user).update(verified=False)
        lacking = (
            "Aucun compte n’a confirmé cette adresse électronique\u202f: "
            "demandez à la personne de créer son compte avec elle, puis revenez."
        )
        assert refused(link_account, **team, person_id=thomas.pk) == lacking
        assert link_own(account=user, by="essai", now=team["now"]) == 0
        EmailAddress.objects.filter(user=user).update(verified=True)
        link_account(**team, person_id=thomas.pk)
        assert row(thomas)["account_id"] == user.pk
        twin = person(team, "Thomas", email="thomas@example.org")
        assert refused(link_account, **team, person_id=twin.pk) == (
            "Ce compte est déjà celui d’une autre personne de ce lieu\u202f: fusionnez-les si c’est la même."
        )
        unlink_account(**team, person_id=thomas.pk)
        acts = [(one[0], one[3]) for one in told(team) if "account" in one[0]]
        assert acts == [
            ("people.account_linked", {"account": user.pk}),
            ("people.account_unlinked", {"account": user.pk}),
        ]

    def test_an_account_finds_its_persons_in_every_place_once(
        self, people: People, team: Team, thomas: Person, now: datetime
    ) -> None:
        twin = person(team, "Thomas P.", email="thomas@example.org")
        there = add_person(place=people.other, raw=THOMAS, by="essai", now=now)
        assert link_own(account=people.thomas.user, by="essai", now=now) == 2
        linked = Person.objects.filter(account=people.thomas.user).order_by("pk")
        assert [one.pk for one in linked] == [thomas.pk, there] and twin not in linked
        assert link_own(account=people.thomas.user, by="essai", now=now) == 0


class TestMemberships:
    def test_from_a_day_to_a_day_paid_by_an_organisation(self, people: People, team: Team, thomas: Person) -> None:
        body = add_organisation(**team, raw={"name": "Foyer rural", "siret": "73282932000074"})
        raw = {"kind": "member", "fee_class": "body", "starts_on": "2026-09-01"}
        made = add_membership(**team, person_id=thomas.pk, raw=raw, organisation_id=body, idempotency_key="m")
        assert add_membership(**team, person_id=thomas.pk, raw=raw, organisation_id=body, idempotency_key="m") == made
        ended = {**team, "person_id": thomas.pk, "membership_id": made}
        assert refused(end_membership, **ended, ends_on=date(2026, 8, 31)) == (
            "Ce jour est avant le premier\u202f: écrivez un jour qui vient après, ou le premier jour lui-même."
        )
        end_membership(**ended, ends_on=date(2026, 11, 22))
        end_membership(**ended, ends_on=date(2026, 11, 22))
        whose = f"person:{thomas.pk}"
        assert told(team)[1:] == [
            ("people.organisation_added", team["by"], f"organisation:{body}", {}),
            ("people.membership_added", team["by"], whose, {"membership": made, "kind": "member"}),
            ("people.membership_ended", team["by"], whose, {"membership": made, "ends_on": "2026-11-22"}),
        ]
        there = add_organisation(place=people.other, raw={"name": "Ailleurs"}, by="essai", now=team["now"])
        assert refused(add_membership, **team, person_id=thomas.pk, raw=raw, organisation_id=there) == (
            "Cette organisation n’est pas de ce lieu\u202f: choisissez-en une de la liste, ou ajoutez-la."
        )

    def test_an_organisation_changes(self, team: Team) -> None:
        body = add_organisation(**team, raw={"name": "Foyer rural"})
        changed = {**team, "organisation_id": body, "raw": {"name": "Foyer Rural", "address": "1 place du Four"}}
        assert change_organisation(**changed) == ["name", "address"]
        assert change_organisation(**changed) == []
        assert told(team)[1:] == [
            ("people.organisation_changed", team["by"], f"organisation:{body}", {"fields": ["name", "address"]})
        ]

    def test_two_organisations_merge_and_part(self, team: Team, thomas: Person) -> None:
        one, two = (
            Organisation.objects.get(pk=add_organisation(**team, raw={"name": n})) for n in ("Foyer", "Le Foyer")
        )
        Organisation.objects.filter(pk=two.pk).update(siret="73282932000074")
        raw = {"kind": "member", "starts_on": "2026-09-01"}
        membership = add_membership(**team, person_id=thomas.pk, raw=raw, organisation_id=two.pk)
        before = row(one), row(two), row(Membership(pk=membership))
        same = "C’est la même organisation\u202f: choisissez-en une autre de ce lieu."
        assert refused(merge_organisations, **team, kept_id=one.pk, other_id=one.pk) == same
        merge_organisations(**team, kept_id=one.pk, other_id=two.pk)
        assert Membership.objects.get().organisation == one
        assert row(one)["siret"] == "73282932000074"
        assert part_organisations(**team, organisation_id=two.pk) == one.pk
        assert (row(one), row(two), row(Membership(pk=membership))) == before
        moved = {"people.membership.organisation": 1}
        assert told(team)[-2:] == [
            (
                "people.organisations_merged",
                team["by"],
                f"organisation:{one.pk}",
                {"other": two.pk, "moved": moved, "filled": ["siret"]},
            ),
            ("people.organisations_parted", team["by"], f"organisation:{one.pk}", {"other": two.pk, "moved": moved}),
        ]


class TestMerging:
    @pytest.fixture
    def twin(self, people: People, team: Team, thomas: Person) -> Person:
        """Thomas again, with a membership, a visit, a child, and an account."""
        twin = person(team, "T. Petit", phone="0699999999")
        Person.objects.filter(pk=thomas.pk).update(phone="", phone_dialled="")
        Person.objects.filter(pk=twin.pk).update(account=people.thomas.user)
        add_membership(**team, person_id=twin.pk, raw={"kind": "member", "starts_on": "2026-09-01"})
        Visit.objects.create(place=people.place, person=twin, at=team["now"])
        add_person(**team, raw={"name": "Zoé"}, is_child=True, guardian_id=twin.pk)
        twin.refresh_from_db()
        return twin

    def everything(self) -> dict[str, list[dict[str, Any]]]:
        tables = (Person, Membership, Visit)
        return {table.__name__: list(table.objects.order_by("pk").values()) for table in tables}

    def test_nothing_is_lost_and_all_of_it_comes_back(
        self, people: People, team: Team, thomas: Person, twin: Person
    ) -> None:
        before = self.everything()
        merge_persons(**team, kept_id=thomas.pk, other_id=twin.pk)
        for field in pointing_at(Person):
            if field.name != "merged_into":
                assert not field.model._base_manager.filter(**{field.name: twin}).exists(), field
        kept = Person.objects.get(pk=thomas.pk)
        assert (kept.phone, kept.phone_dialled, kept.account) == ("06 99 99 99 99", "+33699999999", people.thomas.user)
        assert (kept.memberships.count(), kept.children.count(), kept.visits.count()) == (1, 1, 1)
        assert part_persons(**team, person_id=twin.pk) == thomas.pk
        assert self.everything() == before
        moved = {"people.person.guardian": 1, "people.membership.person": 1, "bookings.visit.person": 1}
        filled = ["phone", "phone_dialled", "account_id"]
        assert told(team)[-2:] == [
            (
                "people.persons_merged",
                team["by"],
                f"person:{thomas.pk}",
                {"other": twin.pk, "moved": moved, "filled": filled},
            ),
            ("people.persons_parted", team["by"], f"person:{thomas.pk}", {"other": twin.pk, "moved": moved}),
        ]

    def test_a_chain_of_merges_is_undone_in_any_order(self, team: Team, thomas: Person, twin: Person) -> None:
        third = person(team, "Tom Petit")
        before = self.everything()
        merge_persons(**team, kept_id=third.pk, other_id=twin.pk)
        merge_persons(**team, kept_id=thomas.pk, other_id=third.pk)
        assert row(twin)["merged_into_id"] == thomas.pk
        part_persons(**team, person_id=twin.pk)
        part_persons(**team, person_id=third.pk)
        after = self.everything()
        for table in ("Membership", "Visit"):
            assert after[table] == before[table]
        assert row(twin)["merged_into_id"] is row(third)["merged_into_id"] is None

    def test_what_was_written_meanwhile_stays_where_it_was_written(
        self, team: Team, thomas: Person, twin: Person
    ) -> None:
        merge_persons(**team, kept_id=thomas.pk, other_id=twin.pk)
        raw = {"kind": "volunteer", "starts_on": "2026-10-01"}
        later = add_membership(**team, person_id=thomas.pk, raw=raw)
        part_persons(**team, person_id=twin.pk)
        assert Membership.objects.get(pk=later).person == thomas

    def test_those_who_cannot_be_one(self, people: People, team: Team, thomas: Person, twin: Person) -> None:
        child = twin.children.get()
        never = "Ces deux personnes ne peuvent pas être la même\u202f: choisissez-en une autre de ce lieu."
        for one, other in ((thomas.pk, thomas.pk), (twin.pk, child.pk), (child.pk, thomas.pk)):
            assert refused(merge_persons, **team, kept_id=one, other_id=other) == never
        there = add_person(place=people.other, raw=THOMAS, by="essai", now=team["now"])
        before = row(Person(pk=there))
        for one, other in ((thomas.pk, there), (there, thomas.pk)):
            with pytest.raises(ObjectDoesNotExist):
                merge_persons(**team, kept_id=one, other_id=other)
        assert row(Person(pk=there)) == before

    def test_a_merged_person_is_written_on_no_more(self, team: Team, thomas: Person, twin: Person) -> None:
        merge_persons(**team, kept_id=thomas.pk, other_id=twin.pk)
        for act in (
            lambda: change_person(**team, person_id=twin.pk, raw=THOMAS),
            lambda: leave(**team, person_id=twin.pk),
            lambda: merge_persons(**team, kept_id=thomas.pk, other_id=twin.pk),
            lambda: erase_person(**team, person_id=twin.pk),
        ):
            with pytest.raises(ObjectDoesNotExist):
                act()


class TestForgetting:
    def test_who_somebody_was_goes_and_dates_stay(self, people: People, team: Team, thomas: Person) -> None:
        twin = person(team, "T. Petit", email="tom@example.org")
        merge_persons(**team, kept_id=thomas.pk, other_id=twin.pk)
        add_membership(**team, person_id=thomas.pk, raw={"kind": "member", "starts_on": "2026-09-01"})
        Visit.objects.create(place=people.place, person=thomas, at=team["now"], who="voisin")
        Mail.objects.create(to="tom@example.org", subject="Bonjour", body="Tom", asked_at=team["now"])
        later = {**team, "now": team["now"] + timedelta(days=1)}
        erase_person(**later, person_id=thomas.pk)
        for one in Person.objects.filter(pk__in=[thomas.pk, twin.pk]):
            assert (one.name, one.folded, one.email, one.phone, one.phone_dialled, one.note) == ("",) * 6
            assert (one.erased_at, one.left_at, one.moved) == (later["now"], later["now"], {})
        assert Membership.objects.get().person == Visit.objects.get().person == thomas
        assert not Mail.objects.filter(to="tom@example.org").exists()
        assert told(team)[-1] == ("people.person_erased", team["by"], f"person:{thomas.pk}", {"merged": [twin.pk]})
        every = str(list(AuditEvent.objects.values_list("by", "subject", "detail"))).lower()
        assert not [word for word in ("petit", "thomas", "612345678", "tom@") if word in every]
        with pytest.raises(ObjectDoesNotExist):
            erase_person(**later, person_id=thomas.pk)

    def test_the_mails_of_an_account_or_of_another_place_are_left_alone(
        self, people: People, team: Team, now: datetime
    ) -> None:
        add_person(place=people.other, raw={"name": "Ève", "email": "eve@example.org"}, by="essai", now=now)
        for email in ("lila@example.org", "eve@example.org"):
            Mail.objects.create(to=email, subject="Code", body="1234", asked_at=now)
            erase_person(**team, person_id=person(team, "Code", email=email).pk)
        assert set(Mail.objects.values_list("to", "subject", "body")) == {
            ("lila@example.org", "Code", "1234"),
            ("eve@example.org", "Code", "1234"),
        }

    def test_who_answers_for_a_child_is_not_erased_first(self, team: Team, thomas: Person) -> None:
        child = add_person(**team, raw={"name": "Zoé"}, is_child=True, guardian_id=thomas.pk)
        assert refused(erase_person, **team, person_id=thomas.pk) == (
            "Cette personne répond d’un enfant\u202f: "
            "confiez d’abord cet enfant à quelqu’un d’autre, ou effacez-le aussi."
        )
        erase_person(**team, person_id=child)
        erase_person(**team, person_id=thomas.pk)
        assert not Person.objects.exclude(name="").exists()

    def test_rooms_above_forget_their_own_words(
        self, team: Team, thomas: Person, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        asked = []

        class Room:
            def forget_persons(self, **given: Any) -> None:
                asked.append(given)

        monkeypatch.setattr(held, "_forgetting", [])
        monkeypatch.setattr(held, "_holding", [])
        held.forgotten_also_by("a.room")
        held.forgotten_also_by("a.room")
        monkeypatch.setattr(held, "import_module", lambda name: Room())
        erase_person(**team, person_id=thomas.pk)
        assert asked == [{"persons": [thomas.pk], "by": team["by"], "now": team["now"]}]

    def test_whom_a_room_above_holds_is_not_erased_and_nothing_of_them_goes(
        self, team: Team, thomas: Person, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        class Room:
            def held(self) -> models.Q:
                return models.Q(name="Thomas Petit")

            def reason(self) -> tuple[str, str]:
                return "il garde une clé", "demandez-la"

        monkeypatch.setattr(held, "_holding", [])
        held.held_also_by("a.room")
        monkeypatch.setattr(held, "import_module", lambda name: Room())
        assert refused(erase_person, **team, person_id=thomas.pk) == "Il garde une clé\u202f: demandez-la."
        assert Person.objects.get(pk=thomas.pk).name == "Thomas Petit"


def test_everything_about_somebody_is_told_and_nothing_of_another(people: People, team: Team, thomas: Person) -> None:
    other = person(team, "Ève Autre")
    twin = person(team, "Tom Petit")
    for one in (thomas, other, twin):
        add_membership(**team, person_id=one.pk, raw={"kind": "member", "starts_on": "2026-09-01"})
    Visit.objects.create(place=people.place, person=thomas, at=team["now"])
    Authorisation.objects.create(person=thomas, name="Laser", given_on=team["now"].date(), given_by=team["by"])
    merge_persons(**team, kept_id=thomas.pk, other_id=twin.pk)
    tables = {table.name: table.as_objects() for table in everything_about(Person.objects.get(pk=thomas.pk))}
    assert list(tables) == ["people.person", "people.membership", "bookings.authorisation", "bookings.visit"]
    assert [one["name"] for one in tables["people.person"]] == ["Thomas Petit", "Tom Petit"]
    assert {one["person"] for one in tables["people.membership"]} == {thomas.pk}
    assert tables["bookings.visit"][0]["at"] == "2026-11-22T10:30:00+01:00"
    assert "Ève" not in str(tables) and "compte:" not in str(tables)


def _acts(person_id: int, membership_id: int, body: int) -> dict[str, tuple[str, Callable[..., Any], dict[str, Any]]]:
    """Every act of the team: which right it asks, and what it is given."""
    one = {"person_id": person_id}
    dated = {"kind": "member", "starts_on": "2026-09-01"}
    return {
        "add": ("host", add_person, {"raw": THOMAS}),
        "change": ("host", change_person, {**one, "raw": {"name": "Tom"}}),
        "leave": ("host", leave, one),
        "come back": ("host", come_back, one),
        "link": ("host", link_account, one),
        "unlink": ("host", unlink_account, one),
        "membership": ("host", add_membership, {**one, "raw": dated}),
        "end": ("host", end_membership, {**one, "membership_id": membership_id, "ends_on": date(2026, 10, 1)}),
        "body": ("host", add_organisation, {"raw": {"name": "Foyer"}}),
        "change body": ("host", change_organisation, {"organisation_id": body, "raw": {"name": "Foyer"}}),
        "merge": ("run", merge_persons, {"kept_id": person_id, "other_id": person_id}),
        "part": ("run", part_persons, one),
        "erase": ("run", erase_person, one),
        "merge bodies": ("run", merge_organisations, {"kept_id": body, "other_id": body}),
        "part bodies": ("run", part_organisations, {"organisation_id": body}),
    }


def test_no_act_lets_in_who_may_not(people: People, team: Team, thomas: Person, now: datetime) -> None:
    membership = add_membership(**team, person_id=thomas.pk, raw={"kind": "member", "starts_on": "2026-09-01"})
    body = add_organisation(**team, raw={"name": "Foyer"})
    key, _secret = make_key(name="lit", role="observer", scope=place_scope(people.place.pk), by="essai", now=now)
    nobody = [
        signature(people.ines.user.pk, "network_officer"),
        signature(people.perrin.user.pk, "observer"),
        signature(people.lila.user.pk, "facilitator"),
        signature(people.gone.user.pk, "facilitator"),
        signature(people.thomas.user.pk, "facilitator"),
        key_signature(key.pk, "observer"),
    ]
    karim = signature(people.karim.user.pk, "colleague")
    before = AuditEvent.objects.count()
    for right, act, given in _acts(thomas.pk, membership, body).values():
        for by in [*nobody, *([karim] if right == "run" else [])]:
            with pytest.raises(PermissionDenied):
                act(place=people.place, by=by, now=now, **given)
    assert AuditEvent.objects.count() == before
    change_person(place=people.place, by=karim, now=now, person_id=thomas.pk, raw={"name": "Tom"})
    assert row(thomas)["name"] == "Tom"


def test_no_act_reaches_another_place(people: People, team: Team, thomas: Person, now: datetime) -> None:
    membership = add_membership(**team, person_id=thomas.pk, raw={"kind": "member", "starts_on": "2026-09-01"})
    body = add_organisation(**team, raw={"name": "Foyer"})
    before = row(thomas), row(Membership(pk=membership)), row(Organisation(pk=body)), AuditEvent.objects.count()
    lila = {"place": people.other, "by": signature(people.lila.user.pk, "facilitator"), "now": now}
    for name, (_right, act, given) in _acts(thomas.pk, membership, body).items():
        if name not in ("add", "body"):
            with pytest.raises(ObjectDoesNotExist):
                act(**lila, **given)
    after = row(thomas), row(Membership(pk=membership)), row(Organisation(pk=body)), AuditEvent.objects.count()
    assert after == before
