"""The figures that anyone may check, on the real census."""

import pytest

from maillage.cli.main import main
from maillage.network.observatory import queries
from tests.conftest import NOW
from tests.network.observatory.told import plainly

pytestmark = [pytest.mark.data, pytest.mark.usefixtures("small_ground")]


def test_the_census_of_2019_says_46_1_percent_and_why_not_another_number(data_dir, capsys):
    assert main(["import", str(data_dir / "CGET_TiersLieux_2019.csv")]) == 0
    capsys.readouterr()
    assert main(["count", "outside-metropoles"]) == 0
    lines = plainly(capsys.readouterr().out).splitlines()
    assert lines[1] == "675 sur 1 463, soit 46,1 %"
    text = " ".join(line.strip() for line in lines)
    for sentence in (
        "1 463 et non 1 512 : le fichier publié tient 1 512 lignes, dont 49 sans type (colonne TYPO vide), numérotées "
        "de 1464 à 1512, à la suite des autres qui s’arrêtent à 1463. Elles ont été ajoutées après la mission, qui ne "
        "les a pas comptées. Sur les 1 512 lignes, la part serait de 45,4 % (686 lieux).",
        "1 463 et non 1 800 : 1 800 est le nombre arrondi de la préface du rapport de 2018 (« près de ») ; aucune "
        "liste connue ne le porte, il ne peut donc pas être recompté.",
        "675 et non 674 : la mission annonçait 674 lieux hors métropoles ; le fichier qu’elle a publié en donne 675.",
        "Manquants : Lieux de cette population dont la colonne METRO n’est ni 0 ni 1 : 0",
    ):
        assert sentence in text
    assert "on n’en tient ici que" not in text
    coworking = queries.count("census-coworking", today=NOW.date())
    assert (coworking.numerator, coworking.denominator, round(coworking.share, 3)) == (1118, 1463, 0.764)
    known = [count_of(where) for where in ("reg:11", "reg:27", "reg:52")]
    assert all(known) and sum(known) < 1463


def count_of(where: str) -> int:
    return queries.count("census-coworking", today=NOW.date(), where=where).denominator or 0
