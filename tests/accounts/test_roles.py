"""Who may what, on plain words: nothing is allowed that no held role allows, and more roles never allow less."""

from datetime import datetime
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st
from tests.people import People

from maillage.accounts import actions, permissions
from maillage.accounts.models import Membership, User
from maillage.accounts.rules import (
    ACTS,
    COLLEAGUE,
    EVERYWHERE,
    FACILITATOR,
    MAY,
    NETWORK_OFFICER,
    OBSERVER,
    OF_THE_PLACE,
    OPERATOR,
    ROLES,
    ScopeRefused,
    check_scope,
    digest,
    place_scope,
    read_signature,
    signature,
    standing,
)
from maillage.journal.models import AuditEvent

PLACE = place_scope("0b9c2e0e-8a94-4f4e-9a59-6a3c3c1c2d3e")
scopes = st.sampled_from(["place:a", "place:b", "commune:39093", "epci:243900420", "dep:39", "reg:27", "france"])
held = st.lists(st.tuples(st.sampled_from([*ROLES, "king", ""]), scopes), max_size=8)
within = st.lists(scopes, max_size=6)


@given(held, within)
def test_no_act_comes_from_nowhere(roles: list[tuple[str, str]], places: list[str]) -> None:
    found = standing(roles, places)
    for act in found.acts:
        assert any(scope in places and act in MAY.get(role, ()) for role, scope in roles)
    assert found.acts <= set(ACTS)
    assert bool(found.acts) == bool(found.role)
    assert not found.role or any(role == found.role and scope in places for role, scope in roles)


@given(held, within, held, within)
def test_more_roles_or_more_scopes_never_allow_less(
    roles: list[tuple[str, str]], places: list[str], more: list[tuple[str, str]], wider: list[str]
) -> None:
    few = standing(roles, places)
    for many in (standing(roles + more, places), standing(roles, places + wider)):
        assert few.acts <= many.acts
        assert bool(many.role) >= bool(few.role)
        if few.role in OF_THE_PLACE or (few.role and many.role not in OF_THE_PLACE):
            assert many.role in OF_THE_PLACE or few.role not in OF_THE_PLACE
            assert ROLES.index(many.role) <= ROLES.index(few.role)


@given(held, within)
def test_roles_elsewhere_give_nothing(roles: list[tuple[str, str]], places: list[str]) -> None:
    elsewhere = [(role, scope) for role, scope in roles if scope not in places]
    assert not standing(elsewhere, places).acts


@given(held, within, st.randoms())
def test_the_order_says_nothing(roles: list[tuple[str, str]], places: list[str], chance: Any) -> None:
    shuffled = roles[:]
    chance.shuffle(shuffled)
    assert standing(roles, places) == standing(shuffled, places[::-1])


def test_what_each_role_may() -> None:
    assert {role: sorted(MAY[role]) for role in ROLES} == {
        OPERATOR: ["clear", "close", "edit", "host", "look", "run", "team"],
        FACILITATOR: ["close", "edit", "host", "look", "run", "team"],
        COLLEAGUE: ["edit", "host", "look"],
        NETWORK_OFFICER: ["clear", "edit", "look"],
        OBSERVER: ["look"],
    }


@pytest.mark.parametrize(
    ("role", "scope"),
    [
        (OPERATOR, EVERYWHERE),
        (FACILITATOR, PLACE),
        (COLLEAGUE, PLACE),
        *[(role, scope) for role in (NETWORK_OFFICER, OBSERVER) for scope in (PLACE, "dep:2A", "dep:974", "reg:27")],
        (OBSERVER, "commune:2A004"),
        (OBSERVER, "epci:243900420"),
        (NETWORK_OFFICER, EVERYWHERE),
    ],
)
def test_roles_where_they_make_sense(role: str, scope: str) -> None:
    check_scope(role, scope)


KNOWN = "operator, facilitator, colleague, network_officer, observer"


