import gzip
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scripts.build_builtin_territory import (
    Commune,
    Neighbours,
    Town,
    among_strangers,
    former_codes,
    km,
    locate,
    match,
    middle,
    of_like_size,
    write,
)

POINTS = st.tuples(st.floats(42, 51), st.floats(-5, 9))


def commune(code: str, name: str, *, postal: str, population: int = 1_000, epci: str = "1", **more) -> Commune:
    return Commune(code, name, "27", code[:2], population, (postal,), arrondissement="391", epci=epci, **more)


def town(number: int, name: str, at: tuple[float, float], population: int = 1_000) -> Town:
    return Town(number, name, frozenset(), "27", population, at)


@given(POINTS, POINTS)
def test_a_distance_is_symmetric_and_zero_only_at_home(a: tuple[float, float], b: tuple[float, float]) -> None:
    assert km(a, b) == pytest.approx(km(b, a))
    assert km(a, a) == 0


def test_a_degree_of_latitude_is_111_km() -> None:
    assert km((46, 5), (47, 5)) == pytest.approx(111.195)
    assert km((46.99, 5.70), (46.98, 5.79)) == pytest.approx(6.9, abs=0.1)


@given(st.lists(POINTS, min_size=1, max_size=9))
def test_the_middle_lies_among_its_points(points: list[tuple[float, float]]) -> None:
    lat, lon = middle(points)
    assert min(p[0] for p in points) - 1e-9 <= lat <= max(p[0] for p in points) + 1e-9
    assert min(p[1] for p in points) - 1e-9 <= lon <= max(p[1] for p in points) + 1e-9


def test_the_nearest_kind_of_neighbour_is_believed() -> None:
    here, same, near, far = (
        commune("39001", "A", postal="39380"),
        commune("39002", "B", postal="39380"),
        commune("39003", "C", postal="39380", epci="2"),
        commune("39004", "D", postal="39000", epci="3"),
    )
    known = {"39002": (47.0, 5.7), "39003": (48.0, 5.7), "39004": (46.0, 5.7)}
    everyone = [here, same, near, far]
    assert Neighbours(everyone, known).centre(here) == ((47.0, 5.7), 0)
    assert Neighbours(everyone, {k: known[k] for k in ("39003", "39004")}).centre(here) == ((48.0, 5.7), 1)
    assert Neighbours(everyone, {"39004": known["39004"]}).centre(here) == ((46.0, 5.7), 4)
    assert Neighbours(everyone, {"39001": (1.0, 1.0)}).centre(here) is None


def test_namesakes_of_a_région_go_each_to_their_own_neighbours() -> None:
    communes = [
        commune("39001", "Le Pin", postal="39210"), commune("39002", "Voiteur", postal="39210"),
        commune("70001", "Le Pin", postal="70150", epci="2"), commune("70002", "Marnay", postal="70150", epci="2"),
    ]  # fmt: skip
    towns = [
        town(1, "le pin", (47.3, 5.8)), town(2, "le pin", (46.7, 5.6)),
        town(3, "voiteur", (46.76, 5.6)), town(4, "marnay", (47.29, 5.77)),
    ]  # fmt: skip
    assert {code: found.number for code, found in match(communes, towns).items()} == {
        "39001": 2, "39002": 3, "70001": 1, "70002": 4,
    }  # fmt: skip


def test_a_hamlet_that_bears_a_town_s_name_is_not_the_town() -> None:
    contres = commune("18001", "Contres", postal="18130", population=35)
    assert not of_like_size(contres, town(1, "contres", (47.4, 1.4), population=3_400))
    others = [commune(f"1800{n}", f"Dun {n}", postal="18130") for n in range(2, 5)]
    towns = [town(n, f"dun {n}", (46.9, 2.6)) for n in range(2, 5)] + [
        town(1, "contres", (47.4, 1.4), population=3_400)
    ]
    matched = match([contres, *others], towns)
    assert "18001" not in matched
    assert locate([contres, *others], matched)["18001"] == (pytest.approx((46.9, 2.6)), "e")


def test_a_town_among_strangers_is_not_the_commune_s() -> None:
    kin = [commune(f"760{n:02}", f"Elbeuf {n}", postal="76500") for n in range(12)]
    strangers = [commune(f"275{n:02}", f"Eure {n}", postal="27000", epci="2") for n in range(20)]
    known = {c.code: (49.3 + n / 100, 1.0) for n, c in enumerate(kin)}
    known |= {c.code: (48.8 + n / 100, 1.0) for n, c in enumerate(strangers)}
    assert among_strangers([*kin, *strangers], known) == set()
    astray = known | {"76000": (48.9, 1.0)}
    assert among_strangers([*kin, *strangers], astray) == {"76000"}
    few = [*kin[:10], *strangers]
    assert among_strangers(few, {c.code: astray[c.code] for c in few}) == set(), "nine kin prove nothing"
    alone = [*kin, *strangers[:14]]
    assert among_strangers(alone, {c.code: astray[c.code] for c in alone}) == set(), "nor do fourteen strangers"


@given(st.lists(POINTS, min_size=40, max_size=40), st.integers(0, 40))
def test_only_many_kin_and_many_strangers_refuse_a_town(points: list[tuple[float, float]], first: int) -> None:
    everyone = [commune(f"76{n:03}", f"C{n}", postal=f"7600{n >= first}", epci=str(n >= first)) for n in range(40)]
    known = {c.code: at for c, at in zip(everyone, points, strict=True)}
    lost = among_strangers(everyone, known)
    sides = {code: (first, 40 - first) if int(code[2:]) < first else (40 - first, first) for code in lost}
    assert all(kin > 10 and strangers > 15 for kin, strangers in sides.values())
    moved = {code: (lat, lon + 20) for code, (lat, lon) in known.items()}
    assert among_strangers(everyone, moved) == lost


def test_a_commune_born_of_a_merger_takes_its_largest_town() -> None:
    born = commune("49001", "Mauges-sur-Loire", postal="49410", population=6_000, former_names=("la pommeraye", "botz"))
    other = commune("49002", "Chalonnes", postal="49410")
    towns = [
        town(1, "botz", (47.36, -0.98), 800), town(2, "la pommeraye", (47.35, -0.86), 4_000),
        town(3, "chalonnes", (47.35, -0.77)),
    ]  # fmt: skip
    assert match([born, other], towns)["49001"].number == 2


def test_older_codes_lead_to_today_s() -> None:
    package = {
        "communes": [
            {"code": "01025", "nom": "Bâgé-Dommartin", "anciensCodes": ["01144", "01025"]},
            {"code": "01144", "nom": "Dommartin", "chefLieu": "01025"},
            {"code": "75110", "nom": "Paris 10e Arrondissement", "commune": "75056"},
            {"code": "98701", "nom": "Ailleurs", "chefLieu": "98702"},
        ]
    }
    assert former_codes(package, {"01025", "75056"}) == [
        ["01144", "01025", "Dommartin"],
        ["75110", "75056", "Paris 10e Arrondissement"],
    ]


def test_the_same_content_gives_the_same_bytes(tmp_path: Path) -> None:
    sizes = [write({"nom": "Épinal"}, tmp_path / name) for name in ("a.gz", "b.gz")]
    assert sizes[0] == (tmp_path / "a.gz").stat().st_size
    assert (tmp_path / "a.gz").read_bytes() == (tmp_path / "b.gz").read_bytes()
    assert json.loads(gzip.decompress((tmp_path / "a.gz").read_bytes())) == {"nom": "Épinal"}
