import os
import smtplib
import stat
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.mail import EmailMessage, send_mail
from django.db import transaction
from hypothesis import HealthCheck, given
from hypothesis import settings as trying
from hypothesis import strategies as st

from maillage.config.settings import mail as smtp_settings
from maillage.journal import actions, emails, queries
from maillage.journal.models import AuditEvent, Mail
from tests.journal.sink import Sink, listening
from tests.together import together

TO, SUBJECT, BODY = "nadine@exemple.fr", "Votre code d’entrée", "Bonjour,\n\nVoici le code : 123456.\n"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, settings: Any) -> Path:
    settings.HOME, settings.SMTP = tmp_path, {}
    settings.EMAIL_BACKEND = "maillage.journal.emails.Outbox"
    settings.DEFAULT_FROM_EMAIL = "Maillage <ne-pas-repondre@exemple.fr>"
    return tmp_path


@pytest.fixture
def sink(settings: Any) -> Iterator[Sink]:
    with listening() as server:
        settings.SMTP = smtp_settings(f"smtp://127.0.0.1:{server.port}")
        yield server


def keep(now: datetime, to: str = TO, subject: str = SUBJECT, body: str = BODY) -> Mail:
    emails.keep(to=to, subject=subject, body=body, now=now)
    return Mail.objects.latest("pk")


