import errno

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db.utils import DatabaseError, OperationalError, ProgrammingError

from maillage.cli.refusals import FULL, explain


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), FULL),
        (OperationalError("database or disk is full"), FULL),
        (ImproperlyConfigured("trop court"), "trop court"),
        (
            FileNotFoundError(errno.ENOENT, "No such file", "/lieux.csv"),
            "fichier ou dossier introuvable\u202f: /lieux.csv. Vérifiez le chemin donné.",
        ),
        (
            PermissionError(errno.EACCES, "Permission denied", "/var"),
            "accès refusé\u202f: /var. Donnez à ce compte le droit d’y écrire, ou choisissez un autre MAILLAGE_HOME.",
        ),
        (
            OSError(errno.EIO, "Input/output error"),
            "le système a refusé (Input/output error). Corrigez cela, puis relancez la même commande.",
        ),
        (
            OperationalError("database is locked"),
            "la base est occupée par une autre écriture depuis plus de 20 secondes. Attendez la fin de l’import en "
            "cours, ou arrêtez l’autre programme, puis relancez la même commande.",
        ),
        (
            ProgrammingError('relation "places_place" does not exist\nLINE 1'),
            "la base n’est pas prête\u202f: ses tables manquent. Lancez «\u202fmaillage migrate\u202f».",
        ),
        (
            OperationalError('connection to server failed: FATAL:  database "x" does not exist'),
            "la base que nomme DATABASE_URL n’existe pas. Créez-la avec «\u202fcreatedb\u202f», puis relancez.",
        ),
        (
            OperationalError("connection to server at 127.0.0.1 failed: Connection refused"),
            "PostgreSQL ne répond pas. Vérifiez qu’il tourne et que DATABASE_URL donne la bonne adresse.",
        ),
        (
            DatabaseError("file is not a database"),
            "le fichier de la base n’est pas une base SQLite. Mettez-le de côté, ou choisissez un autre MAILLAGE_HOME.",
        ),
    ],
)
def test_what_went_wrong_is_said_with_what_to_do(error, said):
    assert explain(error) == said


def test_an_unknown_database_error_is_a_bug_and_keeps_its_traceback():
    assert explain(DatabaseError("UNIQUE constraint failed: places_place.slug")) is None
