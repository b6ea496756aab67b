"""The guard in the database: whatever path writes a booking, two of one unit never overlap.

On PostgreSQL an exclusion constraint made by the migration refuses an overlap; on SQLite triggers do. On both, the rows
of a booking that takes several units follow the row that leads them, and a booking stays in the place of its unit.
"""

from django.db import DEFAULT_DB_ALIAS, connections

from maillage.management.bookings.models import Booking
from maillage.management.bookings.queries.guard import CONSTRAINT, ON_POSTGRES, ON_SQLITE, missing

OVERLAP = "booking_overlap"
_TAKEN = """SELECT RAISE(ABORT, 'booking_overlap') WHERE EXISTS (
    SELECT 1 FROM bookings_booking WHERE unit_id = NEW.unit_id AND status IN ('held', 'confirmed')
      AND "start" < NEW."end" AND "end" > NEW."start"{other});"""
_ELSEWHERE = """NOT EXISTS (SELECT 1 FROM bookings_unit u JOIN bookings_space s ON s.id = u.space_id
    JOIN bookings_space b ON b.id = NEW.space_id
    WHERE u.id = NEW.unit_id AND s.place_id = NEW.place_id AND b.place_id = NEW.place_id)"""
_FOLLOW = """UPDATE bookings_booking
    SET "start" = NEW."start", "end" = NEW."end", status = NEW.status, expires_at = NEW.expires_at
    WHERE part_of_id = NEW.id"""

SQLITE = (
    f"""CREATE TRIGGER booking_overlap_insert BEFORE INSERT ON bookings_booking
    WHEN NEW.status IN ('held', 'confirmed') BEGIN {_TAKEN.format(other="")} END""",
    f"""CREATE TRIGGER booking_overlap_update BEFORE UPDATE OF unit_id, "start", "end", status ON bookings_booking
    WHEN NEW.status IN ('held', 'confirmed') BEGIN {_TAKEN.format(other=" AND id <> NEW.id")} END""",
    f"""CREATE TRIGGER booking_parts_follow AFTER UPDATE OF "start", "end", status, expires_at ON bookings_booking
    WHEN NEW.part_of_id IS NULL BEGIN {_FOLLOW}; END""",
    f"""CREATE TRIGGER booking_stays_in_its_place BEFORE INSERT ON bookings_booking
    WHEN {_ELSEWHERE} BEGIN SELECT RAISE(ABORT, 'booking_elsewhere'); END""",
    f"""CREATE TRIGGER booking_moves_in_its_place BEFORE UPDATE OF unit_id, space_id, place_id ON bookings_booking
    WHEN {_ELSEWHERE} BEGIN SELECT RAISE(ABORT, 'booking_elsewhere'); END""",
)
POSTGRES = (
    f"""CREATE OR REPLACE FUNCTION booking_parts_follow() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN {_FOLLOW}; RETURN NULL; END $$""",
    """CREATE TRIGGER booking_parts_follow AFTER UPDATE OF "start", "end", status, expires_at ON bookings_booking
    FOR EACH ROW WHEN (NEW.part_of_id IS NULL) EXECUTE FUNCTION booking_parts_follow()""",
    f"""CREATE OR REPLACE FUNCTION booking_stays_in_its_place() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN IF {_ELSEWHERE} THEN RAISE EXCEPTION 'booking_elsewhere' USING ERRCODE = 'check_violation'; END IF;
    RETURN NEW; END $$""",
    """CREATE TRIGGER booking_stays_in_its_place BEFORE INSERT OR UPDATE OF unit_id, space_id, place_id
    ON bookings_booking FOR EACH ROW EXECUTE FUNCTION booking_stays_in_its_place()""",
)


def install(*, using: str = DEFAULT_DB_ALIAS) -> None:
    """Set the guard again, whatever stood there; without the table there is nothing to guard yet."""
    connection = connections[using]
    with connection.cursor() as cursor:
        if "bookings_booking" not in connection.introspection.table_names(cursor):
            return
        is_postgres = connection.vendor == "postgresql"
        for name in ON_POSTGRES if is_postgres else ON_SQLITE:
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}" + (" ON bookings_booking" if is_postgres else ""))
        for statement in POSTGRES if is_postgres else SQLITE:
            cursor.execute(statement)
    if CONSTRAINT in missing(using):
        constraint = next(one for one in Booking._meta.constraints if one.name == CONSTRAINT)
        with connection.schema_editor() as editor:
            editor.add_constraint(Booking, constraint)
