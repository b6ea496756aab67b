import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maillage.network.exchange.rules import mending
from maillage.places.rules.fields import read_url


@pytest.mark.parametrize(
    ("cell", "address"),
    [
        ("www.ade-coworking.net", "https://www.ade-coworking.net"),
        ("\u00a0www.pingpong-cowork.com", "https://www.pingpong-cowork.com"),
        ("Innovation studio\u00a0http://theschoolab.com/", "http://theschoolab.com/"),
        ("pop.eu.com/lastation", "https://pop.eu.com/lastation"),
        ("en cours", None),
        ("nomade@laposte.example", None),
        ("Madame X", None),
        ("javascript:alert(1)", None),
        ("http://", None),
        ("https://" + "x" * 600 + ".fr", None),
    ],
)
def test_addresses_as_people_type_them(cell, address):
    assert mending.address(cell) == address


@pytest.mark.parametrize(
    ("cell", "site", "address"),
    [
        ("@collectif_poc", "twitter.com", "https://twitter.com/collectif_poc"),
        ("3615factory", "twitter.com", "https://twitter.com/3615factory"),
        ("www.twitter.com/criparis", "twitter.com", "https://www.twitter.com/criparis"),
        ("https://www.instagram.com/x", "twitter.com", "https://www.instagram.com/x"),
        ("/groups/wigwam.lannion", "www.facebook.com", "https://www.facebook.com/groups/wigwam.lannion"),
        ("Le Cerisier - Cie", "www.facebook.com", None),
        ("", "twitter.com", None),
    ],
)
def test_pages_on_networks(cell, site, address):
    assert mending.social(cell, site) == address


@given(st.text(max_size=60), st.sampled_from(["twitter.com", "www.facebook.com"]))
def test_whatever_is_found_is_an_address_the_registry_keeps_as_it_is(text, site):
    for found in (mending.address(text), mending.social(text, site)):
        assert found is None or read_url(found) == found


@pytest.mark.parametrize(
    ("cell", "dated"),
    [
        ("2022-06-15", "2022-06-15"),
        ("2024-09", "2024-09"),
        ("2022", "2022"),
        ("04/11/2021 15:15:13", "2021-11-04"),
        ("2020/07/07 11:24:24.947", "2020-07-07"),
        ("02/06/2021", "2021-06-02"),
        ("06/2019", "2019-06"),
        ("", ""),
        ("09/0102023", None),
        ("31/13/2020", None),
        ("0000", None),
        ("bientôt", None),
    ],
)
def test_dates_as_french_files_write_them(cell, dated):
    assert mending.partial_date(cell) == dated


@given(st.dates())
def test_dates_come_back_whatever_the_way_they_are_written(day):
    expected = day.isoformat() if 1800 <= day.year <= 2100 else None
    for written in (day.isoformat(), f"{day.day:02}/{day.month:02}/{day.year:04}", day.isoformat().replace("-", "/")):
        assert mending.partial_date(written) == expected


@given(st.text(max_size=30))
def test_no_text_breaks_the_date_reader(text):
    found = mending.partial_date(text)
    assert found is None or found == "" or re.fullmatch(r"\d{4}(-\d\d(-\d\d)?)?", found)
