"""Formats, sources and imports: how places come in and go out."""
