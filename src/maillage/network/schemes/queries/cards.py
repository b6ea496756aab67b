"""What a card of a pass says."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from maillage.network.schemes.models import Accreditation, Issue, Scheme

MOST_NAMED = 6


@dataclass(frozen=True, slots=True)
class Words:
    """A card in words: `text` fits a message of a telephone."""

    text: str
    places: str


def places_of(scheme: Scheme) -> list[str]:
    """The names of the places where a pass opens the door."""
    rows = Accreditation.objects.filter(scheme=scheme, state="accepted").select_related("place")
    return [one.place.name for one in rows.order_by("place__sort_name", "pk")]


def card_words(issue: Issue) -> Words:
    """What a card says, in the language of the moment."""
    units = issue.cents // issue.scheme.price_cents
    halves = ngettext("%(n)d demi-journée", "%(n)d demi-journées", units) % {"n": units}
    text = _("%(scheme)s\u202f: %(halves)s offertes, jusqu’au %(day)s. Code\u202f: %(code)s") % {
        "scheme": issue.scheme.name,
        "halves": halves,
        "day": f"{issue.of.ends_on:%d/%m/%Y}",
        "code": issue.of.code,
    }
    names = places_of(issue.scheme)
    told = ", ".join(names[:MOST_NAMED])
    return Words(text, f"{told}…" if len(names) > MOST_NAMED else told)
