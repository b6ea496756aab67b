"""Follow other instances of Maillage: begin, stop, read what they tell; and change the key that signs what we tell."""

import logging
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from maillage.accounts.permissions import is_operator
from maillage.accounts.queries import signer
from maillage.accounts.rules import read_signature
from maillage.journal import actions as journal
from maillage.network.exchange.actions.copying import Copied, copy_places
from maillage.network.exchange.labels import peer_problem
from maillage.network.exchange.models import KeyTurn, Peer
from maillage.network.exchange.models.federation import FOLLOWED, STOPPED
from maillage.network.exchange.queries import federation
from maillage.network.exchange.rules.feeds import copies, keys, pages
from maillage.network.exchange.rules.feeds.pages import BadPage, Card, Page
from maillage.network.exchange.rules.feeds.signing import TYPE, Asked, BadSignature, signed
from maillage.network.exchange.sources.fetching import FetchFailed, fetch
from maillage.territory import queries as territory

MOST_PAGES = 2_000
_log = logging.getLogger(__name__)
AHEAD = timedelta(hours=1)
"""How far the clock of another machine may be ahead of ours."""


class FollowRefused(ValueError):
    """An instance cannot be followed, or its key cannot be accepted; the message says why and what to do."""


class NotRead(ValueError):
    """An instance could not be read: `code` is one of `labels.PEER_PROBLEMS` or `labels.FETCH_PROBLEMS`."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(peer_problem(code, detail))
        self.code, self.detail = code, detail[:120]


class _BeginAgain(Exception):
    """The position that we hold is none of that instance's any more."""


@dataclass(slots=True)
class Pulled:
    """What reading an instance did; `problem` says why it stopped short, empty once all of it was read."""

    pages: int = 0
    again: bool = False
    problem: str = ""
    seconds: float = 0.0
    copied: Copied = field(default_factory=Copied)


def look_at(url: str) -> Card:
    """What the instance at an address says of itself; raises `FollowRefused`."""
    asked = url.strip().rstrip("/")
    parts = urlsplit(asked)
    if parts.scheme not in ("https", "http") or not parts.netloc or parts.path or parts.query or parts.fragment:
        raise FollowRefused(_("Donnez l’adresse de l’instance, sans rien derrière\u202f: https://lieux.exemple.fr"))
    try:
        card = _card(asked)
    except NotRead as wrong:
        raise FollowRefused(str(wrong)) from wrong
    if card.site == federation.here() or card.key == keys.public_of(federation.signing_key()):
        raise FollowRefused(_("C’est cette instance-ci\u202f: elle ne se suit pas elle-même."))
    return card


@transaction.atomic
def follow(*, card: Card, name: str = "", by: str, now: datetime) -> Peer:
    """Follow an instance under the key of its card, or follow it again; raises `FollowRefused`.

    One that was followed under another key is followed under the new one: somebody has looked at its fingerprint.
    """
    _let(by)
    journal.lock_order()
    url = card.url.rstrip("/")
    peer = Peer.objects.select_for_update().filter(site=card.site).first()
    if peer is None and Peer.objects.filter(url=url).exists():
        raise FollowRefused(_("Une instance est déjà suivie à cette adresse, sous un autre nom."))
    if peer is not None and urlsplit(peer.url).netloc.lower() != urlsplit(url).netloc.lower():
        raise FollowRefused(
            _("«\u202f%(url)s\u202f» a le même identifiant\u202f: qui tient l’une parlerait au nom de l’autre.")
            % {"url": peer.url}
        )
    told = {
        "name": name.strip()[:200] or card.name,
        "url": url,
        "licence": ", ".join(card.licences)[:200],
        "told": card.places,
        "key": card.key,
    }
    begun = {"state": FOLLOWED, "stopped_at": None, "stopped_by": "", "problem": "", "problem_detail": ""}
    if peer is None:
        peer = Peer.objects.create(site=card.site, opened_at=now, opened_by=by, **told, **begun)
    else:
        for name, value in {**told, **begun}.items():
            setattr(peer, name, value)
        peer.save(update_fields=[*told, *begun])
    detail = {"url": url, "key": keys.fingerprint(card.key)}
    journal.write(action="exchange.peer_followed", by=by, now=now, subject=card.site, detail=detail)
    return peer


