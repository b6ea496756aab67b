"""The script of the door judges a code as the server does: Node, whose WebCrypto is a browser's, is asked the same."""

import json
import shutil
import subprocess
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from maillage.management.passes.rules.ledger import SIGNS, new_code, read_code
from maillage.network.schemes.rules import tokens
from maillage.network.schemes.rules.door import NOON, half_of
from maillage.network.schemes.rules.tokens import Signed, kid_of, private_key, public_hex, sign
from tests.consistency import ROOT

KEY = private_key(b"secret", 3)
PUBLIC = public_hex(KEY)
KEYS = {kid_of(PUBLIC): PUBLIC}
TOLD = Signed(3, "7K3QX-0M2A5", 4, date(2026, 11, 1), date(2027, 4, 30))
TOKEN = sign(TOLD, KEY)
KNOWN = {"keys": KEYS, "revoked": [], "day": "2026-11-23", "counted": {"am": [], "pm": []}, "left": {}}
ASK = """
import { createInterface } from "node:readline";
import { halfOf, judge, readCode, readToken } from %s;
for await (const line of createInterface({ input: process.stdin })) {
  const { act, given } = JSON.parse(line);
  const acts = { readCode, readToken, judge, halfOf: (at, ...more) => halfOf(new Date(at), ...more) };
  const answer = await acts[act](...given);
  console.log(JSON.stringify(answer));
}
"""


