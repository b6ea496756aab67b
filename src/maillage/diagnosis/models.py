from django.db import models


class Kept(models.Model):
    """A diagnosis under a permanent link: read again, it tells the figures of the day it was made.

    `digest` is the SHA-256 of its figures, so that the same figures are kept once; `packed` holds all of them.
    """

    id = models.CharField("identifiant", max_length=16, primary_key=True)
    digest = models.CharField("empreinte des chiffres", max_length=64, unique=True)
    territory = models.CharField("territoire", max_length=60, db_index=True)
    request = models.JSONField("demande")
    packed = models.BinaryField("chiffres")
    ground = models.CharField("empreinte du fond", max_length=64, blank=True)
    registry = models.PositiveBigIntegerField("version du registre")
    travel = models.CharField("modèle de trajet", max_length=200)
    made_at = models.DateTimeField("fait le")
    by = models.CharField("par", max_length=120)

    class Meta:
        verbose_name = "constat gardé"
        verbose_name_plural = "constats gardés"
        constraints = [models.CheckConstraint(condition=~models.Q(by=""), name="kept_has_an_author")]

    def __str__(self) -> str:
        return f"{self.territory} ({self.made_at:%Y-%m-%d})"
