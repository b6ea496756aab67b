"""Failures that are nobody's bug, said as: what, why, what to do."""

import errno


def expected() -> tuple[type[BaseException], ...]:
    """The exceptions that the command line turns into one sentence instead of a traceback."""
    from django.core.exceptions import ImproperlyConfigured
    from django.db.utils import DatabaseError

    return (ImproperlyConfigured, DatabaseError, OSError)


def explain(error: BaseException) -> str | None:
    """Say in French what stopped the command, why, and what to do; None when this is a bug and needs its traceback.

    >>> explain(OSError(28, "No space left on device"))
    'le disque est plein : rien n’a été écrit à moitié. Libérez de la place, puis relancez la même commande.'
    """
    from django.db.utils import DatabaseError

    if isinstance(error, DatabaseError):
        return _database(str(error).strip())
    if isinstance(error, OSError):
        return _system(error)
    return str(error)


FULL = "le disque est plein : rien n’a été écrit à moitié. Libérez de la place, puis relancez la même commande."


def _system(error: OSError) -> str:
    if error.errno == errno.ENOSPC:
        return FULL
    where = f" : {error.filename}" if error.filename else ""
    if error.errno == errno.ENOENT:
        return f"fichier ou dossier introuvable{where}. Vérifiez le chemin donné."
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return f"accès refusé{where}. Donnez à ce compte le droit d’y écrire, ou choisissez un autre MAILLAGE_HOME."
    return f"le système a refusé{where} ({error.strerror or error}). Corrigez cela, puis relancez la même commande."


DATABASE = (
    ("disk is full", FULL),
    ("no space left on device", FULL),
    (
        "database is locked",
        "la base est occupée par une autre écriture depuis plus de 20 secondes. Attendez la fin de l’import en "
        "cours, ou arrêtez l’autre programme, puis relancez la même commande.",
    ),
    (
        "unable to open database file",
        "la base ne s’ouvre pas. Vérifiez que le dossier MAILLAGE_HOME existe et que ce compte peut y écrire.",
    ),
    (
        "readonly database",
        "la base est en lecture seule. Donnez à ce compte le droit d’écrire dans le dossier MAILLAGE_HOME.",
    ),
    (
        "malformed",
        "le fichier de la base est abîmé. Arrêtez Maillage, mettez ce fichier de côté et remettez votre "
        "dernière sauvegarde.",
    ),
    (
        "not a database",
        "le fichier de la base n’est pas une base SQLite. Mettez-le de côté, ou choisissez un autre MAILLAGE_HOME.",
    ),
    ("no such table", "la base n’est pas prête : ses tables manquent. Lancez « maillage migrate »."),
    ("no such column", "la base n’est pas à jour. Lancez « maillage migrate »."),
    ('relation "', "la base n’est pas prête : ses tables manquent. Lancez « maillage migrate »."),
    (
        "password authentication",
        "PostgreSQL refuse ce compte. Vérifiez l’utilisateur et le mot de passe de DATABASE_URL.",
    ),
    (
        'fatal:  database "',
        "la base que nomme DATABASE_URL n’existe pas. Créez-la avec « createdb », puis relancez.",
    ),
    (
        "connection",
        "PostgreSQL ne répond pas. Vérifiez qu’il tourne et que DATABASE_URL donne la bonne adresse.",
    ),
)


def _database(said: str) -> str | None:
    return next((sentence for sign, sentence in DATABASE if sign in said.lower()), None)
