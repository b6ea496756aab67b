"""What is sold, what was invoiced, what was paid, and the books. Amounts are integers, in cents.

Whatever was issued is inserted once, and triggers refuse that it changes (`WRITTEN_ONCE`): a mistake is one more row.
A customer is the account of a person or an organisation, or of nobody the place knows: merging two persons moves their
accounts and touches no invoice.
"""

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
    key = models.CharField("clé", max_length=120, blank=True)
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
            models.UniqueConstraint(fields=["place", "key"], condition=~Q(key=""), name="a_draft_is_begun_once"),
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


class Payment(models.Model):
    """Money that came in, or went back (a negative amount); a mistake is undone by another row."""

    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+", verbose_name="lieu")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="payments", verbose_name="client")
    method = models.CharField("moyen", max_length=10)
    amount_cents = models.BigIntegerField("montant, en centimes")
    received_on = models.DateField("reçu le")
    reference = models.CharField("référence", max_length=120, blank=True)
    provider = models.CharField("prestataire", max_length=20, blank=True)
    provider_ref = models.CharField("numéro chez le prestataire", max_length=120, blank=True)
    undoes = models.OneToOneField(
        "self", on_delete=models.PROTECT, related_name="undone_by", null=True, blank=True, verbose_name="annule"
    )
    key = models.CharField("clé", max_length=120)
    recorded_at = models.DateTimeField("noté à")
    recorded_by = models.CharField("noté par", max_length=120)

    class Meta:
        verbose_name = "encaissement"
        verbose_name_plural = "encaissements"
        indexes = [models.Index(fields=["place", "received_on"]), models.Index(fields=["customer", "received_on"])]
        constraints = [
            models.UniqueConstraint(fields=["place", "key"], name="a_payment_is_recorded_once"),
            models.UniqueConstraint(
                fields=["place", "provider", "provider_ref"],
                condition=~Q(provider=""),
                name="a_provider_pays_once",
            ),
            models.CheckConstraint(condition=~Q(amount_cents=0), name="payment_is_not_nothing"),
            models.CheckConstraint(
                condition=Q(method__in=("cash", "cheque", "transfer", "card", "helloasso", "debit", "other")),
                name="payment_has_a_method",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount_cents} c, {self.received_on}"


class Allocation(models.Model):
    """A part of a payment, or of a credit note, that settles an invoice; taken back by a negative one."""

    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="allocations", verbose_name="facture")
    payment = models.ForeignKey(
        Payment,
        on_delete=models.PROTECT,
        related_name="allocations",
        null=True,
        blank=True,
        verbose_name="encaissement",
    )
    credit = models.ForeignKey(
        Invoice, on_delete=models.PROTECT, related_name="settles", null=True, blank=True, verbose_name="avoir"
    )
    amount_cents = models.BigIntegerField("montant, en centimes")
    at = models.DateTimeField("à")
    by = models.CharField("par", max_length=120)

    class Meta:
        verbose_name = "affectation"
        verbose_name_plural = "affectations"
        constraints = [
            models.CheckConstraint(
                condition=Q(payment__isnull=False, credit__isnull=True) | Q(payment__isnull=True, credit__isnull=False),
                name="allocation_is_of_one_thing",
            ),
            models.CheckConstraint(condition=~Q(amount_cents=0), name="allocation_is_not_nothing"),
        ]

    def __str__(self) -> str:
        return f"{self.amount_cents} c"


class Slip(models.Model):
    """A deposit slip: the cheques brought to the bank on one day."""

    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+", verbose_name="lieu")
    number = models.PositiveIntegerField("numéro")
    made_on = models.DateField("fait le")
    made_at = models.DateTimeField("fait à")
    made_by = models.CharField("fait par", max_length=120)

    class Meta:
        verbose_name = "bordereau de remise"
        verbose_name_plural = "bordereaux de remise"
        constraints = [models.UniqueConstraint(fields=["place", "number"], name="a_slip_of_a_place_has_its_number")]

    def __str__(self) -> str:
        return f"remise {self.number}"


class SlipCheque(models.Model):
    """A cheque on its slip: brought once."""

    slip = models.ForeignKey(Slip, on_delete=models.PROTECT, related_name="cheques", verbose_name="bordereau")
    payment = models.OneToOneField(Payment, on_delete=models.PROTECT, related_name="on_slip", verbose_name="chèque")

    class Meta:
        verbose_name = "chèque remis"
        verbose_name_plural = "chèques remis"

    def __str__(self) -> str:
        return f"{self.payment} sur {self.slip}"


