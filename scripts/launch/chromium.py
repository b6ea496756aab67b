"""A Chromium for the browser tests: given, found, or installed where that is possible."""

import os
import shutil
import subprocess

from maillage.cli.steps import say, step

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find() -> str | None:
    """The path of a Chromium: MAILLAGE_CHROMIUM if it is set, else the first on PATH."""
    given = os.environ.get("MAILLAGE_CHROMIUM")
    if given:
        return shutil.which(given)
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def prepare() -> str | None:
    """Find a Chromium, or install Debian's when this account may; say so when neither works."""
    path = find()
    if path is None and may_install():
        with step("Chromium (paquet Debian)"):
            install()
        path = find()
    if path is None:
        say(
            "  ATTENTION : pas de Chromium, les tests de navigateur seront sautés. "
            "Installez-le (« apt install chromium »), ou donnez son chemin dans MAILLAGE_CHROMIUM."
        )
    return path


def may_install() -> bool:
    """Whether this account may install Debian packages without being asked anything."""
    return shutil.which("apt-get") is not None and hasattr(os, "geteuid") and os.geteuid() == 0


def install() -> None:
    """Install Debian's Chromium and a font; whether it worked is seen by looking for it."""
    around = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for arguments in (
        ["update", "-qq"],
        ["install", "-y", "-qq", "--no-install-recommends", "chromium", "fonts-dejavu-core"],
    ):
        program = ["apt-get", *arguments]
        subprocess.run(program, env=around, stdin=subprocess.DEVNULL, capture_output=True, check=False)
