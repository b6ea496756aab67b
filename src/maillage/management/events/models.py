from django.db import models
from django.db.models import F, Q

from maillage.accounts.models import User
from maillage.management.bookings.models import Booking
from maillage.management.people.models import Organisation, Person
from maillage.places.models import Place

WAITING, CONFIRMED, CANCELLED = STATES = ("waiting", "confirmed", "cancelled")
FREE, FIXED, OPEN = PRICES = ("free", "fixed", "open")
KINDS = ("workshop", "training", "digital", "meeting", "culture", "other")
AUDIENCES = ("all", "children", "young", "parents", "jobseekers", "seniors", "professionals")
THEMES = ("start", "mail", "phone", "procedures", "health", "work", "parents", "safety", "office", "media", "making")
"""What a digital-support session is about: never whose procedure, nor which."""
AGE_BANDS = ("0-17", "18-24", "25-39", "40-59", "60-69", "70+", "unknown")
SEATS_MOST = 999


class Event(models.Model):
    """Something a place invites to, once or again and again; its sessions say when."""

    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="events", verbose_name="lieu")
    slug = models.SlugField("adresse", max_length=80)
    title = models.CharField("titre", max_length=120)
    summary = models.CharField("en une phrase", max_length=300, blank=True)
    description = models.TextField("description", max_length=4000, blank=True)
    kind = models.CharField("genre", max_length=10, choices=[(kind, kind) for kind in KINDS])
    audience = models.CharField("public", max_length=15, choices=[(one, one) for one in AUDIENCES], default="all")
    theme = models.CharField("thème", max_length=12, choices=[(one, one) for one in THEMES], blank=True)
    organisation = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        related_name="events",
        null=True,
        blank=True,
        verbose_name="organisation",
    )
    price = models.CharField("prix", max_length=5, choices=[(one, one) for one in PRICES], default=FREE)
    price_cents = models.PositiveIntegerField("montant", null=True, blank=True, help_text="centimes")
    takes_registrations = models.BooleanField("sur inscription", default=True)
    published_at = models.DateTimeField("publié le", null=True, blank=True)
    archived_at = models.DateTimeField("retiré le", null=True, blank=True)
    made_at = models.DateTimeField("fait le")
    made_by = models.CharField("fait par", max_length=120)
    changed_at = models.DateTimeField("changé le")

    class Meta:
        verbose_name = "événement"
        verbose_name_plural = "événements"
        constraints = [
            models.UniqueConstraint(fields=["place", "slug"], name="event_address_is_its_own"),
            models.CheckConstraint(condition=~Q(title=""), name="event_has_a_title"),
            models.CheckConstraint(condition=Q(kind__in=KINDS), name="event_kind_is_known"),
            models.CheckConstraint(condition=Q(audience__in=AUDIENCES), name="event_audience_is_known"),
            models.CheckConstraint(condition=Q(theme__in=("", *THEMES)), name="event_theme_is_known"),
            models.CheckConstraint(
                condition=Q(price=FREE, price_cents__isnull=True)
                | Q(price=FIXED, price_cents__isnull=False, price_cents__gt=0)
                | Q(price=OPEN) & (Q(price_cents__isnull=True) | Q(price_cents__gt=0)),
                name="event_price_makes_sense",
            ),
            models.CheckConstraint(condition=~Q(made_by=""), name="event_has_an_author"),
        ]

    def __str__(self) -> str:
        return self.title


class Session(models.Model):
    """One time an event takes place; `booking` is the room it takes, `capacity` the seats of its registrations."""

    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="sessions", verbose_name="événement")
    start = models.DateTimeField("début")
    end = models.DateTimeField("fin")
    booking = models.OneToOneField(
        Booking, on_delete=models.PROTECT, related_name="session", null=True, blank=True, verbose_name="réservation"
    )
    capacity = models.PositiveSmallIntegerField("places", null=True, blank=True)
    sequence = models.PositiveIntegerField("version dans les agendas", default=0)
    cancelled_at = models.DateTimeField("annulée le", null=True, blank=True)
    reason = models.CharField("motif de l’annulation", max_length=200, blank=True)
    made_at = models.DateTimeField("faite le")
    made_by = models.CharField("faite par", max_length=120)
    changed_at = models.DateTimeField("changée le")

    class Meta:
        verbose_name = "séance"
        verbose_name_plural = "séances"
        indexes = [models.Index(fields=["start"]), models.Index(fields=["event", "start"])]
        constraints = [
            models.CheckConstraint(condition=Q(end__gt=F("start")), name="session_ends_after_it_starts"),
            models.UniqueConstraint(
                fields=["event", "start"], condition=Q(cancelled_at__isnull=True), name="session_is_there_once"
            ),
            models.CheckConstraint(
                condition=Q(capacity__isnull=True) | Q(capacity__range=(1, SEATS_MOST)), name="session_has_some_seats"
            ),
            models.CheckConstraint(condition=~Q(made_by=""), name="session_has_an_author"),
        ]

    def __str__(self) -> str:
        return f"{self.start:%Y-%m-%d %H:%M}"


