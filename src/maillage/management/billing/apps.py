from django.apps import AppConfig


class BillingConfig(AppConfig):
    name = "maillage.management.billing"
    label = "billing"
    verbose_name = "Factures et encaissements"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from maillage.journal.guards import declare, written_once
        from maillage.journal.tasks import Job, keep
        from maillage.management.billing.models import WRITTEN_ONCE
        from maillage.places.views.beside import beside_places

        beside_places("maillage.management.billing.views.beside")
        keep(self, Job("billing-read-payments", "maillage.management.billing.tasks.read_payments", minutes=1))
        for model in WRITTEN_ONCE:
            declare(*written_once(model._meta.db_table))
