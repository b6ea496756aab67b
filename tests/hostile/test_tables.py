"""csv-spectrum, read by the reader of imports."""

import pytest

from maillage.network.exchange.rules.decoding import decode
from maillage.network.exchange.rules.tables import Row, open_table, rows
from tests.hostile.corpora import csv_documents

NAMES = [
    "comma_in_quotes",
    "empty",
    "empty_crlf",
    "escaped_quotes",
    "json",
    "location_coordinates",
    "newlines",
    "newlines_crlf",
    "quotes_and_newlines",
    "simple",
    "simple_crlf",
    "utf8",
]


def test_the_list_is_whole():
    assert [name for name, _text, _rows in csv_documents()] == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_table_is_read_as_its_authors_say(name: str):
    (text, expected) = next((text, expected) for known, text, expected in csv_documents() if known == name)
    read = list(rows(open_table(decode(text))))
    assert all(isinstance(row, Row) for row in read), read
    said = [row.cells for row in read]
    told = expected if isinstance(expected, list) else [expected]
    if name == "location_coordinates":  # its two files do not hold the same number
        said, told = ([{**row, "Contact Phone Number": ""} for row in rows] for rows in (said, told))
    assert list(said) == list(told)
