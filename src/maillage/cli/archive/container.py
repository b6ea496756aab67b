"""A zip whose last 64 characters sum up all that comes before them; read with distrust, whoever made it."""

import hashlib
import json
import os
import re
import stat
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO, Any, BinaryIO

FORMAT = 1
MANIFEST = "manifest.json"
MARK = b"maillage-backup:sha256:"
SEAL_BYTES = 64
PIECE_BYTES = 1 << 20
LONGEST_MANIFEST_BYTES = 64 << 20
SMALL_MEMBER_BYTES = 10 << 20
MOST_SWOLLEN = 200
"""How many times its packed size a member of more than 10 MB may have: tables of the registry stay under 30."""
_PART = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,119}")


class BackupRefused(ValueError):
    """The file cannot be restored; the message says why and what to do. Nothing was written."""


@dataclass(slots=True)
class Table:
    """One table of the backup: its columns in the order of its rows, how many rows, the last number it ever gave."""

    fields: list[str]
    rows: int
    last_number: int | None = None


@dataclass(slots=True)
class Manifest:
    """What a backup holds, and what it was made from. Settings have their names here, never their values."""

    maillage: str
    made_at: str
    engine: str
    format: int = FORMAT
    migrations: list[list[str]] = field(default_factory=list)
    settings: list[str] = field(default_factory=list)
    missing_files: list[str] = field(default_factory=list)
    tables: dict[str, Table] = field(default_factory=dict)
    members: dict[str, list[Any]] = field(default_factory=dict)


def is_safe(name: str) -> bool:
    """Whether a member's name can only be a file inside the folder it is meant for.

    >>> [is_safe(n) for n in ("media/photos/a1.webp", "../a", "/a", "a//b", "a/./b", "c:/a", "a\\\\b", ".ssh/a", "a/")]
    [True, False, False, False, False, False, False, False, False]
    """
    parts = name.split("/")
    return len(parts) <= 6 and all(_PART.fullmatch(part) for part in parts)


class Writer:
    """Write members one after the other, then the manifest, then the seal."""

    def __init__(self, stream: IO[bytes]) -> None:
        self.stream = stream
        self.zip = zipfile.ZipFile(stream, "w")
        self.members: dict[str, list[Any]] = {}

    @contextmanager
    def member(self, name: str, *, packed: bool = True) -> Iterator["_Summed"]:
        info = zipfile.ZipInfo(name)
        info.compress_type = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
        info.external_attr = (stat.S_IFREG | 0o600) << 16
        with self.zip.open(info, "w", force_zip64=True) as raw:
            summed = _Summed(raw)
            yield summed
        self.members[name] = [summed.size, summed.hash.hexdigest()]

    def abandon(self) -> None:
        """Leave the file as it is: nothing more is written, not even when the object goes."""
        self.zip.fp = None

    def finish(self, manifest: Manifest) -> None:
        """Write the manifest and seal the file; without this call the file is nothing that `read` accepts."""
        manifest.members = dict(self.members)
        with self.member(MANIFEST) as out:
            out.write(json.dumps(asdict(manifest), indent=1).encode())
        self.zip.comment = MARK + b"0" * SEAL_BYTES
        self.zip.close()
        self.stream.flush()
        seal = _seal(self.stream, self.stream.seek(0, os.SEEK_END) - SEAL_BYTES)
        self.stream.seek(-SEAL_BYTES, os.SEEK_END)
        self.stream.write(seal)


class _Summed:
    def __init__(self, raw: IO[bytes]) -> None:
        self.raw, self.size, self.hash = raw, 0, hashlib.sha256()

    def write(self, data: bytes) -> None:
        self.raw.write(data)
        self.size += len(data)
        self.hash.update(data)


def _seal(stream: IO[bytes], length: int) -> bytes:
    stream.seek(0)
    summed = hashlib.sha256()
    while length > 0 and (piece := stream.read(min(PIECE_BYTES, length))):
        summed.update(piece)
        length -= len(piece)
    return summed.hexdigest().encode()


@dataclass(slots=True)
class Archive:
    """A backup whose seal, names, sizes and sums have all been checked."""

    manifest: Manifest
    zip: zipfile.ZipFile

    def lines(self, name: str) -> Iterator[bytes]:
        with self.zip.open(name) as stream:
            yield from stream

    def pieces(self, name: str) -> Iterator[bytes]:
        with self.zip.open(name) as stream:
            while piece := stream.read(PIECE_BYTES):
                yield piece


BROKEN = (
    "la sauvegarde est abîmée ou coupée ({}). Rien n’a été écrit. Reprenez une copie entière, ou une autre sauvegarde."
)
STRANGE = (
    "ce fichier n’a pas été fait par « maillage backup » ({}). Rien n’a été écrit. Donnez une sauvegarde de Maillage."
)


