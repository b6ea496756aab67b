"""Numbers, names, likenesses and what is entered, over everything that people write."""

from datetime import date
from itertools import combinations

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from maillage.management.people.rules.entries import read_day, read_membership, read_organisation, read_person
from maillage.management.people.rules.likeness import MOST_TOGETHER, Card, likeness, likenesses
from maillage.management.people.rules.memberships import is_current
from maillage.management.people.rules.names import folded, one_slip, slips, sorted_words
from maillage.management.people.rules.phones import REGIONS, read_phone
from maillage.management.people.rules.tables import Table, as_csv, as_json
from maillage.places.rules.phones import BadNumber

names = st.text(alphabet="abéèçœ -’'", min_size=1, max_size=14)
days = st.dates(min_value=date(2020, 1, 1), max_value=date(2030, 1, 1))
few = st.text(alphabet="abm ", min_size=1, max_size=7).map(folded).filter(bool)
cards = st.lists(
    st.builds(
        Card,
        id=st.integers(1, 9),
        name=few,
        email=st.sampled_from(["", "a@b.fr", "c@d.fr"]),
        dialled=st.sampled_from(["", "+33612345678"]),
        is_child=st.booleans(),
        guardian_id=st.sampled_from([None, 1]),
    ),
    max_size=9,
    unique_by=lambda card: card.id,
)


@pytest.mark.parametrize(
    ("text", "departement", "shown", "dialled"),
    [
        ("0384123456", "39", "03 84 12 34 56", "+33384123456"),
        (" 06.12-34 56\u202f78 ", "", "06 12 34 56 78", "+33612345678"),
        ("+33 (0)6 12 34 56 78", "974", "06 12 34 56 78", "+33612345678"),
        ("0692123456", "974", "06 92 12 34 56", "+262692123456"),
        ("0692123456", "39", "06 92 12 34 56", "+262692123456"),
        ("0690 12 34 56", "971", "06 90 12 34 56", "+590690123456"),
        ("25 83 00", "988", "+687 25 83 00", "+687258300"),
        ("40 41 23 45", "987", "+689 40 41 23 45", "+68940412345"),
        ("41 12 34", "975", "+508 41 12 34", "+508411234"),
        ("+41 22 730 61 11", "39", "+41 22 730 61 11", "+41227306111"),
        ("", "39", "", ""),
    ],
)
def test_a_number_is_shown_as_people_read_it_and_dialled_in_one_way(
    text: str, departement: str, shown: str, dialled: str
) -> None:
    phone = read_phone(text, departement)
    assert (phone.shown, phone.dialled) == (shown, dialled)


@pytest.mark.parametrize(
    ("text", "problem", "mend"),
    [
        ("03 84 12", "il manque des chiffres à ce numéro", "écrivez les dix, ou +687… pour un numéro d’outre-mer"),
        ("25 83 00", "il manque des chiffres à ce numéro", "écrivez les dix, ou +687… pour un numéro d’outre-mer"),
        ("3949", "ce n’est pas le numéro d’une personne", "écrivez 03 84 00 00 00, ou +687… pour un numéro d’ailleurs"),
        ("=1+1", "numéro illisible", "écrivez 03 84 00 00 00 ou +33 3 84 00 00 00"),
        ("0" * 10_000, "il y a trop de chiffres dans ce numéro", "écrivez 03 84 00 00 00 ou +33 3 84 00 00 00"),
    ],
)
def test_a_number_nobody_can_call_is_refused(text: str, problem: str, mend: str) -> None:
    with pytest.raises(BadNumber) as refused:
        read_phone(text, "39")
    assert (refused.value.problem, refused.value.mend) == (problem, mend)


@given(st.text(max_size=50), st.sampled_from(["", "39", *REGIONS]))
def test_a_number_is_refused_or_can_be_dialled_and_is_read_again_as_itself(text: str, departement: str) -> None:
    try:
        phone = read_phone(text, departement)
    except BadNumber:
        return
    if phone.dialled:
        assert phonenumbers.is_possible_number(phonenumbers.parse(phone.dialled))
        assert read_phone(phone.shown, departement) == phone


@given(names, names)
def test_names_fold_once_and_for_all_and_two_slips_are_not_one(one: str, other: str) -> None:
    assert folded(folded(one)) == folded(one) == folded(one.upper())
    assert one_slip(one, other) == one_slip(other, one)
    if one_slip(one, other):
        assert slips(one) & slips(other)


def test_names_are_compared_without_order_accents_or_signs() -> None:
    assert sorted_words(folded("DUPONT Marie-Ève")) == sorted_words(folded("marie eve dupont")) == "dupont eve marie"
    assert folded("<script>\u202e") == "script"
    assert len(folded("ﷺ" * 120)) <= 240


