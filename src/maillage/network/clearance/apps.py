from django.apps import AppConfig


class ClearanceConfig(AppConfig):
    name = "maillage.network.clearance"
    label = "clearance"
    verbose_name = "Réseaux et relecture"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from maillage.journal.actions import forgotten_also_by
        from maillage.journal.tasks import Job, keep

        forgotten_also_by("maillage.network.clearance.actions.census_forgetting")
        forgotten_also_by("maillage.network.clearance.actions.forgetting")
        keep(self, Job("clearance-censuses", "maillage.network.clearance.tasks.censuses"))
        keep(self, Job("clearance-daily-accesses", "maillage.network.clearance.tasks.daily_accesses"))
