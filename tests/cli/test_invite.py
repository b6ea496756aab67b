import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from maillage.accounts.models import Invitation, Membership, User
from maillage.accounts.rules import place_scope
from maillage.cli import demo, door
from maillage.cli.main import main
from maillage.journal.models import AuditEvent
from maillage.journal.queries import aside
from maillage.places import actions
from tests.people import People
from tests.places.test_record import LA_MAILLE, record

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.MEDIA_ROOT, settings.SITE_URL = tmp_path, "https://lieux.example"
    monkeypatch.setenv("MAILLAGE_URL", settings.SITE_URL)
    aside.clear()


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]) -> Any:
    def run(*given: str) -> tuple[int, str, str]:
        code = main(["invite", *given])
        out, err = capsys.readouterr()
        return code, out, err

    return run


def test_a_first_operator_comes_in_by_a_link(said: Any, client: Client) -> None:
    code, out, err = said("odile@exemple.fr", "--role", "operator")
    told, link, until = out.splitlines()
    assert (code, err) == (0, "")
    assert told == (
        "odile@exemple.fr : Exploitation du site. "
        "Pourra faire marcher tout le site\u202f: comptes, rôles, sources, retraits."
    )
    assert link.startswith("https://lieux.example/invitation/")
    assert until.startswith("Ce lien sert une fois, jusqu’au ")
    answer = client.post(urlsplit(link).path)
    assert (answer.status_code, answer["Location"]) == (302, "/administration/")
    assert list(Membership.objects.values_list("user__email", "role", "scope")) == [
        ("odile@exemple.fr", "operator", "france")
    ]
    assert int(client.session["_auth_user_id"]) == User.objects.get().pk
    assert AuditEvent.objects.filter(action="accounts.invited", by="commande:invite").exists()


def test_an_operator_who_is_lost_comes_back_to_the_same_account(said: Any, people: People, client: Client) -> None:
    code, out, _ = said(people.operator.email.upper(), "--role", "operator")
    assert code == 0
    assert client.post(urlsplit(out.splitlines()[1]).path).status_code == 302
    assert int(client.session["_auth_user_id"]) == people.operator.user.pk


def test_a_program_reads_json_and_nothing_else(said: Any, people: People) -> None:
    code, out, err = said("zoe@exemple.fr", "--role", "colleague", "--place", people.place.slug, "--format", "json")
    told = json.loads(out)
    assert (code, err) == (0, "")
    assert set(told) == {"email", "role", "scope", "name", "link", "expires_at"}
    assert (told["role"], told["scope"], told["name"]) == (
        "colleague",
        place_scope(people.place.pk),
        people.place.name,
    )
    assert datetime.fromisoformat(told["expires_at"]) > timezone.now() + timedelta(days=6)


def test_a_territory_is_named_as_people_name_it(said: Any, small_ground: None) -> None:
    assert said("ines@exemple.fr", "--role", "network_officer", "--territory", "dep:39")[1].startswith(
        "ines@exemple.fr : Suivi de réseau (Jura). "
    )


NOWHERE = "aucun lieu à l’adresse « nulle-part » : donnez la fin de l’adresse de sa page, après /lieux/."


@pytest.mark.parametrize(
    ("given", "refusal"),
    [
        (["a@b.fr", "--role", "facilitator"], "le rôle « facilitator » se donne quelque part : ajoutez --place."),
        (
            ["a@b.fr", "--role", "observer"],
            "le rôle « observer » se donne quelque part : ajoutez --place ou --territory.",
        ),
        (["a@b.fr", "--role", "colleague", "--place", "nulle-part"], NOWHERE),
        (
            ["a@b.fr", "--role", "colleague", "--territory", "dep:39"],
            "Le rôle « colleague » se donne dans un lieu : nommez ce lieu.",
        ),
        (
            ["a@b.fr", "--role", "operator", "--territory", "dep:39"],
            "Le rôle « operator » vaut pour tout le site : ne nommez ni lieu ni territoire.",
        ),
        (
            ["a@b.fr", "--role", "observer", "--territory", "dep:38"],
            "« dep:38 » n’est pas sur le fond de territoire chargé : vérifiez ce code Insee ou Siren, "
            "ou écrivez un nom pour lire les codes, comme dep:Jura.",
        ),
        (
            ["a@b.fr", "--role", "observer", "--territory", "Jura"],
            "« Jura » n’est pas un territoire d’ici. Le plus proche : dep:39 (Jura).",
        ),
        (
            ["a@b.fr", "--role", "observer", "--territory", "epci:val damour"],
            "« epci:val damour » n’est pas un territoire d’ici. Le plus proche : epci:243900420 (CC du Val d'Amour).",
        ),
        (
            ["a@b.fr", "--role", "observer", "--territory", "epci:243900421"],
            "« epci:243900421 » n’est pas un territoire d’ici. Le plus proche : epci:243900420 (CC du Val d'Amour).",
        ),
        (
            ["a@b.fr", "--role", "observer", "--territory", "commune:99999"],
            "« commune:99999 » n’est pas sur le fond de territoire chargé : vérifiez ce code Insee ou Siren, "
            "ou écrivez un nom pour lire les codes, comme dep:Jura.",
        ),
        (
            ["a@b.fr", "--role", "observer", "--territory", "xyz"],
            "« xyz » n’est ni un lieu ni un territoire : écrivez par exemple dep:39, epci:243900610, france.",
        ),
        (
            ["pas une adresse", "--role", "operator"],
            "Cette adresse électronique est illisible : écrivez nom@domaine.fr.",
        ),
        (
            [f"{'a' * 60}@{'b' * 60}.{'c' * 60}.{'d' * 60}.{'e' * 60}.fr", "--role", "operator"],
            "Cette adresse électronique est illisible : écrivez nom@domaine.fr.",
        ),
    ],
)
def test_what_cannot_be_given_is_refused_with_a_reason(
    said: Any, small_ground: None, given: list[str], refusal: str
) -> None:
    assert said(*given) == (1, "", f"maillage invite : {refusal}\n")
    assert not Invitation.objects.exists()


