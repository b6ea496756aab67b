"""Who sells, to whom, at which price; what is being written and what was issued."""

from django.db import models
from django.db.models import F, Q

from maillage.management.people.models import Organisation, Person
from maillage.places.models import Place


class Seller(models.Model):
    """Who sells at a place, and under which VAT regime, from a day on: an invoice takes the one of its day."""

    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+", verbose_name="lieu")
    since = models.DateField("depuis le")
    regime = models.CharField("régime de TVA", max_length=12)
    legal_name = models.CharField("nom légal", max_length=200)
    legal_form = models.CharField("forme", max_length=80, blank=True)
    siret = models.CharField("Siret", max_length=14, blank=True)
    vat_number = models.CharField("numéro de TVA", max_length=20, blank=True)
    rna = models.CharField("numéro RNA", max_length=10, blank=True)
    street = models.CharField("adresse", max_length=200)
    postal_code = models.CharField("code postal", max_length=5)
    city = models.CharField("commune", max_length=100)
    email = models.EmailField("courriel", blank=True)
    iban = models.CharField("IBAN", max_length=34, blank=True)
    bic = models.CharField("BIC", max_length=11, blank=True)
    creditor = models.CharField("identifiant créancier SEPA", max_length=35, blank=True)
    payment_days = models.PositiveSmallIntegerField("jours pour payer", default=30)
    cash_ceiling_cents = models.PositiveIntegerField("plafond d’espèces du lieu, en centimes", null=True, blank=True)
    vat_on_debits = models.BooleanField("TVA d’après les débits", default=False)
    is_general_interest = models.BooleanField("d’intérêt général", default=False)
    created_at = models.DateTimeField("dite le")
    created_by = models.CharField("dite par", max_length=120)

    class Meta:
        verbose_name = "identité de facturation"
        verbose_name_plural = "identités de facturation"
        constraints = [
            models.UniqueConstraint(fields=["place", "since"], name="one_seller_of_a_place_from_a_day"),
            models.CheckConstraint(
                condition=Q(regime__in=("outside", "franchise", "liable", "accessory")), name="seller_has_a_regime"
            ),
            models.CheckConstraint(condition=~Q(legal_name=""), name="seller_has_a_name"),
        ]

    def __str__(self) -> str:
        return f"{self.legal_name}, depuis le {self.since}"


class Customer(models.Model):
    """An account that owes and pays: of a person, of an organisation, or under a name alone."""

    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+", verbose_name="lieu")
    person = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="customers", null=True, blank=True, verbose_name="personne"
    )
    organisation = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        related_name="customers",
        null=True,
        blank=True,
        verbose_name="organisation",
    )
    name = models.CharField("nom", max_length=200)
    street = models.CharField("adresse", max_length=200, blank=True)
    postal_code = models.CharField("code postal", max_length=10, blank=True)
    city = models.CharField("commune", max_length=100, blank=True)
    country = models.CharField("pays", max_length=2, default="FR")
    email = models.EmailField("courriel", blank=True)
    siret = models.CharField("Siret", max_length=14, blank=True)
    vat_number = models.CharField("numéro de TVA", max_length=20, blank=True)
    is_public = models.BooleanField("acheteur public", default=False)
    service_code = models.CharField("code service", max_length=100, blank=True)
    engagement = models.CharField("numéro d’engagement", max_length=50, blank=True)
    created_at = models.DateTimeField("ouvert le")
    created_by = models.CharField("ouvert par", max_length=120)

    class Meta:
        verbose_name = "compte client"
        verbose_name_plural = "comptes clients"
        indexes = [models.Index(fields=["place", "name"])]
        constraints = [
            models.CheckConstraint(
                condition=Q(person__isnull=True) | Q(organisation__isnull=True), name="customer_is_one_party"
            ),
            models.CheckConstraint(condition=~Q(name=""), name="customer_has_a_name"),
            models.CheckConstraint(condition=Q(is_public=False) | ~Q(siret=""), name="public_customer_has_a_siret"),
        ]

    def __str__(self) -> str:
        return self.name


class PriceList(models.Model):
    """The prices of a place from a day on; what is sold keeps the price of its day."""

    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+", verbose_name="lieu")
    title = models.CharField("titre", max_length=120)
    voted_on = models.DateField("votés le", null=True, blank=True)
    since = models.DateField("depuis le")
    created_at = models.DateTimeField("écrits le")
    created_by = models.CharField("écrits par", max_length=120)

    class Meta:
        verbose_name = "liste de prix"
        verbose_name_plural = "listes de prix"
        constraints = [models.UniqueConstraint(fields=["place", "since"], name="one_price_list_of_a_place_from_a_day")]

    def __str__(self) -> str:
        return self.title


