"""Workbooks: what a spreadsheet program writes is read, what a person with bad intentions writes is refused at once."""

import io
import time
import tracemalloc
import zipfile
from datetime import date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from maillage.network.exchange.rules import spreadsheets
from maillage.network.exchange.rules.decoding import text_of
from maillage.network.exchange.rules.reports import FileRefused
from maillage.network.exchange.rules.spreadsheets import read_workbook
from maillage.network.exchange.rules.tables import Row, open_table, rows

MEND = "Enregistrez la feuille des lieux seule, en CSV UTF-8 ou en .xlsx, puis relancez l’import."


def workbook(*sheets: tuple[str, list[list[object]]]) -> bytes:
    book = Workbook()
    book.remove(book.active)
    for name, lines in sheets:
        sheet = book.create_sheet(name)
        for line in lines:
            sheet.append(line)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def repacked(data: bytes, **changes: bytes) -> bytes:
    """The same workbook with members replaced (`sheet`: the first sheet, `workbook`: the list of sheets)."""
    paths = {"sheet": "xl/worksheets/sheet1.xml", "workbook": "xl/workbook.xml"}
    replaced = {paths[name]: content for name, content in changes.items()}
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for member in old.infolist():
            new.writestr(member.filename, replaced.get(member.filename, old.read(member)))
    return stream.getvalue()


def refusal(data: bytes, **more) -> str:
    with pytest.raises(FileRefused) as refused:
        read_workbook(data, **more)
    return str(refused.value)


def test_cells_become_text_and_rows_keep_their_numbers():
    lines = [
        ["nom", "code postal", "ouvert le", "wifi", "lat"],
        ["La Maille, à Chamblay", "01400", date(2019, 6, 30), True, 46.99],
        [],
        ['Le "Relais"', 1400, datetime(2020, 1, 2, 3, 4), False, 47.0],
        ["deux\nlignes"],
    ]
    said = list(rows(open_table(read_workbook(workbook(("Lieux", lines))).text)))
    assert [row.line for row in said] == [2, 4, 5]
    assert [tuple(row.cells.values()) for row in said] == [
        ("La Maille, à Chamblay", "01400", "2019-06-30", "oui", "46.99"),
        ('Le "Relais"', "1400", "2020-01-02 03:04:00", "non", "47"),
        ("deux lignes", "", "", "", ""),
    ]


def test_titles_above_the_header_and_other_sheets_are_told():
    data = workbook(
        ("Vide", []),
        ("Lieux", [["Lieux de l’Avesnois"], [], ["nom", "ville"], ["La Maille", "Chamblay"]]),
        ("Contacts", [["a", "b"]]),
    )
    read = text_of(data)
    assert list(rows(open_table(read.text))) == [Row(4, {"nom": "La Maille", "ville": "Chamblay"})]
    assert [(told.problem, told.value) for told in read.warnings] == [
        ("seule la feuille «\u202fLieux\u202f» est lue", "Contacts"),
        ("1 ligne(s) de titre au-dessus de l’en-tête", ""),
    ]
    assert read_workbook(data, sheet="Contacts").text == "a,b\n"
    assert refusal(data, sheet="Absente") == (
        "Le classeur n’a pas de feuille «\u202fAbsente\u202f». "
        "Feuilles\u202f: «\u202fVide\u202f», «\u202fLieux\u202f», «\u202fContacts\u202f»."
    )


def test_a_formula_is_never_run_and_one_without_a_result_is_told():
    data = workbook(("Lieux", [["nom", "total"], ["La Maille", '=HYPERLINK("http://127.0.0.1","x")']]))
    read = text_of(data)
    assert [row.cells["total"] for row in rows(open_table(read.text))] == [""]
    assert [told.problem for told in read.warnings] == [
        "des formules n’ont pas de résultat\u202f: leurs cellules sont vides"
    ]
    kept = repacked(
        data,
        sheet=b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1">'
        b'<c r="A1" t="inlineStr"><is><t>nom</t></is></c><c r="B1"><f>1+1</f><v>2</v></c></row></sheetData>'
        b"</worksheet>",
    )
    assert (text_of(kept).text, text_of(kept).warnings) == ("nom,2\n", ())


