"""What a network decides, as pure functions."""
