"""Bodies, colleges, proposals, decisions and commitments of one place."""
