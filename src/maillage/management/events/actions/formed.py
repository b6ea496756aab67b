"""The sessions that a form of the team adds, once under the form's key however often it is sent."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from maillage.accounts.rules import HOST
from maillage.journal import actions as journal
from maillage.management.bookings.actions import reserving
from maillage.management.bookings.rules.spans import Span
from maillage.management.events.actions.door import once
from maillage.management.events.actions.sessions import add_sessions
from maillage.places.models import Place
from maillage.places.permissions import let_in


@transaction.atomic
def sessions_from_form(
    *,
    place: Place,
    event_id: int,
    spans: Sequence[Span],
    capacity: int | None,
    space_id: int | None,
    by: str,
    now: datetime,
    key: str,
) -> int:
    """Add sessions, all or none; sent again, how many there were. Raises as `add_sessions` does, and `KeyReused`."""
    # The turn in bookings before the journal's: in the other order two forms would wait for each other.
    reserving.lock(place)
    let_in(HOST, place, by)
    journal.lock_order()

    def act() -> int:
        made = add_sessions(
            place=place, event_id=event_id, spans=spans, capacity=capacity, space_id=space_id, by=by, now=now
        )
        return len(made)

    told = [event_id, capacity, space_id, *([span.start, span.end] for span in spans)]
    return once(key, act, caller=f"{by} sessions:{place.pk}", now=now, told=told)
