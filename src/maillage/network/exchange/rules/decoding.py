"""From bytes to text, within bounds: bombs are refused; an encoding that is not UTF-8 is told, or refused."""

import codecs
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from maillage.network.exchange.rules import spreadsheets
from maillage.network.exchange.rules.reports import FileRefused, RowProblem, short
from maillage.network.exchange.rules.tables import WHOLE_ROW

MAX_BYTES = 64_000_000
MAX_LINES = 1_000_000
_MEGA = 1_000_000
GZIP = b"\x1f\x8b"
MOST_TOLD = 50
UTF8, LATIN, UNREAD = "utf-8", "cp1252", "?"
_MARKS = {
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
"""The longer marks first: that of UTF-32 begins like that of UTF-16."""
_FRENCH = frozenset("àâäáãåæçéèêëíîïìñóôöòõœùûüúÿÀÂÄÁÇÉÈÊËÎÏÍÑÔÖÓŒÙÛÜÚŸßøØ«»“”„‘’–—…•·°²³€£©®™½¼¾×±§¨´¿¡ºª\u00a0\u00ad")


def gunzip(data: bytes, limit: int = MAX_BYTES) -> bytes:
    """Decompress gzip members, and stop at `limit` bytes.

    >>> import gzip
    >>> gunzip(gzip.compress(b"a") + gzip.compress(b"b"))
    b'ab'
    """
    out, rest = bytearray(), data
    while rest:
        member = zlib.decompressobj(wbits=31)
        try:
            out += member.decompress(rest, limit + 1 - len(out))
        except zlib.error as error:
            raise FileRefused(
                f"Le fichier compressé est abîmé ({error}). Téléchargez-le à nouveau, puis relancez l’import."
            ) from error
        if len(out) > limit:
            raise too_big(limit, "une fois décompressé")
        if not member.eof:
            raise FileRefused(
                "Le fichier compressé est incomplet : il s’arrête avant sa fin. "
                "Téléchargez-le à nouveau, puis relancez l’import."
            )
        rest = member.unused_data
    return bytes(out)


def too_big(limit: int, how: str = "") -> FileRefused:
    said = f" {how}" if how else ""
    return FileRefused(
        f"Le fichier dépasse {limit // _MEGA} Mo{said} : ce n’est sans doute pas un fichier de lieux. "
        "Découpez-le, par exemple par région, puis importez chaque morceau."
    )


@dataclass(frozen=True, slots=True)
class Decoded:
    """A file as text, what had to be guessed or mended to read it, and in what it was written."""

    text: str
    warnings: tuple[RowProblem, ...] = ()
    encoding: str = "UTF-8"


def text_of(data: bytes, name: str = "", *, sheet: str = "") -> Decoded:
    """The text of a file as it came: gzip and XLSX opened, its encoding recognised; `sheet` names one of a workbook.

    Raises `FileRefused` for what is too large, damaged, empty or in no encoding that can be told.

    >>> text_of("nom;ville\\nCafé;Dole\\n".encode("cp1252")).text
    'nom;ville\\nCafé;Dole\\n'
    """
    opened = gunzip(data) if data.startswith(GZIP) else data
    if spreadsheets.is_workbook(opened):
        read = spreadsheets.read_workbook(opened, sheet=sheet)
        return Decoded(_within_bounds(read.text), tuple(_of_the_sheet(read)), "classeur")
    if opened.startswith(b"%PDF"):
        said = f"« {short(name)} »" if name else "Le fichier"
        raise FileRefused(
            f"{said} est un PDF, pas une liste de lieux. Demandez le fichier CSV ou le classeur d’où il vient."
        )
    return _decoded(opened)


def _of_the_sheet(read: spreadsheets.Sheet) -> Iterator[RowProblem]:
    if read.others:
        names = short(", ".join(read.others))
        problem, mend = f"seule la feuille « {short(read.name)} » est lue", "enregistrez les autres à part, si besoin"
        yield RowProblem(1, WHOLE_ROW, names, problem, mend)
    if read.titles:
        yield RowProblem(1, WHOLE_ROW, "", f"{read.titles} ligne(s) de titre au-dessus de l’en-tête", "rien à faire")
    if read.unread_formulas:
        mend = "ouvrez le classeur dans un tableur, enregistrez-le, puis relancez"
        yield RowProblem(1, WHOLE_ROW, "", "des formules n’ont pas de résultat : leurs cellules sont vides", mend)


def _decoded(data: bytes) -> Decoded:
    for mark, encoding in _MARKS.items():
        if data.startswith(mark):
            return _marked(data, encoding)
    try:
        text = data.decode("utf-8-sig")
        told: list[RowProblem] = []
    except UnicodeDecodeError as error:
        text, told = _mended(data, error)
    encoding = "Windows-1252" if told else "UTF-8"
    _within_bounds(text)
    if "\n\ufeff" in text:
        told += [
            RowProblem(line, WHOLE_ROW, "", "une marque d’encodage est restée au milieu du fichier", "rien à faire")
            for line in _lines_of(text, "\n\ufeff")
        ]
        text = text.replace("\n\ufeff", "\n")
    return Decoded(text, tuple(told), encoding)


def _lines_of(text: str, sought: str) -> Iterator[int]:
    """The lines that begin with what follows the line end of `sought`, at most `MOST_TOLD` of them."""
    position, line, told = text.find(sought), 1, 0
    counted = 0
    while position >= 0 and told < MOST_TOLD:
        line += text.count("\n", counted, position + 1)
        counted, told = position + 1, told + 1
        yield line
        position = text.find(sought, position + 1)


def _marked(data: bytes, encoding: str) -> Decoded:
    try:
        return Decoded(_within_bounds(data.decode(encoding)), encoding=encoding.upper())
    except UnicodeDecodeError as error:
        raise FileRefused(
            f"Le fichier s’annonce en {encoding.upper()}, mais l’octet {error.start} n’en est pas. "
            "Réenregistrez-le en UTF-8 (dans un tableur : « Enregistrer sous », CSV UTF-8), puis relancez l’import."
        ) from error


def _mended(data: bytes, error: UnicodeDecodeError) -> tuple[str, list[RowProblem]]:
    """Text of a file that is not UTF-8: Windows-1252 whole, or the lines of it that are; each reading is told.

    A line that is neither keeps its unread bytes as lone surrogates: its row is refused further on.
    """
    lines = data.removeprefix(codecs.BOM_UTF8).split(b"\n")
    _few_enough(len(lines) - 1)
    read = [_line(line) for line in lines]
    if not any(how == LATIN for _text, how in read):
        raise _not_utf8(data, error)
    text = "\n".join(line for line, _how in read)
    if not any(how in (UTF8, UNREAD) for _text, how in read):
        number = next(number for number, (_text, how) in enumerate(read, 1) if how == LATIN)
        problem = "le fichier n’est pas en UTF-8 : lu comme du Windows-1252"
        mend = "vérifiez quelques accents ; mieux, réenregistrez le fichier en UTF-8"
        return text, [RowProblem(number, WHOLE_ROW, short(read[number - 1][0]), problem, mend)]
    problem, mend = "cette ligne est en Windows-1252, d’autres en UTF-8 : lue ainsi", "vérifiez ses accents"
    odd = [(number, line) for number, (line, how) in enumerate(read, 1) if how == LATIN]
    told = [RowProblem(number, WHOLE_ROW, short(line), problem, mend) for number, line in odd[:MOST_TOLD]]
    if len(odd) > MOST_TOLD:
        told.append(RowProblem(odd[MOST_TOLD][0], WHOLE_ROW, "", f"et {len(odd) - MOST_TOLD} autres ainsi", mend))
    return text, told


def _line(line: bytes) -> tuple[str, str]:
    """One line as text, and in what it was written: "" when that cannot matter.

    >>> _line("Café".encode()), _line("Café".encode("cp1252")), _line(b"Caf\\x8e")
    (('Café', 'utf-8'), ('Café', 'cp1252'), ('Caf\\udc8e', '?'))
    """
    if line.isascii():
        return line.decode("ascii"), ""
    try:
        return line.decode("utf-8"), UTF8
    except UnicodeDecodeError:
        pass
    try:
        text = line.decode(LATIN)
    except UnicodeDecodeError:
        text = ""
    if text and _is_french(text):
        return text, LATIN
    return line.decode("utf-8", "surrogateescape"), UNREAD


def _is_french(text: str) -> bool:
    """Whether the signs beyond ASCII are those that French files hold.

    >>> _is_french("L’été à Œuilly"), _is_french("CafŽ")
    (True, False)
    """
    return all(sign in _FRENCH for sign in text if not sign.isascii())


def _not_utf8(data: bytes, error: UnicodeDecodeError) -> FileRefused:
    line = data.count(b"\n", 0, error.start) + 1
    return FileRefused(
        f"Le fichier n’est ni en UTF-8 ni en Windows-1252 : octet 0x{error.object[error.start]:02X} à la position "
        f"{error.start} (ligne {line}). Réenregistrez-le en UTF-8 "
        "(dans un tableur : « Enregistrer sous », CSV UTF-8), puis relancez l’import."
    )


def decode(data: bytes) -> str:
    """Text in UTF-8, with or without its mark, or in another encoding that can be told; see `text_of`.

    >>> decode("\\ufeffété".encode())
    'été'
    """
    return _decoded(data).text


def _few_enough(line_ends: int) -> None:
    if line_ends > MAX_LINES:
        raise FileRefused(
            f"Le fichier compte plus de {MAX_LINES} lignes : ce n’est sans doute pas un fichier de lieux. "
            "Découpez-le, par exemple par région, puis importez chaque morceau."
        )


def _within_bounds(text: str) -> str:
    _few_enough(text.count("\n"))
    if not text.strip("\x00 \t\r\n"):
        raise FileRefused("Le fichier est vide. Vérifiez que le téléchargement ou l’enregistrement est allé au bout.")
    return text
