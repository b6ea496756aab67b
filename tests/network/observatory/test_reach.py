"""Inhabitants within reach of a place, on communes few enough to be added up by hand.

From Chamblay (423 people, level 6), as the crow flies: Mouchard (1,095, level 5) is 6.7 km away, 12 minutes; Vaudrey
(355, level 5) 6.3 km, 11 minutes; Lons-le-Saunier (16,618, level 2) 37 km. Saint-Brevin (14,541, level 3) is 7.4 km
from Saint-Nazaire (74,568, level 2) across the Loire: 20.1 minutes.
"""

import csv
import io
import json
from datetime import date, timedelta

import numpy as np
import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from maillage.cli.main import main
from maillage.network.observatory import queries
from maillage.network.observatory.actions import take_snapshot
from maillage.network.observatory.queries import reach
from maillage.network.observatory.rules.counts import Count
from maillage.network.observatory.rules.definitions import DefinitionError
from maillage.network.observatory.rules.reach import reached
from maillage.places.actions import remove_place
from maillage.territory.models import Commune
from tests.conftest import NOW
from tests.network.observatory.told import HEAD, definition, nowhere, place, plainly, record

TODAY = date(2026, 11, 22)
SLUG = "within-20-minutes"
FRANCE = 423 + 1095 + 355 + 16618 + 118489 + 327734 + 74568 + 14541 + 2103778 + 155634 + 36163
BASE = (
    '[count]\nof = "reach"\nminutes = 21\nduplicates = "places"\nover = "known"\n'
    "where = { third_place = { in = [true] } }\n"
)
SHARE = HEAD.replace("number", "share")


def count(**more) -> Count:
    return queries.count(SLUG, today=TODAY, **more)


def classes(answer: Count) -> dict[str, tuple[int, int | None]]:
    (detail,) = answer.details
    return {row.name: (row.n, row.inhabitants) for row in detail.rows}


@pytest.fixture
def told(small_ground):
    record(place("1"), place("2", commune="44184"))


@pytest.mark.usefixtures("small_ground")
class TestCounted:
    def test_by_hand(self):
        record(place("1"))
        answer = count()
        assert (answer.numerator, answer.denominator, answer.members, answer.n_missing) == (1873, FRANCE, FRANCE, 0)
        assert answer.share == 1873 / FRANCE
        assert classes(answer) == {
            "1": (0, 118489 + 327734 + 2103778 + 155634),
            "2": (0, 16618 + 74568),
            "3": (0, 14541),
            "4": (0, 36163),
            "5": (1095 + 355, 1095 + 355),
            "6": (423, 423),
        }
        assert [row.share for row in answer.details[0].rows] == [0, 0, 0, 0, 1, 1]

    def test_twenty_minutes_and_not_a_few_seconds_more(self):
        record(place("1", commune="44184"))
        assert count().numerator == 74568
        longer = definition(base=BASE, head=SHARE)
        assert queries.answered(longer, today=TODAY).numerator == 74568 + 14541

    def test_the_place_of_a_neighbour_serves(self):
        record(place("1", commune="44184", lat=47.26, lon=-2.19))
        for where, people in (("epci:244400586", 14541), ("epci:244400644", 74568)):
            answer = count(where=where)
            assert (answer.numerator, answer.denominator) == (people, people)
            assert answer.sources[0] == "Réseau BFC, ODbL"
        assert count(where="dep:39").share == 0
        assert count(where="reg:52").numerator == 74568 + 14541

    def test_the_parts_make_the_whole(self, told):
        parts = [count(where=f"reg:{code}") for code in ("27", "52", "11", "04")]
        assert sum(part.numerator for part in parts) == count().numerator == 1873 + 74568
        assert sum(part.denominator for part in parts) == FRANCE
        assert count(where="reg:27").command == f"maillage count {SLUG} --territory reg:27"

    def test_overseas_goes_at_its_own_pace_and_no_trip_crosses_a_sea(self):
        record(place("1", commune="97411"))
        assert count().numerator == 155634
        assert count(where="reg:04").denominator == 155634 + 36163

    def test_without_any_place_nobody_is_near_which_is_known(self):
        answer = count()
        assert (answer.known, answer.numerator, answer.denominator) == (True, 0, FRANCE)
        assert answer.figures["places"] == 0

    def test_places_of_no_use_serve_nobody(self):
        counter = place("fs", labels=["france-services"], activities=[])
        gone = place("gone", commune="25056")
        ids = record(place("c", status="closed"), place("d", "demo"), counter, gone, nowhere("x")).place_ids
        remove_place(place_id=ids[3], reason="doublon", by="test:Paul", now=NOW)
        answer = count()
        assert (answer.numerator, answer.figures["places"], answer.figures["unplaced"]) == (0, 1, 1)

    def test_a_commune_without_inhabitants_or_centre_is_missing_and_in_no_share(self):
        record(place("1"))
        Commune.objects.filter(pk="39370").update(lat=None, lon=None)
        Commune.objects.filter(pk="75056").update(population=None)
        Commune.objects.filter(pk="39546").update(density_7=None)
        answer = count()
        assert (answer.numerator, answer.n_missing) == (423 + 355, 2)
        assert answer.members == FRANCE - 2103778
        assert answer.denominator == FRANCE - 2103778 - 1095
        assert classes(answer)[""] == (355, 355) and list(classes(answer))[-1] == ""
        assert "5" not in classes(answer)

    def test_without_any_known_inhabitant_it_is_unknown(self):
        record(place("1"))
        Commune.objects.update(population=None)
        assert (count().known, count().reason) == (False, "no-inhabitants")

    def test_a_commune_is_not_counted_alone(self):
        with pytest.raises(queries.Refused) as refused:
            count(where="39093")
        assert plainly(refused.value) == (
            "« within-20-minutes » ne se compte pas pour commune:39093 (Chamblay). "
            "Ce qu’il accepte : france, epci, dep, reg."
        )

    def test_other_dimensions(self, told):
        asked = definition('by = ["region", "metropole"]', base=BASE, head=SHARE)
        regions, metropoles = queries.answered(asked, today=TODAY).details
        inhabitants = [row.inhabitants for row in regions.rows]
        assert inhabitants == sorted(inhabitants, reverse=True)
        assert {row.name: row.n for row in regions.rows} == {"11": 0, "52": 74568 + 14541, "04": 0, "27": 1873}
        assert [(row.name, row.n) for row in metropoles.rows] == [("yes", 0), ("no", 74568 + 14541 + 1873)]

    def test_its_sources_name_the_travel_model_and_its_date(self, told):
        assert count().sources[-1] == "temps de trajet : vol d’oiseau corrigé, 2026-11-22"

    def test_an_incomplete_registry_is_told_for_a_territory_too(self, told):
        for where in ("", "reg:27"):
            assert count(where=where).bias.over[0] == ("27", 0.5, 0.04)

    def test_it_is_counted_once_for_a_state_of_the_registry(self, told):
        for where in ("", "reg:27", "dep:39"):
            count(where=where)
        assert reach._near.cache_info().misses == 1
        record(place("3", commune="25056"))
        assert count().numerator == 1873 + 74568 + 118489
        assert reach._near.cache_info().misses == 2


