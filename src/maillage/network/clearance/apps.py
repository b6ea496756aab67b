from django.apps import AppConfig


class ClearanceConfig(AppConfig):
    name = "maillage.network.clearance"
    label = "clearance"
    verbose_name = "Réseaux et relecture"
    default_auto_field = "django.db.models.BigAutoField"
