"""`maillage doctor`: one line per thing that must hold, and how to mend it when it does not."""

import argparse
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from maillage.cli import locks, refusals, schema, worker

LEAST_FREE_BYTES = 500_000_000
LATE_JOB = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Finding:
    """What one examination found: `broken` stops the site, a mere `mend` is advice."""

    subject: str
    said: str
    mend: str = ""
    broken: bool = False

    @property
    def word(self) -> str:
        return "EN PANNE" if self.broken else "attention" if self.mend else "ok"

    def line(self) -> str:
        """One line to read, two when there is something to do."""
        head = f"{self.word:<10}{self.subject} : {self.said}"
        return f"{head}\n{'':<10}→ {self.mend}" if self.mend else head


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser(
        "doctor",
        help="examine l’installation et dit comment la réparer",
        description="Examine l’installation, ligne par ligne, et dit comment réparer ce qui ne va pas. "
        "Code de sortie : 1 si quelque chose empêche le site de marcher.",
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Examine everything; a database that does not answer ends the examination early."""
    findings = []
    for examine in EXAMINATIONS:
        found = examine()
        findings.append(found)
        print(found.line())
        if found.broken and examine in (database, tables):
            break
    return 1 if any(found.broken for found in findings) else 0


def secret() -> Finding:
    """Whether the signing secret is one that was given or made for this install."""
    from django.conf import settings

    if settings.ENV == "production":
        return Finding("secret", "donné par MAILLAGE_SECRET")
    readable = (settings.HOME / "secret").stat().st_mode & 0o077 if (settings.HOME / "secret").exists() else 0
    if readable:
        return Finding("secret", "lisible par d’autres comptes de ce poste", f"chmod 600 {settings.HOME / 'secret'}")
    return Finding("secret", "fait pour ce poste (MAILLAGE_ENV=production en demandera un vrai)")


def hosts() -> Finding:
    """Whether the names that the site answers to fit its public address."""
    from urllib.parse import urlparse

    from django.conf import settings
    from django.http.request import validate_host

    name = urlparse(settings.SITE_URL).hostname or ""
    if not validate_host(name, settings.ALLOWED_HOSTS):
        return Finding(
            "adresses",
            f"MAILLAGE_URL annonce {name}, que MAILLAGE_HOSTS n’accepte pas",
            f"MAILLAGE_HOSTS={','.join([*settings.ALLOWED_HOSTS, name])}",
        )
    if settings.ENV == "production" and name in ("localhost", "127.0.0.1"):
        return Finding("adresses", "l’adresse publique est encore localhost", "MAILLAGE_URL=https://votre-domaine")
    return Finding("adresses", f"{settings.SITE_URL}, réponses à {', '.join(settings.ALLOWED_HOSTS)}")


def disk() -> Finding:
    """Whether there is room to write."""
    from django.conf import settings

    settings.HOME.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(settings.HOME).free
    said = f"{free / 1e9:.1f} Go libres pour {settings.HOME}".replace(".", ",", 1)
    if free < LEAST_FREE_BYTES:
        return Finding("disque", said, "libérez de la place : une base pleine refuse toute écriture", broken=True)
    return Finding("disque", said)


def database() -> Finding:
    """Whether the database answers and its file is whole."""
    from django.db import DatabaseError, connection

    name = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}.get(connection.vendor, connection.vendor)
    try:
        with connection.cursor() as cursor:
            if connection.vendor != "sqlite":
                cursor.execute("SELECT 1")
                return Finding("base", f"{name} répond")
            cursor.execute("PRAGMA quick_check(1)")
            verdict = cursor.fetchone()[0]
    except DatabaseError as error:
        mend = refusals.explain(error) or "lisez le message ci-dessus"
        return Finding("base", f"{name} refuse ({error})", mend, broken=True)
    if verdict != "ok":
        mend = "arrêtez Maillage, mettez le fichier de côté, remettez votre dernière sauvegarde"
        return Finding("base", f"{name} est abîmée ({verdict})", mend, broken=True)
    return Finding("base", f"{name} répond, fichier entier")


def tables() -> Finding:
    """Whether the tables are those of this code."""
    state = schema.read()
    if state.unknown:
        said = f"plus récentes que ce code ({', '.join(state.unknown[:3])})"
        return Finding("tables", said, "mettez le code à jour (git pull), ou changez MAILLAGE_HOME", broken=True)
    if state.pending:
        return Finding("tables", f"à mettre à jour ({len(state.pending)})", "maillage migrate", broken=True)
    return Finding("tables", "à jour")


def ground() -> Finding:
    """Whether a territory is loaded, and how sure its centres are."""
    from maillage.territory.queries import current_ground

    now = current_ground()
    if now is None:
        return Finding("territoire", "aucun", "maillage territory update", broken=True)
    said = f"{now.label}, chargé le {now.loaded_at:%d/%m/%Y}"
    if now.estimated_centres:
        share = f"{now.estimated_centres} centres de communes sont estimés"
        return Finding("territoire", f"{said} ; {share}", "maillage territory update donne les centres officiels")
    return Finding("territoire", said)


def places() -> Finding:
    """How many places there are, and whether they are real."""
    from maillage.places.queries import registry

    now = registry()
    if not now.total:
        return Finding("lieux", "aucun", "maillage import FICHIER, ou maillage demo")
    if now.demo:
        said = f"{now.total}, dont {now.demo} fictifs"
        return Finding("lieux", said, "de vrais lieux : maillage import FICHIER, ou ./run --data DOSSIER")
    return Finding("lieux", str(now.total))


def front() -> Finding:
    """Whether the front end is built and collected."""
    from django.conf import settings

    built = settings.BUILD / "maillage" / "app.css"
    if not built.exists():
        return Finding("habillage", "simple, sans script", "./run le met en forme s’il trouve Node 20 ou plus récent")
    if not (Path(settings.STATIC_ROOT) / "staticfiles.json").exists():
        return Finding("habillage", "fait, pas encore servi", "./run, ou redémarrez le site")
    return Finding("habillage", "fait")


def translations() -> Finding:
    """Whether every translation is compiled."""
    from maillage.cli.prepare import late_translations

    late = late_translations()
    if late:
        return Finding("traductions", f"{len(late)} à compiler", "./run les compile ; le français marche sans elles")
    return Finding("traductions", "compilées")


def jobs() -> Finding:
    """Whether a worker lives, or at least whether no job waits too long."""
    from django.conf import settings
    from django.utils import timezone
    from django_q.models import OrmQ

    oldest = OrmQ.objects.order_by("lock").values_list("lock", flat=True).first()
    late = oldest is not None and timezone.now() - oldest > LATE_JOB
    alive = not locks.is_free(settings.HOME / worker.LOCK)
    if late:
        said = "une tâche attend depuis plus de dix minutes"
        return Finding("travail de fond", said, "lancez « maillage worker », ou ./run")
    if alive:
        return Finding("travail de fond", "en marche")
    return Finding("travail de fond", "arrêté sur ce poste", "./run le lance avec le site, ou « maillage worker »")


EXAMINATIONS: tuple[Callable[[], Finding], ...] = (
    secret,
    hosts,
    disk,
    database,
    tables,
    ground,
    places,
    front,
    translations,
    jobs,
)
