"""The straight answer: each line of the decision table, and what no figure may do to it."""

from dataclasses import replace
from math import isfinite

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from maillage.diagnosis import labels
from maillage.diagnosis.rules.conclusion import conclude
from maillage.diagnosis.rules.facts import Range, Sentence
from tests.diagnosis.made import NEAR, SIZES, TRUST, demand, diagnosis, situation, situations

THIN, NONE = replace(TRUST, evidence="thin"), replace(TRUST, evidence="none")
UNCHECKED = replace(NEAR, checked=False)
TOWN = replace(demand(100.0), centre="39300", centre_name="Lons-le-Saunier")


@pytest.mark.parametrize(
    ("changes", "verdict", "if_complete", "rule"),
    [
        ({"demand": None}, "unknown", None, "demand-unknown"),
        ({"demand": demand(1.0, p90=1.9)}, "not-now", None, "too-few"),
        ({"demand": demand(1.0, p90=1.9), "trust": NONE}, "not-now", None, "too-few"),
        ({"demand": demand(1.0, p90=2.1), "trust": NONE}, "smaller", None, "smaller-try"),
        ({"demand": demand(4.0), "trust": NONE}, "smaller", None, "smaller"),
        ({"demand": demand(4.0), "trust": NONE, "most": TOWN}, "unknown", "smaller", "most-desks"),
        ({"demand": demand(4.0), "trust": THIN, "most": TOWN}, "unknown", "smaller", "if-smaller"),
        ({"demand": demand(4.0), "most": TOWN}, "smaller", None, "smaller"),
        ({"demand": demand(1.0, p90=1.9), "most": TOWN}, "smaller", None, "smaller-try"),
        ({"demand": demand(1.0, p90=1.9), "trust": NONE, "most": TOWN}, "unknown", "smaller", "if-smaller-try"),
        (
            {"demand": demand(4.0, 0.0), "neighbour": NEAR, "open_places": 1, "trust": THIN, "most": TOWN},
            "unknown",
            "share",
            "most-desks",
        ),
        ({"demand": demand(4.0), "trust": NONE, "most": demand(6.9)}, "smaller", None, "doubt-unchecked"),
        ({"demand": demand(4.0, 0.0), "neighbour": NEAR, "open_places": 1}, "share", None, "share"),
        ({"demand": demand(4.0, 0.0), "neighbour": UNCHECKED, "open_places": 1}, "smaller", "share", "smaller"),
        (
            {"demand": demand(4.0, 0.0), "neighbour": NEAR, "open_places": 1, "trust": THIN},
            "smaller",
            "share",
            "smaller",
        ),
        ({"demand": demand(12.0)}, "useful", None, "useful-beyond"),
        ({"demand": demand(12.0), "trust": THIN}, "unknown", "useful", "if-useful-beyond"),
        ({"demand": demand(12.0), "trust": NONE}, "unknown", "useful", "if-useful-beyond"),
        ({"demand": demand(12.0, 1.0), "neighbour": NEAR, "open_places": 1}, "share", None, "share"),
        ({"demand": demand(12.0, 1.0), "neighbour": UNCHECKED, "open_places": 1}, "unknown", "share", "if-share"),
        ({"demand": demand(15.0, 1.0), "neighbour": NEAR, "open_places": 1}, "useful", None, "useful-more"),
        ({"demand": demand(15.0, 1.0), "neighbour": NEAR, "open_places": 2}, "share", None, "share"),
        ({"demand": demand(12.0, 4.0), "neighbour": NEAR, "open_places": 1}, "smaller", None, "smaller-beyond"),
        (
            {"demand": demand(12.0, 4.0), "neighbour": NEAR, "open_places": 1, "trust": THIN},
            "unknown",
            "smaller",
            "if-smaller-beyond",
        ),
    ],
)
def test_each_line_of_the_table(changes, verdict, if_complete, rule):
    found = conclude(situation(**changes))
    assert (found.verdict, found.if_complete) == (verdict, if_complete)
    assert rule in [sentence.rule for sentence in found.sentences]


