from django.apps import AppConfig


class EventsConfig(AppConfig):
    name = "maillage.management.events"
    label = "events"
    verbose_name = "Programme"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from maillage.management.bookings.views.own import own_also
        from maillage.management.people.queries.held import forgotten_also_by
        from maillage.places.views.beside import beside_places

        forgotten_also_by("maillage.management.events.actions.forgetting")
        beside_places("maillage.management.events.views.beside")
        own_also("maillage.management.events.views.own")
