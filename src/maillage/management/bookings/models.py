from typing import Any

from django.contrib.postgres.constraints import ExclusionConstraint
from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.models import F, Func, Q, Value

from maillage.management.people.models import Organisation, Person
from maillage.places.models import Place

HELD, CONFIRMED, CANCELLED, LAPSED = STATES = ("held", "confirmed", "cancelled", "lapsed")
TAKING = (HELD, CONFIRMED)
"""The states in which a booking takes its unit."""
KINDS = ("room", "desk", "machine", "whole", "other")
OVERLAPS = "&&"
"""Written out: `django.contrib.postgres.fields`, which names it, cannot be imported without psycopg."""


class PostgresExclusion(ExclusionConstraint):
    """EXCLUDE on PostgreSQL, nothing elsewhere: on SQLite triggers stand in for it (`actions/guard.py`)."""

    def constraint_sql(self, model: Any, schema_editor: Any) -> Any:
        return super().constraint_sql(model, schema_editor) if _excludes(schema_editor.connection) else None

    def create_sql(self, model: Any, schema_editor: Any) -> Any:
        return super().create_sql(model, schema_editor) if _excludes(schema_editor.connection) else None

    def remove_sql(self, model: Any, schema_editor: Any) -> Any:
        return super().remove_sql(model, schema_editor) if _excludes(schema_editor.connection) else None

    def validate(self, model: Any, instance: Any, exclude: Any = None, using: str = DEFAULT_DB_ALIAS) -> None:
        if _excludes(connections[using]):
            super().validate(model, instance, exclude, using)


def _excludes(connection: Any) -> bool:
    return bool(connection.vendor == "postgresql")


class Int8Range(Func):
    function = "int8range"


class TstzRange(Func):
    function = "tstzrange"


