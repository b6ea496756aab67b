"""`maillage doctor`: one line per thing that must hold, and how to mend it when it does not."""

import argparse
import shutil
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from maillage.cli import backup, locks, refusals, schema, stamps, worker

LEAST_FREE_BYTES = 500_000_000
LATE_JOB = timedelta(minutes=10)
OLD_BACKUP = timedelta(days=2)
"""A timer that saves every day and missed one is told on the next morning."""
CLOCKS_APART_S = 60.0
NAMED = 3
"""How many file names a line shows."""


MIGRATE = "maillage migrate"


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


def proxies() -> Finding:
    """Whether the addresses of visitors are theirs, behind what serves HTTPS."""
    from django.conf import settings

    if settings.ENV != "production":
        return Finding("mandataires", f"{settings.PROXIES} (poste local)")
    if not settings.PROXIES:
        return Finding(
            "mandataires",
            "aucun déclaré, alors que la production passe par HTTPS : tous les visiteurs auraient la même adresse",
            "MAILLAGE_PROXIES=1 (un par mandataire entre les visiteurs et le site)",
        )
    return Finding("mandataires", f"{settings.PROXIES} devant le site")


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


def clock() -> Finding:
    """Whether this machine knows the time and the zones of the world."""
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    from django.utils import timezone

    try:
        ZoneInfo("Europe/Paris")
    except ZoneInfoNotFoundError:
        return Finding(
            "heure", "les fuseaux horaires manquent", "apt install tzdata, ou pip install tzdata", broken=True
        )
    now = timezone.now()
    if now.timestamp() < _newest_code():
        return Finding(
            "heure", f"l’horloge dit {now:%d/%m/%Y}, avant la date du code", "réglez-la (timedatectl set-ntp true)"
        )
    return Finding("heure", f"{timezone.localtime(now):%d/%m/%Y %H:%M}, heure de Paris")


def _newest_code() -> float:
    """When the code was last put here, in seconds."""
    return Path(sys.modules["maillage"].__file__ or "").stat().st_mtime - CLOCKS_APART_S


def base_clock() -> Finding:
    """Whether the database server has the same time: links expire by the one, jobs fall due by the other."""
    from django.db import connection

    if connection.vendor == "sqlite":
        return Finding("heure de la base", "celle de ce poste")
    with connection.cursor() as cursor:
        cursor.execute("SELECT extract(epoch FROM clock_timestamp())")
        apart = abs(float(cursor.fetchone()[0]) - time.time())
    if apart > CLOCKS_APART_S:
        said = f"la base et ce poste sont à {apart:.0f} s l’un de l’autre"
        return Finding("heure de la base", said, "mettez les deux à l’heure (timedatectl set-ntp true)")
    return Finding("heure de la base", "celle de ce poste, à une minute près")


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
        return Finding("tables", f"à mettre à jour ({len(state.pending)})", MIGRATE, broken=True)
    return Finding("tables", "à jour")


def booking_guard() -> Finding:
    """Whether the database itself refuses two bookings of one thing."""
    from maillage.management.bookings.queries import guard

    if lacking := guard.missing():
        said = f"la base n’empêche plus deux réservations de la même place ({', '.join(lacking)})"
        return Finding("garde", said, MIGRATE, broken=True)
    return Finding("garde", "la base refuse deux réservations de la même place")


def money_guards() -> Finding:
    """Whether the database itself refuses that what was issued changes."""
    from maillage.journal import guards

    if lacking := guards.missing():
        return Finding(
            "écrits", f"la base laisserait changer ce qui est émis ({', '.join(lacking)})", MIGRATE, broken=True
        )
    return Finding("écrits", "la base refuse que ce qui est émis change")


def books() -> Finding:
    """Whether what was issued still is what was issued, whoever wrote in the database meanwhile."""
    from maillage.management.billing import sentences
    from maillage.management.billing.queries.verify import verify_all

    told = verify_all()
    touched = [(place, checked) for place, checked in told if checked.faults]
    if touched:
        place, checked = touched[0]
        said = f"{len(touched)} lieux touchés, dont {place.slug} ({sentences.fault(checked.faults[0])})"
        mend = "gardez une copie de la base, comparez avec votre dernière sauvegarde (page Argent, Comptes, Vérifier)"
        return Finding("comptes", said, mend)
    if not told:
        return Finding("comptes", "aucun")
    lines = sum(checked.entries for _, checked in told)
    return Finding("comptes", f"entiers ({len(told)} lieux, {lines} lignes relues)")


def counters() -> Finding:
    """Whether attempts to sign in can be counted: without their table, every sign-in fails."""
    from django.conf import settings
    from django.db import connection

    if settings.CACHE:
        return Finding("compteurs", "dans le cache partagé de MAILLAGE_CACHE")
    name = settings.CACHES["default"]["LOCATION"]
    if name not in connection.introspection.table_names():
        return Finding("compteurs", f"leur table ({name}) manque : personne ne peut se connecter", MIGRATE, broken=True)
    return Finding("compteurs", "dans la base")


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


