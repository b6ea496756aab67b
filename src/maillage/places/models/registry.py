import uuid

from django.db import models

from maillage.places.rules.drafts import SourceFacts
from maillage.places.rules.vocabulary import PRECISIONS, STATUSES
from maillage.territory.models import Commune

LONGEST_SLUG = 120


class Source(models.Model):
    """A dataset, a network or a place that tells the registry something, and under which licence."""

    slug = models.SlugField("identifiant", max_length=80, unique=True)
    name = models.CharField("nom", max_length=200)
    publisher = models.CharField("producteur", max_length=200, blank=True)
    url = models.URLField("adresse", max_length=500, blank=True)
    licence = models.CharField("licence", max_length=200)
    rank = models.PositiveSmallIntegerField("rang de confiance", default=1)
    is_demo = models.BooleanField("fictive", default=False)
    settled_at = models.DateTimeField("réglée par l’exploitation le", null=True, blank=True)

    class Meta:
        verbose_name = "source"
        verbose_name_plural = "sources"
        constraints = [
            models.CheckConstraint(condition=models.Q(rank__range=(1, 3)), name="source_rank_is_1_to_3"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def facts(self) -> SourceFacts:
        """What the registry knows of it."""
        return SourceFacts(
            slug=self.slug,
            name=self.name,
            licence=self.licence,
            publisher=self.publisher,
            url=self.url,
            rank=self.rank,
            is_demo=self.is_demo,
        )


class PlaceQuerySet(models.QuerySet["Place"]):
    def public(self) -> "PlaceQuerySet":
        """Every place a visitor may read: all but those removed from the registry."""
        return self.filter(removed_at__isnull=True)


class Place(models.Model):
    """A place, as the registry shows it: each field is the value chosen among its source records."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    slug = models.SlugField("adresse de la page", max_length=LONGEST_SLUG, unique=True)
    name = models.CharField("nom", max_length=200)
    status = models.CharField("état", max_length=10, choices=[(s, s) for s in STATUSES], default="open")
    closed_on = models.CharField("fermé le", max_length=10, blank=True)
    closed_cause = models.CharField("cause de fermeture", max_length=20, blank=True)
    opened_on = models.CharField("ouvert le", max_length=10, blank=True)
    category = models.CharField("catégorie déduite", max_length=30, default="inconnu", db_index=True)

    street = models.CharField("rue", max_length=200, blank=True)
    postal_code = models.CharField("code postal", max_length=10, blank=True)
    city = models.CharField("localité", max_length=120, blank=True)
    commune = models.ForeignKey(Commune, on_delete=models.PROTECT, related_name="places", null=True, blank=True)
    lat = models.FloatField("latitude", null=True, blank=True)
    lon = models.FloatField("longitude", null=True, blank=True)
    precision = models.CharField("précision", max_length=10, choices=[(p, p) for p in PRECISIONS], default="unknown")

    website = models.URLField("site", max_length=500, blank=True)
    email = models.EmailField("courriel", blank=True)
    phone = models.CharField("téléphone", max_length=40, blank=True)
    links = models.JSONField("autres adresses", default=list, blank=True)
    opening_hours = models.CharField("horaires (syntaxe OSM)", max_length=500, blank=True)
    operator = models.CharField("structure porteuse", max_length=200, blank=True)
    siret = models.CharField("Siret", max_length=14, blank=True)
    capacity = models.PositiveIntegerField("capacité d’accueil", null=True, blank=True)
    prices = models.CharField("prix en bref", max_length=500, blank=True)
    description = models.TextField("description", blank=True)
    how_to_come = models.CharField("venir", max_length=600, blank=True)
    how_to_join = models.CharField("participer", max_length=600, blank=True)
    how_to_help = models.CharField("aider", max_length=600, blank=True)

    provenance = models.JSONField("provenance", default=dict, help_text="champ → enregistrement source")
    sort_name = models.CharField("nom pour le tri", max_length=200, blank=True)
    search_text = models.TextField("texte cherché", blank=True)
    is_demo = models.BooleanField("fictif", default=False)
    created_at = models.DateTimeField("ajouté le")
    updated_at = models.DateTimeField("modifié le", db_index=True)
    confirmed_at = models.DateTimeField("confirmé le", null=True, blank=True)
    confirmed_by = models.CharField("confirmé par", max_length=120, blank=True)
    removed_at = models.DateTimeField("retiré le", null=True, blank=True)
    removed_reason = models.CharField("motif du retrait", max_length=300, blank=True)
    replaced_by = models.ForeignKey(
        "self", on_delete=models.RESTRICT, related_name="replaces", null=True, blank=True, verbose_name="fondu dans"
    )

    objects = PlaceQuerySet.as_manager()

    class Meta:
        verbose_name = "lieu"
        verbose_name_plural = "lieux"
        indexes = [
            models.Index(fields=["lat", "lon"]),
            models.Index(fields=["sort_name", "id"]),
        ]
        constraints = [
            models.CheckConstraint(condition=~models.Q(name=""), name="place_has_a_name"),
            models.CheckConstraint(condition=models.Q(status__in=STATUSES), name="place_status_is_known"),
            models.CheckConstraint(condition=models.Q(precision__in=PRECISIONS), name="place_precision_is_known"),
            models.CheckConstraint(
                condition=models.Q(lat__isnull=True, lon__isnull=True)
                | models.Q(lat__range=(-90, 90), lon__range=(-180, 180)),
                name="place_point_is_on_earth",
            ),
            models.CheckConstraint(
                condition=models.Q(closed_on="") | models.Q(status="closed"),
                name="place_closing_date_means_closed",
            ),
            models.CheckConstraint(
                condition=models.Q(confirmed_at__isnull=True) | ~models.Q(confirmed_by=""),
                name="place_confirmation_has_an_author",
            ),
            models.CheckConstraint(
                condition=models.Q(removed_at__isnull=True) | ~models.Q(removed_reason=""),
                name="place_removal_has_a_reason",
            ),
            models.CheckConstraint(
                condition=models.Q(replaced_by__isnull=True)
                | (models.Q(removed_at__isnull=False) & ~models.Q(replaced_by=models.F("id"))),
                name="place_merged_away_has_left",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Feature(models.Model):
    """One word said of a place: an activity, a service, a way in, a label, a legal form."""

    place = models.ForeignKey(Place, on_delete=models.CASCADE, related_name="features")
    kind = models.CharField("nature", max_length=12)
    code = models.CharField("mot", max_length=40)

    class Meta:
        verbose_name = "caractéristique"
        verbose_name_plural = "caractéristiques"
        indexes = [models.Index(fields=["kind", "code", "place"])]
        constraints = [
            models.UniqueConstraint(fields=["place", "kind", "code"], name="a_word_is_said_once"),
            models.CheckConstraint(
                condition=models.Q(kind__in=["activities", "services", "access", "labels", "legal_forms"]),
                name="feature_kind_is_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind}:{self.code}"


class SourceRecord(models.Model):
    """What one source says of a place: its raw row kept as it came, and the fields read from it."""

    place = models.ForeignKey(Place, on_delete=models.CASCADE, related_name="records")
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="records")
    ref = models.CharField("référence chez la source", max_length=200)
    licence = models.CharField("licence", max_length=200)
    dated = models.CharField("date de la source", max_length=10, blank=True)
    fetched_at = models.DateTimeField("lu le")
    raw = models.JSONField("ligne d’origine")
    values = models.JSONField("champs lus")
    flags = models.JSONField("signalements", default=list)
    fingerprint = models.CharField("empreinte", max_length=64)

    class Meta:
        verbose_name = "enregistrement source"
        verbose_name_plural = "enregistrements sources"
        constraints = [
            models.UniqueConstraint(fields=["source", "ref"], name="one_record_per_source_reference"),
            models.CheckConstraint(condition=~models.Q(licence=""), name="record_has_a_licence"),
        ]

    def __str__(self) -> str:
        return f"{self.source_id}:{self.ref}"


class Revision(models.Model):
    """One change of a place: who, when, why, and each field before and after."""

    place = models.ForeignKey(Place, on_delete=models.CASCADE, related_name="revisions")
    number = models.PositiveIntegerField("numéro")
    at = models.DateTimeField("le")
    by = models.CharField("par", max_length=120)
    reason = models.CharField("pourquoi", max_length=300, blank=True)
    changes = models.JSONField("champ → [avant, après]")

    class Meta:
        verbose_name = "révision"
        verbose_name_plural = "révisions"
        constraints = [
            models.UniqueConstraint(fields=["place", "number"], name="revisions_are_numbered"),
            models.CheckConstraint(condition=~models.Q(by=""), name="revision_has_an_author"),
        ]

    def __str__(self) -> str:
        return f"{self.place_id} #{self.number}"


class FormerSlug(models.Model):
    """An address a place once had: it leads to the place for ever."""

    slug = models.SlugField("ancienne adresse", max_length=LONGEST_SLUG, primary_key=True)
    place = models.ForeignKey(Place, on_delete=models.CASCADE, related_name="former_slugs")

    class Meta:
        verbose_name = "ancienne adresse"
        verbose_name_plural = "anciennes adresses"

    def __str__(self) -> str:
        return self.slug


class PhotoManager(models.Manager["Photo"]):
    """The photos that places show; whoever forgets to ask which ones gets these."""

    def get_queryset(self) -> models.QuerySet["Photo"]:
        return super().get_queryset().filter(removed_at__isnull=True)


class Photo(models.Model):
    """A photo, re-encoded by us: no metadata of the camera survives.

    A removed one is hidden everywhere, its file too, and may be put back until it is erased.
    """

    place = models.ForeignKey(Place, on_delete=models.CASCADE, related_name="photos")
    file = models.FileField("fichier", upload_to="photos/")
    alt = models.CharField("ce que montre l’image", max_length=300)
    credit = models.CharField("crédit", max_length=200, blank=True)
    licence = models.CharField("licence", max_length=80)
    width = models.PositiveIntegerField("largeur")
    height = models.PositiveIntegerField("hauteur")
    position = models.PositiveSmallIntegerField("ordre", default=0)
    added_at = models.DateTimeField("ajoutée le")
    added_by = models.CharField("ajoutée par", max_length=120)
    removed_at = models.DateTimeField("retirée le", null=True, blank=True)
    removed_by = models.CharField("retirée par", max_length=120, blank=True)

    objects = PhotoManager()
    everything: models.Manager["Photo"] = models.Manager()
    """Removed ones too."""

    class Meta:
        verbose_name = "photo"
        verbose_name_plural = "photos"
        indexes = [models.Index(fields=["file", "removed_at"])]
        constraints = [
            models.CheckConstraint(condition=~models.Q(alt=""), name="photo_says_what_it_shows"),
            models.UniqueConstraint(fields=["place", "file"], name="a_place_holds_a_photo_once"),
            models.CheckConstraint(
                condition=models.Q(removed_at__isnull=True, removed_by="")
                | (models.Q(removed_at__isnull=False) & ~models.Q(removed_by="")),
                name="photo_removal_has_an_author",
            ),
        ]

    def __str__(self) -> str:
        return self.alt
