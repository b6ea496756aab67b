import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maillage.places.rules.fields import BadValue, check, read_field
from maillage.places.rules.phones import BadNumber, dialled, in_words, read_number

typed = st.text(alphabet="0123456789+ ().-/", max_size=30) | st.text(max_size=45)


@given(typed)
def test_a_number_read_is_read_again_as_itself_and_can_be_called(text: str) -> None:
    try:
        number = read_number(text)
    except BadNumber as bad:
        assert bad.problem and bad.mend
        return
    assert read_number(number) == in_words(number) == number
    assert re.fullmatch(r"\+[1-9][0-9]{6,14}|0[1-9][0-9]{8}|1[0-9]{1,2}|[13][0-9]{3}|11[68][0-9]{3}", dialled(number))


@given(typed)
def test_any_kept_text_is_called_or_is_no_link(text: str) -> None:
    assert re.fullmatch(r"(\+[1-9][0-9]{6,14}|0[1-9][0-9]{8}|[0-9]{2,6})?", dialled(text))


@pytest.mark.parametrize(
    "text",
    [
        "0353013993",
        "03.53.01.39.93",
        "03-53-01-39-93",
        "03\u201153\u201101\u201139\u201193",
        "(03) 53 01 39 93",
        "+33 3 53 01 39 93",
        "+33 (0)3 53 01 39 93",
        "+33 (0) 353013993",
        "0033353013993",
        "00 33 (0)3 53 01 39 93",
        "33353013993",
    ],
)
def test_a_french_number_is_kept_in_one_writing(text: str) -> None:
    kept = read_field("phone", text)
    assert (kept, dialled(kept)) == ("03 53 01 39 93", "+33353013993")


@pytest.mark.parametrize(
    ("text", "kept", "called"),
    [
        ("+262 262 12 34 56", "02 62 12 34 56", "+262262123456"),
        ("+262 (0)692123456", "06 92 12 34 56", "+262692123456"),
        ("0590 12 34 56", "05 90 12 34 56", "+590590123456"),
        ("05 08 41 12 34", "05 08 41 12 34", "+508411234"),
        ("00508411234", "+508 41 12 34", "+508411234"),
        ("+687 25 83 00", "+687 25 83 00", "+687258300"),
        ("+689 40 12 34 56", "+689 40 12 34 56", "+68940123456"),
        ("0041 22 123 45 67", "+41221234567", "+41221234567"),
        ("+41 (22) 123-45-67", "+41 22 123 45 67", "+41221234567"),
        ("09 76 12 34 56", "09 76 12 34 56", "0976123456"),
        ("3949", "3949", "3949"),
        ("118 218", "118 218", "118218"),
    ],
)
def test_each_shore_is_called_by_its_own_code(text: str, kept: str, called: str) -> None:
    assert (read_field("phone", text), dialled(kept)) == (kept, called)


TWO = (
    "ce champ ne tient qu’un numéro, celui que l’on appelle d’un geste",
    "gardez ici celui où l’on répond le mieux, et dites l’autre dans la présentation",
)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("03 53 01 39 93 / 06 12 34 56 78", TWO),
        ("03 53 01 39 93 ou 06 12 34 56 78", TWO),
        ("0353013993 0612345678", TWO),
        ("+33353013993, +33612345678", TWO),
        ("+262 262 12 34 56 - 0692 12 34 56", TWO),
        (
            "03 53 01 39 9",
            ("il manque des chiffres à ce numéro", "écrivez les dix, ou +687… pour un numéro d’outre-mer"),
        ),
        (
            "03 53 01 39 93 4",
            ("il y a trop de chiffres dans ce numéro", "écrivez les dix, ou +687… pour un numéro d’outre-mer"),
        ),
        (
            "+33 3 53 01 39",
            ("il manque des chiffres à ce numéro", "écrivez-en neuf après +33 : +33 3 84 00 00 00"),
        ),
        (
            "+33 3 53 01 39 93 45",
            ("il y a trop de chiffres dans ce numéro", "écrivez-en neuf après +33 : +33 3 84 00 00 00"),
        ),
        ("0000000000", ("numéro illisible", "écrivez 03 84 00 00 00 ou +33 3 84 00 00 00")),
        ("appelez-moi", ("numéro illisible", "écrivez 03 84 00 00 00 ou +33 3 84 00 00 00")),
    ],
)
def test_what_nobody_can_call_is_refused_with_its_mend(text: str, said: tuple[str, str]) -> None:
    with pytest.raises(BadValue) as bad:
        read_field("phone", text)
    assert (str(bad.value.problem), str(bad.value.mend)) == said


@pytest.mark.parametrize("text", ["03 53 01 39 93 / 06 12 34 56 78", "+33384000000", "0353013993"])
def test_a_file_keeps_its_own_writing(text: str) -> None:
    assert check({"name": "La Maille", "commune": "39093", "phone": text}).values["phone"] == text
    assert dialled(text) in ("+33353013993", "+33384000000")
