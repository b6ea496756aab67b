from typing import Any

from django.db import models
from django.db.models import F, Q
from django.db.models.lookups import LessThanOrEqual

from maillage.accounts.models import User
from maillage.network.clearance.models.networks import Network
from maillage.network.clearance.rules.helping import ANSWERED, MOST_DAYS, OPEN, OUTCOMES, SHARES, THEMES
from maillage.places.models import Place


class SecondsBetween(models.Func):
    """How many whole seconds from one moment to another, in SQL that a constraint may hold on both databases."""

    arity = 2
    output_field = models.BigIntegerField()

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> tuple[str, tuple[Any, ...]]:
        first, last = (compiler.compile(one) for one in self.get_source_expressions())
        return f"CAST(EXTRACT(EPOCH FROM ({last[0]} - {first[0]})) AS BIGINT)", (*last[1], *first[1])

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> tuple[str, tuple[Any, ...]]:
        first, last = (compiler.compile(one) for one in self.get_source_expressions())
        second = "CAST(strftime('%%s', {}) AS INTEGER)"
        return f"({second.format(last[0])} - {second.format(first[0])})", (*last[1], *first[1])


class HelpRequest(models.Model):
    """What a place asks of those who accompany it; nobody else reads it."""

    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+", verbose_name="lieu")
    theme = models.CharField("sujet", max_length=12, choices=[(one, one) for one in THEMES])
    says = models.TextField("ce qui se passe", max_length=4_000)
    asked_at = models.DateTimeField("demandé le")
    asked_by = models.CharField("demandé par", max_length=120)
    answered_at = models.DateTimeField("première réponse le", null=True, blank=True)
    answered_by = models.CharField("première réponse par", max_length=120, blank=True)
    outcome = models.CharField("issue", max_length=10, blank=True, choices=[(one, one) for one in OUTCOMES])
    closed_at = models.DateTimeField("close le", null=True, blank=True)
    closed_by = models.CharField("close par", max_length=120, blank=True)

    class Meta:
        verbose_name = "demande d’aide"
        verbose_name_plural = "demandes d’aide"
        indexes = [models.Index(fields=["place", "asked_at"])]
        constraints = [
            models.CheckConstraint(condition=Q(theme__in=THEMES), name="help_theme_is_known"),
            models.CheckConstraint(condition=~Q(says="") & ~Q(asked_by=""), name="help_is_said_by_somebody"),
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True, answered_by="")
                | (Q(answered_at__isnull=False, answered_at__gte=F("asked_at")) & ~Q(answered_by="")),
                name="help_is_answered_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True, closed_by="", outcome="")
                | (Q(closed_at__isnull=False, outcome__in=OUTCOMES) & ~Q(closed_by="")),
                name="help_ends_one_way",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.place_id}: {self.theme}"

    @property
    def state(self) -> str:
        return self.outcome or (ANSWERED if self.answered_at else OPEN)


_EMPTY = {"network": Q(network__isnull=True), "scope": Q(scope=""), "reader": Q(reader__isnull=True)}


def _one_of(*names: str) -> Q:
    """Exactly one of these says who: a network, those who observe a territory, or a person."""
    told = Q()
    for one in names:
        alone = ~_EMPTY[one]
        for other in names:
            alone &= Q() if other == one else _EMPTY[other]
        told |= alone
    return told


class HelpReader(models.Model):
    """Who reads a request and may answer it: a network, or those who observe a territory (`scope`: « dep:39 »)."""

    request = models.ForeignKey(HelpRequest, on_delete=models.CASCADE, related_name="readers", verbose_name="demande")
    network = models.ForeignKey(
        Network, on_delete=models.CASCADE, related_name="+", null=True, blank=True, verbose_name="réseau"
    )
    scope = models.CharField("territoire observé", max_length=60, blank=True)

    class Meta:
        verbose_name = "destinataire d’une demande"
        verbose_name_plural = "destinataires d’une demande"
        constraints = [
            models.CheckConstraint(condition=_one_of("network", "scope"), name="help_is_read_by_one_or_the_other"),
            models.UniqueConstraint(
                fields=["request", "network"], condition=Q(network__isnull=False), name="help_names_a_network_once"
            ),
            models.UniqueConstraint(
                fields=["request", "scope"], condition=~Q(scope=""), name="help_names_a_territory_once"
            ),
        ]

    def __str__(self) -> str:
        return self.scope or f"reseau:{self.network_id}"


