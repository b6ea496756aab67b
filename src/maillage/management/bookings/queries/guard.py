"""Whether the database itself refuses two bookings of one unit at one time."""

from django.db import DEFAULT_DB_ALIAS, connections

CONSTRAINT = "booking_takes_a_unit_alone"
ON_POSTGRES = ("booking_parts_follow", "booking_stays_in_its_place")
ON_SQLITE = (*ON_POSTGRES, "booking_moves_in_its_place", "booking_overlap_insert", "booking_overlap_update")


class GuardMissing(RuntimeError):
    """The database would let two bookings of one unit overlap; nothing is booked until it is set again."""


def missing(using: str = DEFAULT_DB_ALIAS) -> list[str]:
    """What the guard lacks, by name; empty when it is whole."""
    connection = connections[using]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT conname FROM pg_constraint WHERE conrelid = 'bookings_booking'::regclass AND contype = 'x' "
                "UNION ALL SELECT tgname FROM pg_trigger WHERE tgrelid = 'bookings_booking'::regclass "
                "AND NOT tgisinternal AND tgenabled <> 'D'"
            )
            wanted: tuple[str, ...] = (CONSTRAINT, *ON_POSTGRES)
        else:
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'bookings_booking'")
            wanted = ON_SQLITE
        found = {name for (name,) in cursor.fetchall()}
    return [name for name in wanted if name not in found]


def require(using: str = DEFAULT_DB_ALIAS) -> None:
    """Refuse to go on without the guard; it never switches itself off."""
    lacking = missing(using)
    if lacking:
        raise GuardMissing(
            f"La garde des réservations manque dans la base ({', '.join(lacking)})\u202f: deux réservations pourraient "
            "prendre la même place. Rien n’est réservé. Lancez «\u202fmaillage migrate\u202f», qui la remet."
        )
