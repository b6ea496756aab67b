"""What the database refuses of money, whoever writes: a change of what was issued, a line in a closed period or out of
its chain, a receipt for what paid an invoice, an invoice paid by what got a receipt, one settled beyond its total."""

from maillage.journal.guards import Guard, written_once
from maillage.management.billing.models import WRITTEN_ONCE

CLOSED, CHAINED = "billing_entry_in_open_period", "billing_entry_follows_the_last"
COUNTERPART, GIFT = "billing_receipt_is_of_a_gift", "billing_gift_settles_nothing"
BEYOND = "billing_allocation_fits"
_IN_CLOSED = (
    'EXISTS (SELECT 1 FROM billing_closing held WHERE held.place_id = NEW.place_id AND held.ends_on >= NEW."on")'
)
_OUT_OF_CHAIN = """NEW.position <> 1 + COALESCE(
    (SELECT MAX(held.position) FROM billing_entry held WHERE held.place_id = NEW.place_id), 0)
    OR NEW.before <> COALESCE((SELECT held.digest FROM billing_entry held WHERE held.place_id = NEW.place_id
    AND held.position = NEW.position - 1), '')"""
_HAS_SETTLED = "(SELECT COALESCE(SUM(amount_cents), 0) FROM billing_allocation WHERE payment_id = NEW.payment_id) <> 0"
_IS_GIFT = "NEW.amount_cents > 0 AND EXISTS (SELECT 1 FROM billing_receipt WHERE payment_id = NEW.payment_id)"
_USED = """NEW.COLUMN IS NOT NULL AND NEW.amount_cents > 0 AND NEW.amount_cents
    + (SELECT COALESCE(SUM(amount_cents), 0) FROM billing_allocation WHERE COLUMN = NEW.COLUMN)
    > (SELECT MOST FROM TABLE WHERE id = NEW.COLUMN)"""
_GOES_BEYOND = " OR ".join(
    f"({_USED.replace('COLUMN', column).replace('MOST', most).replace('TABLE', table)})"
    for column, most, table in (
        ("invoice_id", "total_cents", "billing_invoice"),
        ("payment_id", "amount_cents", "billing_payment"),
        ("credit_id", "total_cents", "billing_invoice"),
    )
)
_TURN_OF_CUSTOMER = (
    "PERFORM 1 FROM billing_customer WHERE id = (SELECT customer_id FROM billing_invoice WHERE id = NEW.invoice_id) "
    "FOR NO KEY UPDATE; "
)


def _refusal(name: str, table: str, condition: str, turn: str = "") -> Guard:
    """A guard that, on PostgreSQL, first waits its turn: two writers would not see each other's rows."""
    return Guard(
        name,
        table,
        f"CREATE TRIGGER {name} BEFORE INSERT ON {table} BEGIN SELECT RAISE(ABORT, '{name}') WHERE {condition}; END",
        (
            f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {turn}"
            f"IF {condition} THEN RAISE EXCEPTION '{name}' USING ERRCODE = 'check_violation'; END IF; "
            "RETURN NEW; END $$",
            f"CREATE TRIGGER {name} BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()",
        ),
    )


GUARDS: tuple[Guard, ...] = (
    *(guard for model in WRITTEN_ONCE for guard in written_once(model._meta.db_table)),
    _refusal(CLOSED, "billing_entry", _IN_CLOSED),
    _refusal(CHAINED, "billing_entry", _OUT_OF_CHAIN),
    _refusal(COUNTERPART, "billing_receipt", _HAS_SETTLED),
    _refusal(GIFT, "billing_allocation", _IS_GIFT),
    _refusal(BEYOND, "billing_allocation", _GOES_BEYOND, _TURN_OF_CUSTOMER),
)
