"""`./test`: set up what is missing, then lint, types, import contracts, translations and every test."""

import argparse
import hashlib
import json
import os
import signal
import subprocess
import time
from pathlib import Path

from maillage.cli import french, locks
from maillage.cli.steps import say, seconds
from scripts.launch import chromium, environment, front
from scripts.launch.environment import ROOT, Stopped
from scripts.launch.postgres import beside
from scripts.launch.start import interrupt, say_waiting

LINT = (
    ("style (ruff check)", ["ruff", "check"]),
    ("mise en forme (ruff format)", ["ruff", "format", "--check"]),
    ("types (mypy)", ["mypy", "-p", "maillage", "-p", "scripts.launch"]),
    ("contrats entre les pièces (import-linter)", ["lint-imports"]),
)
TRANSLATIONS = ("traductions", ["python", "-m", "maillage", "prepare", "--only-translations"])
POSTGRES = ("postgres:///postgres", "postgres://postgres@127.0.0.1:5432/postgres", "postgres:///test")
LAST_FAILED = ROOT / ".pytest_cache" / "v" / "cache" / "lastfailed"
TESTS_FAILED = 1
FEW = 10
REACH = """
import sys
import psycopg
for url in sys.argv[1:]:
    try:
        with psycopg.connect(url, connect_timeout=3) as connection:
            may = "select rolcreatedb or rolsuper from pg_roles where rolname = current_user"
            if connection.execute(may).fetchone()[0]:
                print(url)
                break
    except psycopg.Error:
        continue
"""


def main() -> int:
    """Run the checks; 0 when all pass, 1 when one fails, 2 on wrong usage."""
    arguments, rest = read_arguments()
    signal.signal(signal.SIGTERM, interrupt)
    try:
        with locks.held(ROOT / "build" / "launch.lock", waiting=say_waiting):
            environment.prepare("test")
            browser = chromium.prepare()
            front.prepare()
        return check(arguments, rest, browser)
    except Stopped as reason:
        say(str(reason))
        return 1
    except KeyboardInterrupt:
        say("\nArrêté.")
        return 130


def read_arguments() -> tuple[argparse.Namespace, list[str]]:
    """Read the command line; what is not ours is pytest's."""
    french.speak()
    parser = argparse.ArgumentParser(
        prog="./test",
        allow_abbrev=False,
        description="Prépare ce qui manque, puis vérifie tout : style, types, contrats, tests. "
        "Avec des arguments de pytest (./test tests/places -k horaires), ne lance que ces tests.",
    )
    parser.add_argument("--full", action="store_true", help="aussi les tests longs")
    return parser.parse_known_args()


def check(arguments: argparse.Namespace, rest: list[str], browser: str | None) -> int:
    """Run everything, or only the tests that were named."""
    around = surroundings(browser)
    marks = [] if arguments.full or "-m" in rest else ["-m", "not full"]
    failed = [] if passes(*TRANSLATIONS, around) else [TRANSLATIONS[0]]
    if rest:
        return pytest([*marks, *rest], around) or len(failed)
    failed += [label for label, command in LINT if not passes(label, command, around)]
    if browser is None and os.environ.get("CI"):
        failed.append("Chromium, que l’intégration continue doit avoir")
    url = reachable_postgres(around)
    if url is None:
        say("\nPostgreSQL : aucun serveur joignable, les tests de base ne tournent que sur SQLite.")
    else:
        say("\nTests de la base sur PostgreSQL")
        plugin = ["-p", "scripts.launch.only_database", "-q", *marks]
        if twice(plugin, [], around | {"DATABASE_URL": url}):
            failed.append("tests de la base sur PostgreSQL")
    say("\nTous les tests, sur SQLite" if not failed else f"\nÉCHEC de : {', '.join(failed)}. Restent les tests.")
    again = [] if url is None or arguments.full else ["-p", "scripts.launch.not_twice"]
    code = twice([*again, *marks], ["src", "scripts", "tests"], around)
    return 1 if failed else code


def surroundings(browser: str | None) -> dict[str, str]:
    """The environment of the checks: a home of their own, no network, SQLite."""
    around = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "MAILLAGE_ENV")}
    home = ROOT / "build" / "test-home"
    (home / "static").mkdir(parents=True, exist_ok=True)
    around["MAILLAGE_HOME"] = str(home)
    around["MAILLAGE_OFFLINE"] = "1"
    around["DJANGO_SETTINGS_MODULE"] = "maillage.config.settings"
    if around.get("MAILLAGE_DATA"):
        around["MAILLAGE_DATA"] = str(Path(around["MAILLAGE_DATA"]).resolve())
    if browser:
        around["MAILLAGE_CHROMIUM"] = browser
    return around


def twice(options: list[str], folders: list[str], around: dict[str, str]) -> int:
    """Run pytest; the few tests that failed run again, alone, and those that pass only then are named as unstable."""
    LAST_FAILED.unlink(missing_ok=True)
    code = pytest(["-n", "2", "--tb=short", *options, *folders], around)
    names = sorted(json.loads(LAST_FAILED.read_text(encoding="utf-8"))) if LAST_FAILED.exists() else []
    if code != TESTS_FAILED or not 0 < len(names) <= FEW:
        return code
    say(f"\nSeconde fois, seuls, les tests qui ont échoué ({len(names)}) :")
    code = pytest(["--tb=short", "-q", *options, *names], around)
    if code == 0:
        say("\nINSTABLES : ces tests n’ont passé que seuls, la seconde fois. Ils sont à réparer :")
        say("\n".join(f"  {name}" for name in names))
    return code


def passes(label: str, command: list[str], around: dict[str, str]) -> bool:
    """Run one check; show what it said only if it fails."""
    started = time.monotonic()
    program = [str(environment.executable(command[0])), *command[1:]]
    done = subprocess.run(program, cwd=ROOT, env=around, capture_output=True, text=True, check=False)
    verdict = "échec" if done.returncode else "bien"
    say(f"  {label} : {verdict} ({seconds(time.monotonic() - started)})")
    if done.returncode:
        say((done.stdout + done.stderr).strip())
    return done.returncode == 0


def pytest(arguments: list[str], around: dict[str, str]) -> int:
    """Run pytest on this terminal and return its exit code."""
    program = [str(environment.executable("python")), "-m", "pytest", *arguments]
    code = subprocess.run(program, cwd=ROOT, env=around, check=False).returncode
    if code < 0:
        say(f"\npytest a été arrêté de l’extérieur (signal {-code}) : ses tests n’ont pas tous tourné.")
        return 1
    return code


def reachable_postgres(around: dict[str, str]) -> str | None:
    """The address of a PostgreSQL where this account may create a throw-away database, or None."""
    given = os.environ.get("DATABASE_URL")
    program = [str(environment.executable("python")), "-c", REACH, *([given] if given else POSTGRES)]
    done = subprocess.run(program, cwd=ROOT, env=around, capture_output=True, text=True, check=False)
    url = done.stdout.strip()
    own = f"maillage_{hashlib.sha256(str(ROOT).encode()).hexdigest()[:8]}"
    return beside(url, own) if url else None
