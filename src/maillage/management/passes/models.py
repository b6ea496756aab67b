"""One ledger of what somebody may still use: carnets, the allowances of subscriptions, passes that a funder pays.

A balance is the sum of a pass's movements, never stored. Triggers refuse a movement that changes, a balance below zero
and a half-day spent twice on one pass (`queries/guard.py`), whatever path writes it.
"""

from django.db import models
from django.db.models import F, Q

from maillage.management.people.models import Organisation, Person
from maillage.places.models import Place


class Formula(models.Model):
    """What a place sells by the carnet or by the month: how many units, for how long, and what each thing takes."""

    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+", verbose_name="lieu")
    kind = models.CharField("genre", max_length=12)
    name = models.CharField("nom", max_length=120)
    units = models.PositiveIntegerField("unités")
    months = models.PositiveSmallIntegerField("mois de validité", default=6)
    rates = models.JSONField("échanges", default=dict, help_text="{'space:12': {'unit': 'half_day', 'units': 1}}")
    overage_cents = models.PositiveIntegerField("prix de l’unité en plus, en centimes", null=True, blank=True)
    is_roaming = models.BooleanField("acceptée ailleurs", default=False)
    archived_at = models.DateTimeField("retirée le", null=True, blank=True)
    created_at = models.DateTimeField("écrite le")
    created_by = models.CharField("écrite par", max_length=120)

    class Meta:
        verbose_name = "formule"
        verbose_name_plural = "formules"
        constraints = [
            models.UniqueConstraint(
                fields=["place", "name"], condition=Q(archived_at__isnull=True), name="a_formula_has_its_name"
            ),
            models.CheckConstraint(condition=Q(kind__in=("carnet", "subscription")), name="formula_has_a_kind"),
            models.CheckConstraint(condition=Q(units__gt=0, months__gt=0), name="formula_gives_something"),
        ]

    def __str__(self) -> str:
        return self.name


class Pass(models.Model):
    """A right to use units, from a day to a day: of a person, of an organisation, or of whoever bears its code."""

    code = models.CharField("code", max_length=16, unique=True)
    kind = models.CharField("genre", max_length=12)
    place = models.ForeignKey(
        Place, on_delete=models.PROTECT, related_name="+", null=True, blank=True, verbose_name="vendu par"
    )
    formula = models.ForeignKey(
        Formula, on_delete=models.PROTECT, related_name="passes", null=True, blank=True, verbose_name="formule"
    )
    person = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="passes", null=True, blank=True, verbose_name="personne"
    )
    organisation = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        related_name="passes",
        null=True,
        blank=True,
        verbose_name="organisation",
    )
    source = models.CharField("émis pour", max_length=40, blank=True, help_text="scheme:3")
    rates = models.JSONField("échanges", default=dict, blank=True)
    starts_on = models.DateField("valable du")
    ends_on = models.DateField("au")
    issued_at = models.DateTimeField("émis à")
    issued_by = models.CharField("émis par", max_length=120)

    class Meta:
        verbose_name = "passe"
        verbose_name_plural = "passes"
        indexes = [models.Index(fields=["source"]), models.Index(fields=["place", "ends_on"])]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=("carnet", "subscription", "funded")), name="pass_has_a_kind"),
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="pass_ends_after_it_starts"),
            models.CheckConstraint(
                condition=Q(person__isnull=True) | Q(organisation__isnull=True), name="pass_is_of_one_party"
            ),
            models.CheckConstraint(
                condition=(Q(kind="funded") & ~Q(source="")) | (~Q(kind="funded") & Q(place__isnull=False)),
                name="pass_has_an_issuer",
            ),
        ]

    def __str__(self) -> str:
        return self.code


class Subscription(models.Model):
    """A formula taken by the month, from a day until it is ended: each month that begins issues a pass of its own."""

    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+", verbose_name="lieu")
    formula = models.ForeignKey(Formula, on_delete=models.PROTECT, related_name="subscriptions", verbose_name="formule")
    person = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="subscriptions", null=True, blank=True, verbose_name="personne"
    )
    organisation = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        related_name="subscriptions",
        null=True,
        blank=True,
        verbose_name="organisation",
    )
    starts_on = models.DateField("depuis le")
    ends_on = models.DateField("jusqu’au", null=True, blank=True)
    created_at = models.DateTimeField("notée le")
    created_by = models.CharField("notée par", max_length=120)

    class Meta:
        verbose_name = "abonnement"
        verbose_name_plural = "abonnements"
        constraints = [
            models.CheckConstraint(
                condition=Q(person__isnull=False, organisation__isnull=True)
                | Q(person__isnull=True, organisation__isnull=False),
                name="subscription_is_of_one_party",
            ),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="subscription_ends_after_it_starts",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.formula}, depuis le {self.starts_on}"


class Movement(models.Model):
    """A line of the ledger, written once: units in (positive) or out (negative), and under which key.

    What undoes or reimburses another movement names it, and is the only one to: what was paid is never given back.
    """

    of = models.ForeignKey(
        Pass, on_delete=models.PROTECT, related_name="movements", db_column="pass_id", verbose_name="passe"
    )
    kind = models.CharField("genre", max_length=10)
    amount = models.IntegerField("unités")
    place = models.ForeignKey(
        Place, on_delete=models.PROTECT, related_name="+", null=True, blank=True, verbose_name="lieu"
    )
    day = models.DateField("jour", null=True, blank=True)
    half = models.CharField("demi-journée", max_length=2, blank=True, help_text="am, pm")
    subject = models.CharField("objet", max_length=60, blank=True, help_text="booking:12, settlement:4")
    undoes = models.OneToOneField(
        "self",
        on_delete=models.PROTECT,
        related_name="undone_by",
        null=True,
        blank=True,
        verbose_name="défait, ou rembourse",
    )
    key = models.CharField("clé", max_length=120, unique=True)
    fingerprint = models.CharField("empreinte de la demande", max_length=64)
    at = models.DateTimeField("à")
    by = models.CharField("par", max_length=120)

    class Meta:
        verbose_name = "mouvement"
        verbose_name_plural = "mouvements"
        indexes = [models.Index(fields=["of", "day", "half"]), models.Index(fields=["place", "day"])]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=("issued", "released", "restored"), amount__gt=0)
                | Q(kind__in=("held", "redeemed", "expired", "cancelled"), amount__lt=0)
                | Q(kind="reimbursed", amount=0),
                name="movement_goes_its_way",
            ),
            models.CheckConstraint(condition=Q(half__in=("", "am", "pm")), name="movement_half_day_is_one"),
            models.CheckConstraint(
                condition=Q(kind__in=("released", "restored", "reimbursed"), undoes__isnull=False)
                | (~Q(kind__in=("released", "restored", "reimbursed")) & Q(undoes__isnull=True)),
                name="movement_undoes_or_pays_another",
            ),
            models.CheckConstraint(condition=~Q(key=""), name="movement_has_a_key"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.amount}"