class BankLine(models.Model):
    """A line of the bank's statement, read once; matched to the payment that it is, or set aside."""

    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+", verbose_name="lieu")
    booked_on = models.DateField("date")
    label = models.CharField("libellé", max_length=300)
    amount_cents = models.BigIntegerField("montant, en centimes")
    digest = models.CharField("empreinte", max_length=64)
    payment = models.OneToOneField(
        Payment, on_delete=models.PROTECT, related_name="bank_line", null=True, blank=True, verbose_name="encaissement"
    )
    is_aside = models.BooleanField("mise de côté", default=False)
    read_at = models.DateTimeField("lue le")
    read_by = models.CharField("lue par", max_length=120)

    class Meta:
        verbose_name = "ligne de la banque"
        verbose_name_plural = "lignes de la banque"
        constraints = [models.UniqueConstraint(fields=["place", "digest"], name="a_bank_line_is_read_once")]

    def __str__(self) -> str:
        return self.label


class Entry(models.Model):
    """A line of the books. Each holds the digest of the one before: one byte changed breaks the chain there."""

    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+", verbose_name="lieu")
    position = models.PositiveIntegerField("rang")
    journal = models.CharField("journal", max_length=4)
    writing = models.PositiveIntegerField("écriture", help_text="les lignes d’une écriture, égales en débit et crédit")
    on = models.DateField("date")
    account = models.CharField("compte", max_length=12)
    account_label = models.CharField("libellé du compte", max_length=100)
    auxiliary = models.CharField("compte auxiliaire", max_length=20, blank=True)
    auxiliary_label = models.CharField("libellé auxiliaire", max_length=200, blank=True)
    piece = models.CharField("pièce", max_length=40)
    piece_on = models.DateField("date de la pièce")
    label = models.CharField("libellé", max_length=200)
    debit_cents = models.BigIntegerField("débit, en centimes", default=0)
    credit_cents = models.BigIntegerField("crédit, en centimes", default=0)
    written_at = models.DateTimeField("écrite à")
    written_by = models.CharField("écrite par", max_length=120)
    seal = models.CharField("empreinte de la pièce", max_length=64, blank=True)
    before = models.CharField("empreinte d’avant", max_length=64, blank=True)
    digest = models.CharField("empreinte", max_length=64)

    class Meta:
        verbose_name = "ligne d’écriture"
        verbose_name_plural = "lignes d’écritures"
        indexes = [models.Index(fields=["place", "on"]), models.Index(fields=["place", "writing"])]
        constraints = [
            models.UniqueConstraint(fields=["place", "position"], name="an_entry_has_its_rank"),
            models.UniqueConstraint(fields=["place", "before"], name="an_entry_follows_one"),
            models.CheckConstraint(
                condition=Q(debit_cents=0, credit_cents__gt=0) | Q(debit_cents__gt=0, credit_cents=0),
                name="entry_is_debit_or_credit",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.position} {self.account} {self.label}"


class Closing(models.Model):
    """A period that is closed: nothing is written into it any more; its totals and the end of the chain are kept."""

    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+", verbose_name="lieu")
    period = models.CharField("période", max_length=5)
    starts_on = models.DateField("du")
    ends_on = models.DateField("au")
    last_position = models.PositiveIntegerField("dernier rang")
    debit_cents = models.BigIntegerField("débits, en centimes")
    credit_cents = models.BigIntegerField("crédits, en centimes")
    chain = models.CharField("empreinte de la dernière ligne", max_length=64, blank=True)
    before = models.CharField("empreinte de la clôture d’avant", max_length=64, blank=True)
    digest = models.CharField("empreinte", max_length=64)
    closed_at = models.DateTimeField("close à")
    closed_by = models.CharField("close par", max_length=120)

    class Meta:
        verbose_name = "clôture"
        verbose_name_plural = "clôtures"
        constraints = [
            models.UniqueConstraint(fields=["place", "period", "starts_on"], name="a_period_is_closed_once"),
            models.CheckConstraint(condition=Q(period__in=("day", "month", "year")), name="closing_has_a_period"),
            models.CheckConstraint(condition=Q(debit_cents=F("credit_cents")), name="closing_is_balanced"),
        ]

    def __str__(self) -> str:
        return f"{self.starts_on} – {self.ends_on}"


class Receipt(models.Model):
    """A receipt for a gift (Cerfa 11580), numbered without gaps: refused for whatever had a counterpart."""

    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+", verbose_name="lieu")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="receipts", verbose_name="donateur")
    payment = models.OneToOneField(
        Payment, on_delete=models.PROTECT, related_name="receipt", null=True, blank=True, verbose_name="encaissement"
    )
    series = models.CharField("série", max_length=12)
    number = models.PositiveIntegerField("numéro d’ordre")
    amount_cents = models.PositiveBigIntegerField("montant, en centimes")
    given_on = models.DateField("donné le")
    canonical = models.TextField("contenu")
    digest = models.CharField("empreinte", max_length=64)
    issued_at = models.DateTimeField("émis à")
    issued_by = models.CharField("émis par", max_length=120)

    class Meta:
        verbose_name = "reçu de don"
        verbose_name_plural = "reçus de dons"
        constraints = [
            models.UniqueConstraint(fields=["place", "series", "number"], name="a_receipt_has_its_order_number"),
            models.CheckConstraint(condition=Q(amount_cents__gt=0), name="receipt_is_of_something"),
        ]

    def __str__(self) -> str:
        return f"{self.series}-{self.number:05}"


class Received(models.Model):
    """An e-invoice that came from a supplier, as it came."""

    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+", verbose_name="lieu")
    supplier = models.CharField("fournisseur", max_length=200)
    supplier_siret = models.CharField("Siret du fournisseur", max_length=14, blank=True)
    number = models.CharField("numéro", max_length=60)
    issued_on = models.DateField("émise le")
    total_cents = models.BigIntegerField("total, en centimes")
    xml = models.TextField("contenu")
    digest = models.CharField("empreinte", max_length=64)
    filed_at = models.DateTimeField("rangée à")
    filed_by = models.CharField("rangée par", max_length=120)

    class Meta:
        verbose_name = "facture reçue"
        verbose_name_plural = "factures reçues"
        constraints = [models.UniqueConstraint(fields=["place", "digest"], name="a_received_invoice_is_filed_once")]

    def __str__(self) -> str:
        return f"{self.supplier}, {self.number}"


class Mandate(models.Model):
    """What lets a place draw a direct debit from somebody's account, until it is withdrawn."""

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="mandates", verbose_name="client")
    reference = models.CharField("référence unique", max_length=35)
    holder = models.CharField("titulaire", max_length=70)
    iban = models.CharField("IBAN", max_length=34)
    bic = models.CharField("BIC", max_length=11, blank=True)
    signed_on = models.DateField("signé le")
    ended_on = models.DateField("retiré le", null=True, blank=True)
    created_at = models.DateTimeField("noté le")
    created_by = models.CharField("noté par", max_length=120)

    class Meta:
        verbose_name = "mandat de prélèvement"
        verbose_name_plural = "mandats de prélèvement"
        constraints = [models.UniqueConstraint(fields=["customer", "reference"], name="a_mandate_has_its_reference")]

    def __str__(self) -> str:
        return self.reference


