"""What people do on the pages of schemes: the funder, the referrer, the place, who bears a pass."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.urls import reverse

from maillage.journal.models import Mail
from maillage.network.schemes.models import Accreditation, Claim, Issue, Redemption, Referrer, Scheme, Statement
from maillage.network.schemes.queries.keys import token_of
from tests.network.schemes.valley import NEWCOMER, RAW, SCOPE, Valley, afternoon, morning

pytestmark = pytest.mark.django_db


def words(answer: Any) -> str:
    text = re.sub(r"<[^>]+>", " ", answer.content.decode().split("<main", 1)[1])
    return re.sub(r"\s+", " ", text.replace("&#x27;", "'"))


@pytest.fixture(autouse=True)
def _then(now: Any):
    with time_machine.travel(now, tick=False):
        yield


def test_m_perrin_opens_a_scheme_twice_and_has_one(people: Any, client_of: Any):
    client = client_of(people.perrin)
    page = client.get("/dispositifs/ajouter/")
    assert "Chamblay\nMouchard" in page.content.decode()
    told = {**RAW, "scope": SCOPE, "jeton": "un"}
    answers = [client.post("/dispositifs/ajouter/", told) for _time in range(2)]
    made = Scheme.objects.get()
    assert [one.headers["Location"] for one in answers] == [f"/dispositifs/{made.pk}/"] * 2
    assert (made.budget_cents, made.price_cents, made.halves, made.most_passes) == (216_000, 900, 4, 60)
    assert made.communes == ["39093", "39370", "39546"]
    assert client.post("/dispositifs/ajouter/", {**told, "name": "Autre"}).status_code == 422
    assert "Pass découverte" in words(client.get("/dispositifs/"))
    changed = client.post(f"/dispositifs/{made.pk}/modifier/", {**RAW, "budget": "3000"})
    assert changed.status_code == 302
    assert Scheme.objects.get().budget_cents == 300_000
    assert client.get(f"/dispositifs/{made.pk}/modifier/").status_code == 200


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("budget", "-5", "un montant n’est pas négatif"),
        ("budget", "12,345", "un montant s’arrête aux centimes"),
        ("price", "neuf", "ce montant est illisible"),
        ("price", "0", "ce montant est nul"),
        ("halves", "²", "ce nombre ne va pas"),
        ("halves", "0", "ce nombre ne va pas"),
        ("most_passes", "", "il manque un nombre"),
        ("siret", "24390042000016", "la clé du Siret est fausse"),
        ("siret", "", "il manque le Siret de qui paie"),
        ("communes", "Atlantis", "n’est pas une commune de ce territoire"),
        ("ends_on", "2026-01-01", "ce jour est avant le premier"),
        ("starts_on", "2026-02-30", "ce jour est illisible"),
        ("name", "x" * 10_000, "dépasse 120 caractères"),
        ("postal_code", "abc", "ce code postal est illisible"),
        ("most_age", "3", "cet âge est sous le premier"),
        ("budget", "20", "ce budget ne paie pas un seul passe"),
    ],
)
def test_what_cannot_be_a_scheme_is_refused_with_its_mend(
    people: Any, client_of: Any, field: str, value: str, said: str
):
    told = {**RAW, "scope": SCOPE, "least_age": "18", field: value}
    answer = client_of(people.perrin).post("/dispositifs/ajouter/", told)
    assert answer.status_code == 422
    assert said in words(answer)
    assert not Scheme.objects.exists()


def test_a_scheme_of_another_s_territory_is_refused(people: Any, client_of: Any):
    client = client_of(people.perrin)
    answer = client.post("/dispositifs/ajouter/", {**RAW, "scope": "reg:27"})
    assert (answer.status_code, Scheme.objects.count()) == (422, 0)
    assert "ce territoire n’est pas le vôtre" in words(answer)
    assert client_of(people.nadine).get("/dispositifs/ajouter/").status_code == 403


def test_a_referrer_hands_a_pass_out_and_the_place_counts_it(people: Any, client_of: Any, perrin: Valley, client: Any):
    hand = f"/dispositifs/remettre/{perrin.secret}/"
    assert client.get(hand).status_code == 200
    told = {**NEWCOMER, "contact": "eve@example.org", "jeton": "k"}
    first, again = client.post(hand, told), client.post(hand, told)
    issue = Issue.objects.get()
    assert first.headers["Location"] == again.headers["Location"] == f"{hand}carte/{issue.of.code}/"
    card = client.get(first.headers["Location"])
    assert issue.of.code in words(card)
    assert "4 demi-journées offertes, jusqu’au 28/02/2027" in words(card)
    assert "<svg" in card.content.decode()
    assert "eve@example.org" not in str(list(Issue.objects.values()))
    assert client.post(first.headers["Location"], {"email": "eve@example.org"}).status_code == 302
    assert issue.of.code in Mail.objects.get().subject + Mail.objects.get().body or Mail.objects.get().sent_at
    assert client.post(first.headers["Location"], {"email": "eve"}).status_code == 422
    nadine = client_of(people.nadine)
    slug = people.place.slug
    door = f"/gerer/{slug}/passes/porte/"
    counted = nadine.post(door, {"code": issue.of.code.lower().replace("-", " "), "jeton": "n1"}, follow=True)
    assert "Valable" in words(counted)
    assert "Restent 3 demi-journées, jusqu’au 28 février 2027." in words(counted)
    nadine.post(door, {"code": issue.of.code, "jeton": "n1"})
    assert Redemption.objects.count() == 1
    refused = nadine.post(door, {"code": issue.of.code, "jeton": "n2"})
    assert refused.status_code == 422
    assert "Cette demi-journée est déjà comptée sur ce passe" in words(refused)
    undone = nadine.post(f"{door}{Redemption.objects.get().pk}/annuler/", follow=True)
    assert "Rendue" in words(undone)
    assert "Restent 3" not in words(nadine.get(door))
    by_qr = nadine.post(door, {"code": f"https://exemple.fr/dispositifs/passe/{token_of(issue)}/", "jeton": "n3"})
    assert by_qr.status_code == 302


def test_the_door_says_why_not(people: Any, client_of: Any, perrin: Valley):
    issue = perrin.hand()
    token = token_of(issue)
    nadine, door = client_of(people.nadine), f"/gerer/{people.place.slug}/passes/porte/"
    forged = token[:-1] + ("A" if token[-1] != "A" else "B")
    for text, said in (
        ("bonjour", "Ce code n’est pas celui d’un passe"),
        ("", "Ce code n’est pas celui d’un passe"),
        (token[:-20], "Ce code QR est incomplet"),
        (forged, "La signature de ce code QR est fausse"),
        ("²" * 500, "Ce code n’est pas celui d’un passe"),
        ("\u202e" + issue.of.code[:4], "Ce code n’est pas celui d’un passe"),
    ):
        answer = nadine.post(door, {"code": text, "jeton": "x"})
        assert (answer.status_code, said in words(answer)) == (422, True), text
    lila = client_of(people.lila).post(f"/gerer/{people.other.slug}/passes/porte/", {"code": token, "jeton": "y"})
    assert "Ce passe est d’un dispositif où ce lieu n’est pas agréé" in words(lila)
    with time_machine.travel(morning(23).replace(hour=20), tick=False):
        late = nadine.post(door, {"code": token, "jeton": "z"})
    assert "Le lieu est fermé à cette heure, d’après sa fiche" in words(late)
    assert not Redemption.objects.exists()


def test_a_referrer_s_link_closes_and_a_wrong_one_says_so(people: Any, client_of: Any, perrin: Valley, client: Any):
    issue = perrin.hand()
    other = client_of(people.perrin)
    assert client.get("/dispositifs/remettre/" + "x" * 43 + "/").status_code == 404
    made = other.post(f"/dispositifs/{perrin.scheme.pk}/relais/", {"name": "Bibliothèque", "jeton": "b"})
    link = re.search(r"/dispositifs/remettre/([\w-]+)/", made.content.decode())
    assert link is not None
    assert client.get(link[0]).status_code == 200
    assert client.get(f"{link[0]}carte/{issue.of.code}/").status_code == 404
    again = other.post(f"/dispositifs/{perrin.scheme.pk}/relais/", {"name": "Bibliothèque", "jeton": "b"})
    assert again.status_code == 302
    added = Referrer.objects.get(name="Bibliothèque")
    other.post(f"/dispositifs/{perrin.scheme.pk}/relais/{added.pk}/fermer/")
    closed = client.get(link[0])
    assert closed.status_code == 404
    assert "Il a été fermé, ou recopié de travers" in words(closed)


def test_a_sheet_is_printed_eight_by_eight(perrin: Valley, client: Any):
    hand = f"/dispositifs/remettre/{perrin.secret}/"
    made = client.post(f"{hand}planche/", {"count": "9", "jeton": "p"})
    again = client.post(f"{hand}planche/", {"count": "9", "jeton": "p"})
    assert made.headers["Location"] == again.headers["Location"]
    assert Issue.objects.count() == 9
    sheet = client.get(made.headers["Location"]).content.decode()
    assert sheet.count('class="passes"') == 2
    assert sheet.count('class="pass"') == 9
    for count in ("0", "81", "-1", "²", "1e3", ""):
        assert client.post(f"{hand}planche/", {"count": count, "jeton": "q"}).status_code == 422
    over = client.post(f"{hand}planche/", {"count": "52", "jeton": "r"})
    assert "le budget de ce dispositif est épuisé" in words(over)
    assert Issue.objects.count() == 9


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ({"commune": "44109"}, "ce dispositif est pour les habitants d’autres communes"),
        ({"commune": ""}, "il manque la commune de résidence"),
        ({"is_first_time": ""}, "ce dispositif est pour une première venue"),
        ({"contact": "x" * 1_000}, "dépasse 254 caractères"),
    ],
)
def test_who_is_not_eligible_gets_none(perrin: Valley, client: Any, raw: dict[str, str], said: str):
    answer = client.post(f"/dispositifs/remettre/{perrin.secret}/", {**NEWCOMER, **raw, "jeton": "e"})
    assert (answer.status_code, Issue.objects.count()) == (422, 0)
    assert said in words(answer)


def test_the_same_contact_has_one_pass(perrin: Valley, client: Any):
    hand = f"/dispositifs/remettre/{perrin.secret}/"
    client.post(hand, {**NEWCOMER, "contact": "06 12 34 56 78", "jeton": "1"})
    again = client.post(hand, {**NEWCOMER, "contact": "+33612345678", "jeton": "2"})
    assert "un passe de ce dispositif a déjà été remis à ce contact" in words(again)
    assert Issue.objects.count() == 1


def test_a_place_asks_and_the_funder_answers_with_a_rent(people: Any, client_of: Any, perrin: Valley):
    Accreditation.objects.all().delete()
    nadine, funder = client_of(people.nadine), client_of(people.perrin)
    slug, pk = people.place.slug, perrin.scheme.pk
    assert "Demander l’agrément" in words(nadine.get(f"/gerer/{slug}/passes/"))
    nadine.post(f"/gerer/{slug}/passes/agrement/{pk}/")
    asked = Accreditation.objects.get()
    assert asked.state == "asked"
    page = f"/dispositifs/{pk}/lieux/{asked.pk}/"
    assert funder.get(page).status_code == 200
    bad = funder.post(page, {"state": "accepted", "desks": "4", "rent": "200"})
    assert (bad.status_code, "il manque les jours loués" in words(bad)) == (422, True)
    rent = {"desks": "4", "rent": "200", "weekdays": ["2", "3", "4"]}
    days = {"rent_from": "2026-11-01", "rent_to": "2027-02-28"}
    assert funder.post(page, {"state": "accepted", **rent, **days}).status_code == 302
    kept = Accreditation.objects.get()
    assert (kept.state, kept.rented_desks, kept.rented_weekdays, kept.rent_cents) == ("accepted", 4, [2, 3, 4], 20_000)
    assert "4 postes loués, 200" in words(funder.get(f"/dispositifs/{pk}/"))


def test_a_month_is_read_and_signed_on_its_page(people: Any, client_of: Any, perrin: Valley):
    perrin.spend(perrin.hand(), morning(24))
    page = f"/gerer/{people.place.slug}/passes/releves/{perrin.scheme.pk}/2026-11/"
    with time_machine.travel(morning(1, 12), tick=False):
        nadine = client_of(people.nadine)
        assert "à signer" in words(nadine.get(f"/gerer/{people.place.slug}/passes/"))
        assert "Signer et facturer" in words(nadine.get(page))
        assert client_of(people.karim).post(page).status_code == 200
        assert not Statement.objects.exists()
        signed = nadine.post(page, follow=True)
    assert "Le relevé est signé, et sa facture est émise." in words(signed)
    assert Statement.objects.get().total_cents == 900
    assert nadine.get(page.replace("2026-11", "2026-13")).status_code == 404


def test_who_bears_a_pass_sees_what_is_left_and_a_team_the_way_to_its_door(
    people: Any, client_of: Any, perrin: Valley, client: Any
):
    issue = perrin.hand()
    page = reverse("scheme_pass", args=[token_of(issue)])
    seen = client.get(page)
    assert "Restent 4 demi-journées" in words(seen)
    assert f"/gerer/{people.place.slug}/" not in seen.content.decode()
    assert f"/gerer/{people.place.slug}/passes/porte/?code=MP1" in client_of(people.nadine).get(page).content.decode()
    assert client.get(page[:-3] + "/").status_code == 404
    assert client.get("/dispositifs/passe/MP1.abc/").status_code == 404
    with time_machine.travel(morning(1, 3).replace(year=2027), tick=False):
        over = client.get(page)
    assert "Continuer, au prix du lieu" in words(over)
    assert reverse("place_tariffs", args=[people.place.slug]) in over.content.decode()


def test_a_lost_card_is_replaced_or_cancelled_by_the_funder(people: Any, client_of: Any, perrin: Valley):
    funder, page = client_of(people.perrin), f"/dispositifs/{perrin.scheme.pk}/perdue/"
    one, two = perrin.hand(), perrin.hand()
    assert funder.post(page, {"code": "rien", "faire": "remplacer"}).status_code == 422
    made = funder.post(page, {"code": one.of.code, "faire": "remplacer"})
    fresh = Issue.objects.get(replaces=one)
    assert made.headers["Location"] == f"/dispositifs/{perrin.scheme.pk}/carte/{fresh.of.code}/"
    funder.post(page, {"code": two.of.code, "faire": "annuler"})
    told = funder.post(page, {"code": two.of.code, "faire": "annuler"})
    assert "ce passe est déjà annulé" in words(told)
    assert sorted(keys(client_of(people.nadine), people)["revoked"]) == sorted([one.of.code, two.of.code])


def keys(client: Any, people: Any) -> Any:
    return client.get(f"/gerer/{people.place.slug}/passes/porte/cles.json").json()


def test_a_tablet_settles_and_what_it_cannot_is_shown_to_both(people: Any, client_of: Any, perrin: Valley):
    issue = perrin.hand()
    nadine, page = client_of(people.nadine), f"/gerer/{people.place.slug}/passes/porte/regler/"
    now = afternoon(23)
    rows = [
        {"nonce": f"t{number}", "text": token_of(issue), "at": (now - timedelta(minutes=number)).isoformat()}
        for number in (1, 2)
    ]
    body = json.dumps({"now": now.isoformat(), "counted": rows})
    with time_machine.travel(now, tick=False):
        nadine = client_of(people.nadine)
        first = nadine.post(page, body, content_type="application/json").json()["results"]
        again = nadine.post(page, body, content_type="application/json").json()["results"]
        assert [one["state"] for one in first] == ["settled", "to_settle"]
        assert again == first
        assert "À régler" in words(nadine.get(f"/gerer/{people.place.slug}/passes/"))
    claim = Claim.objects.get()
    assert claim.reason.startswith("Cette demi-journée est déjà comptée sur ce passe")
    funder = client_of(people.perrin)
    assert claim.code in words(funder.get(f"/dispositifs/{perrin.scheme.pk}/"))
    closing = f"/dispositifs/{perrin.scheme.pk}/a-regler/{claim.pk}/"
    assert funder.post(closing, {"outcome": ""}).status_code == 422
    assert funder.post(closing, {"outcome": "Erreur de saisie"}).status_code == 302
    assert Redemption.objects.count() == 1


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b"\xff",
        b"[" * 5_000,
        b'{"now": "hier", "counted": []}',
        b'{"now": "2026-11-23T10:00:00", "counted": []}',
        b'{"now": "2026-11-23T10:00:00Z", "counted": [1]}',
        b'{"now": "2026-11-23T10:00:00Z", "counted": [{"nonce": "a b", "text": "x", "at": "2026-11-23T10:00:00Z"}]}',
        b'{"now": "2026-11-23T10:00:00Z", "counted": [{"nonce": "", "text": "x", "at": "2026-11-23T10:00:00Z"}]}',
        b'{"now": "2026-11-23T10:00:00Z", "counted": [{"nonce": "a", "text": 3, "at": "2026-11-23T10:00:00Z"}]}',
        b'{"now": "9999-11-23T10:00:00Z", "counted": []}',
    ],
)
def test_an_unreadable_settling_is_refused_whole(people: Any, client_of: Any, perrin: Valley, body: bytes):
    page = f"/gerer/{people.place.slug}/passes/porte/regler/"
    answer = client_of(people.nadine).post(page, body, content_type="application/json")
    assert (answer.status_code, Claim.objects.count()) == (422, 0)
    assert answer.json()["detail"].startswith("Cet envoi est illisible")


def test_the_report_hides_small_cells_and_says_unknown(people: Any, client_of: Any, perrin: Valley):
    for _number in range(12):
        perrin.spend(perrin.hand(), morning(24))
    perrin.spend(perrin.hand(raw={"commune": "39546"}), morning(24))
    funder = client_of(people.perrin)
    page = funder.get(f"/dispositifs/{perrin.scheme.pk}/bilan/")
    said = words(page)
    assert "inconnu" in said
    assert re.search(r"Vaudrey masqué", said)
    assert re.search(r"Chamblay masqué", said)
    assert re.search(r"La Boutique de Nadine masqué", said)
    assert re.search(r"Demi-journées passées masqué", said)
    csv = funder.get(f"/dispositifs/{perrin.scheme.pk}/bilan.csv").content.decode("utf-8-sig")
    assert "coût par nouvel habitué, en euros;;inconnu" in csv
    assert "passes remis;;13" in csv
    assert "dépensé, en euros;;masqué" in csv


def test_what_a_conversion_costs_is_measured(people: Any, client_of: Any, perrin: Valley):
    from maillage.management.passes.actions.ledger import issue as sell
    from maillage.management.people.actions.persons import add_person
    from maillage.management.people.models import Person

    for number in range(12):
        perrin.spend(perrin.hand(raw={"contact": f"eve{number}@example.org"}), morning(23))
    for number in range(3):
        raw = {"name": f"Ève {number}", "email": f"eve{number}@example.org"}
        pk = add_person(place=perrin.place, raw=raw, by="essai", now=perrin.now)
        given = {"kind": "carnet", "units": 10, "place": perrin.place, "person": Person.objects.get(pk=pk)}
        days = {"starts_on": morning(25).date(), "ends_on": morning(25, 12).date()}
        sell(**given, **days, key=f"c{number}", by="essai", now=morning(25))
    said = words(client_of(people.perrin).get(f"/dispositifs/{perrin.scheme.pk}/bilan/"))
    assert "36,00" in said
    assert "12 personnes suivies" in said


def test_the_funder_issues_too_and_closes(people: Any, client_of: Any, perrin: Valley):
    funder, pk = client_of(people.perrin), perrin.scheme.pk
    made = funder.post(f"/dispositifs/{pk}/remettre/", {**NEWCOMER, "jeton": "f"})
    assert funder.get(made.headers["Location"]).status_code == 200
    sheet = funder.post(f"/dispositifs/{pk}/planche/", {"count": "2", "jeton": "g"})
    assert funder.get(sheet.headers["Location"]).status_code == 200
    assert funder.get(f"/dispositifs/{pk}/arreter/").status_code == 200
    funder.post(f"/dispositifs/{pk}/arreter/")
    assert "Ce dispositif est terminé" in words(funder.get(f"/dispositifs/{pk}/remettre/"))
    assert Issue.objects.count() == 3


@pytest.mark.parametrize("sign", ["%00", "%EF%BF%BF", "%E2%80%AE", "%27", "9" * 300])
def test_strange_signs_in_an_address_are_no_fault(perrin: Valley, people: Any, client_of: Any, sign: str):
    door, desk = client_of(people.nadine), client_of(people.perrin)
    slug, pk, link = perrin.place.slug, perrin.scheme.pk, perrin.secret
    for path in ("fait", "code"):
        assert door.get(f"/gerer/{slug}/passes/porte/?{path}=a{sign}").status_code in (200, 400)
    for path in (f"{pk}/carte/a{sign}/", f"{pk}/planche/a{sign}/", f"remettre/{link}/carte/a{sign}/"):
        assert desk.get(f"/dispositifs/{path}").status_code in (400, 404)
    for path in (
        f"passe/a{sign}/",
        f"passe/MP1.a{sign}.b.c/",
        f"remettre/{sign * 8}/",
        f"remettre/{link}/planche/a{sign}/",
    ):
        assert desk.get(f"/dispositifs/{path}").status_code in (400, 404)
