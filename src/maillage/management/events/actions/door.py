"""What every act of the programme passes first: its turn, its right, the rows it writes on."""

import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from maillage.accounts.rules import HOST
from maillage.journal import actions as journal
from maillage.management.events.models import Event, Session
from maillage.management.people.rules.entries import Wrong
from maillage.places.labels import say
from maillage.places.models import Place
from maillage.places.permissions import let_in


class EventsRefused(ValueError):
    """Something of the programme cannot be; `wrongs` by field say what and the mend. Nothing is written."""

    def __init__(self, wrongs: Mapping[str, Wrong]) -> None:
        self.wrongs = {name: (say(one.problem), say(one.mend)) for name, one in wrongs.items()}
        super().__init__(" ".join(f"{problem} : {mend}." for problem, mend in self.wrongs.values()))


class Full(EventsRefused):
    """No seat is left."""


def refuse(name: str, problem: str, mend: str) -> EventsRefused:
    """A refusal for one reason."""
    return EventsRefused({name: Wrong(problem, mend)})


def enter(place: Place, by: str) -> None:
    """Take one's turn, then see again that who signs still may.

    A writer that takes, moves or frees a room first waits for its turn in bookings: never in the other order.
    """
    journal.lock_order()
    let_in(HOST, place, by)


def event_here(place: Place, event_id: int) -> Event:
    """An event of this place to write on; one of another place does not exist here."""
    journal.lock_order()
    rows = Event.objects.select_for_update(of=("self",)).select_related("place__commune__departement")
    return rows.get(pk=event_id, place=place)


def session_here(session_id: int, place: Place | None = None) -> Session:
    """A session to write on, of this place where one is given; its row is what writers of its seats wait for."""
    journal.lock_order()
    rows = Session.objects.select_for_update(of=("self",)).select_related("event__place__commune__departement")
    return rows.get(pk=session_id, **({"event__place": place} if place else {}))


def note(act: str, subject: Event | Session, *, by: str, now: datetime, **detail: Any) -> None:
    """Write the audit event of an act on the programme: never a name of who comes."""
    event = subject if isinstance(subject, Event) else subject.event
    kind = "event" if isinstance(subject, Event) else "session"
    told = {"place": str(event.place_id), **detail}
    journal.write(action=act, by=by, now=now, subject=f"{kind}:{subject.pk}", detail=told)


def once(key: str, act: Callable[[], int], *, caller: str, now: datetime, told: Any) -> int:
    """Do an act once for one form: sent again, it gives the number of what it made the first time.

    Raises `KeyReused` when the key comes back with something else told.
    """
    if not key:
        return act()
    written = json.dumps(told, sort_keys=True, default=str).encode("utf-8", "surrogatepass")
    answer = journal.once(
        caller=caller[:120],
        key=key[:255],
        fingerprint=hashlib.sha256(written).hexdigest(),
        now=now,
        act=lambda: {"id": act()},
    )
    return int(answer["id"])