class Seat(models.Model):
    """One seat of a session, numbered after it: its session's number times a thousand, plus one to 999."""

    id = models.BigIntegerField(primary_key=True)
    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="seats", verbose_name="séance")

    class Meta:
        verbose_name = "place"
        verbose_name_plural = "places"
        constraints = [
            models.CheckConstraint(
                condition=Q(id__gt=F("session") * 1000, id__lt=F("session") * 1000 + 1000), name="seat_in_its_session"
            )
        ]

    def __str__(self) -> str:
        return str(self.pk % 1000)


class Registration(models.Model):
    """One person's seat at a session, or turn on its waiting list; of a party, one leads the others."""

    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="registrations", verbose_name="séance")
    seat = models.ForeignKey(
        Seat, on_delete=models.PROTECT, related_name="registrations", null=True, blank=True, verbose_name="place"
    )
    part_of = models.ForeignKey(
        "self", on_delete=models.PROTECT, related_name="parts", null=True, blank=True, verbose_name="partie de"
    )
    person = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="registrations", null=True, blank=True, verbose_name="personne"
    )
    state = models.CharField("état", max_length=10, choices=[(state, state) for state in STATES])
    language = models.CharField("langue", max_length=2, default="fr")
    asked_at = models.DateTimeField("demandée le")
    made_by = models.CharField("faite par", max_length=120)
    changed_at = models.DateTimeField("changée le")
    arrived_at = models.DateTimeField("arrivée le", null=True, blank=True)
    missed_at = models.DateTimeField("absence notée le", null=True, blank=True)

    class Meta:
        verbose_name = "inscription"
        verbose_name_plural = "inscriptions"
        indexes = [models.Index(fields=["session", "state", "asked_at"])]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=STATES), name="registration_state_is_known"),
            models.UniqueConstraint(
                fields=["seat"], condition=Q(state=CONFIRMED), name="registration_takes_a_seat_alone"
            ),
            models.CheckConstraint(
                condition=Q(state=CONFIRMED, seat__isnull=False) | ~Q(state=CONFIRMED) & Q(seat__isnull=True),
                name="registration_has_a_seat",
            ),
            models.CheckConstraint(
                condition=Q(seat__isnull=True) | Q(seat__gt=F("session") * 1000, seat__lt=F("session") * 1000 + 1000),
                name="registration_seat_is_of_its_session",
            ),
            models.UniqueConstraint(
                fields=["session", "person"],
                condition=~Q(state=CANCELLED) & Q(part_of__isnull=True),
                name="one_registers_once",
            ),
            models.CheckConstraint(
                condition=Q(part_of__isnull=True) | Q(person__isnull=True), name="who_is_brought_has_no_name"
            ),
            models.CheckConstraint(
                condition=Q(part_of__isnull=True) | ~Q(part_of=F("id")), name="registration_not_part_of_itself"
            ),
            models.CheckConstraint(
                condition=Q(arrived_at__isnull=True) | Q(missed_at__isnull=True), name="registration_came_or_missed"
            ),
            models.CheckConstraint(condition=~Q(made_by=""), name="registration_has_an_author"),
        ]

    def __str__(self) -> str:
        return f"{self.session} {self.state}"


class Headcount(models.Model):
    """How many of an age came to a session, without a name."""

    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="headcounts", verbose_name="séance")
    age_band = models.CharField("tranche d’âge", max_length=8, choices=[(band, band) for band in AGE_BANDS])
    count = models.PositiveSmallIntegerField("personnes")

    class Meta:
        verbose_name = "comptage"
        verbose_name_plural = "comptages"
        constraints = [
            models.UniqueConstraint(fields=["session", "age_band"], name="headcount_once_an_age"),
            models.CheckConstraint(condition=Q(age_band__in=AGE_BANDS), name="headcount_age_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.age_band} {self.count}"


class OwnCalendar(models.Model):
    """The secret address of somebody's calendar: `version` is signed into it, so that a new one ends the old."""

    account = models.OneToOneField(
        User, on_delete=models.CASCADE, related_name="+", primary_key=True, verbose_name="compte"
    )
    version = models.PositiveIntegerField("version", default=1)
    is_open = models.BooleanField("ouvert", default=True)

    class Meta:
        verbose_name = "agenda personnel"
        verbose_name_plural = "agendas personnels"

    def __str__(self) -> str:
        return f"agenda {self.pk}"
