"""Shifts, cover requests, hours and handover of one place."""
