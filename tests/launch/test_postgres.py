"""Addresses that psycopg and Django still read once another database is named."""

from pathlib import Path

import psycopg.conninfo
import pytest
from scripts.launch.postgres import beside

from maillage.config.settings import database


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("postgres:///postgres", {"dbname": "ours"}),
        ("postgresql:///postgres?host=/var/run/postgresql", {"dbname": "ours", "host": "/var/run/postgresql"}),
        ("postgres://nadine@127.0.0.1/x", {"dbname": "ours", "host": "127.0.0.1", "user": "nadine"}),
        (
            "postgres://nadine:mot%20de%20passe@[::1]:5433/x",
            {"dbname": "ours", "host": "::1", "port": "5433", "user": "nadine", "password": "mot de passe"},
        ),
        ("postgres://127.0.0.1", {"dbname": "ours", "host": "127.0.0.1"}),
    ],
)
def test_the_same_server_is_reached_at_the_other_database(url: str, told: dict[str, str]):
    other = beside(url, "ours")
    assert psycopg.conninfo.conninfo_to_dict(other) == told
    assert database(other, Path())["NAME"] == "ours"
