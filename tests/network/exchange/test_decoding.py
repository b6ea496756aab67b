import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maillage.network.exchange.rules.decoding import MOST_TOLD, decode, gunzip, text_of
from maillage.network.exchange.rules.reports import FileRefused, RowProblem
from maillage.network.exchange.rules.tables import Row, open_table, rows


def test_windows_1252_is_read_and_told():
    data = "ID;NOM\n1;Café « L’Œuvre »\n2;Relais à 10 €\n".encode("cp1252")
    read = text_of(data)
    assert read.text == "ID;NOM\n1;Café « L’Œuvre »\n2;Relais à 10 €\n"
    assert read.warnings == (
        RowProblem(
            2,
            "(ligne entière)",
            "1;Café « L’Œuvre »",
            "le fichier n’est pas en UTF-8\u202f: lu comme du Windows-1252",
            "vérifiez quelques accents\u202f; mieux, réenregistrez le fichier en UTF-8",
        ),
    )


def test_an_encoding_that_gives_no_french_is_refused_with_the_place_of_the_first_bad_byte_and_the_mend():
    data = b"ID,NOM\n1,Caf" + "é\n".encode("mac-roman")
    with pytest.raises(FileRefused) as refused:
        decode(data)
    assert str(refused.value) == (
        "Le fichier n’est ni en UTF-8 ni en Windows-1252\u202f: octet 0x8E à la position 12 (ligne 2). "
        "Réenregistrez-le en UTF-8 (dans un tableur\u202f: «\u202fEnregistrer sous\u202f», CSV UTF-8), "
        "puis relancez l’import."
    )


def test_lines_of_two_encodings_are_each_read_in_their_own_and_told():
    data = "nom\nCafé\n".encode() + "Forêt\n".encode("cp1252") + b"Caf\x8e\n" + b"Plain\n"
    read = text_of(data)
    assert [(told.line, told.value, told.problem) for told in read.warnings] == [
        (3, "Forêt", "cette ligne est en Windows-1252, d’autres en UTF-8\u202f: lue ainsi")
    ]
    said = list(rows(open_table(read.text)))
    assert [row.cells["nom"] for row in said if isinstance(row, Row)] == ["Café", "Forêt", "Plain"]
    assert [row for row in said if isinstance(row, RowProblem)] == [
        RowProblem(
            4,
            "nom",
            "Caf?",
            "octet 0x8E\u202f: ni UTF-8, ni Windows-1252",
            "réenregistrez le fichier en UTF-8",
        )
    ]


def test_a_thousand_mended_lines_are_told_in_fifty_one():
    data = "é;".encode() + b"a\n" + "Forêt;b\n".encode("cp1252") * 1000
    told = text_of(data).warnings
    assert (len(told), told[-1].problem) == (MOST_TOLD + 1, "et 950 autres ainsi")


def test_a_mark_left_in_the_middle_by_a_joining_of_files_is_taken_away_and_told():
    read = text_of("\ufeffnom\nA\n\ufeffB\n".encode())
    assert (read.text, [told.line for told in read.warnings]) == ("nom\nA\nB\n", [3])


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32"])
def test_a_marked_encoding_is_read(encoding):
    assert decode("nom\nÉté 🎈\n".encode(encoding)) == "nom\nÉté 🎈\n"


def test_a_broken_utf_16_is_refused():
    with pytest.raises(FileRefused) as refused:
        decode("nom\nA\n".encode("utf-16") + b"\x00")
    assert str(refused.value) == (
        "Le fichier s’annonce en UTF-16, mais l’octet 14 n’en est pas. Réenregistrez-le en UTF-8 "
        "(dans un tableur\u202f: «\u202fEnregistrer sous\u202f», CSV UTF-8), puis relancez l’import."
    )


def test_a_pdf_is_named():
    with pytest.raises(FileRefused) as refused:
        text_of(b"%PDF-1.7\n", "lieux.pdf")
    assert str(refused.value) == (
        "«\u202flieux.pdf\u202f» est un PDF, pas une liste de lieux. "
        "Demandez le fichier CSV ou le classeur d’où il vient."
    )


@given(st.binary(max_size=400))
def test_any_bytes_are_text_or_a_refusal(data):
    try:
        text_of(data)
    except FileRefused as refusal:
        assert str(refusal)


@pytest.mark.parametrize("data", [b"", b"\xef\xbb\xbf", b" \r\n\t\n", b"\x00\x00"])
def test_an_empty_file_is_told(data):
    with pytest.raises(FileRefused, match="Le fichier est vide"):
        decode(data)


def test_a_file_of_nothing_but_line_ends_is_refused_before_it_is_cut():
    with pytest.raises(FileRefused, match="Le fichier compte plus de 1000000 lignes"):
        decode(b"a\n" * 1_000_001)


@given(
    st.text(alphabet=st.characters(codec="utf-8"), min_size=1).filter(
        lambda t: t.strip("\x00 \t\r\n\ufeff") and "\n\ufeff" not in t
    )
)
def test_utf_8_is_read_with_or_without_its_mark(text):
    assert decode(text.encode("utf-8-sig")) == text
    if not text.startswith("\ufeff"):
        assert decode(text.encode()) == text


def test_a_bomb_stops_at_the_bound_without_being_inflated():
    bomb = gzip.compress(b"\0" * 5_000_000)
    with pytest.raises(FileRefused, match="Le fichier dépasse 1 Mo une fois décompressé"):
        gunzip(bomb, limit=1_000_000)
    many = gzip.compress(b"\0" * 600_000) * 3
    with pytest.raises(FileRefused, match="dépasse 1 Mo"):
        gunzip(many, limit=1_000_000)


def test_a_cut_or_damaged_archive_is_told():
    whole = gzip.compress(b"some rows\n" * 1000)
    with pytest.raises(FileRefused, match="Le fichier compressé est incomplet"):
        gunzip(whole[:-12])
    with pytest.raises(FileRefused, match="Le fichier compressé est abîmé"):
        gunzip(b"\x1f\x8b" + b"\xff" * 50)


@given(st.lists(st.binary(max_size=2000), min_size=1, max_size=4))
def test_members_are_joined(parts):
    assert gunzip(b"".join(gzip.compress(part) for part in parts)) == b"".join(parts)
    assert zlib.crc32(gunzip(gzip.compress(parts[0]))) == zlib.crc32(parts[0])
