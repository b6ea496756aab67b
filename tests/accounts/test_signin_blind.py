"""Sign-in and reset tell nobody whether an account exists: same answers, same work."""

import re
from dataclasses import dataclass

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests.accounts.conftest import PASSWORD

from maillage.accounts.models import User
from maillage.journal.queries import aside

pytestmark = pytest.mark.django_db

KNOWN, WITHOUT, INACTIVE, UNKNOWN = PEOPLE = (
    "known@example.org",
    "naked@example.org",
    "asleep@example.org",
    "nobody@example.org",
)


@dataclass(frozen=True)
class Work:
    """What an answer shows, and what it cost."""

    status: int
    location: str
    body: str
    headers: tuple[str, ...]
    mails: int
    hashes: int
    queries: int


@pytest.fixture
def four(folk):
    """An account with a password, one without, one put to sleep; the fourth address has none."""
    for email, password in ((KNOWN, PASSWORD), (WITHOUT, None), (INACTIVE, PASSWORD)):
        User.objects.create_user(email, password, is_active=email != INACTIVE)
    folk.nadine.user.emailaddress_set.model.objects.bulk_create(
        [
            folk.nadine.user.emailaddress_set.model(user=user, email=user.email, verified=True, primary=True)
            for user in User.objects.filter(email__in=PEOPLE)
        ]
    )


@pytest.fixture
def hashed(monkeypatch) -> list[str]:
    """Each password hashed since this was cleared."""
    done: list[str] = []
    original = MD5PasswordHasher.encode

    def encode(self: MD5PasswordHasher, password: str, salt: str) -> str:
        done.append(salt)
        return original(self, password, salt)

    monkeypatch.setattr(MD5PasswordHasher, "encode", encode)
    return done


def bare(body: bytes, email: str) -> str:
    """A page without what differs at each answer, whoever asks."""
    text = re.sub(r'(csrfmiddlewaretoken" value=")[^"]+', r"\1", body.decode())
    return text.replace(email, "·")


def measured(four, hashed, mailed, ask) -> dict[str, list[Work]]:
    found: dict[str, list[Work]] = {}
    for email in PEOPLE:
        client, found[email] = Client(REMOTE_ADDR=f"192.0.2.{PEOPLE.index(email) + 1}"), []
        aside.clear()
        for method, path, data in ask(email):
            hashed.clear()
            before = len(mailed())
            with CaptureQueriesContext(connection) as queries:
                answer = getattr(client, method)(path, data)
            found[email].append(
                Work(
                    answer.status_code,
                    answer.headers.get("Location", ""),
                    bare(answer.content, email),
                    tuple(sorted(name for name in answer.headers if name != "Content-Length")),
                    len(mailed()) - before,
                    len(hashed),
                    len(queries),
                )
            )
    return found


def all_alike(found: dict[str, list[Work]]) -> None:
    first = found[UNKNOWN]
    for email in PEOPLE:
        for mine, other in zip(found[email], first, strict=True):
            assert (mine.status, mine.location, mine.headers) == (other.status, other.location, other.headers), email
            assert mine.body == other.body, email
            assert (mine.mails, mine.hashes) == (other.mails, other.hashes), email
            assert abs(mine.queries - other.queries) <= 1, (email, mine.queries, other.queries)


def by_code(email):
    yield "post", "/connexion/", {"login": email, "way": "code"}
    yield "get", "/connexion/code/verifier/", {}
    yield "post", "/connexion/code/verifier/", {"code": "000-000-000"}
    yield "post", "/connexion/code/verifier/", {"code": "000-000-000", "action": "resend"}
    yield "post", "/connexion/code/verifier/", {"code": "000-000-000"}
    yield "get", "/connexion/", {}


def by_code_page(email):
    yield "post", "/connexion/code/", {"email": email}
    yield "get", "/connexion/code/verifier/", {}


def by_password(email):
    for _ in range(3):
        yield "post", "/connexion/", {"login": email, "password": "pas le bon mot de passe", "way": "password"}


def by_reset(email):
    yield "post", "/mot-de-passe/oublie/", {"email": email}
    yield "get", "/mot-de-passe/oublie/envoye/", {}


def by_sign_up(email):
    yield "get", "/inscription/", {}
    yield "post", "/inscription/", {"email": email, "password1": PASSWORD}


def until_refused(email):
    for _ in range(12):
        yield "post", "/connexion/", {"login": email, "password": "pas le bon mot de passe"}


def codes_until_refused(email):
    for _ in range(6):
        yield "post", "/connexion/code/", {"email": email}
        yield "post", "/deconnexion/", {}


@pytest.mark.parametrize(
    "ask", [by_code, by_code_page, by_password, by_reset, by_sign_up, until_refused, codes_until_refused]
)
def test_nothing_tells_whether_an_account_exists(four, hashed, mailed, ask):
    all_alike(measured(four, hashed, mailed, ask))


def test_the_comparison_sees_a_difference(four, hashed, mailed):
    """The negative control: the right password is an answer of its own."""

    def ask(email):
        yield "post", "/connexion/", {"login": email, "password": PASSWORD}

    found = measured(four, hashed, mailed, ask)
    with pytest.raises(AssertionError):
        all_alike(found)


def test_each_wrong_password_is_hashed_once(four, hashed, mailed):
    for email, (work,) in measured(four, hashed, mailed, lambda email: list(by_password(email))[:1]).items():
        assert work.hashes == 1, email


def test_each_request_sends_one_mail_to_the_address_given(four, mailed):
    for email in PEOPLE:
        Client().post("/connexion/", {"login": email, "way": "code"})
        Client().post("/mot-de-passe/oublie/", {"email": email})
    assert [mail.to for mail in mailed()] == [email for email in PEOPLE for _ in range(2)]
    told = {mail.to for mail in mailed() if mail.subject == "Aucun compte Maillage à cette adresse"}
    assert told == {INACTIVE, UNKNOWN}


def test_adding_the_address_of_another_account_says_nothing(four, folk, client_of, mailed):
    client = client_of(folk.nadine)
    answers = []
    for email in (KNOWN, UNKNOWN):
        answered = client.post("/mon-compte/adresses/", {"action_add": "", "email": email})
        page = client.get("/mon-compte/adresses/")
        answers.append((answered.status_code, [str(one) for one in page.context["messages"]] != [], len(mailed())))
        client.post("/mon-compte/adresses/", {"action_remove": "", "email": email})
    assert [one[:2] for one in answers] == [(302, True), (302, True)]
    assert answers[1][2] - answers[0][2] == 2  # its link, and the note that the other was removed
