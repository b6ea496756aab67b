import pytest
from hypothesis import given
from hypothesis import strategies as st

from maillage.network.observatory.rules.duplicates import Told, bare_name, likely_duplicates, site

places = st.lists(
    st.builds(
        Told,
        key=st.integers(0, 10**6),
        name=st.sampled_from(["L’Étoile", "etoile", "Le Coworking", "La Grange", "Grange (tiers-lieu)", "Z", ""]),
        commune=st.sampled_from(["39093", "25056", ""]),
        website=st.sampled_from(
            ["", "https://etoile.fr", "http://www.etoile.fr/", "https://facebook.com/x", "https://["]
        ),
    ),
    max_size=25,
    unique_by=lambda told: told.key,
)


@given(places, st.randoms())
def test_the_order_changes_nothing(found, chance):
    twice = likely_duplicates(found)
    shuffled = list(found)
    chance.shuffle(shuffled)
    assert likely_duplicates(shuffled) == twice


@given(places)
def test_the_first_of_each_group_stays_and_without_the_others_nothing_is_twice(found):
    twice = likely_duplicates(found)
    kept = [told for told in found if told.key not in twice]
    assert len(kept) + len(twice) == len(found)
    assert not any(told.key in twice for told in found if not told.commune)
    if found:
        assert kept
    by_name = [(told.commune, bare_name(told.name)) for told in kept if told.commune and len(bare_name(told.name)) >= 3]
    assert len(by_name) == len(set(by_name))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (Told(1, "L’Étoile", "39093"), Told(2, "ETOILE, tiers-lieu", "39093"), True),
        (Told(1, "L’Étoile", "39093"), Told(2, "L’Étoile", "25056"), False),
        (Told(1, "L’Étoile", ""), Told(2, "L’Étoile", ""), False),
        (Told(1, "A", "39093", "https://www.a.fr/"), Told(2, "B", "39093", "http://a.fr"), True),
        (Told(1, "A", "39093", "https://facebook.com/a"), Told(2, "B", "39093", "https://facebook.com/a"), False),
        (Told(1, "Z", "39093"), Told(2, "Z", "39093"), False),
        (Told(1, "A", "39093", "https://["), Told(2, "B", "39093", "https://["), False),
    ],
)
def test_same_commune_and_same_name_or_same_site(one, other, same):
    assert bool(likely_duplicates([one, other])) == same


def test_three_tied_two_by_two_are_one_place_told_three_times():
    tied = [
        Told(1, "Étoile", "39093"),
        Told(2, "Etoile", "39093", "https://etoile.fr"),
        Told(3, "Autre nom", "39093", "https://etoile.fr"),
    ]
    assert likely_duplicates(tied) == {2, 3}


def test_an_address_that_is_none_says_nothing():
    assert site("https://[") == site("") == ""
