"""Pure decisions of the observatory: what a counter means, how its answer is told."""