@pytest.mark.django_db
class TestWithoutServer:
    def test_a_mail_is_a_readable_file_for_its_owner_only(
        self, home: Path, now: datetime, django_capture_on_commit_callbacks: Any
    ) -> None:
        with django_capture_on_commit_callbacks(execute=True):
            kept = keep(now)
            assert not (home / "outbox").exists()
        [file] = (home / "outbox").iterdir()
        assert file.name == f"2026-11-22_09-30-00_{kept.pk:06}.txt"
        assert file.read_text(encoding="utf-8") == (
            "De : Maillage <ne-pas-repondre@exemple.fr>\n"
            "À : nadine@exemple.fr\n"
            "Sujet : Votre code d’entrée\n"
            "Date : 2026-11-22 09:30 UTC\n"
            "\n"
            "Bonjour,\n\nVoici le code : 123456.\n"
        )
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700

    def test_once_sent_its_text_is_gone(self, now: datetime) -> None:
        kept = keep(now)
        assert emails.deliver(kept.pk, now=now)
        kept.refresh_from_db()
        assert (kept.body, kept.sent_at, kept.next_try_at, kept.attempts) == ("", now, None, 1)
        assert not emails.deliver(kept.pk, now=now + timedelta(days=1))

    def test_an_outbox_that_cannot_be_written_is_tried_again(self, home: Path, now: datetime) -> None:
        (home / "outbox").write_text("ce n’est pas un dossier")
        kept = keep(now)
        assert not emails.deliver(kept.pk, now=now)
        kept.refresh_from_db()
        assert (kept.attempts, kept.next_try_at) == (1, now + timedelta(minutes=2))
        assert "outbox" in kept.trouble
        (home / "outbox").unlink()
        assert emails.due(now=now + timedelta(minutes=1)) == []
        assert actions.send_mails(now=now + timedelta(minutes=2)) == 1

    def test_a_full_disk_leaves_no_half_file_that_counts(
        self, home: Path, now: datetime, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def full(descriptor: int) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(os, "fsync", full)
        kept = keep(now)
        assert not emails.deliver(kept.pk, now=now)
        assert not list((home / "outbox").glob("*.txt"))
        monkeypatch.undo()
        assert actions.send_mails(now=now + timedelta(minutes=3)) == 1
        assert [file.suffix for file in (home / "outbox").iterdir() if file.suffix != ".part"] == [".txt"]


@pytest.mark.django_db(transaction=True)
class TestTransactions:
    def test_a_change_that_is_undone_sends_nothing(self, home: Path, now: datetime) -> None:
        with pytest.raises(RuntimeError), transaction.atomic():
            keep(now)
            raise RuntimeError
        assert not Mail.objects.exists()
        assert not (home / "outbox").exists()

    def test_a_crash_between_commit_and_send_loses_nothing(
        self, home: Path, now: datetime, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(emails, "deliver", lambda mail_id, *, now: None)
        keep(now)
        monkeypatch.undo()
        assert actions.send_mails(now=now) == 1
        assert len(list((home / "outbox").iterdir())) == 1

    def test_a_crash_while_sending_is_tried_again_after_the_lease_and_not_for_ever(self, now: datetime) -> None:
        kept = keep(now + timedelta(days=1))  # committed, its first try still to come
        Mail.objects.filter(pk=kept.pk).update(sent_at=None, attempts=0, body=BODY, next_try_at=now)
        at = now
        for attempt in range(1, queries.MOST_ATTEMPTS + 1):
            assert emails._take(kept.pk, at)  # and the process dies here
            assert not emails._take(kept.pk, at + emails.LEASE - timedelta(seconds=1)), attempt
            at += emails.LEASE
        assert emails.due(now=at + timedelta(days=9)) == []
        assert queries.mails(now=at).given_up == 1

    def test_trouble_with_mail_is_no_trouble_for_the_page(
        self, home: Path, now: datetime, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def broken(mail_id: int, *, now: datetime) -> None:
            raise RuntimeError("la base a disparu")

        monkeypatch.setattr(emails, "deliver", broken)
        with transaction.atomic():
            assert send_mail("Bonjour", "Texte", None, [TO]) == 1
        assert Mail.objects.count() == 1

    @pytest.mark.parametrize("guarded", [True, False])
    def test_two_processes_send_once(
        self, sink: Sink, now: datetime, monkeypatch: pytest.MonkeyPatch, *, guarded: bool
    ) -> None:
        sink.slow_seconds = 0.3
        monkeypatch.setattr(emails.transaction, "on_commit", lambda *a, **k: None)
        kept = keep(now)
        if not guarded:
            monkeypatch.setattr(emails, "_take", lambda mail_id, now: True)
        together([lambda: str(emails.deliver(kept.pk, now=now))] * 4)
        assert (len(sink.mails) == 1) is guarded


@pytest.mark.django_db
class TestWithServer:
    def test_what_arrives_is_what_was_written(self, sink: Sink, now: datetime) -> None:
        kept = keep(now, subject="« Élan » vous invite à L’Œuvre — n° 1 🧶")
        assert emails.deliver(kept.pk, now=now)
        [received] = sink.mails
        assert received.to == [TO]
        assert received.message["Subject"].strip() == "« Élan » vous invite à L’Œuvre — n° 1 🧶"
        assert received.message["From"] == "Maillage <ne-pas-repondre@exemple.fr>"
        assert received.message["Auto-Submitted"] == "auto-generated"
        assert received.message.get_content().replace("\r\n", "\n") == BODY

    def test_a_calendar_goes_with_the_mail_and_leaves_with_its_text(self, sink: Sink, now: datetime) -> None:
        told = "BEGIN:VCALENDAR\r\nSUMMARY:Salle du four, été\r\nEND:VCALENDAR\r\n"
        emails.keep(to=TO, subject="Réservé", body="C’est réservé.", calendar=told, now=now)
        kept = Mail.objects.get()
        assert kept.calendar == told
        emails.deliver(kept.pk, now=now)
        [received] = sink.mails
        body, [attached] = received.message.get_body(), received.message.iter_attachments()
        assert body.get_content().strip() == "C’est réservé."
        assert (attached.get_content_type(), attached.get_filename()) == ("text/calendar", "agenda.ics")
        assert attached.get_content().splitlines() == told.splitlines()
        kept.refresh_from_db()
        assert (kept.body, kept.calendar) == ("", "")

    def test_a_second_try_has_the_identifier_of_the_first(self, sink: Sink, now: datetime) -> None:
        sink.hangs_up_after_data = True
        kept = keep(now)
        assert not emails.deliver(kept.pk, now=now)
        sink.hangs_up_after_data = False
        assert emails.deliver(kept.pk, now=now + timedelta(minutes=2))
        first, second = (received.message["Message-ID"] for received in sink.mails)
        assert first == second

    def test_a_server_that_refuses_is_tried_eight_times_then_told(self, sink: Sink, now: datetime) -> None:
        sink.refuses = True
        kept = keep(now)
        at = now
        for _ in range(queries.MOST_ATTEMPTS):
            assert actions.send_mails(now=at) == 0
            at = at + timedelta(minutes=2**queries.MOST_ATTEMPTS)
        assert actions.send_mails(now=at) == 0
        kept.refresh_from_db()
        assert (kept.attempts, kept.next_try_at, kept.body) == (8, None, BODY)
        told = queries.mails(now=at)
        assert (told.waiting, told.late, told.given_up) == (0, 0, 1)
        assert "nobody of that name" in told.trouble

        sink.refuses = False
        actions.send_again(mail_id=kept.pk, by="compte:1:operator", now=at)
        assert AuditEvent.objects.filter(action="journal.mail_sent_again", by="compte:1:operator").exists()
        assert actions.send_mails(now=at) == 1
        actions.send_again(mail_id=kept.pk, by="compte:1:operator", now=at)
        assert AuditEvent.objects.filter(action="journal.mail_sent_again").count() == 1

    def test_a_server_that_is_not_there_is_waited_for(self, settings: Any, now: datetime) -> None:
        with listening() as gone:
            settings.SMTP = smtp_settings(f"smtp://127.0.0.1:{gone.port}")
        kept = keep(now)
        assert not emails.deliver(kept.pk, now=now)
        told = queries.mails(now=now)
        assert (told.waiting, told.late, told.given_up) == (1, 0, 0)
        assert queries.mails(now=now + timedelta(hours=1)).late == 1

    def test_one_mail_that_cannot_be_written_stops_no_other(self, sink: Sink, now: datetime) -> None:
        keep(now, to="deux@exemple.fr, trois@exemple.fr")
        keep(now)
        assert actions.send_mails(now=now) == 1
        assert [received.to for received in sink.mails] == [[TO]]

    @pytest.mark.parametrize("end", ["\r\n", "\n", "\r", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029", "\x00"])
    def test_no_line_end_adds_a_header_or_a_recipient(self, sink: Sink, now: datetime, end: str) -> None:
        attack = f"Bonjour{end}Bcc: tous@exemple.fr{end}{end}autre texte"
        keep(now, subject=attack)
        assert actions.send_mails(now=now) == 1
        keep(now, to=f"nadine@exemple.fr{end}Bcc: tous@exemple.fr")
        keep(now, to=f"nadine@exemple.fr{end},tous@exemple.fr")
        actions.send_mails(now=now)
        assert [received.to for received in sink.mails] == [[TO]]
        message = sink.mails[0].message
        assert len(message.get_all("Subject")) == len(message.get_all("To")) == 1
        assert message["Bcc"] is None

    def test_a_dot_alone_on_its_line_does_not_end_a_mail(self, sink: Sink, now: datetime) -> None:
        keep(now, body="Avant\n.\nMAIL FROM:<moi@exemple.fr>\nAprès\n")
        assert actions.send_mails(now=now) == 1
        assert len(sink.mails) == 1
        assert "Après" in sink.mails[0].message.get_content()

    @trying(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(subject=st.text(max_size=120), body=st.text(st.characters(exclude_categories=["Cs"]), max_size=400))
    def test_whatever_is_written_one_mail_leaves_for_one_person(
        self, sink: Sink, now: datetime, subject: str, body: str
    ) -> None:
        sink.mails.clear()
        keep(now, subject=subject.encode("utf-8", "replace").decode(), body=body)
        assert actions.send_mails(now=now) == 1
        [received] = sink.mails
        assert received.to == [TO]
        assert len(received.message.get_all("To")) == 1


@pytest.mark.django_db
class TestDjangoDoor:
    def test_each_recipient_has_a_mail_of_their_own(self, now: datetime) -> None:
        EmailMessage("Bonjour", "Texte", None, ["a@exemple.fr"], bcc=["b@exemple.fr"]).send()
        assert sorted(Mail.objects.values_list("to", flat=True)) == ["a@exemple.fr", "b@exemple.fr"]

    def test_last_months_mails_are_forgotten(self, now: datetime) -> None:
        keep(now - timedelta(days=31))
        kept = keep(now)
        actions.send_mails(now=now)
        assert list(Mail.objects.values_list("pk", flat=True)) == [kept.pk]


def test_smtp_troubles_are_of_a_kind_that_is_caught() -> None:
    assert issubclass(smtplib.SMTPException, OSError)


@pytest.mark.parametrize("url", ["smtp://", "http://exemple.fr", "smtp://exemple.fr:99999", "smtp://exemple.fr:abc"])
def test_a_mail_server_that_cannot_be_read_is_refused(url: str) -> None:
    with pytest.raises(ImproperlyConfigured) as refused:
        smtp_settings(url)
    scheme = url.partition(":")[0]
    assert str(refused.value) == (
        f"MAILLAGE_SMTP doit avoir la forme smtp://utilisateur:motdepasse@hôte:587 ; reçu : {scheme}://…"
    )
