"""The persons of one place: searched, shown one by one, and those that may be one twice."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Prefetch, Q, QuerySet

from maillage.management.people.models import Apart, Membership, Organisation, Person
from maillage.management.people.rules.likeness import Card, Likeness, likeness, likenesses
from maillage.management.people.rules.names import folded
from maillage.places.models import Place

PAGE = 50
LONGEST_SEARCH = 200
MOST_COMPARED = 20_000
MOST_PROPOSED = 50
FEWEST_DIGITS = 4


@dataclass(frozen=True, slots=True)
class Found:
    """One page of the persons of a place, with the memberships of each."""

    items: tuple[Person, ...]
    total: int
    page: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // PAGE))


@dataclass(frozen=True, slots=True)
class Sheet:
    """One person with memberships, children, rows merged into it, and those it may be twice."""

    person: Person
    memberships: tuple[Membership, ...]
    children: tuple[Person, ...]
    merged: tuple[Person, ...]
    alike: tuple[tuple[Person, Likeness], ...]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two persons of a place who may be one, and why."""

    one: Person
    other: Person
    likeness: Likeness


def present(place: Place) -> QuerySet[Person]:
    """The persons a place deals with: neither merged, nor erased, nor gone."""
    return Person.objects.filter(place=place, merged_into__isnull=True, erased_at__isnull=True, left_at__isnull=True)


