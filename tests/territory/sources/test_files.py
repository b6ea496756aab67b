import gzip
from pathlib import Path

import pytest

from maillage.territory.rules.draft import GroundRefused
from maillage.territory.sources import files, table

END = ". Le fond actuel reste en place. Reprenez ce fichier à sa source, puis relancez la même commande."


def written(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(gzip.compress(content) if name.endswith(".gz") and content[:2] != b"\x1f\x8b" else content)
    return path


def test_plain_and_packed_files_read_alike(tmp_path: Path) -> None:
    for name in ("a.csv", "a.csv.gz"):
        assert files.read_text(written(tmp_path, name, "\ufeffnom\nÉpinal\n".encode())) == "nom\nÉpinal\n"


def test_a_fingerprint_follows_contents_and_not_dates(tmp_path: Path) -> None:
    path = written(tmp_path, "a.csv", b"1")
    first = files.fingerprint("r", [path, tmp_path / "absent"])
    path.touch()
    assert files.fingerprint("r", [path]) == first
    assert files.fingerprint("r 2", [path]) != first
    path.write_bytes(b"2")
    assert files.fingerprint("r", [path]) != first


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("a.json.gz", gzip.compress(b"[1, 2]" * 1000, mtime=0)[:30], "a.json.gz : l’archive gzip est coupée ou abîmée"),
        ("a.json.gz", b"\x1f\x8bnot gzip", "a.json.gz : l’archive gzip est coupée ou abîmée"),
        ("a.json", b"[1,\n2", "a.json, ligne 2 : le JSON est coupé ou abîmé"),
        ("a.json", b"[NaN]", "a.json : « NaN » n’est pas un nombre"),
        ("a.json", b"[-Infinity]", "a.json : « -Infinity » n’est pas un nombre"),
        ("a.json", b"[" * 200_000, "a.json : le JSON est trop profond, ou un de ses nombres trop long"),
        ("a.json", b"9" * 5_000, "a.json : le JSON est trop profond, ou un de ses nombres trop long"),
        ("a.json", '[\n"Épinal"]'.encode("latin-1"), "a.json, ligne 2 : le texte n’est pas en UTF-8"),
    ],
    ids=["cut", "not-gzip", "cut-json", "nan", "infinity", "deep", "long", "latin-1"],
)
def test_a_broken_file_says_what_and_where(tmp_path: Path, name: str, content: bytes, why: str) -> None:
    with pytest.raises(GroundRefused) as refusal:
        files.read_json(written(tmp_path, name, content))
    assert str(refusal.value) == why + END


def test_a_file_too_big_is_not_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path, "a.csv", b"x" * 2_000_001)
    monkeypatch.setattr(files, "MOST_BYTES_ON_DISK", 2_000_000)
    for read in (files.read_bytes, lambda p: files.fingerprint("r", [p])):
        with pytest.raises(GroundRefused) as refusal:
            read(path)
        assert str(refusal.value) == f"a.csv : le fichier dépasse 2 Mo{END}"


def test_a_small_file_that_unpacks_to_too_much_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path, "a.csv.gz", b"\0" * 3_000_000)
    assert path.stat().st_size < 10_000
    monkeypatch.setattr(files, "MOST_BYTES", 2_000_000)
    with pytest.raises(GroundRefused) as refusal:
        files.read_bytes(path)
    assert str(refusal.value) == f"a.csv.gz : le contenu dépasse 2 Mo{END}"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("code\n1\n", "t.csv, ligne 1 : il manque les colonnes nom"),
        ("", "t.csv, ligne 1 : il manque les colonnes code, nom"),
        ("code,nom\n1,a\n2\n", "t.csv, ligne 3 : 1 colonnes au lieu de 2"),
        ('code,nom\n1,"a\n', "t.csv, ligne 2 : la ligne n’est pas du CSV lisible"),
        ("code,nom\n1," + "a" * 200_000, "t.csv, ligne 2 : la ligne n’est pas du CSV lisible"),
    ],
)
def test_a_broken_table_says_what_and_where(tmp_path: Path, content: str, why: str) -> None:
    with pytest.raises(GroundRefused) as refusal:
        list(table.rows(written(tmp_path, "t.csv", content.encode()), ("code", "nom")))
    assert str(refusal.value) == why + END


def test_too_many_rows_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "MOST_ROWS", 1)
    with pytest.raises(GroundRefused, match=r"t\.csv, ligne 3 : plus de 1 lignes"):
        list(table.rows(written(tmp_path, "t.csv", b"code\n1\n2\n"), ("code",)))


def row(tmp_path: Path, value: str) -> table.Row:
    return table.Row(tmp_path / "t.csv", 7, {"x": value})


@pytest.mark.parametrize(
    ("kind", "written_as", "read"),
    [
        ("whole", "860.0", 860), ("whole", " 860 ", 860), ("whole", "", None), ("whole", "0", 0),
        ("decimal", "-1.5", -1.5), ("decimal", "46", 46.0), ("decimal", "", None),
        ("flag", "1", True), ("flag", "0", False), ("flag", "", None),
    ],
)  # fmt: skip
def test_a_cell_is_read_by_its_pattern(tmp_path: Path, kind: str, written_as: str, read: object) -> None:
    assert getattr(row(tmp_path, written_as), kind)("x") == read
    assert getattr(row(tmp_path, written_as), kind)("absent") is None


@pytest.mark.parametrize(
    ("kind", "value", "wanted"),
    [
        ("whole", "1.5", "un nombre entier"),
        ("whole", "-1", "un nombre entier"),
        ("whole", "1e9", "un nombre entier"),
        ("whole", "9" * 10, "un nombre entier"),
        ("whole", "٣", "un nombre entier"),
        ("decimal", "NaN", "un nombre décimal à point"),
        ("decimal", "inf", "un nombre décimal à point"),
        ("decimal", "1,5", "un nombre décimal à point"),
        ("decimal", "1e300", "un nombre décimal à point"),
        ("flag", "oui", "0 ou 1"),
    ],
)
def test_a_cell_off_its_pattern_is_refused(tmp_path: Path, kind: str, value: str, wanted: str) -> None:
    with pytest.raises(GroundRefused) as refusal:
        getattr(row(tmp_path, value), kind)("x")
    assert str(refusal.value) == f"t.csv, ligne 7 : colonne x, « {value} » alors qu’il faut {wanted}{END}"


@pytest.mark.parametrize("value", ["a" * 81, "a\x00b", "a\u202eb"])
def test_an_unreadable_text_is_refused(tmp_path: Path, value: str) -> None:
    with pytest.raises(GroundRefused, match="alors qu’il faut un texte lisible de 80 signes au plus"):
        row(tmp_path, value).text("x", 80)


def test_a_text_has_single_spaces(tmp_path: Path) -> None:
    assert row(tmp_path, "  CA ECLA  (Lons) ").text("x", 80) == "CA ECLA (Lons)"
