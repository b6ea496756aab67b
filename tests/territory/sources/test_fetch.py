import errno
import os
import socket
from contextlib import contextmanager
from pathlib import Path

import pytest

from maillage.territory.sources.fetch import Cause, FetchFailed, download
from tests.territory.sources.served import Served, serving

CONTENT = os.urandom(300_000)
MOST = 1_000_000


def served(**changes) -> Served:
    return Served({"/a.json": CONTENT}, **changes)


def test_a_file_comes_whole_and_leaves_no_scraps(tmp_path: Path) -> None:
    with serving(served()) as server:
        assert download(f"{server.url}/a.json", tmp_path / "d" / "a.json", most_bytes=MOST)
    assert (tmp_path / "d" / "a.json").read_bytes() == CONTENT
    assert sorted(path.name for path in (tmp_path / "d").iterdir()) == ["a.json", "a.json.version"]


def test_an_interrupted_transfer_goes_on_where_it_stopped(tmp_path: Path) -> None:
    with serving(served(cuts=[100_000, 50_000])) as server:
        download(f"{server.url}/a.json", tmp_path / "a.json", most_bytes=MOST)
    assert (tmp_path / "a.json").read_bytes() == CONTENT
    assert server.asked == [("/a.json", ""), ("/a.json", "bytes=100000-"), ("/a.json", "bytes=150000-")]


def test_the_next_run_goes_on_where_this_one_gave_up(tmp_path: Path) -> None:
    with serving(served(cuts=[70_000])) as server:
        with pytest.raises(FetchFailed) as failed:
            download(f"{server.url}/a.json", tmp_path / "a.json", most_bytes=MOST, attempts=1)
        assert str(failed.value) == (
            "Le téléchargement depuis 127.0.0.1 a été interrompu. Relancez : il reprendra où il s’est arrêté."
        )
        assert not (tmp_path / "a.json").exists()
        download(f"{server.url}/a.json", tmp_path / "a.json", most_bytes=MOST)
    assert (tmp_path / "a.json").read_bytes() == CONTENT
    assert server.asked[-1] == ("/a.json", "bytes=70000-")


def test_two_versions_are_never_joined(tmp_path: Path) -> None:
    with serving(served(cuts=[70_000])) as server:
        with pytest.raises(FetchFailed):
            download(f"{server.url}/a.json", tmp_path / "a.json", most_bytes=MOST, attempts=1)
        server.files["/a.json"], server.etag = CONTENT[::-1], '"two"'
        download(f"{server.url}/a.json", tmp_path / "a.json", most_bytes=MOST)
    assert (tmp_path / "a.json").read_bytes() == CONTENT[::-1]


def test_without_a_version_a_transfer_starts_again(tmp_path: Path) -> None:
    with serving(served(etag="", cuts=[70_000])) as server:
        download(f"{server.url}/a.json", tmp_path / "a.json", most_bytes=MOST)
    assert (tmp_path / "a.json").read_bytes() == CONTENT
    assert server.asked == [("/a.json", ""), ("/a.json", "")]


def test_what_is_already_here_is_not_sent_again(tmp_path: Path) -> None:
    with serving(served()) as server:
        assert download(f"{server.url}/a.json", tmp_path / "a.json", most_bytes=MOST)
        assert not download(f"{server.url}/a.json", tmp_path / "a.json", most_bytes=MOST)
    assert (tmp_path / "a.json").read_bytes() == CONTENT


def test_a_scrap_longer_than_the_file_is_thrown_away(tmp_path: Path) -> None:
    (tmp_path / "a.json.part").write_bytes(b"x" * 400_000)
    (tmp_path / "a.json.part.version").write_text('{"ETag": "\\"one\\""}')
    with serving(served()) as server:
        download(f"{server.url}/a.json", tmp_path / "a.json", most_bytes=MOST)
    assert (tmp_path / "a.json").read_bytes() == CONTENT


@pytest.mark.parametrize("length", [None, 10])
def test_a_file_too_big_is_given_up(tmp_path: Path, length: int | None) -> None:
    with serving(served(length=length)) as server, pytest.raises(FetchFailed) as failed:
        download(f"{server.url}/a.json", tmp_path / "a.json", most_bytes=9 if length else 200_000, attempts=1)
    assert "ce n’est pas le fichier attendu. Donnez un dossier avec --from." in str(failed.value)
    assert not list(tmp_path.glob("a.json*"))


