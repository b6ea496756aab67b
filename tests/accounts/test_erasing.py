"""Whoever is erased stays nowhere: not in mails to others, not in the files of the outbox, not in what waits."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import transaction
from django.utils import timezone

from maillage.accounts import actions
from maillage.accounts.models import Invitation, User
from maillage.accounts.rules import EVERYWHERE, OBSERVER
from maillage.accounts.tasks import daily_sweep
from maillage.journal import emails
from maillage.journal.models import Mail

pytestmark = pytest.mark.django_db
ADDRESS, SECOND = "zoe.canari@exemple.fr", "zoe+2@exemple.fr"


@pytest.fixture
def zoe(folk) -> User:
    user = User.objects.create_user(ADDRESS)
    for email in (ADDRESS, SECOND):
        EmailAddress.objects.create(user=user, email=email, verified=True, primary=email == ADDRESS)
    return user


def invited_by(user: User, now: datetime, place: str = "La Maille") -> None:
    actions.invite_by_mail(
        email="ami@exemple.fr",
        role=OBSERVER,
        scope=EVERYWHERE,
        place_name=place,
        inviter=str(user),
        by="essai",
        now=now,
    )


def kept() -> str:
    return "\n".join(f"{mail.to} {mail.subject} {mail.body}" for mail in Mail.objects.all()).lower()


def test_an_inviter_without_a_name_is_named_by_no_mail(zoe: User, now: datetime) -> None:
    invited_by(zoe, now)
    emails.keep(to="ami@exemple.fr", subject=f"De {SECOND}", body=f"De {SECOND.upper()}.\nNon-{SECOND}", now=now)
    assert ADDRESS in kept() and SECOND in kept()
    actions.erase(user=zoe, by="essai", now=now)
    assert ADDRESS not in kept() and f" {SECOND}" not in kept()
    assert Mail.objects.first().subject == "… vous invite à La Maille"
    assert "/invitation/" in Mail.objects.first().body, "the link of somebody else still works"
    assert f"Non-{SECOND}" in Mail.objects.last().body, "another address stays"


def test_a_name_had_before_is_in_no_mail(zoe: User, now: datetime) -> None:
    for name in ("Zoé Canari", "Zoé Merle"):
        actions.rename(user=zoe, name=name, by="essai", now=now)
        invited_by(zoe, now, place="Chez Zoé Canari")
    assert [mail.subject for mail in Mail.objects.order_by("pk")] == [
        "… vous invite à Chez Zoé Canari",
        "Zoé Merle vous invite à Chez Zoé Canari",
    ], "only where the name is that of who invites"
    assert "Zoé Canari vous invite" not in Mail.objects.first().body
    actions.erase(user=zoe, by="essai", now=now)
    assert "zoé merle" not in kept()


def test_the_files_of_the_outbox_forget_too(
    zoe: User, now: datetime, django_capture_on_commit_callbacks, settings, tmp_path: Path
) -> None:
    settings.HOME, settings.SMTP = tmp_path, None
    actions.rename(user=zoe, name="Zoé Canari", by="essai", now=now)
    with django_capture_on_commit_callbacks(execute=True):
        emails.keep(to=SECOND.upper(), subject="Votre code", body="123", now=now)
        invited_by(zoe, now)
        emails.keep(to="ami@exemple.fr", subject="Autre", body="Rien.", now=now)
    files = sorted((tmp_path / "outbox").iterdir())
    assert len(files) == 3
    untouched = files[2].read_bytes()
    with django_capture_on_commit_callbacks(execute=True):
        actions.erase(user=zoe, by="essai", now=now)
    left = sorted((tmp_path / "outbox").iterdir())
    assert left == files[1:]
    said = left[0].read_text()
    assert "Sujet : … vous invite à La Maille" in said and "Canari" not in said and "/invitation/" in said
    assert left[1].read_bytes() == untouched
    assert left[0].stat().st_mode & 0o777 == 0o600


def test_an_erasure_that_fails_keeps_the_files(
    zoe: User, now: datetime, django_capture_on_commit_callbacks, settings, tmp_path: Path
) -> None:
    settings.HOME, settings.SMTP = tmp_path, None
    with django_capture_on_commit_callbacks(execute=True):
        emails.keep(to=ADDRESS, subject="Votre code", body="123", now=now)
    with django_capture_on_commit_callbacks(execute=True), pytest.raises(RuntimeError), transaction.atomic():
        actions.erase(user=zoe, by="essai", now=now)
        raise RuntimeError
    assert len(list((tmp_path / "outbox").iterdir())) == 1


def test_no_invitation_to_somebody_erased_opens_any_more(zoe: User, now: datetime) -> None:
    wanted = {"role": OBSERVER, "by": "essai", "now": now}
    sent = [
        actions.invite(email=ADDRESS, scope=EVERYWHERE, **wanted),
        actions.invite(email=SECOND.upper(), scope="dep:39", **wanted),
    ]
    actions.erase(user=zoe, by="essai", now=now)
    for one in sent:
        made = Invitation.objects.get(pk=one.invitation.pk)
        assert (made.revoked_at, made.revoked_by) == (now, "essai")
        with pytest.raises(actions.InvitationRefused) as refused:
            actions.accept(token=one.token, by=None, now=now + timedelta(minutes=1))
        assert str(refused.value) == actions.OVER
    assert User.objects.filter(email=f"efface-{zoe.pk}@compte-efface.invalid", is_active=False).count() == 1


NOBODY = "Personne ne reçoit de courriel à cette adresse\u202f: écrivez-en une autre."


@pytest.mark.parametrize("written", ["efface-{}@compte-efface.invalid", " Efface-{}@COMPTE-EFFACE.invalid "])
def test_what_stands_for_somebody_erased_is_nobodys_address(zoe: User, folk, client_of, now: datetime, written) -> None:
    taken = written.format(zoe.pk)
    for act, more in ((actions.invite, {}), (actions.bring_in, {"name": "Mallory"})):
        with pytest.raises(actions.InvitationRefused) as refused:
            act(email=taken, role=OBSERVER, scope=EVERYWHERE, by="essai", now=now, **more)
        assert str(refused.value) == NOBODY
    answer = client_of(folk.karim).post("/mon-compte/adresses/", {"action_add": "", "email": taken})
    assert answer.context["form"].errors == {"email": [NOBODY]}
    assert not Mail.objects.exists()
    actions.erase(user=zoe, by="essai", now=now)
    assert User.objects.get(pk=zoe.pk).email == f"efface-{zoe.pk}@compte-efface.invalid"


def test_the_daily_sweep_forgets_where_ended_sessions_came_from(folk, coded, now: datetime) -> None:
    here, over = coded(folk.nadine.email), coded(folk.nadine.email)
    for client in (here, over):
        client.get("/mon-compte/")
    assert UserSession.objects.filter(user=folk.nadine.user).count() == 2
    key = over.session.session_key
    Session.objects.filter(pk=key).update(expire_date=timezone.now() - timedelta(minutes=1))
    daily_sweep()
    assert [one.session_key for one in UserSession.objects.all()] == [here.session.session_key]
    assert here.get("/mon-compte/").status_code == 200


@pytest.mark.parametrize("way", ["unanswered", "revoked", "answered"])
def test_the_daily_sweep_forgets_the_addresses_of_those_who_never_answered(folk, now: datetime, way: str) -> None:
    made = actions.invite(email=ADDRESS, role=OBSERVER, scope=EVERYWHERE, by="essai", now=now)
    one = made.invitation
    if way == "revoked":
        actions.revoke_invitation(invitation_id=one.pk, scope=EVERYWHERE, by="essai", now=now)
    if way == "answered":
        actions.accept(token=made.token, by=None, now=now)

    def kept_on(day: int) -> str:
        actions.forget_unanswered(now=one.expires_at + timedelta(days=day))
        return Invitation.objects.get(pk=one.pk).email

    assert kept_on(90) == ADDRESS
    assert kept_on(91) == (ADDRESS if way == "answered" else "")
    kept = Invitation.objects.get(pk=one.pk)
    assert (kept.role, kept.scope, kept.created_by, kept.created_at) == (OBSERVER, EVERYWHERE, "essai", now)
    assert str(kept) == ("zoe.canari@exemple.fr" if way == "answered" else "Adresse oubliée") + ", Observation"
    assert actions.forget_unanswered(now=one.expires_at + timedelta(days=92)) == 0


def test_the_sweep_of_every_day_does_both(folk, now: datetime) -> None:
    old = now - timedelta(days=200)
    actions.invite(email=ADDRESS, role=OBSERVER, scope=EVERYWHERE, by="essai", now=old)
    assert daily_sweep() == 1
    assert not Invitation.objects.filter(email=ADDRESS).exists()