@pytest.mark.django_db
def test_without_a_ground_it_says_so():
    answer = count()
    assert (answer.known, answer.reason) == (False, "no-ground")


@pytest.mark.usefixtures("told")
class TestTold:
    @pytest.fixture(autouse=True)
    def still(self):
        with time_machine.travel(NOW, tick=False):
            yield

    def test_its_page(self, client):
        page = plainly(client.get(f"/observatoire/{SLUG}/?territoire=reg-52").content.decode())
        assert "<strong>17,9 %</strong> <span>74 568 habitants sur 416 843</span>" in page
        assert '<th scope="col">Habitants</th><th scope="col">à 20 min</th><th scope="col">Part</th>' in page
        assert "<td>14 541</td><td>0</td><td>0,0 %</td>" in page
        assert '<rect width="100.0" height="10"/></svg></th><td>74 568</td><td>74 568</td><td>100,0 %</td>' in page
        for caveat in (
            "Un registre incomplet fausse cette part : trop basse là où des lieux lui manquent, trop haute là où il en "
            "tient qui ont fermé.",
            "Le vol d’oiseau est optimiste en montagne : par la route, il y faut d’un quart à un tiers de temps en "
            "plus, et bien davantage entre deux vallées.",
            "Lieux regardés, dans toute la France : 2.",
        ):
            assert caveat in page
        assert "ne servent donc personne" not in page, "every place has a point here"
        assert "à l’image de la France" in page

    def test_its_page_in_english(self, client):
        page = plainly(client.get(f"/en/observatoire/{SLUG}/?territoire=reg-52").content.decode())
        assert "<strong>17.9%</strong> <span>74,568 of 416,843 inhabitants</span>" in page
        assert '<th scope="col">Inhabitants</th><th scope="col">within 20 min</th><th scope="col">Share</th>' in page

    def test_csv(self, client):
        rows = list(csv.DictReader(io.StringIO(client.get(f"/observatoire/{SLUG}.csv").content.decode())))
        assert (rows[0]["unit"], rows[0]["numerator"], rows[0]["denominator"]) == ("share", "76441", str(FRANCE))
        told = [(row["class"], row["value"], row["unit"], row["numerator"], row["denominator"]) for row in rows[2:4]]
        assert told == [("2", "0.8178", "share", "74568", "91186"), ("3", "0.0", "share", "0", "14541")]

    def test_json_with_its_history(self, client):
        assert take_snapshot(by="test:Paul", now=NOW - timedelta(days=40)) > 5
        told = json.loads(client.get(f"/observatoire/{SLUG}.json").content)
        assert (told["numerator"], told["share"], told["missing"]) == (76441, round(76441 / FRANCE, 4), 0)
        assert told["details"]["density"][1] == {"class": "2", "n": 74568, "inhabitants": 91186, "share": 0.8178}
        assert told["history"] == [{"day": "2026-10-13", "numerator": 76441, "denominator": FRANCE, "missing": 0}]

    def test_a_past_day_is_read_from_its_snapshot(self):
        take_snapshot(by="test:Paul", now=NOW - timedelta(days=40))
        record(place("3", commune="25056"))
        then, now = count(at=TODAY - timedelta(days=1)), count()
        assert (then.numerator, then.date, now.numerator) == (76441, "2026-10-13", 76441 + 118489)
        assert classes(then)["1"] == (0, classes(now)["1"][1])
        assert then.details[0].rows[1].share == pytest.approx(74568 / 91186, abs=5e-5)
        assert count(at=TODAY - timedelta(days=1), where="reg:27").reason == "no-snapshot-there"

    def test_the_command(self, capsys):
        assert main(["count", SLUG, "--territory", "reg:27"]) == 0
        told = plainly(capsys.readouterr().out).splitlines()
        assert told[:2] == [
            "Habitants à vingt minutes d’un tiers-lieu, par densité : Bourgogne-Franche-Comté",
            "1 873 sur 136 980, soit 1,4 %",
        ]
        at = told.index("Par densité de la commune ; habitants, à 20 min d’un lieu, part :")
        assert told[at + 3 : at + 5] == [
            "         1 450       1 450  100,0 %  5 · bourgs ruraux",
            "           423         423  100,0 %  6 · rural à habitat dispersé",
        ]
        assert any("le registre n’est pas à l’image de la France." in line for line in told)


