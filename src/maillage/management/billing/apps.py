from django.apps import AppConfig


class BillingConfig(AppConfig):
    name = "maillage.management.billing"
    label = "billing"
    verbose_name = "Factures et encaissements"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from maillage.journal.guards import declare
        from maillage.journal.tasks import Job, keep
        from maillage.management.billing.queries.guard import GUARDS
        from maillage.management.people.queries.held import forgotten_also_by, held_also_by
        from maillage.management.people.views.beside import beside_persons
        from maillage.places.views.beside import beside_places

        forgotten_also_by("maillage.management.billing.actions.forgetting")
        held_also_by("maillage.management.billing.queries.owing")
        beside_persons("maillage.management.billing.views.beside_person")
        beside_places("maillage.management.billing.views.beside")
        keep(self, Job("billing-read-payments", "maillage.management.billing.tasks.read_payments", minutes=1))
        keep(self, Job("billing-forget-accounts", "maillage.management.billing.tasks.forget_accounts"))
        declare(*GUARDS)
