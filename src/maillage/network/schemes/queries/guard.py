"""What the database refuses of schemes: more than the budget, an undone half-day paid, a rewritten statement.

On PostgreSQL each waits for its turn at the scheme, or at the pass: two writers do not see each other's rows.
"""

from maillage.journal.guards import Guard, written_once

ISSUE, SCHEME, LINE, REDEMPTION = "schemes_issue", "schemes_scheme", "schemes_statementline", "schemes_redemption"
BUDGET, GIVEN_BACK = "schemes_budget_holds", "schemes_freed_once"
LOWERED, PRICED = "schemes_budget_stays", "schemes_price_stays"
UNDONE = "schemes_undone_unpaid"
_TAKEN = "(SELECT COALESCE(SUM(cents - freed_cents), 0) FROM schemes_issue WHERE scheme_id = {scheme})"
_BUDGET = "(SELECT budget_cents FROM schemes_scheme WHERE id = NEW.scheme_id)"
_OVER = f"{_TAKEN.format(scheme='NEW.scheme_id')} + NEW.cents - NEW.freed_cents > {_BUDGET}"
_UNDONE = """EXISTS (SELECT 1 FROM schemes_redemption r JOIN passes_movement m ON m.undoes_id = r.movement_id
    WHERE r.id = NEW.redemption_id AND m.kind = 'restored')"""
_TURN_AT_SCHEME = "PERFORM 1 FROM schemes_scheme WHERE id = NEW.scheme_id FOR NO KEY UPDATE; "
_TURN_IN_LEDGER = (
    "PERFORM 1 FROM passes_pass WHERE id IN (SELECT i.pass_id FROM schemes_issue i JOIN schemes_redemption r "
    "ON r.issue_id = i.id WHERE r.id = NEW.redemption_id) FOR NO KEY UPDATE; "
)


def refusal(name: str, table: str, act: str, condition: str, *, when: str = "", turn: str = "") -> Guard:
    """A guard that refuses an act where a condition holds; `turn` is what PostgreSQL waits for first."""
    on_sqlite, on_postgres = (f"WHEN {when} ", f"WHEN ({when}) ") if when else ("", "")
    return Guard(
        name,
        table,
        f"CREATE TRIGGER {name} BEFORE {act} ON {table} {on_sqlite}"
        f"BEGIN SELECT RAISE(ABORT, '{name}') WHERE {condition}; END",
        (
            f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {turn}"
            f"IF {condition} THEN RAISE EXCEPTION '{name}' USING ERRCODE = 'check_violation'; END IF; "
            "RETURN NEW; END $$",
            f"CREATE TRIGGER {name} BEFORE {act} ON {table} FOR EACH ROW {on_postgres}EXECUTE FUNCTION {name}()",
        ),
    )


_SAME = "NEW.scheme_id = OLD.scheme_id AND NEW.pass_id = OLD.pass_id AND NEW.cents = OLD.cents"
_TERMS = "NEW.price_cents <> OLD.price_cents OR NEW.halves <> OLD.halves"
GUARDS: tuple[Guard, ...] = (
    *written_once(REDEMPTION),
    *written_once("schemes_statement"),
    *written_once(LINE),
    refusal(BUDGET, ISSUE, "INSERT", _OVER, turn=_TURN_AT_SCHEME),
    refusal(GIVEN_BACK, ISSUE, "UPDATE", f"NOT ({_SAME}) OR NEW.freed_cents < OLD.freed_cents"),
    refusal(LOWERED, SCHEME, "UPDATE", f"{_TAKEN.format(scheme='NEW.id')} > NEW.budget_cents"),
    refusal(PRICED, SCHEME, "UPDATE", "EXISTS (SELECT 1 FROM schemes_issue WHERE scheme_id = NEW.id)", when=_TERMS),
    refusal(UNDONE, LINE, "INSERT", _UNDONE, turn=_TURN_IN_LEDGER),
)
