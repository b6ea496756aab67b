from hypothesis import given
from hypothesis import strategies as st

from maillage.cli import stamps


def test_a_fingerprint_does_not_depend_on_the_order_of_files(tmp_path):
    paths = [tmp_path / name for name in ("a", "b", "c")]
    for path in paths:
        path.write_text(path.name)
    assert stamps.fingerprint(paths) == stamps.fingerprint(reversed(paths))


@given(first=st.binary(max_size=20), second=st.binary(max_size=20))
def test_a_fingerprint_changes_exactly_when_the_content_does(tmp_path_factory, first, second):
    path = tmp_path_factory.mktemp("stamps") / "file"
    path.write_bytes(first)
    before = stamps.fingerprint([path], "3.11")
    path.write_bytes(second)
    assert (stamps.fingerprint([path], "3.11") == before) == (first == second)
    assert stamps.fingerprint([path], "3.12") != before


def test_stamps_are_read_back(tmp_path):
    path = tmp_path / "deep" / "stamps.json"
    stamps.write(path, {"base": "abc"})
    assert stamps.read(path) == {"base": "abc"}
    assert [one.name for one in path.parent.iterdir()] == ["stamps.json"]


def test_a_missing_or_broken_stamp_means_that_nothing_was_done(tmp_path):
    path = tmp_path / "stamps.json"
    assert stamps.read(path) == {}
    path.write_text("{half")
    assert stamps.read(path) == {}
    path.write_text("[1]")
    assert stamps.read(path) == {}
