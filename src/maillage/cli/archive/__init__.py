"""The one file of a backup: a sealed zip (`container`), its tables (`tables`), one moment of the base (`moment`)."""
