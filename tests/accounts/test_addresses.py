"""An address that looks like somebody's opens nothing of theirs, whatever the database takes for the same letters."""

from collections.abc import Callable
from datetime import datetime
from html import unescape

import pytest
from allauth.account.models import EmailAddress
from django.db import connection
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as trying
from hypothesis import strategies as st
from tests.accounts.conftest import PASSWORD

from maillage.accounts import actions, queries
from maillage.accounts.forms import MALFORMED
from maillage.accounts.models import Invitation, User
from maillage.accounts.rules import EVERYWHERE, OBSERVER, AddressRefused, address, same_address
from maillage.journal.models import Mail

VICTIM = "kim.sissi@fabrik-is.fr"
ALIKE = (
    "kim.sissi@fabrık-is.fr",
    "kım.sissi@fabrik-is.fr",
    "kim.ſissi@fabrik-is.fr",
    "kim.sissi@fabrik-iſ.fr",
    "\u212aim.sissi@fabrik-is.fr",
    "kim.sissi@fabri\u212a-is.fr",
    "kim.sissi@fabrik-is\uff0efr",
    "kim.sıssi@fabrık-is.fr",
)
SAID = "Cette adresse électronique a un accent ou un signe étranger, qui peut imiter une autre adresse : écrivez-la en "
SAID += "lettres simples, comme nom@domaine.fr."
letters = st.text(st.sampled_from("kisKISıſİ\u212aßẞéÉ@. _%\\"), min_size=1, max_size=12)


@pytest.fixture
def victim(folk) -> User:
    user = User.objects.create_user(VICTIM, PASSWORD, name="Kim")
    EmailAddress.objects.create(user=user, email=VICTIM, verified=True, primary=True)
    return user


@given(st.text(max_size=60))
def test_an_address_has_one_way_of_being_written(text: str) -> None:
    try:
        written = address(text)
    except AddressRefused as refused:
        assert str(refused) == SAID
        assert not text.strip().isascii()
    else:
        assert written.isascii() and written == address(written) == address(f" {written.upper()}\t")


@given(letters, letters)
def test_being_the_same_goes_both_ways_and_never_mixes_alphabets(one: str, other: str) -> None:
    assert same_address(one, one)
    assert same_address(one, other) == same_address(other, one)
    if same_address(one, other):
        assert one == other or (one.isascii() and other.isascii())


