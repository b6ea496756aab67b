"""What is kept: the books and their closings, receipts for gifts, invoices received."""

from django.db import models
from django.db.models import F, Q

from maillage.management.billing.models.paying import Payment
from maillage.management.billing.models.selling import Customer
from maillage.places.models import Place


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
