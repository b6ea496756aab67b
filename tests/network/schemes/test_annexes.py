"""The attendance annex: what was signed, whole, for the place and for who pays, without a name."""

from typing import Any

import pytest

from maillage.network.schemes.actions import accrediting
from maillage.network.schemes.models import Accreditation, Statement
from tests.network.schemes.valley import BY, Valley, afternoon, morning

MONTH = "2026-10"
RENT = {"desks": "4", "weekdays": "234", "rent": "200", "rent_from": "2026-10-01", "rent_to": "2026-10-31"}


@pytest.fixture
def signed(perrin: Valley) -> Statement:
    """October: two half-days of one pass, four rented desks, signed."""
    issue = perrin.hand()
    type(issue.of).objects.filter(pk=issue.of_id).update(starts_on="2026-09-01")
    found = Accreditation.objects.get(scheme=perrin.scheme)
    told: dict[str, Any] = {"accreditation_id": found.pk, "state": "accepted", "raw": RENT}
    accrediting.answer(scheme_id=perrin.scheme.pk, **told, by=BY, now=perrin.now)
    for moment in (morning(6, 10), afternoon(7, 10)):
        perrin.spend(issue, moment)
    made: Statement = perrin.sign(MONTH, perrin.now)
    return made


def test_the_annex_says_what_chorus_pro_asks_and_adds_up(
    people: Any, client_of: Any, perrin: Valley, signed: Statement
) -> None:
    desk = f"/gerer/{perrin.place.slug}/passes/releves/{perrin.scheme.pk}/{MONTH}/"
    nadine, funder = client_of(people.nadine), client_of(people.perrin)
    statement = nadine.get(desk).content.decode()
    assert f'href="{desk}annexe/"' in statement
    assert f'href="{desk}annexe.csv"' in statement
    pages = (
        nadine.get(f"{desk}annexe/"),
        funder.get(f"/dispositifs/{perrin.scheme.pk}/releves/{perrin.place.slug}/{MONTH}/"),
    )
    for page in pages:
        assert page.status_code == 200
        assert "no-store" in page["Cache-Control"]
        said = page.content.decode()
        for word in ("24390042000015", "73282932000074", "ECO", "2026-117", str(signed.invoice), "218,00"):
            assert word in said, word
        assert said.count(perrin.scheme.redemptions.first().issue.of.code) == 2
    assert f"/releves/{perrin.place.slug}/{MONTH}/" in funder.get(f"/dispositifs/{perrin.scheme.pk}/").content.decode()


def test_the_file_has_a_line_for_each_cent(people: Any, client_of: Any, perrin: Valley, signed: Statement) -> None:
    code = perrin.scheme.redemptions.first().issue.of.code
    files = (
        (people.nadine, f"/gerer/{perrin.place.slug}/passes/releves/{perrin.scheme.pk}/{MONTH}/annexe.csv"),
        (people.perrin, f"/dispositifs/{perrin.scheme.pk}/releves/{perrin.place.slug}/{MONTH}/annexe.csv"),
    )
    for who, address in files:
        answer = client_of(who).get(address)
        assert answer["Content-Disposition"] == f'attachment; filename="annexe-{perrin.place.slug}-{MONTH}.csv"'
        assert answer.content.decode("utf-8-sig").splitlines() == [
            "facture;jour;demi-journée;code du passe;montant, en euros",
            f"{signed.invoice};2026-10-06;matin;{code};9,00",
            f"{signed.invoice};2026-10-07;après-midi;{code};9,00",
            f"{signed.invoice};;;postes loués;200,00",
        ]
    assert signed.total_cents == 21_800


def test_a_month_that_is_not_signed_has_no_annex(people: Any, client_of: Any, perrin: Valley) -> None:
    perrin.spend(perrin.hand(), morning(23))
    desk = f"/gerer/{perrin.place.slug}/passes/releves/{perrin.scheme.pk}/2026-11/"
    nadine, funder = client_of(people.nadine), client_of(people.perrin)
    for name in ("annexe/", "annexe.csv"):
        assert nadine.get(f"{desk}{name}").headers["Location"] == desk
    paid = f"/dispositifs/{perrin.scheme.pk}/releves/{perrin.place.slug}/2026-11/"
    for name in ("", "annexe.csv"):
        assert funder.get(f"{paid}{name}").headers["Location"] == f"/dispositifs/{perrin.scheme.pk}/"
    for bad in ("2026-13", "x"):
        assert (
            nadine.get(f"/gerer/{perrin.place.slug}/passes/releves/{perrin.scheme.pk}/{bad}/annexe/").status_code == 404
        )
    assert funder.get(f"/dispositifs/{perrin.scheme.pk}/releves/rien/2026-11/").status_code == 404
