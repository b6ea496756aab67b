import re
from collections.abc import Callable
from datetime import datetime
from types import SimpleNamespace

import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from tests.people import Person, join

from maillage.accounts.models import User
from maillage.accounts.rules import (
    COLLEAGUE,
    EVERYWHERE,
    FACILITATOR,
    NETWORK_OFFICER,
    OBSERVER,
    OPERATOR,
    place_scope,
)
from maillage.journal.models import Mail

PASSWORD = "quatre mots sans rapport"


@pytest.fixture
def mailed(db: None, settings) -> Callable[[], list[Mail]]:
    """The mails written, the oldest first; they are rows of the transaction of the test, and never leave."""
    settings.EMAIL_BACKEND = "maillage.journal.emails.Outbox"
    return lambda: list(Mail.objects.order_by("pk"))


@pytest.fixture
def folk(small_ground: None, now: datetime, settings) -> SimpleNamespace:
    """Some of the cast, without their places; passwords cost nothing to try."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    here, there = (place_scope(f"00000000-0000-4000-8000-00000000000{n}") for n in (1, 2))
    thomas = User.objects.create_user("thomas@example.org", name="Thomas")
    EmailAddress.objects.create(user=thomas, email=thomas.email, verified=True, primary=True)

    def person(key: str, name: str, role: str, scope: str) -> Person:
        return Person(key, join(f"{key}@example.org", name, role, scope, now))

    return SimpleNamespace(
        nadine=person("nadine", "Nadine", FACILITATOR, here),
        karim=person("karim", "Karim", COLLEAGUE, here),
        lila=person("lila", "Lila", FACILITATOR, there),
        ines=person("ines", "Inès", NETWORK_OFFICER, "reg:27"),
        perrin=person("perrin", "M. Perrin", OBSERVER, "epci:243900420"),
        operator=person("operator", "Odile", OPERATOR, EVERYWHERE),
        thomas=Person("thomas", thomas),
    )


@pytest.fixture
def coded(mailed) -> Callable[..., Client]:
    """Sign somebody in by the code of their mail, as the page does."""

    def signed_in(email: str, client: Client | None = None, *, then: str = "") -> Client:
        client = client or Client()
        client.post("/connexion/", {"login": email, "way": "code"})
        code = code_of(mailed()[-1])
        client.last = client.post("/connexion/code/verifier/", {"code": code, "next": then})
        return client

    return signed_in


def code_of(mail: Mail) -> str:
    found = re.search(r"\d{3}-\d{3}-\d{3}", mail.body)
    assert found, mail.body
    return found[0]
