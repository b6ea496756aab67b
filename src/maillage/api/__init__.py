"""Machine-readable faces: downloads, feeds, health."""
