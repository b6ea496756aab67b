"""Pure decisions about territories: names, codes, projections."""
