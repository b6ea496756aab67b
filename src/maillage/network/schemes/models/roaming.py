"""Places that honour one another's carnets: on which terms, since when, who came from where, who owes whom.

What somebody used elsewhere is a movement of the one ledger (`management.passes`); here is only which agreement made it
possible and what the home owes the host for it (decision 0027). Triggers hold the terms (`queries/roaming_guard.py`).
"""

from django.db import models
from django.db.models import F, Q

from maillage.management.billing.models import Invoice
from maillage.management.passes.models import Movement
from maillage.places.models import Place


class Roaming(models.Model):
    """An agreement among places, written once: one price of the half-day, from a day on, left with a notice."""

    name = models.CharField("nom", max_length=120)
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+", verbose_name="proposé par le lieu")
    price_cents = models.PositiveIntegerField("prix d’une demi-journée, tout compris, en centimes")
    notice_days = models.PositiveSmallIntegerField("préavis, en jours")
    starts_on = models.DateField("du")
    made_at = models.DateTimeField("proposé le")
    made_by = models.CharField("proposé par", max_length=120)

    class Meta:
        verbose_name = "accord d’itinérance"
        verbose_name_plural = "accords d’itinérance"
        constraints = [
            models.CheckConstraint(condition=Q(price_cents__gt=0), name="roaming_has_a_price"),
            models.CheckConstraint(condition=~Q(name=""), name="roaming_has_a_name"),
        ]

    def __str__(self) -> str:
        return self.name


class RoamingPlace(models.Model):
    """A place in an agreement: invited, then in from a first day to a last one, by its own team."""

    agreement = models.ForeignKey(Roaming, on_delete=models.PROTECT, related_name="places", verbose_name="accord")
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+", verbose_name="lieu")
    invited_at = models.DateTimeField("invité le")
    invited_by = models.CharField("invité par", max_length=120)
    is_first = models.BooleanField("nommé dans la proposition", default=False)
    first_day = models.DateField("premier jour", null=True, blank=True)
    joined_at = models.DateTimeField("entré le", null=True, blank=True)
    joined_by = models.CharField("entré par", max_length=120, blank=True)
    last_day = models.DateField("dernier jour", null=True, blank=True)
    left_at = models.DateTimeField("refusé, ou départ dit le", null=True, blank=True)
    left_by = models.CharField("refusé, ou départ dit par", max_length=120, blank=True)

    class Meta:
        verbose_name = "lieu d’un accord"
        verbose_name_plural = "lieux d’un accord"
        constraints = [
            models.UniqueConstraint(fields=["agreement", "place"], name="a_place_is_once_in_a_roaming"),
            models.CheckConstraint(
                condition=Q(first_day__isnull=True, joined_at__isnull=True, last_day__isnull=True)
                | Q(first_day__isnull=False, joined_at__isnull=False),
                name="roaming_place_joined_from_a_day",
            ),
            models.CheckConstraint(
                condition=Q(last_day__isnull=True) | Q(last_day__gte=F("first_day"), left_at__isnull=False),
                name="roaming_place_leaves_after_it_came",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.place}, {self.agreement}"


class RoamingVisit(models.Model):
    """A half-day used at a host on a carnet of its home: written once, at the price of the agreement."""

    agreement = models.ForeignKey(Roaming, on_delete=models.PROTECT, related_name="visits", verbose_name="accord")
    host = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+", verbose_name="lieu qui accueille")
    home = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+", verbose_name="lieu du carnet")
    movement = models.OneToOneField(
        Movement, on_delete=models.PROTECT, related_name="roaming_visit", verbose_name="mouvement"
    )
    day = models.DateField("jour")
    half = models.CharField("demi-journée", max_length=2)
    price_cents = models.PositiveIntegerField("prix, en centimes")
    nonce = models.CharField("numéro unique", max_length=64)
    counted_at = models.DateTimeField("compté le")
    counted_by = models.CharField("compté par", max_length=120)

    class Meta:
        verbose_name = "demi-journée en itinérance"
        verbose_name_plural = "demi-journées en itinérance"
        indexes = [models.Index(fields=["agreement", "day"]), models.Index(fields=["host", "day"])]
        constraints = [
            models.UniqueConstraint(fields=["host", "nonce"], name="a_roaming_visit_is_counted_once"),
            models.CheckConstraint(condition=~Q(host=F("home")), name="roaming_visit_is_elsewhere"),
            models.CheckConstraint(condition=Q(half__in=("am", "pm")), name="roaming_visit_is_of_a_half_day"),
            models.CheckConstraint(condition=~Q(nonce=""), name="roaming_visit_has_a_nonce"),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.half}"


class RoamingBill(models.Model):
    """What a home owes a host for a month: signed and invoiced by the host, then accepted by the home."""

    agreement = models.ForeignKey(Roaming, on_delete=models.PROTECT, related_name="bills", verbose_name="accord")
    month = models.CharField("mois", max_length=7, help_text="2026-11")
    host = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+", verbose_name="lieu qui accueille")
    home = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+", verbose_name="lieu qui doit")
    halves = models.PositiveIntegerField("demi-journées")
    price_cents = models.PositiveIntegerField("prix d’une demi-journée, en centimes")
    total_cents = models.PositiveBigIntegerField("total, en centimes")
    invoice = models.OneToOneField(Invoice, on_delete=models.PROTECT, related_name="+", verbose_name="facture")
    signed_at = models.DateTimeField("signé le")
    signed_by = models.CharField("signé par", max_length=120)
    accepted_at = models.DateTimeField("accepté le", null=True, blank=True)
    accepted_by = models.CharField("accepté par", max_length=120, blank=True)

    class Meta:
        verbose_name = "relevé d’itinérance"
        verbose_name_plural = "relevés d’itinérance"
        constraints = [
            models.UniqueConstraint(
                fields=["agreement", "month", "host", "home"], name="a_roaming_month_is_billed_once"
            ),
            models.CheckConstraint(condition=~Q(host=F("home")), name="roaming_bill_is_between_two"),
            models.CheckConstraint(
                condition=Q(total_cents__gt=0)
                & Q(total_cents__lte=F("halves") * F("price_cents"))
                & Q(total_cents__gte=F("halves") * F("price_cents") - 1),
                name="roaming_bill_is_its_half_days",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.host}, {self.home}, {self.month}"


class RoamingLine(models.Model):
    """A half-day on its bill: on one, and on no other."""

    bill = models.ForeignKey(RoamingBill, on_delete=models.PROTECT, related_name="lines", verbose_name="relevé")
    visit = models.OneToOneField(
        RoamingVisit, on_delete=models.PROTECT, related_name="line", verbose_name="demi-journée"
    )

    class Meta:
        verbose_name = "ligne de relevé d’itinérance"
        verbose_name_plural = "lignes de relevé d’itinérance"

    def __str__(self) -> str:
        return f"{self.visit}"
