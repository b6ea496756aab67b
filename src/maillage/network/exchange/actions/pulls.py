"""A source at an address is followed, paused, answered for, followed no longer. None of these fetches anything."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django_q.tasks import async_task

from maillage.journal import actions as journal
from maillage.network.exchange import formats
from maillage.network.exchange.models import Pull
from maillage.network.exchange.permissions import territories_of
from maillage.network.exchange.queries import recipes
from maillage.network.exchange.rules.pulls import ACTIVE, ASKING, EVERY, PAUSED, next_turn
from maillage.network.exchange.rules.reports import short
from maillage.network.exchange.sources.fetching import check_address, name_of
from maillage.places.rules.sentences import sentence as _

MOST_PULLS = 200
LONGEST_NAME = 80
READ = "maillage.network.exchange.tasks.read_source"


class PullRefused(ValueError):
    """What was asked about a source cannot be done; the message says why and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What to follow: where, how it is read (a format, a kept correspondence, or neither), in whose name, how often."""

    address: str
    name: str = ""
    format: str = ""
    recipe: str = ""
    source: str = ""
    licence: str = ""
    every: str = "daily"
    all_places: bool = False


@transaction.atomic
def add_pull(*, wanted: Wanted, by: str, now: datetime) -> Pull:
    """Follow a source; it is read at the next round. The same one asked twice is followed once.

    Raises `PullRefused`, or `FileRefused` of the formats, for an address, a name or a way of reading that cannot be.
    """
    let_run(by)
    address, name = wanted.address.strip(), _name(wanted)
    _check(wanted, address)
    same = Pull.objects.filter(name=name).first()
    if same is not None:
        if same.address == address:
            return same
        raise PullRefused(
            _("Une autre source s’appelle déjà «\u202f%(name)s\u202f»\u202f: donnez un autre nom.", name=short(name))
        )
    if Pull.objects.count() >= MOST_PULLS:
        raise PullRefused(
            _("Ce site suit déjà %(n)d sources\u202f: cessez d’en suivre une avant d’en ajouter.", n=MOST_PULLS)
        )
    pull = Pull.objects.create(
        name=name,
        address=address,
        format=wanted.format,
        recipe=wanted.recipe,
        source=_line(wanted.source),
        licence=_line(wanted.licence),
        all_places=wanted.all_places,
        every=wanted.every,
        opened_at=now,
        opened_by=by,
        changed_at=now,
        changed_by=by,
        next_run_at=now,
    )
    _note("pulls.added", pull, by=by, now=now, host=urlsplit(address).hostname, every=pull.every)
    return pull


def let_run(by: str) -> None:
    """See again that who signs runs this site; commands always do."""
    if territories_of(by) is not None:
        raise PermissionDenied


def _name(wanted: Wanted) -> str:
    name = " ".join(wanted.name.split()) or name_of(wanted.address.strip())[:LONGEST_NAME]
    if not name or len(name) > LONGEST_NAME or "\x00" in name:
        said = _("Le nom va de 1 à %(n)d signes\u202f: donnez celui par lequel vous la reconnaîtrez.", n=LONGEST_NAME)
        raise PullRefused(said)
    return name


def _check(wanted: Wanted, address: str) -> None:
    check_address(address, loopback=settings.FEEDS_FROM_LOOPBACK)
    if urlsplit(address).hostname == urlsplit(settings.SITE_URL).hostname and not settings.FEEDS_FROM_LOOPBACK:
        raise PullRefused(_("Cette adresse est celle de ce site\u202f: il connaît déjà ses lieux."))
    if wanted.every not in EVERY:
        raise PullRefused(_("Une source se lit chaque nuit (daily) ou chaque semaine (weekly)."))
    if wanted.format and wanted.recipe:
        raise PullRefused(_("Donnez un format ou une correspondance, pas les deux."))
    if wanted.format:
        formats.named(wanted.format)
    if wanted.recipe:
        recipes.recipe(wanted.recipe)
    if len(_line(wanted.source)) > 200 or len(_line(wanted.licence)) > 200:
        raise PullRefused(_("Le nom de la source et sa licence tiennent chacun en 200 signes."))


def _line(text: str) -> str:
    return " ".join(text.replace("\x00", "").split())


def pause_pull(*, pull_id: int, by: str, now: datetime) -> Pull:
    """Read a source no more until it is resumed; a question that it asked is forgotten with it."""
    return _change(pull_id, PAUSED, "pulls.paused", by, now)


def resume_pull(*, pull_id: int, by: str, now: datetime) -> Pull:
    """Read a source again, at the next round."""
    return _change(pull_id, ACTIVE, "pulls.resumed", by, now)


@transaction.atomic
def ask_reading(*, pull_id: int, by: str, now: datetime) -> Pull:
    """Have a source read by the background work, at once if it is free; nothing for one that is not read."""
    let_run(by)
    pull = _locked(pull_id)
    if pull.state == ACTIVE:
        pull.next_run_at = now
        pull.save(update_fields=["next_run_at"])
        async_task(READ, pull.pk)
    return pull


@transaction.atomic
def stop_pull(*, pull_id: int, by: str, now: datetime) -> None:
    """Follow a source no longer; the places that it brought stay."""
    let_run(by)
    pull = _locked(pull_id)
    _note("pulls.stopped", pull, by=by, now=now, host=urlsplit(pull.address).hostname)
    pull.delete()


@transaction.atomic
def answer_pull(*, pull_id: int, enter: bool, by: str, now: datetime) -> Pull:
    """Answer the question of a source: its file enters all the same, at the next round, or one waits for another.

    The answer is about that very file: another one that is doubtful asks again. Nothing asked, nothing done.
    """
    let_run(by)
    pull = _locked(pull_id)
    if pull.state != ASKING:
        return pull
    pull.accepted_hash, pull.waited_hash = (pull.asked_hash, "") if enter else ("", pull.asked_hash)
    detail = {"doubt": pull.doubt, "before": pull.rows, "rows": pull.asked_rows, "enters": enter}
    forget_question(pull)
    pull.state, pull.changed_at, pull.changed_by = ACTIVE, now, by
    pull.next_run_at = now if enter else next_turn(pull.every, pull.pk, now)
    pull.save()
    _note("pulls.answered", pull, by=by, now=now, **detail)
    return pull


def forget_question(pull: Pull) -> None:
    """Take away what a source asked; the caller saves it."""
    pull.doubt, pull.asked_at, pull.asked_hash, pull.asked_rows, pull.asked_columns = "", None, "", None, []


@transaction.atomic
def _change(pull_id: int, state: str, act: str, by: str, now: datetime) -> Pull:
    let_run(by)
    pull = _locked(pull_id)
    if pull.state == state:
        return pull
    forget_question(pull)
    pull.state, pull.changed_at, pull.changed_by, pull.next_run_at = state, now, by, now
    pull.save()
    _note(act, pull, by=by, now=now)
    return pull


def _locked(pull_id: int) -> Pull:
    return Pull.objects.select_for_update().get(pk=pull_id)


def _note(act: str, pull: Pull, *, by: str, now: datetime, **detail: object) -> None:
    journal.write(action=act, by=by, now=now, subject=pull.name, detail={"pull": pull.pk, **detail})
