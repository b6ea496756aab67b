import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from maillage.accounts.rules.passwords import STEMS, easy_to_guess

FAMILIAR = (
    "Ce mot de passe est de ceux qu’on essaie en premier\u202f: prenez plutôt quelques mots sans rapport entre eux."
)


@pytest.mark.parametrize(
    "password",
    [
        "motdepasse123",
        "Motdepasse2026!",
        "m0tdep@sse1234",
        "mot de passe 12",
        "azertyuiop12",
        "Bonjour12345!",
        "a" * 14,
    ],
)
def test_what_everybody_tries_is_refused(db: None, password: str) -> None:
    with pytest.raises(ValidationError) as refused:
        validate_password(password)
    assert FAMILIAR in refused.value.messages


@pytest.mark.parametrize(
    "password", ["quatre mots sans rapport", "bonjour vieux tilleul bleu", "le mot de passe du grenier", "Zx7!kq2PvB9#"]
)
def test_what_holds_more_than_that_is_taken(db: None, password: str) -> None:
    validate_password(password)


@given(st.sampled_from(STEMS), st.text("0123456789!?-. ", max_size=8))
def test_figures_and_signs_around_one_add_nothing(stem: str, around: str) -> None:
    assert easy_to_guess(f"{around}{stem.capitalize()}{around}")


@given(st.text(max_size=60))
def test_any_text_is_judged(text: str) -> None:
    assert easy_to_guess(text) in (True, False)


def test_the_form_says_so(folk, coded, client_of) -> None:
    client = coded(folk.nadine.email)
    chosen = {"password1": "motdepasse123", "password2": "motdepasse123"}
    answer = client.post(reverse("account_set_password"), chosen)
    assert answer.context["form"].errors == {"password1": [FAMILIAR]}
    folk.nadine.user.refresh_from_db()
    assert not folk.nadine.user.has_usable_password()
