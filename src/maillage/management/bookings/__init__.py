"""Spaces, openings, availability and bookings of one place."""
