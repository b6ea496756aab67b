from django.db import models

from maillage.network.exchange.models.imports import ImportRun
from maillage.network.exchange.rules.intakes import ENDED, STATES, WISHES, WORKING


class ImportStep(models.Model):
    """One record that an import wrote, and what it said before (null: it was not there): what undoing it needs."""

    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="steps", verbose_name="import")
    source = models.CharField("source", max_length=80)
    ref = models.CharField("référence chez la source", max_length=200)
    place_id = models.UUIDField("lieu")
    fingerprint = models.CharField("empreinte", max_length=64)
    before = models.JSONField("avant", null=True)

    class Meta:
        verbose_name = "ligne écrite par un import"
        verbose_name_plural = "lignes écrites par des imports"
        indexes = [models.Index(fields=["source", "ref"], name="import_step_of_a_record")]
        constraints = [
            models.UniqueConstraint(fields=["run", "source", "ref"], name="an_import_writes_a_record_once"),
        ]

    def __str__(self) -> str:
        return f"{self.source}:{self.ref}"


class Intake(models.Model):
    """A file on its way into the registry, from its arrival to its end; the bytes are kept beside, for some days."""

    name = models.CharField("fichier", max_length=200)
    fingerprint = models.CharField("empreinte", max_length=64)
    size_bytes = models.PositiveBigIntegerField("taille")
    lines = models.PositiveIntegerField("lignes")
    encoding = models.CharField("encodage", max_length=40)
    state = models.CharField("état", max_length=10, choices=[(s, s) for s in STATES], default="uploaded")
    wish = models.CharField("demande", max_length=5, choices=[(w, w) for w in WISHES], blank=True)
    format = models.CharField("format", max_length=40, blank=True)
    mapping = models.JSONField("correspondance", null=True, blank=True)
    source = models.CharField("source", max_length=200, blank=True)
    licence = models.CharField("licence", max_length=200, blank=True)
    all_places = models.BooleanField("tous les lieux", default=False)
    opened_at = models.DateTimeField("reçu le")
    opened_by = models.CharField("reçu de", max_length=120, db_index=True)
    queued_at = models.DateTimeField("demandé le", null=True, blank=True)
    queued_by = models.CharField("demandé par", max_length=120, blank=True)
    leased_until = models.DateTimeField("tenu jusqu’à", null=True, blank=True)
    attempts = models.PositiveSmallIntegerField("essais", default=0)
    report = models.JSONField("compte rendu", null=True, blank=True)
    refusal = models.CharField("refus", max_length=1_000, blank=True)
    run = models.OneToOneField(
        ImportRun, on_delete=models.SET_NULL, related_name="intake", null=True, blank=True, verbose_name="import"
    )
    settled_at = models.DateTimeField("fini le", null=True, blank=True)
    settled_by = models.CharField("fini par", max_length=120, blank=True)
    is_kept = models.BooleanField("fichier gardé", default=True)

    class Meta:
        verbose_name = "dépôt de fichier"
        verbose_name_plural = "dépôts de fichiers"
        constraints = [
            models.UniqueConstraint(
                fields=["opened_by", "fingerprint"],
                condition=~models.Q(state__in=ENDED),
                name="a_file_is_on_its_way_once",
            ),
            models.CheckConstraint(condition=models.Q(state__in=STATES), name="intake_state_is_known"),
            models.CheckConstraint(
                condition=models.Q(state__in=WORKING, wish__in=WISHES, queued_at__isnull=False)
                & ~models.Q(queued_by="")
                | (~models.Q(state__in=WORKING) & models.Q(wish="")),
                name="intake_at_work_says_for_whom",
            ),
            models.CheckConstraint(
                condition=models.Q(state="applying", leased_until__isnull=False)
                | (~models.Q(state="applying") & models.Q(leased_until__isnull=True)),
                name="intake_is_leased_while_it_runs",
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=["tried", "done", "undone"]) | models.Q(report__isnull=False),
                name="intake_tried_has_a_report",
            ),
            models.CheckConstraint(
                condition=models.Q(state="uploaded") | ~models.Q(format="") | models.Q(state="refused"),
                name="intake_past_arrival_has_a_format",
            ),
            models.CheckConstraint(
                condition=(models.Q(state__in=ENDED, settled_at__isnull=False) & ~models.Q(settled_by=""))
                | (~models.Q(state__in=ENDED) & models.Q(settled_at__isnull=True, settled_by="")),
                name="intake_is_ended_by_somebody",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="refused") | ~models.Q(refusal=""), name="intake_refusal_says_why"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.state})"