class HelpMessage(models.Model):
    """One word of the exchange; `network` or `scope` say for whom a helper spoke, neither means the place's team."""

    request = models.ForeignKey(HelpRequest, on_delete=models.CASCADE, related_name="messages", verbose_name="demande")
    says = models.TextField("message", max_length=4_000)
    network = models.ForeignKey(
        Network, on_delete=models.SET_NULL, related_name="+", null=True, blank=True, verbose_name="réseau"
    )
    is_help = models.BooleanField("vient d’un accompagnant")
    said_at = models.DateTimeField("écrit le")
    said_by = models.CharField("écrit par", max_length=120)

    class Meta:
        verbose_name = "message d’une demande"
        verbose_name_plural = "messages d’une demande"
        constraints = [
            models.CheckConstraint(condition=~Q(says="") & ~Q(said_by=""), name="help_message_is_said_by_somebody"),
            models.CheckConstraint(
                condition=Q(network__isnull=True) | Q(is_help=True), name="a_network_speaks_as_a_helper"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.request_id}: {self.said_at:%Y-%m-%d %H:%M}"


class Grant(models.Model):
    """What a place shows of its figures, to whom, until when: read-only, ended at once whenever the place wants.

    Held by a network, by those who observe a territory, or by one person.
    """

    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+", verbose_name="lieu")
    request = models.ForeignKey(
        HelpRequest, on_delete=models.SET_NULL, related_name="grants", null=True, blank=True, verbose_name="demande"
    )
    network = models.ForeignKey(
        Network, on_delete=models.CASCADE, related_name="+", null=True, blank=True, verbose_name="réseau"
    )
    scope = models.CharField("territoire observé", max_length=60, blank=True)
    reader = models.ForeignKey(
        User, on_delete=models.CASCADE, related_name="+", null=True, blank=True, verbose_name="personne"
    )
    usage = models.BooleanField("fréquentation", default=False)
    accounts = models.BooleanField("comptes", default=False)
    programme = models.BooleanField("programme", default=False)
    members = models.BooleanField("adhérents", default=False)
    given_at = models.DateTimeField("donné le")
    given_by = models.CharField("donné par", max_length=120)
    expires_at = models.DateTimeField("valable jusqu’au")
    ended_at = models.DateTimeField("terminé le", null=True, blank=True)
    ended_by = models.CharField("terminé par", max_length=120, blank=True)
    reminded_at = models.DateTimeField("fin annoncée le", null=True, blank=True)

    class Meta:
        verbose_name = "accès donné"
        verbose_name_plural = "accès donnés"
        indexes = [models.Index(fields=["place", "given_at"]), models.Index(fields=["expires_at"])]
        constraints = [
            models.CheckConstraint(condition=_one_of("network", "scope", "reader"), name="grant_has_one_holder"),
            models.CheckConstraint(
                condition=Q(usage=True) | Q(accounts=True) | Q(programme=True) | Q(members=True),
                name="grant_shows_something",
            ),
            models.CheckConstraint(condition=Q(expires_at__gt=F("given_at")), name="grant_ends_after_it_starts"),
            models.CheckConstraint(
                condition=LessThanOrEqual(
                    SecondsBetween(F("given_at"), F("expires_at")), models.Value(MOST_DAYS * 86_400)
                ),
                name="grant_lasts_half_a_year_at_most",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ended_by="") | (Q(ended_at__isnull=False) & ~Q(ended_by="")),
                name="grant_is_ended_by_somebody",
            ),
            models.CheckConstraint(condition=~Q(given_by=""), name="grant_is_given_by_somebody"),
        ]

    def __str__(self) -> str:
        return f"{self.place_id}: {', '.join(self.shares)}"

    @property
    def shares(self) -> tuple[str, ...]:
        """What it shows, in the order of `rules.helping.SHARES`."""
        return tuple(one for one in SHARES if getattr(self, one))


class GrantUse(models.Model):
    """Somebody read what a grant shows: who, when, which figures. Written before the figures are read."""

    grant = models.ForeignKey(Grant, on_delete=models.CASCADE, related_name="uses", verbose_name="accès")
    shares = models.CharField("lu", max_length=80)
    read_at = models.DateTimeField("lu le")
    read_by = models.CharField("lu par", max_length=120)

    class Meta:
        verbose_name = "lecture d’un accès"
        verbose_name_plural = "lectures d’un accès"
        indexes = [models.Index(fields=["grant", "read_at"])]
        constraints = [models.CheckConstraint(condition=~Q(read_by="") & ~Q(shares=""), name="a_reading_says_who")]

    def __str__(self) -> str:
        return f"{self.grant_id}: {self.read_at:%Y-%m-%d %H:%M}"
