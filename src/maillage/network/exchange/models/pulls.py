from django.db import models

from maillage.network.exchange.models.imports import ImportRun
from maillage.network.exchange.rules.pulls import DOUBTS, EVERY, OUTCOMES, STATES

_NEVER_ASKED = models.Q(doubt="", asked_hash="", asked_rows__isnull=True, asked_at__isnull=True)


class Pull(models.Model):
    """A source at an address, fetched every night or every week; what its last file was, what stands in the way."""

    name = models.CharField("nom", max_length=80, unique=True)
    address = models.CharField("adresse", max_length=2_000)
    format = models.CharField("format", max_length=40, blank=True)
    recipe = models.CharField("correspondance", max_length=80, blank=True)
    source = models.CharField("source", max_length=200, blank=True)
    licence = models.CharField("licence", max_length=200, blank=True)
    all_places = models.BooleanField("tous les lieux", default=False)
    every = models.CharField("tous les", max_length=10, choices=[(e, e) for e in EVERY], default="daily")
    state = models.CharField("état", max_length=10, choices=[(s, s) for s in STATES], default="active")
    opened_at = models.DateTimeField("ajoutée le")
    opened_by = models.CharField("ajoutée par", max_length=120)
    changed_at = models.DateTimeField("réglée le")
    changed_by = models.CharField("réglée par", max_length=120)
    next_run_at = models.DateTimeField("prochaine lecture", db_index=True)
    leased_until = models.DateTimeField("lue jusqu’à", null=True, blank=True)
    etag = models.CharField("marque", max_length=200, blank=True)
    last_modified = models.CharField("modifiée", max_length=200, blank=True)
    hash = models.CharField("empreinte", max_length=64, blank=True)
    known_format = models.CharField("format reconnu", max_length=40, blank=True)
    columns = models.JSONField("colonnes", default=list)
    rows = models.PositiveIntegerField("lignes", default=0)
    last_seen_at = models.DateTimeField("vue le", null=True, blank=True)
    last_entered_at = models.DateTimeField("entrée le", null=True, blank=True)
    failing_since = models.DateTimeField("en panne depuis", null=True, blank=True)
    failures = models.PositiveIntegerField("échecs", default=0)
    last_problem = models.CharField("dernier ennui", max_length=20, blank=True)
    problem_detail = models.CharField("son détail", max_length=600, blank=True)
    is_silence_told = models.BooleanField("silence dit", default=False)
    doubt = models.CharField("doute", max_length=10, choices=[(d, d) for d in DOUBTS], blank=True)
    asked_at = models.DateTimeField("question posée le", null=True, blank=True)
    asked_hash = models.CharField("empreinte en question", max_length=64, blank=True)
    asked_rows = models.PositiveIntegerField("lignes en question", null=True, blank=True)
    asked_columns = models.JSONField("colonnes en question", default=list)
    accepted_hash = models.CharField("empreinte acceptée", max_length=64, blank=True)
    waited_hash = models.CharField("empreinte refusée", max_length=64, blank=True)

    class Meta:
        verbose_name = "source suivie"
        verbose_name_plural = "sources suivies"
        constraints = [
            models.CheckConstraint(condition=~models.Q(name="") & ~models.Q(address=""), name="pull_has_an_address"),
            models.CheckConstraint(condition=models.Q(state__in=STATES), name="pull_state_is_known"),
            models.CheckConstraint(condition=models.Q(every__in=EVERY), name="pull_comes_back"),
            models.CheckConstraint(condition=models.Q(format="") | models.Q(recipe=""), name="pull_is_read_one_way"),
            models.CheckConstraint(
                condition=models.Q(state="asking", asked_at__isnull=False, asked_rows__isnull=False)
                & ~models.Q(doubt="")
                & ~models.Q(asked_hash="")
                | (~models.Q(state="asking") & _NEVER_ASKED),
                name="pull_that_asks_says_why",
            ),
            models.CheckConstraint(
                condition=models.Q(failing_since__isnull=True, failures=0, last_problem="")
                | (models.Q(failing_since__isnull=False, failures__gt=0) & ~models.Q(last_problem="")),
                name="pull_that_fails_says_why",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class PullContent(models.Model):
    """The records of the last file of a source, as {source: [reference, …]}: what it no longer names is gone."""

    pull = models.OneToOneField(Pull, on_delete=models.CASCADE, related_name="content", verbose_name="source suivie")
    refs = models.JSONField("références", default=dict)

    class Meta:
        verbose_name = "contenu d’une source suivie"
        verbose_name_plural = "contenus des sources suivies"

    def __str__(self) -> str:
        return str(self.pull_id)


class PullReport(models.Model):
    """What came of a reading that was not the same as before: what entered, what was asked, what went wrong."""

    pull = models.ForeignKey(Pull, on_delete=models.CASCADE, related_name="reports", verbose_name="source suivie")
    at = models.DateTimeField("le")
    by = models.CharField("par", max_length=120)
    outcome = models.CharField("issue", max_length=10, choices=[(o, o) for o in OUTCOMES])
    run = models.ForeignKey(
        ImportRun, on_delete=models.SET_NULL, null=True, blank=True, related_name="pulls", verbose_name="import"
    )
    counts = models.JSONField("effectifs", default=dict)
    gone = models.JSONField("lieux disparus de la source", default=list)

    class Meta:
        verbose_name = "lecture d’une source suivie"
        verbose_name_plural = "lectures des sources suivies"
        constraints = [
            models.CheckConstraint(condition=models.Q(outcome__in=OUTCOMES), name="pull_report_outcome_is_known")
        ]

    def __str__(self) -> str:
        return f"{self.pull_id} {self.outcome}"
