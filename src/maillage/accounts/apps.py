from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "maillage.accounts"
    label = "accounts"
    verbose_name = "Comptes"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from maillage.journal.tasks import Job, keep

        keep(self, Job("accounts-daily-sweep", "maillage.accounts.tasks.daily_sweep"))
