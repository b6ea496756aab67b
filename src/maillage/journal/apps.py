from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class JournalConfig(AppConfig):
    name = "maillage.journal"
    label = "journal"
    verbose_name = "Journal"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from maillage.journal.tasks import Job, keep

        post_migrate.connect(set_guards, sender=self, dispatch_uid="guards")
        keep(self, Job("journal-mails", "maillage.journal.tasks.send_mails", minutes=1))


def set_guards(*, using: str, **_: Any) -> None:
    """Set the guards of every room again: by then, every table stands."""
    from maillage.journal import guards

    guards.install(using=using)
