import re

from django.db import models
from django.utils.translation import gettext

_FOLDER = re.compile(r"Dossier «\s(.+)\s»")


class Ground(models.Model):
    """One load of the territory; the newest is the one the site stands on."""

    class Kind(models.TextChoices):
        BUILTIN = "builtin", "intégré"
        FOLDER = "folder", "dossier"
        OFFICIAL = "official", "officiel"

    kind = models.CharField("origine", max_length=10, choices=Kind.choices)
    label = models.CharField("nom", max_length=200)
    vintage = models.CharField("millésime", max_length=40, blank=True)
    loaded_at = models.DateTimeField("chargé le")
    fingerprint = models.CharField("empreinte", max_length=64)
    estimated_centres = models.PositiveIntegerField("centres estimés", default=0)
    counts = models.JSONField("effectifs", default=dict)

    class Meta:
        verbose_name = "fond de territoire"
        verbose_name_plural = "fonds de territoire"

    def __str__(self) -> str:
        return f"{self.name} ({self.vintage})"

    @property
    def name(self) -> str:
        """The label, in the language of the reader where it is one of ours."""
        folder = _FOLDER.fullmatch(self.label)
        return gettext("Dossier «\u202f%(name)s\u202f»") % {"name": folder[1]} if folder else gettext(self.label)


class FigureSource(models.Model):
    """Where one figure of a ground comes from, and how old it is."""

    ground = models.ForeignKey(Ground, on_delete=models.CASCADE, related_name="figures")
    figure = models.CharField("donnée", max_length=40)
    source = models.CharField("source", max_length=200)
    vintage = models.CharField("millésime", max_length=40, blank=True)
    licence = models.CharField("licence", max_length=80)
    note = models.CharField("remarque", max_length=300, blank=True)

    class Meta:
        verbose_name = "source d’une donnée"
        verbose_name_plural = "sources des données"
        constraints = [models.UniqueConstraint(fields=["ground", "figure"], name="one_source_per_figure")]

    def __str__(self) -> str:
        return f"{self.figure} : {self.source} ({self.vintage})"


class Region(models.Model):
    code = models.CharField("code Insee", max_length=3, primary_key=True)
    name = models.CharField("nom", max_length=80)

    class Meta:
        verbose_name = "région"
        verbose_name_plural = "régions"

    def __str__(self) -> str:
        return self.name


class Departement(models.Model):
    code = models.CharField("code Insee", max_length=3, primary_key=True)
    name = models.CharField("nom", max_length=80)
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="departements")

    class Meta:
        verbose_name = "département"
        verbose_name_plural = "départements"

    def __str__(self) -> str:
        return self.name


class Epci(models.Model):
    code = models.CharField("Siren", max_length=9, primary_key=True)
    name = models.CharField("nom", max_length=160)
    kind = models.CharField("nature", max_length=6, help_text="CC, CA, CU, METRO, MET69")

    class Meta:
        verbose_name = "intercommunalité"
        verbose_name_plural = "intercommunalités"

    def __str__(self) -> str:
        return self.name


