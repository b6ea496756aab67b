"""OpenStreetMap: its objects, read within bounds, and what its tags say in our words."""
