"""Somebody who has lost phone, keys and codes comes back: the operator takes the second proof away."""

from datetime import datetime, timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.contrib.sessions.models import Session
from django.test import Client

from maillage.accounts.actions import forget_second_proof, sweep_sessions
from maillage.accounts.models import User
from maillage.journal.models import AuditEvent, Mail

pytestmark = pytest.mark.django_db


@pytest.fixture
def karim() -> User:
    karim = User.objects.create_user("karim@exemple.fr")
    TOTP.activate(karim, generate_totp_secret())
    return karim


def test_the_second_proof_goes_with_its_sessions_and_they_are_told(karim: User, now: datetime) -> None:
    client = Client()
    client.force_login(karim)
    forget_second_proof(user=karim, by="compte:1:operator", now=now)
    assert not Authenticator.objects.filter(user=karim).exists()
    assert client.get("/mon-compte/").status_code == 302
    mail = Mail.objects.get()
    assert (mail.to, mail.subject) == ("karim@exemple.fr", "Votre compte ne demande plus de deuxième preuve")
    event = AuditEvent.objects.get(action="accounts.second_proof_forgotten")
    assert (event.by, event.subject) == ("compte:1:operator", f"compte:{karim.pk}")


def test_nothing_is_said_where_there_was_none(now: datetime) -> None:
    forget_second_proof(user=User.objects.create_user("lila@exemple.fr"), by="compte:1:operator", now=now)
    assert not Mail.objects.exists() and not AuditEvent.objects.exists()


def test_ended_sessions_are_forgotten_and_others_stay(now: datetime) -> None:
    for name, end in (("old", now - timedelta(seconds=1)), ("new", now + timedelta(days=1))):
        Session.objects.create(session_key=name, session_data="", expire_date=end)
    assert sweep_sessions(now=now) == 1
    assert [one.session_key for one in Session.objects.all()] == ["new"]
