from django.conf import settings
from django.db import models
from django.db.models import F, Q

from maillage.places.models import Place


class Organisation(models.Model):
    """A body known to one place, which may pay for persons."""

    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+", verbose_name="lieu")
    name = models.CharField("nom", max_length=200)
    folded = models.CharField("nom comparé", max_length=240, blank=True)
    siret = models.CharField("Siret", max_length=14, blank=True)
    email = models.EmailField("courriel", blank=True)
    phone = models.CharField("téléphone", max_length=40, blank=True)
    address = models.CharField("adresse", max_length=300, blank=True)
    created_at = models.DateTimeField("ajoutée le")
    merged_into = models.ForeignKey(
        "self", on_delete=models.PROTECT, related_name="merged", null=True, blank=True, verbose_name="fusionnée avec"
    )
    moved = models.JSONField("rattaché à l’autre", default=dict, blank=True)

    class Meta:
        verbose_name = "organisation"
        verbose_name_plural = "organisations"
        indexes = [models.Index(fields=["place", "folded"])]
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="organisation_has_a_name"),
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True) | ~Q(merged_into=F("id")),
                name="organisation_not_merged_into_self",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Person(models.Model):
    """Somebody known to one place: no place learns of another's; only a sign-in account links a human's places."""

    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+", verbose_name="lieu")
    name = models.CharField("nom", max_length=120, blank=True)
    folded = models.CharField("nom comparé", max_length=240, blank=True)
    email = models.EmailField("courriel", blank=True)
    phone = models.CharField("téléphone", max_length=40, blank=True)
    phone_dialled = models.CharField("numéro composé", max_length=20, blank=True, help_text="+33384123456")
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        related_name="persons",
        null=True,
        blank=True,
        verbose_name="compte",
    )
    is_child = models.BooleanField("enfant", default=False)
    guardian = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        related_name="children",
        null=True,
        blank=True,
        verbose_name="répond de lui ou d’elle",
    )
    note = models.CharField("note de l’équipe", max_length=500, blank=True)
    created_at = models.DateTimeField("connue depuis le")
    left_at = models.DateTimeField("partie le", null=True, blank=True)
    merged_into = models.ForeignKey(
        "self", on_delete=models.PROTECT, related_name="merged", null=True, blank=True, verbose_name="fusionnée avec"
    )
    moved = models.JSONField(
        "rattaché à l’autre", default=dict, blank=True, help_text="tables, clés et champs, sans nom"
    )
    erased_at = models.DateTimeField("effacée le", null=True, blank=True)

    class Meta:
        verbose_name = "personne"
        verbose_name_plural = "personnes"
        indexes = [
            models.Index(fields=["place", "folded"]),
            models.Index(fields=["place", "email"]),
            models.Index(fields=["place", "phone_dialled"]),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(name="") | Q(erased_at__isnull=False), name="person_has_a_name"),
            models.CheckConstraint(
                condition=Q(erased_at__isnull=True)
                | Q(name="", folded="", email="", phone="", phone_dialled="", note="", account__isnull=True),
                name="erased_person_keeps_nothing",
            ),
            models.CheckConstraint(
                condition=Q(is_child=False) | Q(guardian__isnull=False) | Q(erased_at__isnull=False),
                name="child_has_a_guardian",
            ),
            models.CheckConstraint(
                condition=Q(guardian__isnull=True) | ~Q(guardian=F("id")), name="nobody_is_their_own_guardian"
            ),
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True) | ~Q(merged_into=F("id")), name="person_not_merged_into_self"
            ),
            models.UniqueConstraint(
                fields=["place", "account"],
                condition=Q(account__isnull=False, merged_into__isnull=True),
                name="an_account_is_one_person_of_a_place",
            ),
        ]

    def __str__(self) -> str:
        return self.name or "personne effacée"


class Membership(models.Model):
    """What a person is to a place, from a day to a day, alone or through an organisation that pays."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="memberships", verbose_name="personne")
    organisation = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        related_name="memberships",
        null=True,
        blank=True,
        verbose_name="organisation",
    )
    kind = models.CharField("lien", max_length=20)
    fee_class = models.CharField("tarif", max_length=40, blank=True)
    starts_on = models.DateField("du")
    ends_on = models.DateField("au", null=True, blank=True)

    class Meta:
        verbose_name = "adhésion"
        verbose_name_plural = "adhésions"
        constraints = [
            models.CheckConstraint(condition=~Q(kind=""), name="membership_kind_is_named"),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="membership_ends_after_it_starts",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} : {self.kind}"


class Apart(models.Model):
    """Two persons of a place that somebody looked at and found to be two: never proposed as one again."""

    one = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", verbose_name="l’une")
    other = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", verbose_name="l’autre")
    said_at = models.DateTimeField("dit le")
    said_by = models.CharField("dit par", max_length=120)

    class Meta:
        verbose_name = "personnes distinctes"
        verbose_name_plural = "personnes distinctes"
        constraints = [
            models.UniqueConstraint(fields=["one", "other"], name="two_are_said_apart_once"),
            models.CheckConstraint(condition=~Q(one=F("other")), name="nobody_is_apart_from_themselves"),
        ]

    def __str__(self) -> str:
        return f"{self.one_id} ≠ {self.other_id}"