@pytest.mark.parametrize(
    ("one", "other", "reasons"),
    [
        (Card(1, "marie dupont"), Card(2, "dupont marie"), ("name",)),
        (Card(1, "thomas petit"), Card(2, "tomas petit"), ("near_name",)),
        (Card(1, "t petit"), Card(2, "thomas petit"), ("initial",)),
        (Card(1, "l petit"), Card(2, "thomas petit"), None),
        (Card(1, "ali"), Card(2, "alia"), None),
        (Card(1, "marie", "m@x.fr", "+33612345678"), Card(2, "paul", "m@x.fr", "+33612345678"), ("email", "phone")),
        (Card(1, "marie"), Card(2, "paul"), None),
        (Card(1, "zoe petit", "m@x.fr", is_child=True, guardian_id=3), Card(3, "zoe petit", "m@x.fr"), None),
        (
            Card(1, "zoe petit", "m@x.fr", is_child=True, guardian_id=3),
            Card(2, "leo petit", "m@x.fr", is_child=True, guardian_id=3),
            None,
        ),
        (
            Card(1, "zoe petit", is_child=True, guardian_id=3),
            Card(2, "petit zoe", is_child=True, guardian_id=3),
            ("name",),
        ),
    ],
)
def test_who_may_be_one_and_why(one: Card, other: Card, reasons: tuple[str, ...] | None) -> None:
    found, reversed_ = likeness(one, other), likeness(other, one)
    assert found == reversed_
    assert (found.reasons if found else None) == reasons
    assert likenesses([one, other]) == ([found] if found else [])


@given(cards)
def test_every_pair_is_found_without_comparing_all(people: list[Card]) -> None:
    found = {(one.one, one.other): one.reasons for one in likenesses(people)}
    all_pairs = (likeness(one, other) for one, other in combinations(people, 2))
    assert found == {(one.one, one.other): one.reasons for one in all_pairs if one}


def test_a_shared_telephone_does_not_propose_everybody_with_everybody() -> None:
    crowd = [Card(n, f"personne {chr(97 + n) * 9}", dialled="+33384123456") for n in range(MOST_TOGETHER + 8)]
    assert len(likenesses(crowd)) == len(crowd) - 1


@given(days, st.none() | days, days)
def test_a_membership_holds_from_its_first_day_to_its_last(starts_on: date, ends_on: date | None, day: date) -> None:
    held = is_current(starts_on, ends_on, day)
    assert held == (starts_on <= day <= (ends_on or date.max))


@given(st.text(max_size=300), st.text(max_size=300))
def test_a_name_is_refused_or_kept_on_one_line_within_bounds(name: str, note: str) -> None:
    read = read_person({"name": name, "note": note})
    if "name" not in read.wrongs:
        kept = read.values["name"]
        assert 0 < len(kept) <= 120
        assert kept == " ".join(kept.split())
        assert read_person({"name": kept}).values["name"] == kept


def test_what_cannot_be_read_is_told_by_field() -> None:
    read = read_person({"name": "x" * 10_000, "email": "nadıne@exemple.fr", "phone": "12", "note": "n" * 501})
    told = {name: (wrong.problem, wrong.mend) for name, wrong in read.wrongs.items()}
    assert told == {
        "name": ("dépasse 120 caractères", "raccourcissez"),
        "email": ("adresse électronique illisible", "écrivez nom@domaine.fr"),
        "phone": ("numéro illisible", "écrivez 03 84 00 00 00 ou +33 3 84 00 00 00"),
        "note": ("dépasse 500 caractères", "raccourcissez"),
    }
    blank = read_person({"name": "\u200b \x00"}).wrongs["name"]
    assert (blank.problem, blank.mend) == ("il manque un nom", "écrivez un prénom, un nom, ou les deux")


def test_an_organisation_has_a_true_siret_or_none() -> None:
    assert read_organisation({"name": "La Maille", "siret": "732 829 320 00074"}).values["siret"] == "73282932000074"
    wrong = read_organisation({"name": "La Maille", "siret": "73282932000075"}).wrongs["siret"]
    assert (wrong.problem, wrong.mend) == ("la clé du Siret est fausse", "vérifiez les 14 chiffres du Siret")


def test_a_membership_that_ends_before_it_starts_is_told() -> None:
    read = read_membership({"kind": "king", "fee_class": "royal", "starts_on": "2026-09-01", "ends_on": "2026-08-31"})
    assert {name: (wrong.problem, wrong.mend) for name, wrong in read.wrongs.items()} == {
        "kind": ("ce lien n’existe pas", "choisissez-en un de la liste"),
        "fee_class": ("ce tarif n’existe pas", "choisissez-en un de la liste"),
        "ends_on": ("ce jour est avant le premier", "écrivez un jour qui vient après, ou rien"),
    }
    missing = read_membership({"kind": "member"}).wrongs["starts_on"]
    assert (missing.problem, missing.mend) == ("il manque le premier jour", "écrivez-le comme 2026-09-01")


@given(st.text(max_size=12))
def test_a_day_is_read_in_one_way_only(text: str) -> None:
    day = read_day(text)
    assert day is None or day.isoformat() == text.strip() or not text.isascii()
    assert read_day("0001-01-01") is None and read_day("20260901") is None


def test_a_file_of_somebody_runs_no_formula_and_leaves_out_what_is_empty() -> None:
    table = Table("visit", "venue", ("who", "phone", "at"), ("qui", "numéro", "le"), (("=1+1", "+33612345678", None),))
    assert as_json([table]) == {"visit": [{"who": "=1+1", "phone": "+33612345678", "at": None}]}
    assert as_csv([table], ("a", "b", "c", "d")).split("\r\n") == [
        "\ufeffa;b;c;d",
        "venue;1;qui;'=1+1",
        "venue;1;numéro;'+33612345678",
        "",
    ]
