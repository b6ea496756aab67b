from django.db import models


class ImportRun(models.Model):
    """One import of one file: what came in, what was refused."""

    at = models.DateTimeField("le")
    by = models.CharField("par", max_length=120)
    file_name = models.CharField("fichier", max_length=200)
    fingerprint = models.CharField("empreinte", max_length=64)
    format = models.CharField("format", max_length=40)
    counts = models.JSONField("effectifs")

    class Meta:
        verbose_name = "import"
        verbose_name_plural = "imports"

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
