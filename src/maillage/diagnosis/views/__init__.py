"""Pages of a diagnosis: what was asked is read, the diagnosis is drawn and told in words."""
