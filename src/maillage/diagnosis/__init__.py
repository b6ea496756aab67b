"""Where a place is lacking, and whether it would be useful or not."""
