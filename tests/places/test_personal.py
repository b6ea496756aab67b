from hypothesis import given
from hypothesis import strategies as st

from maillage.places.rules.personal import LONGEST, MOST, without_personal_data


def test_a_row_of_the_2019_census() -> None:
    row = {
        "NOM_TL": "La Poche",
        "CONTACT": "Jeanne",
        "MAIL": "jeanne@exemple.fr",
        "TWITTER": "@jeanne",
        "Téléphone": "03 84 00 00 00",
        "REMARQUE": "appeler Jeanne au 03.84.00.00.00",
        "LAT": 46.9,
        "WEB": None,
        "ateliers": "bois",
        "Contact_tel": "inconnu",
    }
    assert without_personal_data(row) == {"NOM_TL": "La Poche", "LAT": "46.9", "ateliers": "bois"}


def test_a_long_cell_is_cut() -> None:
    assert without_personal_data({"a": "x" * 500}) == {"a": "x" * LONGEST + "…"}


@given(st.dictionaries(st.text(max_size=100), st.text(max_size=300) | st.integers() | st.none(), max_size=80))
def test_no_address_ever_shows(raw: dict[str, object]) -> None:
    mail = {f"note {i}": f"x{i}@exemple.fr" for i in range(3)}
    shown = without_personal_data({**mail, **raw})
    assert len(shown) <= MOST
    assert not set(shown) & set(mail) - set(raw)
