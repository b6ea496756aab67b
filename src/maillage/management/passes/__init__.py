"""Carnets, allowances and passes: one append-only ledger."""
