from django.db import models

from maillage.places.models.registry import Place

PROOFS = ("email", "network", "letter")


class Merge(models.Model):
    """Two places that were one: the records of `gone` moved to `kept`, and go back when that was a mistake."""

    kept = models.ForeignKey(Place, on_delete=models.CASCADE, related_name="merges", verbose_name="lieu gardé")
    gone = models.ForeignKey(Place, on_delete=models.CASCADE, related_name="merges_away", verbose_name="lieu fondu")
    records = models.JSONField("enregistrements déplacés")
    photos = models.JSONField("photos déplacées", default=list)
    waiting = models.JSONField("suggestions déplacées", default=list)
    reason = models.CharField("pourquoi", max_length=300)
    merged_at = models.DateTimeField("fondus le")
    merged_by = models.CharField("fondus par", max_length=120)
    undone_at = models.DateTimeField("séparés le", null=True, blank=True)
    undone_by = models.CharField("séparés par", max_length=120, blank=True)

    class Meta:
        verbose_name = "fusion"
        verbose_name_plural = "fusions"
        constraints = [
            models.UniqueConstraint(
                fields=["gone"], condition=models.Q(undone_at__isnull=True), name="a_place_is_merged_away_once"
            ),
            models.CheckConstraint(condition=~models.Q(kept=models.F("gone")), name="a_merge_is_of_two_places"),
            models.CheckConstraint(
                condition=models.Q(undone_at__isnull=True, undone_by="")
                | (models.Q(undone_at__isnull=False) & ~models.Q(undone_by="")),
                name="an_undone_merge_has_an_author",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.gone_id} → {self.kept_id}"


class NotSame(models.Model):
    """Two places that somebody looked at and found to be two: nobody is asked again. `one` sorts before `other`."""

    one = models.ForeignKey(Place, on_delete=models.CASCADE, related_name="told_apart", verbose_name="un lieu")
    other = models.ForeignKey(Place, on_delete=models.CASCADE, related_name="told_apart_too", verbose_name="l’autre")
    reason = models.CharField("pourquoi", max_length=300, blank=True)
    said_at = models.DateTimeField("dit le")
    said_by = models.CharField("dit par", max_length=120)

    class Meta:
        verbose_name = "lieux distincts"
        verbose_name_plural = "lieux distincts"
        constraints = [
            models.UniqueConstraint(fields=["one", "other"], name="two_places_are_told_apart_once"),
            models.CheckConstraint(condition=models.Q(one__lt=models.F("other")), name="told_apart_in_order"),
        ]

    def __str__(self) -> str:
        return f"{self.one_id} ≠ {self.other_id}"


class Verification(models.Model):
    """A network says that it has looked at a place and that its sheet is true, as it stood at revision `number`."""

    place = models.ForeignKey(Place, on_delete=models.CASCADE, related_name="verifications", verbose_name="lieu")
    network = models.SlugField("réseau", max_length=80)
    network_name = models.CharField("nom du réseau", max_length=200)
    number = models.PositiveIntegerField("révision vue", default=0)
    how = models.CharField("comment", max_length=300, blank=True)
    verified_at = models.DateTimeField("vérifié le")
    verified_by = models.CharField("vérifié par", max_length=120)
    ended_at = models.DateTimeField("retiré le", null=True, blank=True)
    ended_by = models.CharField("retiré par", max_length=120, blank=True)

    class Meta:
        verbose_name = "vérification"
        verbose_name_plural = "vérifications"
        constraints = [
            models.UniqueConstraint(
                fields=["place", "network"],
                condition=models.Q(ended_at__isnull=True),
                name="a_network_verifies_a_place_once_at_a_time",
            ),
            models.CheckConstraint(condition=~models.Q(network_name=""), name="a_verification_says_whose_it_is"),
            models.CheckConstraint(
                condition=models.Q(ended_at__isnull=True, ended_by="")
                | (models.Q(ended_at__isnull=False) & ~models.Q(ended_by="")),
                name="an_ended_verification_has_an_author",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.network_name}: {self.place_id}"


class Claim(models.Model):
    """Somebody says that they run a place, and proves it by its published address, a network’s word, or a letter.

    Only the fingerprint of the code is kept.
    """

    place = models.ForeignKey(Place, on_delete=models.CASCADE, related_name="claims", verbose_name="lieu")
    email = models.EmailField("adresse électronique")
    proof = models.CharField("preuve", max_length=10, choices=[(p, p) for p in PROOFS])
    message = models.CharField("message", max_length=600, blank=True)
    digest = models.CharField("empreinte du code", max_length=64, blank=True)
    tries = models.PositiveSmallIntegerField("essais", default=0)
    asked_at = models.DateTimeField("demandé le")
    asked_by = models.CharField("demandé par", max_length=120)
    posted_at = models.DateTimeField("lettre postée le", null=True, blank=True)
    posted_by = models.CharField("lettre postée par", max_length=120, blank=True)
    expires_at = models.DateTimeField("valable jusqu’au")
    settled_at = models.DateTimeField("tranché le", null=True, blank=True)
    settled_by = models.CharField("tranché par", max_length=120, blank=True)
    is_granted = models.BooleanField("accordé", default=False)
    reason = models.CharField("motif", max_length=300, blank=True)

    class Meta:
        verbose_name = "revendication"
        verbose_name_plural = "revendications"
        constraints = [
            models.UniqueConstraint(
                fields=["place", "email"], condition=models.Q(settled_at__isnull=True), name="one_open_claim_a_person"
            ),
            models.CheckConstraint(condition=models.Q(proof__in=PROOFS), name="a_claim_has_a_known_proof"),
            models.CheckConstraint(
                condition=models.Q(is_granted=False) | models.Q(settled_at__isnull=False),
                name="a_granted_claim_is_settled",
            ),
            models.CheckConstraint(
                condition=models.Q(settled_at__isnull=True, settled_by="")
                | (models.Q(settled_at__isnull=False) & ~models.Q(settled_by="")),
                name="a_settled_claim_has_an_author",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.proof} → {self.place_id}"