def roads() -> Finding:
    """Whether the extract of MAILLAGE_ROADS can be read, and how much of the territory it covers."""
    from maillage.diagnosis.queries.travel import RoadError, coverage

    try:
        told = coverage()
    except RoadError as refused:
        return Finding("routes", str(refused), "corrigez ou retirez MAILLAGE_ROADS", broken=True)
    if told is None:
        return Finding("routes", "aucun extrait : minutes à vol d’oiseau (MAILLAGE_ROADS=fichier.osm.pbf)")
    said = f"{told.model.name}, {told.with_road} communes desservies sur {told.communes}"
    if not told.with_road:
        return Finding("routes", said, "donnez un extrait de ce territoire : les minutes restent à vol d’oiseau")
    return Finding("routes", said)


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


def schedules() -> Finding:
    """Whether the background work has its timetable, and follows it."""
    from django.utils import timezone
    from django_q.models import Schedule

    from maillage.journal.tasks import names

    missing = sorted(names() - set(Schedule.objects.values_list("name", flat=True)))
    if missing:
        return Finding("horaires des tâches", f"absents : {', '.join(missing)}", MIGRATE)
    latest = Schedule.objects.order_by("next_run").values_list("next_run", flat=True).first()
    if latest is not None and timezone.now() - latest > LATE_JOB:
        said = f"une tâche aurait dû partir le {timezone.localtime(latest):%d/%m/%Y à %H:%M}"
        return Finding("horaires des tâches", said, "lancez « maillage worker », ou ./run")
    return Finding("horaires des tâches", "suivis")


def sources() -> Finding:
    """Whether every source that is followed answers, and none waits for an answer."""
    from maillage.cli.pull import health

    return Finding("sources", *health())


def mails() -> Finding:
    """Whether mails leave."""
    from django.conf import settings
    from django.utils import timezone

    from maillage.journal.queries import mails as unsent

    told = unsent(now=timezone.now())
    if told.given_up:
        said = f"{told.given_up} abandonnés après plusieurs essais (dernier ennui : {told.trouble or 'inconnu'})"
        return Finding("courriels", said, "vérifiez MAILLAGE_SMTP, puis relancez-les depuis l’administration")
    if told.late:
        said = f"{told.late} en retard" + (f" (dernier ennui : {told.trouble})" if told.trouble else "")
        return Finding("courriels", said, "lancez « maillage worker » ; s’il tourne, vérifiez MAILLAGE_SMTP")
    if settings.SMTP:
        return Finding("courriels", f"par {settings.SMTP['host']}, {told.waiting} en attente")
    where = settings.HOME / "outbox"
    if settings.ENV == "production":
        return Finding("courriels", f"écrits dans {where}, jamais envoyés", "MAILLAGE_SMTP=smtp://…")
    return Finding("courriels", f"écrits dans {where}")


def operator() -> Finding:
    """Whether anybody can run the site from its pages."""
    from maillage.accounts.queries import has_operator

    if has_operator():
        return Finding("exploitant", "au moins un compte")
    return Finding("exploitant", "aucun compte", "maillage invite ADRESSE --role operator")


def photos() -> Finding:
    """Whether every photo has its file, and every file its photo."""
    from django.conf import settings

    from maillage.places.queries.files import photo_files

    told, media = photo_files(), Path(settings.MEDIA_ROOT)
    held = {path.relative_to(media).as_posix() for path in media.glob("photos/*") if path.is_file()}
    missing, orphans = sorted(told - held), len(held - told)
    if missing:
        names = ", ".join(missing[:NAMED])
        mend = f"remettez ces fichiers dans {media} depuis une sauvegarde, ou retirez ces photos"
        return Finding("photos", f"{len(missing)} fichiers manquent ({names})", mend)
    said = f"{len(told) // 2}, tous les fichiers sont là"
    return Finding("photos", f"{said} ; {orphans} fichiers sans photo, que le ménage effacera" if orphans else said)


def saved() -> Finding:
    """How old the last backup made here is."""
    from django.conf import settings
    from django.utils import timezone

    mend = "maillage backup FICHIER, chaque jour par un minuteur, et une copie ailleurs"
    told = stamps.read(settings.HOME / backup.STAMP)
    try:
        at = datetime.fromisoformat(told["at"])
        age = timezone.now() - at
    except (KeyError, ValueError, TypeError):
        return Finding("sauvegarde", "aucune faite ici", mend)
    said = f"du {timezone.localtime(at):%d/%m/%Y à %H:%M}, {told.get('file', '')}"
    return Finding("sauvegarde", said, mend) if age > OLD_BACKUP else Finding("sauvegarde", said)


EXAMINATIONS: tuple[Callable[[], Finding], ...] = (
    secret,
    hosts,
    proxies,
    clock,
    disk,
    database,
    tables,
    base_clock,
    booking_guard,
    money_guards,
    books,
    counters,
    ground,
    roads,
    places,
    photos,
    operator,
    mails,
    front,
    translations,
    jobs,
    schedules,
    sources,
    saved,
)
