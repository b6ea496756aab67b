"""What the database refuses of roaming: a half-day outside the terms, terms that change, a bill that is not its days.

On PostgreSQL a visit waits for its turn at both places of the agreement, a line at the pass that was used.
"""

from maillage.journal.guards import Guard, refuses, written_once
from maillage.network.schemes.queries.guard import refusal

PLACE, VISIT = "schemes_roamingplace", "schemes_roamingvisit"
BILL, LINE = "schemes_roamingbill", "schemes_roamingline"
TERMS, WINDOW = "schemes_roaming_terms", "schemes_roaming_window"
ACCEPTED, LINED = "schemes_roaming_accepted", "schemes_roaming_lined"
_IN = """(SELECT COUNT(*) FROM schemes_roamingplace p WHERE p.agreement_id = NEW.agreement_id
    AND p.place_id IN (NEW.host_id, NEW.home_id) AND p.first_day <= NEW.day
    AND (p.last_day IS NULL OR p.last_day >= NEW.day)) = 2"""
_AGREED = """EXISTS (SELECT 1 FROM schemes_roaming a WHERE a.id = NEW.agreement_id AND a.starts_on <= NEW.day
    AND a.price_cents = NEW.price_cents)"""
_USED = """EXISTS (SELECT 1 FROM passes_movement m JOIN passes_pass c ON c.id = m.pass_id
    JOIN passes_formula f ON f.id = c.formula_id WHERE m.id = NEW.movement_id AND m.kind = 'redeemed'
    AND m.place_id = NEW.host_id AND m.day = NEW.day AND c.place_id = NEW.home_id AND c.kind <> 'funded'
    AND f.place_id = NEW.home_id AND f.is_roaming)"""
_OUT = """EXISTS (SELECT 1 FROM schemes_roamingvisit v WHERE v.agreement_id = NEW.agreement_id
    AND NEW.place_id IN (v.host_id, v.home_id)
    AND (NEW.first_day IS NULL OR v.day < NEW.first_day OR v.day > COALESCE(NEW.last_day, v.day)))"""
_SAME_PLACE = "NEW.agreement_id = OLD.agreement_id AND NEW.place_id = OLD.place_id"
_SAME_BILL = " AND ".join(
    f"NEW.{name} = OLD.{name}"
    for name in (
        *("agreement_id", "month", "host_id", "home_id", "halves", "price_cents", "total_cents", "invoice_id"),
        *("signed_at", "signed_by"),
    )
)
_OF_THE_BILL = """EXISTS (SELECT 1 FROM schemes_roamingvisit v JOIN schemes_roamingbill b ON b.id = NEW.bill_id
    WHERE v.id = NEW.visit_id AND v.agreement_id = b.agreement_id AND v.host_id = b.host_id AND v.home_id = b.home_id
    AND v.price_cents = b.price_cents AND SUBSTR(CAST(v.day AS VARCHAR(10)), 1, 7) = b.month
    AND (SELECT COUNT(*) FROM schemes_roamingline l WHERE l.bill_id = b.id) < b.halves)"""
_UNDONE = """EXISTS (SELECT 1 FROM schemes_roamingvisit v JOIN passes_movement m ON m.undoes_id = v.movement_id
    WHERE v.id = NEW.visit_id AND m.kind = 'restored')"""
_TURN_OF_PLACES = (
    "PERFORM 1 FROM schemes_roamingplace WHERE agreement_id = NEW.agreement_id "
    "AND place_id IN (NEW.host_id, NEW.home_id) ORDER BY id FOR NO KEY UPDATE; "
)
_TURN_IN_LEDGER = (
    "PERFORM 1 FROM passes_pass WHERE id IN (SELECT m.pass_id FROM passes_movement m JOIN schemes_roamingvisit v "
    "ON v.movement_id = m.id WHERE v.id = NEW.visit_id) FOR NO KEY UPDATE; "
)

GUARDS: tuple[Guard, ...] = (
    *written_once("schemes_roaming"),
    *written_once(VISIT),
    *written_once(LINE),
    refuses(f"{PLACE}_stays_delete", PLACE, "DELETE"),
    refuses(f"{BILL}_stays_delete", BILL, "DELETE"),
    refusal(TERMS, VISIT, "INSERT", f"NOT ({_IN} AND {_AGREED} AND {_USED})", turn=_TURN_OF_PLACES),
    refusal(WINDOW, PLACE, "UPDATE", f"NOT ({_SAME_PLACE}) OR {_OUT}"),
    refusal(ACCEPTED, BILL, "UPDATE", f"NOT ({_SAME_BILL}) OR OLD.accepted_at IS NOT NULL OR NEW.accepted_at IS NULL"),
    refusal(LINED, LINE, "INSERT", f"NOT {_OF_THE_BILL} OR {_UNDONE}", turn=_TURN_IN_LEDGER),
)
