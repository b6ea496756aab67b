"""Counters with their definitions, and dated snapshots of them."""