def bomb() -> bytes:
    """A workbook whose sheet unpacks to 400 MB."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.xml", "<workbook/>")
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as member:
            for _ in range(400):
                member.write(b"<c><v>1</v></c>" * 66_667)
    return stream.getvalue()


def test_a_bomb_is_refused_by_its_directory_before_anything_is_unpacked():
    data = bomb()
    assert len(data) < 2_000_000
    tracemalloc.start()
    began = time.process_time()
    said = refusal(data)
    spent, (_now, peak) = time.process_time() - began, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert said == (
        "Le classeur dépasse 128 Mo une fois décompressé\u202f: ce n’est sans doute pas une liste de lieux. " + MEND
    )
    assert (spent < 1, peak < 20_000_000) == (True, True)


def test_a_directory_that_lies_is_caught_while_unpacking(monkeypatch):
    data = workbook(("Lieux", [["nom"], *(["x" * 200] for _ in range(2000))]))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        true = {member.filename: member.file_size for member in archive.infolist()}["xl/worksheets/sheet1.xml"]
    lying = data.replace(true.to_bytes(4, "little"), (10).to_bytes(4, "little"))
    assert lying != data
    assert refusal(lying).startswith("Le classeur est abîmé\u202f:")
    monkeypatch.setattr(spreadsheets, "MAX_UNPACKED", sum(true for _ in "a") // 2)
    assert "une fois décompressé" in refusal(data)


LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'
    b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData/></worksheet>'
)


@pytest.mark.parametrize("content", [LAUGHS, LAUGHS.decode().encode("utf-16")], ids=["utf-8", "utf-16"])
def test_entities_are_refused_in_whatever_encoding(content):
    data = repacked(workbook(("Lieux", [["nom"]])), sheet=content)
    assert refusal(data) == "Le classeur contient des déclarations XML qu’aucun tableur n’écrit. " + MEND


def test_a_cell_far_away_takes_no_memory_and_a_wide_row_is_refused():
    sheet = (
        b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><dimension ref="A1:XFD1048576"/>'
        b'<sheetData><row r="1"><c r="A1"><v>1</v></c><c r="B1"><v>1</v></c></row>'
        b'<row r="%d"><c r="%s"><v>1</v></c></row></sheetData></worksheet>'
    )
    whole = workbook(("Lieux", [["nom"]]))
    tracemalloc.start()
    assert read_workbook(repacked(whole, sheet=sheet % (1048576, b"A1048576"))).text == "1,1\n"
    said = refusal(repacked(whole, sheet=sheet % (2, b"XFD2")))
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert said == "La feuille dépasse 200000 lignes, 1000 colonnes ou 1000000 cellules. " + MEND
    assert peak < 20_000_000


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (
            spreadsheets.OLD_EXCEL + b"\0" * 600,
            "C’est un ancien classeur Excel (.xls), ou un classeur protégé par un mot de passe. "
            "Enregistrez-le en .xlsx sans mot de passe, ou en CSV UTF-8, puis relancez l’import.",
        ),
        (b"PK\x03\x04" + b"\0" * 200, "Le classeur est abîmé\u202f: File is not a zip file. " + MEND),
        (workbook(("Lieux", [[None, ""]])), "Le classeur est vide. " + MEND),
    ],
    ids=[
        "old",
        "broken",
        "empty",
    ],  # A workbook holds the moment of its making: two workers would not collect one name.
)
def test_what_is_no_workbook_is_told(data, said):
    assert refusal(data) == said


def test_an_archive_and_an_opendocument_are_named():
    for name, kind in (
        ("a.txt", "une archive, pas un classeur .xlsx"),
        ("content.xml", "un classeur OpenDocument (.ods)"),
    ):
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w") as archive:
            archive.writestr(name, "<a/>")
        assert refusal(stream.getvalue()) == f"C’est {kind}. {MEND}"


WHOLE = workbook(("Lieux", [["nom", "lat"], ["La Maille", 46.99], ["Le Relais", 47.1]]))


@settings(max_examples=150, deadline=None)
@given(st.integers(0, len(WHOLE) - 1), st.binary(min_size=1, max_size=6))
def test_a_damaged_workbook_is_read_or_refused_never_a_crash(position, bytes_):
    data = WHOLE[:position] + bytes_ + WHOLE[position + len(bytes_) :]
    try:
        text_of(data)
    except FileRefused as refused:
        assert str(refused)


@settings(max_examples=80, deadline=None)
@given(st.binary(max_size=300).map(lambda inside: inside.replace(b"<!", b"")))
def test_a_sheet_of_anything_is_read_or_refused_never_a_crash(inside):
    head = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1">'
    try:
        read_workbook(repacked(WHOLE, sheet=head + inside + b"</row></sheetData></worksheet>"))
    except FileRefused as refused:
        assert str(refused)
