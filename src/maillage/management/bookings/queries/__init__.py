"""What is read of spaces and bookings."""
