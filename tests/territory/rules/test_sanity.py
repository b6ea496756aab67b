from dataclasses import replace

import pytest

from maillage.territory.rules.draft import CommuneRow, FormerRow, GroundDraft, GroundRefused
from maillage.territory.rules.sanity import check
from tests.territory.drafts import CHAMBLAY, small_draft

END = ". Le fond actuel reste en place. Reprenez le fichier à sa source, puis relancez la même commande."


def national(count: int = 30_000, population: int = 2_200) -> GroundDraft:
    communes = tuple(replace(CHAMBLAY, code=f"{n:05d}", population=population) for n in range(count))
    return replace(small_draft(), communes=communes, former=(), national=True)


def test_a_sound_ground_passes() -> None:
    check(small_draft())
    check(national())


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"communes": (CHAMBLAY, CHAMBLAY)}, "des codes de commune reviennent deux fois : 39093"),
        ({"communes": (replace(CHAMBLAY, code="39X93"),)}, "des codes ne sont pas des codes Insee : 39X93"),
        ({"communes": (replace(CHAMBLAY, name=" "),)},
         "des communes n’ont pas de nom, ou un nom de plus de 80 signes : 39093"),
        ({"communes": (replace(CHAMBLAY, departement="99"),)},
         "des communes sont dans un département inconnu : 39093 (99)"),
        ({"departements": {"39": ("Jura", "99")}}, "des départements sont dans une région inconnue : 39"),
        ({"communes": (replace(CHAMBLAY, epci="1" * 9),)},
         "des communes sont dans une intercommunalité inconnue : 39093 (111111111)"),
        ({"communes": (replace(CHAMBLAY, postal_codes=("3938",)),)},
         "des codes postaux n’ont pas cinq chiffres : 39093 (3938)"),
        ({"former": (FormerRow("39999", "39093"), FormerRow("39999", "39370"))},
         "des anciens codes reviennent deux fois : 39999"),
        ({"former": (FormerRow("39999", "00000"),)},
         "des anciens codes mènent à une commune inconnue : 39999 → 00000"),
        ({"former": (FormerRow("39370", "39093"),)},
         "des anciens codes sont aussi ceux d’une commune d’aujourd’hui : 39370"),
        ({"communes": (replace(CHAMBLAY, lat=5.7, lon=46.9),)},
         "des centres de commune sont hors de France, ou loin de leur département d’outre-mer : 39093 (5.7, 46.9)"),
        ({"communes": (replace(CHAMBLAY, lat=float("nan")),)},
         "des centres de commune sont hors de France, ou loin de leur département d’outre-mer : 39093 (nan, 5.7035)"),
        ({"communes": (replace(CHAMBLAY, lon=None),)},
         "des centres de commune sont hors de France, ou loin de leur département d’outre-mer : 39093 (46.9915, None)"),
    ],
)  # fmt: skip
def test_a_broken_ground_is_refused_in_words(changes: dict, why: str) -> None:
    draft = replace(small_draft(), **({"former": ()} | changes))
    with pytest.raises(GroundRefused) as refusal:
        check(draft)
    assert str(refusal.value) == f"Petit fond : {why}{END}"


@pytest.mark.parametrize(
    ("draft", "why"),
    [
        (national(29_999), "29999 communes, alors que la France en compte entre 30000 et 45000"),
        (national(population=3), "90000 habitants en tout, alors qu’on en attend entre 55000000 et 90000000"),
    ],
)
def test_a_national_ground_must_look_like_france(draft: GroundDraft, why: str) -> None:
    with pytest.raises(GroundRefused) as refusal:
        check(draft)
    assert str(refusal.value) == f"Petit fond : {why}{END}"


def test_most_communes_must_have_a_centre() -> None:
    draft = national()
    without = [replace(c, lat=None, lon=None, centre_kind="") for c in draft.communes[:1501]]
    with pytest.raises(GroundRefused, match="1501 communes sur 30000 n’ont pas de centre"):
        check(replace(draft, communes=(*without, *draft.communes[1501:])))


def test_many_cases_are_counted_not_listed() -> None:
    communes = tuple(CommuneRow(code=f"3900{n}", name="", departement="39") for n in range(9))
    with pytest.raises(GroundRefused, match="39000, 39001, 39002 et 6 autres"):
        check(replace(small_draft(), communes=communes, former=()))