@transaction.atomic
def stop(*, peer_id: int, by: str, now: datetime) -> Peer:
    """Ask an instance no more; what came from it stays, as old as it then is."""
    _let(by)
    journal.lock_order()
    peer = Peer.objects.select_for_update().get(pk=peer_id)
    if peer.state == FOLLOWED:
        peer.state, peer.stopped_at, peer.stopped_by = STOPPED, now, by
        peer.save(update_fields=["state", "stopped_at", "stopped_by"])
        journal.write(action="exchange.peer_stopped", by=by, now=now, subject=peer.site)
    return peer


@transaction.atomic
def turn_key(*, by: str, now: datetime) -> str:
    """Sign with a new key from now on; the old one says so, and whoever follows us believes it. Returns the new one."""
    _let(by)
    journal.lock_order()
    number = federation.key_number()
    secret = settings.SECRET_KEY.encode()
    old, new = keys.private_key(secret, number), keys.public_of(keys.private_key(secret, number + 1))
    turn = keys.hand_over(federation.here(), old, new)
    KeyTurn.objects.create(number=number + 1, old=turn.old, new=turn.new, word=turn.word, turned_at=now, turned_by=by)
    journal.write(action="exchange.key_turned", by=by, now=now, detail={"key": keys.fingerprint(new)})
    return new


def pull(*, peer_id: int, now: datetime) -> Pulled:
    """Read what an instance tells since last time, page by page, each with its position in one transaction.

    Killed at any moment, it goes on from the last page that was wholly taken. What keeps it from being read is noted
    with the day, and waits for the next time.
    """
    done, began = Pulled(), time.monotonic()
    for _page in range(MOST_PAGES):
        peer = Peer.objects.get(pk=peer_id)
        if peer.state != FOLLOWED:
            break
        try:
            if not _one_page(peer, done, now):
                break
        except NotRead as wrong:
            done.problem = str(wrong)
            _note(peer, wrong, now)
            break
        except Exception:  # noqa: BLE001 an instance that breaks its reading is said, and stops no other
            _log.exception("instance %s", peer.site)
            done.problem = str(broken := NotRead("broken"))
            _note(peer, broken, now)
            break
    done.seconds = time.monotonic() - began
    return done


def _one_page(peer: Peer, done: Pulled, now: datetime) -> bool:
    """Take one page; whether there is another to ask for."""
    if territory.current_ground() is None:
        raise NotRead("ground")
    try:
        page, created = _asked(peer, now)
    except _BeginAgain:
        page, created = None, 0
    if page is None or (peer.cursor and page.restored != peer.epoch):
        done.again = True
        return _begin_again(peer.pk, peer.cursor, page.restored if page else peer.epoch, now)
    copied = _take(peer.pk, peer.cursor, page, created, now)
    if copied is None:
        return False
    done.pages += 1
    done.copied += copied
    return page.more


@transaction.atomic
def _take(peer_id: int, cursor: str, page: Page, created: int, now: datetime) -> Copied | None:
    """Copy a page and note where the next one begins; None where another process has taken it first."""
    journal.lock_order()
    peer = Peer.objects.select_for_update().get(pk=peer_id)
    if peer.cursor != cursor or peer.state != FOLLOWED:
        return None
    copied = copy_places(peer=peer, told=page.places, now=now)
    peer.cursor, peer.epoch, peer.signed_s, peer.tried_at = page.after, page.restored, created, now
    peer.problem = peer.problem_detail = ""
    if not page.more:
        peer.seen_at = now
    peer.save(update_fields=["cursor", "epoch", "signed_s", "tried_at", "problem", "problem_detail", "seen_at"])
    return copied