@given(situations())
def test_what_hangs_on_the_registry_is_only_said_where_it_is_solid(case):
    found = conclude(case)
    if found.verdict in ("useful", "share"):
        assert case.trust.evidence == "solid"
    if found.verdict == "share":
        assert case.neighbour.checked


@given(situations())
def test_nothing_firm_hangs_on_a_registry_that_is_not_solid(case):
    found = conclude(case)
    if case.trust.evidence != "solid" and case.demand is not None and found.verdict != "unknown":
        desks = (case.most or case.demand).desks
        assert (found.verdict, desks.p50 < SIZES.viable) in {("not-now", True), ("smaller", True)}
        if found.verdict == "smaller":
            assert any(one.rule.startswith("doubt-") for one in found.sentences)
        elsewhere = replace(case.demand, desks=desks, centre="39300")
        assert conclude(replace(case, demand=elsewhere, most=case.demand)).verdict == found.verdict


@given(situations())
def test_not_now_holds_whatever_the_registry_says(case):
    if conclude(case).verdict == "not-now":
        for evidence in ("solid", "thin", "none"):
            for near, places in ((None, 0), (NEAR, 3), (UNCHECKED, 1)):
                other = replace(case, trust=replace(case.trust, evidence=evidence), neighbour=near, open_places=places)
                assert conclude(other).verdict == "not-now"


@given(situations(), st.floats(1, 10))
@example(situation(demand=demand(14.1, 1.9), neighbour=NEAR, open_places=1), 1.06)
def test_more_demand_never_makes_a_place_less_useful(case, times):
    def more(told: Range) -> Range:
        return Range(told.p10 * times, told.p50 * times, told.p90 * times)

    if case.demand is None or conclude(case).verdict != "useful":
        return
    desks = replace(
        case.demand,
        desks=more(case.demand.desks),
        desks_beyond=more(case.demand.desks_beyond),
        desks_now_served=more(case.demand.desks_now_served),
    )
    assert conclude(replace(case, demand=desks)).verdict == "useful"


@given(situations())
def test_a_registry_that_is_worth_more_never_makes_a_firm_answer_uncertain(case):
    better = replace(case, trust=replace(case.trust, evidence="solid"))
    if conclude(case).verdict != "unknown":
        assert conclude(better).verdict != "unknown"


@given(situations())
def test_if_complete_is_what_a_sure_registry_would_give(case):
    found = conclude(case)
    near = case.neighbour and replace(case.neighbour, checked=True)
    sure = replace(case, trust=replace(case.trust, evidence="solid"), neighbour=near)
    assert conclude(sure).verdict == (found.if_complete or found.verdict)


@given(situations())
def test_each_sentence_has_words_and_no_figure_is_lost(case):
    for sentence in conclude(case).sentences:
        said = labels.sentence(sentence)
        assert said and "%(" not in said and "nan" not in said.lower() and "None" not in said
        assert all(value is None or isinstance(value, str) or isfinite(value) for value in sentence.figures.values())


def test_no_verdict_is_without_a_reason():
    for sentence in conclude(situation(demand=demand(4.0))).sentences:
        assert isinstance(sentence, Sentence)
    assert conclude(situation()).sentences[0].rule == "demand"
    assert SIZES.few < SIZES.viable