@pytest.mark.parametrize(
    ("base", "head", "said"),
    [
        (BASE.replace("minutes = 21\n", ""), SHARE, "count.minutes : il faut un nombre entier de minutes, de 1 à 60 ; "
         "reçu : None."),
        (BASE.replace("21", "61"), SHARE, "count.minutes : il faut un nombre entier de minutes, de 1 à 60 ; "
         "reçu : 61."),
        (BASE.replace("reach", "registry"), SHARE, "count.minutes ne va qu’avec count.of = « reach »."),
        (BASE + "per = 1000\n", SHARE, "count.per ne va pas avec « reach » : sont comptés les habitants à portée d’un "
         "lieu."),
        (BASE + "counted = {}\n", SHARE, "count.counted ne va pas avec « reach » : sont comptés les habitants à portée "
         "d’un lieu."),
        (BASE, HEAD, "« reach » donne une part de ceux dont on sait : answer = « share », over = « known »."),
        (BASE.replace("known", "all"), SHARE, "« reach » donne une part de ceux dont on sait : answer = « share », "
         "over = « known »."),
        (BASE.replace("third_place = { in = [true] }", "status = { in = ['open'] }"), SHARE, "count.where : « reach » "
         "ne mesure qu’aux tiers-lieux ; ajoutez third_place = { in = [true] }."),
        (BASE + 'by = ["status"]\n', SHARE, "count.by : dimension inconnue : 'status'. Dimensions : density, region, "
         "metropole."),
        (BASE + "[figures.x]\nwhere = {}\n", SHARE, "figures.x : avec « reach », un chiffre est dit par d’autres "
         "(said)."),
        (BASE + "[figures.places]\nsaid = 1\nby = 'x'\n", SHARE, "figures.places : il faut une table, sous un autre "
         "nom que numerator, denominator, missing, share."),
    ],
)  # fmt: skip
def test_what_a_definition_of_reach_cannot_ask_is_refused(base, head, said):
    with pytest.raises(DefinitionError) as refused:
        definition(base=base, head=head)
    assert plainly(refused.value) == said


communes = st.lists(
    st.tuples(
        st.one_of(st.just(float("nan")), st.integers(0, 10**6).map(float)),
        st.booleans(),
        st.booleans(),
        st.sampled_from(["", "1", "5", "7"]),
    ),
    max_size=30,
)


@given(communes)
def test_classes_add_up_to_the_whole_and_nobody_is_counted_twice(found):
    columns = list(zip(*found, strict=True)) or [(), (), (), ()]
    people, centred, near = (np.array(columns[n], kind) for n, kind in ((0, float), (1, bool), (2, bool)))
    told = reached(people, centred, near, {"density": np.array(columns[3], str)})
    assert 0 <= told.within <= told.located <= told.people
    assert told.communes + told.missing == len(found)
    sums = [sum(pair[n] for pair in told.classes["density"].values()) for n in (0, 1)]
    assert sums == [told.within, told.located]
    assert told.within == sum(p for p, c, n, _ in found if p == p and c and n)