@transaction.atomic
def _begin_again(peer_id: int, cursor: str, epoch: str, now: datetime) -> bool:
    """Its registry was put back from a backup: all of it is read again, and what is the same changes nothing."""
    journal.lock_order()
    peer = Peer.objects.select_for_update().get(pk=peer_id)
    if peer.cursor != cursor or not cursor:
        return False
    peer.cursor, peer.epoch, peer.reading = "", epoch, peer.reading + 1
    peer.save(update_fields=["cursor", "epoch", "reading"])
    journal.write(action="exchange.peer_read_again", by=copies.signature(peer.site), now=now, subject=peer.site)
    return True


def _asked(peer: Peer, now: datetime) -> tuple[Page, int]:
    """The next page of an instance, once its signature holds under the accepted key, and when it was signed."""
    since = peer.cursor or pages.START
    asked = Asked(pages.FEED, pages.query(since))
    try:
        got = fetch(
            f"{peer.url}{asked.path}?{asked.query}",
            limit=pages.MOST_BYTES,
            headers={"Accept": TYPE},
            loopback=settings.FEEDS_FROM_LOOPBACK,
        )
    except FetchFailed as failed:
        if (failed.code, failed.detail) == ("answer", "410") and peer.cursor:
            raise _BeginAgain from failed
        raise NotRead("busy" if failed.detail == "429" else failed.code, failed.detail) from failed
    body = got.body or b""
    try:
        told = signed(body, asked, got.headers, peer.key)
    except BadSignature as bad:
        if bad.code != "key":
            raise NotRead(bad.code) from bad
        peer.key = _turned(peer, now)
        try:
            told = signed(body, asked, got.headers, peer.key)
        except BadSignature as worse:
            raise NotRead(worse.code) from worse
    if told.created < peer.signed_s:
        raise NotRead("replayed")
    if told.created > (now + AHEAD).timestamp():
        raise NotRead("clock")
    try:
        return pages.page(body, site=peer.site, since=since), told.created
    except BadPage as bad:
        raise NotRead(bad.code, bad.detail) from bad


def _turned(peer: Peer, now: datetime) -> str:
    """The key that the accepted one handed over to, accepted in its stead; raises `NotRead` where it did not."""
    card = _card(peer.url)
    if card.site != peer.site or not keys.leads_to(peer.site, peer.key, card.key, card.turns):
        raise NotRead("key")
    with transaction.atomic():
        Peer.objects.filter(pk=peer.pk).update(key=card.key)
        detail = {"from": keys.fingerprint(peer.key), "to": keys.fingerprint(card.key)}
        signature = copies.signature(peer.site)
        journal.write(action="exchange.peer_key_turned", by=signature, now=now, subject=peer.site, detail=detail)
    return card.key


def _card(url: str) -> Card:
    try:
        got = fetch(
            url + pages.CARD,
            limit=pages.MOST_CARD_BYTES,
            headers={"Accept": TYPE},
            loopback=settings.FEEDS_FROM_LOOPBACK,
        )
        return pages.card(got.body or b"", url=url)
    except FetchFailed as failed:
        raise NotRead("card" if failed.code == "answer" else failed.code, failed.detail) from failed
    except BadPage as bad:
        raise NotRead("card" if bad.code == "json" else bad.code, bad.detail) from bad


def _note(peer: Peer, wrong: NotRead, now: datetime) -> None:
    Peer.objects.filter(pk=peer.pk).update(tried_at=now, problem=wrong.code, problem_detail=wrong.detail)


def _let(by: str) -> None:
    """Commands always may; an account, while it runs the site."""
    if read_signature(by) is not None and not is_operator(signer(by)):
        raise FollowRefused(_("Seul l’exploitant du site choisit les instances qu’il suit."))
