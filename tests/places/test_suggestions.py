"""Anybody proposes; nothing is published before somebody has said yes; every answer can be taken back."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from maillage.accounts.models import Membership, User
from maillage.accounts.rules import place_scope, signature
from maillage.journal.actions import TooMany
from maillage.journal.models import AuditEvent, Mail
from maillage.places import queries
from maillage.places.actions.lifecycle import PlaceRefused
from maillage.places.actions.suggestions import Proposed, accept, refuse, suggest, undo_decision, withdraw
from maillage.places.models import Merge, Place, Revision, SourceRecord, Suggestion
from maillage.places.queries.alike import alike
from maillage.places.queries.suggestions import answered_of
from maillage.places.rules.suggesting import standing, verdict
from maillage.places.views.manage.suggestions import corrected
from maillage.territory.models import Commune
from tests.places.test_record import LA_MAILLE, record

pytestmark = pytest.mark.usefixtures("small_ground")
INES = "test:Inès"


@pytest.fixture
def maille(now: datetime, small_ground: None) -> Place:
    return Place.objects.get(pk=record(LA_MAILLE, now=now).place_ids[0])


def sent(now: datetime, kind: str = "edit", **given: Any) -> Suggestion:
    return suggest(proposed=Proposed(kind=kind, **given), by="visiteur", now=now).made


def account(role: str, scope: str, now: datetime) -> str:
    user = User.objects.create_user(f"{role}.{scope.replace(':', '-')}@exemple.fr"[:60])
    Membership.objects.create(user=user, role=role, scope=scope, given_at=now, given_by="test")
    return signature(user.pk, role)


class TestAnswers:
    def test_nothing_changes_before_somebody_says_yes(self, maille: Place, now: datetime) -> None:
        one = sent(now, place=maille, values={"phone": "03 84 11 22 33"})
        assert Place.objects.get().phone == "03 53 01 00 01"
        assert (one.base, one.commune_id, one.state) == ({"phone": "03 53 01 00 01"}, "39093", "pending")
        accept(suggestion_id=one.pk, by=account("facilitator", place_scope(maille.pk), now), now=now)
        assert Place.objects.get().phone == "03 84 11 22 33"
        last = Revision.objects.latest("number")
        assert (last.reason, last.changes) == (
            "Suggestion acceptée", {"phone": ["03 53 01 00 01", "03 84 11 22 33"]},
        )  # fmt: skip
        assert Suggestion.objects.get().revision == last

    def test_only_the_fields_that_were_chosen_are_written(self, maille: Place, now: datetime) -> None:
        one = sent(now, place=maille, values={"phone": "03 84 11 22 33", "email": "bonjour@exemple.fr"})
        accept(suggestion_id=one.pk, fields=["email"], by=INES, now=now)
        place = Place.objects.get()
        assert (place.phone, place.email) == ("03 53 01 00 01", "bonjour@exemple.fr")

    def test_an_answer_taken_back_leaves_the_sheet_as_it_was(self, maille: Place, now: datetime) -> None:
        one = sent(now, place=maille, values={"phone": "03 84 11 22 33"})
        by = account("facilitator", place_scope(maille.pk), now)
        accept(suggestion_id=one.pk, by=by, now=now)
        undo_decision(suggestion_id=one.pk, by=by, now=now)
        assert Place.objects.get().phone == "03 53 01 00 01"
        assert Suggestion.objects.get().state == "pending"
        refuse(suggestion_id=one.pk, reason="déjà juste", by=by, now=now)
        undo_decision(suggestion_id=one.pk, by=by, now=now)
        assert Suggestion.objects.get().state == "pending"

    def test_an_answer_names_the_fields_that_it_wrote(self, maille: Place, now: datetime) -> None:
        one = sent(now, place=maille, values={"phone": "03 84 11 22 33", "email": "bonjour@exemple.fr"})
        assert corrected(one) == "Téléphone, Courriel"
        accept(suggestion_id=one.pk, fields=["email"], by=INES, now=now)
        assert [corrected(found) for found in answered_of(maille)] == ["Courriel"]

    @pytest.mark.parametrize("is_demo", [False, True])
    def test_a_new_place_is_taken_back_real_or_invented(self, maille: Place, is_demo: bool, now: datetime) -> None:
        one = sent(now, "new", values={"name": "Le Nid", "commune": "39093"})
        Suggestion.objects.filter(pk=one.pk).update(is_demo=is_demo)
        accept(suggestion_id=one.pk, by=INES, now=now)
        assert Place.objects.get(name="Le Nid").removed_at is None
        undo_decision(suggestion_id=one.pk, by=INES, now=now)
        assert Place.objects.get(name="Le Nid").removed_at == now

    def test_a_closing_is_settled_by_the_network_only_where_nobody_runs_the_place(
        self, maille: Place, now: datetime
    ) -> None:
        values = {"status": "closed", "closed_on": "2026-03", "closed_cause": "economie"}
        ines = account("network_officer", "dep:39", now)
        one = sent(now, "closed", place=maille, values=values)
        account("facilitator", place_scope(maille.pk), now)
        with pytest.raises(PlaceRefused) as refused:
            accept(suggestion_id=one.pk, by=ines, now=now)
        assert str(refused.value).startswith("Ce changement touche à l’état du lieu")
        Membership.objects.filter(role="facilitator").delete()
        accept(suggestion_id=one.pk, by=ines, now=now)
        place = Place.objects.get()
        assert (place.status, place.closed_on, place.closed_cause) == ("closed", "2026-03", "economie")
        undo_decision(suggestion_id=one.pk, by=ines, now=now)
        assert Place.objects.get().status == "open"

    def test_a_new_place_is_told_by_its_neighbours_and_goes_again(self, now: datetime) -> None:
        one = sent(now, "new", values={"name": "Le Nid", "commune": "39093", "activities": ["cafe"]})
        made = accept(suggestion_id=one.pk, by=INES, now=now).made
        assert made is not None
        said = SourceRecord.objects.select_related("source").get()
        assert (made.name, made.commune_id, said.source.slug, said.licence, said.ref) == (
            "Le Nid", "39093", "habitants", "Licence Ouverte 2.0", str(one.pk),
        )  # fmt: skip
        undo_decision(suggestion_id=one.pk, by=INES, now=now)
        assert not Place.objects.public().exists()
        again = accept(suggestion_id=one.pk, by=INES, now=now).made
        assert again == made
        assert Place.objects.public().get() == made

    def test_a_duplicate_becomes_one_and_two_again(self, maille: Place, now: datetime) -> None:
        twin = record(replace(LA_MAILLE, ref="2", values={"name": "Maille", "commune": "39093"}), now=now).place_ids[0]
        one = sent(now, "duplicate", place=Place.objects.get(pk=twin), twin=maille)
        accept(suggestion_id=one.pk, by=INES, now=now)
        assert queries.place_by_slug("maille").moved_to == "la-maille"
        undo_decision(suggestion_id=one.pk, by=INES, now=now)
        assert Place.objects.public().count() == 2
        assert Merge.objects.get().undone_by == INES

    def test_what_is_against_the_charter_leaves_with_a_reason_and_comes_back(
        self, maille: Place, now: datetime
    ) -> None:
        one = sent(now, "charter", place=maille, said="C’est un hôtel.")
        with pytest.raises(PlaceRefused) as refused:
            accept(suggestion_id=one.pk, by=INES, now=now)
        assert str(refused.value) == "Un retrait demande un motif\u202f: il est montré à la place de la fiche."
        accept(suggestion_id=one.pk, reason="un hôtel, sans lieu ouvert", by=INES, now=now)
        assert queries.place_by_slug("la-maille").removed is not None
        undo_decision(suggestion_id=one.pk, by=INES, now=now)
        assert queries.place_by_slug("la-maille").place is not None

    @pytest.mark.parametrize(
        ("role", "scope", "may"),
        [
            ("network_officer", "dep:39", True),
            ("network_officer", "dep:25", False),
            ("observer", "dep:39", False),
            ("facilitator", "place:00000000-0000-4000-8000-000000000000", False),
        ],
    )
    def test_a_new_place_is_answered_by_who_clears_its_territory(
        self, now: datetime, role: str, scope: str, may: bool
    ) -> None:
        one = sent(now, "new", values={"name": "Le Nid", "commune": "39093"})
        by = account(role, scope, now)
        if may:
            assert accept(suggestion_id=one.pk, by=by, now=now).state == "accepted"
        else:
            with pytest.raises(PermissionDenied):
                accept(suggestion_id=one.pk, by=by, now=now)

    def test_an_answer_is_given_once(self, maille: Place, now: datetime) -> None:
        one = sent(now, place=maille, values={"phone": "03 84 11 22 33"})
        refuse(suggestion_id=one.pk, reason="non", by=INES, now=now)
        for act in (accept, refuse):
            with pytest.raises(PlaceRefused) as refused:
                act(suggestion_id=one.pk, reason="encore", by=INES, now=now)
            assert str(refused.value) == "Cette suggestion a déjà sa réponse\u202f: rechargez la page."


class TestWhoSuggests:
    @pytest.mark.parametrize(
        ("given", "said"),
        [
            (
                {"kind": "edit", "values": {"phone": "03 53 01 00 01"}},
                "La fiche dit déjà cela\u202f: changez ce qui ne va pas, puis envoyez.",
            ),
            ({"kind": "charter"}, "Dites ce qui ne va pas\u202f: sans cela, personne ne peut juger."),
            (
                {"kind": "duplicate"},
                "L’autre fiche n’est pas dans le registre, ou c’est celle-ci\u202f: choisissez-en une autre.",
            ),
        ],
    )
    def test_what_says_nothing_is_refused(self, maille: Place, now: datetime, given: dict[str, Any], said: str) -> None:
        with pytest.raises(PlaceRefused) as refused:
            suggest(proposed=Proposed(place=maille, **given), by="visiteur", now=now)
        assert str(refused.value) == said
        assert not Suggestion.objects.exists()

    def test_the_address_is_used_once_and_forgotten(self, maille: Place, now: datetime) -> None:
        one = sent(now, place=maille, values={"phone": "03 84 11 22 33"}, contact="thomas@exemple.fr")
        refuse(suggestion_id=one.pk, reason="le numéro est juste", by=INES, now=now)
        assert Suggestion.objects.get().contact == ""
        first, second = Mail.objects.order_by("pk")
        assert first.to == second.to == "thomas@exemple.fr"
        assert second.subject == "Votre suggestion n’a pas été retenue"
        assert "Le mot de la personne qui l’a relue\u202f: le numéro est juste" in second.body

    def test_no_mail_repeats_what_a_stranger_typed(self, maille: Place, now: datetime) -> None:
        sent(now, place=maille, values={"website": "https://spam.example/"}, said="spam", contact="victime@exemple.fr")
        assert "spam" not in Mail.objects.get().body.lower()

    def test_a_link_follows_and_takes_back(self, maille: Place, now: datetime) -> None:
        made = suggest(
            proposed=Proposed(kind="edit", place=maille, values={"phone": "03 84 11 22 33"}), by="visiteur", now=now
        )
        withdraw(secret=made.secret, by="visiteur", now=now)
        assert Suggestion.objects.get().state == "withdrawn"
        with pytest.raises(PlaceRefused):
            withdraw(secret="x" * 32, by="visiteur", now=now)

    def test_a_day_has_its_bounds_and_what_is_beyond_writes_nothing(self, maille: Place, now: datetime) -> None:
        for number in range(4):
            proposed = Proposed(
                kind="edit", place=maille, values={"phone": f"03 84 11 22 3{number}"}, uses={"suggest:network:x": 3}
            )
            if number < 3:
                suggest(proposed=proposed, by="visiteur", now=now)
            else:
                with pytest.raises(TooMany):
                    suggest(proposed=proposed, by="visiteur", now=now)
        assert Suggestion.objects.count() == 3

    def test_the_database_refuses_what_speaks_of_nothing(self, maille: Place, now: datetime) -> None:
        one = sent(now, place=maille, values={"phone": "03 84 11 22 33"})
        for change in ({"kind": "new"}, {"kind": "duplicate"}, {"state": "accepted"}, {"kind": "autre"}):
            with pytest.raises(IntegrityError), transaction.atomic():
                Suggestion.objects.filter(pk=one.pk).update(**change)


class TestPages:
    def wait(self, moment: time_machine.Traveller) -> None:
        moment.shift(10)

    def test_a_visitor_corrects_the_hours_in_two_screens(self, maille: Place) -> None:
        client, url = Client(), reverse("suggest_edit", args=["la-maille", "contact"])
        with time_machine.travel("2026-11-22 09:30Z", tick=False) as moment:
            form = client.get(url)
            assert form.status_code == 200
            stamp = form.context["stamp"]
            given = {"phone": "03 84 11 22 33", "email": "", "website": "", "links": "", "debut": stamp}
            review = client.post(url, given | {"relire": "1"})
            assert "03 84 11 22 33" in review.content.decode()
            assert not Suggestion.objects.exists()
            quick = client.post(url, given | {"envoyer": "1"})
            assert quick.status_code == 422
            assert "C’est allé trop vite pour une personne" in quick.content.decode()
            self.wait(moment)
            done = client.post(url, given | {"envoyer": "1"}, follow=True)
        assert "Merci, c’est bien arrivé" in done.content.decode()
        assert Suggestion.objects.get().values == {"phone": "03 84 11 22 33"}

    def test_a_trap_that_only_a_program_fills_stops_it(self, maille: Place) -> None:
        client, url = Client(), reverse("suggest_report", args=["la-maille", "charte"])
        with time_machine.travel("2026-11-22 09:30Z", tick=False) as moment:
            stamp = client.get(url).context["stamp"]
            self.wait(moment)
            given = {"message": "spam", "debut": stamp, "envoyer": "1", "site_perso": "https://spam.example"}
            answer = client.post(url, given)
            assert (answer.status_code, Suggestion.objects.count()) == (422, 0)
            assert client.post(url, given | {"site_perso": ""}).status_code == 302

    def test_a_missing_place_is_told_in_three_screens(self, maille: Place) -> None:
        client, url = Client(), reverse("suggest_new")
        with time_machine.travel("2026-11-22 09:30Z", tick=False) as moment:
            stamp = client.get(url).context["stamp"]
            where = {"name": "La Maille", "commune_cherche": "Chamblay", "ecran": "ou", "debut": stamp}
            known = client.post(url, where)
            assert "Est-ce l’un de ceux-ci" in known.content.decode()
            assert known.context["alike"][0]["place"] == maille
            where |= {"name": "L’Établi de Lila", "street": "3 rue du Lavoir"}
            second = client.post(url, where)
            assert second.context["screen"] == "quoi"
            carried = dict(second.context["carried"]) | {"ecran": "quoi", "autre": "1", "debut": stamp}
            third = client.post(url, carried | {"activities": ["ateliers"], "website": "", "phone": "", "email": ""})
            assert third.context["screen"] == "relire"
            self.wait(moment)
            last = dict(third.context["carried"]) | {"ecran": "relire", "debut": stamp, "envoyer": "1"}
            done = client.post(url, last, follow=True)
        assert "Merci, c’est bien arrivé" in done.content.decode()
        one = Suggestion.objects.get()
        assert (one.kind, one.values["name"], one.values["commune"], one.values["activities"]) == (
            "new", "L’Établi de Lila", "39093", ["ateliers"],
        )  # fmt: skip

    def test_strange_input_is_refused_in_words(self, maille: Place) -> None:
        client = Client()
        for url in (
            reverse("suggest_new"),
            reverse("suggest_edit", args=["la-maille", "horaires"]),
            reverse("suggest_edit", args=["la-maille", "adresse"]),
            reverse("suggest_report", args=["la-maille", "ferme"]),
            reverse("suggest_report", args=["la-maille", "doublon"]),
        ):
            for value in ("\x00", "x" * 30_000, "'; DROP TABLE", "<script>alert(1)</script>"):
                given = dict.fromkeys(
                    (
                        "name",
                        "commune",
                        "commune_cherche",
                        "autre",
                        "closed_on",
                        "message",
                        "debut",
                        "courriel_reponse",
                    ),
                    value,
                )
                answer = client.post(url, given | {"envoyer": "1", "facon": value, "point": value})
                assert answer.status_code in (200, 422), url
                assert b"<script>alert" not in answer.content
        assert not Suggestion.objects.exists()

    def test_a_mistyped_address_leaves_the_review_and_the_word_as_they_were(self, maille: Place) -> None:
        client = Client()
        wrong = {"courriel_reponse": "thomas@", "message": "J’habite en face.", "envoyer": "1"}
        edit = reverse("suggest_edit", args=["la-maille", "contact"])
        fields = {"phone": "03 84 11 22 33", "email": "", "website": "", "links": ""}
        place = {"name": "L’Établi", "commune": "39093", "ecran": "relire", "autre": "1", "point": "centre"}
        for url, told in ((edit, fields), (reverse("suggest_new"), place)):
            with time_machine.travel("2026-11-22 09:30Z", tick=False) as moment:
                stamp = client.get(url).context["stamp"]
                self.wait(moment)
                said = client.post(url, told | wrong | {"debut": stamp})
            page = said.content.decode()
            assert said.status_code == 422
            assert 'value="thomas@"' in page
            assert "J’habite en face." in page
            assert 'href="#id-courriel_reponse">Votre adresse électronique</a>' in page
            assert 'id="wrong-courriel_reponse"' in page
            assert 'class="changes"' in page
        assert not Suggestion.objects.exists()

    def test_a_form_left_open_for_days_is_sent_at_the_second_try(self, maille: Place) -> None:
        client, url = Client(), reverse("suggest_report", args=["la-maille", "ferme"])
        with time_machine.travel("2026-11-22 09:30Z", tick=False) as moment:
            given = {"debut": client.get(url).context["stamp"], "envoyer": "1"}
            moment.shift(timedelta(days=30))
            late = client.post(url, given)
            assert "a été ouvert il y a trop longtemps" in late.content.decode()
            self.wait(moment)
            assert client.post(url, given | {"debut": late.context["stamp"]}).status_code == 302

    def test_a_twin_that_is_not_among_those_proposed_is_told_by_its_address(self, maille: Place, now: datetime) -> None:
        annexe = replace(LA_MAILLE, ref="2", values=LA_MAILLE.values | {"name": "La Maille (annexe)"})
        nest = replace(LA_MAILLE, ref="3", values=LA_MAILLE.values | {"name": "Le Nid"})
        twin, other = (record(one, now=now).place_ids[0] for one in (annexe, nest))
        client, url = Client(), reverse("suggest_report", args=["la-maille", "doublon"])
        with time_machine.travel("2026-11-22 09:30Z", tick=False) as moment:
            form = client.get(url)
            assert [one.pk for one in form.context["alike"]] == [twin]
            self.wait(moment)
            given = {"debut": form.context["stamp"], "envoyer": "1", "autre": ""}
            address = f"https://exemple.fr{reverse('place', args=[Place.objects.get(pk=other).slug])}"
            assert client.post(url, given | {"adresse": address}).status_code == 302
        assert Suggestion.objects.get().twin_id == other

    def test_the_link_of_nobody_leads_nowhere(self, maille: Place) -> None:
        for secret in ("x", "x" * 32, "x" * 500):
            assert Client().get(reverse("suggestion", args=[secret])).status_code == 404


class TestAlike:
    @pytest.mark.parametrize(
        ("typed", "found"),
        [
            ("la maille", True),
            ("Maille de Chamblay", True),
            ("Tiers-lieu La Maille", True),
            ("Le Nid", False),
            ("", False),
        ],
    )
    def test_a_place_is_found_under_its_other_names(self, maille: Place, typed: str, found: bool) -> None:
        near = alike(typed, Commune.objects.get(pk="39093"))
        assert [one.place for one in near] == ([maille] if found else [])

    def test_a_name_far_away_is_another_place(self, maille: Place) -> None:
        assert alike("La Maille", Commune.objects.get(pk="44109")) == []
        assert [one.place for one in alike("La Maille", None)] == [maille]


NAMES = st.sampled_from(["name", "phone", "email", "prices"])
SAID = st.dictionaries(NAMES, st.sampled_from(["", "a", "b"]))


class TestRules:
    @given(values=SAID, base=SAID, shown=SAID)
    def test_every_field_is_to_write_or_already_so(
        self, values: dict[str, str], base: dict[str, str], shown: dict[str, str]
    ) -> None:
        found = standing(values, base, shown)
        assert sorted((*found.to_write, *found.already)) == sorted(values)
        assert set(found.overtaken) <= set(found.to_write)
        assert all(shown.get(name) != base.get(name) for name in found.overtaken)

    @given(st.integers(0, 30), st.integers(0, 30), st.integers(0, 40))
    def test_voices_settle_only_when_they_agree(self, voices_for: int, against: int, days: int) -> None:
        start = datetime(2026, 11, 1)
        said = verdict(voices_for, against, suggested_at=start, now=start + timedelta(days=days))
        if said == "accepted":
            assert voices_for >= 5
            assert not against
        if said == "refused":
            assert against >= 5
            assert not voices_for
        if days >= 15:
            assert said


def test_every_act_is_in_the_journal(maille: Place, now: datetime) -> None:
    one = sent(now, place=maille, values={"phone": "03 84 11 22 33"})
    accept(suggestion_id=one.pk, by=INES, now=now)
    undo_decision(suggestion_id=one.pk, by=INES, now=now)
    acts = AuditEvent.objects.filter(subject=str(one.pk)).order_by("pk").values_list("action", "by")
    assert list(acts) == [
        ("suggestions.made", "visiteur"),
        ("suggestions.accepted", INES),
        ("suggestions.reopened", INES),
    ]
    assert isinstance(one.pk, UUID)