def test_a_place_that_moved_is_found_and_a_removed_one_refused(said: Any, small_ground: None, now: datetime) -> None:
    place = record(LA_MAILLE, now=now).place_ids[0]
    actions.rename_slug(place_id=place, slug="chez-nadine", by="essai", now=now)
    assert said("a@b.fr", "--role", "colleague", "--place", "la-maille")[0] == 0
    assert Invitation.objects.get().scope == place_scope(place)
    actions.remove_place(place_id=place, reason="doublon", by="essai", now=now)
    assert said("a@b.fr", "--role", "colleague", "--place", "chez-nadine") == (
        1,
        "",
        "maillage invite : le lieu « chez-nadine » est retiré du registre : rendez-le d’abord au registre.\n",
    )


@pytest.mark.parametrize(
    "given",
    [
        ["a@b.fr"],
        ["--role", "operator"],
        ["a@b.fr", "--role", "king"],
        ["a@b.fr", "--role", "observer", "--place", "x", "--territory", "y"],
    ],
)
def test_wrong_usage_is_code_2(given: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["invite", *given])
    assert stop.value.code == 2


class TestDoor:
    """What ./run prints: the demo's link, or how to have a first operator."""

    @pytest.fixture
    def shown(self, small_ground: None, now: datetime, capsys: pytest.CaptureFixture[str]) -> None:
        assert demo.load(with_real=False, now=now) == 0
        capsys.readouterr()

    def test_the_demo_opens_as_nadine_once_and_each_start_has_its_own_link(self, shown: None, now: datetime) -> None:
        old = door.lines(now=timezone.now())[-1]
        assert old.startswith("https://lieux.example/invitation/")
        new = door.lines(now=timezone.now())[-1]
        client = Client()
        assert client.get(urlsplit(old).path).status_code == 404
        assert client.get(urlsplit(new).path).status_code == 200
        answer = client.post(urlsplit(new).path)
        assert (answer.status_code, answer["Location"]) == (302, f"/gerer/{demo.MAILLE}/")
        assert User.objects.get(pk=client.session["_auth_user_id"]).name == "Nadine"
        assert Client().post(urlsplit(new).path).status_code == 404

    def test_the_people_of_the_demo_have_their_roles_and_go_with_it(self, shown: None, now: datetime) -> None:
        given = set(Membership.objects.values_list("user__name", "role"))
        assert given == {
            ("Nadine", "facilitator"),
            ("Inès", "network_officer"),
            ("M. Perrin", "observer"),
            ("Claire Morel", "observer"),
            ("Camille", "operator"),
        }
        observed = Membership.objects.filter(role="observer").order_by("scope")
        assert [one.scope for one in observed] == ["dep:39", "epci:243900420"]
        own = User.objects.create_user("zoe@exemple.fr")
        door.lines(now=timezone.now())
        assert demo.remove(now=now) == 0
        assert list(User.objects.all()) == [own]
        assert not Membership.objects.exists()
        assert not Invitation.objects.exists()

    def test_real_places_send_the_people_of_the_demo_away(self, shown: None, now: datetime) -> None:
        record(LA_MAILLE, now=now)
        aside.clear()
        assert door.lines(now=timezone.now()) == [
            "",
            "Personne n’exploite encore ce site. Pour vous donner ce rôle :",
            ".venv/bin/maillage invite vous@exemple.fr --role operator",
        ]
        assert not User.objects.exists()

    def test_in_production_the_demo_has_no_accounts_and_no_link(
        self, small_ground: None, now: datetime, settings: Any
    ) -> None:
        settings.ENV = "production"
        assert demo.load(with_real=False, now=now) == 0
        assert door.lines(now=timezone.now()) == []
        assert not User.objects.exists()

    def test_beside_real_places_the_demo_has_no_accounts(self, small_ground: None, now: datetime) -> None:
        record(LA_MAILLE, now=now)
        assert demo.load(with_real=True, now=now) == 0
        assert not User.objects.exists()

    def test_a_site_that_has_an_operator_says_nothing(self, people: People) -> None:
        assert door.lines(now=timezone.now()) == []
