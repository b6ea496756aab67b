"""The operator's administration: who has accounts and roles, what waits, what happened."""

from maillage.accounts.admin import engine, journal, people

__all__ = ["engine", "journal", "people"]
