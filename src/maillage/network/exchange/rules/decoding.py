"""From bytes to text, within bounds: compressed bombs and unknown encodings are refused, never guessed."""

import zlib

from maillage.network.exchange.rules.reports import FileRefused

MAX_BYTES = 64_000_000
MAX_LINES = 1_000_000
_MEGA = 1_000_000
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


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


def decode(data: bytes) -> str:
    """Read UTF-8, with or without its mark; anything else is refused with the place of the first bad byte.

    >>> decode("\\ufeffété".encode())
    'été'
    """
    if data.startswith(_UTF16):
        raise FileRefused(
            "Le fichier est en UTF-16, pas en UTF-8. Réenregistrez-le en UTF-8 "
            "(dans un tableur : « Enregistrer sous », CSV UTF-8), puis relancez l’import."
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise FileRefused(
            f"Le fichier n’est pas en UTF-8 : octet 0x{data[error.start]:02X} à la position {error.start} "
            f"(ligne {line}). Il est sans doute en Latin-1 ou Windows-1252. Réenregistrez-le en UTF-8 "
            "(dans un tableur : « Enregistrer sous », CSV UTF-8), puis relancez l’import."
        ) from error
    if text.count("\n") > MAX_LINES:
        raise FileRefused(
            f"Le fichier compte plus de {MAX_LINES} lignes : ce n’est sans doute pas un fichier de lieux. "
            "Découpez-le, par exemple par région, puis importez chaque morceau."
        )
    if not text.strip("\x00 \t\r\n"):
        raise FileRefused("Le fichier est vide. Vérifiez que le téléchargement ou l’enregistrement est allé au bout.")
    return text
