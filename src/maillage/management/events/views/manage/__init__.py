"""The pages of the programme for the team of a place."""
