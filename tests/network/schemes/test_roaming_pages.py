"""What teams do on the pages of roaming, and what these answer to anything else."""

import html
import re
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from maillage.management.passes.queries.ledger import balance
from maillage.network.schemes.models import Roaming, RoamingBill, RoamingPlace, RoamingVisit
from tests.network.schemes.jura import SIRETS, TERMS, Jura, afternoon, morning, sells
from tests.people import People
from tests.web.page import Page

pytestmark = pytest.mark.django_db
HOSTILE = ("\x00", "²", "-3", "1,234", "x" * 20_000, "\u202e12", "<b>", "1e9", "９", "/lieux/", "/lieux/\x00/")


@pytest.fixture(autouse=True)
def _then(now: Any):
    with time_machine.travel(now, tick=False):
        yield


def words(answer: Any) -> str:
    page = Page(answer.content.decode())
    assert page.problems == []
    text = re.sub(r"<[^>]+>", " ", answer.content.decode().split("<main", 1)[1])
    return re.sub(r"\s+", " ", html.unescape(text))


def base(place: Any) -> str:
    return f"/gerer/{place.slug}/itinerance/"


def test_two_places_agree_count_sign_and_accept(people: People, client_of: Any, now: Any):
    nadine, lila = client_of(people.nadine), client_of(people.lila)
    here, there = base(people.place), base(people.other)
    assert "Aucun accord encore" in words(nadine.get(here))
    assert "Dites d’abord qui facture" in words(nadine.get(f"{here}proposer/"))
    for place, siret in zip((people.place, people.other), SIRETS, strict=False):
        sells(place, siret, now)
    form = {**TERMS, "places": people.other.name, "jeton": "un"}
    answers = [nadine.post(f"{here}proposer/", form) for _time in range(2)]
    made = Roaming.objects.get()
    assert [one.headers["Location"] for one in answers] == [f"{here}{made.pk}/"] * 2
    assert nadine.post(f"{here}proposer/", {**form, "name": "Autre"}).status_code == 422
    assert "On vous propose" in words(lila.get(there))
    asked = words(lila.get(f"{there}{made.pk}/"))
    assert "8,50 € par demi-journée" in asked.replace("\u202f", " ")
    assert "Entrer dans l’accord, le 22 novembre 2026" in asked
    lila.post(f"{there}{made.pk}/repondre/", {"faire": "refuser"})
    assert "a dit non" in words(nadine.get(f"{here}{made.pk}/"))
    lila.post(f"{there}{made.pk}/repondre/", {"faire": "entrer"})
    jura = Jura(made, (people.place, people.other), now)
    carnet = jura.carnet(0)
    with time_machine.travel(morning(24), tick=False):
        _count(lila, there, carnet, jura)
        assert "Boutique" in words(lila.get(f"{there}porte/"))
        nadine_sees = words(nadine.get(f"/gerer/{people.place.slug}/argent/carnets/{carnet.pk}/"))
        assert people.other.name in nadine_sees
        assert "Défaire" not in nadine_sees
    month = f"{made.pk}/mois/2026-11/"
    assert "Le mois n’est pas fini" in words(lila.get(f"{there}{month}"))
    with time_machine.travel(morning(1, 12), tick=False):
        _settle(lila, there, nadine, here, month)


def _count(lila: Any, there: str, carnet: Any, jura: Jura) -> None:
    counted = lila.post(f"{there}porte/", {"code": carnet.code.lower(), "jeton": "n1"}, follow=True)
    assert "Valable" in words(counted)
    assert "Restent 9 unités, jusqu’au 31 août 2027." in words(counted)
    assert "Thomas" not in words(counted)
    lila.post(f"{there}porte/", {"code": carnet.code, "jeton": "n1"})
    visit = RoamingVisit.objects.get()
    again = lila.post(f"{there}porte/", {"code": carnet.code, "jeton": "n2"})
    assert (again.status_code, "déjà comptée" in words(again)) == (422, True)
    undone = lila.post(f"{there}porte/{visit.pk}/annuler/", follow=True)
    assert "Rendue" in words(undone)
    assert balance(carnet.pk) == 10
    lila.post(f"{there}porte/", {"code": carnet.code, "jeton": "n3"})
    own = words(lila.post(f"{there}porte/", {"code": jura.carnet(1).code, "jeton": "n4"}))
    assert "Ce carnet est d’ici" in own


