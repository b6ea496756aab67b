from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    name = "maillage.network.exchange"
    label = "exchange"
    verbose_name = "Échanges"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from maillage.journal.tasks import Job, keep

        keep(self, Job("exchange-daily-dumps", "maillage.network.exchange.tasks.daily_dumps"))
