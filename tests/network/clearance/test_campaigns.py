"""The census of a network, as a place lives it: asked for what is missing or old, kept, sent once, its word written."""

import re
from datetime import datetime, timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from maillage.accounts.models import Membership, User
from maillage.accounts.rules import place_scope, signature
from maillage.journal.models import AuditEvent, Mail
from maillage.network.clearance.actions import campaigns as acts
from maillage.network.clearance.actions.campaigns import CensusRefused
from maillage.network.clearance.actions.census_answers import keep_step, send
from maillage.network.clearance.models import Answer, Campaign, Invitation, Network
from maillage.network.clearance.queries.campaigns import followed
from maillage.network.clearance.queries.census_forms import form_of
from maillage.network.clearance.queries.census_links import letter_code
from maillage.places.actions.merging import merge_places
from maillage.places.actions.sheet import edit_sheet
from maillage.places.actions.suggestions import Proposed, accept, suggest
from maillage.places.models import Place, Revision, SourceRecord, Suggestion
from tests.network.clearance.census import (
    BY,
    HEAT,
    JOBS,
    WORD,
    filled,
    invitation,
    jura,
    link,
    maille,
    opened,
    prepared,
)
from tests.places.test_record import LA_MAILLE, record

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("small_ground")]
DAYS = timedelta(days=1)


@pytest.fixture
def place(now: datetime, small_ground: None) -> Place:
    return maille(now)


@pytest.fixture
def network(now: datetime, small_ground: None) -> Network:
    return jura(now)


@pytest.fixture
def census(network: Network, place: Place, now: datetime) -> Campaign:
    return opened(network, now)


@pytest.fixture
def client(now: datetime) -> Client:
    return Client()


def page(response: object) -> str:
    return response.content.decode()  # type: ignore[attr-defined]


