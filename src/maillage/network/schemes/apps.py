from django.apps import AppConfig


class SchemesConfig(AppConfig):
    name = "maillage.network.schemes"
    label = "schemes"
    verbose_name = "Dispositifs de passes découverte"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from maillage.journal.guards import declare
        from maillage.journal.tasks import Job, keep
        from maillage.management.people.queries.held import forgotten_also_by
        from maillage.network.schemes.queries import guard, roaming_guard

        declare(*guard.GUARDS, *roaming_guard.GUARDS)
        forgotten_also_by("maillage.network.schemes.actions.forgetting")
        keep(self, Job("schemes-forget-holders", "maillage.network.schemes.tasks.forget_holders"))
