"""From idea to opening."""
