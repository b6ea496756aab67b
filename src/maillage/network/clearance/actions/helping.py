"""A place asks for help, those it asked answer, and it says when the matter is settled."""

from datetime import datetime
from typing import Any

from django.db import transaction

from maillage.accounts.rules import HOST, RUN
from maillage.journal import actions as journal
from maillage.network.clearance.actions.granting import (
    HelpRefused,
    Holder,
    count_use,
    end_these,
    place_here,
    refuse,
    write_grant,
)
from maillage.network.clearance.emails import helping as emails
from maillage.network.clearance.models import HelpMessage, HelpReader, HelpRequest, Network
from maillage.network.clearance.permissions import let_help
from maillage.network.clearance.queries.helping import Reader, readers_for
from maillage.network.clearance.rules.helping import OUTCOMES, RESOLVED, Asked, Wrong, read_words
from maillage.network.schemes.actions.door import once
from maillage.places.models import Place
from maillage.places.rules.sentences import sentence as _

MOST_ASKED, MOST_SAID = 5, 60
"""What one place asks, and what is said in one exchange, in a day."""


@transaction.atomic
def ask(*, place: Place, asked: Asked, by: str, now: datetime, key: str = "") -> HelpRequest:
    """Ask those whom the place has chosen; figures go with it to each of them when it shows some.

    A form sent twice asks once. To show figures is for those who run the place.
    """
    if asked.wrongs:
        raise HelpRefused(asked.wrongs)

    def act() -> int:
        here = place_here(place, RUN if asked.shares else HOST, by)
        count_use(f"help:ask:{here.pk}", MOST_ASKED, now=now)
        readers = _chosen(here, asked)
        made = HelpRequest.objects.create(place=here, theme=asked.theme, says=asked.says, asked_at=now, asked_by=by)
        HelpReader.objects.bulk_create(
            HelpReader(request=made, network=one.network, scope=one.scope) for one in readers
        )
        detail = {"place": str(here.pk), "theme": asked.theme, "readers": [one.code for one in readers]}
        journal.write(action="clearance.help_asked", by=by, now=now, subject=f"help:{made.pk}", detail=detail)
        for one in readers if asked.shares else ():
            holder = Holder(network=one.network, scope=one.scope)
            write_grant(place=here, holder=holder, asked=asked, request=made, by=by, now=now)
        emails.asked(request=made, now=now)
        return made.pk

    told = [asked.theme, asked.says, asked.readers, asked.shares, asked.days]
    made = once(key, act, about=f"help:{place.pk}", by=by, now=now, told=told)
    return HelpRequest.objects.select_related("place").get(pk=made)


def _chosen(place: Place, asked: Asked) -> list[Reader]:
    known = {one.code: one for one in readers_for(place)}
    if set(asked.readers) - set(known):
        raise refuse(
            "readers", _("un de ces destinataires ne suit plus ce lieu"), _("relisez la liste, puis envoyez de nouveau")
        )
    return [known[code] for code in asked.readers]


@transaction.atomic
def answer(
    *,
    request_id: int,
    network: Network | None,
    text: str,
    seen: int,
    by: str,
    now: datetime,
    key: str = "",
) -> HelpMessage:
    """Answer a place, for a network or as somebody who observes; `seen` is how many answers stood on the page.

    Refused once when a colleague answered meanwhile, so that the place does not read the same thing twice.
    """

    def act() -> int:
        found = _open(request_id)
        let_help(found, network, by)
        if found.messages.filter(is_help=True).count() > seen:
            raise refuse(
                "message", _("quelqu’un vient de répondre"), _("lisez sa réponse, puis envoyez la vôtre si elle aide")
            )
        made = _say(found, text, network=network, is_help=True, by=by, now=now)
        if found.answered_at is None:
            found.answered_at, found.answered_by = now, by
            found.save(update_fields=["answered_at", "answered_by"])
        emails.answered(request=found, now=now)
        return made.pk

    made = once(key, act, about=f"answer:{request_id}", by=by, now=now, told=text)
    return HelpMessage.objects.get(pk=made)


@transaction.atomic
def write_again(*, place: Place, request_id: int, text: str, by: str, now: datetime, key: str = "") -> HelpMessage:
    """Go on with the exchange, as the team of the place."""

    def act() -> int:
        place_here(place, HOST, by)
        found = _open(request_id, place=place)
        made = _say(found, text, network=None, is_help=False, by=by, now=now)
        emails.said_again(request=found, now=now)
        return made.pk

    made = once(key, act, about=f"said:{request_id}", by=by, now=now, told=text)
    return HelpMessage.objects.get(pk=made)


@transaction.atomic
def close(*, place: Place, request_id: int, outcome: str, by: str, now: datetime) -> HelpRequest:
    """Say that a request is settled, or take it back; what was shown with it ends. Said twice is said once."""
    if outcome not in OUTCOMES:
        raise refuse("", _("rien n’est choisi"), _("dites que c’est réglé, ou retirez la demande"))
    place_here(place, HOST, by)
    found = HelpRequest.objects.select_for_update().get(pk=request_id, place=place)
    if found.closed_at is None:
        found.outcome, found.closed_at, found.closed_by = outcome, now, by
        found.save(update_fields=["outcome", "closed_at", "closed_by"])
        detail = {"place": str(place.pk), "settled": outcome == RESOLVED}
        journal.write(action="clearance.help_closed", by=by, now=now, subject=f"help:{found.pk}", detail=detail)
        end_these(list(found.grants.select_for_update(of=("self",)).select_related("place")), by=by, now=now)
    return found


def _open(request_id: int, **only: Any) -> HelpRequest:
    journal.lock_order()
    rows = HelpRequest.objects.select_for_update(of=("self",)).select_related("place__commune__departement")
    found = rows.get(pk=request_id, place__removed_at__isnull=True, **only)
    if found.closed_at is not None:
        raise refuse("message", _("cette demande est close"), _("une nouvelle question fait une nouvelle demande"))
    return found


def _say(
    found: HelpRequest, text: str, *, network: Network | None, is_help: bool, by: str, now: datetime
) -> HelpMessage:
    wrongs: dict[str, Wrong] = {}
    said = read_words(text, wrongs, "message")
    if wrongs:
        raise HelpRefused(wrongs)
    count_use(f"help:say:{found.pk}", MOST_SAID, now=now)
    made = HelpMessage.objects.create(
        request=found, says=said, network=network, is_help=is_help, said_at=now, said_by=by
    )
    action = "clearance.help_answered" if is_help else "clearance.help_said"
    detail = {"place": str(found.place_id)}
    journal.write(action=action, by=by, now=now, subject=f"help:{found.pk}", detail=detail)
    return made
