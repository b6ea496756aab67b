"""Pure decisions of the diagnosis."""