class Commune(models.Model):
    """A commune of today; older codes lead here through `FormerCode`. Unknown figures are null, never zero."""

    class Centre(models.TextChoices):
        OFFICIAL = "official", "centre officiel"
        GAZETTEER = "gazetteer", "répertoire de noms de lieux"
        ESTIMATED = "estimated", "estimé d’après les voisines"

    code = models.CharField("code Insee", max_length=5, primary_key=True)
    name = models.CharField("nom", max_length=80)
    departement = models.ForeignKey(Departement, on_delete=models.PROTECT, related_name="communes")
    epci = models.ForeignKey(Epci, on_delete=models.PROTECT, related_name="communes", null=True, blank=True)
    population = models.PositiveIntegerField("population", null=True, blank=True)
    lat = models.FloatField("latitude", null=True, blank=True)
    lon = models.FloatField("longitude", null=True, blank=True)
    centre_kind = models.CharField("origine du centre", max_length=10, choices=Centre.choices, blank=True)
    surface_km2 = models.FloatField("superficie (km²)", null=True, blank=True)
    density_7 = models.PositiveSmallIntegerField("densité en 7 niveaux", null=True, blank=True)
    in_metropole = models.BooleanField("dans l’une des 22 métropoles", null=True)
    bv_code = models.CharField("bassin de vie", max_length=5, blank=True)
    bv_name = models.CharField("nom du bassin de vie", max_length=80, blank=True)
    ze_code = models.CharField("zone d’emploi", max_length=4, blank=True)
    ze_name = models.CharField("nom de la zone d’emploi", max_length=80, blank=True)
    aav_code = models.CharField("aire d’attraction", max_length=5, blank=True)
    aav_name = models.CharField("nom de l’aire d’attraction", max_length=80, blank=True)
    aav_category = models.CharField("place dans l’aire d’attraction", max_length=2, blank=True)
    frr = models.CharField("France ruralités revitalisation", max_length=40, blank=True)
    in_pvd = models.BooleanField("Petites villes de demain", null=True)
    in_acv = models.BooleanField("Action cœur de ville", null=True)
    in_va = models.BooleanField("Villages d’avenir", null=True)
    employed = models.PositiveIntegerField("habitants en emploi", null=True, blank=True)
    unemployed = models.PositiveIntegerField("habitants au chômage", null=True, blank=True)
    jobs = models.PositiveIntegerField("emplois sur place", null=True, blank=True)
    dwellings = models.PositiveIntegerField("logements", null=True, blank=True)
    vacant_dwellings = models.PositiveIntegerField("logements vacants", null=True, blank=True)
    median_income = models.PositiveIntegerField("niveau de vie médian (€ par an)", null=True, blank=True)
    establishments = models.PositiveIntegerField("établissements", null=True, blank=True)
    has_qpv = models.BooleanField("a un quartier prioritaire", null=True)
    equipment = models.BinaryField("équipements", null=True, help_text="voir rules/equipment.py")

    class Meta:
        verbose_name = "commune"
        verbose_name_plural = "communes"
        indexes = [models.Index(fields=["lat", "lon"]), models.Index(fields=["bv_code"])]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(lat__isnull=True, lon__isnull=True)
                | models.Q(lat__range=(-90, 90), lon__range=(-180, 180)),
                name="commune_centre_is_on_earth",
            ),
            models.CheckConstraint(
                condition=models.Q(density_7__isnull=True) | models.Q(density_7__range=(1, 7)),
                name="commune_density_is_1_to_7",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class EquipmentType(models.Model):
    """A kind of equipment that communes are counted for; `position` is its place in `Commune.equipment`."""

    position = models.PositiveSmallIntegerField("rang", primary_key=True)
    code = models.CharField("code", max_length=8, unique=True)
    label = models.CharField("nom", max_length=120)
    theme = models.CharField("thème", max_length=40)

    class Meta:
        verbose_name = "type d’équipement"
        verbose_name_plural = "types d’équipement"

    def __str__(self) -> str:
        return self.label


class PostalCode(models.Model):
    commune = models.ForeignKey(Commune, on_delete=models.CASCADE, related_name="postal_codes")
    code = models.CharField("code postal", max_length=5, db_index=True)

    class Meta:
        verbose_name = "code postal"
        verbose_name_plural = "codes postaux"
        constraints = [models.UniqueConstraint(fields=["commune", "code"], name="one_row_per_postal_code")]

    def __str__(self) -> str:
        return self.code


class FormerCode(models.Model):
    """An older commune code, or an arrondissement of Paris, Lyon or Marseille, and the commune of today."""

    code = models.CharField("ancien code Insee", max_length=5, primary_key=True)
    name = models.CharField("ancien nom", max_length=80, blank=True)
    commune = models.ForeignKey(Commune, on_delete=models.CASCADE, related_name="former_codes")

    class Meta:
        verbose_name = "ancien code"
        verbose_name_plural = "anciens codes"

    def __str__(self) -> str:
        return f"{self.code} → {self.commune_id}"


class Outline(models.Model):
    """The outline of one territory: closed rings, outer and holes alike, drawn with the even-odd rule.

    `points` is a little-endian int32 array of (lon, lat) pairs in 1e-5 degree; `ring_lengths` says how many
    pairs belong to each ring, in order.
    """

    class Kind(models.TextChoices):
        REGION = "reg", "région"
        DEPARTEMENT = "dep", "département"
        EPCI = "epci", "intercommunalité"
        COMMUNE = "commune", "commune"

    kind = models.CharField("nature", max_length=7, choices=Kind.choices)
    code = models.CharField("code", max_length=9)
    points = models.BinaryField()
    ring_lengths = models.JSONField()
    min_lon = models.FloatField()
    min_lat = models.FloatField()
    max_lon = models.FloatField()
    max_lat = models.FloatField()

    class Meta:
        verbose_name = "contour"
        verbose_name_plural = "contours"
        constraints = [models.UniqueConstraint(fields=["kind", "code"], name="one_outline_per_territory")]

    def __str__(self) -> str:
        return f"{self.kind}-{self.code}"
