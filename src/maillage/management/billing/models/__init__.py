"""What is sold, what was invoiced, what was paid, and the books. Amounts are integers, in cents.

Whatever was issued is inserted once, and triggers refuse that it changes (`WRITTEN_ONCE`): a mistake is one more row.
A customer is the account of a person or an organisation, or of nobody the place knows: merging two persons moves their
accounts and touches no invoice.
"""

from django.db.models import Model

from maillage.management.billing.models.keeping import Closing, Entry, Receipt, Received
from maillage.management.billing.models.paying import (
    Allocation,
    BankLine,
    Debit,
    DebitRun,
    Hint,
    Mandate,
    Payment,
    Slip,
    SlipCheque,
)
from maillage.management.billing.models.selling import Customer, Draft, Invoice, Price, PriceList, Seller, Series

__all__ = [
    "WRITTEN_ONCE",
    "Allocation",
    "BankLine",
    "Closing",
    "Customer",
    "Debit",
    "DebitRun",
    "Draft",
    "Entry",
    "Hint",
    "Invoice",
    "Mandate",
    "Payment",
    "Price",
    "PriceList",
    "Receipt",
    "Received",
    "Seller",
    "Series",
    "Slip",
    "SlipCheque",
]

WRITTEN_ONCE: tuple[type[Model], ...] = (
    Invoice,
    Payment,
    Allocation,
    SlipCheque,
    Entry,
    Closing,
    Receipt,
    Received,
)
