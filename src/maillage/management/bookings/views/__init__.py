"""The pages of spaces and bookings."""
