import random
import string
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maillage.territory.rules.index import Entry, Index, obvious
from maillage.territory.rules.names import fold
from maillage.territory.sources.folder import FolderSource
from tests.ground import COMMUNES, FORMER
from tests.territory.typos import edits

NAMES = {code: name for code, name, *_ in COMMUNES}
EVERYTHING = 100_000


def entries() -> list[Entry]:
    found = [
        Entry(
            kind="commune",
            code=code,
            name=name,
            context=f"({departement})",
            population=population,
            lat=lat,
            lon=lon,
            departement=departement,
            postal_codes=tuple(postal),
            former_codes=tuple(old for old, _, today in FORMER if today == code),
            former_names=tuple(old_name for _, old_name, today in FORMER if today == code),
        )
        for code, name, departement, _, population, lat, lon, _, _, _, postal in COMMUNES
    ]
    found += [
        Entry("commune", "45024", "Baule", departement="45", population=2_000, postal_codes=("45130",)),
        Entry("commune", "44055", "La Baule-Escoublac", departement="44", population=16_000),
        Entry("commune", "72181", "Le Mans", departement="72", population=145_000),
        Entry("commune", "93073", "Stains", departement="93", population=38_000),
        Entry("commune", "80829", "Y", departement="80", population=90),
        Entry("commune", "39380", "Mont-sous-Vaudrey", departement="39", population=1_200, postal_codes=("39380",)),
        Entry("dep", "39", "Jura", population=258_000),
        Entry("dep", "974", "La Réunion", population=880_000),
        Entry("reg", "04", "La Réunion", population=880_000),
        Entry("epci", "243900420", "CC du Val d'Amour", population=9_000),
        Entry("epci", "200069821", "CA Fécamp Caux Littoral Agglomération", population=38_000),
        Entry("epci", "244400404", "Nantes Métropole", population=680_000),
    ]
    return found


INDEX = Index(entries())


def found(text: str, limit: int = 8) -> list[str]:
    return [hit.reference for hit in INDEX.search(text, limit=limit)]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("Chamblay", "commune-39093"),
        ("chamblay", "commune-39093"),
        ("CHAMBLAY", "commune-39093"),
        ("chamb", "commune-39093"),
        ("chanblay", "commune-39093"),
        ("chablay", "commune-39093"),
        ("chammblay", "commune-39093"),
        ("hcamblay", "commune-39093"),
        ("st brevin", "commune-44154"),
        ("Saint-Brévin les pins", "commune-44154"),
        ("saintbrevinlespins", "commune-44154"),
        ("sant brevin", "commune-44154"),
        ("brevin", "commune-44154"),
        ("mans", "commune-72181"),
        ("la mans", "commune-72181"),
        ("la baule", "commune-44055"),
        ("baule", "commune-45024"),
        ("st-ains", "commune-93073"),
        ("besancon", "commune-25056"),
        ("Bezançon", "commune-25056"),
        ("39330", "commune-39370"),
        ("39093", "commune-39093"),
        ("39 093", "commune-39093"),
        ("75110", "commune-75056"),
        ("paris 10", "commune-75056"),
        ("Paris 10e arrondissement", "commune-75056"),
        ("jura", "dep-39"),
        ("39", "dep-39"),
        ("974", "dep-974"),
        ("val d'amour", "epci-243900420"),
        ("243900420", "epci-243900420"),
        ("Mouchard (39)", "commune-39370"),
        ("39330 mouchard", "commune-39370"),
        ("saint-leu 974", "commune-97413"),
        ("cc du val d'amour", "epci-243900420"),
        ("Communauté de communes du Val d’Amour", "epci-243900420"),
        ("CC val d'am", "epci-243900420"),
        ("agglo de fécamp", "epci-200069821"),
        ("CA Fécamp", "epci-200069821"),
        ("nantes métropole", "epci-244400404"),
        ("métropole de nantes", "epci-244400404"),
        ("Nantes", "commune-44109"),
        ("chamblay jura", "commune-39093"),
        ("chamblay 39", "commune-39093"),
        ("Chamblay (Jura)", "commune-39093"),
        ("chamblay dans le jura", "commune-39093"),
        ("saint-leu de la reunion", "commune-97413"),
        ("saint leu la réunion", "commune-97413"),
    ],
)
def test_what_people_type_finds_what_they_mean(text: str, first: str) -> None:
    assert found(text)[:1] == [first]


def test_exact_comes_before_begun_before_a_word_before_a_typo() -> None:
    ranked = Index(
        [
            Entry("commune", "1", "Vaudrey", population=1),
            Entry("commune", "2", "Vaudrey-le-Grand", population=10),
            Entry("commune", "3", "Mont-sous-Vaudrey", population=100),
            Entry("commune", "4", "Vaudray", population=1_000),
        ]
    ).search("vaudrey", limit=8)
    assert [(hit.code, hit.exact, hit.typo) for hit in ranked] == [
        ("1", True, False), ("2", False, False), ("3", False, False), ("4", False, True),
    ]  # fmt: skip


