"""A phone number or an address that a sheet has left is read nowhere in public; its team still reads it."""

from datetime import datetime, timedelta

from django.test import Client

from maillage.accounts.rules import FACILITATOR, signature
from maillage.places.actions.sheet import edit_sheet
from tests.people import People, signed_in
from tests.web.page import Page

CALLED, WRITTEN = "06 98 76 54 32", "jeanne.canarie@example.org"


def text_of(client: Client, path: str) -> str:
    return Page(client.get(path).content.decode()).text


def edit(people: People, at: datetime, seen: int, **values: str) -> int:
    by = signature(people.nadine.user.pk, FACILITATOR)
    number = edit_sheet(place_id=people.place.pk, values=values, seen=seen, by=by, now=at)
    assert number
    return number


def test_a_contact_leaves_the_public_history_with_the_sheet(people: People, now: datetime) -> None:
    public, own = f"/lieux/{people.place.slug}/historique/", f"/gerer/{people.place.slug}/historique/"
    seen = edit(people, now + timedelta(hours=1), 1, phone=CALLED, email=WRITTEN)
    for told in (CALLED, WRITTEN):
        assert told in text_of(Client(), public)
    edit(people, now + timedelta(hours=2), seen, phone="", email="")
    for page in (public, f"/en{public}"):
        text = text_of(Client(), page)
        assert CALLED not in text and WRITTEN not in text
    text = text_of(Client(), public)
    assert text.count("valeur retirée de la fiche") >= 4
    assert "no longer on the sheet" in text_of(Client(), f"/en{public}")
    for told in (CALLED, WRITTEN):
        assert told in text_of(signed_in(people.nadine), own), "the team may still take it back"
