import re
from pathlib import Path

import pytest

from maillage.network.observatory.rules.definitions import FOLDER, LONGEST_FILE, definitions, parse, read_file
from maillage.network.observatory.rules.filters import DefinitionError
from tests.network.observatory.told import COUNT, HEAD, WORDS, definition, plainly

SOURCE = (
    '[count]\nof = "source"\nsource = "cget-2019"\ndated = "2019-06"\npublished = 2019-06-13\nduplicates = "rows"\n'
    'over = "all"\n'
)
WHOLE = f"{HEAD}{COUNT}\n{WORDS}\n"
KEYS = (
    "by, compared, counted, dated, duplicates, minutes, missing, of, over, per, published, rows, source, territory, "
    "where"
)
WRONG = [
    (WHOLE.replace('slug = "essai"', ""), "slug manque : il faut un texte."),
    (
        WHOLE.replace('"essai"', '"Mon essai"'),
        "slug : lettres minuscules, chiffres et traits d’union seulement ; reçu : « Mon essai ».",
    ),
    (f"couleur = 1\n{WHOLE}", "couleur : clé inconnue. Clés : answer, count, en, family, figures, fr, order, slug."),
    (f"{HEAD}{WORDS}", "[count] manque : c’est lui qui dit ce qui est compté."),
    (WHOLE.replace("over =", "sur ="), f"count.sur : clé inconnue. Clés : {KEYS}."),
    (WHOLE.replace('over = "all"', ""), "count.over : manque. Valeurs : all, known, inhabitants."),
    (
        WHOLE.replace('over = "all"', 'over = "tout"'),
        "count.over : valeur inconnue : 'tout'. Valeurs : all, known, inhabitants.",
    ),
    (
        WHOLE.replace('duplicates = "places"', 'duplicates = "rows"'),
        "count.duplicates : valeur inconnue : 'rows'. Valeurs : places.",
    ),
    (
        WHOLE.replace('answer = "number"', 'answer = "mean"'),
        "answer : valeur inconnue : 'mean'. Valeurs : number, share, rate.",
    ),
    (WHOLE.replace("[en]", "[de]"), "de : clé inconnue. Clés : answer, count, en, family, figures, fr, order, slug."),
    (WHOLE[: WHOLE.index("[en]")], "[en] manque : une définition s’écrit en fr et en en."),
    (WHOLE.replace('denominator = "denominator fr"', ""), "fr.denominator manque : il faut un texte."),
    (WHOLE.replace('"missing en"', '" "'), "en.missing manque : il faut un texte."),
    (WHOLE + 'caveats = "non"\n', "en.caveats : il faut une liste de phrases."),
    (
        WHOLE + 'caveats = ["{tout} lieux"]\n',
        "en : {tout} n’est pas un chiffre. Chiffres : denominator, missing, numerator, share.",
    ),
    (
        WHOLE.replace('"title fr"', '"{numerator} lieux"'),
        "fr.title : un chiffre entre accolades ne va que dans caveats et explains.",
    ),
    ("slug = essai", "ce n’est pas du TOML : Invalid value (at line 1, column 8)."),
]  # fmt: skip
WRONG_COUNTS = [
    ('by = ["age"]', "count.by : dimension inconnue : 'age'. Dimensions : status, source, density, region, "
     "metropole, opened, closed."),
    ("per = 0", "count.per : il faut un nombre entier d’au moins 1 ; reçu : 0."),
    ('per = 1000\nby = ["opened"]', "count.by : pour tant d’habitants, on ne compte que par density, region, "
     "metropole."),
    ('source = "x"', "count.source ne va qu’avec count.of = « source »."),
    ('territory = ["bv"]', "count.territory : nature inconnue : 'bv'. Natures : commune, epci, dep, reg."),
    ('territory = { reg = "X" }', "count.territory : il faut une liste, par exemple ['dep', 'reg']."),
    ("[figures.numerator]\nsaid = 1", "figures.numerator : il faut une table, sous un autre nom que numerator, "
     "denominator, missing, share."),
    ("[figures.x]\nlowest = 'ID'", "figures.x : un chiffre est compté (where), dit par d’autres (said) ou une "
     "part (part, of)."),
    ("[figures.x]\nsaid = 1800", "figures.x.by manque : il faut un texte."),
    ("[figures.x]\npart = 'y'\nof = 'z'", "figures.x.part : valeur inconnue : 'y'. Valeurs : ."),
]  # fmt: skip


