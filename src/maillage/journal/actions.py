import re
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from importlib import import_module
from typing import Any, Protocol, cast

from django.db import connection, transaction
from django.db.models import Q

from maillage.journal import emails, queries
from maillage.journal.models import AuditEvent, IdempotencyKey, Mail, Use
from maillage.journal.rules import is_public

IN_ORDER = 20260
LONGEST_ROUND_SECONDS = 60.0
KEPT_FOR = timedelta(days=30)
ASKED_AGAIN_WITHIN = timedelta(days=7)
COUNT_ONE_MORE = (
    "INSERT INTO journal_use (name, day, times) VALUES (%s, %s, 1) "
    "ON CONFLICT (name, day) DO UPDATE SET times = journal_use.times + 1 RETURNING times"
)


class KeyReused(ValueError):
    """An idempotency key came back with another request."""

    def __init__(self) -> None:
        super().__init__("Cette clé d’idempotence a déjà servi à une autre demande\u202f: tirez-en une nouvelle.")


class TooMany(ValueError):
    """Asked for too many times on one day."""


def write(
    *, action: str, by: str, now: datetime, subject: str = "", detail: dict[str, Any] | None = None
) -> AuditEvent:
    """Write one audit event; call it inside the transaction of the change it tells of.

    Events become visible in the order of their numbers: what is kept aside under the last number is never stale.
    """
    queries.forget()
    lock_order()
    return AuditEvent.objects.create(
        at=now, by=by, action=action, subject=subject, detail=detail or {}, is_public=is_public(action)
    )


