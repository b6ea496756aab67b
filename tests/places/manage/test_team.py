from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from maillage.accounts import actions as accounts
from maillage.accounts.actions import InvitationRefused
from maillage.accounts.models import ApiKey, Invitation, Membership
from maillage.accounts.queries import key as key_of
from maillage.accounts.rules import COLLEAGUE, FACILITATOR, OBSERVER, place_scope
from maillage.journal.models import AuditEvent, Mail
from maillage.places.actions.team import KeyRefused, invite_colleague, make_key
from tests.people import People, join, signed_in
from tests.web.page import Page


@pytest.fixture
def nadine(people: People) -> Client:
    return signed_in(people.nadine)


def address(people: People, name: str = "manage_team", *args: Any) -> str:
    return reverse(name, args=[people.place.slug, *args])


def seen_by(person: Any, people: People) -> Page:
    answer = signed_in(person).get(address(people))
    assert answer.status_code == 200
    page = Page(answer.content.decode())
    assert page.problems == []
    return page


def invite(people: People, now: datetime, email: str = "lise@example.org", role: str = COLLEAGUE) -> Invitation:
    made = invite_colleague(place=people.place, email=email, role=role, inviter="Nadine", by="essai", now=now)
    return made.invitation


def member(people: People, person: Any) -> Membership:
    return Membership.objects.get(user=person.user, scope=place_scope(people.place.pk))


def test_who_invites_sees_people_addresses_and_who_invited_whom(people: People, now: datetime) -> None:
    invite(people, now)
    page = seen_by(people.nadine, people)
    for told in ("Nadine", "Karim", "karim@example.org", "lise@example.org", "Gaël"):
        assert told in page.text
    assert page.head("input", id="email")
    assert [radio["value"] for radio in page.head("input", type="radio")] == [COLLEAGUE, FACILITATOR, OBSERVER]


def test_a_colleague_sees_names_without_addresses_nor_forms(people: People, now: datetime) -> None:
    invite(people, now)
    page = seen_by(people.karim, people)
    assert "Nadine" in page.text and "Karim" in page.text
    assert "@" not in page.text
    assert "form" not in page.attributes
    assert "Gaël" not in page.text, "a deactivated account is nobody’s business"
    assert [link for link in page.links if "retirer" in link] == [
        address(people, "manage_team_dismiss", member(people, people.karim).pk)
    ], "one’s own way out, and no other"


def test_a_network_officer_sees_the_team_and_an_observer_who_answers_for_the_place(people: People) -> None:
    officer, observer = seen_by(people.ines, people), seen_by(people.perrin, people)
    assert "Karim" in officer.text and "Nadine" in observer.text
    assert "Karim" not in observer.text
    assert "@" not in officer.text + observer.text


def test_an_address_never_stands_for_a_missing_name(people: People) -> None:
    people.nadine.user.name = ""
    people.nadine.user.save()
    assert "@" not in seen_by(people.karim, people).text


def test_an_invitation_leaves_by_mail_and_is_told(nadine: Client, people: People) -> None:
    answer = nadine.post(address(people), {"email": " lise@example.org ", "role": COLLEAGUE})
    assert (answer.status_code, answer["Location"]) == (302, address(people))
    made = Invitation.objects.get(email="lise@example.org")
    assert (made.role, made.scope) == (COLLEAGUE, place_scope(people.place.pk))
    assert made.created_by == f"compte:{people.nadine.user.pk}:facilitator"
    assert not made.signs_in, "an invited person proves who they are"
    assert Mail.objects.filter(to="lise@example.org").count() == 1
    page = seen_by(people.nadine, people)
    assert "Nadine a invité lise@example.org" in page.text


def test_the_page_never_says_whether_an_address_has_an_account(nadine: Client, people: People) -> None:
    known = nadine.post(address(people), {"email": "thomas@example.org", "role": COLLEAGUE}, follow=True)
    unknown = nadine.post(address(people), {"email": "inconnue@example.org", "role": COLLEAGUE}, follow=True)
    told = Page(known.content.decode()).text.split("Invitations sans réponse")[0]
    other = Page(unknown.content.decode()).text.split("Invitations sans réponse")[0]
    assert told.replace("thomas", "x") == other.replace("inconnue", "x")


