"""Every page of the team opens, in both languages, leads where it says, and asks as much for one as for many."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from maillage.management.events.actions.registering import register_for
from tests.management.events.workshop import workshop

PAGES = [
    "",
    "ajouter/",
    "{event}/",
    "{event}/modifier/",
    "{event}/retirer/",
    "{event}/seances/ajouter/",
    "seances/{session}/",
    "seances/{session}/annuler/",
    "seances/{session}/feuille/",
    "seances/{session}/{registration}/retirer/",
]


@pytest.fixture
def lived_in(small):
    """A session of two seats: Odette has one with a friend, Marcel waits."""
    acts = {"session_id": small.session.pk, **small.team}
    one = register_for(raw={"name": "Odette", "phone": "03 84 12 34 56"}, party=2, **acts)
    register_for(raw={"name": "Marcel"}, party=1, **acts)
    return {"event": small.event.pk, "session": small.session.pk, "registration": one.pk}


@pytest.mark.parametrize("language", ["", "/en"])
@pytest.mark.parametrize("path", PAGES)
def test_a_page_opens_and_every_link_of_it_leads_somewhere(desk, lived_in, people, client_of, path, language):
    page = desk(path.format(**lived_in), language=language).page
    assert len(page.attributes["h1"]) == 1
    client = client_of(people.nadine)
    ours = {link.partition("#")[0] for link in page.links if "/programme/" in link}
    assert {link: status for link in sorted(ours) if (status := client.get(link).status_code) != 200} == {}


def test_an_empty_place_says_what_to_do_next(desk, people):
    page = desk("").page
    assert f"/gerer/{people.place.slug}/programme/ajouter/" in page.links
    assert "Rien n’est au programme." in page.text


def test_a_colleague_receives_and_a_network_looks_elsewhere(desk, lived_in, people):
    assert "Odette" in desk(f"seances/{lived_in['session']}/", by=people.karim).page.text
    for path in ("", f"seances/{lived_in['session']}/", f"seances/{lived_in['session']}/feuille.csv"):
        desk(path, by=people.ines, to=403)
        desk(path, by=people.lila, to=403)


@pytest.mark.parametrize("path", ["ages/", "places/", "deplacer/", "inscrire/", "{registration}/venue/"])
def test_what_only_writes_leads_back_to_the_session(desk, lived_in, people, path):
    answer = desk(f"seances/{{session}}/{path}".format(**lived_in), to=302)
    back = f"/gerer/{people.place.slug}/programme/seances/{lived_in['session']}/"
    assert answer["Location"].partition("#")[0] == back


def test_what_is_of_no_session_is_not_there(desk, lived_in, people, tuesday, now):
    there = workshop(people.other, tuesday, seats=2, now=now)
    theirs = register_for(
        raw={"name": "Zoé"}, party=1, session_id=there.session.pk, place=people.other, by="essai", now=now
    )
    for path in (
        f"{there.event.pk}/",
        f"seances/{there.session.pk}/",
        f"seances/{there.session.pk}/feuille.csv",
        f"seances/{lived_in['session']}/{theirs.pk}/retirer/",
    ):
        desk(path, to=404)
    desk(f"seances/{lived_in['session']}/{theirs.pk}/venue/", {"came": "arrived"}, to=404)


def test_a_full_list_asks_the_database_no_more_than_a_short_one(desk, people, small, repair, tuesday, now):
    def asked(path: str) -> int:
        desk(path)
        with CaptureQueriesContext(connection) as queries:
            desk(path)
        return len(queries)

    paths = (
        "",
        f"{repair.event.pk}/",
        *(f"seances/{repair.session.pk}/{end}" for end in ("", "feuille/", "feuille.csv")),
    )
    before = {path: asked(path) for path in paths}
    for number in range(8):
        acts = {"session_id": repair.session.pk, **repair.team}
        register_for(raw={"name": f"Personne {number}"}, party=2, **acts)
        workshop(people.place, tuesday, seats=3, now=now, title=f"Atelier {number}")
    assert {path: asked(path) for path in paths} == before
