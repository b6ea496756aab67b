from django.apps import AppConfig


class ObservatoryConfig(AppConfig):
    name = "maillage.network.observatory"
    label = "observatory"
    verbose_name = "Observatoire"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from maillage.journal.tasks import Job, keep

        keep(self, Job("observatory-daily-snapshot", "maillage.network.observatory.tasks.daily_snapshot"))
