from django.db import models


class AuditEvent(models.Model):
    """One act, written in the transaction of the change it tells of, never changed afterwards."""

    at = models.DateTimeField("le")
    by = models.CharField("par", max_length=120, help_text="qui a agi : « commande:import », « compte:12 »…")
    action = models.CharField("acte", max_length=80, help_text="par exemple « places.closed »")
    subject = models.CharField("objet", max_length=120, blank=True)
    detail = models.JSONField("détail", default=dict)

    class Meta:
        verbose_name = "événement"
        verbose_name_plural = "événements"
        indexes = [models.Index(fields=["action", "at"]), models.Index(fields=["subject", "at"])]
        constraints = [
            models.CheckConstraint(condition=~models.Q(by=""), name="audit_by_is_known"),
            models.CheckConstraint(condition=~models.Q(action=""), name="audit_action_is_named"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.by} {self.action} {self.subject}"
