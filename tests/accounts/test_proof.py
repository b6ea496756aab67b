"""What changes how an account opens asks for a proof of the last hour: an open session alone takes nothing over."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.test import Client
from django.urls import reverse
from tests.accounts.conftest import PASSWORD
from tests.people import signed_in

from maillage.accounts.models import ApiKey, User

pytestmark = pytest.mark.django_db

ASKING = [
    "account_email",
    "account_set_password",
    "mfa_activate_totp",
    "mfa_deactivate_totp",
    "mfa_view_recovery_codes",
    "mfa_generate_recovery_codes",
    "mfa_download_recovery_codes",
    "mfa_list_webauthn",
    "mfa_add_webauthn",
]
SAID = "Avant de changer quelque chose ici, entrez de nouveau\u202f: vous êtes là depuis plus d’une heure."


def since(person: Any, *, hours: float) -> Client:
    """Somebody who came in by a code some hours ago."""
    client = signed_in(person)
    session = client.session
    session["account_authentication_methods"] = [{"method": "code", "at": time.time() - hours * 3600}]
    session.save()
    return client


@pytest.mark.parametrize("name", ASKING)
@pytest.mark.parametrize("method", ["get", "post"])
class TestOldSession:
    def test_who_has_only_the_door_passes_it_again(self, folk, name: str, method: str) -> None:
        client = since(folk.nadine, hours=2)
        answer = getattr(client, method)(reverse(name))
        assert (answer.status_code, answer["Location"]) == (302, f"/connexion/?next={reverse(name)}")
        page = client.get(answer["Location"])
        assert SAID in page.content.decode()
        assert client.get("/mon-compte/").status_code == 302, "the old session is over"

    def test_who_has_a_password_gives_it_again(self, folk, name: str, method: str) -> None:
        folk.nadine.user.set_password(PASSWORD)
        folk.nadine.user.save()
        answer = getattr(since(folk.nadine, hours=2), method)(reverse(name))
        assert answer.status_code == 302
        assert answer["Location"].split("?")[0] in (
            reverse("account_reauthenticate"),
            reverse("account_change_password"),
        )


@pytest.mark.parametrize("name", ["mfa_edit_webauthn", "mfa_remove_webauthn"])
def test_one_passkey_neither_changes_nor_goes(folk, name: str) -> None:
    answer = since(folk.nadine, hours=2).get(reverse(name, args=[1]))
    assert answer["Location"] == f"/connexion/?next={reverse(name, args=[1])}"


def test_a_stolen_session_chooses_no_password(folk, mailed) -> None:
    thief = since(folk.operator, hours=2)
    thief.post(reverse("account_set_password"), {"password1": PASSWORD, "password2": PASSWORD})
    assert not User.objects.get(pk=folk.operator.user.pk).has_usable_password()
    thief = since(folk.operator, hours=2)
    thief.post(reverse("account_email"), {"action_add": "", "email": "voleur@exemple.fr"})
    assert not EmailAddress.objects.filter(email="voleur@exemple.fr").exists()
    assert not Authenticator.objects.exists()
    assert mailed() == []


def test_just_come_in_everything_opens(folk, coded: Callable[..., Client]) -> None:
    client = coded(folk.nadine.email)
    opened = {name: client.get(reverse(name)).status_code for name in ASKING}
    gone = {"mfa_deactivate_totp", "mfa_view_recovery_codes", "mfa_generate_recovery_codes"}
    assert {name for name, code in opened.items() if code != 200} <= gone | {"mfa_download_recovery_codes"}
    assert "_auth_user_id" in client.session


def test_come_in_again_one_is_where_one_was_going(folk, coded: Callable[..., Client]) -> None:
    client, wanted = since(folk.nadine, hours=2), reverse("account_set_password")
    client.get(wanted)
    coded(folk.nadine.email, client, then=wanted)
    assert client.last["Location"] == wanted
    client.post(wanted, {"password1": PASSWORD, "password2": PASSWORD})
    assert User.objects.get(pk=folk.nadine.user.pk).has_usable_password()


def test_a_stolen_session_makes_no_key_for_a_program(people) -> None:
    page = reverse("manage_keys", args=[people.place.slug])
    thief = since(people.nadine, hours=2)
    assert thief.get(page).status_code == 200, "reading needs no more"
    answer = thief.post(page, {"name": "Agenda", "role": "colleague"})
    assert (answer.status_code, answer["Location"]) == (302, f"/connexion/?next={page}")
    assert not ApiKey.objects.exists()
    signed_in(people.nadine).post(page, {"name": "Agenda", "role": "colleague"})
    assert ApiKey.objects.count() == 1
