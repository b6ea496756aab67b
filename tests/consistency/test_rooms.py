"""The house: who may import whom, which words name files, how long they get."""

import ast
import os
import subprocess
import sys

import pytest
from django.apps import apps
from importlinter import cli as importlinter

from tests.consistency import ROOT, SRC, python_files, told

WORDS = {
    "rules",
    "models",
    "queries",
    "permissions",
    "emails",
    "actions",
    "forms",
    "tasks",
    "views",
    "api",
    "urls",
    "admin",
}
ALSO = {"__init__", "adapter", "apps", "labels", "sentences", "migrations", "templates", "data", "definitions"}
ALSO |= {"sources", "formats", "road", "legal", "guards"}
ROOMS_OF_OTHER_WORDS = {"web"}
PURE = {"numpy", "scipy", "highspy", "numba", "maillage"} | set(sys.stdlib_module_names)
WRITES = {"save", "delete", "update", "create", "bulk_create", "bulk_update", "get_or_create", "update_or_create"}
NOT_A_ROW = {
    "places/views/detail.py save": "segno draws a QR code into memory",
    "journal/tasks.py get_or_create": "the job engine's own schedule, which no room owns",
    "cli/archive/tables.py update": "a hash",
    "cli/archive/container.py update": "a hash",
}
READERS = ("web", "cli", "api")
LONGEST_FUNCTION, LONGEST_FILE = 50, 450


def test_import_contracts_are_kept(capfd):
    code = importlinter.lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True)
    assert code == 0, capfd.readouterr().out


def test_analysis_imports_numbers_and_nothing_else():
    strangers = [
        f"{told(path)}: {name}"
        for path in sorted((SRC / "analysis").rglob("*.py"))
        for name in imported(ast.parse(path.read_text(encoding="utf-8")))
        if name.split(".")[0] not in PURE or (name.startswith("maillage") and not name.startswith("maillage.analysis"))
    ]
    assert strangers == []


def imported(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


WITHOUT_A_DRIVER = """
import sys
sys.modules["psycopg"] = sys.modules["psycopg2"] = None
import django
django.setup()
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.urls import get_resolver
MigrationLoader(connection)
assert list(get_resolver().url_patterns)
"""


def test_sqlite_needs_no_driver_of_postgresql(tmp_path):
    """`./run` installs none: what imports one would work on every developer's machine and nowhere else."""
    around = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    around |= {"MAILLAGE_HOME": str(tmp_path), "DJANGO_SETTINGS_MODULE": "maillage.config.settings"}
    ran = subprocess.run(
        [sys.executable, "-c", WITHOUT_A_DRIVER],
        cwd=ROOT,
        env=around | {"PYTHONPATH": str(SRC.parent)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr[-2000:]


def test_rooms_use_the_fixed_words():
    strangers = []
    for app in apps.get_app_configs():
        if not app.name.startswith("maillage.") or app.label in ROOMS_OF_OTHER_WORDS:
            continue
        folder = SRC.joinpath(*app.name.split(".")[1:])
        names = {path.stem for path in folder.iterdir() if path.suffix == ".py" or path.is_dir()}
        strangers += [f"{app.name}: {name}" for name in sorted(names - WORDS - ALSO - {"__pycache__"})]
    assert strangers == []


def is_a_reader(path) -> bool:
    parts = path.relative_to(SRC).parts
    return parts[0] in READERS or path.stem in ("views", "tasks") or "views" in parts


def test_views_tasks_web_and_commands_never_write_a_row():
    """Writing goes through an action; `.update()` of a dict is written `|=` there, so that this stays checkable."""
    writes = {
        f"{path.relative_to(SRC)} {node.func.attr}"
        for path in python_files()
        if is_a_reader(path)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in WRITES
    }
    assert writes == set(NOT_A_ROW)


@pytest.mark.parametrize("path", [pytest.param(path, id=told(path)) for path in python_files()])
def test_files_and_functions_stay_readable(path):
    text = path.read_text(encoding="utf-8")
    lengths = {
        node.name: node.end_lineno - node.lineno + 1
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    assert {name: length for name, length in lengths.items() if length > LONGEST_FUNCTION} == {}
    assert text.count("\n") <= LONGEST_FILE
