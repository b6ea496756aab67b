from django.apps import AppConfig


class PassesConfig(AppConfig):
    name = "maillage.management.passes"
    label = "passes"
    verbose_name = "Carnets et passes"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from maillage.journal.guards import declare
        from maillage.journal.tasks import Job, keep
        from maillage.management.billing.queries.subjects import sold_also_by
        from maillage.management.passes.queries.guard import GUARDS
        from maillage.management.people.queries.held import forgotten_also_by
        from maillage.management.people.views.beside import beside_persons

        declare(*GUARDS)
        forgotten_also_by("maillage.management.passes.actions.forgetting")
        sold_also_by("maillage.management.passes.queries.sold")
        beside_persons("maillage.management.passes.views.beside_person")
        keep(self, Job("passes-daily", "maillage.management.passes.tasks.daily"))
