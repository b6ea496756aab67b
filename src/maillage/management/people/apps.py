from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "maillage.management.people"
    label = "people"
    verbose_name = "Personnes et organisations"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from maillage.journal.tasks import Job, keep

        keep(self, Job("people-forget-visitors", "maillage.management.people.tasks.forget_visitors"))
