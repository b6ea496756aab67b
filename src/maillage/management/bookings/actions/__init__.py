"""What is written of spaces and bookings: one door, `reserve`, and a guard in the database behind it."""