@pytest.mark.django_db
@trying(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
@given(typed=letters, kept=letters)
def test_two_addresses_equal_to_the_query_are_equal(folk, typed: str, kept: str) -> None:
    User.objects.filter(pk=folk.thomas.user.pk).update(email=kept)
    EmailAddress.objects.filter(user=folk.thomas.user).update(email=kept)
    rows = User.objects.filter(pk=folk.thomas.user.pk, email__iexact=typed)
    for row in queries.all_of(rows, typed):
        assert same_address(row.email, typed)
    found = queries.account(typed)
    assert found is None or address(typed) == found.email.lower() == kept.lower()
    if typed.strip().isascii():
        opened = queries.signing_in(typed)
        assert opened is None or (opened[1] == address(typed) and kept.isascii())


@pytest.mark.django_db
def test_postgresql_itself_takes_some_of_them_for_the_same(victim: User) -> None:
    taken = [typed for typed in ALIKE if User.objects.filter(email__iexact=typed).exists()]
    assert bool(taken) == (connection.vendor == "postgresql")


@pytest.mark.django_db
@pytest.mark.parametrize("typed", ALIKE)
class TestAlike:
    def test_it_gets_neither_code_nor_reset(self, victim: User, mailed: Callable[[], list[Mail]], typed: str) -> None:
        client = Client()
        answers = [
            client.post("/connexion/", {"login": typed, "way": "code"}),
            client.post("/connexion/", {"login": typed, "password": PASSWORD, "way": "password"}),
            client.post("/connexion/code/", {"email": typed}),
            client.post("/mot-de-passe/oublie/", {"email": typed}),
        ]
        assert [answer.status_code for answer in answers] == [200] * 4
        assert all(str(MALFORMED) in unescape(answer.content.decode()) for answer in answers)
        assert mailed() == []
        assert "_auth_user_id" not in client.session

    def test_the_refusal_is_that_of_any_malformed_address(self, victim: User, typed: str) -> None:
        for path, field in (
            ("/connexion/", "login"),
            ("/connexion/code/", "email"),
            ("/mot-de-passe/oublie/", "email"),
        ):
            said = {
                str(Client().post(path, {field: text}).context["form"].errors)
                for text in (typed, "pas une adresse", "perſonne@nulle-part.fr", "a@b@c", f"{VICTIM}é")
            }
            assert len(said) == 1

    def test_it_is_added_to_no_account(self, folk, client_of, victim: User, mailed, typed: str) -> None:
        answer = client_of(folk.nadine).post("/mon-compte/adresses/", {"action_add": "", "email": typed})
        assert str(MALFORMED) in unescape(answer.content.decode())
        assert not EmailAddress.objects.filter(user=folk.nadine.user, primary=False).exists()
        assert mailed() == []

    def test_it_is_neither_invited_nor_brought_in(self, victim: User, now: datetime, typed: str) -> None:
        wanted = {"email": typed, "role": OBSERVER, "scope": EVERYWHERE, "by": "essai", "now": now}
        before = (User.objects.count(), Invitation.objects.count())
        for act, more in (
            (actions.invite, {}),
            (actions.invite_by_mail, {"place_name": "", "inviter": ""}),
            (actions.bring_in, {"name": "Kim"}),
        ):
            with pytest.raises(actions.InvitationRefused) as refused:
                act(**wanted, **more)
            assert str(refused.value) == SAID
        assert (User.objects.count(), Invitation.objects.count()) == before
        assert not Mail.objects.exists()

    def test_one_invited_before_this_was_refused_takes_nothing(self, victim: User, now: datetime, typed: str) -> None:
        made = actions.invite(email="a@exemple.fr", role=OBSERVER, scope=EVERYWHERE, by="essai", now=now, signs_in=True)
        Invitation.objects.filter(pk=made.invitation.pk).update(email=typed)
        with pytest.raises(actions.InvitationRefused):
            actions.accept(token=made.token, by=None, now=now)
        assert not victim.memberships.exists()

    def test_even_let_through_it_does_not_come_to_the_account(
        self, victim: User, mailed, monkeypatch: pytest.MonkeyPatch, typed: str
    ) -> None:
        for module in ("queries", "forms"):
            monkeypatch.setattr(f"maillage.accounts.{module}.address", lambda text: text.strip())
        monkeypatch.setattr("maillage.accounts.forms.validate_email", lambda text: None)
        assert queries.account(typed) is None
        assert queries.signing_in(typed) is None
        if typed.lower().isascii():  # allauth lowers what is typed: these come to the account under its own address
            return
        Client().post("/connexion/", {"login": typed, "way": "code"})
        Client().post("/mot-de-passe/oublie/", {"email": typed})
        told = {(mail.to, mail.subject) for mail in mailed()}
        assert told == {(typed.lower(), "Aucun compte Maillage à cette adresse")}


@pytest.mark.django_db
@pytest.mark.parametrize("typed", [one for one in ALIKE if not one.lower().isascii()])
def test_erasing_one_alike_leaves_the_other_alone(victim: User, now: datetime, typed: str) -> None:
    other = User.objects.create_user("autre@exemple.fr")
    User.objects.filter(pk=other.pk).update(email=typed)
    made = actions.invite(email=VICTIM, role=OBSERVER, scope=EVERYWHERE, by="essai", now=now)
    Mail.objects.create(to=VICTIM, subject="s", body="b", asked_at=now, next_try_at=now)
    actions.erase(user=User.objects.get(pk=other.pk), by="essai", now=now)
    made.invitation.refresh_from_db()
    assert (made.invitation.email, made.invitation.revoked_at) == (VICTIM, None)
    assert Mail.objects.filter(to=VICTIM).exists()


@pytest.mark.django_db
def test_mails_go_to_the_address_that_is_kept(victim: User, mailed, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = "kept@exemple.fr"
    monkeypatch.setattr(queries, "signing_in", lambda email: (victim, kept))
    Client().post("/connexion/", {"login": VICTIM, "way": "code"})
    Client().post("/connexion/code/", {"email": VICTIM})
    Client().post("/mot-de-passe/oublie/", {"email": VICTIM})
    assert [mail.to for mail in mailed()] == [kept] * 3


@pytest.mark.django_db
def test_spellings_count_together(victim: User, mailed) -> None:
    spelt = [VICTIM, VICTIM.upper(), f" {VICTIM.title()} ", VICTIM.capitalize(), VICTIM, VICTIM.swapcase()]
    codes = [Client().post("/connexion/", {"login": typed, "way": "code"}).status_code for typed in spelt]
    assert codes == [302] * 4 + [429] * 2
    resets = [Client().post("/mot-de-passe/oublie/", {"email": typed}).status_code for typed in spelt]
    assert resets == [302] * 4 + [429] * 2
    assert {mail.to for mail in mailed()} == {VICTIM}


@pytest.mark.django_db
def test_capitals_still_open_an_account(victim: User, coded) -> None:
    assert coded(VICTIM.upper()).session["_auth_user_id"] == str(victim.pk)
    made = actions.invite(email=VICTIM.upper(), role=OBSERVER, scope=EVERYWHERE, by="essai", now=timezone.now())
    assert made.invitation.email == VICTIM
    assert actions.accept(token=made.token, by=victim, now=timezone.now()).user == victim
