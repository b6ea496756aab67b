"""Pure decisions about bookings: no framework, no database; now is given, never asked."""
