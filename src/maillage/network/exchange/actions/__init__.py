"""Everything that brings files of places into the registry."""

from maillage.network.exchange.actions.importing import import_file, read_bytes

__all__ = ["import_file", "read_bytes"]