class TestAPlaceAnswers:
    def test_it_is_asked_step_by_step_and_what_it_says_is_its_own_word(
        self, census: Campaign, place: Place, client: Client, now: datetime
    ) -> None:
        """Telephone said again, access told at last; the hours passed over; a question of the network's own."""
        with time_machine.travel(now + DAYS, tick=False):
            first = client.get(link(census, place))
            assert "Trois minutes pour votre lieu" in page(first)
            assert first["Referrer-Policy"] == "same-origin"
            assert client.post(link(census, place), {"commencer": "1"}).url == link(census, place, "horaires")
            assert client.post(link(census, place, "horaires"), {"passer": "1"}).url == link(census, place, "contact")
            asked = page(client.get(link(census, place, "contact")))
            assert "03 53 01 00 01" in asked
            assert 'name="email"' not in asked
            assert filled(client, census, place, "contact", phone="03 53 01 00 01").url == link(
                census, place, "activites"
            )
            filled(client, census, place, "activites", access=["fauteuil"])
            assert filled(client, census, place, "questions", q_emplois="2,5").url == link(census, place, "relire")
            again = page(client.get(link(census, place)))
            assert "On continue" in again
            review = page(client.get(link(census, place, "relire")))
            assert "Toujours exact\u202f: Téléphone." in review
            assert client.post(link(census, place, "relire"), {"exact": "1"}).status_code == 302
            assert "Merci\u202f!" in page(client.get(link(census, place)))
        place.refresh_from_db()
        record_made = SourceRecord.objects.get(source__slug=f"recensement-{census.network_id}-2026")
        assert record_made.values == {"phone": "03 53 01 00 01", "access": ["fauteuil"]}
        assert (record_made.licence, record_made.source.rank, record_made.raw) == ("Licence Ouverte 2.0", 3, {})
        assert place.provenance["phone"] == f"recensement-{census.network_id}-2026:{place.pk}"
        last = Revision.objects.filter(place=place).order_by("-number").first()
        assert (last.by, last.reason) == ("courriel-du-lieu", "Recensement 2026, Réseau du Jura")
        assert (place.confirmed_at, place.confirmed_by) == (now + DAYS, "courriel-du-lieu")
        answer = Answer.objects.get()
        assert (answer.way, answer.outcome, answer.is_confirmed) == ("mail", "written", True)
        assert answer.replies == {"emplois": {"version": 1, "value": "2.5"}}

    def test_one_click_says_that_all_is_exact_and_leaves_what_is_missing(
        self, census: Campaign, place: Place, client: Client, now: datetime
    ) -> None:
        with time_machine.travel(now, tick=False):
            client.post(link(census, place), {"exact": "1"})
            one = invitation(census, place)
            assert form_of(census, place, draft=one.draft, now=now).steps == ("horaires", "activites", "questions")
            assert "Noté\u202f: ce que dit la fiche est exact." in page(client.get(link(census, place)))
            client.post(link(census, place, "relire"))
        place.refresh_from_db()
        assert place.confirmed_at == now
        assert not SourceRecord.objects.filter(source__slug__startswith="recensement").exists()

    def test_with_nothing_missing_one_click_is_the_whole_answer(
        self, network: Network, place: Place, client: Client, now: datetime
    ) -> None:
        census = opened(network, now, fields=["phone"], questions=[])
        with time_machine.travel(now, tick=False):
            assert client.post(link(census, place), {"exact": "1"}).url == link(census, place)
        assert Answer.objects.get().is_confirmed

    def test_a_mistake_is_told_and_nothing_is_kept(
        self, census: Campaign, place: Place, client: Client, now: datetime
    ) -> None:
        with time_machine.travel(now, tick=False):
            wrong = filled(client, census, place, "contact", phone="12")
            assert wrong.status_code == 422
            assert "À revoir" in page(wrong)
            number = filled(client, census, place, "questions", q_emplois="beaucoup")
            assert "ce n’est pas un nombre" in page(number)
        assert invitation(census, place).draft == {}

    def test_sent_twice_it_is_one_answer(self, census: Campaign, place: Place, now: datetime) -> None:
        one = invitation(census, place)
        keep_step(invitation_id=one.pk, values={"phone": "03 53 01 00 02"}, seen=1, by=BY, now=now)
        first, again = (send(invitation_id=one.pk, way="mail", by="courriel-du-lieu", now=now) for _twice in "ab")
        assert first == again
        assert Revision.objects.filter(place=place).count() == 2
        with pytest.raises(IntegrityError), transaction.atomic():
            Answer.objects.create(invitation=one, way="mail", answered_at=now, answered_by="x")

    def test_nothing_said_is_not_sent(self, census: Campaign, place: Place, now: datetime) -> None:
        with pytest.raises(CensusRefused) as refused:
            send(invitation_id=invitation(census, place).pk, way="mail", by="courriel-du-lieu", now=now)
        assert str(refused.value) == ("Rien n’est encore dit\u202f: répondez à une étape, ou dites que tout est exact.")


