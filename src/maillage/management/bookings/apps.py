from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class BookingsConfig(AppConfig):
    name = "maillage.management.bookings"
    label = "bookings"
    verbose_name = "Espaces et réservations"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from maillage.journal.tasks import Job, keep
        from maillage.management.billing.queries.subjects import sold_also_by
        from maillage.management.people.queries.held import forgotten_also_by
        from maillage.management.people.views.beside import beside_persons
        from maillage.places.views.beside import beside_places

        post_migrate.connect(set_guard, sender=self, dispatch_uid="bookings-guard")
        forgotten_also_by("maillage.management.bookings.actions.forgetting")
        beside_places("maillage.management.bookings.views.beside")
        sold_also_by("maillage.management.bookings.queries.sold")
        beside_persons("maillage.management.bookings.views.beside_person")
        keep(self, Job("bookings-sweep-holds", "maillage.management.bookings.tasks.sweep_holds", minutes=1))
        keep(self, Job("bookings-read-feeds", "maillage.management.bookings.tasks.read_feeds", minutes=5))


def set_guard(*, using: str, plan: list[Any] | None = None, **_: Any) -> None:
    """Set the triggers again: on SQLite a migration that alters a table drops them without a word."""
    from maillage.management.bookings.actions import guard

    guard.install(using=using)