class Price(models.Model):
    """What something costs to whom, per unit: fixed, on a scale, or free to choose."""

    price_list = models.ForeignKey(PriceList, on_delete=models.PROTECT, related_name="prices", verbose_name="liste")
    subject = models.CharField("objet", max_length=60, blank=True, help_text="space:12, formula:3, event:7")
    label = models.CharField("libellé", max_length=120)
    fee_class = models.CharField("tarif", max_length=40, blank=True)
    unit = models.CharField("unité", max_length=10)
    kind = models.CharField("genre", max_length=8, default="fixed")
    price_cents = models.PositiveIntegerField("prix, en centimes")
    low_cents = models.PositiveIntegerField("à partir de, en centimes", null=True, blank=True)
    high_cents = models.PositiveIntegerField("jusqu’à, en centimes", null=True, blank=True)
    vat = models.CharField("taux de TVA", max_length=20, default="standard")
    position = models.PositiveSmallIntegerField("rang", default=0)

    class Meta:
        verbose_name = "prix"
        verbose_name_plural = "prix"
        constraints = [
            models.UniqueConstraint(
                fields=["price_list", "subject", "label", "fee_class", "unit"], name="one_price_of_a_thing_to_a_class"
            ),
            models.CheckConstraint(
                condition=Q(unit__in=("each", "hour", "half_day", "day", "week", "month")), name="price_has_a_unit"
            ),
            models.CheckConstraint(condition=Q(kind__in=("fixed", "scale", "open")), name="price_has_a_kind"),
            models.CheckConstraint(
                condition=Q(low_cents__isnull=True) | Q(high_cents__isnull=True) | Q(low_cents__lte=F("high_cents")),
                name="price_scale_goes_up",
            ),
        ]

    def __str__(self) -> str:
        return self.label


class Draft(models.Model):
    """An invoice or a credit note being written: edited freely, gone once it is issued or thrown away."""

    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+", verbose_name="lieu")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="drafts", verbose_name="client")
    kind = models.CharField("genre", max_length=8, default="invoice")
    corrects = models.ForeignKey(
        "Invoice", on_delete=models.PROTECT, related_name="+", null=True, blank=True, verbose_name="corrige"
    )
    lines = models.JSONField("lignes", default=list, blank=True)
    note = models.CharField("mot", max_length=500, blank=True)
    delivered_from = models.DateField("du", null=True, blank=True)
    delivered_to = models.DateField("au", null=True, blank=True)
    engagement = models.CharField("numéro d’engagement", max_length=50, blank=True)
    service_code = models.CharField("code service", max_length=100, blank=True)
    created_at = models.DateTimeField("commencé le")
    created_by = models.CharField("commencé par", max_length=120)

    class Meta:
        verbose_name = "brouillon"
        verbose_name_plural = "brouillons"
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=("invoice", "deposit", "credit")), name="draft_has_a_kind"),
            models.CheckConstraint(
                condition=Q(kind="credit", corrects__isnull=False) | (~Q(kind="credit") & Q(corrects__isnull=True)),
                name="draft_credit_corrects_an_invoice",
            ),
        ]

    def __str__(self) -> str:
        return f"brouillon pour {self.customer}"


class Series(models.Model):
    """The last number of a series of a place: locked while an invoice takes the next one, in the same transaction."""

    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+", verbose_name="lieu")
    name = models.CharField("série", max_length=12)
    last_number = models.PositiveIntegerField("dernier numéro", default=0)
    last_on = models.DateField("date de la dernière", null=True, blank=True)

    class Meta:
        verbose_name = "série"
        verbose_name_plural = "séries"
        constraints = [models.UniqueConstraint(fields=["place", "name"], name="a_series_of_a_place_is_one")]

    def __str__(self) -> str:
        return self.name


class Invoice(models.Model):
    """What was issued, as it was: `canonical` is the whole of it (EN 16931), `digest` its SHA-256."""

    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+", verbose_name="lieu")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="invoices", verbose_name="client")
    kind = models.CharField("genre", max_length=8)
    series = models.CharField("série", max_length=12)
    number = models.PositiveIntegerField("numéro")
    issued_on = models.DateField("émise le")
    due_on = models.DateField("à payer avant le")
    corrects = models.ForeignKey(
        "self", on_delete=models.PROTECT, related_name="corrected_by", null=True, blank=True, verbose_name="corrige"
    )
    net_cents = models.BigIntegerField("hors taxe, en centimes")
    vat_cents = models.BigIntegerField("TVA, en centimes")
    total_cents = models.BigIntegerField("total, en centimes")
    canonical = models.TextField("contenu")
    digest = models.CharField("empreinte", max_length=64)
    key = models.CharField("clé", max_length=120, blank=True)
    issued_at = models.DateTimeField("émise à")
    issued_by = models.CharField("émise par", max_length=120)

    class Meta:
        verbose_name = "facture"
        verbose_name_plural = "factures"
        indexes = [models.Index(fields=["place", "issued_on"]), models.Index(fields=["customer", "issued_on"])]
        constraints = [
            models.UniqueConstraint(fields=["place", "series", "number"], name="a_number_of_a_series_is_given_once"),
            models.UniqueConstraint(fields=["place", "key"], condition=~Q(key=""), name="an_invoice_is_issued_once"),
            models.CheckConstraint(condition=Q(number__gt=0), name="invoice_numbers_start_at_one"),
            models.CheckConstraint(
                condition=Q(total_cents=F("net_cents") + F("vat_cents")), name="invoice_total_is_net_and_vat"
            ),
            models.CheckConstraint(condition=Q(kind__in=("invoice", "deposit", "credit")), name="invoice_has_a_kind"),
            models.CheckConstraint(condition=Q(total_cents__gte=0), name="invoice_is_never_negative"),
            models.CheckConstraint(
                condition=Q(kind="credit", corrects__isnull=False) | (~Q(kind="credit") & Q(corrects__isnull=True)),
                name="credit_corrects_an_invoice",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.series}-{self.number:05}"