@pytest.mark.parametrize(
    ("said", "message"),
    [
        (
            {"email": "pas une adresse", "role": COLLEAGUE},
            "Cette adresse électronique est illisible : écrivez nom@domaine.fr.",
        ),
        ({"email": "", "role": COLLEAGUE}, "Cette adresse électronique est illisible : écrivez nom@domaine.fr."),
        (
            {"email": f"{'x' * 260}@example.org", "role": COLLEAGUE},
            "Cette adresse électronique est illisible : écrivez nom@domaine.fr.",
        ),
        (
            {"email": "a@example.org\r\nBcc: tous@example.org", "role": COLLEAGUE},
            "Cette adresse électronique est illisible : écrivez nom@domaine.fr.",
        ),
        (
            {"email": "a\x00@example.org", "role": COLLEAGUE},
            "Cette adresse électronique est illisible : écrivez nom@domaine.fr.",
        ),
        (
            {"email": "a@example.org", "role": "operator"},
            "Ce rôle ne se donne pas ici : choisissez l’un de ceux proposés.",
        ),
        (
            {"email": "a@example.org", "role": "network_officer"},
            "Ce rôle ne se donne pas ici : choisissez l’un de ceux proposés.",
        ),
    ],
)
def test_a_bad_invitation_is_refused_whole(nadine: Client, people: People, said: dict[str, str], message: str) -> None:
    before = Invitation.objects.count()
    answer = nadine.post(address(people), said)
    assert answer.status_code == 422
    assert message in Page(answer.content.decode()).text.replace("\u202f", " ")
    assert "<title>À revoir" in answer.content.decode()
    assert (Invitation.objects.count(), Mail.objects.count()) == (before, 0)


def test_twenty_invitations_wait_at_most(people: People, now: datetime) -> None:
    for n in range(20):
        invite(people, now, f"p{n}@example.org")
    with pytest.raises(InvitationRefused) as refused:
        invite(people, now, "one-more@example.org")
    assert str(refused.value) == (
        "20 invitations attendent déjà une réponse\u202f: annulez-en une, ou attendez qu’elle serve."
    )
    invite(people, now, "P3@example.org")


def test_thirty_invitations_a_day_at_most(people: People, now: datetime) -> None:
    later = now + timedelta(days=2)
    for _ in range(30):
        invite(people, later)
    with pytest.raises(InvitationRefused, match=r"^Ce lieu a fait 30 invitations en un jour\u202f: reprenez demain\.$"):
        invite(people, later)
    invite(people, later + timedelta(days=1, minutes=1))


def test_an_invitation_is_sent_again_with_a_new_link(nadine: Client, people: People, now: datetime) -> None:
    first = invite(people, now, role=OBSERVER)
    assert nadine.post(address(people), {"again": str(first.pk)}).status_code == 302
    first.refresh_from_db()
    again = Invitation.objects.get(email=first.email, revoked_at__isnull=True)
    assert first.revoked_at and again.digest != first.digest and again.role == OBSERVER
    assert Mail.objects.filter(to=first.email).count() == 2


def test_an_invitation_is_cancelled(nadine: Client, people: People, now: datetime) -> None:
    made = invite(people, now)
    assert nadine.post(address(people, "manage_invitation_revoke", made.pk)).status_code == 302
    made.refresh_from_db()
    assert made.revoked_by == f"compte:{people.nadine.user.pk}:facilitator"
    assert "a annulé l’invitation de lise@example.org" in seen_by(people.nadine, people).text


def test_somebody_is_dismissed_once_it_was_asked(nadine: Client, people: People) -> None:
    out = address(people, "manage_team_dismiss", member(people, people.karim).pk)
    page = Page(nadine.get(out).content.decode())
    assert page.problems == [] and "Karim" in page.text
    assert member(people, people.karim), "asking changes nothing"
    assert nadine.post(out).status_code == 302
    assert not Membership.objects.filter(user=people.karim.user).exists()
    assert signed_in(people.karim).get(address(people)).status_code == 403
    assert "Nadine a retiré de l’équipe Karim" in seen_by(people.nadine, people).text


def test_one_leaves_by_oneself(people: People) -> None:
    karim = signed_in(people.karim)
    answer = karim.post(address(people, "manage_team_dismiss", member(people, people.karim).pk))
    assert (answer.status_code, answer["Location"]) == (302, reverse("my_places"))
    assert not Membership.objects.filter(user=people.karim.user).exists()
    assert AuditEvent.objects.get(action="accounts.dismissed").by == f"compte:{people.karim.user.pk}:colleague"


def test_a_colleague_dismisses_nobody_else(people: People) -> None:
    out = address(people, "manage_team_dismiss", member(people, people.nadine).pk)
    assert signed_in(people.karim).post(out).status_code == 403
    assert signed_in(people.perrin).post(out).status_code == 403
    assert member(people, people.nadine)


def warned(client: Client, people: People) -> bool:
    page = client.get(address(people, "manage_team_dismiss", member(people, people.nadine).pk)).content.decode()
    return 'data-level="warning"' in page


def test_the_last_facilitator_is_warned(nadine: Client, people: People, now: datetime) -> None:
    assert warned(nadine, people), "the other facilitator’s account is deactivated"
    join("lise@example.org", "Lise", FACILITATOR, place_scope(people.place.pk), now)
    assert not warned(nadine, people)


