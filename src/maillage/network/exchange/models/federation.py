from django.db import models

from maillage.places.models import Place

FOLLOWED, STOPPED = "followed", "stopped"


class KeyTurn(models.Model):
    """One key of this instance handing over to the next, which is its `number`-th; the first was always there."""

    number = models.PositiveIntegerField("numéro", unique=True)
    old = models.CharField("clé remplacée", max_length=64)
    new = models.CharField("clé suivante", max_length=64)
    word = models.CharField("signature de la première", max_length=128)
    turned_at = models.DateTimeField("changée le")
    turned_by = models.CharField("changée par", max_length=120)

    class Meta:
        verbose_name = "changement de clé"
        verbose_name_plural = "changements de clé"
        constraints = [
            models.CheckConstraint(condition=models.Q(number__gte=2), name="a_key_turn_is_to_the_second_or_later"),
            models.CheckConstraint(condition=~models.Q(old=models.F("new")), name="a_key_turns_to_another"),
        ]

    def __str__(self) -> str:
        return f"→ {self.number}"


class Peer(models.Model):
    """Another instance of Maillage whose feed is followed: under which key, up to where, and what went wrong last.

    `epoch` is its last restoration as it told it; `reading` counts how often its feed was begun.
    """

    site = models.CharField("identifiant", max_length=60, unique=True)
    name = models.CharField("nom", max_length=200)
    url = models.CharField("adresse", max_length=200, unique=True)
    licence = models.CharField("licence", max_length=200, blank=True)
    key = models.CharField("clé", max_length=64)
    state = models.CharField("état", max_length=10, choices=[(s, s) for s in (FOLLOWED, STOPPED)], default=FOLLOWED)
    cursor = models.CharField("position", max_length=40, blank=True)
    epoch = models.CharField("dernière restauration", max_length=40, blank=True)
    reading = models.PositiveIntegerField("lecture", default=1)
    signed_s = models.PositiveBigIntegerField("signée à", default=0, help_text="secondes depuis 1970")
    told = models.PositiveIntegerField("lieux annoncés", default=0)
    tried_at = models.DateTimeField("interrogée le", null=True, blank=True)
    seen_at = models.DateTimeField("à jour le", null=True, blank=True)
    problem = models.CharField("empêchement", max_length=20, blank=True)
    problem_detail = models.CharField("détail de l’empêchement", max_length=120, blank=True)
    opened_at = models.DateTimeField("suivie depuis le")
    opened_by = models.CharField("suivie par", max_length=120)
    stopped_at = models.DateTimeField("arrêtée le", null=True, blank=True)
    stopped_by = models.CharField("arrêtée par", max_length=120, blank=True)

    class Meta:
        verbose_name = "instance suivie"
        verbose_name_plural = "instances suivies"
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=[FOLLOWED, STOPPED]), name="peer_state_is_known"),
            models.CheckConstraint(condition=~models.Q(key=""), name="a_peer_has_a_key"),
            models.CheckConstraint(
                condition=models.Q(state=FOLLOWED, stopped_at__isnull=True, stopped_by="")
                | (models.Q(state=STOPPED, stopped_at__isnull=False) & ~models.Q(stopped_by="")),
                name="a_peer_is_stopped_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Copy(models.Model):
    """A place that a followed instance holds, and the place that it is here.

    `is_home`: the place is here only because that instance tells it; else it also stood here from another hand.
    `reading` is the last reading of the feed that told it; `gone` once that instance removed it or merged it away.
    """

    peer = models.ForeignKey(Peer, on_delete=models.CASCADE, related_name="copies", verbose_name="instance")
    theirs = models.UUIDField("lieu là-bas")
    place = models.ForeignKey(Place, on_delete=models.CASCADE, related_name="copied_from", verbose_name="lieu ici")
    is_home = models.BooleanField("tenu là-bas", default=True)
    version = models.PositiveIntegerField("révision là-bas")
    digest = models.CharField("empreinte", max_length=64)
    reading = models.PositiveIntegerField("lecture")
    gone = models.BooleanField("parti", default=False)
    copied_at = models.DateTimeField("copié le")

    class Meta:
        verbose_name = "copie d’un lieu"
        verbose_name_plural = "copies de lieux"
        constraints = [
            models.UniqueConstraint(fields=["peer", "theirs"], name="a_place_of_a_peer_is_copied_once"),
            models.UniqueConstraint(
                fields=["place"], condition=models.Q(is_home=True), name="a_place_has_one_home_elsewhere"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.peer_id}:{self.theirs}"


class SetAside(models.Model):
    """A place of a feed that could not be copied: what is wrong, and the mend; gone once it could be."""

    peer = models.ForeignKey(Peer, on_delete=models.CASCADE, related_name="aside", verbose_name="instance")
    theirs = models.CharField("lieu là-bas", max_length=60)
    problem = models.CharField("ce qui ne va pas", max_length=300)
    mend = models.CharField("comment réparer", max_length=300)
    noted_at = models.DateTimeField("noté le")

    class Meta:
        verbose_name = "lieu mis de côté"
        verbose_name_plural = "lieux mis de côté"
        constraints = [
            models.UniqueConstraint(fields=["peer", "theirs"], name="a_place_of_a_peer_is_set_aside_once"),
        ]

    def __str__(self) -> str:
        return f"{self.peer_id}:{self.theirs}"
