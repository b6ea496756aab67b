import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as trying
from hypothesis import strategies as st
from tests.people import People, signed_in
from tests.together import together

from maillage.accounts import actions
from maillage.accounts.actions import Invited
from maillage.accounts.models import Invitation, Membership, User
from maillage.accounts.rules import place_scope
from maillage.journal.models import AuditEvent, Mail

NEW = "zoe@exemple.fr"


def invite(people: People, email: str = NEW, role: str = "colleague", **more: Any) -> Invited:
    by = f"compte:{people.nadine.user.pk}:facilitator"
    return actions.invite(email=email, role=role, scope=place_scope(people.place.pk), by=by, now=timezone.now(), **more)


def path(invited: Invited) -> str:
    return reverse("invitation", args=[invited.token])


def who(client: Client) -> User | None:
    return User.objects.filter(pk=client.session.get("_auth_user_id")).first()


def forms(html: str) -> int:
    main = html[html.index("<main") : html.index("</main>")]
    return len(re.findall(r"<form", main))


class TestSomebodyNew:
    def test_a_link_gives_account_role_session_and_the_desk(self, people: People, client: Client) -> None:
        made = invite(people)
        page = client.get(path(made)).content.decode()
        for told in (people.nadine.user.name, people.place.name, NEW):
            assert told in page
        before = client.session.session_key
        answer = client.post(path(made), {"name": "  Zoé\r\nde Chamblay "})
        assert (answer.status_code, answer["Location"]) == (302, reverse("manage", args=[people.place.slug]))
        user = User.objects.get(email=NEW)
        assert (who(client), user.name, user.has_usable_password()) == (user, "Zoé de Chamblay", False)
        assert client.session.session_key != before
        given = Membership.objects.get(user=user)
        assert (given.role, given.given_by) == ("colleague", made.invitation.created_by)
        assert EmailAddress.objects.get(user=user).verified
        assert client.get(reverse("manage", args=[people.place.slug])).status_code == 200

    def test_reading_never_spends_it(self, people: People, client: Client) -> None:
        made = invite(people)
        for _ in range(3):
            assert client.get(path(made)).status_code == client.head(path(made)).status_code == 200
        assert Invitation.objects.get(pk=made.invitation.pk).used_at is None
        assert not User.objects.filter(email=NEW).exists()
        assert client.post(path(made)).status_code == 302

    @pytest.mark.parametrize("method", ["put", "patch", "delete", "options"])
    def test_no_other_method_does_anything(self, people: People, client: Client, method: str) -> None:
        made = invite(people)
        assert getattr(client, method)(path(made)).status_code == 405
        assert client.get(path(made)).status_code == 200

    def test_its_address_is_told_to_no_other_site_nor_kept(self, people: People, client: Client) -> None:
        made = invite(people)
        answer = client.get(path(made))
        assert answer["Referrer-Policy"] == "same-origin"
        assert "no-store" in answer["Cache-Control"]
        assert answer["X-Robots-Tag"] == "noindex, nofollow"
        assert made.token not in re.sub(r'href="/(en/)?invitation/[^"]+"', "", answer.content.decode())

    def test_a_forged_form_of_another_site_opens_nothing(self, people: People) -> None:
        made = invite(people)
        assert Client(enforce_csrf_checks=True).post(path(made)).status_code == 403
        assert not User.objects.filter(email=NEW).exists()

    def test_the_same_in_english(self, people: People, client: Client) -> None:
        made = invite(people)
        page = client.get(f"/en{path(made)}")
        assert page.status_code == 200
        assert '<html lang="en">' in page.content.decode()

    def test_one_who_is_to_look_after_a_territory_comes_to_their_places(self, people: People, client: Client) -> None:
        by, now = "commande:invite", timezone.now()
        made = actions.invite(email=NEW, role="network_officer", scope="dep:39", by=by, now=now)
        page = client.get(path(made)).content.decode()
        assert "Jura" in page
        assert client.post(path(made))["Location"] == reverse("my_places")

    def test_a_name_cannot_carry_a_page(self, people: People, client: Client) -> None:
        made = invite(people)
        client.post(path(made), {"name": "<script>alert(1)</script>" + "x" * 500})
        assert len(User.objects.get(email=NEW).name) == 150


