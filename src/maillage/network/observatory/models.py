from django.db import models


class Snapshot(models.Model):
    """A counter's answer on one day, kept so that figures can be compared over time."""

    definition = models.CharField("définition", max_length=80)
    day = models.DateField("jour")
    numerator = models.PositiveIntegerField("numérateur", null=True)
    denominator = models.PositiveIntegerField("dénominateur", null=True)
    detail = models.JSONField("détail", default=dict)
    taken_at = models.DateTimeField("relevé le")

    class Meta:
        verbose_name = "relevé"
        verbose_name_plural = "relevés"
        constraints = [models.UniqueConstraint(fields=["definition", "day"], name="one_snapshot_a_day")]

    def __str__(self) -> str:
        return f"{self.definition} {self.day}"
