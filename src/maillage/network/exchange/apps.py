from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    name = "maillage.network.exchange"
    label = "exchange"
    verbose_name = "Échanges"
    default_auto_field = "django.db.models.BigAutoField"
