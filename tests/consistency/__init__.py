"""The repository tests itself: what its papers promise, its files keep."""

import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
SRC = ROOT / "src" / "maillage"


@cache
def tracked() -> list[Path]:
    """Every file that git follows, or would follow once added."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [path for name in listed.stdout.split("\0") if name and (path := ROOT / name).is_file()]


@cache
def python_files() -> list[Path]:
    """Every Python file of the product, migrations aside."""
    return [path for path in sorted(SRC.rglob("*.py")) if "migrations" not in path.parts]


def told(path: Path) -> str:
    return str(path.relative_to(ROOT))
