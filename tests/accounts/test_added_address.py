"""An address joins the account that asks for it, in its own session: nobody gives theirs to somebody else's account."""

import re
from collections.abc import Callable
from datetime import datetime
from html import unescape
from urllib.parse import quote

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from tests.accounts.conftest import PASSWORD
from tests.accounts.test_signin import totp_now

from maillage.accounts import actions
from maillage.accounts.models import Membership
from maillage.accounts.rules import EVERYWHERE, OBSERVER, signature
from maillage.journal.models import AuditEvent, Mail

pytestmark = pytest.mark.django_db
MAYOR = "mairesse@village.example"


@pytest.fixture
def link(folk, client_of, mailed) -> str:
    """What the mayor receives when Karim says that her address is his."""
    client_of(folk.karim).post("/mon-compte/adresses/", {"action_add": "", "email": MAYOR})
    return re.search(rf"{re.escape(settings.SITE_URL)}(/mon-compte/adresses/confirmer/\S+)", mailed()[-1].body)[1]


def is_confirmed() -> bool:
    return EmailAddress.objects.get(email=MAYOR).verified


def test_the_mail_says_whose_account_asks(link: str, mailed: Callable[[], list[Mail]]) -> None:
    mail = mailed()[-1]
    assert (mail.to, mail.subject) == (MAYOR, "Confirmez votre adresse")
    assert mail.body.splitlines()[2] == (
        "Le compte Maillage de k…@example.org demande que mairesse@village.example l’ouvre aussi."
    )
    assert "Ce compte n’est pas le vôtre\u202f? N’ouvrez pas ce lien\u202f: rien ne se passe." in mail.body


def test_a_visitor_comes_in_first(link: str) -> None:
    visitor = Client()
    for method in (visitor.get, visitor.post):
        answer = method(link)
        assert (answer.status_code, answer["Location"]) == (302, f"/connexion/?next={quote(link)}")
    said = "Ce lien ajoute une adresse au compte de k…@example.org\u202f: entrez d’abord dans ce compte."
    assert said in visitor.get(answer["Location"]).content.decode()
    assert not is_confirmed()


def test_another_account_confirms_nothing_and_stays_in(folk, client_of, link: str) -> None:
    lila = client_of(folk.lila)
    for method in (lila.get, lila.post):
        answer = method(link)
        assert answer.status_code == 403
        assert "compte de k…@example.org" in unescape(answer.content.decode())
        assert "Oui, c’est la mienne" not in unescape(answer.content.decode())
    assert lila.get("/mon-compte/").status_code == 200
    assert not is_confirmed()


def test_the_asking_account_confirms(folk, client_of, link: str) -> None:
    karim = client_of(folk.karim)
    assert "Oui, c’est la mienne" in unescape(karim.get(link).content.decode())
    assert karim.post(link).status_code == 302
    assert is_confirmed()


def test_a_main_address_that_nobody_vouched_for_is_confirmed_from_its_own_mail(folk, mailed) -> None:
    thomas = folk.thomas.user
    thomas.set_password(PASSWORD)
    thomas.save()
    EmailAddress.objects.filter(user=thomas).update(verified=False)
    client = Client()
    client.post("/connexion/", {"login": thomas.email, "password": PASSWORD, "way": "password"})
    sent = re.search(r"(/mon-compte/adresses/confirmer/\S+)", mailed()[-1].body)[1]
    assert Client().post(sent).status_code == 302
    assert EmailAddress.objects.get(user=thomas).verified


def test_an_invitation_for_a_second_address_says_which_account_it_is_for(
    folk, client_of, link: str, now: datetime
) -> None:
    karim = client_of(folk.karim)
    karim.post(link)
    wanted = {"role": OBSERVER, "scope": EVERYWHERE, "by": "essai", "now": timezone.now()}
    second = reverse("invitation", args=[actions.invite(email=MAYOR, **wanted).token])
    first = reverse("invitation", args=[actions.invite(email=folk.karim.email, **wanted).token])
    said = "Ce rôle ira au compte de karim@example.org, dont mairesse@village.example est une autre adresse."
    assert said in unescape(karim.get(second).content.decode())
    assert "Ce rôle ira" not in karim.get(first).content.decode()
    assert "karim@" not in Client().get(second).content.decode()
    assert not Membership.objects.filter(scope=EVERYWHERE, user=folk.karim.user).exists()


def told(folk) -> list[str]:
    """What the journal tells of Nadine's own acts, each with her signature and without any address."""
    events = AuditEvent.objects.filter(by=signature(folk.nadine.user.pk, "self")).order_by("pk")
    assert {event.subject for event in events} <= {f"compte:{folk.nadine.user.pk}"}
    assert all("@" not in str(event.detail) for event in events)
    return [event.action.removeprefix("accounts.") for event in events]


def test_the_journal_tells_of_addresses(folk, client_of, mailed) -> None:
    client, page = client_of(folk.nadine), "/mon-compte/adresses/"
    client.post(page, {"action_add": "", "email": "n@ailleurs.example"})
    client.post(page, {"action_add": "", "email": "n@ailleurs.example"})
    client.post(page, {"action_send": "", "email": "n@ailleurs.example"})
    client.post(re.search(r"(/mon-compte/adresses/confirmer/\S+)", mailed()[-1].body)[1])
    client.post(page, {"action_primary": "", "email": "n@ailleurs.example"})
    client.post(page, {"action_remove": "", "email": folk.nadine.email})
    assert told(folk) == ["address_added", "address_confirmed", "main_address_changed", "address_removed"]


def test_the_journal_tells_of_passwords(folk, client_of, mailed) -> None:
    client, other = client_of(folk.nadine), PASSWORD + " neuf"
    client.post("/mon-compte/mot-de-passe/choisir/", {"password1": PASSWORD, "password2": PASSWORD})
    client.post("/mon-compte/mot-de-passe/", {"oldpassword": PASSWORD, "password1": other, "password2": other})
    Client().post("/mot-de-passe/oublie/", {"email": folk.nadine.email})
    visitor = Client()
    form = visitor.get(re.search(r"(/mot-de-passe/nouveau/\S+)", mailed()[-1].body)[1])
    visitor.post(form.headers["Location"], {"password1": PASSWORD, "password2": PASSWORD})
    assert told(folk) == ["password_set", "password_changed", "password_reset"]


def test_the_journal_tells_of_proofs(folk, client_of) -> None:
    client, page = client_of(folk.nadine), "/mon-compte/securite/application/"
    secret = client.get(page).context["form"].secret
    client.post(page, {"code": totp_now(secret)})
    assert told(folk) == ["app_added"]
    session = client.session
    session["account_authentication_methods"][-1] |= {"method": "mfa", "reauthenticated": True}
    session.save()
    client.post("/mon-compte/securite/secours/nouveaux/")
    client.post(page + "retirer/")
    assert told(folk) == ["app_added", "rescue_codes_made", "app_removed"]
