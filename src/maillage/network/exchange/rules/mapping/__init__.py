"""Which column of an unknown file tells which field of ours: proposed, written down, then followed row by row."""