def test_keys_are_made_shown_once_and_taken_back(nadine: Client, people: People) -> None:
    page = address(people, "manage_keys")
    answer = nadine.post(page, {"name": "Agenda  de la commune", "role": COLLEAGUE})
    body = answer.content.decode()
    assert answer.status_code == 200 and "no-store" in answer["Cache-Control"]
    secret = body.split("Bearer ")[1].split("<")[0].strip()
    assert secret.startswith("mlg_") and Page(body).problems == []
    made = key_of(secret)
    assert made is not None
    assert (made.name, made.role, made.scope) == ("Agenda de la commune", COLLEAGUE, place_scope(people.place.pk))
    again = nadine.get(page).content.decode()
    assert secret not in again and made.start in again
    out = address(people, "manage_key_revoke", made.pk)
    assert nadine.get(out).status_code == 200 and key_of(secret), "asking changes nothing"
    assert nadine.post(out).status_code == 302
    assert key_of(secret) is None
    assert list(AuditEvent.objects.filter(action__startswith="accounts.key").values_list("action", flat=True)) == [
        "accounts.key_made",
        "accounts.key_revoked",
    ]


@pytest.mark.parametrize(
    ("said", "message"),
    [
        (
            {"name": " \x00", "role": COLLEAGUE},
            "Donnez un nom à cette clé, de 100 signes au plus\u202f: le programme qui s’en servira.",
        ),
        (
            {"name": "x" * 101, "role": COLLEAGUE},
            "Donnez un nom à cette clé, de 100 signes au plus\u202f: le programme qui s’en servira.",
        ),
        ({"name": "Agenda", "role": FACILITATOR}, "Dites ce que la clé permet\u202f: lire, ou lire et écrire."),
    ],
)
def test_a_bad_key_is_refused_whole(nadine: Client, people: People, said: dict[str, str], message: str) -> None:
    answer = nadine.post(address(people, "manage_keys"), said)
    assert answer.status_code == 422
    assert message in Page(answer.content.decode()).text
    assert not ApiKey.objects.exists()


def test_twenty_keys_at_most(people: People, now: datetime) -> None:
    for n in range(20):
        make_key(place=people.place, name=f"Clé {n}", role=OBSERVER, by="essai", now=now)
    with pytest.raises(KeyRefused) as refused:
        make_key(place=people.place, name="Clé 21", role=OBSERVER, by="essai", now=now)
    told = "Ce lieu a déjà 20 clés de programme\u202f: retirez celles qui ne servent plus."
    assert str(refused.value) == told


def test_what_belongs_to_another_place_does_not_exist_here(nadine: Client, people: People, now: datetime) -> None:
    there = place_scope(people.other.pk)
    invited = accounts.invite(email="a@example.org", role=COLLEAGUE, scope=there, by="essai", now=now).invitation
    key, _ = accounts.make_key(name="Clé de Lila", role=OBSERVER, scope=there, by="essai", now=now)
    lila = Membership.objects.get(user=people.lila.user)
    before = [list(model.objects.order_by("pk").values()) for model in (Invitation, ApiKey, Membership, AuditEvent)]
    for pk in (invited.pk, 10**30):
        assert nadine.post(address(people, "manage_invitation_revoke", pk)).status_code == 404
    assert nadine.post(address(people), {"again": str(invited.pk)}).status_code == 404
    assert nadine.post(address(people), {"again": "9" * 30}).status_code == 404
    assert nadine.post(address(people, "manage_key_revoke", key.pk)).status_code == 404
    assert nadine.get(address(people, "manage_key_revoke", key.pk)).status_code == 404
    assert nadine.post(address(people, "manage_team_dismiss", lila.pk)).status_code == 404
    assert nadine.post(address(people, "manage_team_dismiss", 10**30)).status_code == 404
    after = [list(model.objects.order_by("pk").values()) for model in (Invitation, ApiKey, Membership, AuditEvent)]
    assert after == before


@pytest.mark.parametrize("who", ["karim", "ines", "perrin"])
def test_only_who_runs_the_place_invites_and_gives_keys(people: People, who: str) -> None:
    client = signed_in(getattr(people, who))
    assert client.post(address(people), {"email": "a@example.org", "role": COLLEAGUE}).status_code == 403
    assert client.get(address(people, "manage_keys")).status_code == 403
    assert not Invitation.objects.filter(email="a@example.org").exists()


def test_an_erased_account_leaves_no_name(nadine: Client, people: People) -> None:
    nadine.post(address(people, "manage_team_dismiss", member(people, people.karim).pk))
    people.karim.user.delete()
    text = seen_by(people.nadine, people).text
    assert "Karim" not in text and "Nadine a retiré de l’équipe compte effacé" in text


def test_the_page_asks_a_fixed_number_of_questions(nadine: Client, people: People, now: datetime) -> None:
    def questions() -> int:
        with CaptureQueriesContext(connection) as asked:
            nadine.get(address(people))
        return len(asked)

    invite(people, now)
    questions()
    few = questions()
    for n in range(9):
        invite(people, now, f"p{n}@example.org")
        join(f"q{n}@example.org", f"Q{n}", COLLEAGUE, place_scope(people.place.pk), now)
    questions()
    assert questions() == few <= 14
