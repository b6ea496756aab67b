"""Mails: kept in the database first, then sent at once if possible, and again later if not."""

import os
import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.crypto import salted_hmac

from maillage.journal.models import Mail
from maillage.journal.queries import MOST_ATTEMPTS

ATTACHED = "agenda.ics"
LEASE = timedelta(minutes=5)
"""Longer than any exchange with a mail server lasts: each of its steps ends after ten seconds."""


class Outbox(BaseEmailBackend):
    """Django's way to send: the mail is a row of the current transaction, delivered once it is committed."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        now = timezone.now()
        for message in email_messages:
            for address in message.recipients():
                keep(to=address, subject=str(message.subject), body=str(message.body), now=now)
        return len(email_messages)


def keep(*, to: str, subject: str, body: str, now: datetime, calendar: str = "", at_once: bool = True) -> None:
    """Write a mail to send in the current transaction; line breaks never enter a header. `calendar`: an .ics.

    One of very many is not sent `at_once`, but by the schedule: the page that asked does not wait for all of them.
    """
    kept = Mail.objects.create(
        to=one_line(to),
        subject=one_line(subject)[:300],
        body=body.replace("\x00", ""),
        calendar=calendar.replace("\x00", ""),
        asked_at=now,
        next_try_at=now,
    )
    if at_once:
        # Robust: a page whose mail cannot leave yet is still a page that succeeded.
        transaction.on_commit(lambda: deliver(kept.pk, now=now), robust=True)


def one_line(text: str) -> str:
    """A text that cannot add a header to a mail.

    >>> one_line("Bonjour\\r\\nBcc: tous@exemple.fr")
    'Bonjour Bcc: tous@exemple.fr'
    """
    return re.sub(r"[\x00-\x1f\x7f\x85\u2028\u2029]+", " ", str(text)).strip()


def due(*, now: datetime) -> list[int]:
    """The mails whose next try has come, the one that waits most first."""
    ready = Mail.objects.filter(sent_at__isnull=True, next_try_at__lte=now, attempts__lt=MOST_ATTEMPTS)
    return list(ready.order_by("next_try_at", "pk").values_list("pk", flat=True)[:100])


def deliver(mail_id: int, *, now: datetime) -> bool:
    """Try to send one mail; what goes wrong is written on it, and it is tried again later."""
    if not _take(mail_id, now):
        return False
    mail = Mail.objects.get(pk=mail_id)
    try:
        _send(mail, now)
    except Exception as trouble:  # noqa: BLE001 a mail that cannot even be written must not stop the others
        wait = timedelta(minutes=2**mail.attempts) if mail.attempts < MOST_ATTEMPTS else None
        Mail.objects.filter(pk=mail_id).update(
            trouble=one_line(str(trouble) or type(trouble).__name__)[:300], next_try_at=now + wait if wait else None
        )
        return False
    Mail.objects.filter(pk=mail_id).update(sent_at=now, next_try_at=None, body="", calendar="", trouble="")
    return True


def _take(mail_id: int, now: datetime) -> bool:
    """Take a mail for the length of the lease; of several processes, one has it.

    The try is counted before it is made: a mail that kills the process it is sent from is given up too.
    """
    free = Mail.objects.filter(pk=mail_id, sent_at__isnull=True, next_try_at__lte=now, attempts__lt=MOST_ATTEMPTS)
    return bool(free.update(next_try_at=now + LEASE, attempts=F("attempts") + 1))


def _send(mail: Mail, now: datetime) -> None:
    if not settings.SMTP:
        _write(outbox(), mail, now)
        return
    options: dict[str, Any] = {**settings.SMTP}
    message = EmailMessage(mail.subject, mail.body, settings.DEFAULT_FROM_EMAIL, [mail.to], headers=_headers(mail))
    if mail.calendar:
        message.attach(ATTACHED, mail.calendar, "text/calendar")
    message.connection = get_connection("django.core.mail.backends.smtp.EmailBackend", **options)
    message.send()


def _headers(mail: Mail) -> dict[str, str]:
    """A second try after a crash carries the same identifier, by which mail servers know a mail they have."""
    host = urlparse(settings.SITE_URL).hostname or "localhost"
    sign = salted_hmac("maillage.mail", f"{mail.pk} {mail.asked_at.isoformat()}").hexdigest()[:20]
    return {"Message-ID": f"<{mail.pk}.{sign}@{host}>", "Auto-Submitted": "auto-generated"}


def _write(folder: Path, mail: Mail, now: datetime) -> None:
    """Write a mail as a readable text file."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / f"{now:%Y-%m-%d_%H-%M-%S}_{mail.pk:06}.txt"
    head = {
        "De": settings.DEFAULT_FROM_EMAIL,
        "À": mail.to,
        "Sujet": mail.subject,
        "Date": f"{now:%Y-%m-%d %H:%M} UTC",
    }
    said = "".join(f"{name} : {value}\n" for name, value in head.items())
    attached = f"\n\n[{ATTACHED}]\n{mail.calendar}".replace("\r\n", "\n") if mail.calendar else ""
    write_private(path, f"{said}\n{mail.body}{attached}")


def outbox() -> Path:
    """Where the mails of a site without a mail server lie."""
    return Path(settings.HOME) / "outbox"


def addressee(said: str) -> str:
    """Whom a file of the outbox is for.

    >>> addressee("De : a@exemple.fr\\nÀ : b@exemple.fr\\nSujet : Mot")
    'b@exemple.fr'
    """
    head = said.partition("\n\n")[0].split("\n")
    return next((line.removeprefix("À : ") for line in head if line.startswith("À : ")), "")


def write_private(path: Path, text: str) -> None:
    """Write a file whole or not at all, for the machine's owner only."""
    unfinished = path.with_suffix(".part")
    unfinished.unlink(missing_ok=True)
    private = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(private, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)
