"""Pure decisions about events: no framework, no database; now is given, never asked."""
