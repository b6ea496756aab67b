"""Suggestions under attack: sent twice, taken back too late, answered by who may not, addresses kept too long."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client, RequestFactory
from django.urls import reverse

from maillage.accounts import actions as accounts
from maillage.accounts.models import Membership, User
from maillage.accounts.rules import place_scope
from maillage.journal.models import AuditEvent, Mail
from maillage.places import actions
from maillage.places.actions import claiming, suggestions
from maillage.places.actions.lifecycle import PlaceRefused
from maillage.places.actions.suggestions import accept, refuse, undo_decision, withdraw
from maillage.places.actions.suggestions import suggest as suggest_it
from maillage.places.models import Claim, Place, Suggestion
from maillage.places.tasks import daily_sweep
from maillage.places.views import slowing
from tests.places.test_record import LA_MAILLE, record
from tests.places.test_suggestions import INES, Proposed, account, sent
from tests.together import meanwhile, together

pytestmark = pytest.mark.usefixtures("small_ground")
NEW = {"name": "Le Nid", "commune": "39093"}


@pytest.fixture
def maille(now: datetime, small_ground: None) -> Place:
    return Place.objects.get(pk=record(LA_MAILLE, now=now).place_ids[0])


class TestSentTwice:
    def test_a_form_sent_twice_is_one_suggestion_and_one_mail(self, maille: Place) -> None:
        client, url = Client(), reverse("suggest_edit", args=["la-maille", "contact"])
        with time_machine.travel("2026-11-22 09:30Z", tick=False) as moment:
            given = {"phone": "03 84 11 22 33", "courriel_reponse": "lila@exemple.fr", "envoyer": "1"}
            given["debut"] = client.get(url).context["stamp"]
            moment.shift(10)
            first, again = client.post(url, given), client.post(url, given)
            other = client.post(url, given | {"phone": "03 84 11 22 44"})
        assert first["Location"] == again["Location"] != other["Location"]
        assert (Suggestion.objects.count(), Mail.objects.count()) == (2, 2)

    def test_two_persons_who_open_it_in_the_same_second_do_not_share_a_link(self, maille: Place) -> None:
        client, url = Client(), reverse("suggest_report", args=["la-maille", "ferme"])
        with time_machine.travel("2026-11-22 09:30Z", tick=False) as moment:
            stamps = [client.get(url).context["stamp"] for _ in range(2)]
            moment.shift(10)
            links = {client.post(url, {"debut": one, "envoyer": "1"})["Location"] for one in stamps}
        assert len(links) == Suggestion.objects.count() == 2

    def test_a_form_sent_again_after_its_answer_leads_to_the_answer(self, maille: Place, now: datetime) -> None:
        proposed = Proposed(kind="edit", place=maille, values={"phone": "03 84 11 22 33"}, form="one form")
        made = suggest_it(proposed=proposed, by="visiteur", now=now)
        accept(suggestion_id=made.made.pk, by=INES, now=now)
        assert suggest_it(proposed=proposed, by="visiteur", now=now).secret == made.secret
        assert Suggestion.objects.get().state == "accepted"


class TestBounds:
    @pytest.mark.parametrize(
        ("one", "other", "same"),
        [
            ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
            ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
            ("192.0.2.7", "192.0.2.8", False),
        ],
    )
    def test_a_house_counts_as_one_whatever_its_addresses(self, one: str, other: str, same: bool) -> None:
        told = [slowing.uses(RequestFactory().get("/", REMOTE_ADDR=seen), "") for seen in (one, other)]
        assert (told[0] == told[1]) is same


class TestWhoAnswers:
    def test_who_edits_a_sheet_without_closing_it_does_not_take_it_off_the_registry(
        self, maille: Place, now: datetime
    ) -> None:
        one = sent(now, "charter", place=maille, said="Ce n’est pas un tiers-lieu.")
        karim = account("colleague", place_scope(maille.pk), now)
        with pytest.raises(PlaceRefused) as refused:
            accept(suggestion_id=one.pk, reason="oui", by=karim, now=now)
        assert str(refused.value) == (
            "Retirer un lieu du registre revient à son animation, ou à qui suit son territoire\u202f: demandez-le-lui."
        )
        assert Place.objects.public().exists()
        accept(suggestion_id=one.pk, reason="oui", by=account("network_officer", "dep:39", now), now=now)
        assert not Place.objects.public().exists()

    def test_a_move_elsewhere_still_waits_where_the_place_is(self, maille: Place, now: datetime) -> None:
        one = sent(now, place=maille, values={"commune": "44109"})
        assert one.commune_id == "39093"

    @pytest.mark.parametrize("act", [accept, refuse, undo_decision])
    def test_a_role_that_was_lost_answers_nothing(
        self, maille: Place, now: datetime, act: Callable[..., object]
    ) -> None:
        one = sent(now, place=maille, values={"phone": "03 84 11 22 33"})
        by = account("network_officer", "dep:39", now)
        if act is undo_decision:
            accept(suggestion_id=one.pk, by=by, now=now)
        state = Suggestion.objects.get().state
        Membership.objects.all().delete()
        more = {} if act is undo_decision else {"reason": "non"}
        with pytest.raises(PermissionDenied):
            act(suggestion_id=one.pk, by=by, now=now, **more)
        assert Suggestion.objects.get().state == state


class TestTakenBackTooLate:
    @pytest.fixture
    def nid(self, now: datetime) -> Suggestion:
        return accept(suggestion_id=sent(now, "new", values=NEW).pk, by=INES, now=now)

    def refused(self, one: Suggestion, now: datetime) -> str:
        with pytest.raises(PlaceRefused) as refused:
            undo_decision(suggestion_id=one.pk, by=INES, now=now)
        assert Suggestion.objects.get(pk=one.pk).state == "accepted"
        return str(refused.value)

    def test_a_new_place_that_has_its_team_stays(self, nid: Suggestion, now: datetime) -> None:
        assert nid.made is not None
        account("facilitator", place_scope(nid.made.pk), now)
        assert self.refused(nid, now) == (
            "«\u202fLe Nid\u202f» a son équipe ou sa gestion ici depuis\u202f: voyez avec elle, ou demandez son "
            "retrait à l’exploitant du site."
        )
        assert Place.objects.public().get() == nid.made

    def test_a_new_place_that_others_tell_of_stays(self, nid: Suggestion, now: datetime) -> None:
        assert nid.made is not None
        record(replace(LA_MAILLE, ref="7", place_id=nid.made.pk), now=now)
        assert self.refused(nid, now) == (
            "D’autres parlent de ce lieu depuis\u202f: s’il n’existe pas, signalez-le comme un lieu à retirer."
        )

    def test_a_new_place_that_was_merged_away_stays_merged(self, nid: Suggestion, maille: Place, now: datetime) -> None:
        assert nid.made is not None
        actions.merge_places(kept_id=maille.pk, gone_id=nid.made.pk, reason="le même", by=INES, now=now)
        assert self.refused(nid, now) == "Ce lieu a été fondu dans un autre\u202f: séparez-les d’abord."
        assert Place.objects.get(pk=nid.made.pk).replaced_by == maille

    def test_a_new_place_that_somebody_else_removed_does_not_come_back(self, nid: Suggestion, now: datetime) -> None:
        assert nid.made is not None
        actions.remove_place(place_id=nid.made.pk, reason="inventé", by=INES, now=now)
        undo_decision(suggestion_id=nid.pk, by=INES, now=now)
        with pytest.raises(PlaceRefused) as refused:
            accept(suggestion_id=nid.pk, by=INES, now=now)
        assert str(refused.value) == (
            "Ce lieu est déjà connu, et retiré du registre\u202f: inventé. L’exploitant du site peut le remettre."
        )
        assert not Place.objects.public().exists()

    def test_a_place_removed_again_for_another_reason_does_not_come_back(self, maille: Place, now: datetime) -> None:
        one = sent(now, "charter", place=maille, said="C’est un hôtel.")
        accept(suggestion_id=one.pk, reason="un hôtel", by=INES, now=now)
        actions.restore_place(place_id=maille.pk, by=INES, now=now)
        actions.remove_place(place_id=maille.pk, reason="à la demande de sa mairie", by=INES, now=now)
        assert self.refused(one, now) == (
            "Ce lieu a été retiré depuis pour un autre motif\u202f: à la demande de sa mairie."
        )

    def test_pages_tell_it_in_words(self, maille: Place, now: datetime) -> None:
        one = sent(now, place=maille, values={"phone": "03 84 11 22 33"})
        accept(suggestion_id=one.pk, by=INES, now=now)
        later = sent(now, place=maille, values={"phone": "03 84 99 99 99"})
        accept(suggestion_id=later.pk, by=INES, now=now)
        account("facilitator", place_scope(maille.pk), now)
        client = Client()
        client.force_login(User.objects.get())
        answer = client.post(reverse("manage_suggestion", args=["la-maille", one.pk]), {"reprendre": "1"})
        assert answer.status_code == 409
        assert "entre-temps" in answer.content.decode()
        assert Place.objects.get().phone == "03 84 99 99 99"


class TestClaims:
    @pytest.mark.parametrize("kind", ["edit", "new"])
    def test_an_address_that_a_stranger_proposed_proves_nothing(self, maille: Place, now: datetime, kind: str) -> None:
        told = {"place": maille, "values": {}} if kind == "edit" else {"values": NEW}
        told["values"] = {**told["values"], "email": "pirate@exemple.fr"}
        done = accept(suggestion_id=sent(now, kind, **told).pk, by=INES, now=now)
        place = Place.objects.get(pk=(done.made or maille).pk)
        assert place.email == "pirate@exemple.fr"
        with pytest.raises(PlaceRefused) as refused:
            claiming.claim_by_email(place=place, uses={}, now=now)
        assert str(refused.value) == (
            "Cette adresse vient d’une suggestion, elle ne prouve rien\u202f: choisissez un autre moyen."
        )
        assert not Mail.objects.exists()

    def test_a_stranger_does_not_use_up_the_tries_of_a_letter(self, maille: Place, now: datetime) -> None:
        Place.objects.update(street="2 rue du Lavoir", city="Chamblay")
        maille.refresh_from_db()
        lila = {"email": "lila@exemple.fr", "message": "", "uses": {}, "by": "visiteur", "now": now}
        made = claiming.ask(place=maille, proof="letter", **lila)
        code = claiming.write_letter(claim_id=made.pk, by=INES, now=now)
        client, url = Client(), reverse("place_claim", args=["la-maille"])
        with time_machine.travel(now, tick=False) as moment:
            given = {"debut": client.get(url).context["stamp"], "code": "AAAAAAAAAA"}
            moment.shift(10)
            told = [client.post(url, given).status_code for _ in range(12)]
            assert told == [422] * 10 + [429] * 2
            here = client.post(url, given | {"code": code}, REMOTE_ADDR="192.0.2.9")
        assert here.status_code == 200
        assert Claim.objects.get().is_granted


class TestAddresses:
    def test_who_takes_back_is_forgotten_too(self, maille: Place, now: datetime) -> None:
        proposed = Proposed(kind="charter", place=maille, said="non", contact="lila@exemple.fr")
        withdraw(secret=suggest_it(proposed=proposed, by="visiteur", now=now).secret, by="visiteur", now=now)
        assert Suggestion.objects.get().contact == ""

    def test_nobody_waits_a_year_for_an_answer(self, maille: Place, now: datetime) -> None:
        for days, who in ((366, "vieille@exemple.fr"), (300, "lila@exemple.fr")):
            sent(now - timedelta(days=days), "charter", place=maille, said="non", contact=who)
        with time_machine.travel(now, tick=False):
            assert daily_sweep() == 1
            assert daily_sweep() == 0
        assert sorted(Suggestion.objects.values_list("contact", flat=True)) == ["", "lila@exemple.fr"]

    def test_claims_forget_who_claimed(self, maille: Place, now: datetime) -> None:
        def claimed(email: str, days: int, **more: Any) -> None:
            then = now - timedelta(days=days)
            Claim.objects.create(
                place=maille, email=email, proof="letter", message="moi", asked_at=then, asked_by="visiteur",
                expires_at=then + timedelta(days=60), **more,
            )  # fmt: skip

        settled = {"settled_by": INES, "is_granted": True}
        claimed("vieille@exemple.fr", 900, settled_at=now - timedelta(days=800), **settled)
        claimed("sans-suite@exemple.fr", 900)
        claimed("lila@exemple.fr", 20, settled_at=now, **settled)
        claimed("lila@exemple.fr", 10)
        claimed("thomas@exemple.fr", 10)
        with time_machine.travel(now, tick=False):
            assert daily_sweep() == 2
        told = Claim.objects.order_by("asked_at").values_list("email", "message")
        assert list(told)[1:] == [("lila@exemple.fr", "moi")] * 2 + [("thomas@exemple.fr", "moi")]
        assert told[0] == ("", "")
        accounts.erase(user=User.objects.create_user("lila@exemple.fr"), by=INES, now=now)
        assert sorted(told.all()) == [("", ""), ("", ""), ("thomas@exemple.fr", "moi")]

    def test_an_erased_account_leaves_no_address_in_suggestions(self, maille: Place, now: datetime) -> None:
        for who in ("Lila@exemple.fr", "thomas@exemple.fr"):
            sent(now, "charter", place=maille, said=f"non {who}", contact=who)
        lila = User.objects.create_user("lila@exemple.fr", name="Lila")
        accounts.erase(user=lila, by=INES, now=now)
        assert sorted(Suggestion.objects.values_list("contact", "said")) == [
            ("", "non …"), ("thomas@exemple.fr", "non thomas@exemple.fr"),
        ]  # fmt: skip


def test_strange_bytes_never_reach_the_database(maille: Place, now: datetime) -> None:
    account("network_officer", "dep:39", now)
    client = Client()
    client.force_login(User.objects.get())
    one = sent(now, place=maille, values={"phone": "03 84 11 22 33"})
    answer = client.post(reverse("manage_suggestion", args=["la-maille", one.pk]), {"refuser": "1", "motif": "a\x00b"})
    assert answer.status_code == 302
    assert "\x00" not in Suggestion.objects.get().reason
    for url in (reverse("suggest_new"), reverse("suggest_report", args=["la-maille", "doublon"])):
        given = {
            "autre": "a\x00",
            "adresse": "a\x00",
            "name": "a\x00b",
            "commune": "3\x00",
            "message": "\x00",
            "courriel_reponse": "\x00@a.fr",
        }
        assert Client().post(url, given).status_code in (200, 422)
        assert Client().post(url, {**given, "autre": ""}).status_code in (200, 422)
    assert Client().get(reverse("suggest_alike"), {"name": "abc\x00", "commune_cherche": "\x00"}).status_code == 400


@pytest.mark.skipif(
    connection.vendor != "postgresql", reason="SQLite has one writer at a time: DATABASE_URL=postgres://…"
)
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("looking", [True, False])
def test_two_who_answer_at_the_same_moment_give_one_answer(
    small_ground: None, now: datetime, looking: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control does not look, once it has its turn, whether somebody answered: there are two answers."""
    if not looking:
        monkeypatch.setattr(suggestions, "_refuse_decided", lambda found: None)
    place = Place.objects.get(pk=record(LA_MAILLE, now=now).place_ids[0])
    one = sent(now, place=place, values={"phone": "03 84 11 22 33"})
    told = meanwhile(
        partial(refuse, suggestion_id=one.pk, reason="non", by=INES, now=now),
        partial(accept, suggestion_id=one.pk, by=INES, now=now),
    )
    assert told == ({"Cette suggestion a déjà sa réponse\u202f: rechargez la page."} if looking else set())
    answers = AuditEvent.objects.filter(action__in=["suggestions.accepted", "suggestions.refused"])
    assert answers.count() == (1 if looking else 2)
    assert Suggestion.objects.get().state == ("accepted" if looking else "refused")


@pytest.mark.skipif(
    connection.vendor != "postgresql", reason="SQLite has one writer at a time: DATABASE_URL=postgres://…"
)
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("form", ["one form", ""])
def test_a_button_pressed_twice_at_the_same_moment_sends_once(small_ground: None, now: datetime, form: str) -> None:
    """The negative control has no form to be known by: it is taken for two."""
    place = Place.objects.get(pk=record(LA_MAILLE, now=now).place_ids[0])
    told = Proposed(kind="edit", place=place, values={"phone": "03 84 11 22 33"}, form=form)
    links = together([lambda: suggest_it(proposed=told, by="visiteur", now=now).secret] * 4)
    assert len(set(links)) == Suggestion.objects.count() == (1 if form else 4)
