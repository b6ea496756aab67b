"""The server of a race without its guard, to show that the race sees what it looks for: nothing holds a booking back.

It serves only a throw-away home of the bench; no setting of the site does this.
"""

import sys

from bench.venue import MARK


def main() -> int:
    import django

    django.setup()
    from django.conf import settings

    if not (settings.HOME / MARK).exists():
        raise SystemExit("This home is not one of the bench: it is served with its guard, or not at all.")
    from bench.race import blind
    from maillage.cli import main as program
    from maillage.journal import actions as journal
    from maillage.management.bookings.actions import receiving, reserving, visiting

    blind()
    for module in (visiting, receiving):
        for name in ("lock", "reserve", "reserve_all", "confirm"):
            if hasattr(module, name):
                setattr(module, name, getattr(reserving, name))
    for module, names in ((visiting, ("book", "take_offer")), (receiving, ("book_for",)), (journal, ("once",))):
        for name in names:
            setattr(module, name, getattr(module, name).__wrapped__)
    return program.main()


if __name__ == "__main__":
    sys.exit(main())
