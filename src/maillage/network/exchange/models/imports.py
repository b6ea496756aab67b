from django.db import models

from maillage.places.models import Place


class ImportRun(models.Model):
    """One import of one file: what came in, what was refused."""

    at = models.DateTimeField("le")
    by = models.CharField("par", max_length=120)
    file_name = models.CharField("fichier", max_length=200)
    fingerprint = models.CharField("empreinte", max_length=64)
    format = models.CharField("format", max_length=40)
    counts = models.JSONField("effectifs")
    undone_at = models.DateTimeField("annulé le", null=True, blank=True)
    undone_by = models.CharField("annulé par", max_length=120, blank=True)
    undone = models.JSONField("compte rendu de l’annulation", null=True, blank=True)

    class Meta:
        verbose_name = "import"
        verbose_name_plural = "imports"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(undone_at__isnull=True, undone_by="")
                | (models.Q(undone_at__isnull=False) & ~models.Q(undone_by="")),
                name="an_undone_import_has_an_author",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.file_name} ({self.at:%Y-%m-%d %H:%M})"


class QuarantinedRow(models.Model):
    """A row that was refused: where it is, what is wrong, how to mend it."""

    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="quarantined")
    line = models.PositiveIntegerField("ligne")
    column = models.CharField("colonne", max_length=80)
    value = models.CharField("valeur", max_length=200, blank=True)
    problem = models.CharField("ce qui ne va pas", max_length=300)
    mend = models.CharField("comment réparer", max_length=300)
    raw = models.JSONField("ligne d’origine")

    class Meta:
        verbose_name = "ligne en quarantaine"
        verbose_name_plural = "lignes en quarantaine"

    def __str__(self) -> str:
        return f"ligne {self.line} : {self.problem}"


class Recipe(models.Model):
    """Which column of a file tells what, kept for the next file with the same columns."""

    name = models.CharField("nom", max_length=80, unique=True)
    fingerprint = models.CharField("empreinte des colonnes", max_length=64, db_index=True)
    header = models.JSONField("colonnes")
    mapping = models.JSONField("correspondance")
    source = models.CharField("source", max_length=200, blank=True)
    licence = models.CharField("licence", max_length=200)
    made_at = models.DateTimeField("faite le")
    made_by = models.CharField("faite par", max_length=120)

    class Meta:
        verbose_name = "correspondance de colonnes"
        verbose_name_plural = "correspondances de colonnes"
        constraints = [
            models.CheckConstraint(condition=~models.Q(name=""), name="recipe_has_a_name"),
            models.CheckConstraint(condition=~models.Q(licence=""), name="recipe_has_a_licence"),
        ]

    def __str__(self) -> str:
        return self.name


class Candidate(models.Model):
    """Two places that may be one: what speaks for it, and what a person answered. `one` sorts before `other`."""

    STATES = ("open", "merged", "apart")

    one = models.ForeignKey(Place, on_delete=models.CASCADE, related_name="likened", verbose_name="un lieu")
    other = models.ForeignKey(Place, on_delete=models.CASCADE, related_name="likened_too", verbose_name="l’autre")
    points = models.SmallIntegerField("points")
    evidence = models.JSONField("ce qui parle pour et contre")
    state = models.CharField("état", max_length=10, choices=[(s, s) for s in STATES], default="open", db_index=True)
    found_at = models.DateTimeField("remarqué le")
    found_by = models.CharField("remarqué par", max_length=120)
    settled_at = models.DateTimeField("tranché le", null=True, blank=True)
    settled_by = models.CharField("tranché par", max_length=120, blank=True)

    class Meta:
        verbose_name = "doublon possible"
        verbose_name_plural = "doublons possibles"
        constraints = [
            models.UniqueConstraint(fields=["one", "other"], name="two_places_are_likened_once"),
            models.CheckConstraint(condition=models.Q(one__lt=models.F("other")), name="likened_in_order"),
            models.CheckConstraint(
                condition=models.Q(state__in=["open", "merged", "apart"]), name="likened_state_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(state="open", settled_at__isnull=True, settled_by="")
                | (~models.Q(state="open") & models.Q(settled_at__isnull=False) & ~models.Q(settled_by="")),
                name="likened_are_settled_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.one_id} ≟ {self.other_id}"
