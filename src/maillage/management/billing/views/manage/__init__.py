"""The pages of money for who runs a place."""
