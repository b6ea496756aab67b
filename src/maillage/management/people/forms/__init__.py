"""What the team posted about somebody, bounded: read by the actions, shown again as it was typed."""

from dataclasses import dataclass, field
from uuid import uuid4

from django.http import QueryDict

from maillage.management.people.models import Organisation, Person
from maillage.places.forms.entered import text

PERSON = ("name", "phone", "email", "note")
BODY = ("name", "phone", "email", "siret", "address")
MEMBERSHIP = ("kind", "fee_class", "starts_on", "ends_on")
LONGEST_NUMBER = 18
LONGEST_GUARDIAN = 240


@dataclass(slots=True)
class Typed:
    """A form as it was typed: `raw` by field, and the key under which it is written once, however often it comes."""

    raw: dict[str, str]
    key: str = field(default_factory=lambda: str(uuid4()))
    is_child: bool = False
    guardian: int | None = None
    guardian_name: str = ""
    organisation: int | None = None


def number(given: str) -> int | None:
    """A number that a page gave out, or None."""
    return int(given) if given.isascii() and given.isdigit() and len(given) <= LONGEST_NUMBER else None


def typed(post: QueryDict, names: tuple[str, ...]) -> Typed:
    """What was typed in these fields, and beside them."""
    key = text(post, "jeton")[:100]
    return Typed(
        raw={name: text(post, name) for name in names},
        key=key or str(uuid4()),
        is_child=bool(text(post, "is_child")),
        guardian=number(text(post, "guardian")),
        guardian_name=text(post, "guardian_name")[:LONGEST_GUARDIAN],
        organisation=number(text(post, "organisation")),
    )


def of_person(person: Person) -> Typed:
    """The form of somebody as they are known."""
    raw = {name: str(getattr(person, name)) for name in PERSON}
    return Typed(raw, is_child=person.is_child, guardian=person.guardian_id, guardian_name=_guardian(person))


def _guardian(person: Person) -> str:
    return person.guardian.name if person.guardian else ""


def of_organisation(organisation: Organisation) -> Typed:
    """The form of an organisation as it is known."""
    return Typed({name: str(getattr(organisation, name)) for name in BODY})
