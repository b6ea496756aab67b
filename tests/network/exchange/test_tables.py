import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maillage.network.exchange.rules import tables
from maillage.network.exchange.rules.reports import FileRefused, RowProblem
from maillage.network.exchange.rules.tables import Row, identity, open_table, rows

CELLS = st.text(alphabet=st.sampled_from("ab\"',;\t é\n\r=|🎈\u2028\x0b"), max_size=12)


def read(text):
    return list(rows(open_table(text)))


@given(st.lists(st.tuples(CELLS, CELLS, CELLS), max_size=12), st.sampled_from(["\n", "\r\n"]))
def test_what_a_csv_writer_writes_is_read_back(written, ending):
    written = [row for row in written if any(cell.strip() for cell in row)]
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator=ending, quoting=csv.QUOTE_ALL)
    writer.writerow(["a", "b", "c"])
    writer.writerows(written)
    found = read(stream.getvalue())
    assert [tuple(row.cells.values()) for row in found] == written
    lines = stream.getvalue().split("\n")
    assert all(lines[row.line - 1].startswith('"') for row in found)


@given(st.lists(st.text(alphabet=st.sampled_from('ab",\n\r\x00'), max_size=30), max_size=10))
def test_no_text_breaks_the_reader_and_every_line_is_accounted_for(pieces):
    text = "a,b\n" + "\n".join(pieces)
    found = read(text)
    numbers = [item.line for item in found]
    assert numbers == sorted(set(numbers))
    assert all(isinstance(item, Row | RowProblem) for item in found)
    assert all(2 <= number <= text.count("\n") + 1 for number in numbers)


def test_a_quote_left_open_condemns_one_row_and_not_its_neighbours():
    text = 'a,b\n1,2\n"open,3\n4,"quoted, cell"\n5,"two\nlines"\n6,7\n'
    found = read(text)
    assert [(item.line, isinstance(item, Row)) for item in found] == [
        (2, True),
        (3, False),
        (4, True),
        (5, True),
        (7, True),
    ]
    assert found[3].cells == {"a": "5", "b": "two\nlines"}
    assert found[1] == RowProblem(
        3, "(ligne entière)", '"open,3', "guillemets ou fins de ligne mal placés",
        "doublez les guillemets à l’intérieur d’une cellule",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("row", "column", "value", "problem"),
    [
        ("1", "b", "1", "1 cellules au lieu de 3"),
        ("1,2,3,4,5", "(ligne entière)", "3,4,5", "5 cellules au lieu de 3"),
        ("1,x\x00y,3", "b", "x␀y", "contient un caractère nul"),
        ('1,"2,3', "(ligne entière)", '1,"2,3', "un guillemet n’est jamais refermé"),
        ('1,"2"2,3', "(ligne entière)", '1,"2"2,3', "guillemets ou fins de ligne mal placés"),
        (
            f"1,{'x' * (tables.MAX_CELL + 1)},3",
            "(ligne entière)",
            f"1,{'x' * 198}",
            "une cellule dépasse 100000 caractères",
        ),
    ],
)
def test_a_broken_row_is_told_with_its_line_column_and_value(row, column, value, problem):
    before, broken, after = read(f"a,b,c\n7,8,9\n{row}\n4,5,6\n")
    assert (before.cells["a"], after.cells["a"]) == ("7", "4")
    assert (broken.line, broken.column, broken.value, broken.problem) == (3, column, value, problem)
    assert broken.mend


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_delimiter_is_the_one_of_the_header(delimiter):
    table = open_table(delimiter.join(["\ufeffa"[1:], "b x", "c"]) + "\n1\n")
    assert (table.delimiter, table.header) == (delimiter, ("a", "b x", "c"))


def test_a_header_that_names_a_column_twice_is_refused():
    with pytest.raises(FileRefused) as refused:
        open_table("ID,NOM,ID\n")
    assert str(refused.value) == (
        "L’en-tête nomme deux fois la même colonne\u202f: ID. "
        "Renommez ou retirez la colonne en double, puis relancez l’import."
    )


def test_a_header_with_null_characters_is_refused():
    with pytest.raises(FileRefused, match="La première ligne n’est pas un en-tête lisible"):
        open_table("I\x00D,NOM\n1,2\n")


def test_a_file_of_nothing_but_broken_rows_is_given_up():
    with pytest.raises(FileRefused, match="Plus de 10000 lignes sont illisibles"):
        read("a,b\n" + "1\n" * (tables.MAX_BROKEN + 1))
    assert len(read("a,b\n" + "1\n" * tables.MAX_BROKEN)) == tables.MAX_BROKEN


@given(st.lists(st.sampled_from(["", " ", "a", " a", "b", "b ", "c" * 200, "c" * 201]), max_size=12))
def test_an_identifier_is_one_row_s_own_and_every_other_row_is_told_why(refs):
    seen: dict[str, int] = {}
    told = [identity(Row(line, {"ID": ref}), "ID", seen) for line, ref in enumerate(refs, start=2)]
    fit = [ref.strip() for ref in refs if 0 < len(ref.strip()) <= 200]
    assert set(seen) == set(fit)
    assert told.count(None) == len(set(fit))
    for ref, line in seen.items():
        assert refs[line - 2].strip() == ref
        assert fit.count(ref) == 1 + sum(t is not None and t.problem.endswith(f"ligne {line}") for t in told)


def test_a_row_without_an_identifier_is_told_what_to_do():
    assert identity(Row(7, {"ID": " "}), "ID", {}) == RowProblem(
        7, "ID", "", "l’identifiant manque ou est trop long", "donnez un identifiant unique"
    )


def test_columns_that_no_field_is_read_from_are_named_in_their_order():
    assert open_table("z,ID,a\n").unmapped({"ID"}) == ("z", "a")
