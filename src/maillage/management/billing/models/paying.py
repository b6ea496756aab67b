"""What was paid and what it settled; cheques, the bank, direct debits, and what providers tell."""

from django.db import models
from django.db.models import Q

from maillage.management.billing.models.selling import Customer, Invoice
from maillage.places.models import Place


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
    """A deposit slip: the cheques brought to the bank on one day, and when the bank had them."""

    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+", verbose_name="lieu")
    number = models.PositiveIntegerField("numéro")
    made_on = models.DateField("fait le")
    made_at = models.DateTimeField("fait à")
    made_by = models.CharField("fait par", max_length=120)
    banked_on = models.DateField("crédité le", null=True, blank=True)
    banked_at = models.DateTimeField("dit crédité à", null=True, blank=True)
    banked_by = models.CharField("dit crédité par", max_length=120, blank=True)

    class Meta:
        verbose_name = "bordereau de remise"
        verbose_name_plural = "bordereaux de remise"
        constraints = [
            models.UniqueConstraint(fields=["place", "number"], name="a_slip_of_a_place_has_its_number"),
            models.CheckConstraint(
                condition=Q(banked_on__isnull=True, banked_at__isnull=True)
                | Q(banked_on__isnull=False, banked_at__isnull=False),
                name="a_slip_is_banked_on_a_day",
            ),
        ]

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
