"""A place asks for help, those it chose answer once each, and it says when the matter is settled."""

from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from maillage.accounts.actions import erase
from maillage.accounts.models import Membership, User
from maillage.accounts.rules import signature
from maillage.journal.models import AuditEvent, Mail
from maillage.network.clearance.actions import helping
from maillage.network.clearance.actions.forgetting import forget_old
from maillage.network.clearance.actions.granting import HelpRefused
from maillage.network.clearance.models import Grant, HelpMessage, HelpRequest
from maillage.network.clearance.queries import helping as queries
from maillage.network.clearance.rules.helping import (
    LEAST_MEASURED,
    MOST_DAYS,
    Median,
    Wait,
    median_wait,
    read_days,
    read_grant,
    read_request,
)
from maillage.places.actions.lifecycle import PlaceRefused, remove_place
from maillage.places.actions.merging import merge_places
from maillage.places.models import Place
from tests.network.clearance.helped import Valley, person, plea, valley

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def jura(now: datetime, small_ground: None) -> Valley:
    return valley(now)


def ask(jura: Valley, now: datetime, *readers: str, **more: Any) -> HelpRequest:
    by, key = more.pop("by", jura.nadine_by), more.pop("key", "")
    return helping.ask(place=jura.place, asked=plea(*(readers or jura.readers), **more), by=by, now=now, key=key)


def answer(jura: Valley, request: HelpRequest, now: datetime, **more: Any) -> HelpMessage:
    told = {"network": jura.network, "text": "On s’appelle demain ?", "seen": 0, "by": jura.ines_by}
    return helping.answer(request_id=request.pk, now=now, **(told | more))


waits = st.lists(st.builds(Wait, st.timedeltas(timedelta(0), timedelta(days=400)), st.booleans()), max_size=30)


