from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maillage.network.observatory.rules.filters import DefinitionError, Test, holds, months_before, parse_filter
from tests.network.observatory.told import plainly

TODAY = date(2026, 11, 22)
WRONG = [
    ({"couleur": {"known": True}}, "count.where.couleur : propriété inconnue. Propriétés d’un lieu : status, "
     "third_place, duplicate, commune, inhabitants, density, region, metropole, opened, closed, confirmed, activities, "
     "services, labels, sources."),
    ({"status": {"known": True}}, "count.where.status : « known » ne va pas ici. Conditions : in, not_in."),
    ({"status": {"in": ["ouvert"]}}, "count.where.status.in : valeur inconnue : 'ouvert'. "
     "Valeurs : project, open, dormant, closed."),
    ({"density": {"in": [8]}}, "count.where.density.in : valeur inconnue : 8. Valeurs : 1, 2, 3, 4, 5, 6, 7."),
    ({"density": {"in": [True]}}, "count.where.density.in : valeur inconnue : True. "
     "Valeurs : 1, 2, 3, 4, 5, 6, 7."),
    ({"metropole": {"in": [1]}}, "count.where.metropole.in : valeur inconnue : 1. Valeurs : true, false."),
    ({"opened": {"in": [1492]}}, "count.where.opened.in : valeur inconnue : 1492. Valeurs : de 1900 à 2100."),
    ({"density": {"in": []}}, "count.where.density.in : il faut une liste d’au moins une valeur ; reçu : []."),
    ({"region": {"in": [27]}}, "count.where.region.in : il faut du texte entre guillemets ; reçu : 27."),
    ({"commune": {"known": "oui"}}, "count.where.commune.known : il faut true ou false ; reçu : 'oui'."),
    ({"confirmed": {"within_months": 0}}, "count.where.confirmed.within_months : il faut un nombre de mois, "
     "de 1 à 1200 ; reçu : 0."),
    ({"confirmed": {"within_months": True}}, "count.where.confirmed.within_months : il faut un nombre de mois, "
     "de 1 à 1200 ; reçu : True."),
    ({"status": "open"}, "count.where.status : il faut une condition, par exemple { known = true }."),
    (["status"], "count.where : il faut une table, par exemple { status = { in = ['open'] } }."),
]  # fmt: skip


@pytest.mark.parametrize(("given", "said"), WRONG)
def test_what_is_not_of_the_vocabulary_is_refused_with_what_is(given, said):
    with pytest.raises(DefinitionError) as refused:
        parse_filter(given, "count.where", columns=False)
    assert plainly(refused.value) == said


def test_columns_of_a_file_have_any_name_and_text_only():
    assert parse_filter({"METRO": {"in": ["0"]}}, "count.counted", columns=True) == (Test("METRO", "in", ("0",)),)
    with pytest.raises(DefinitionError) as refused:
        parse_filter({"METRO": {"in": [0]}}, "count.counted", columns=True)
    assert plainly(refused.value) == "count.counted.METRO.in : il faut du texte entre guillemets ; reçu : 0."


levels = st.one_of(st.none(), st.integers(1, 7))
lists = st.lists(st.integers(1, 7), min_size=1, max_size=7, unique=True).map(tuple)


@given(levels, lists)
def test_what_is_known_is_in_a_list_or_out_of_it_and_the_unknown_neither(level, listed):
    said = [
        holds((Test("density", operator, listed),), {"density": level}, today=TODAY) for operator in ("in", "not_in")
    ]
    assert sum(said) == (level is not None)
    known = holds((Test("density", "known", True),), {"density": level}, today=TODAY)
    assert known == (level is not None) != holds((Test("density", "known", False),), {"density": level}, today=TODAY)


@given(levels, lists, lists)
def test_every_condition_must_hold(level, one, other):
    cell = {"density": level}
    both = holds((Test("density", "in", one), Test("density", "in", other)), cell, today=TODAY)
    assert both == all(holds((Test("density", "in", each),), cell, today=TODAY) for each in (one, other))


def test_the_blank_cell_of_a_file_is_not_known_and_out_of_every_list():
    assert holds((Test("METRO", "not_in", ("0", "1")),), {"METRO": ""}, today=TODAY)
    assert holds((Test("METRO", "known", False),), {"METRO": ""}, today=TODAY)


days = st.dates(date(1900, 1, 1), date(2100, 1, 1))


@given(days, st.integers(1, 1200))
def test_months_before_is_that_many_months_before(day, months):
    before = months_before(day, months)
    assert (day.year * 12 + day.month) - (before.year * 12 + before.month) == months
    assert before.day == day.day or (before.day < day.day and months_before(day.replace(day=28), months).day == 28)


@given(days, st.integers(1, 48), st.integers(-1500, 1500))
def test_confirmed_within_months_is_neither_older_nor_to_come(today, months, away):
    day = date.fromordinal(min(max(today.toordinal() + away, 1), date.max.toordinal()))
    said = holds((Test("confirmed", "within_months", months),), {"confirmed": day}, today=today)
    assert said == (months_before(today, months) <= day <= today)
    wider = holds((Test("confirmed", "within_months", months + 12),), {"confirmed": day}, today=today)
    assert wider or not said
