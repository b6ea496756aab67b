"""Other hosts that money passes through."""
