"""Maillage: common tools of management and mapping for tiers-lieux, national and open source."""

__version__ = "0.1.0"
