"""What the team of a place does, page by page: /gerer/<place>/."""
