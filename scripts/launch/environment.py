"""The folder `.venv`: made once, refilled when the locked requirements or this Python change."""

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

from maillage.cli import stamps
from maillage.cli.steps import say, step

ROOT = Path(__file__).resolve().parent.parent.parent
FOLDER = ROOT / ".venv"
STAMPS = FOLDER / "maillage.json"
HOLDS = {"base": ("base",), "prod": ("base", "prod"), "test": ("base", "test"), "front": ("front",)}


class Stopped(Exception):
    """Setting up cannot go on: its message says what, why and what to do."""


def executable(name: str, folder: Path = FOLDER) -> Path:
    """The path of a program of `.venv`."""
    return folder / "Scripts" / f"{name}.exe" if os.name == "nt" else folder / "bin" / name


def locked(profile: str) -> Path:
    return ROOT / "requirements" / f"{profile}.txt"


def wanted(profile: str) -> str:
    """The fingerprint of an environment that holds `profile`."""
    return stamps.fingerprint([locked(profile)], sys.version)


def ready(profile: str) -> bool:
    """Whether `.venv` holds what `profile` asks for."""
    return executable("python").exists() and stamps.read(STAMPS).get(profile) == wanted(profile)


def prepare(profile: str) -> None:
    """Make `.venv` hold the locked packages of `profile`; do nothing when it already does."""
    if ready(profile):
        return
    uv = shutil.which("uv")
    if uv is None and importlib.util.find_spec("ensurepip") is None:
        raise Stopped(
            f"Ce Python ({sys.executable}) ne sait pas créer d’environnement : il lui manque venv et pip.\n"
            "Installez-les (Debian, Ubuntu : « apt install python3-venv »), puis relancez."
        )
    say("Installation : les paquets viennent du registre que ce compte utilise.")
    if FOLDER.exists() and stamps.read(STAMPS).get("python") != sys.version:
        say("  .venv est incomplet ou vient d’un autre Python : il est refait.")
        shutil.rmtree(FOLDER)
    if not FOLDER.exists():
        with step("environnement Python"):
            create(uv)
        stamps.write(STAMPS, {"python": sys.version})
    with step("paquets Python"):
        install(profile, uv)
    link()
    kept = stamps.read(STAMPS)
    stamps.write(STAMPS, kept | {held: wanted(held) for held in HOLDS[profile]})


def create(uv: str | None) -> None:
    if uv:
        call([uv, "venv", "--quiet", "--python", sys.executable, str(FOLDER)], "l’environnement")
    else:
        call([sys.executable, "-m", "venv", str(FOLDER)], "l’environnement")


def install(profile: str, uv: str | None) -> None:
    """Install the locked packages of a profile, wheels only, every hash checked."""
    python = str(executable("python"))
    tool = [uv, "pip", "install", "--quiet", "--python", python] if uv else [python, "-m", "pip", "install", "-q"]
    quiet = [] if uv else ["--disable-pip-version-check", "--no-input"]
    call(
        [*tool, *quiet, "--require-hashes", "--only-binary", ":all:", "-r", str(locked(profile))],
        "les paquets Python",
    )


def link() -> None:
    """Put `src` on the path of `.venv`, and a `maillage` launcher beside its python."""
    site = next(FOLDER.glob("lib/python*/site-packages"), FOLDER / "Lib" / "site-packages")
    (site / "maillage-src.pth").write_text(f"{ROOT / 'src'}\n", encoding="utf-8")
    launcher = executable("maillage")
    if os.name == "nt":
        launcher.with_suffix(".cmd").write_text('@"%~dp0python.exe" -m maillage %*\r\n', encoding="utf-8")
        return
    launcher.write_text(
        f"#!{executable('python')}\nfrom maillage.cli.main import main\n\nraise SystemExit(main())\n",
        encoding="utf-8",
    )
    launcher.chmod(0o755)


def call(arguments: list[str], what: str) -> None:
    """Run one installing program; show what it said only if it failed."""
    done = subprocess.run(arguments, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        told = "\n".join((done.stdout + done.stderr).strip().splitlines()[-12:])
        raise Stopped(
            f"Impossible d’installer {what}.\n{told}\n"
            "Vérifiez la connexion au registre de paquets et la place sur le disque, puis relancez."
        )
