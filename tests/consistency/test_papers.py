"""Settings, commands and counters are told where people look for them."""

import ast
import re
import tomllib

import pytest

from maillage.cli.main import COMMANDS
from maillage.config import settings
from tests.consistency import ROOT, SRC, python_files, told

OF_LIBRARIES = {"DJANGO_SETTINGS_MODULE", "PROMETHEUS_MULTIPROC_DIR"}
"""Set by us for the libraries that read them; nobody gives them."""


def documented() -> set[str]:
    return set(re.findall(r"^\| `([A-Z_]+)` \|", settings.__doc__, flags=re.MULTILINE))


def environment_names(path) -> set[str]:
    """Names given as plain text to os.environ.get(…), os.environ[…] or os.getenv(…)."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        key = None
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
            owner = ast.unparse(node.func.value)
            if (owner, node.func.attr) in (("os.environ", "get"), ("os.environ", "setdefault"), ("os", "getenv")):
                key = node.args[0]
        elif isinstance(node, ast.Subscript) and ast.unparse(node.value) == "os.environ":
            key = node.slice
        if isinstance(key, ast.Constant):
            found.add(key.value)
    return found - OF_LIBRARIES


def test_every_setting_read_is_in_the_table_and_the_other_way_round():
    assert environment_names(SRC / "config" / "settings.py") == documented()


def test_settings_are_the_one_place_that_reads_the_environment():
    elsewhere = {
        f"{told(path)}: {name}"
        for path in python_files()
        if path.name != "settings.py"
        for name in environment_names(path)
    }
    assert elsewhere == set()


@pytest.mark.parametrize("paper", ["README.md", "README.fr.md"])
def test_every_command_is_in_the_readme(paper):
    text = (ROOT / paper).read_text(encoding="utf-8")
    assert [name for name in COMMANDS if f"maillage {name}" not in text] == []


def test_every_counter_is_in_the_papers():
    text = "\n".join(path.read_text(encoding="utf-8") for path in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
    from maillage.network.observatory.rules.definitions import definitions

    assert [slug for slug in definitions() if f"maillage count {slug}" not in text] == []


def test_every_command_of_the_papers_exists():
    known = set(COMMANDS)
    for path in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]:
        for name in re.findall(
            r"^(?:\$ )?(?:\.venv/bin/)?maillage ([a-z]+)\b", path.read_text(encoding="utf-8"), flags=re.M
        ):
            assert name in known, f"{told(path)}: maillage {name}"


def test_the_version_is_the_same_everywhere():
    import maillage

    assert tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"] == maillage.__version__
