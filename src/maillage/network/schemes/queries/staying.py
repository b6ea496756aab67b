"""Who came back on their own money once their pass had ended (published in `docs/algorithms/coming-back.md`).

Known again are those whose contact was left with the pass. They stayed if, at a place where the pass had served, they
took a carnet or a subscription since their last half-day there, or if, once no pass of theirs gives anything more, they
booked something that stands, or joined.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from maillage.management.bookings.models import CONFIRMED, Booking
from maillage.management.passes.models import Pass
from maillage.management.passes.queries.ledger import balances
from maillage.management.people.models import Membership, Person
from maillage.network.schemes.models import Issue, Scheme
from maillage.network.schemes.queries.door import clocks_of
from maillage.network.schemes.queries.schemes import standing_redemptions
from maillage.network.schemes.rules.eligibility import contact_print
from maillage.network.schemes.rules.reports import Regulars, regulars


@dataclass
class Trail:
    """What is known of a contact: the last day at each place, and on which day the last pass ended, if it has."""

    last: dict[UUID, date] = field(default_factory=dict)
    ended_on: date | None = None


def stayed_of(scheme: Scheme, *, today: date) -> Regulars:
    """What one person who now comes on their own money has cost the scheme."""
    spent = standing_redemptions(scheme=scheme)
    cents = sum(spent.values_list("price_cents", flat=True))
    trails = _trails(scheme, today)
    return regulars(spent_cents=cents, known=len(trails), regular=len(_stayed(scheme, trails)))


def _trails(scheme: Scheme, today: date) -> dict[str, Trail]:
    trails: defaultdict[str, Trail] = defaultdict(Trail)
    spent = standing_redemptions(scheme=scheme).exclude(issue__contact="")
    for contact, place, day in spent.values_list("issue__contact", "place", "day"):
        days = trails[contact].last
        days[place] = max(day, days.get(place, day))
    rows = list(Issue.objects.filter(scheme=scheme, contact__in=trails).values_list("contact", "of", "of__ends_on"))
    left = balances([pk for _contact, pk, _ends in rows])
    running = {contact for contact, pk, ends in rows if left[pk] > 0 and ends >= today}
    for contact, pk, ends in rows:
        trail = trails[contact]
        if contact in running:
            continue
        over = ends if left[pk] > 0 else max(trail.last.values())
        trail.ended_on = max(over, trail.ended_on or over)
    return dict(trails)


def _stayed(scheme: Scheme, trails: Mapping[str, Trail]) -> set[str]:
    """The contacts that came back."""
    places = {place for trail in trails.values() for place in trail.last}
    persons = Person.objects.filter(place__in=places, erased_at__isnull=True).exclude(email="", phone="")
    known: defaultdict[int, set[str]] = defaultdict(set)
    at: dict[int, UUID] = {}
    for pk, place, email, phone in persons.values_list("pk", "place", "email", "phone"):
        for contact in (contact_print(scheme.pepper, text) for text in (email, phone) if text):
            if contact in trails and place in trails[contact].last:
                known[pk].add(contact)
                at[pk] = place
    bought, came = _bought(known), _came(known)
    return {
        contact
        for pk, contacts in known.items()
        for contact in contacts
        if any(day >= trails[contact].last[at[pk]] for day in bought[pk])
        or any(_is_after(day, trails[contact].ended_on) for day in came[pk])
    }


def _is_after(day: date, ended_on: date | None) -> bool:
    return ended_on is not None and day > ended_on


def _bought(persons: Iterable[int]) -> defaultdict[int, list[date]]:
    """On which days these persons took a carnet or a subscription."""
    rows = Pass.objects.filter(kind__in=("carnet", "subscription"), person__in=persons)
    told: defaultdict[int, list[date]] = defaultdict(list)
    for person, day in rows.values_list("person", "starts_on"):
        told[person].append(day)
    return told


def _came(persons: Iterable[int]) -> defaultdict[int, list[date]]:
    """For which days these persons booked what stands, and on which they joined; by the clocks of each place."""
    told: defaultdict[int, list[date]] = defaultdict(list)
    booked = Booking.objects.filter(person__in=persons, status=CONFIRMED, part_of__isnull=True)
    for one in booked.select_related("place__commune").only("person", "start", "place"):
        if one.person_id is not None:
            told[one.person_id].append(one.start.astimezone(clocks_of(one.place)).date())
    for person, day in Membership.objects.filter(person__in=persons).values_list("person", "starts_on"):
        told[person].append(day)
    return told