def test_an_epci_is_exact_without_its_kind_and_comes_after_the_commune_it_is_named_after() -> None:
    assert [(hit.reference, hit.exact) for hit in INDEX.search("val d'amour", limit=8)] == [("epci-243900420", True)]
    assert [(hit.reference, hit.exact) for hit in INDEX.search("nantes", limit=8)] == [
        ("commune-44109", True), ("epci-244400404", True),
    ]  # fmt: skip


def test_the_kind_of_an_epci_is_no_beginning_of_its_name() -> None:
    assert found("café") == []
    assert found("ccd") == []


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("besanç", "commune-25056"),
        ("Paris 10e", "commune-75056"),
        ("bourgogne", None),
        ("mont", "commune-39380"),
        ("saint", None),
        ("chanblay", None),
        ("", None),
    ],
)
def test_only_one_territory_without_a_typo_is_obvious(text: str, meant: str | None) -> None:
    hit = obvious(text, INDEX.search(text, limit=6))
    assert (hit.reference if hit else None) == meant


def test_a_departement_behind_a_name_gives_way_to_a_name_that_ends_so() -> None:
    index = Index(
        [
            Entry("commune", "1", "Nogent-sur-Marne", departement="94", population=3),
            Entry("commune", "2", "Nogent-sur-Seine", departement="51", population=2),
            Entry("commune", "3", "Châlons", departement="51", population=1, former_names=("Châlons-sur-Marne",)),
            Entry("commune", "4", "Châlons-sur-Vesle", departement="51", population=1),
            Entry("dep", "51", "Marne"),
        ]
    )
    asked = ("nogent sur marne", "nogent sur seine marne", "chalons sur marne", "chalons marne", "marne")
    assert [index.search(text, limit=8)[0].code for text in asked] == ["1", "2", "3", "3", "51"]


def test_equals_are_ranked_by_population_then_communes_first() -> None:
    assert found("saint")[:3] == ["commune-97411", "commune-44184", "commune-97413"]
    assert found("la réunion") == ["dep-974", "reg-04"]


def test_a_number_that_is_both_a_postal_and_an_insee_code_gives_both() -> None:
    assert found("39380") == ["commune-39380", "commune-39093", "commune-39546"]


def test_a_hit_tells_what_it_is() -> None:
    hit = INDEX.search("chamblay", limit=1)[0]
    assert (hit.kind, hit.code, hit.name, hit.context, hit.population, hit.lat, hit.lon) == (
        "commune", "39093", "Chamblay", "(39)", 423, 46.9915, 5.7035,
    )  # fmt: skip


@pytest.mark.parametrize(
    "text", ["", " ", "\x00", "🎈", "---", "les 99999 zzzz", "9" * 10_000, "x" * 10_000, "a " * 5_000]
)
def test_odd_texts_find_nothing_and_harm_nothing(text: str) -> None:
    assert INDEX.search(text, limit=8) == []


def test_only_200_characters_are_looked_at() -> None:
    assert found("chamblay" + " " * 192 + "zzz") == found("chamblay")


@given(st.text(max_size=300))
def test_any_text_is_harmless_and_bounded(text: str) -> None:
    assert len(INDEX.search(text, limit=5)) <= 5


@given(st.data())
def test_any_name_with_one_typo_is_found(data: st.DataObject) -> None:
    code = data.draw(st.sampled_from(sorted(NAMES)))
    typed = data.draw(edits(fold(NAMES[code])))
    assert f"commune-{code}" in found(typed, EVERYTHING)


@given(st.data())
def test_any_beginning_of_a_name_finds_it(data: st.DataObject) -> None:
    code = data.draw(st.sampled_from(sorted(NAMES)))
    length = data.draw(st.integers(1, len(NAMES[code])))
    assert f"commune-{code}" in found(NAMES[code][:length], EVERYTHING)


def test_without_territories_nothing_is_found() -> None:
    assert Index([]).search("chamblay", limit=8) == []


@pytest.mark.data
def test_real_communes_with_one_typo_are_found(data_dir: Path) -> None:
    communes = FolderSource(data_dir).read().communes
    index = Index(
        Entry("commune", c.code, c.name, population=c.population, departement=c.departement) for c in communes
    )
    chance = random.Random(39093)
    lost, first_eight, asked = [], 0, 0
    for commune in chance.sample(communes, 1_500):
        typed = _one_typo(fold(commune.name), chance)
        if not fold(typed):
            continue
        asked += 1
        hits = index.search(typed, limit=EVERYTHING)
        if commune.code not in {hit.code for hit in hits}:
            lost.append((commune.name, typed))
        first_eight += commune.code in {hit.code for hit in hits[:8]}
    assert lost == []
    assert first_eight / asked > 0.9


def _one_typo(text: str, chance: random.Random) -> str:
    letter, at = chance.choice(string.ascii_lowercase), chance.randrange(len(text))
    swapped = text[:at] + text[at + 1 : at + 2] + text[at] + text[at + 2 :]
    return chance.choice(
        [text[:at] + letter + text[at + 1 :], text[:at] + letter + text[at:], text[:at] + text[at + 1 :], swapped]
    )