class TestWhoseWordStands:
    def test_the_team_s_newer_word_stands_and_the_place_is_told(
        self, census: Campaign, place: Place, client: Client, now: datetime
    ) -> None:
        """Between the page and the sending, the team changed the telephone: only the rest is written."""
        one = invitation(census, place)
        values = {"phone": "03 53 01 00 09", "access": ["velo"]}
        keep_step(invitation_id=one.pk, values=values, seen=1, by=BY, now=now)
        edit_sheet(place_id=place.pk, values={"phone": "03 53 01 00 05"}, seen=1, by="test:équipe", now=now + DAYS)
        with time_machine.travel(now + 2 * DAYS, tick=False):
            client.post(link(census, place, "relire"), {"exact": "1"})
            assert "Téléphone\u202f: la fiche dit autre chose" in page(client.get(link(census, place)))
        place.refresh_from_db()
        assert place.phone == "03 53 01 00 05"
        assert Answer.objects.get().left == ["phone"]
        assert place.confirmed_at is None
        assert set(place.features.filter(kind="access").values_list("code", flat=True)) == {"velo"}

    def test_the_answer_is_newer_than_what_the_team_said_before_and_older_than_what_it_says_after(
        self, network: Network, place: Place, now: datetime
    ) -> None:
        edit_sheet(place_id=place.pk, values={"phone": "03 53 01 00 05"}, seen=1, by="test:équipe", now=now)
        census = opened(network, now + 400 * DAYS, closes_on=(now + 430 * DAYS).date())
        one, later = invitation(census, place), now + 401 * DAYS
        keep_step(invitation_id=one.pk, values={"phone": "03 53 01 00 06"}, seen=2, by=BY, now=later)
        send(invitation_id=one.pk, way="mail", by="courriel-du-lieu", now=later)
        place.refresh_from_db()
        assert place.phone == "03 53 01 00 06"
        edit_sheet(place_id=place.pk, values={"phone": "03 53 01 00 07"}, seen=3, by="test:équipe", now=later)
        place.refresh_from_db()
        assert place.phone == "03 53 01 00 07"

    def test_by_telephone_it_is_the_network_s_word_and_does_not_pass_before_the_team_s(
        self, census: Campaign, place: Place, now: datetime
    ) -> None:
        edit_sheet(place_id=place.pk, values={"phone": "03 53 01 00 05"}, seen=1, by="test:équipe", now=now)
        one = invitation(census, place)
        values = {"phone": "03 53 01 00 06", "access": ["velo"]}
        keep_step(invitation_id=one.pk, values=values, seen=2, by=BY, now=now)
        answer = send(invitation_id=one.pk, way="phone", by=BY, now=now)
        assert answer.left == ["phone"]
        place.refresh_from_db()
        assert place.phone == "03 53 01 00 05"
        assert SourceRecord.objects.get(source__slug__endswith="-tel").values == {"access": ["velo"]}

    @pytest.mark.parametrize("how", ["proposed by a passer-by", "no longer published"])
    def test_an_address_that_proves_nothing_waits_for_a_person(self, network: Network, now: datetime, how: str) -> None:
        place = maille(now, email="avant@maille.exemple.fr")
        if how == "proposed by a passer-by":
            proposed = Proposed(kind="edit", place=place, values={"email": "moi@ailleurs.exemple.fr"})
            accept(suggestion_id=suggest(proposed=proposed, by="visiteur", now=now).made.pk, by=BY, now=now)
        census = opened(network, now)
        if how == "no longer published":
            edit_sheet(place_id=place.pk, values={"email": "apres@maille.exemple.fr"}, seen=1, by=BY, now=now)
        one = invitation(census, place)
        keep_step(invitation_id=one.pk, values={"phone": "06 00 00 00 00"}, seen=2, by="courriel-du-lieu", now=now)
        answer = send(invitation_id=one.pk, way="mail", is_confirmed=True, by="courriel-du-lieu", now=now)
        assert (answer.outcome, answer.is_confirmed) == ("held", False)
        place.refresh_from_db()
        assert (place.phone, place.confirmed_at) == ("03 53 01 00 01", None)
        assert Suggestion.objects.get(state="pending").values == {"phone": "06 00 00 00 00"}
        assert followed(census, now=now).held == 1