@contextmanager
def read(path: Path) -> Iterator[Archive]:
    """Open a backup once everything in it has been checked; raises `BackupRefused`."""
    with path.open("rb") as stream:
        _check_seal(stream)
        try:
            opened = zipfile.ZipFile(stream)
            manifest = _checked(opened, os.fstat(stream.fileno()).st_size)
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
            raise BackupRefused(BROKEN.format(error)) from error
        with opened:
            yield Archive(manifest, opened)


def _check_seal(stream: BinaryIO) -> None:
    length = stream.seek(0, os.SEEK_END) - SEAL_BYTES
    if length < len(MARK):
        raise BackupRefused(STRANGE.format("il est trop petit"))
    stream.seek(length - len(MARK))
    end = stream.read()
    if not end.startswith(MARK):
        raise BackupRefused(BROKEN.format("sa fin manque, ou ce n’est pas une sauvegarde de Maillage"))
    if _seal(stream, length) != end[len(MARK) :]:
        raise BackupRefused(BROKEN.format("sa somme de contrôle n’est pas la sienne"))


def _checked(opened: zipfile.ZipFile, size: int) -> Manifest:
    infos = opened.infolist()
    names = [info.filename for info in infos]
    if len(set(names)) != len(names):
        raise BackupRefused(STRANGE.format("deux fichiers y ont le même nom"))
    for info in infos:
        _check_member(info)
    if sum(info.compress_size for info in infos) > size:
        raise BackupRefused(STRANGE.format("ses fichiers se chevauchent"))
    if MANIFEST not in names:
        raise BackupRefused(STRANGE.format("son sommaire manque"))
    if opened.getinfo(MANIFEST).file_size > LONGEST_MANIFEST_BYTES:
        raise BackupRefused(STRANGE.format("son sommaire est démesuré"))
    manifest = read_manifest(opened.read(MANIFEST))
    if set(manifest.members) != set(names) - {MANIFEST}:
        raise BackupRefused(STRANGE.format("son sommaire ne nomme pas les mêmes fichiers"))
    for name, (length, digest) in manifest.members.items():
        _check_sum(opened, name, length, digest)
    return manifest


def _check_member(info: zipfile.ZipInfo) -> None:
    kind = stat.S_IFMT(info.external_attr >> 16)
    if not is_safe(info.filename) or info.filename != info.orig_filename:
        raise BackupRefused(STRANGE.format(f"nom de fichier refusé : {info.filename[:80]!r}"))
    if kind not in (0, stat.S_IFREG):
        raise BackupRefused(STRANGE.format(f"{info.filename} n’est pas un simple fichier"))
    if info.flag_bits & 0x1 or info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise BackupRefused(STRANGE.format(f"{info.filename} est chiffré ou comprimé autrement"))
    if info.file_size > max(SMALL_MEMBER_BYTES, MOST_SWOLLEN * info.compress_size):
        raise BackupRefused(STRANGE.format(f"{info.filename} gonflerait jusqu’à {info.file_size} octets"))


def _check_sum(opened: zipfile.ZipFile, name: str, length: int, digest: str) -> None:
    summed, read_bytes = hashlib.sha256(), 0
    with opened.open(name) as stream:
        while piece := stream.read(PIECE_BYTES):
            summed.update(piece)
            read_bytes += len(piece)
    if read_bytes != length or summed.hexdigest() != digest:
        raise BackupRefused(BROKEN.format(f"{name} n’est pas celui du sommaire"))


def read_manifest(data: bytes) -> Manifest:
    """Read a manifest, refusing what is not one, or comes from a newer Maillage."""
    try:
        told = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise BackupRefused(STRANGE.format("sommaire illisible")) from error
    if not isinstance(told, dict) or not isinstance(told.get("format"), int):
        raise BackupRefused(STRANGE.format("sommaire sans format"))
    if told["format"] > FORMAT:
        raise BackupRefused(
            f"cette sauvegarde vient d’un Maillage plus récent (format {told['format']}, ici {FORMAT}). "
            "Rien n’a été écrit. Mettez le code à jour (git pull), puis relancez."
        )
    try:
        manifest = Manifest(
            **{name: value for name, value in told.items() if name != "tables"},
            tables={label: Table(**facts) for label, facts in told["tables"].items()},
        )
        _check_shape(manifest)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise BackupRefused(STRANGE.format("sommaire mal fait")) from error
    return manifest


def _check_shape(told: Manifest) -> None:
    texts = [told.maillage, told.made_at, told.engine, *told.settings, *told.missing_files, *told.tables]
    for app, name in told.migrations:
        texts += [app, name]
    for length, digest in told.members.values():
        texts.append(digest)
        if not isinstance(length, int):
            raise TypeError("length")
    for table in told.tables.values():
        texts += table.fields
        if not isinstance(table.rows, int) or not isinstance(table.last_number, int | None):
            raise TypeError("rows")
    if not all(isinstance(text, str) for text in texts):
        raise TypeError("text")
    if datetime.fromisoformat(told.made_at).tzinfo is None:
        raise ValueError("made_at")
