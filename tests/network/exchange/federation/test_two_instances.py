"""Two instances as two real processes, and three in a ring: what one says is what the others show, and nothing more."""

from collections.abc import Callable

import pytest

from tests.network.exchange.federation.live import Live

pytestmark = pytest.mark.django_db  # whose tables are those of each instance
Start = Callable[[str], Live]
SHEET = """
from uuid import UUID
from maillage.places import actions
from maillage.places.actions import sheet
from maillage.places.models import Merge, Place
def close(pk):
    sheet.close_place(
        place_id=UUID(pk), closed_on="2026-11", cause="equipe", seen=seen(pk), by="essai", now=now
    )
def remove(pk):
    actions.remove_place(place_id=UUID(pk), reason="contraire à la charte", by="essai", now=now)
def merge(kept, gone):
    actions.merge_places(kept_id=UUID(kept), gone_id=UUID(gone), reason="le même", by="essai", now=now)
def seen(pk):
    return Place.objects.get(pk=pk).revisions.order_by("-number").values_list("number", flat=True).first()
def edit(pk, **values):
    sheet.edit_sheet(place_id=UUID(pk), values=values, seen=seen(pk), by="essai", now=now)
"""
NETWORK = """
from maillage.network.clearance.actions.networks import open_network, verify_many
from maillage.network.clearance.models import Network
network = open_network(name="Réseau du Jura", scopes=["dep:39"], by="essai", now=now)
"""
CLEARED = """
from maillage.network.clearance.models import Network
from maillage.network.clearance.queries import cleared
found = {str(one.place.pk): one for one in cleared(Network.objects.get())}
"""


def total(one: Live) -> int:
    code = "from datetime import date\nfrom maillage.network.observatory.queries import count\n"
    return one.do(code + "told = count('registry', today=now.date()).numerator")


def words(one: Live, pk: str) -> dict:
    return one.shown()[pk][0]


def test_the_six_steps_between_two_instances_one_killed_in_the_middle(live: Start) -> None:
    jura, france = live("Jura"), live("France")
    plain = [(str(n), f"Lieu {n}", "39093", {"phone": "03 84 00 00 00"}) for n in range(640)]
    places = jura.write("recensement", *plain)
    first, second, third, fourth = places[:4]
    france.follow(jura)

    # Created there, here; whoever reads is killed twice in the middle, and nothing is lost nor twice.
    for page, kept in ((1, 0), (2, 500)):
        assert france.maillage("follow", "pull", DIE_AT_PAGE=str(page)).returncode == -9
        assert len(france.shown()) == kept, "a page is wholly taken, or not at all"
    done = france.maillage("follow", "pull")
    assert done.returncode == 0, done.stderr
    assert done.stdout == "Jura : 140 créés, 0 modifiés, 0 retirés, 0 fondus, 0 inchangés, 0 mis de côté\n"
    assert france.shown() == jura.shown()

    # Cleared here by a network, then edited there: the network's map keeps its word, the nation sees the new one.
    france.do(f"{NETWORK}verify_many(network=network, place_ids=[{first!r}], how='vu', by='essai', now=now)")
    jura.do(f"{SHEET}edit({first!r}, phone='03 84 11 11 11', description='Un lieu pour tous')")
    assert france.pull(jura)[0]["copied"]["changed"] == 1
    assert words(france, first)["phone"] == "03 84 11 11 11"
    seen = france.do(
        f"{CLEARED}one = found[{first!r}]\ntold = [one.behind, one.values['name'], one.values.get('website')]"
    )
    assert seen == [True, "Lieu 0", ""]
    jura.do(f"{SHEET}edit({first!r}, website='https://lieu.example/', name='Lieu renommé')")
    france.pull(jura)
    assert words(france, first)["name"] == "Lieu renommé"
    assert france.do(f"{CLEARED}told = found[{first!r}].values['name']") == "Lieu 0"

    # Said better here by a team: what comes from there does not write over it.
    france.do(f"{SHEET}edit({second!r}, phone='03 84 22 22 22')")
    jura.do(f"{SHEET}edit({second!r}, phone='03 84 33 33 33', prices='5 € la journée')")
    france.pull(jura)
    assert (words(france, second)["phone"], words(france, second)["prices"]) == ("03 84 22 22 22", "5 € la journée")

    # Closed there, closed here; deleted there, a tombstone here; merged there, merged here, and taken apart again.
    jura.do(f"{SHEET}close({third!r})\nremove({fourth!r})\nmerge({places[4]!r}, {places[5]!r})")
    done = france.pull(jura)[0]["copied"]
    assert (done["removed"], done["merged"], done["aside"]) == (1, 1, 0)
    shown = france.shown()
    assert (shown[third][0]["status"], shown[third][0]["closed_cause"]) == ("closed", "equipe")
    assert shown[fourth][1] == [True, ""]
    assert shown[places[5]][1] == [True, places[4]]
    assert france.do(f"{SHEET}told = Place.objects.get(pk={fourth!r}).removed_reason") == "contraire à la charte (Jura)"
    jura.do(f"{SHEET}actions.unmerge(merge_id=Merge.objects.get().pk, reason='deux', by='essai', now=now)")
    france.pull(jura)
    assert france.shown()[places[5]] == jura.shown()[places[5]]
    assert france.shown()[places[4]] == jura.shown()[places[4]]

    # No echo: what France tells is not Jura's, and asking again changes nothing.
    assert france.pull(jura)[0]["copied"] == dict.fromkeys(done, 0)
    jura.follow(france)
    before = jura.shown()
    assert jura.pull(france)[0]["problem"] == ""
    assert jura.shown() == before
    assert france.pull(jura)[0]["copied"]["changed"] == 0


