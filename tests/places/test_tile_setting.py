"""The layer under the map goes into the content policy: what is not plainly an address or a file is refused."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maillage.config.settings import content_policy
from maillage.places.rules.tile_layers import host_of, refusal

GOOD = (
    "",
    "fond.pmtiles",
    "fonds/france-2026.pmtiles",
    "/srv/fond de carte/france.pmtiles",
    "https://tiles.example.org/{z}/{x}/{y}.png?key=abc&style=a",
    "http://127.0.0.1:8080/fond.pmtiles",
)
BAD = (
    "https://{s}.tile.openstreetmap.org/{z}/{x}/{y}.png",
    "https://x.example; script-src *//{z}/{x}/{y}",
    "https://x.example/{z}/{x}/{y}; script-src *",
    "https://user:pass@x.example/{z}/{x}/{y}.png",
    "https://x.example/{z}/{x}.png",
    "https://x.example",
    "https://x.example:port/{z}/{x}/{y}.png",
    "https://[::1]/{z}/{x}/{y}.png",
    "//x.example/{z}/{x}/{y}.png",
    "//x.example/fond.pmtiles",
    "ftp://x.example/fond.pmtiles",
    "javascript:alert(1)",
    "FOND.PMTILES",
    "fond.mbtiles",
    "oui",
    " ",
)
PLAIN = set("abcdefghijklmnopqrstuvwxyz0123456789.-:/")


@pytest.mark.parametrize("setting", GOOD)
def test_an_address_or_a_file_is_taken(setting: str) -> None:
    assert refusal(setting) == ""


@pytest.mark.parametrize("setting", BAD)
def test_anything_else_is_refused_with_what_to_write(setting: str) -> None:
    assert refusal(setting).startswith("MAILLAGE_TILES : « ")
    assert "comme https://tuiles.exemple.fr/{z}/{x}/{y}.png" in refusal(setting)


@given(st.text(alphabet="htps:/.aZ9{xyz};*@' \\-", max_size=40).map(lambda text: f"https://{text}/{{z}}/{{x}}/{{y}}"))
def test_what_is_taken_names_a_plain_host(setting: str) -> None:
    if not refusal(setting):
        assert set(host_of(setting)) <= PLAIN
        assert content_policy(setting)["DIRECTIVES"]["connect-src"] == ["'self'", host_of(setting)]


@pytest.mark.parametrize("command", [["doctor"], ["serve", "--port", "8699"]])
def test_the_site_does_not_start_with_it_and_says_why(command: list[str], tmp_path: Path) -> None:
    given_ = os.environ | {"MAILLAGE_HOME": str(tmp_path), "MAILLAGE_TILES": BAD[0], "MAILLAGE_OFFLINE": "1"}
    ran = subprocess.run(
        [sys.executable, "-m", "maillage", *command],
        env=given_,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ran.returncode not in (0, None)
    assert refusal(BAD[0]) in ran.stdout + ran.stderr
    assert "Traceback" not in ran.stderr
