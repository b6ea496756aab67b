"""The certificate must refuse what is false: every part of an answer is falsified in turn."""

import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from maillage.analysis.siting import certificate, reduce
from maillage.analysis.siting.certificate import CertificateError, CoverProof, Question, Round
from maillage.analysis.siting.search import Search
from tests.analysis.siting.instances import town

WEIGHTS = np.random.default_rng(1).integers(1, 500, 300).astype(float)
QUESTION = Question(town(), WEIGHTS, 8, 0.12, np.array([3, 5]), np.setdiff1d(np.arange(120), [3, 5]))


@pytest.fixture(scope="module")
def answer() -> tuple[Any, float, float, CoverProof]:
    small = reduce.instance(QUESTION.minutes, WEIGHTS, 0.12, QUESTION.fixed, QUESTION.candidates)
    search = Search(small, 8, np.inf, 0.0, True, QUESTION.candidates)
    assert search.run() == "proved"
    base = certificate.objective(QUESTION, np.zeros(0, np.intp))
    return search.columns, base + search.value, base + search.ceiling, search.proof()


def refused(message: str, *parts: Any) -> None:
    with pytest.raises(CertificateError, match=message):
        certificate.check_cover(QUESTION, *parts)


def test_a_true_answer_passes(answer: tuple[Any, float, float, CoverProof]) -> None:
    certificate.check_cover(QUESTION, *answer)


def test_an_objective_of_one_more_is_refused(answer: tuple[Any, float, float, CoverProof]) -> None:
    sites, claimed, ceiling, proof = answer
    expected = f"The plan serves {claimed:.10g} on the raw data, not {claimed + 1:.10g} as was found."
    refused(f"^{re.escape(expected)}$", sites, claimed + 1, ceiling + 1, proof)


def test_a_bound_below_the_objective_is_refused(answer: tuple[Any, float, float, CoverProof]) -> None:
    sites, claimed, ceiling, proof = answer
    expected = f"The bound {ceiling - 1:.10g} is below what the plan serves, {claimed:.10g}."
    refused(f"^{re.escape(expected)}$", sites, claimed, ceiling - 1, proof)


def test_a_bound_that_its_multipliers_do_not_prove_is_refused(answer: tuple[Any, float, float, CoverProof]) -> None:
    sites, claimed, ceiling, proof = answer
    blind = replace(proof, last=np.full(300, 0.5), by_solver=np.inf)
    refused(r"^The bound [\d.]+ is not proved: the multipliers prove only [\d.]+\.$", sites, claimed, ceiling, blind)


def test_a_site_ruled_out_without_reason_is_refused(answer: tuple[Any, float, float, CoverProof]) -> None:
    """The sites of the best plan are declared hopeless: a worse plan must not pass for the best one."""
    sites, claimed, ceiling, proof = answer
    unfounded = Round(np.full(300, 0.5), sites[:4])
    forged = replace(proof, rounds=(unfounded, *proof.rounds))
    refused(r"^The bound [\d.]+ is not proved", sites, claimed, ceiling, forged)


def test_a_false_dominator_is_refused(answer: tuple[Any, float, float, CoverProof]) -> None:
    sites, claimed, ceiling, proof = answer
    forged = replace(proof, dominated=np.array([[sites[0], sites[1]]]))
    expected = f"Site {sites[0]} was dropped for site {sites[1]}, which does not reach all that it reaches."
    refused(f"^{re.escape(expected)}$", sites, claimed, ceiling, forged)


def test_a_site_cannot_be_its_own_dominator(answer: tuple[Any, float, float, CoverProof]) -> None:
    sites, claimed, ceiling, proof = answer
    refused("was dropped for site", sites, claimed, ceiling, replace(proof, dominated=np.array([[sites[0], sites[0]]])))


def test_a_multiplier_above_its_weight_is_refused(answer: tuple[Any, float, float, CoverProof]) -> None:
    sites, claimed, ceiling, proof = answer
    forged = replace(proof, last=np.full(300, 1.01))
    refused(r"^A multiplier is not between 0 and the weight of its row\.$", sites, claimed, ceiling, forged)


def test_a_plan_of_other_sites_is_refused(answer: tuple[Any, float, float, CoverProof]) -> None:
    sites, claimed, ceiling, proof = answer
    refused("^The plan does not hold 8 different candidates", sites[:-1], claimed, ceiling, proof)
    refused("^The plan does not hold 8 different candidates", np.append(3, sites[1:]), claimed, ceiling, proof)


def test_chunks_do_not_change_what_is_recomputed(
    answer: tuple[Any, float, float, CoverProof], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = certificate.served(QUESTION, answer[0])
    monkeypatch.setattr(certificate, "CHUNK", 50)
    assert (certificate.served(QUESTION, answer[0]) == whole).all()
    certificate.check_cover(QUESTION, *answer)


def test_a_set_cover_with_a_gap_or_a_false_bound_is_refused() -> None:
    question = replace(QUESTION, weights=np.ones(300))
    none, prices = np.zeros((0, 2), np.intp), np.zeros(300)
    every = question.candidates
    certificate.check_set_cover(question, every, 0, none, prices, 0)
    with pytest.raises(
        CertificateError, match=r"^\d+ rows that a candidate reaches are not served \(first: row \d+\)\.$"
    ):
        certificate.check_set_cover(question, every[:5], 0, none, prices, 0)
    with pytest.raises(CertificateError, match=r"^The bound 1 is not proved: the prices prove only 0\.$"):
        certificate.check_set_cover(question, every, 1, none, prices, 0)
    with pytest.raises(CertificateError, match=r"^A price of a row is negative\.$"):
        certificate.check_set_cover(question, every, 0, none, prices - 1, 0)
