"""Running one place."""
