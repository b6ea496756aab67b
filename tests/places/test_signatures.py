import re

import pytest

from maillage.places.views.field_wording import author, by_whom


@pytest.mark.parametrize(
    ("by", "said", "after_by"),
    [
        ("compte:12:facilitator", "L’équipe du lieu", "l’équipe du lieu"),
        ("compte:12:colleague", "L’équipe du lieu", "l’équipe du lieu"),
        ("compte:12:network_officer", "Le réseau", "le réseau"),
        ("compte:12:operator", "L’exploitant du site", "l’exploitant du site"),
        ("compte:12:observer", "Un observateur", "un observateur"),
        ("compte:12:a_role_of_tomorrow", "Un compte du site", "un compte du site"),
        ("compte:12", "Un compte du site", "un compte du site"),
        ("cle:4:colleague", "Un programme du lieu", "un programme du lieu"),
        ("commande:import", "Import d’un fichier", "import d’un fichier"),
        ("Nadine, animatrice", "Nadine, animatrice", "Nadine, animatrice"),
    ],
)
def test_a_signature_tells_a_function_and_no_account(by: str, said: str, after_by: str) -> None:
    assert (author(by), by_whom(by)) == (said, after_by)
    assert not re.search(r"[0-9]|compte:", author(by))
