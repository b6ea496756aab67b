from django.db import models


class Network(models.Model):
    """An organisation that looks after places of some territories, and answers for their sheets.

    Empty `themes` mean every place of the territories; else those that have one of these activities.
    """

    slug = models.SlugField("adresse", max_length=80, unique=True)
    name = models.CharField("nom", max_length=200)
    website = models.URLField("site", max_length=500, blank=True)
    says = models.TextField("présentation", max_length=2_000, blank=True)
    themes = models.JSONField("activités suivies", default=list, blank=True)
    is_demo = models.BooleanField("fictif", default=False)
    opened_at = models.DateTimeField("ouvert le")
    opened_by = models.CharField("ouvert par", max_length=120)
    closed_at = models.DateTimeField("fermé le", null=True, blank=True)
    closed_by = models.CharField("fermé par", max_length=120, blank=True)

    class Meta:
        verbose_name = "réseau"
        verbose_name_plural = "réseaux"
        constraints = [
            models.CheckConstraint(condition=~models.Q(name=""), name="network_has_a_name"),
            models.CheckConstraint(
                condition=models.Q(closed_at__isnull=True, closed_by="")
                | (models.Q(closed_at__isnull=False) & ~models.Q(closed_by="")),
                name="a_closed_network_has_an_author",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Perimeter(models.Model):
    """One territory that a network looks after; `scope` as `accounts.rules` writes it: « dep:39 »."""

    network = models.ForeignKey(Network, on_delete=models.CASCADE, related_name="perimeters", verbose_name="réseau")
    scope = models.CharField("territoire", max_length=60)

    class Meta:
        verbose_name = "périmètre"
        verbose_name_plural = "périmètres"
        constraints = [models.UniqueConstraint(fields=["network", "scope"], name="a_network_names_a_territory_once")]

    def __str__(self) -> str:
        return f"{self.network_id}: {self.scope}"
