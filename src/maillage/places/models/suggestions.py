import uuid

from django.db import models

from maillage.places.models.registry import Place, Revision
from maillage.places.models.trust import Merge
from maillage.territory.models import Commune

KINDS = ("new", "edit", "closed", "duplicate", "charter")
STATES = ("pending", "accepted", "refused", "withdrawn")


class Suggestion(models.Model):
    """What anybody proposes: a place that is missing, a change of a sheet, or that something is wrong with it.

    `base` is what the sheet showed of the fields in `values` when the person wrote. Whoever proposes may leave an
    address, forgotten once answered; the link by which they follow their proposal is kept as a fingerprint.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField("nature", max_length=10, choices=[(k, k) for k in KINDS])
    place = models.ForeignKey(
        Place, on_delete=models.CASCADE, related_name="suggestions", null=True, blank=True, verbose_name="lieu"
    )
    twin = models.ForeignKey(
        Place,
        on_delete=models.CASCADE,
        related_name="suggested_twins",
        null=True,
        blank=True,
        verbose_name="doublon de",
    )
    commune = models.ForeignKey(
        Commune, on_delete=models.PROTECT, related_name="suggestions", null=True, blank=True, verbose_name="commune"
    )
    values = models.JSONField("champs proposés", default=dict)
    base = models.JSONField("ce que montrait la fiche", default=dict)
    said = models.TextField("message", max_length=1_000, blank=True)
    contact = models.EmailField("courriel pour répondre", blank=True)
    language = models.CharField("langue des courriels", max_length=8, default="fr")
    digest = models.CharField("empreinte du lien de suivi", max_length=64, unique=True)
    state = models.CharField("état", max_length=10, choices=[(s, s) for s in STATES], default="pending")
    suggested_at = models.DateTimeField("proposé le")
    suggested_by = models.CharField("proposé par", max_length=120)
    decided_at = models.DateTimeField("tranché le", null=True, blank=True)
    decided_by = models.CharField("tranché par", max_length=120, blank=True)
    reason = models.CharField("motif", max_length=300, blank=True)
    made = models.ForeignKey(
        Place, on_delete=models.SET_NULL, related_name="suggested_as", null=True, blank=True, verbose_name="lieu créé"
    )
    revision = models.ForeignKey(
        Revision, on_delete=models.SET_NULL, related_name="suggestions", null=True, blank=True, verbose_name="révision"
    )
    merge = models.ForeignKey(
        Merge, on_delete=models.SET_NULL, related_name="suggestions", null=True, blank=True, verbose_name="fusion"
    )
    is_demo = models.BooleanField("fictive", default=False)

    class Meta:
        verbose_name = "suggestion"
        verbose_name_plural = "suggestions"
        indexes = [
            models.Index(fields=["state", "suggested_at"]),
            models.Index(fields=["place", "state"]),
        ]
        constraints = [
            models.CheckConstraint(condition=models.Q(kind__in=KINDS), name="suggestion_kind_is_known"),
            models.CheckConstraint(condition=models.Q(state__in=STATES), name="suggestion_state_is_known"),
            models.CheckConstraint(
                condition=models.Q(kind="new", place__isnull=True)
                | (~models.Q(kind="new") & models.Q(place__isnull=False)),
                name="suggestion_speaks_of_a_place_or_a_new_one",
            ),
            models.CheckConstraint(
                condition=(models.Q(kind="duplicate") & models.Q(twin__isnull=False))
                | (~models.Q(kind="duplicate") & models.Q(twin__isnull=True)),
                name="suggestion_of_a_duplicate_names_the_other",
            ),
            models.CheckConstraint(
                condition=models.Q(state="pending", decided_at__isnull=True, decided_by="")
                | (~models.Q(state="pending") & models.Q(decided_at__isnull=False) & ~models.Q(decided_by="")),
                name="suggestion_is_decided_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class Vote(models.Model):
    """One voice for or against a suggestion, where no network looks after the territory; `voter` tells nobody who."""

    suggestion = models.ForeignKey(Suggestion, on_delete=models.CASCADE, related_name="votes")
    voter = models.CharField("empreinte de qui vote", max_length=64)
    is_for = models.BooleanField("pour")
    voted_at = models.DateTimeField("voté le")
    voted_by = models.CharField("voté par", max_length=120)

    class Meta:
        verbose_name = "voix"
        verbose_name_plural = "voix"
        constraints = [models.UniqueConstraint(fields=["suggestion", "voter"], name="one_voice_a_voter")]

    def __str__(self) -> str:
        return f"{self.suggestion_id}: {'+' if self.is_for else '-'}"
