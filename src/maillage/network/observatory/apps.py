from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class ObservatoryConfig(AppConfig):
    name = "maillage.network.observatory"
    label = "observatory"
    verbose_name = "Observatoire"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        post_migrate.connect(_schedule, sender=self, dispatch_uid="observatory-schedule")


def _schedule(using: str, **_: Any) -> None:
    from maillage.network.observatory.tasks import ensure_schedule

    ensure_schedule(using)