@pytest.mark.parametrize(("text", "said"), WRONG)
def test_what_is_wrong_is_told_with_its_place(text, said):
    with pytest.raises(DefinitionError) as refused:
        parse(text)
    assert plainly(refused.value) == said


@pytest.mark.parametrize(("lines", "said"), WRONG_COUNTS)
def test_what_is_counted_wrong_is_told_with_its_place(lines, said):
    with pytest.raises(DefinitionError) as refused:
        definition(lines)
    assert plainly(refused.value) == said


@pytest.mark.parametrize(
    ("answer", "over", "more", "said"),
    [
        ("rate", "all", "per = 1000", "count.over : « inhabitants » va avec answer = « rate », et lui seul."),
        ("number", "inhabitants", "", "count.over : « inhabitants » va avec answer = « rate », et lui seul."),
        ("rate", "inhabitants", "", "count.per manque : un taux se dit pour tant d’habitants, sur les lieux du "
         "registre."),
        ("share", "all", "", "count.counted manque : une part dit de quoi."),
        ("number", "known", "", "count.missing manque : « known » divise par ceux dont on sait, "
         "il faut dire qui ne l’est pas."),
    ],
)  # fmt: skip
def test_parts_that_contradict_each_other_are_refused(answer, over, more, said):
    with pytest.raises(DefinitionError) as refused:
        definition(more, head=HEAD.replace("number", answer), base=COUNT.replace("all", over))
    assert plainly(refused.value) == said


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (SOURCE.replace("2019-06-13", '"juin"'), "count.published : il faut une date sans guillemets, 2019-06-13 ; "
         "reçu : 'juin'."),
        (SOURCE.replace('source = "cget-2019"\n', ""), "count.source manque : il faut un texte."),
        (SOURCE + 'by = ["density"]\n', "count.by : dimension inconnue : 'density'. "
         "Dimensions : aucune pour les lignes d’un fichier."),
        (SOURCE + 'territory = ["reg"]\n', "count.territory : il faut une table { reg = 'COLONNE' }."),
    ],
)  # fmt: skip
def test_the_rows_of_a_file_are_asked_for_otherwise(given, said):
    with pytest.raises(DefinitionError) as refused:
        definition(base=given)
    assert plainly(refused.value) == said
    assert definition(base=SOURCE).source_slug == "cget-2019"


def test_a_file_is_named_in_what_is_wrong_with_it(tmp_path):
    path = tmp_path / "mien.toml"
    path.write_text(WHOLE.replace('over = "all"', ""), encoding="utf-8")
    with pytest.raises(DefinitionError) as refused:
        read_file(path)
    assert plainly(refused.value) == "mien.toml : count.over : manque. Valeurs : all, known, inhabitants."
    path.write_bytes(b"slug = '\xe9'")
    with pytest.raises(DefinitionError) as refused:
        read_file(path)
    assert plainly(refused.value) == "mien.toml : ce n’est pas du texte en UTF-8."
    path.write_text("#" * (LONGEST_FILE + 1), encoding="utf-8")
    with pytest.raises(DefinitionError) as refused:
        read_file(path)
    assert plainly(refused.value) == "mien.toml : plus de 40000 signes ; une définition est courte."


def test_the_definition_of_a_file_says_how_to_count_it_again(tmp_path):
    path = tmp_path / "mien.toml"
    path.write_text(WHOLE, encoding="utf-8")
    assert read_file(path).command == f"maillage count {path}"
    assert definitions()["rural"].command == "maillage count rural"


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.toml")), ids=lambda path: path.stem)
def test_no_figure_is_written_by_hand_where_one_is_counted(path: Path):
    """Numbers of the census, and those of others, are counted or named with who said them."""
    for language in ("fr", "en"):
        words = read_file(path).told(language)
        for sentence in (*words.explains, *words.caveats, words.population, words.numerator, words.denominator):
            plain = re.sub(r"\{\w+\}|2018-2019|\b20\d\d\b|100[ ,]000|22|METRO \w+ 0|ni 0 ni 1", "", sentence)
            assert not re.search(r"\d{2,}", plain), sentence