class TestLinks:
    def test_the_code_of_a_letter_opens_the_form_however_it_is_typed(
        self, network: Network, client: Client, now: datetime
    ) -> None:
        place = maille(now, email="", street="2 rue du Lavoir", postal_code="39380", city="Chamblay")
        census = opened(network, now)
        code = letter_code(invitation(census, place).pk)
        typed = f"{code[:5].lower()}-{code[5:]} "
        with time_machine.travel(now, tick=False):
            came = client.post(reverse("census_enter"), {"code": typed})
            assert came.url == reverse("census", args=[code])
            client.post(came.url, {"exact": "1"})
            client.post(reverse("census_step", args=[code, "relire"]))
            assert "Ce code ne mène à rien" in page(client.post(reverse("census_enter"), {"code": "AAAAA-AAAAA"}))
        assert Answer.objects.get().answered_by == "courrier-du-lieu"

    def test_a_closed_census_a_lost_link_and_a_removed_place_say_so(
        self, census: Campaign, place: Place, client: Client, now: datetime
    ) -> None:
        assert client.get(reverse("census", args=["x" * 48])).status_code == 404
        url = link(census, place)
        with time_machine.travel(now + 60 * DAYS, tick=False):
            late = client.get(url)
            assert (late.status_code, "Ce recensement est terminé" in page(late)) == (410, True)
            assert client.post(link(census, place, "contact"), {"phone": "1"}).status_code == 410
        acts.close_census(campaign=census, by=BY, now=now)
        with time_machine.travel(now, tick=False):
            assert client.get(url).status_code == 410
        with pytest.raises(CensusRefused) as refused:
            send(invitation_id=invitation(census, place).pk, way="mail", is_confirmed=True, by="x", now=now)
        assert str(refused.value) == (
            "Ce recensement est terminé\u202f: la fiche du lieu se corrige à tout moment sur sa page."
        )

    def test_a_merged_place_is_asked_where_it_stands_now_and_a_removed_one_is_let_go(
        self, network: Network, client: Client, now: datetime
    ) -> None:
        from dataclasses import replace

        kept = maille(now)
        twin = record(replace(LA_MAILLE, ref="2", values={**LA_MAILLE.values, "email": "a@b.fr"}), now=now).place_ids[0]
        other = record(replace(LA_MAILLE, ref="3", values={**LA_MAILLE.values, "name": "Le Nid"}), now=now).place_ids[0]
        census = opened(network, now)
        url = link(census, Place.objects.get(pk=other))
        merge_places(kept_id=kept.pk, gone_id=twin, reason="double", by=BY, now=now)
        Invitation.objects.filter(place=kept).delete()
        Place.objects.filter(pk=other).update(removed_at=now, removed_reason="fermé")
        assert acts.follow_places(by=BY, now=now) == 2
        assert invitation(census, kept).email == "a@b.fr"
        assert Invitation.objects.get(place=other).ended_at == now
        with time_machine.travel(now, tick=False):
            assert client.get(url).status_code == 410
        assert acts.follow_places(by=BY, now=now) == 0


class TestOpening:
    def test_each_address_gets_one_mail_with_a_link_for_each_of_its_places(
        self, network: Network, place: Place, now: datetime
    ) -> None:
        from dataclasses import replace

        nid = {**LA_MAILLE.values, "name": "Le Nid", "email": "Bonjour@maille.exemple.fr"}
        other = Place.objects.get(pk=record(replace(LA_MAILLE, ref="2", values=nid), now=now).place_ids[0])
        census = opened(network, now)
        mail = Mail.objects.get()
        assert mail.subject == "Recensement 2026\u202f: trois minutes pour La Maille"
        assert {link(census, place), link(census, other)} == {
            url.removeprefix("http://localhost:8000") for url in re.findall(r"http://\S+/recensement/\S+", mail.body)
        }
        assert "/ne-plus-ecrire/" in mail.body
        assert "31 décembre 2026" in mail.body

    def test_reminders_are_three_a_week_apart_and_stop_with_an_answer_or_a_word(
        self, census: Campaign, place: Place, client: Client, now: datetime
    ) -> None:
        assert acts.remind(campaign=census, by=BY, now=now + 6 * DAYS) == 0
        assert [acts.remind(campaign=census, by=BY, now=now + n * DAYS) for n in (7, 8, 14, 21, 28)] == [1, 0, 1, 1, 0]
        assert Mail.objects.count() == 4
        with pytest.raises(IntegrityError), transaction.atomic():
            Invitation.objects.update(reminders=4)
        Invitation.objects.update(reminders=0)
        stop = re.search(r"http://localhost:8000(/ne-plus-ecrire/\S+)", Mail.objects.order_by("pk").first().body)[1]
        assert "Ne plus m’écrire" in page(client.get(stop))
        assert "C’est noté" in page(client.post(stop))
        client.post(stop)
        assert acts.remind(campaign=census, by=BY, now=now + 40 * DAYS) == 0
        assert AuditEvent.objects.filter(action="clearance.silenced").count() == 1

    def test_what_cannot_be_opened_is_refused_whole(self, network: Network, place: Place, now: datetime) -> None:
        census = opened(network, now)
        second = acts.prepare(network=network, given=prepared(edition="2026-b"), by=BY, now=now)
        with pytest.raises(CensusRefused) as refused:
            acts.open_census(campaign=second, by=BY, now=now)
        assert str(refused.value) == (
            "Un autre recensement de ce réseau est ouvert, et un lieu ne reçoit pas deux demandes\u202f: "
            "clôturez-le d’abord."
        )
        with pytest.raises(CensusRefused) as refused:
            acts.change(campaign=census, given=prepared(), by=BY, now=now)
        assert str(refused.value) == (
            "Ce recensement est déjà parti\u202f: ses questions ne changent plus, pour que les réponses se comparent."
        )
        with pytest.raises(CensusRefused):
            acts.prepare(network=network, given=prepared(edition="x", closes_on=now.date()), by=BY, now=now)
        with pytest.raises(CensusRefused):
            acts.prepare(network=network, given=prepared(edition="x", fields=[], questions=[]), by=BY, now=now)
        assert list(network.campaigns.order_by("pk").values_list("state", flat=True)) == ["open", "draft"]

    def test_closing_forgets_the_addresses_and_a_day_too_late_closes_by_itself(
        self, census: Campaign, place: Place, now: datetime
    ) -> None:
        assert acts.close_overdue(by="tâche", now=now) == 0
        assert acts.close_overdue(by="tâche", now=now + 60 * DAYS) == 1
        census.refresh_from_db()
        one = invitation(census, place)
        assert (census.state, census.closed_by, one.email, one.draft) == ("closed", "tâche", "", {})


