"""The pages of a place's persons, under /gerer/<place>/personnes/: for its own team and nobody else."""
