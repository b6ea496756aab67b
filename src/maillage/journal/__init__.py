"""What every room writes down: who did what, when, in the same transaction as the change."""