class DebitRun(models.Model):
    """A file of direct debits, as it was given to the bank, until the bank has paid it."""

    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+", verbose_name="lieu")
    number = models.PositiveIntegerField("numéro")
    key = models.CharField("clé", max_length=120)
    collect_on = models.DateField("à prélever le")
    xml = models.TextField("contenu")
    made_at = models.DateTimeField("fait à")
    made_by = models.CharField("fait par", max_length=120)
    ended_at = models.DateTimeField("réglé ou abandonné à", null=True, blank=True)
    ended_by = models.CharField("réglé ou abandonné par", max_length=120, blank=True)

    class Meta:
        verbose_name = "fichier de prélèvements"
        verbose_name_plural = "fichiers de prélèvements"
        constraints = [
            models.UniqueConstraint(fields=["place", "number"], name="a_debit_run_of_a_place_has_its_number"),
            models.UniqueConstraint(fields=["place", "key"], name="a_debit_run_is_made_once"),
        ]

    def __str__(self) -> str:
        return f"prélèvements {self.number}"


class Debit(models.Model):
    """What of an invoice a file of debits asks for, under which mandate; the payment once the bank has paid."""

    run = models.ForeignKey(DebitRun, on_delete=models.PROTECT, related_name="debits", verbose_name="fichier")
    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="debits", verbose_name="facture")
    mandate = models.ForeignKey("Mandate", on_delete=models.PROTECT, related_name="debits", verbose_name="mandat")
    amount_cents = models.PositiveBigIntegerField("montant, en centimes")
    payment = models.OneToOneField(
        Payment, on_delete=models.PROTECT, related_name="debit", null=True, blank=True, verbose_name="encaissement"
    )

    class Meta:
        verbose_name = "prélèvement"
        verbose_name_plural = "prélèvements"
        constraints = [
            models.UniqueConstraint(fields=["run", "invoice"], name="a_run_debits_an_invoice_once"),
            models.CheckConstraint(condition=Q(amount_cents__gt=0), name="debit_is_of_something"),
        ]

    def __str__(self) -> str:
        return f"{self.amount_cents} c, {self.run}"


class Hint(models.Model):
    """A provider's webhook: a hint, asked again of the provider before anything is believed."""

    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+", verbose_name="lieu")
    provider = models.CharField("prestataire", max_length=20)
    reference = models.CharField("numéro chez le prestataire", max_length=120)
    outcome = models.CharField("ce qui en fut", max_length=20)
    times = models.PositiveIntegerField("fois", default=1)
    seen_at = models.DateTimeField("vu le")

    class Meta:
        verbose_name = "avis d’un prestataire"
        verbose_name_plural = "avis de prestataires"
        constraints = [models.UniqueConstraint(fields=["place", "provider", "reference"], name="a_hint_is_one")]

    def __str__(self) -> str:
        return f"{self.provider} {self.reference}"


WRITTEN_ONCE: tuple[type[models.Model], ...] = (
    Invoice,
    Payment,
    Allocation,
    SlipCheque,
    Entry,
    Closing,
    Receipt,
    Received,
)
