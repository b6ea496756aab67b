"""Discovery-pass schemes of a funder over several places."""