class TestLinksThatOpenNothing:
    @pytest.fixture
    def closed(self, people: People) -> dict[str, str]:
        used, revoked = invite(people, "a@exemple.fr"), invite(people, "b@exemple.fr")
        expired, replaced = invite(people, "c@exemple.fr", lasts=timedelta(0)), invite(people, "d@exemple.fr")
        elsewhere = actions.invite(email=NEW, role="observer", scope="dep:39", by="essai", now=timezone.now())
        Invitation.objects.filter(pk=elsewhere.invitation.pk).update(scope="dep:38")
        actions.accept(token=used.token, by=None, now=timezone.now())
        actions.revoke_invitation(
            invitation_id=revoked.invitation.pk, scope=revoked.invitation.scope, by="essai", now=timezone.now()
        )
        invite(people, "D@exemple.fr")
        return {
            "unknown": reverse("invitation", args=["x" * 43]),
            "long": reverse("invitation", args=["x" * 3000]),
            "used": path(used),
            "revoked": path(revoked),
            "expired": path(expired),
            "replaced": path(replaced),
            "territory that is not there": path(elsewhere),
        }

    def test_all_say_the_same_words_whatever_the_reason(self, closed: dict[str, str]) -> None:
        said = set()
        for reason, address in closed.items():
            for answer in (Client().get(address), Client().post(address, {"name": "Zoé"})):
                assert answer.status_code == 404, reason
                html = answer.content.decode()
                said.add(html[html.index("<main") : html.index("</main>")])
        assert len(said) == 1
        told = "Une invitation sert une seule fois, jusqu’au jour qu’elle dit, et peut être annulée."
        assert told in said.pop(), "some last a day, others a week"
        assert not User.objects.filter(email__in=["b@exemple.fr", "c@exemple.fr", "d@exemple.fr"]).exists()


class TestAccountsThatExist:
    def test_one_who_is_not_signed_in_signs_in_first_and_comes_back(self, people: People, client: Client) -> None:
        made = invite(people, people.thomas.email)
        page = client.get(path(made)).content.decode()
        assert f'href="{reverse("account_login")}?next={path(made)}"' in page
        assert forms(page) == 0
        assert client.post(path(made)).status_code == 409
        assert who(client) is None
        assert not Membership.objects.filter(user=people.thomas.user).exists()

        client = signed_in(people.thomas)
        assert forms(client.get(path(made)).content.decode()) == 1
        assert client.post(path(made))["Location"] == reverse("manage", args=[people.place.slug])
        assert Membership.objects.get(user=people.thomas.user).role == "colleague"

    def test_signed_in_as_somebody_else_one_is_told_so_and_nothing_happens(self, people: People) -> None:
        made = invite(people, NEW)
        client = signed_in(people.lila)
        page = client.get(path(made)).content.decode()
        assert people.lila.email in page
        assert f'action="{reverse("account_logout")}"' in page
        assert client.post(path(made)).status_code == 200
        assert not User.objects.filter(email=NEW).exists()
        assert client.post(reverse("account_logout"), {"next": path(made)})["Location"] == path(made)
        assert client.post(path(made)).status_code == 302
        assert who(client) == User.objects.get(email=NEW)

    def test_even_a_link_that_signs_in_takes_no_other_session_over(self, people: People) -> None:
        made = invite(people, people.karim.email, signs_in=True)
        client = signed_in(people.lila)
        assert client.post(path(made)).status_code == 200
        assert who(client) == people.lila.user

    def test_a_link_that_signs_in_still_asks_for_the_second_proof(self, people: People, client: Client) -> None:
        Authenticator.objects.create(user=people.karim.user, type=Authenticator.Type.TOTP, data={"secret": "x"})
        made = invite(people, people.karim.email, signs_in=True)
        answer = client.post(path(made))
        assert answer["Location"].startswith(reverse("mfa_authenticate"))
        assert who(client) is None
        assert client.get(reverse("manage", args=[people.place.slug])).status_code == 302

    def test_a_closed_account_stays_closed(self, people: People, client: Client) -> None:
        made = invite(people, people.gone.email, signs_in=True)
        answer = client.post(path(made))
        assert answer.status_code == 409
        assert "Ce compte est désactivé" in answer.content.decode()
        assert who(client) is None

    def test_an_invitation_never_lowers_a_role(self, people: People) -> None:
        made = invite(people, people.nadine.email, "observer")
        assert signed_in(people.nadine).post(path(made)).status_code == 302
        assert Membership.objects.get(user=people.nadine.user).role == "facilitator"

    def test_an_address_that_somebody_added_to_their_account_is_theirs(self, people: People, client: Client) -> None:
        EmailAddress.objects.create(user=people.thomas.user, email=NEW, verified=True)
        made = invite(people, NEW.upper().replace("EXEMPLE.FR", "exemple.fr"))
        assert client.post(path(made)).status_code == 409
        assert signed_in(people.thomas).post(path(made)).status_code == 302
        assert Membership.objects.get(scope=made.invitation.scope, user=people.thomas.user)

    def test_an_address_that_somebody_only_claims_is_not(self, people: People, client: Client) -> None:
        EmailAddress.objects.create(user=people.thomas.user, email=NEW, verified=False)
        made = invite(people, NEW)
        assert client.post(path(made)).status_code == 302
        assert who(client) == User.objects.get(email=NEW) != people.thomas.user

    def test_invitations_of_somebody_dismissed_cease(self, people: People, client: Client, now: datetime) -> None:
        made = invite(people)
        held = Membership.objects.get(user=people.nadine.user)
        actions.dismiss(membership_id=held.pk, scope=held.scope, by="essai", now=now)
        assert client.get(path(made)).status_code == 404


