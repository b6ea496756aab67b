"""Pure decisions about places: no framework, no clock, no database."""
