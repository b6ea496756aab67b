"""Pages of open data: the schema, the validator, what may be taken."""