class TestByMail:
    def test_invitation_and_mail_come_together_or_not_at_all(
        self, people: People, client: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def by_mail() -> Invited:
            return actions.invite_by_mail(
                email=NEW,
                role="colleague",
                scope=place_scope(people.place.pk),
                place_name="La Maille\u2028Bcc: tous@exemple.fr",
                inviter="Nadine\r\nBcc: tous@exemple.fr",
                by="essai",
                now=timezone.now(),
            )

        made = by_mail()
        mail = Mail.objects.get()
        assert (mail.to, mail.subject) == (
            NEW,
            "Nadine Bcc: tous@exemple.fr vous invite à La Maille Bcc: tous@exemple.fr",
        )
        [link] = re.findall(r"^https?://\S+$", mail.body, re.MULTILINE)
        assert urlsplit(link).path == path(made)
        assert "modifier la fiche" in mail.body

        monkeypatch.setattr(actions.emails, "send_invitation", lambda **given: 1 / 0)
        count = Invitation.objects.count()
        with pytest.raises(ZeroDivisionError):
            by_mail()
        assert Invitation.objects.count() == count
        assert client.get(path(made)).status_code == 200

    def test_only_the_fingerprint_of_a_link_is_kept(self, people: People) -> None:
        made = invite(people)
        rows = [*Invitation.objects.values(), *AuditEvent.objects.values()]
        assert made.token not in str(rows)


class TestPagesHaveOneHeading:
    def test_heading_and_label(self, people: People, client: Client) -> None:
        page = client.get(path(invite(people))).content.decode()
        assert len(re.findall("<h1", page)) == 1
        assert 'label for="name"' in page


@pytest.mark.django_db(transaction=True)
class TestTwoAtOnce:
    @pytest.fixture
    def made(self, db: None) -> Iterator[list[Invited]]:
        now = timezone.now()
        scopes = [place_scope(f"0b9c2e0e-8a94-4f4e-9a59-6a3c3c1c2d3{n}") for n in range(4)]
        yield [
            actions.invite(email=NEW, role="colleague", scope=scope, by="essai", now=now, signs_in=True)
            for scope in scopes
        ]

    def accept(self, tokens: list[str]) -> list[str]:
        """Accept each link in a thread of its own, all at once; what became of each."""

        def one(token: str) -> str:
            try:
                actions.accept(token=token, by=None, now=timezone.now())
            except actions.InvitationRefused:
                return "refused"
            return "in"

        return together([partial(one, token) for token in tokens])

    def test_one_link_brings_one_browser_in(self, made: list[Invited]) -> None:
        assert self.accept([made[0].token] * 4) == ["in", "refused", "refused", "refused"]
        assert AuditEvent.objects.filter(action="accounts.joined").count() == 1

    def test_without_the_lock_it_would_bring_several(
        self, made: list[Invited], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The control: read before the transaction begins, the same link opens for whoever is quick."""
        read = Invitation.objects.get(pk=made[0].invitation.pk)

        def unlocked(**wanted: Any) -> Any:
            class Found:
                def first(self) -> Invitation:
                    return Invitation(**{f.attname: getattr(read, f.attname) for f in Invitation._meta.fields})

            return Found()

        monkeypatch.setattr(
            Invitation.objects, "select_for_update", lambda: type("Free", (), {"filter": staticmethod(unlocked)})
        )
        assert self.accept([made[0].token] * 4).count("in") > 1

    def test_several_links_for_one_new_person_make_one_account(self, made: list[Invited]) -> None:
        assert self.accept([one.token for one in made]) == ["in"] * 4
        assert User.objects.filter(email__iexact=NEW).count() == 1
        assert Membership.objects.count() == 4


@trying(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.text(max_size=300))
def test_whatever_one_is_called_the_door_opens(people: People, name: str) -> None:
    made = invite(people, f"n{abs(hash(name))}@exemple.fr")
    assert Client().post(path(made), {"name": name.encode("utf-8", "replace").decode()}).status_code in (302, 400)
