"""Persons, organisations and memberships of one place (payer ≠ person ≠ login)."""