def search(place: Place, text: str = "", *, page: int = 1, gone: bool = False) -> Found:
    """The persons of a place by name, each word of it, by e-mail or by telephone; `gone`: those who left."""
    known = Person.objects.filter(place=place, merged_into__isnull=True, erased_at__isnull=True)
    rows = known.filter(left_at__isnull=not gone)
    if wanted := text[:LONGEST_SEARCH].strip():
        rows = rows.filter(_like(wanted))
    total = rows.count()
    page = min(max(page, 1), max(1, -(-total // PAGE)))
    memberships = Membership.objects.select_related("organisation").order_by("-starts_on", "-pk")
    with_memberships = rows.prefetch_related(Prefetch("memberships", queryset=memberships))
    shown = with_memberships.order_by("folded", "pk")[(page - 1) * PAGE : page * PAGE]
    return Found(tuple(shown), total, page)


def _like(text: str) -> Q:
    words = folded(text).split()
    by_name = Q(*(Q(folded__contains=word) for word in words)) if words else Q(pk__in=[])
    digits = "".join(sign for sign in text if sign in "0123456789").removeprefix("00").removeprefix("0")
    if len(digits) >= FEWEST_DIGITS:
        by_name |= Q(phone_dialled__contains=digits)
    return by_name | Q(email__contains=text.lower()) if text.isascii() else by_name


def person_of(place: Place, person_id: int) -> Person | None:
    """A person of this place who was not erased, merged ones included; None for anybody else's."""
    rows = Person.objects.filter(place=place, erased_at__isnull=True)
    return rows.select_related("guardian", "merged_into", "account").filter(pk=person_id).first()


def sheet(place: Place, person: Person) -> Sheet:
    """All that the page of a person shows, in a fixed number of queries."""
    memberships = Membership.objects.filter(person=person).select_related("organisation").order_by("-starts_on", "-pk")
    children = Person.objects.filter(guardian=person, merged_into__isnull=True, erased_at__isnull=True)
    merged = Person.objects.filter(merged_into=person, erased_at__isnull=True)
    return Sheet(
        person=person,
        memberships=tuple(memberships),
        children=tuple(children.order_by("folded", "pk")),
        merged=tuple(merged.order_by("pk")),
        alike=_alike(place, person),
    )


def _alike(place: Place, person: Person) -> tuple[tuple[Person, Likeness], ...]:
    """Those of the place whom this person may be, the surest first."""
    if person.merged_into_id:
        return ()
    mine = _card(person)
    found = [alike for card in _cards(place, _near(mine)) if (alike := likeness(mine, card))]
    known = _apart(place)
    found = [one for one in found if (one.one, one.other) not in known]
    found = sorted(found, key=lambda one: (-one.weight, one.one, one.other))[:MOST_PROPOSED]
    others = {one.other if one.one == person.pk else one.one: one for one in found}
    named = Person.objects.in_bulk(list(others))
    return tuple((named[pk], one) for pk, one in others.items() if pk in named)


def duplicates(place: Place) -> list[Pair]:
    """The pairs of a place that may be one person, the surest first; fifty at most, in three queries."""
    known = _apart(place)
    alike = likenesses(_cards(place))
    found = [one for one in alike if (one.one, one.other) not in known][:MOST_PROPOSED]
    named = Person.objects.in_bulk({pk for one in found for pk in (one.one, one.other)})
    return [Pair(named[one.one], named[one.other], one) for one in found]


def said_apart(place: Place) -> list[tuple[Person, Person]]:
    """The pairs of a place that somebody found to be two persons, the last said first; fifty at most."""
    here = {f"{side}__{name}__isnull": True for side in ("one", "other") for name in ("merged_into", "erased_at")}
    rows = Apart.objects.filter(one__place=place, **here).select_related("one", "other")
    return [(row.one, row.other) for row in rows.order_by("-said_at", "-pk")[:MOST_PROPOSED]]


def _apart(place: Place) -> set[tuple[int, int]]:
    return set(Apart.objects.filter(one__place=place).values_list("one", "other"))


def _near(card: Card) -> Q:
    """Those worth comparing with one: a slip or an initial leaves the other words of a name as they are."""
    words = [word for word in card.name.split() if len(word) > 1]
    if len(words) == 1:
        half = len(words[0]) // 2
        words = [part for part in (words[0][:half], words[0][half:]) if part]
    alike = Q(email=card.email) if card.email else Q(pk__in=[])
    alike |= Q(phone_dialled=card.dialled) if card.dialled else Q(pk__in=[])
    for word in words:
        alike |= Q(folded__contains=word)
    return alike & Q(is_child=card.is_child)


def _cards(place: Place, which: Q | None = None) -> list[Card]:
    columns = ("pk", "folded", "email", "phone_dialled", "is_child", "guardian_id")
    rows = Person.objects.filter(which or Q(), place=place, merged_into__isnull=True, erased_at__isnull=True)
    return [Card(*row) for row in rows.order_by("-pk").values_list(*columns)[:MOST_COMPARED]]


def _card(person: Person) -> Card:
    return Card(person.pk, person.folded, person.email, person.phone_dialled, person.is_child, person.guardian_id)


def grown_ups_named(place: Place, name: str) -> list[Person]:
    """Those of a place who may answer for a child and bear this name, its words in any order; ten at most."""
    words = folded(name).split()
    alike = Q(*(Q(folded__contains=word) for word in words)) if words else Q(pk__in=[])
    rows = present(place).filter(alike, is_child=False).order_by("folded", "pk")
    return [one for one in rows[:200] if sorted(one.folded.split()) == sorted(words)][:10]


def grown_ups(place: Place) -> list[Person]:
    """Those who may answer for a child here, by name; the first five hundred."""
    return list(present(place).filter(is_child=False).order_by("folded", "pk").only("pk", "name")[:500])


def organisations(place: Place) -> list[Organisation]:
    """The organisations of a place, by name."""
    return list(Organisation.objects.filter(place=place, merged_into__isnull=True).order_by("folded", "name", "pk"))


def organisation_of(place: Place, organisation_id: int) -> Organisation | None:
    """An organisation of this place, merged ones included; None for anybody else's."""
    rows = Organisation.objects.filter(place=place).select_related("merged_into")
    return rows.filter(pk=organisation_id).first()


def merged_into(organisation: Organisation) -> list[Organisation]:
    """The organisations that were merged into this one, and may be parted from it."""
    return list(Organisation.objects.filter(merged_into=organisation).order_by("pk"))


def members_of(organisation: Organisation) -> list[Membership]:
    """The memberships that an organisation pays, the newest first."""
    rows = Membership.objects.filter(organisation=organisation).select_related("person")
    return list(rows.order_by("-starts_on", "-pk"))


def current_members(place: Place, day: date) -> int:
    """How many persons of a place have a membership that holds on a day."""
    holding = Q(starts_on__lte=day) & (Q(ends_on__isnull=True) | Q(ends_on__gte=day))
    rows = Membership.objects.filter(holding, person__in=present(place))
    return rows.values("person").distinct().count()


def of_account(place: Place, account_id: int) -> Person | None:
    """The person whom a sign-in account is in this place."""
    return Person.objects.filter(place=place, account=account_id, merged_into__isnull=True).first()


def last_change(person: Person) -> datetime:
    """When a person came, left or was erased, whichever is the latest."""
    return max(at for at in (person.created_at, person.left_at, person.erased_at) if at)
