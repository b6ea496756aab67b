import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maillage.network.exchange.rules.decoding import decode, gunzip
from maillage.network.exchange.rules.reports import FileRefused


def test_latin_1_is_refused_with_the_place_of_the_first_bad_byte_and_the_mend():
    data = b"ID,NOM\n1,Caf" + "é\n".encode("latin-1")
    with pytest.raises(FileRefused) as refused:
        decode(data)
    assert str(refused.value) == (
        "Le fichier n’est pas en UTF-8\u202f: octet 0xE9 à la position 12 (ligne 2). Il est sans doute en Latin-1 ou "
        "Windows-1252. Réenregistrez-le en UTF-8 (dans un tableur\u202f: «\u202fEnregistrer sous\u202f», CSV UTF-8), "
        "puis relancez l’import."
    )


def test_utf_16_is_named():
    with pytest.raises(FileRefused, match="Le fichier est en UTF-16"):
        decode("ID,NOM\n".encode("utf-16"))


@pytest.mark.parametrize("data", [b"", b"\xef\xbb\xbf", b" \r\n\t\n", b"\x00\x00"])
def test_an_empty_file_is_told(data):
    with pytest.raises(FileRefused, match="Le fichier est vide"):
        decode(data)


def test_a_file_of_nothing_but_line_ends_is_refused_before_it_is_cut():
    with pytest.raises(FileRefused, match="Le fichier compte plus de 1000000 lignes"):
        decode(b"a\n" * 1_000_001)


@given(st.text(alphabet=st.characters(codec="utf-8"), min_size=1).filter(lambda t: t.strip("\x00 \t\r\n\ufeff")))
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