def test_an_address_that_is_gone_is_told(tmp_path: Path) -> None:
    with serving(served()) as server, pytest.raises(FetchFailed) as failed:
        download(f"{server.url}/b.json", tmp_path / "b.json", most_bytes=MOST)
    assert str(failed.value) == (
        f"{server.url}/b.json répond 404. L’adresse a peut-être changé : voyez official_urls.toml, "
        "ou donnez un dossier avec --from."
    )


def test_silence_is_told(tmp_path: Path) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        with pytest.raises(FetchFailed) as failed:
            download(f"http://127.0.0.1:{port}/a", tmp_path / "a", most_bytes=MOST, timeout_seconds=1)
    assert str(failed.value) == (
        "127.0.0.1 ne répond pas : pas de réseau, ou le serveur se tait. "
        "Le fond actuel reste en place ; réessayez plus tard, ou donnez un dossier avec --from."
    )


@pytest.mark.parametrize("url", ["http://example.org/a", "file:///etc/passwd", "ftp://127.0.0.1/a"])
def test_only_https_is_asked(tmp_path: Path, url: str) -> None:
    with pytest.raises(FetchFailed) as failed:
        download(url, tmp_path / "a", most_bytes=MOST)
    assert str(failed.value) == f"{url} : adresse refusée, seul https est accepté. Corrigez official_urls.toml."


def test_a_redirection_away_from_https_is_refused(tmp_path: Path) -> None:
    with serving(served(redirects={"/r": "http://example.org/a"})) as server, pytest.raises(FetchFailed) as failed:
        download(f"{server.url}/r", tmp_path / "a", most_bytes=MOST)
    assert str(failed.value).startswith("http://example.org/a : adresse refusée")


def test_a_redirection_on_the_way_is_followed(tmp_path: Path) -> None:
    with serving(served(redirects={"/r": "/a.json"})) as server:
        download(f"{server.url}/r", tmp_path / "a", most_bytes=MOST)
    assert (tmp_path / "a").read_bytes() == CONTENT


def test_a_full_disk_is_told(tmp_path: Path) -> None:
    @contextmanager
    def full(total: int, label: str):
        class Bar:
            def step(self, count: int = 1) -> None:
                raise OSError(errno.ENOSPC, "No space left on device")

        yield Bar()

    with serving(served()) as server, pytest.raises(FetchFailed) as failed:
        download(f"{server.url}/a.json", tmp_path / "a", most_bytes=MOST, progress=full)
    assert str(failed.value) == "Le disque est plein. Libérez de la place, puis relancez."


def test_what_a_check_refuses_takes_no_place(tmp_path: Path) -> None:
    seen = []

    def refuse(part: Path) -> None:
        seen.append(part.read_bytes())
        raise FetchFailed("Ce n’est pas une carte.", cause=Cause.CONTENT)

    (tmp_path / "a.json").write_bytes(b"before")
    with serving(served()) as server, pytest.raises(FetchFailed) as failed:
        download(f"{server.url}/a.json", tmp_path / "a.json", most_bytes=MOST, check=refuse)
    assert str(failed.value) == "Ce n’est pas une carte."
    assert seen == [CONTENT]
    assert [path.name for path in tmp_path.iterdir()] == ["a.json"]
    assert (tmp_path / "a.json").read_bytes() == b"before"


def test_a_server_that_answers_drop_by_drop_is_given_up(tmp_path: Path) -> None:
    with serving(served(drops=9)) as server, pytest.raises(FetchFailed) as failed:
        download(f"{server.url}/a.json", tmp_path / "a.json", most_bytes=MOST, timeout_seconds=0.5, attempts=1)
    assert failed.value.cause == Cause.SILENCE
    assert list(tmp_path.iterdir()) == []


def test_progress_counts_every_byte(tmp_path: Path) -> None:
    steps, totals = [], []

    @contextmanager
    def counting(total: int, label: str):
        totals.append((total, label))

        class Bar:
            def step(self, count: int = 1) -> None:
                steps.append(count)

        yield Bar()

    with serving(served()) as server:
        download(f"{server.url}/a.json", tmp_path / "a.json", most_bytes=MOST, progress=counting)
    assert totals == [(300_000, "a.json")]
    assert sum(steps) == 300_000
