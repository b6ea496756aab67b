import argparse
import socket
import sqlite3
import sys

import pytest
from scripts.launch import start
from scripts.launch.environment import Stopped


def test_a_taken_port_is_refused_with_another_one_to_try():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        number = other.getsockname()[1]
        with pytest.raises(Stopped) as refusal:
            start.refuse_taken_port("127.0.0.1", number)
    assert str(refusal.value) == (
        f"Le port {number} est déjà pris par un autre programme. Choisissez-en un autre\u202f: "
        f"./run --port {number + 1}"
    )


def test_a_free_port_is_not_refused():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        number = other.getsockname()[1]
    start.refuse_taken_port("127.0.0.1", number)


@pytest.mark.django_db
def test_a_second_run_is_told_where_the_first_one_is(live_server):
    host, number = live_server.thread.host, live_server.thread.port
    with pytest.raises(Stopped) as refusal:
        start.refuse_taken_port("127.0.0.1", number)
    assert host == "localhost"
    assert str(refusal.value) == (
        f"Maillage tourne déjà sur le port {number}\u202f: ouvrez http://localhost:{number}/\n"
        f"Pour en lancer un second à côté\u202f: ./run --port {number + 1}"
    )


@pytest.mark.parametrize("text", ["0", "65536", "-1", "http", "80 80", ""])
def test_a_port_out_of_bounds_is_refused(text):
    with pytest.raises(argparse.ArgumentTypeError) as refusal:
        start.port(text)
    assert str(refusal.value) == f"un port va de 1 à 65535, pas «\u202f{text}\u202f»"


def test_a_folder_that_does_not_exist_is_refused(tmp_path):
    assert start.folder(str(tmp_path)) == str(tmp_path.resolve())
    with pytest.raises(argparse.ArgumentTypeError) as refusal:
        start.folder(str(tmp_path / "rien"))
    assert str(refusal.value) == f"ce dossier n’existe pas\u202f: {tmp_path / 'rien'}"


def test_what_the_person_has_set_wins(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["run", "--port", "9000", "--data", "/tmp"])
    monkeypatch.delenv("MAILLAGE_URL", raising=False)
    around = start.surroundings(start.read_arguments())
    assert (around["MAILLAGE_URL"], around["MAILLAGE_DATA"]) == ("http://localhost:9000", "/tmp")
    monkeypatch.setenv("MAILLAGE_URL", "https://lieux.example")
    assert start.surroundings(start.read_arguments())["MAILLAGE_URL"] == "https://lieux.example"


def test_once_ready_run_says_how_to_come_in(monkeypatch):
    class Stub:
        def __init__(self):
            self.told = []

        def finish(self, name, arguments):
            self.told.append(name)
            return 0

        def start(self, name, arguments):
            self.told.append(name)

        def stopped(self):
            return "serve"

    children = Stub()
    monkeypatch.setattr(start, "wait_for_answer", lambda *given: children.told.append("answers"))
    with pytest.raises(Stopped):
        start.run(children, argparse.Namespace(host="127.0.0.1", port=8123, no_demo=False), 0.0)
    assert children.told == ["prepare", "serve", "answers", "worker", "door"]


def test_preparing_alone_loads_the_home_that_is_set_and_starts_nothing(tmp_path, monkeypatch, live_server):
    """The port is taken, by the very site that is being updated: nothing is served, so nothing is refused."""
    port = live_server.url.rsplit(":", 1)[1]
    home = tmp_path / "var"
    monkeypatch.setattr(sys, "argv", ["./run", "--only-prepare", "--no-demo", "--port", port])
    monkeypatch.setattr(start.signal, "signal", lambda *asked: None)
    monkeypatch.setattr(start.environment, "prepare", lambda profile: None)
    monkeypatch.setattr(start.front, "prepare", lambda: None)
    monkeypatch.setenv("MAILLAGE_HOME", str(home))
    monkeypatch.setenv("MAILLAGE_OFFLINE", "1")
    monkeypatch.delenv("DATABASE_URL", raising=False)
    started = []
    begin = start.Children.start
    monkeypatch.setattr(start.Children, "start", lambda self, *asked: started.append(asked[0]) or begin(self, *asked))
    assert start.main() == 0
    assert started == ["prepare"]
    with sqlite3.connect(home / "maillage.sqlite3") as database:
        assert database.execute("SELECT count(*) FROM territory_commune").fetchone()[0] > 30_000
