"""The « tiers-lieux » schema: one definition, and all that is made from it."""
