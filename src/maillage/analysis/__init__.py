"""Pure functions on arrays: numbers in, numbers out, no framework, no database."""
