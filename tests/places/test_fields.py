import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maillage.places.rules.drafts import FIELDS
from maillage.places.rules.fields import LENGTHS, BadValue, FieldProblem, box_of, check, read_field

GOOD = {"name": "La Maille", "lat": 46.9915, "lon": 5.7035}
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from(FIELDS) | st.text(max_size=10), anything))
def test_nothing_makes_it_fall_and_what_it_keeps_is_bounded(values: dict[str, Any]) -> None:
    checked = check(values)
    json.dumps(checked.values, allow_nan=False)
    for field, length in LENGTHS.items():
        assert len(checked.values.get(field, "")) <= length
    if "lat" in checked.values:
        assert box_of(checked.values["lat"], checked.values["lon"])
    for problem in checked.problems:
        assert problem.problem
        assert problem.mend


@given(st.dictionaries(st.sampled_from(FIELDS), anything))
def test_what_it_keeps_it_keeps_again(values: dict[str, Any]) -> None:
    once = check({**GOOD, **values})
    if not once.refused:
        assert check(once.values).values == once.values


@given(st.floats(allow_nan=True, allow_infinity=True), st.floats(allow_nan=True, allow_infinity=True))
def test_a_point_is_kept_only_on_french_soil(lat: float, lon: float) -> None:
    checked = check({"name": "x", "lat": lat, "lon": lon})
    assert checked.refused == (not math.isfinite(lat + lon) or "lat" not in checked.values)


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        (
            {"name": "x", "lat": 0, "lon": 0},
            FieldProblem(
                "lat",
                "0.0, 0.0",
                "le point 0, 0 est en mer, au large du Ghana",
                "videz les coordonnées ou donnez les vraies",
                fatal=True,
            ),
        ),
        (
            {"name": "x", "lat": 5.7035, "lon": 46.9915},
            FieldProblem(
                "lat",
                "5.7035, 46.9915",
                "latitude et longitude semblent échangées",
                "essayez latitude 46.9915 et longitude 5.7035",
                fatal=True,
            ),
        ),
        (
            {"name": "x", "lat": "46.9"},
            FieldProblem(
                "lat", "", "une seule des deux coordonnées est donnée", "donnez latitude et longitude", fatal=True
            ),
        ),
        (
            {"lat": 46.9, "lon": 5.7},
            FieldProblem("name", "", "le nom manque", "donnez un nom au lieu", fatal=True),
        ),
        (
            {"name": "a\x00b", "lat": 46.9, "lon": 5.7},
            FieldProblem("name", "ab", "contient un caractère nul", "supprimez le caractère nul", fatal=True),
        ),
        (
            {"name": "x"},
            FieldProblem(
                "commune",
                "",
                "le lieu ne peut pas être situé",
                "donnez une latitude et une longitude, ou le code Insee de la commune",
                fatal=True,
            ),
        ),
    ],
)
def test_a_row_is_refused_with_its_reason_and_its_mend(values: dict[str, Any], problem: FieldProblem) -> None:
    assert check(values).problems == (problem,)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("website", "javascript:alert(1)"),
        ("website", "https://user:secret@exemple.fr"),
        ("website", 'https://exemple.fr/" onload=x'),
        ("website", "ftp://exemple.fr"),
        ("email", "nadine@@exemple.fr"),
        ("email", "a@b.fr\r\nBcc: tous@exemple.fr"),
        ("phone", "appelez Nadine"),
        ("siret", "12345678901234"),
        ("opened_on", "2019-02-30"),
        ("opened_on", "juin 2019"),
        ("postal_code", "1400"),
        ("commune", "1001"),
        ("capacity", "1E1000000"),
        ("capacity", "-3"),
        ("status", "ouvert"),
    ],
)
def test_a_bad_optional_value_is_dropped_and_told_while_the_place_stays(field: str, value: str) -> None:
    checked = check({**GOOD, field: value})
    assert not checked.refused
    assert field not in checked.values
    assert [problem.field for problem in checked.problems] == [field]


def test_unknown_words_are_told_and_known_ones_kept_in_the_order_of_the_vocabulary() -> None:
    checked = check({**GOOD, "activities": ["cafe", "piscine", "coworking"]})
    assert checked.values["activities"] == ["coworking", "cafe"]
    assert [(p.field, p.value, p.problem) for p in checked.problems] == [("activities", "piscine", "mot inconnu")]


def test_a_true_siret_is_kept_that_of_la_poste_too() -> None:
    assert check({**GOOD, "siret": "732 829 320 00074"}).values["siret"] == "73282932000074"
    assert check({**GOOD, "siret": "35600000000048"}).values["siret"] == "35600000000048"


def test_the_greenwich_meridian_has_one_zero() -> None:
    assert str(check(GOOD | {"lat": 49.3, "lon": "-0.0"}).values["lon"]) == "0.0"


INVISIBLE = ["\u202e", "\u2066", "\u2069", "\u200b", "\u200d", "\u00ad", "\u2060", "\u061c", "\ufeff", "\u3164", "\x01"]


@pytest.mark.parametrize("sign", INVISIBLE, ids=lambda sign: f"U+{ord(sign):04X}")
@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("website", "https://exa{}mple.fr"),
        ("website", "https://exemple.fr/a{}b"),
        ("links", "https://exemple.fr/a{}b"),
        ("email", "na{}dine@exemple.fr"),
        ("email", "nadine@exem{}ple.fr"),
        ("phone", "03 84{} 00 00 00"),
    ],
)
def test_an_address_holds_no_sign_that_nobody_sees(field: str, text: str, sign: str) -> None:
    given = text.format(sign)
    with pytest.raises(BadValue) as bad:
        read_field(field, [given] if field == "links" else given)
    said = (bad.value.problem, bad.value.mend)
    assert said == (f"contient un signe invisible (U+{ord(sign):04X})", "retapez-le à la main, sans le coller")
    around = f"{sign} {text.format('')}{sign}"
    plain = text.format("")
    assert read_field(field, [around] if field == "links" else around) == ([plain] if field == "links" else plain)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("La \u202eMaille", "La Maille"),
        ("La\u200b Mai\u00adlle\u2069", "La Maille"),
        ("مقهى القرية", "مقهى القرية"),
        ("\u200fבית הכפר\u200f", "\u200fבית הכפר\u200f"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("L’atelier 👩\u200d🌾", "L’atelier 👩\u200d🌾"),
        ("\u200b", ""),
        ("\u200f \u200f", ""),
        ("\u2800\u3164", ""),
    ],
)
def test_a_name_keeps_what_its_writing_needs_and_no_other_invisible_sign(given: str, kept: str) -> None:
    assert read_field("name", given) == kept
