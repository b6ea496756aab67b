"""Persons, organisations and memberships of one place: never of two."""
