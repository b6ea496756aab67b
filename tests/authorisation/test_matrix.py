"""The authorisation matrix: every address, method, person and ownership, generated from the URL configuration."""

import pytest

from tests.authorisation.addresses import addresses
from tests.authorisation.rules import KEYS, MAY, METHODS, RULES, rule_of
from tests.authorisation.sweep import cells, sweep, told
from tests.authorisation.world import World

pytestmark = pytest.mark.django_db
NAMES = sorted({address.name for address in addresses()})
OURS = [name for name in NAMES if not name.startswith("admin:")]


def test_every_address_has_a_rule():
    lacking = [name for name in NAMES if rule_of(name) is None]
    assert lacking == [], (
        f"{lacking}: say in tests/authorisation/rules.py who may do what there, for example "
        '"the_name": desk(GET=LOOK, POST=EDIT), or public() for a page that everybody reads.'
    )


def test_every_rule_has_an_address():
    assert sorted(set(RULES) - set(NAMES)) == []


def test_the_matrix_is_large(world: World):
    assert sum(1 for _ in cells(world, OURS, thin=True)) >= 2_000
    assert sum(1 for _ in cells(world)) >= 10_000
    assert {cell.person for cell, _ in cells(world)} == {*MAY, *KEYS}
    assert {cell.method for cell, _ in cells(world)} == set(METHODS)


@pytest.mark.parametrize("thin", [pytest.param(True, id="few"), pytest.param(False, id="all", marks=pytest.mark.full)])
@pytest.mark.parametrize("name", OURS)
def test_an_address_answers_as_its_rule_says(world: World, name: str, thin: bool):
    wrong = sweep(world, [name], thin=thin)
    assert not wrong, f"\n{told(wrong)}"


@pytest.mark.parametrize("thin", [pytest.param(True, id="few"), pytest.param(False, id="all", marks=pytest.mark.full)])
def test_the_administration_is_the_operator_s(world: World, thin: bool):
    """Every page of the administration, one rule for all."""
    methods = ("GET", "POST") if thin else METHODS
    persons = ("nadine", "operator", "thomas", "anonymous") if thin else tuple(MAY)
    wrong = sweep(world, [name for name in NAMES if name.startswith("admin:")], methods=methods, persons=persons)
    assert not wrong, f"\n{told(wrong)}"