class TestRules:
    @given(waits)
    def test_a_median_is_a_wait_that_was_lived(self, told: list[Wait]) -> None:
        found = median_wait(told)
        if len(told) < LEAST_MEASURED:
            assert found == Median(len(told))
            return
        assert found.lasted in {one.lasted for one in told}
        over = sorted(one.lasted for one in told if one.is_over)
        if len(over) == len(told):
            assert (found.lasted, found.is_more) == (over[len(over) // 2], False)
        if found.is_more:
            assert found.lasted == max(one.lasted for one in told)

    @given(waits, st.timedeltas(timedelta(0), timedelta(days=400)))
    def test_whoever_waits_longer_never_shortens_it(self, told: list[Wait], more: timedelta) -> None:
        """Somebody who waits longer than all so far cannot make a network look faster."""
        before, longest = median_wait(told), max([one.lasted for one in told], default=timedelta(0))
        after = median_wait([*told, Wait(longest + more, is_over=False)])
        if before.lasted is not None and after.lasted is not None:
            assert after.lasted >= before.lasted

    @pytest.mark.parametrize("text", ["0", "181", "-3", "x", "²", "9" * 40, "1.5"])
    def test_a_length_beyond_half_a_year_is_refused(self, text: str) -> None:
        wrongs: dict[str, Any] = {}
        assert read_days(text, wrongs) <= MOST_DAYS
        assert wrongs["days"].problem == "cette durée ne convient pas"

    def test_everything_that_lacks_is_said_at_once(self) -> None:
        asked = read_request({"theme": "danse", "says": "\u200b \n", "days": "x"}, readers=[], shares=["usage", "x"])
        assert {name: wrong.mend for name, wrong in asked.wrongs.items()} == {
            "theme": "choisissez celui qui s’en approche le plus",
            "says": "dites en deux ou trois phrases ce qui se passe",
            "readers": "cochez au moins un destinataire",
            "days": "choisissez de 1 à 180 jours ; on peut redonner",
        }
        assert set(read_grant({"days": "7"}, shares=["x"]).wrongs) == {"reader", "shares"}

    def test_words_keep_their_lines_and_lose_what_nobody_sees(self) -> None:
        asked = read_request({"theme": "other", "says": "a\x00\r\n\r\n\u202eb"}, readers=["dep:39"], shares=[])
        assert (asked.says, asked.wrongs) == ("a\n\nb", {})
        assert read_request({"says": "x" * 4_001}, readers=["r"], shares=[]).wrongs["says"].problem == (
            "ce texte est trop long"
        )


class TestAsking:
    def test_who_was_chosen_is_told_once_without_a_word_of_it(self, jura: Valley, now: datetime) -> None:
        person("Paul", "network_officer", "dep:44", now)
        made = ask(jura, now)
        assert [one.code for one in queries.readers_for(jura.place)] == list(jura.readers)
        sent = list(Mail.objects.order_by("to").values_list("to", "subject"))
        assert sent == [
            ("claire@exemple.fr", "La Maille demande de l’aide (argent)"),
            ("ines@exemple.fr", "La Maille demande de l’aide (argent)"),
        ]
        assert not [one for one in Mail.objects.all() if "avance" in one.body]
        assert (made.state, Grant.objects.count()) == ("open", 0)
        assert list(queries.sent_to(jura.network)) == list(queries.sent_to_observers(["dep:39"])) == [made]
        assert not queries.sent_to_observers(["dep:44", ""]).exists()

    def test_a_form_sent_twice_asks_once(self, jura: Valley, now: datetime) -> None:
        first, second = (ask(jura, now, key="k") for _ in range(2))
        assert first == second
        assert (HelpRequest.objects.count(), Mail.objects.count()) == (1, 2)

    def test_a_colleague_asks_and_shows_nothing(self, jura: Valley, now: datetime) -> None:
        by = signature(jura.karim.pk, "colleague")
        ask(jura, now, by=by)
        with pytest.raises(PermissionDenied):
            ask(jura, now, by=by, shares=("accounts",))
        with pytest.raises(PermissionDenied):
            ask(jura, now, by=jura.ines_by)
        assert HelpRequest.objects.count() == 1

    def test_figures_go_to_each_who_was_chosen(self, jura: Valley, now: datetime) -> None:
        made = ask(jura, now, shares=("accounts", "usage"), days=7)
        held = [(one.network, one.scope, one.shares, one.expires_at - now) for one in made.grants.order_by("pk")]
        shares, week = ("usage", "accounts"), timedelta(days=7)
        assert held == [(jura.network, "", shares, week), (None, "dep:39", shares, week)]

    def test_who_no_longer_looks_after_the_place_is_refused(self, jura: Valley, now: datetime) -> None:
        with pytest.raises(HelpRefused) as refused:
            ask(jura, now, "reseau:999999")
        assert str(refused.value) == (
            "Un de ces destinataires ne suit plus ce lieu\u202f: relisez la liste, puis envoyez de nouveau."
        )

    def test_six_a_day_are_too_many(self, jura: Valley, now: datetime) -> None:
        for _ in range(5):
            ask(jura, now)
        with pytest.raises(HelpRefused) as refused:
            ask(jura, now)
        assert str(refused.value) == "C’est beaucoup pour un jour\u202f: revenez demain, ou appelez votre réseau."
        assert HelpRequest.objects.count() == 5
        ask(jura, now + timedelta(days=1))


class TestAnswering:
    def test_the_first_answer_is_dated_and_told(self, jura: Valley, now: datetime) -> None:
        made = ask(jura, now)
        Mail.objects.all().delete()
        answer(jura, made, now + 3 * HOUR)
        answer(jura, made, now + 5 * HOUR, network=None, by=jura.claire_by, seen=1, text="Je passe vous voir.")
        made.refresh_from_db()
        assert (made.state, made.answered_at, made.answered_by) == ("answered", now + 3 * HOUR, jura.ines_by)
        assert set(Mail.objects.values_list("to", "subject")) == {
            ("nadine@exemple.fr", "Réponse à la demande de La Maille")
        }

    def test_of_two_at_once_the_second_reads_the_first(self, jura: Valley, now: datetime) -> None:
        made = ask(jura, now)
        answer(jura, made, now + HOUR)
        with pytest.raises(HelpRefused) as refused:
            answer(jura, made, now + HOUR, network=None, by=jura.claire_by)
        assert str(refused.value) == (
            "Quelqu’un vient de répondre\u202f: lisez sa réponse, puis envoyez la vôtre si elle aide."
        )
        assert made.messages.count() == 1
        answer(jura, made, now + 2 * HOUR, network=None, by=jura.claire_by, seen=1)

    def test_sent_twice_is_said_once(self, jura: Valley, now: datetime) -> None:
        made = ask(jura, now)
        assert answer(jura, made, now, key="k") == answer(jura, made, now, key="k")

    def test_only_those_who_were_asked_answer(self, jura: Valley, now: datetime) -> None:
        made = ask(jura, now, "dep:39")
        other = person("Paul", "observer", "dep:44", now)
        for told in (
            {},
            {"network": None, "by": signature(other.pk, "observer")},
            {"network": None, "by": jura.nadine_by},
            {"network": None, "by": jura.ines_by},
        ):
            with pytest.raises(PermissionDenied):
                answer(jura, made, now, **told)
        Membership.objects.filter(user=jura.claire).delete()
        with pytest.raises(PermissionDenied):
            answer(jura, made, now, network=None, by=jura.claire_by)

    def test_the_exchange_goes_on_until_it_is_settled(self, jura: Valley, now: datetime) -> None:
        made = ask(jura, now, shares=("usage",))
        answer(jura, made, now)
        Mail.objects.all().delete()
        team = {"place": jura.place, "request_id": made.pk, "by": jura.nadine_by}
        helping.write_again(text="Merci, mardi ?", now=now + HOUR, **team)
        assert list(Mail.objects.values_list("to", flat=True)) == ["ines@exemple.fr"]
        for _ in range(2):
            helping.close(outcome="resolved", now=now + 2 * HOUR, **team)
        made.refresh_from_db()
        assert (made.state, made.closed_at) == ("resolved", now + 2 * HOUR)
        assert {one.ended_at for one in made.grants.all()} == {now + 2 * HOUR}
        for act in (
            lambda: answer(jura, made, now, seen=9),
            lambda: helping.write_again(text="Encore", now=now, **team),
        ):
            with pytest.raises(HelpRefused) as refused:
                act()
            assert str(refused.value) == (
                "Cette demande est close\u202f: une nouvelle question fait une nouvelle demande."
            )
        assert AuditEvent.objects.filter(action="clearance.help_closed").count() == 1

    def test_an_empty_word_is_refused(self, jura: Valley, now: datetime) -> None:
        with pytest.raises(HelpRefused) as refused:
            answer(jura, ask(jura, now), now, text=" \u200b")
        assert str(refused.value) == "Il manque quelques mots\u202f: dites en deux ou trois phrases ce qui se passe."


class TestMeasure:
    def test_the_median_counts_who_still_waits_and_not_who_gave_up(self, jura: Valley, now: datetime) -> None:
        team = {"place": jura.place, "by": jura.nadine_by}
        for days in range(1, 6):
            made = ask(jura, now - timedelta(days=days))
            answer(jura, made, now - timedelta(days=days) + days * HOUR)
        assert queries.median_of(queries.sent_to(jura.network), now=now) == Median(5, 3 * HOUR)
        gone = ask(jura, now - timedelta(days=9))
        helping.close(request_id=gone.pk, outcome="withdrawn", now=now, **team)
        ask(jura, now - timedelta(days=366))
        assert queries.median_of(queries.sent_to(jura.network), now=now) == Median(5, 3 * HOUR)
        for days in (20, 21):
            ask(jura, now - timedelta(days=days))
        assert queries.median_of(queries.sent_to(jura.network), now=now) == Median(7, 4 * HOUR)


class TestConstraints:
    @pytest.mark.parametrize(
        "wrong",
        [{"theme": "danse"}, {"says": ""}, {"asked_by": ""}, {"answered_by": "x"}, {"outcome": "resolved"}],
        ids=["theme", "words", "author", "answer", "end"],
    )
    def test_the_database_refuses_what_makes_no_request(
        self, jura: Valley, now: datetime, wrong: dict[str, str]
    ) -> None:
        with pytest.raises(IntegrityError), transaction.atomic():
            HelpRequest.objects.create(
                **{"place": jura.place, "theme": "money", "says": "x", "asked_at": now, "asked_by": "x", **wrong}
            )

    def test_a_reader_is_one_of_the_two_and_once(self, jura: Valley, now: datetime) -> None:
        made = ask(jura, now)
        for given_ in (
            {},
            {"network": jura.network, "scope": "dep:01"},
            {"scope": "dep:39"},
            {"network": jura.network},
        ):
            with pytest.raises(IntegrityError), transaction.atomic():
                made.readers.create(**given_)


class TestForgetting:
    def test_an_erased_account_leaves_its_words_without_its_address(self, jura: Valley, now: datetime) -> None:
        made = ask(jura, now, says="Écrivez à ines@exemple.fr ou passez.")
        answer(jura, made, now, text="ines@exemple.fr, toujours.")
        erase(user=jura.ines, by="test", now=now)
        made.refresh_from_db()
        assert (made.says, made.messages.get().says) == ("Écrivez à … ou passez.", "…, toujours.")

    def test_a_place_that_asked_is_kept_by_a_merge_and_hidden_by_a_removal(self, jura: Valley, now: datetime) -> None:
        ask(jura, now)
        Membership.objects.filter(scope=f"place:{jura.place.pk}").delete()
        other = Place.objects.create(
            name="Double", slug="double", commune=jura.place.commune, created_at=now, updated_at=now
        )
        with pytest.raises(PlaceRefused, match="a son équipe ou sa gestion ici"):
            merge_places(kept_id=other.pk, gone_id=jura.place.pk, reason="double", by="test", now=now)
        remove_place(place_id=jura.place.pk, reason="erreur", by="test", now=now)
        assert not queries.sent_to(jura.network).exists()

    def test_closed_requests_go_after_three_years(self, jura: Valley, now: datetime) -> None:
        made = ask(jura, now)
        helping.close(place=jura.place, request_id=made.pk, outcome="withdrawn", by=jura.nadine_by, now=now)
        waiting = ask(jura, now)
        assert forget_old(by="test", now=now + timedelta(days=3 * 365)) == 0
        forget_old(by="test", now=now + timedelta(days=3 * 366 + 2))
        assert list(HelpRequest.objects.all()) == [waiting]


class TestPages:
    def test_two_minutes_on_a_phone(self, jura: Valley, now: datetime) -> None:
        with time_machine.travel(now, tick=False):
            nadine, ines = Client(), Client()
            nadine.force_login(jura.nadine)
            ines.force_login(jura.ines)
            page = nadine.get(f"/gerer/{jura.place.slug}/aide/").content.decode()
            assert f'name="readers" value="reseau:{jura.network.pk}" checked' in page
            assert 'name="readers" value="dep:39">' in page
            form = {"theme": "money", "says": "Deux mois.", "readers": f"reseau:{jura.network.pk}", "jeton": "a"}
            assert nadine.post(f"/gerer/{jura.place.slug}/aide/", {"jeton": "b"}).status_code == 422
            for _ in range(2):
                sent = nadine.post(f"/gerer/{jura.place.slug}/aide/", form)
            made = HelpRequest.objects.get()
            assert sent["Location"] == f"/gerer/{jura.place.slug}/aide/{made.pk}/"
            queue = ines.get(f"/reseaux/{jura.network.slug}/aide/").content.decode()
            assert "attend depuis moins d’une heure" in queue
            one = f"/reseaux/{jura.network.slug}/aide/{made.pk}/"
            assert ines.post(one, {"message": "Je vous appelle.", "vu": "0"}).status_code == 302
            late = ines.post(one, {"message": "Moi aussi.", "vu": "0"})
            assert late.status_code == 422
            assert "Quelqu’un vient de répondre" in late.content.decode()
            assert "Moi aussi." in late.content.decode()
            assert "Je vous appelle." in nadine.get(sent["Location"]).content.decode()
            nadine.post(sent["Location"], {"regler": "1"})
            assert "Plus personne ne lit" in nadine.get(sent["Location"]).content.decode()

    def test_the_queue_of_who_observes_is_filtered_and_shows_no_edit(self, jura: Valley, now: datetime) -> None:
        ask(jura, now)
        client = Client()
        client.force_login(jura.claire)
        page = client.get("/aide/").content.decode()
        assert "La Maille" in page
        assert "<dt>Fiches modifiées par qui observe</dt><dd>0</dd>" in page
        assert "La Maille" not in client.get("/aide/?sujet=rights&departement=999").content.decode()
        client.force_login(jura.nadine)
        assert client.get("/aide/").status_code == 403

    def test_where_nobody_would_read_nothing_is_asked(self, now: datetime, small_ground: None) -> None:
        here = valley(now)
        Membership.objects.filter(role="observer").delete()
        here.network.closed_at, here.network.closed_by = now, "test"
        here.network.save()
        client = Client()
        client.force_login(here.nadine)
        page = client.get(f"/gerer/{here.place.slug}/aide/").content.decode()
        assert "Aucun réseau ne suit encore votre lieu ici" in page
        assert 'name="says"' not in page


def test_an_account_without_a_name_is_not_told_by_its_address(jura: Valley, now: datetime) -> None:
    User.objects.filter(pk=jura.claire.pk).update(name="")
    client = Client()
    client.force_login(jura.nadine)
    page = client.get(f"/gerer/{jura.place.slug}/aide/").content.decode()
    assert "claire@" not in page
    assert "personne n’y a encore mis son nom" in page