@pytest.fixture(scope="module")
def ask() -> Any:
    """Call a function of the script: `ask("readCode", "7k3qx…")`."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("needs Node, whose WebCrypto is that of browsers")
    script = ASK % json.dumps((ROOT / "frontend/js/door-judge.js").as_uri())
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "encoding": "utf-8"}
    with subprocess.Popen([node, "--input-type=module", "-e", script], **pipes) as running:
        assert running.stdin
        assert running.stdout

        def asked(act: str, *given: Any) -> Any:
            running.stdin.write(json.dumps({"act": act, "given": given}) + "\n")
            running.stdin.flush()
            return json.loads(running.stdout.readline())

        yield asked
        running.stdin.close()


def of_the_server(text: str) -> dict[str, Any]:
    try:
        told = tokens.read(text, KEYS)
    except tokens.BadToken as bad:
        return {"reason": bad.reason}
    return {
        "scheme": str(told.scheme),
        "code": told.code,
        "units": told.units,
        "startsOn": f"{told.starts_on}",
        "endsOn": f"{told.ends_on}",
    }


def test_what_is_signed_is_read_alike(ask: Any):
    for text in (TOKEN, f"https://exemple.fr/dispositifs/passe/{TOKEN}/", TOKEN + "?x=1"):
        assert ask("readToken", text, KEYS) == of_the_server(text) == of_the_server(TOKEN)


def test_every_sign_of_a_code_that_is_changed_or_missing_is_refused_alike(ask: Any):
    """All 1-sign forgeries and cuts, the spare bits of base64 among them."""
    forgeries = [
        TOKEN[:at] + other + TOKEN[at + 1 :] for at in range(len(TOKEN)) for other in "AQ0-" if TOKEN[at] != other
    ]
    cuts = [TOKEN[:length] for length in range(len(TOKEN))]
    for text in forgeries + cuts:
        said = ask("readToken", text, KEYS)
        assert said == of_the_server(text), text
        assert said["reason"] in ("cut", "stranger", "forged"), text


def test_without_its_key_nothing_is_good(ask: Any):
    """The negative control: the same forgery passes where no key is there, so it is the key that refuses."""
    head, kid, payload, signature = TOKEN.split(".")
    forged = ".".join([head, kid, payload, "A" * len(signature)])
    assert ask("readToken", forged, KEYS) == {"reason": "forged"}
    assert ask("readToken", forged, None)["code"] == TOLD.code
    assert ask("judge", forged, {"known": None, "mine": [], "day": "2026-11-23", "half": "am"})["word"] == "unsure"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.integers(1, 10**17),
    st.integers(1, 9_999),
    st.dates(date(1, 1, 1), date(9999, 12, 31)),
    st.dates(date(1, 1, 1), date(9999, 12, 31)),
)
def test_whatever_is_signed_is_read_alike(ask: Any, scheme: int, units: int, first: date, last: date):
    text = sign(Signed(scheme, "7K3QX-0M2A5", units, first, last), KEY)
    assert ask("readToken", text, KEYS) == of_the_server(text)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.text(max_size=80) | st.text(SIGNS + "oil -" + SIGNS.lower(), min_size=8, max_size=14))
def test_a_typed_code_is_read_alike(ask: Any, text: str):
    assert ask("readCode", text) == read_code(text)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.sampled_from(SIGNS), min_size=9, max_size=9))
def test_a_good_code_is_good_however_it_is_written(ask: Any, nine: list[str]):
    signs = iter(nine)
    code = new_code(lambda _signs: next(signs))
    assert ask("readCode", f" {code.lower().replace('-', ' ')} ") == code == read_code(code)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),
    st.sampled_from(["Europe/Paris", "Indian/Reunion", "America/Cayenne", "Pacific/Noumea"]),
)
def test_the_half_day_is_that_of_the_server_at_every_moment(ask: Any, moment: datetime, zone: str):
    day, half = half_of(moment, ZoneInfo(zone))
    told = ask("halfOf", int(moment.timestamp() * 1000), zone, f"{NOON:%H:%M}")
    assert told == {"day": f"{day}", "half": half}


@pytest.mark.parametrize(
    ("more", "word", "reason"),
    [
        ({}, "yes", None),
        ({"known": {"left": {TOLD.code: 1}}}, "yes", None),
        ({"known": {"left": {TOLD.code: 0}}}, "no", "empty"),
        ({"known": {"revoked": [TOLD.code]}}, "no", "revoked"),
        ({"known": {"counted": {"am": [TOLD.code], "pm": []}}}, "no", "half_used"),
        ({"known": {"counted": {"am": [], "pm": [TOLD.code]}}}, "yes", None),
        ({"known": {"counted": {"am": [TOLD.code], "pm": []}, "day": "2026-11-22"}}, "yes", None),
        ({"known": None}, "unsure", None),
        ({"mine": [("2026-11-23", "am", "waiting")]}, "no", "half_used"),
        ({"mine": [("2026-11-23", "am", "to_settle")]}, "no", "half_used"),
        ({"mine": [("2026-11-23", "pm", "waiting")]}, "yes", None),
        ({"mine": [("2026-11-22", "am", "waiting")], "known": {"left": {TOLD.code: 1}}}, "no", "empty"),
        ({"mine": [(f"2026-11-1{n}", "am", "waiting") for n in range(4)]}, "no", "empty"),
        ({"day": "2026-10-31"}, "no", "not_yet"),
        ({"day": "2026-11-01"}, "yes", None),
        ({"day": "2027-04-30"}, "yes", None),
        ({"day": "2027-05-01"}, "no", "expired"),
        ({"text": TOLD.code}, "unsure", None),
        ({"text": "bonjour"}, "no", "unknown"),
        ({"text": TOKEN[:-1]}, "no", "cut"),
    ],
)
def test_what_is_said_without_network(ask: Any, more: dict[str, Any], word: str, reason: str | None):
    learnt = more.get("known", {})
    known = None if learnt is None else KNOWN | learnt
    mine = [{"code": TOLD.code, "day": day, "half": half, "state": state} for day, half, state in more.get("mine", [])]
    given = {"known": known, "mine": mine, "day": more.get("day", "2026-11-23"), "half": "am"}
    said = ask("judge", more.get("text", TOKEN), given)
    assert (said["word"], said.get("reason")) == (word, reason)


def test_a_quarter_of_an_hour_before_the_boundary_is_the_morning(ask: Any):
    noon = datetime(2026, 11, 23, 13, 30, tzinfo=ZoneInfo("Europe/Paris"))
    told = [
        ask("halfOf", int((noon + timedelta(minutes=n)).timestamp() * 1000), "Europe/Paris", "13:30") for n in (-15, 0)
    ]
    assert [one["half"] for one in told] == ["am", "pm"]
