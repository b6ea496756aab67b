from django.db import models

from maillage.journal.labels import ACTS
from maillage.journal.rules import masked


class AuditEvent(models.Model):
    """One act, written in the transaction of the change it tells of, never changed afterwards."""

    at = models.DateTimeField("le")
    by = models.CharField("par", max_length=120, help_text="qui a agi : « commande:import », « compte:12 »…")
    action = models.CharField("acte", max_length=80, help_text="par exemple « places.closed »")
    subject = models.CharField("objet", max_length=120, blank=True)
    detail = models.JSONField("détail", default=dict)
    is_public = models.BooleanField("change ce que tous voient", default=True)

    class Meta:
        verbose_name = "événement"
        verbose_name_plural = "événements"
        indexes = [
            models.Index(fields=["action", "at"]),
            models.Index(fields=["subject", "at"]),
            models.Index(fields=["-id"], condition=models.Q(is_public=True), name="journal_last_public"),
        ]
        constraints = [
            models.CheckConstraint(condition=~models.Q(by=""), name="audit_by_is_known"),
            models.CheckConstraint(condition=~models.Q(action=""), name="audit_action_is_named"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {ACTS.get(self.action, self.action)}"


class Mail(models.Model):
    """A mail to send, written with the change that asks for it; its text is erased once it has left."""

    to = models.EmailField("à")
    subject = models.CharField("sujet", max_length=300)
    body = models.TextField("texte", blank=True)
    calendar = models.TextField("agenda joint", blank=True, help_text="un .ics")
    asked_at = models.DateTimeField("demandé le")
    next_try_at = models.DateTimeField("prochain essai", null=True, blank=True)
    sent_at = models.DateTimeField("parti le", null=True, blank=True)
    attempts = models.PositiveSmallIntegerField("essais", default=0)
    trouble = models.CharField("dernier ennui", max_length=300, blank=True)

    class Meta:
        verbose_name = "courriel"
        verbose_name_plural = "courriels"
        indexes = [models.Index(fields=["next_try_at"])]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(sent_at__isnull=True) | models.Q(body="", calendar="", next_try_at__isnull=True),
                name="a_sent_mail_keeps_no_text",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.to} {masked(self.subject)}"


class Use(models.Model):
    """How many times something was asked for on a day, under a name that tells nobody who; gone some days later."""

    name = models.CharField("quoi", max_length=80)
    day = models.DateField("jour", db_index=True)
    times = models.PositiveIntegerField("fois")

    class Meta:
        verbose_name = "usage d’un jour"
        verbose_name_plural = "usages d’un jour"
        constraints = [models.UniqueConstraint(fields=["name", "day"], name="a_use_of_a_day_is_counted_once")]

    def __str__(self) -> str:
        return f"{self.name}, {self.day}: {self.times}"


class IdempotencyKey(models.Model):
    """An act that a program asked for under a key of its own, and what it was answered: asked again, it gets the same.

    Written in the transaction of the act: there is no key without its act, nor an act without its key.
    """

    caller = models.CharField("qui demande", max_length=120)
    key = models.CharField("clé", max_length=255)
    fingerprint = models.CharField("empreinte de la demande", max_length=64)
    answer = models.JSONField("réponse", null=True)
    at = models.DateTimeField("le", db_index=True)

    class Meta:
        verbose_name = "clé d’idempotence"
        verbose_name_plural = "clés d’idempotence"
        constraints = [
            models.UniqueConstraint(fields=["caller", "key"], name="an_act_is_asked_once"),
            models.CheckConstraint(condition=~models.Q(key=""), name="an_idempotency_key_is_not_blank"),
        ]

    def __str__(self) -> str:
        return f"{self.caller} {self.key}"
