"""`maillage prepare`: what ./run does before and just after serving; hidden, and safe to run again."""

import argparse
import io
import sys
from contextlib import redirect_stdout
from datetime import datetime
from pathlib import Path

from maillage.cli import locks, schema
from maillage.cli.steps import say, step

BY = "commande:run"


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser("prepare", description="Ce que ./run fait avant de servir.")
    parser.add_argument("part", choices=["base", "places", "translations"])
    parser.add_argument("--no-demo", action="store_true")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Prepare one part: `base` is what a server needs, `places` is what it may load while it serves."""
    from django.conf import settings
    from django.utils import timezone

    if arguments.part == "translations":
        compile_translations()
        return 0
    with locks.held(settings.HOME / "prepare.lock", waiting=_say_waiting):
        if arguments.part == "places":
            return prepare_places(demo=not arguments.no_demo, now=timezone.now())
        return prepare_base(now=timezone.now())


def _say_waiting() -> None:
    say("  Un autre programme prépare déjà ce dossier : attente…")


def prepare_base(*, now: datetime) -> int:
    """Translations, tables, static files, territory: each only where something is missing."""
    compile_translations()
    state = schema.read()
    refusal = state.refusal()
    if refusal:
        sys.stderr.write(f"Refus : {refusal}\n")
        return 1
    if state.pending:
        with step("base de données"):
            schema.bring_up_to_date()
    collect_static()
    return prepare_ground(now=now)


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

    started = datetime.now(tz=now.tzinfo)
    try:
        standing = ensure_ground(data=settings.DATA, by=BY, now=now, progress=progress)
    except GroundRefused as reason:
        sys.stderr.write(f"Refus : {reason}\n")
        return 1
    for sentence in standing.told:
        say(f"  {sentence}")
    if standing.changed:
        from maillage.cli.steps import seconds

        spent = (datetime.now(tz=now.tzinfo) - started).total_seconds()
        say(f"  territoire : {standing.ground.label}… {seconds(spent)}")
    return 0


def prepare_places(*, demo: bool, now: datetime) -> int:
    """Load places once."""
    return 0