class Settings(models.Model):
    """How one place takes bookings; its row is what writers of a place wait for, one after another."""

    place = models.OneToOneField(
        Place, on_delete=models.PROTECT, related_name="+", primary_key=True, verbose_name="lieu"
    )
    zone = models.CharField("fuseau", max_length=40, default="Europe/Paris")
    half_day_minute = models.PositiveSmallIntegerField("limite des demi-journées", default=810, help_text="minutes")
    closes_on_holidays = models.BooleanField("fermé les jours fériés", default=True)
    school_zone = models.CharField("zone de vacances scolaires", max_length=1, blank=True)
    hold_minutes = models.PositiveSmallIntegerField("durée d’une option", default=15, help_text="minutes")
    is_online = models.BooleanField("réservation en ligne", default=False)
    door_code = models.CharField("code de la porte", max_length=40, blank=True, help_text="vide : fermée")

    class Meta:
        verbose_name = "réglages des réservations"
        verbose_name_plural = "réglages des réservations"
        constraints = [
            models.CheckConstraint(condition=Q(half_day_minute__range=(1, 1439)), name="half_day_is_within_the_day"),
            models.CheckConstraint(condition=Q(hold_minutes__range=(1, 1440)), name="a_hold_lasts_a_day_at_most"),
            models.CheckConstraint(condition=Q(school_zone__in=("", "A", "B", "C")), name="school_zone_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.place}"


class Space(models.Model):
    """What can be booked in a place: a room, desks that replace each other, a machine, or all that lies inside it."""

    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="spaces", verbose_name="lieu")
    inside = models.ForeignKey(
        "self", on_delete=models.PROTECT, related_name="spaces", null=True, blank=True, verbose_name="dans"
    )
    slug = models.SlugField("adresse", max_length=60)
    name = models.CharField("nom", max_length=80)
    kind = models.CharField("genre", max_length=10, choices=[(kind, kind) for kind in KINDS])
    description = models.CharField("description", max_length=500, blank=True)
    seats = models.PositiveSmallIntegerField("places assises", null=True, blank=True)
    is_online = models.BooleanField("réservable en ligne", default=True)
    authorisation = models.CharField("habilitation demandée", max_length=80, blank=True)
    step_minutes = models.PositiveSmallIntegerField("pas", default=30, help_text="minutes")
    shortest_minutes = models.PositiveIntegerField("au moins", default=30, help_text="minutes")
    longest_minutes = models.PositiveIntegerField("au plus", default=1440, help_text="minutes")
    notice_minutes = models.PositiveIntegerField("délai avant", default=0, help_text="minutes")
    horizon_days = models.PositiveSmallIntegerField("ouvert à l’avance", default=180, help_text="jours")
    order = models.PositiveSmallIntegerField("ordre", default=0)
    archived_at = models.DateTimeField("retiré le", null=True, blank=True)

    class Meta:
        verbose_name = "espace"
        verbose_name_plural = "espaces"
        constraints = [
            models.UniqueConstraint(fields=["place", "slug"], name="space_address_is_its_own"),
            models.CheckConstraint(condition=~Q(name=""), name="space_has_a_name"),
            models.CheckConstraint(condition=Q(kind__in=KINDS), name="space_kind_is_known"),
            models.CheckConstraint(
                condition=Q(inside__isnull=True) | ~Q(inside=F("id")), name="space_not_inside_itself"
            ),
            models.CheckConstraint(
                condition=Q(step_minutes__range=(5, 1440), shortest_minutes__gte=5, longest_minutes__lte=527_040)
                & Q(shortest_minutes__lte=F("longest_minutes")),
                name="space_durations_make_sense",
            ),
            models.CheckConstraint(condition=Q(horizon_days__range=(1, 732)), name="space_horizon_makes_sense"),
        ]

    def __str__(self) -> str:
        return self.name


class Unit(models.Model):
    """One thing that one booking takes: the room, the third desk, the laser cutter."""

    space = models.ForeignKey(Space, on_delete=models.PROTECT, related_name="units", verbose_name="espace")
    name = models.CharField("nom", max_length=80)
    order = models.PositiveSmallIntegerField("ordre", default=0)
    retired_at = models.DateTimeField("retirée le", null=True, blank=True)

    class Meta:
        verbose_name = "unité"
        verbose_name_plural = "unités"
        constraints = [models.UniqueConstraint(fields=["space", "name"], name="unit_name_is_its_own")]

    def __str__(self) -> str:
        return self.name


class OpeningRule(models.Model):
    """A weekday's bookable hours, of the whole place or of one space, all year or in a season."""

    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+", verbose_name="lieu")
    space = models.ForeignKey(
        Space, on_delete=models.PROTECT, related_name="openings", null=True, blank=True, verbose_name="espace"
    )
    weekday = models.PositiveSmallIntegerField("jour", help_text="0 lundi … 6 dimanche")
    opens_minute = models.PositiveSmallIntegerField("ouvre")
    closes_minute = models.PositiveSmallIntegerField("ferme", help_text="au-delà de 1440 : le lendemain")
    first_day = models.DateField("du", null=True, blank=True)
    last_day = models.DateField("au", null=True, blank=True)

    class Meta:
        verbose_name = "horaire"
        verbose_name_plural = "horaires"
        constraints = [
            models.CheckConstraint(condition=Q(weekday__range=(0, 6)), name="opening_weekday_is_one"),
            models.CheckConstraint(
                condition=Q(opens_minute__lt=1440, closes_minute__gt=F("opens_minute"))
                & Q(closes_minute__lte=F("opens_minute") + 1440),
                name="opening_closes_within_a_day",
            ),
            models.CheckConstraint(
                condition=Q(first_day__isnull=True) | Q(last_day__isnull=True) | Q(last_day__gte=F("first_day")),
                name="opening_season_ends_after_it_starts",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.weekday} {self.opens_minute}-{self.closes_minute}"


class Feed(models.Model):
    """A calendar kept elsewhere, the town hall's say, whose events close the place or one space."""

    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+", verbose_name="lieu")
    space = models.ForeignKey(
        Space, on_delete=models.PROTECT, related_name="feeds", null=True, blank=True, verbose_name="espace"
    )
    name = models.CharField("nom", max_length=80)
    address = models.CharField("adresse", max_length=1_000)
    added_at = models.DateTimeField("ajouté le")
    added_by = models.CharField("ajouté par", max_length=120)
    next_read_at = models.DateTimeField("prochaine lecture", db_index=True)
    taken_at = models.DateTimeField("en lecture depuis", null=True, blank=True)
    last_read_at = models.DateTimeField("lu le", null=True, blank=True)
    whole_read_at = models.DateTimeField("lu en entier le", null=True, blank=True)
    etag = models.CharField("version", max_length=200, blank=True)
    occurrences = models.PositiveIntegerField("moments", default=0)
    unread = models.PositiveIntegerField("illisibles", default=0)
    unknown_zones = models.CharField("fuseaux inconnus", max_length=200, blank=True)
    last_problem = models.CharField("dernier ennui", max_length=20, blank=True)
    problem_detail = models.CharField("précision", max_length=80, blank=True)
    failing_since = models.DateTimeField("en panne depuis", null=True, blank=True)
    failures = models.PositiveIntegerField("échecs de suite", default=0)

    class Meta:
        verbose_name = "agenda suivi"
        verbose_name_plural = "agendas suivis"
        constraints = [
            models.CheckConstraint(condition=~Q(name="") & ~Q(address=""), name="feed_has_a_name_and_an_address"),
            models.CheckConstraint(
                condition=Q(failures=0, failing_since__isnull=True, last_problem="")
                | Q(failures__gt=0, failing_since__isnull=False) & ~Q(last_problem=""),
                name="feed_fails_since_a_moment",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Closure(models.Model):
    """A time when the whole place, or one space, takes no booking."""

    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+", verbose_name="lieu")
    space = models.ForeignKey(
        Space, on_delete=models.PROTECT, related_name="closures", null=True, blank=True, verbose_name="espace"
    )
    feed = models.ForeignKey(
        Feed, on_delete=models.PROTECT, related_name="closures", null=True, blank=True, verbose_name="agenda suivi"
    )
    start = models.DateTimeField("du")
    end = models.DateTimeField("au")
    reason = models.CharField("motif", max_length=120, blank=True)

    class Meta:
        verbose_name = "fermeture"
        verbose_name_plural = "fermetures"
        constraints = [models.CheckConstraint(condition=Q(end__gt=F("start")), name="closure_ends_after_it_starts")]

    def __str__(self) -> str:
        return f"{self.start:%Y-%m-%d %H:%M} {self.reason}"


class Series(models.Model):
    """A rule by which bookings were made; each of them stands and is cancelled on its own."""

    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+", verbose_name="lieu")
    pattern = models.JSONField("règle")
    made_at = models.DateTimeField("faite le")
    made_by = models.CharField("faite par", max_length=120)

    class Meta:
        verbose_name = "série"
        verbose_name_plural = "séries"

    def __str__(self) -> str:
        return f"série {self.pk}"


class Booking(models.Model):
    """One unit taken from a moment to another. Of a booking that takes several units, one row leads the others."""

    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+", verbose_name="lieu")
    space = models.ForeignKey(
        Space, on_delete=models.PROTECT, related_name="bookings", help_text="ce qui est demandé", verbose_name="espace"
    )
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="bookings", verbose_name="unité")
    part_of = models.ForeignKey(
        "self", on_delete=models.PROTECT, related_name="parts", null=True, blank=True, verbose_name="partie de"
    )
    start = models.DateTimeField("début")
    end = models.DateTimeField("fin")
    status = models.CharField("état", max_length=10, choices=[(state, state) for state in STATES])
    expires_at = models.DateTimeField("option jusqu’à", null=True, blank=True)
    person = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="bookings", null=True, blank=True, verbose_name="personne"
    )
    organisation = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        related_name="bookings",
        null=True,
        blank=True,
        verbose_name="organisation",
    )
    series = models.ForeignKey(
        Series, on_delete=models.PROTECT, related_name="bookings", null=True, blank=True, verbose_name="série"
    )
    purpose = models.CharField("objet", max_length=200, blank=True)
    made_at = models.DateTimeField("faite le")
    made_by = models.CharField("faite par", max_length=120)
    changed_at = models.DateTimeField("changée le")
    arrived_at = models.DateTimeField("arrivée le", null=True, blank=True)
    missed_at = models.DateTimeField("absence notée le", null=True, blank=True)
    kept_at = models.DateTimeField("gardée hors des heures le", null=True, blank=True)

    class Meta:
        verbose_name = "réservation"
        verbose_name_plural = "réservations"
        indexes = [
            models.Index(fields=["unit", "end"], condition=Q(status__in=TAKING), name="booking_taking"),
            models.Index(fields=["place", "start"]),
            models.Index(fields=["expires_at"], condition=Q(status=HELD), name="booking_held"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(end__gt=F("start")), name="booking_ends_after_it_starts"),
            models.CheckConstraint(condition=Q(status__in=STATES), name="booking_status_is_known"),
            models.CheckConstraint(
                condition=Q(status=HELD, expires_at__isnull=False) | ~Q(status=HELD) & Q(expires_at__isnull=True),
                name="booking_held_until_a_moment",
            ),
            models.CheckConstraint(
                condition=Q(arrived_at__isnull=True) | Q(missed_at__isnull=True), name="booking_came_or_missed"
            ),
            models.CheckConstraint(condition=~Q(made_by=""), name="booking_has_an_author"),
            models.CheckConstraint(
                condition=Q(part_of__isnull=True) | ~Q(part_of=F("id")), name="booking_not_part_of_itself"
            ),
            PostgresExclusion(
                name="booking_takes_a_unit_alone",
                expressions=[
                    (Int8Range(F("unit"), F("unit"), Value("[]")), OVERLAPS),
                    (TstzRange(F("start"), F("end"), Value("[)")), OVERLAPS),
                ],
                condition=Q(status__in=TAKING),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit} {self.start:%Y-%m-%d %H:%M}"


class Waiting(models.Model):
    """Somebody who waits for a space that is taken; offered in the order of asking, and the offer is a hold."""

    space = models.ForeignKey(Space, on_delete=models.PROTECT, related_name="waiting", verbose_name="espace")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="waiting", verbose_name="personne")
    start = models.DateTimeField("début")
    end = models.DateTimeField("fin")
    asked_at = models.DateTimeField("demandé le")
    language = models.CharField("langue", max_length=8, default="fr")
    offer = models.OneToOneField(
        Booking,
        on_delete=models.PROTECT,
        related_name="offered_to",
        null=True,
        blank=True,
        verbose_name="place proposée",
    )
    ended_at = models.DateTimeField("fini le", null=True, blank=True)

    class Meta:
        verbose_name = "attente"
        verbose_name_plural = "attentes"
        constraints = [
            models.CheckConstraint(condition=Q(end__gt=F("start")), name="waiting_ends_after_it_starts"),
            models.UniqueConstraint(
                fields=["space", "person", "start", "end"],
                condition=Q(ended_at__isnull=True),
                name="one_waits_once_for_the_same_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.space} {self.start:%Y-%m-%d %H:%M}"


class Authorisation(models.Model):
    """What a person learnt to use, from a day until another."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="authorisations", verbose_name="personne")
    name = models.CharField("habilitation", max_length=80)
    given_on = models.DateField("depuis le")
    expires_on = models.DateField("jusqu’au", null=True, blank=True)
    given_by = models.CharField("donnée par", max_length=120)
    withdrawn_at = models.DateTimeField("retirée le", null=True, blank=True)

    class Meta:
        verbose_name = "habilitation"
        verbose_name_plural = "habilitations"
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="authorisation_is_named"),
            models.CheckConstraint(
                condition=Q(expires_on__isnull=True) | Q(expires_on__gte=F("given_on")),
                name="authorisation_ends_after_it_starts",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Visit(models.Model):
    """Somebody who came, booked or not, and why: kept without a name once the person is erased."""

    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+", verbose_name="lieu")
    booking = models.OneToOneField(
        Booking, on_delete=models.PROTECT, related_name="visit", null=True, blank=True, verbose_name="réservation"
    )
    person = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="visits", null=True, blank=True, verbose_name="personne"
    )
    at = models.DateTimeField("arrivée")
    left_at = models.DateTimeField("départ", null=True, blank=True)
    who = models.CharField("qui", max_length=20, blank=True)
    activity = models.CharField("pour quoi", max_length=20, blank=True)
    otherwise = models.CharField("sinon, où", max_length=20, blank=True)

    class Meta:
        verbose_name = "venue"
        verbose_name_plural = "venues"
        indexes = [models.Index(fields=["place", "at"])]
        constraints = [
            models.CheckConstraint(
                condition=Q(left_at__isnull=True) | Q(left_at__gte=F("at")), name="visit_ends_after_it_starts"
            )
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M}"
