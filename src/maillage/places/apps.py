from django.apps import AppConfig


class PlacesConfig(AppConfig):
    name = "maillage.places"
    label = "places"
    verbose_name = "Lieux"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from maillage.accounts.permissions import scopes_known_by
        from maillage.journal.actions import forgotten_also_by
        from maillage.journal.tasks import Job, keep

        forgotten_also_by("maillage.places.actions.forgetting")
        scopes_known_by("maillage.places.queries.scopes")
        keep(self, Job("places-daily-sweep", "maillage.places.tasks.daily_sweep"))
