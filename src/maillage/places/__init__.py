"""What exists: the registry of places, its sources, its history, its search."""