def _settle(lila: Any, there: str, nadine: Any, here: str, month: str) -> None:
    assert "pas encore signé" in words(nadine.get(f"{here}{month}"))
    lila.post(f"{there}{month}signer/")
    bill = RoamingBill.objects.get()
    shown = words(nadine.get(f"{here}{month}")).replace("\u202f", " ")
    assert "Vous versez 8,50 € à" in shown
    assert "−8,50 €" in shown
    assert re.search(r"Somme 0,00 €", shown)
    assert "à accepter" in words(nadine.get(f"{here}{bill.agreement_id}/"))
    assert lila.post(f"{there}{month}accepter/{bill.pk}/").status_code == 404
    nadine.post(f"{here}{month}accepter/{bill.pk}/")
    bill.refresh_from_db()
    assert bill.accepted_by.startswith("compte:")
    assert "accepté" in words(lila.get(f"{there}{month}"))
    refused = lila.post(f"{there}porte/{RoamingVisit.objects.latest('pk').pk}/annuler/")
    assert (refused.status_code, "est sur un relevé signé" in words(refused)) == (422, True)


def test_a_departure_is_said_and_taken_back(bureaux: Jura, people: People, client_of: Any):
    nadine, at = client_of(people.nadine), f"{base(people.place)}{bureaux.agreement.pk}/"
    nadine.post(f"{at}repondre/", {"faire": "quitter"})
    assert "part bientôt jusqu’au 22 décembre 2026" in words(nadine.get(at))
    nadine.post(f"{at}repondre/", {"faire": "rester"})
    assert RoamingPlace.objects.get(place=people.place).last_day is None
    assert nadine.post(f"{at}repondre/", {"faire": "autre"}).status_code == 302
    told = nadine.post(f"{at}repondre/", {"faire": "refuser"})
    assert (told.status_code, "ce lieu est déjà dans l’accord" in words(told)) == (422, True)
    invited = nadine.post(f"{at}inviter/", {"places": "Atlantis"})
    assert (invited.status_code, "n’est pas un lieu de l’annuaire" in words(invited)) == (422, True)


def test_a_discovery_pass_shown_at_this_door_is_led_to_the_other(
    bureaux: Jura, perrin: Any, client_of: Any, people: People
):
    nadine = client_of(people.nadine)
    issue = perrin.hand()
    told = words(nadine.post(f"{base(people.place)}porte/", {"code": issue.of.code, "jeton": "p"}))
    assert "Ce code est celui d’un passe découverte" in told
    carnet = bureaux.carnet(1)
    other = words(nadine.post(f"/gerer/{people.place.slug}/passes/porte/", {"code": carnet.code, "jeton": "c"}))
    assert "comptez-le à « Itinérance », s’il vient d’un autre lieu" in other


@pytest.mark.parametrize("value", HOSTILE)
def test_nothing_hostile_breaks_a_form(bureaux: Jura, people: People, client_of: Any, value: str):
    nadine, at = client_of(people.nadine), base(people.place)
    for name in (*TERMS, "places", "jeton"):
        form = {**TERMS, "places": people.other.slug, name: value}
        assert nadine.post(f"{at}proposer/", form).status_code in (302, 422)
    assert nadine.post(f"{at}porte/", {"code": value, "jeton": value}).status_code == 422
    assert nadine.get(f"{at}porte/", {"fait": value, "code": value}).status_code == (400 if "\x00" in value else 200)
    assert nadine.post(f"{at}{bureaux.agreement.pk}/inviter/", {"places": value}).status_code == 422
    assert nadine.post(f"{at}{bureaux.agreement.pk}/repondre/", {"faire": value}).status_code == 302


@pytest.mark.parametrize(
    "path", ["{no}/", "{pk}/mois/2026-13/", "{pk}/mois/²/", "{no}/mois/2026-11/", "99999999999999999999/"]
)
def test_what_is_not_there_is_404(bureaux: Jura, people: People, client_of: Any, path: str):
    at = base(people.place) + path.format(pk=bureaux.agreement.pk, no=987_654_321)
    assert client_of(people.nadine).get(at).status_code == 404


@pytest.mark.parametrize("english", ["", "/en"])
def test_pages_ask_the_database_the_same_for_one_as_for_many(
    bureaux: Jura, people: People, client_of: Any, english: str
):
    nadine = client_of(people.nadine)
    base_url = base(people.place) if not english else f"/en{base(people.place)}"
    paths = [
        f"{base_url}{end}"
        for end in ("", "porte/", f"{bureaux.agreement.pk}/", f"{bureaux.agreement.pk}/mois/2026-11/")
    ]

    def asked() -> list[int]:
        told = []
        for path in paths:
            with CaptureQueriesContext(connection) as queries:
                answer = nadine.get(path)
            assert answer.status_code == 200, path
            words(answer)
            told.append(len(queries))
        return told

    with time_machine.travel(afternoon(24), tick=False):
        for home, host in ((1, 0), (0, 1), (2, 0)):
            bureaux.count(bureaux.carnet(home), host, afternoon(24))
        asked()
        few = asked()
        for turn in range(4):
            bureaux.count(bureaux.carnet(1), 0, afternoon(24), nonce=f"m{turn}")
            bureaux.count(bureaux.carnet(0), 2, afternoon(24), nonce=f"m{turn}")
        assert asked() == few
    assert max(few) <= 30