def test_what_is_found_around_one_commune_is_said_of_it_by_name():
    for kind in ("epci", "reg"):
        near = replace(NEAR, checked=False)
        found = conclude(situation(kind=kind, trust=THIN, neighbour=near, open_places=1, demand=demand(12.0, 1.0)))
        said = [labels.sentence(one) for one in found.sentences]
        assert "Le lieu ouvert le plus proche de Chamblay, «\u202fLa Boutique\u202f» (Chamblay), en est à" in said[-2]
        assert said[-1].startswith("La réponse porte sur les alentours de Chamblay, la commune du territoire que")
        wide = (
            "Pour un territoire aussi grand, une seule réponse n’aurait pas de sens\u202f; voici où regarder d’abord."
        )
        assert (said[0] == wide) is (kind == "reg")
    none = conclude(situation(kind="dep", trust=NONE))
    assert "à moins de 20\u202fmin de Chamblay." in " ".join(labels.sentence(one) for one in none.sentences)
    assert not any(one.rule.startswith("centre") for one in conclude(situation()).sentences)
    tried = conclude(situation(kind="epci", is_tried=True)).sentences[-1]
    assert labels.sentence(tried) == (
        "La réponse porte sur les alentours de Chamblay, où l’on essaie d’ouvrir. Ailleurs elle peut être autre."
    )


def test_the_headline_of_a_wide_territory_names_the_commune():
    told = diagnosis(kind="reg", conclusion=conclude(situation(kind="reg", trust=THIN)))
    assert labels.headline(told) == (
        "Autour de Chamblay, d’où l’on servirait le plus de monde\u202f: on ne peut pas conclure, ce que le registre "
        "en sait n’est pas confirmé."
    )
    assert labels.if_complete(told) == "Si le registre est exact autour de Chamblay, un tiers-lieu y serait utile."


@pytest.mark.parametrize(
    ("p50", "end"),
    [
        (4.0, "quelques postes, sans emploi ni loyer."),
        (1.9, "un jour par semaine, pour essayer, dans une salle qui existe."),
    ],
)
def test_all_that_hangs_on_one_neighbour_begins_with_a_call(p50, end):
    told = diagnosis(conclusion=conclude(situation(demand=demand(p50, 0.0), neighbour=UNCHECKED, open_places=1)))
    assert (told.conclusion.verdict, told.conclusion.if_complete) == ("smaller", "share")
    assert labels.headline(told) == (
        "Appelez d’abord «\u202fLa Boutique\u202f». S’il est ouvert\u202f: partagez avec lui. S’il a fermé\u202f: "
        + end
    )
    assert labels.if_complete(told) == ""


def test_where_nobody_lives_the_question_does_not_arise():
    told = diagnosis(conclusion=conclude(situation(demand=None, empty="Insee, 2023")))
    assert told.conclusion.verdict == "not-now"
    assert labels.headline(told) == "Personne n’habite ici (Insee, 2023)\u202f: la question ne se pose pas."
    assert conclude(situation(demand=None)).verdict == "unknown"


def test_figures_are_as_fine_as_what_they_rest_on():
    said = labels.sentence(conclude(situation(demand=demand(3778.2))).sentences[0])
    assert "environ 3\u202f800 postes un jour ordinaire, sans doute entre 2\u202f300 et 6\u202f000 si nos" in said
    assert "environ 1 poste un jour" in labels.sentence(conclude(situation(demand=demand(1.0))).sentences[0])
    few = replace(TRUST, evidence="none", found=1, checked=0, chance=0.004, expected=9.0, last_checked="2019-06")
    assert "(moins d’une chance sur cent d’en avoir si peu)" in labels.sentence(
        conclude(situation(trust=few)).sentences[0]
    )
    doubt = conclude(situation(trust=replace(few, chance=0.5))).sentences[0]
    assert labels.sentence(doubt).startswith(
        "Le registre n’est pas confirmé ici\u202f: 1 lieu ouvert à portée, dont 0 vérifiés depuis deux ans, la "
        "dernière vérification datant de juin 2019."
    )
    nothing = conclude(situation(trust=replace(few, chance=0.5, found=0, around=0))).sentences[0]
    assert labels.sentence(nothing).startswith(
        "Le registre ne connaît aucun lieu ouvert à portée, ni dans l’heure alentour."
    )


@given(st.floats(0, 1e6))
def test_rounding_for_people_stays_near(value):
    assert abs(labels.rounded(value) - value) <= max(0.05, 0.05 * value) + 1e-9
