from django.apps import AppConfig


class SchemesConfig(AppConfig):
    name = "maillage.network.schemes"
    label = "schemes"
    verbose_name = "Dispositifs de passes découverte"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from maillage.journal.guards import declare
        from maillage.network.schemes.queries.guard import GUARDS

        declare(*GUARDS)