def test_three_in_a_ring_count_each_place_once_and_an_absent_one_is_tolerated(live: Start) -> None:
    jura, nantes, france = live("Jura"), live("Nantes"), live("France")
    jura.write("recensement", ("1", "La Maille", "39093", {}), ("2", "Le Nid", "39370", {}))
    nantes.write(
        "recensement", ("3", "Le Quai", "44109", {}), ("4", "La Cale", "44184", {}), ("5", "L’Ancre", "44154", {})
    )
    shared = ("6", "Le Pont", "25056", {"phone": "03 81 00 00 00"})
    jura.write("national", shared)
    own = france.write("national", shared)[0]
    regions = [total(jura), total(nantes)]
    assert regions == [3, 3]
    for one, other in ((jura, nantes), (nantes, france), (france, jura), (france, nantes)):
        one.follow(other)
    for _round in range(2):
        nantes.pull(france)
        france.pull(jura, nantes)
        jura.pull(nantes)
    assert total(france) == 6, "three and three, the row that both Jura and France hold told once"
    assert len(france.shown()) == 6
    assert france.shown()[own][0]["phone"] == "03 81 00 00 00"
    assert sorted(len(one.shown()) for one in (jura, nantes)) == [4, 6], "nobody passes on what another tells"
    quiet = [
        each["copied"]
        for one, others in ((france, (jura, nantes)), (jura, (nantes,)), (nantes, (france,)))
        for each in one.pull(*others)
    ]
    assert quiet == [dict.fromkeys(quiet[0], 0)] * 4

    nantes.stop()
    jura.write("recensement", ("7", "La Source", "39546", {}))
    done = france.pull(jura, nantes)
    assert done[0]["copied"]["created"] == 1
    assert done[1]["problem"] == "Le site refuse la connexion\u202f: réessayez plus tard."
    assert total(france) == 7, "what Nantes said stays, as old as it is"
    page = france.do(
        "from django.test import Client\ntold = Client(headers={'host': '127.0.0.1'}).get('/donnees/').content.decode()"
    )
    assert "3 lieux copiés" in page
    assert "Le site refuse la connexion" in page
