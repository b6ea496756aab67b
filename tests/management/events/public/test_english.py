"""What visitors read of the programme is in English where they asked for it."""

from collections.abc import Callable
from datetime import datetime

from django.test import Client

from maillage.management.events.actions.sessions import cancel_session
from maillage.management.events.models import Event
from tests.management.events.public.test_event import base
from tests.management.events.public.test_register import address, sent
from tests.management.events.workshop import BY, Workshop
from tests.people import People
from tests.web.test_english import french_left


def left(client: Client, page: str) -> list[str]:
    return french_left(client.get(page).content.decode())


def test_pages_say_nothing_in_french(client: Client, small: Workshop, now: datetime) -> None:
    Event.objects.update(title="Repair", audience="seniors", price="open", price_cents=550)
    pages = [
        "/agenda/",
        "/agenda/?pres=39093&rayon=50",
        "/agenda/?pres=Zzyzzyva&genre=x&rayon=3&du=x&lat=1",
        "/agenda/?genre=culture",
        f"/lieux/{small.place.slug}/agenda/",
        base(small),
        address(small),
    ]
    for state in ("free", "full", "off"):
        if state == "full":
            small.come("Lila", 2)
        if state == "off":
            cancel_session(place=small.place, session_id=small.session.pk, reason="Snow", by=BY, now=now)
        said = {page: left(client, f"/en{page}") for page in pages}
        assert (state, said) == (state, {page: [] for page in pages})


def test_forms_and_links_too(client: Client, small: Workshop, people: People, client_of: Callable[..., Client]) -> None:
    where = f"/en{address(small)}"
    for changed in ({"name": ""}, {"email": ""}, {"party": "9"}):
        assert french_left(sent(client, where, **changed).content.decode()) == []
    ticket = sent(client, where)["Location"]
    assert ticket.startswith("/en/inscription/")
    for page in (ticket, f"{ticket}?annuler=1", "/en/inscription/rien/"):
        assert left(client, page) == []
    assert french_left(sent(client, where).content.decode()) == []
    client.post(ticket, {"annuler": "1"})
    assert left(client, ticket) == []
    thomas = client_of(people.thomas)
    for page in ("/en/mon-compte/agenda/", "/en/mon-compte/agenda/?fermer=1", "/en/mon-compte/agenda/?changer=1"):
        assert left(thomas, page) == []
        thomas.post("/en/mon-compte/agenda/", {"ouvrir": "1"})
