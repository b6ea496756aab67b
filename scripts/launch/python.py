"""Find a Python that can run Maillage. Read by any Python 3.6 and later: no newer syntax here."""

import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

NEEDED = (3, 11)
NAMES = ("python3.14", "python3.13", "python3.12", "python3.11")
MISSING = (
    "Maillage a besoin de Python 3.11 ou plus récent ; ce Python est le {found}, et aucun plus récent n’est "
    "installé.\n"
    "Installez-le (Debian 12, Ubuntu 24.04 : « apt install python3 python3-venv » ; macOS et Windows : "
    "python.org), puis relancez ./{command}\n"
)


def newer(names: "Sequence[str]" = NAMES, which: "Callable[[str], str | None]" = shutil.which) -> "str | None":
    """The path of the first Python of `names` that starts and is recent enough, or None."""
    check = "import sys; sys.exit(sys.version_info < {})".format(NEEDED)  # noqa: UP032
    for name in names:
        path = which(name)
        if path and subprocess.call([path, "-c", check], stderr=subprocess.DEVNULL) == 0:
            return path
    return None


def ensure(command: str) -> None:
    """Go on with this Python, start again with a newer one, or stop with a plain sentence."""
    if sys.version_info >= NEEDED:
        return
    path = newer()
    if path is None:
        found = ".".join(str(part) for part in sys.version_info[:2])
        sys.stderr.buffer.write(MISSING.format(found=found, command=command).encode("utf-8"))
        sys.exit(1)
    arguments = [path, os.path.abspath(sys.argv[0])] + sys.argv[1:]  # noqa: PTH100, RUF005
    if os.name == "posix":
        os.execv(path, arguments)  # noqa: S606
    sys.exit(subprocess.call(arguments))
