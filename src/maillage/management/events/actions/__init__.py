"""What is written of the programme: sessions, registrations, attendance."""