@pytest.mark.parametrize(
    ("role", "scope", "refusal"),
    [
        ("king", PLACE, f"Le rôle « king » n’existe pas. Rôles connus : {KNOWN}."),
        (OPERATOR, PLACE, "Le rôle « operator » vaut pour tout le site : ne nommez ni lieu ni territoire."),
        (FACILITATOR, EVERYWHERE, "Le rôle « facilitator » se donne dans un lieu : nommez ce lieu."),
        (COLLEAGUE, "place:la-maille", "Le rôle « colleague » se donne dans un lieu : nommez ce lieu."),
        *[
            (
                OBSERVER,
                scope,
                f"« {scope} » n’est ni un lieu ni un territoire : écrivez par exemple dep:39, epci:243900610, france.",
            )
            for scope in ("", "dep:", "dep:39 ", "dep:39\n", "DEP:39", "39", f"{PLACE}x", "epci:1", "france:1")
        ],
    ],
)
def test_roles_where_they_make_none(role: str, scope: str, refusal: str) -> None:
    with pytest.raises(ScopeRefused) as refused:
        check_scope(role, scope)
    assert str(refused.value) == refusal


@given(st.integers(0, 10**18 - 1), st.sampled_from(ROLES))
def test_a_signature_is_read_as_it_was_written(user: int, role: str) -> None:
    assert read_signature(signature(user, role)) == (user, role)


@given(st.text(max_size=40))
def test_no_other_text_is_a_signature(text: str) -> None:
    read = read_signature(text)
    assert read is None or signature(*read).lstrip("compte:0") == text.lstrip("compte:0")


@given(st.text(max_size=80))
def test_a_fingerprint_has_one_shape(secret: str) -> None:
    assert len(digest(secret)) == 64


@pytest.mark.django_db
class TestTables:
    @pytest.mark.parametrize(
        ("role", "scope"), [(OPERATOR, PLACE), (FACILITATOR, "dep:39"), (OBSERVER, ""), ("king", PLACE)]
    )
    def test_the_database_itself_refuses_a_role_out_of_place(self, now: datetime, role: str, scope: str) -> None:
        user = User.objects.create_user("a@exemple.fr")
        with pytest.raises(IntegrityError), transaction.atomic():
            Membership.objects.create(user=user, role=role, scope=scope, given_at=now, given_by="essai")

    def test_giving_says_what_was_there_and_writes_once(self, now: datetime) -> None:
        user = User.objects.create_user("a@exemple.fr")
        for role in (COLLEAGUE, COLLEAGUE, OBSERVER):
            actions.give_role(user=user, role=role, scope=PLACE, by="essai", now=now)
        events = AuditEvent.objects.filter(action="accounts.role_given").order_by("pk")
        assert [(event.detail["before"], event.detail["role"]) for event in events] == [
            ("", COLLEAGUE),
            (COLLEAGUE, OBSERVER),
        ]
        with pytest.raises(ScopeRefused):
            actions.give_role(user=user, role=COLLEAGUE, scope="dep:39", by="essai", now=now)

    @pytest.mark.parametrize("scope", ["dep:999", "commune:99999", "epci:999999999", "reg:999"])
    def test_nothing_is_given_over_a_territory_that_nobody_knows(
        self, small_ground: None, now: datetime, scope: str
    ) -> None:
        user = User.objects.create_user("a@exemple.fr")
        refusal = (
            f"« {scope} » n’est pas sur le fond de territoire chargé : vérifiez ce code Insee ou Siren, "
            "ou écrivez un nom pour lire les codes, comme dep:Jura."
        )
        with pytest.raises(ScopeRefused) as given:
            actions.give_role(user=user, role=OBSERVER, scope=scope, by="essai", now=now)
        with pytest.raises(ScopeRefused) as invited:
            actions.invite(email="b@exemple.fr", role=OBSERVER, scope=scope, by="essai", now=now)
        assert [str(given.value), str(invited.value)] == [refusal] * 2
        assert not Membership.objects.exists() and not AuditEvent.objects.exists()

    def test_bringing_in_twice_changes_nothing(self, now: datetime) -> None:
        for name in ("Nadine", "Autre"):
            actions.bring_in(email="n@exemple.fr", name=name, role=COLLEAGUE, scope=PLACE, by="essai", now=now)
        assert User.objects.get().name == "Nadine"
        assert AuditEvent.objects.count() == 1

    def test_a_closed_account_has_no_standing(self, people: People) -> None:
        assert not permissions.standing_of(people.gone.user, [place_scope(people.place.pk)]).acts
        assert not permissions.is_operator(None)
        assert permissions.is_operator(people.operator.user)
