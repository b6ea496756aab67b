"""The pages of one's own account, and the door by which invited people come in."""
