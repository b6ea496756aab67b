"""`maillage prepare`: what ./run does before serving; hidden, and safe to run again."""

import argparse
import io
import sys
import time
from contextlib import redirect_stdout
from datetime import datetime
from functools import partial
from pathlib import Path

from maillage.cli import locks, schema, stamps
from maillage.cli.steps import say, seconds, step

BY = "commande:run"


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser("prepare", description="Ce que ./run fait avant de servir.")
    parser.add_argument("--only-translations", action="store_true", help="compile les traductions, rien d’autre")
    parser.add_argument("--no-demo", action="store_true", help="ne crée pas de lieux fictifs")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Prepare what is missing, holding the lock of this home: a second ./run waits for the first."""
    from django.conf import settings
    from django.utils import timezone

    compile_translations()
    if arguments.only_translations:
        return 0
    with locks.held(settings.HOME / "prepare.lock", waiting=_say_waiting):
        now = timezone.now()
        code = prepare_tables()
        if code == 0:
            collect_static()
            code = prepare_ground(now=now)
        if code == 0 and prepare_places(demo=not arguments.no_demo, now=now):
            say("  Des lieux manquent ; le site marche sans eux.")
    return code


def _say_waiting() -> None:
    say("  Un autre programme prépare déjà ce dossier : attente…")


def prepare_tables() -> int:
    """Create the tables or bring them up to date; refuse a database newer than the code."""
    state = schema.read()
    refusal = state.refusal()
    if refusal:
        sys.stderr.write(f"Refus : {refusal}\n")
        return 1
    if state.pending:
        with step("base de données"):
            schema.bring_up_to_date()
    return 0


def late_translations() -> list[Path]:
    """The .po files whose .mo is missing or older."""
    from django.conf import settings

    return [
        source
        for folder in settings.LOCALE_PATHS
        for source in sorted(Path(folder).glob("*/LC_MESSAGES/*.po"))
        if not (made := source.with_suffix(".mo")).exists() or made.stat().st_mtime < source.stat().st_mtime
    ]


def compile_translations() -> None:
    """Compile every .po whose .mo is missing or older, without gettext's own tools."""
    for source in late_translations():
        import polib

        fresh = source.with_suffix(".mo.new")
        polib.pofile(str(source)).save_as_mofile(str(fresh))
        fresh.replace(source.with_suffix(".mo"))


def collect_static() -> None:
    """Copy and hash the static files; Django copies only what changed."""
    from django.core.management import call_command

    with redirect_stdout(io.StringIO()):
        call_command("collectstatic", interactive=False, verbosity=0)


def prepare_ground(*, now: datetime) -> int:
    """Load the territory once: the folder's if there is one, else the built-in one."""
    from django.conf import settings

    from maillage.cli.progress import progress
    from maillage.territory.actions import ensure_ground
    from maillage.territory.rules.draft import GroundRefused

    started = time.monotonic()
    try:
        standing = ensure_ground(data=settings.DATA, by=BY, now=now, progress=progress)
    except GroundRefused as reason:
        sys.stderr.write(f"Refus : {reason}\n")
        return 1
    for sentence in standing.told:
        say(f"  {sentence}")
    if standing.changed:
        say(f"  territoire : {standing.ground.label}… {seconds(time.monotonic() - started)}")
    return 0


def prepare_places(*, demo: bool, now: datetime) -> int:
    """Load places once: the folder's, else the official census if its address answers, else the demo."""
    from django.conf import settings

    from maillage.network.exchange.sources import official_census
    from maillage.places.queries import registry

    files = official_census.places_from_folder(settings.DATA) if settings.DATA else []
    if files:
        return _from_folder(files, now=now)
    if settings.DATA:
        say(f"  {settings.DATA} ne contient pas de fichier de lieux connu.")
    if registry().total:
        return 0
    code = _from_census(now=now)
    if code is not None:
        return code
    return _from_demo(now=now) if demo else 0


def _stamps() -> Path:
    from django.conf import settings

    return settings.HOME / "places.json"


def _kept() -> dict[str, str]:
    """What was loaded into this very database; another database starts afresh."""
    kept = stamps.read(_stamps())
    return kept if kept.get("database") == _database() else {}


def _keep(name: str, value: str) -> None:
    stamps.write(_stamps(), _kept() | {"database": _database(), name: value})


def _database() -> str:
    from django.conf import settings

    chosen = settings.DATABASES["default"]
    return "/".join(str(chosen.get(part, "")) for part in ("ENGINE", "HOST", "PORT", "NAME"))


def _from_folder(files: list[Path], *, now: datetime) -> int:
    from maillage.places.queries import registry

    wanted = " ".join(f"{path.name}:{path.stat().st_size}:{path.stat().st_mtime_ns}" for path in files)
    before = registry()
    if _kept().get("folder") == wanted and before.total > before.demo:
        return 0
    codes = [_import(path, now=now) for path in files]
    if any(codes):
        return 1
    _keep("folder", wanted)
    _forget_demo(now=now)
    return 0


def _import(path: Path, *, now: datetime) -> int:
    from maillage.cli.progress import progress
    from maillage.network.exchange.actions import import_file
    from maillage.network.exchange.rules.reports import FileRefused

    started = time.monotonic()
    try:
        report = import_file(path=path, by=BY, now=now, progress=partial(progress, label=f"  {path.name}"))
    except FileRefused as refusal:
        sys.stderr.write(f"  {path.name} : {refusal}\n")
        return 1
    told = f"{report.created} lieux créés, {report.changed} modifiés, {report.unchanged} inchangés"
    if report.refused_rows:
        told += f", {report.refused_rows} lignes en quarantaine"
    say(f"  {path.name} : {told}… {seconds(time.monotonic() - started)}")
    return 0


def _forget_demo(*, now: datetime) -> None:
    """Real places take the place of fictional ones: side by side they would mislead."""
    from maillage.cli import demo
    from maillage.places.queries import registry

    if registry().demo:
        say(f"  {demo.forget(by=BY, now=now)} lieux fictifs laissent la place aux vrais.")


def _from_census(*, now: datetime) -> int | None:
    """Import the official census; None when it cannot be had, which is asked once per database."""
    from django.conf import settings

    from maillage.cli.progress import progress
    from maillage.network.exchange.sources import official_census

    if _kept().get("census"):
        return None
    if not settings.OFFLINE:
        say("  Recensement officiel des tiers-lieux : demande à son adresse publiée…")
    fetched = official_census.fetch(home=settings.HOME, progress=partial(progress, label="  Recensement"))
    if fetched.path is None:
        if settings.OFFLINE:
            return None
        say(f"  {fetched.reason}")
        if not list((settings.HOME / "downloads").glob("*.part")):
            _keep("census", fetched.reason)
            say(f"  Ce ne sera plus demandé ; pour redemander, effacez {_stamps()}.")
        return None
    say(f"  {fetched.title}")
    return _import(fetched.path, now=now)


def _from_demo(*, now: datetime) -> int:
    from maillage.cli import demo

    say("  Pas de vrais lieux : une démonstration prend leur place, et chaque page le dit.")
    with step("lieux fictifs"), redirect_stdout(io.StringIO()):
        return demo.load(with_real=False, now=now)
