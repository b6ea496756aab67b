"""Pure decisions about exchanged files: bounds, reading, translation, reports. No framework, no clock, no database."""
