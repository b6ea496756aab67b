"""How the tables of the database stand to the code: behind, level, or ahead."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Schema:
    """Migrations that the database lacks, and migrations that this code has never heard of."""

    pending: tuple[str, ...]
    unknown: tuple[str, ...]

    def refusal(self) -> str | None:
        """Why this code must not touch this database, or None.

        >>> Schema(pending=(), unknown=()).refusal()
        """
        if not self.unknown:
            return None
        return (
            "la base est plus récente que ce code : elle a reçu des mises à jour qu’il ne connaît pas "
            f"({', '.join(self.unknown[:3])}{'…' if len(self.unknown) > 3 else ''}). Rien n’a été touché. "
            "Mettez le code à jour (git pull), ou choisissez un autre dossier avec MAILLAGE_HOME."
        )

    def delay(self) -> str | None:
        """Why this database cannot be served yet, or None."""
        if not self.pending:
            return None
        missing = f"{len(self.pending)} mises à jour manquent" if len(self.pending) > 1 else "une mise à jour manque"
        return f"la base n’est pas à jour : {missing}. Lancez « maillage migrate »."


def read() -> Schema:
    """Compare the migrations written in the database with those on disk."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    loader = executor.loader
    known = set(loader.disk_migrations)
    known |= {replaced for migration in loader.disk_migrations.values() for replaced in migration.replaces}
    unknown = sorted(set(loader.applied_migrations) - known)
    pending = [] if unknown else executor.migration_plan(loader.graph.leaf_nodes())
    return Schema(
        pending=tuple(f"{step.app_label}.{step.name}" for step, _ in pending),
        unknown=tuple(f"{app}.{name}" for app, name in unknown),
    )


def bring_up_to_date() -> Schema:
    """Apply what is pending and return how things stood before; the caller has looked at `refusal()`.

    The guards are set again even when nothing was pending.
    """
    from django.core.management import call_command

    from maillage.journal import guards
    from maillage.management.bookings.actions import guard

    before = read()
    if before.pending and not before.unknown:
        call_command("migrate", interactive=False, verbosity=0)
        call_command("createcachetable", verbosity=0)
    if not before.unknown:
        guard.install()
        guards.install()
    return before
