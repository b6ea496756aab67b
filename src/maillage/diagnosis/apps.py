from django.apps import AppConfig


class DiagnosisConfig(AppConfig):
    name = "maillage.diagnosis"
    label = "diagnosis"
    verbose_name = "Diagnostic"
    default_auto_field = "django.db.models.BigAutoField"