def lock_order() -> None:
    """Let one writer pass at a time, until its commit: on PostgreSQL event 11 could otherwise be seen before 10.

    Acts that lock several rows in no fixed order ask for it first, and so never wait for each other in a ring.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [IN_ORDER])


@transaction.atomic
def once(
    *, caller: str, key: str, fingerprint: str, now: datetime, act: Callable[[], dict[str, Any]]
) -> dict[str, Any]:
    """Do what a program asks under a key of its own, once: asked again within a week, it gets the same answer.

    The key, the act and the answer are one transaction; an act that raises leaves no key. Two requests at the same
    moment: the second waits for the first. Another request under a known key raises `KeyReused`.
    """
    key = key.replace("\x00", "")  # PostgreSQL keeps none.
    known, is_new = IdempotencyKey.objects.get_or_create(
        caller=caller, key=key, defaults={"fingerprint": fingerprint, "at": now}
    )
    if is_new:
        known.answer = act()
        known.save(update_fields=["answer"])
    elif known.fingerprint != fingerprint:
        raise KeyReused
    return dict(known.answer or {})


def spend(*, uses: Mapping[str, int], now: datetime) -> None:
    """Count one more of each use of this day, or raise `TooMany`: within the transaction of the act, undone with it.

    Last of all: whoever counts the same use waits for this commit.
    """
    with connection.cursor() as cursor:
        for name in sorted(uses):
            cursor.execute(COUNT_ONE_MORE, [name, now.date()])
            if cursor.fetchone()[0] > uses[name]:
                raise TooMany


def forget_keys(*, now: datetime) -> None:
    """Forget the keys of last week, and what was counted before yesterday."""
    IdempotencyKey.objects.filter(at__lt=now - ASKED_AGAIN_WITHIN).delete()
    Use.objects.filter(day__lt=now.date() - ASKED_AGAIN_WITHIN).delete()


def send_mails(*, now: datetime) -> int:
    """Try the mails whose time has come, for a minute at most, and forget those of last month; says how many left.

    Each mail is a transaction of its own: one that fails takes no other with it.
    """
    Mail.objects.filter(asked_at__lt=now - KEPT_FOR).delete()
    forget_keys(now=now)
    started = time.monotonic()
    sent = 0
    for mail_id in emails.due(now=now):
        if time.monotonic() - started > LONGEST_ROUND_SECONDS:
            break
        sent += emails.deliver(mail_id, now=now)
    return sent


@transaction.atomic
def send_again(*, mail_id: int, by: str, now: datetime) -> None:
    """Give a mail that was given up its tries again."""
    given_up = Mail.objects.filter(pk=mail_id, sent_at__isnull=True).exclude(body="")
    if given_up.update(attempts=0, next_try_at=now):
        write(action="journal.mail_sent_again", by=by, now=now, detail={"mail": mail_id})


def unnamed(text: str, name: str) -> str:
    """A text without a name or an address, whole words only; a line with a link is left alone, or the link would break.

    >>> unnamed("Ève vous invite à La Grève\\nhttps://exemple.org/Ève/", "Ève")
    '… vous invite à La Grève\\nhttps://exemple.org/Ève/'
    >>> unnamed("De eve@exemple.fr, pas de nadeve@exemple.fr ni d’Eve@exemple.fr.eu", "Eve@exemple.fr")
    'De …, pas de nadeve@exemple.fr ni d’Eve@exemple.fr.eu'
    """
    around, flags = (r"[\w.+-]", re.IGNORECASE) if "@" in name else (r"\w", re.NOFLAG)
    after = r"\.?[\w+-]" if "@" in name else r"\w"
    whole = re.compile(rf"(?<!{around}){re.escape(name)}(?!{after})", flags)
    return "\n".join(line if "://" in line else whole.sub("…", line) for line in text.split("\n"))


class ForgetsAddresses(Protocol):
    """A module of a room above that keeps addresses which are no account's and no person's."""

    def forget_addresses(self, *, addresses: Iterable[str]) -> None:
        """Take these addresses out; what was said with them stays."""


_forgetting: list[str] = []


def forgotten_also_by(module: str) -> None:
    """Say which module forgets addresses too; called by `AppConfig.ready` of its room."""
    if module not in _forgetting:
        _forgetting.append(module)


def forget_person(*, addresses: Iterable[str], name: str) -> None:
    """Take a person out of the mails and of the outbox: those to them, and those that name them or tell an address.

    Rooms above that said so by `forgotten_also_by` forget the addresses too.
    """
    own = list(addresses)
    for module in _forgetting:
        cast("ForgetsAddresses", import_module(module)).forget_addresses(addresses=own)
    for address in own:
        alike = Mail.objects.filter(to__iexact=address).values_list("pk", "to")
        theirs = [pk for pk, to in alike if to.isascii() == address.isascii() and to.lower() == address.lower()]
        Mail.objects.filter(pk__in=theirs).delete()
    words = [*own, name] if name else own
    for word in words:
        for mail in Mail.objects.filter(
            Q(subject__icontains=word) | Q(body__icontains=word) | Q(calendar__icontains=word)
        ):
            mail.subject, mail.body = unnamed(mail.subject, word), unnamed(mail.body, word)
            mail.calendar = unnamed(mail.calendar, word)
            mail.save(update_fields=["subject", "body", "calendar"])
    transaction.on_commit(lambda: forget_files(to=own, words=words), robust=True)


def forget_files(*, to: Iterable[str], words: Iterable[str]) -> None:
    """Delete the files of the outbox to these addresses, and take these words out of the others."""
    lowered = {address.lower() for address in to}
    for path in sorted(emails.outbox().glob("*.txt")):
        said = kept = path.read_text(encoding="utf-8")
        if emails.addressee(said).lower() in lowered:
            path.unlink(missing_ok=True)
            continue
        for word in words:
            kept = unnamed(kept, word)
        if kept != said:
            emails.write_private(path, kept)


def reword(*, said: str, instead: str) -> None:
    """Put other words where mails begin their subject and their lines with these."""
    opening = re.compile(rf"^{re.escape(said)}", re.MULTILINE)
    for mail in Mail.objects.filter(subject__startswith=said):
        mail.subject, mail.body = opening.sub(instead, mail.subject), opening.sub(instead, mail.body)
        mail.save(update_fields=["subject", "body"])
