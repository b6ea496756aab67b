"""Addresses of databases on a PostgreSQL server."""

from urllib.parse import urlsplit


def beside(url: str, name: str) -> str:
    """The address of another database on the same server, reached in the same way.

    An address without a host is that of a local socket: its two slashes stay, or psycopg no longer reads it.

    >>> beside("postgres:///postgres", "maillage")
    'postgres:///maillage'
    >>> beside("postgres://lila:secret@127.0.0.1:5432/postgres?sslmode=disable", "maillage")
    'postgres://lila:secret@127.0.0.1:5432/maillage?sslmode=disable'
    """
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}/{name}" + (f"?{parts.query}" if parts.query else "")
