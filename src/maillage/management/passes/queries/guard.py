"""What the database refuses of the ledger: a movement changed or taken out, a balance below zero, a half-day twice,
a movement that undoes another than its own."""

from maillage.journal.guards import Guard, written_once

MOVEMENT = "passes_movement"
BALANCE, TWICE, UNDONE = "passes_balance_stays", "passes_half_day_once", "passes_undoes_its_own"
_BELOW = "(SELECT COALESCE(SUM(amount), 0) FROM passes_movement WHERE pass_id = NEW.pass_id) + NEW.amount < 0"
_TWICE = """(SELECT COALESCE(SUM(CASE kind WHEN 'redeemed' THEN 1 ELSE -1 END), 0) FROM passes_movement
    WHERE pass_id = NEW.pass_id AND day = NEW.day AND half = NEW.half AND kind IN ('redeemed', 'restored')) > 0"""
_NOT_ITS_OWN = """NOT EXISTS (SELECT 1 FROM passes_movement done WHERE done.id = NEW.undoes_id
    AND done.pass_id = NEW.pass_id AND done.half = NEW.half
    AND COALESCE(done.day, '0001-01-01') = COALESCE(NEW.day, '0001-01-01')
    AND done.kind = CASE NEW.kind WHEN 'released' THEN 'held' ELSE 'redeemed' END
    AND (NEW.kind = 'reimbursed' OR done.amount = -NEW.amount))"""
_SPENDS_A_HALF_DAY = "NEW.kind = 'redeemed' AND NEW.half <> ''"


def _refusal(name: str, when: str, condition: str) -> Guard:
    """A guard that waits its turn at the pass on PostgreSQL, where two writers would not see each other's movements."""
    return Guard(
        name,
        MOVEMENT,
        f"CREATE TRIGGER {name} BEFORE INSERT ON {MOVEMENT} WHEN {when} "
        f"BEGIN SELECT RAISE(ABORT, '{name}') WHERE {condition}; END",
        (
            f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            "PERFORM 1 FROM passes_pass WHERE id = NEW.pass_id FOR NO KEY UPDATE; "
            f"IF {condition} THEN RAISE EXCEPTION '{name}' USING ERRCODE = 'check_violation'; END IF; "
            "RETURN NEW; END $$",
            f"CREATE TRIGGER {name} BEFORE INSERT ON {MOVEMENT} FOR EACH ROW WHEN ({when}) EXECUTE FUNCTION {name}()",
        ),
    )


GUARDS: tuple[Guard, ...] = (
    *written_once(MOVEMENT),
    _refusal(BALANCE, "NEW.amount < 0", _BELOW),
    _refusal(TWICE, _SPENDS_A_HALF_DAY, _TWICE),
    _refusal(UNDONE, "NEW.undoes_id IS NOT NULL", _NOT_ITS_OWN),
)