class TestNextYear:
    def test_a_question_keeps_its_version_and_is_not_asked_again_within_a_year(
        self, network: Network, place: Place, now: datetime
    ) -> None:
        first = opened(network, now, questions=[JOBS, HEAT])
        one = invitation(first, place)
        keep_step(invitation_id=one.pk, replies={"emplois": "3", "chauffage": "bois"}, by=BY, now=now)
        send(invitation_id=one.pk, way="mail", by="courriel-du-lieu", now=now)
        acts.close_census(campaign=first, by=BY, now=now)
        from dataclasses import replace

        changed = replace(JOBS, text="Combien de salariés ?")
        later = now + 300 * DAYS
        second = opened(network, later, edition="2027", questions=[changed, HEAT, WORD], closes_on=later.date() + DAYS)
        versions = dict(second.questions.order_by("pk").values_list("code", "version"))
        assert versions == {"emplois": 2, "chauffage": 1, "mot": 1}
        form = form_of(second, place, now=later)
        assert [one.code for one in form.questions] == ["emplois", "mot"]
        keep_step(invitation_id=invitation(second, place).pk, replies={"emplois": "4"}, by=BY, now=later)
        said = send(invitation_id=invitation(second, place).pk, way="mail", by="courriel-du-lieu", now=later).replies
        assert said["chauffage"] == {"version": 1, "value": "bois", "carried": True}


def test_whoever_is_no_officer_of_it_writes_nothing(census: Campaign, now: datetime) -> None:
    user = User.objects.create_user("ailleurs@exemple.fr")
    Membership.objects.create(user=user, role="network_officer", scope="dep:44", given_at=now, given_by="test")
    from django.core.exceptions import PermissionDenied

    for act in (acts.remind, acts.close_census, acts.print_letters, acts.invite_more):
        with pytest.raises(PermissionDenied):
            act(campaign=census, by=signature(user.pk, "network_officer"), now=now)


def test_a_place_with_a_team_is_asked_too_and_its_team_is_not_locked_out(
    census: Campaign, place: Place, now: datetime
) -> None:
    user = User.objects.create_user("equipe@exemple.fr")
    Membership.objects.create(user=user, role="facilitator", scope=place_scope(place.pk), given_at=now, given_by="test")
    one = invitation(census, place)
    keep_step(invitation_id=one.pk, values={"phone": "03 53 01 00 06"}, seen=1, by="courriel-du-lieu", now=now)
    send(invitation_id=one.pk, way="mail", by="courriel-du-lieu", now=now)
    number = edit_sheet(
        place_id=place.pk, values={"phone": "03 53 01 00 07"}, seen=2, by=signature(user.pk, "facilitator"), now=now
    )
    assert number == 3
