"""`./run`: set up what is missing, load what is missing, serve, and stop everything on Ctrl-C."""

import argparse
import os
import signal
import time
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from types import FrameType

from maillage.cli import french, locks, ports
from maillage.cli.steps import say, seconds
from scripts.launch import environment, front
from scripts.launch.children import Children
from scripts.launch.environment import ROOT, Stopped

LONGEST_START_SECONDS = 60.0


def main() -> int:
    """Start Maillage; 0 after Ctrl-C, 1 when something stops it, 2 on wrong usage."""
    started = time.monotonic()
    arguments = read_arguments()
    for name in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), interrupt)
    children = Children(surroundings(arguments), ROOT)
    try:
        if not arguments.only_prepare:
            refuse_taken_port(arguments.host, arguments.port)
        with locks.held(ROOT / "build" / "launch.lock", waiting=say_waiting):
            environment.prepare("prod" if os.environ.get("DATABASE_URL") else "base")
            front.prepare()
        if arguments.only_prepare:
            prepare(children, arguments)
            return 0
        return run(children, arguments, started)
    except Stopped as reason:
        say(str(reason))
        return 1
    except KeyboardInterrupt:
        say("\nMaillage s’arrête.")
        return 0
    finally:
        for name in ("SIGINT", "SIGTERM", "SIGHUP"):
            if hasattr(signal, name):
                signal.signal(getattr(signal, name), signal.SIG_IGN)
        children.stop()


def interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def say_waiting() -> None:
    say("Un autre ./run prépare déjà ce dossier : attente…")


def read_arguments() -> argparse.Namespace:
    """Read the command line, in French."""
    french.speak()
    parser = argparse.ArgumentParser(
        prog="./run",
        description="Prépare ce qui manque, puis lance Maillage. Ctrl-C arrête tout.",
        epilog="Les réglages (MAILLAGE_HOME, DATABASE_URL…) sont décrits dans src/maillage/config/settings.py",
    )
    parser.add_argument("--port", type=port, default=8000, help="port du site (8000)")
    parser.add_argument("--host", default="127.0.0.1", help="adresse d’écoute (127.0.0.1 : ce poste seulement)")
    parser.add_argument(
        "--data", metavar="DOSSIER", type=folder, help="dossier de vrais fichiers (sinon MAILLAGE_DATA)"
    )
    parser.add_argument("--no-demo", action="store_true", help="ne pas créer de lieux fictifs")
    parser.add_argument("--only-prepare", action="store_true", help="préparer ce qui manque, sans rien lancer")
    return parser.parse_args()


def port(text: str) -> int:
    """Read a port number."""
    if text.isdigit() and 0 < int(text) < 65536:
        return int(text)
    raise argparse.ArgumentTypeError(f"un port va de 1 à 65535, pas « {text} »")


def folder(text: str) -> str:
    """Read the path of a folder that exists."""
    path = Path(text).expanduser().resolve()
    if path.is_dir():
        return str(path)
    raise argparse.ArgumentTypeError(f"ce dossier n’existe pas : {text}")


def surroundings(arguments: argparse.Namespace) -> dict[str, str]:
    """The environment of everything started here; what the person has set already wins."""
    around = dict(os.environ)
    around.setdefault("MAILLAGE_URL", ports.address(arguments.host, arguments.port).rstrip("/"))
    around["PYTHONUNBUFFERED"] = "1"
    if arguments.data:
        around["MAILLAGE_DATA"] = arguments.data
    return around


def refuse_taken_port(host: str, number: int) -> None:
    """Stop at once, with what to do, when the port is not free."""
    if not ports.is_free(host, number):
        raise Stopped(
            ports.taken(
                host,
                number,
                maillage=ports.answers(host, number),
                option=f"./run --port {number + 1 if number < 65535 else 8000}",
            )
        )


def prepare(children: Children, arguments: argparse.Namespace) -> None:
    """Load what is missing into the home of this site."""
    options = ["--no-demo"] if arguments.no_demo else []
    if children.finish("prepare", [*maillage(), "prepare", *options]):
        raise Stopped("Maillage n’a pas démarré.")


def maillage() -> list[str]:
    """The command of this folder."""
    return [str(environment.executable("python")), "-m", "maillage"]


def run(children: Children, arguments: argparse.Namespace, started: float) -> int:
    """Prepare, serve, then watch until something stops."""
    prepare(children, arguments)
    children.start("serve", [*maillage(), "serve", "--host", arguments.host, "--port", str(arguments.port)])
    wait_for_answer(children, arguments.host, arguments.port)
    children.start("worker", [*maillage(), "worker"])
    address = ports.address(arguments.host, arguments.port)
    say(f"\nMaillage est prêt en {seconds(time.monotonic() - started)} : {address}\nCtrl-C arrête tout.")
    children.finish("door", [*maillage(), "door"])
    while (name := children.stopped()) is None:
        time.sleep(0.3)
    raise Stopped(f"« maillage {name} » s’est arrêté : Maillage s’arrête. Ce qu’il a dit est plus haut.")


def wait_for_answer(children: Children, host: str, number: int) -> None:
    """Wait until the site answers."""
    deadline = time.monotonic() + LONGEST_START_SECONDS
    while time.monotonic() < deadline:
        if children.stopped():
            raise Stopped("Le site n’a pas démarré ; ce qu’il a dit est plus haut.")
        connection = HTTPConnection(ports.reached(host), number, timeout=5)
        try:
            connection.request("GET", "/healthz", headers={"Host": "localhost"})
            if connection.getresponse().status == 200:
                return
            time.sleep(0.2)
        except (OSError, HTTPException):
            time.sleep(0.05)
        finally:
            connection.close()
    raise Stopped(f"Le site n’a pas répondu en {LONGEST_START_SECONDS:.0f} secondes.")
