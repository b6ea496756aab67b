from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    name = "maillage.network.exchange"
    label = "exchange"
    verbose_name = "Échanges"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from maillage.journal.tasks import Job, keep

        keep(self, Job("exchange-daily-dumps", "maillage.network.exchange.tasks.daily_dumps"))
        keep(self, Job("exchange-intakes", "maillage.network.exchange.tasks.take_up_intakes", minutes=1))
        keep(self, Job("exchange-read-sources", "maillage.network.exchange.tasks.read_sources", minutes=10))
        keep(self, Job("exchange-read-instances", "maillage.network.exchange.tasks.read_instances", minutes=60))
