import json
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maillage.network.exchange.rules.features import features, unfit
from maillage.network.exchange.rules.reports import FileRefused, RowProblem

WORDS = st.text(max_size=8).filter(lambda text: unfit(text) is None)
FLOATS = st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**20), 10**20) | FLOATS | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "features"]), inner, max_size=3),
    max_leaves=8,
)


def collection(*parts, head='{"type":"FeatureCollection","features":[', tail="]}"):
    return head + ",".join(parts) + tail


@given(
    st.lists(st.dictionaries(st.sampled_from(["type", "features", "p"]), VALUES), max_size=6),
    st.sampled_from([None, 1]),
)
def test_every_feature_is_found_whatever_the_layout(objects, indent):
    text = json.dumps(
        {"before": {"features": [1]}, "x": '"features":[', "features": objects, "after": 1}, indent=indent
    )
    assert [found for _, found in features(text)] == objects


def test_lines_are_those_of_the_file():
    text = '{"type":"FeatureCollection","features":[\n{"a":1},\n\n{"a":\n2}\n,{"a":3}]}'
    assert [(line, found["a"]) for line, found in features(text)] == [(2, 1), (4, 2), (6, 3)]


@pytest.mark.parametrize(
    ("broken", "problem"),
    [
        ('{"a": NaN}', "«\u202fNaN\u202f» n’est pas un nombre de JSON"),
        ('{"a": -Infinity}', "«\u202f-Infinity\u202f» n’est pas un nombre de JSON"),
        ('{"a": 1e999}', "le nombre 1e999 est trop grand"),
        ('{"a": ' + "9" * 5000 + "}", "un nombre entier dépasse 30 chiffres"),
        ('{"a": [1 2]}', "objet JSON mal formé"),
        ('{"a": ' + "[" * 20 + "]" * 20 + "}", "objets emboîtés sur plus de 12 niveaux"),
        ('{"a": ' + "[" * 100_000 + "]" * 100_000 + "}", "objets emboîtés trop profondément"),
        ('{"a": "\\ud800"}', "contient un caractère impossible à écrire"),
        ('{"a": "\\u0000"}', "contient un caractère nul"),
        ("12", "ce n’est pas un objet «\u202fFeature\u202f»"),
    ],
)
def test_a_bad_feature_is_told_and_its_neighbours_come_in(broken, problem):
    text = collection('\n{"a":"before"}', f"\n{broken}", '\n{"a":"after"}\n')
    (_, before), (line, told), (_, after) = features(text)
    assert (before, after) == ({"a": "before"}, {"a": "after"})
    assert isinstance(told, RowProblem)
    assert (line, told.line, told.column, told.problem) == (3, 3, "feature", problem)


@pytest.mark.parametrize("bad", ["NaN", "-Infinity", "1e999", '"}{", NaN'])
def test_a_bad_number_costs_only_its_own_object_also_on_one_line(bad):
    text = collection('{"a":"before"}', '{"b":{"c":[' + bad + "]}}", '{"a":"after"}')
    (_, before), (_, told), (_, after) = features(text)
    assert (before, after) == ({"a": "before"}, {"a": "after"})
    assert isinstance(told, RowProblem)


def test_an_outline_of_a_million_points_is_left_out_before_it_fills_the_memory():
    outline = ",".join(["[5.7,46.9]"] * 1_000_000)
    text = collection('{"a":"before"}', '{"g":[[' + outline + "]]}", '{"a":"after"}')
    tracemalloc.start()
    (_, before), (_, told), (_, after) = features(text)
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (before, after, peak < 30_000_000) == ({"a": "before"}, {"a": "after"}, True)
    assert (told.problem, told.mend) == (
        "plus de 100000 nombres dans un seul objet, sans doute un contour trop fin",
        "simplifiez le contour, ou donnez un point",
    )


@pytest.mark.parametrize("text", ["[1,2]", '{"type":"Feature"}', '{"a"', "{1:2}", '{"features":{}}', "{" * 100_000])
def test_what_is_no_feature_collection_is_refused(text):
    with pytest.raises(FileRefused, match="Le fichier n’est pas un GeoJSON lisible"):
        list(features(text))


@given(st.integers(1, 30))
def test_a_cut_file_is_refused_whole(cut):
    text = collection('\n{"a":"before"}', '\n{"b":{"c":"after"}}')
    with pytest.raises(FileRefused, match=r"tronqué|n’est pas un GeoJSON"):
        list(features(text[:-2][:-cut]))
