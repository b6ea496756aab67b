"""Codes that are forged, cells that are small, ages that overlap: the rules alone."""

import json
import shutil
import subprocess
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maillage.network.schemes.rules import tokens
from maillage.network.schemes.rules.door import REASONS, Facts, refusal
from maillage.network.schemes.rules.eligibility import AGE_BANDS, Asked, Terms, bands_of, refusals
from maillage.network.schemes.rules.reports import suppressed
from maillage.network.schemes.rules.statements import sample
from maillage.network.schemes.rules.taxes import net_of_total

KEY, OTHER = tokens.private_key(b"secret", 3), tokens.private_key(b"secret", 4)
PUBLIC = tokens.public_hex(KEY)
KEYS = {tokens.kid_of(PUBLIC): PUBLIC}
TOLD = tokens.Signed(3, "7K3QX-0M2A5", 4, date(2026, 11, 1), date(2027, 4, 30))
TOKEN = tokens.sign(TOLD, KEY)


@given(st.integers(0, len(TOKEN) - 1), st.sampled_from("AZaz09-_.~é|"))
def test_one_sign_changed_is_refused(place: int, sign: str):
    changed = TOKEN[:place] + sign + TOKEN[place + 1 :]
    if changed == TOKEN:
        return
    with pytest.raises(tokens.BadToken):
        tokens.read(changed, KEYS)


@given(st.integers(0, len(TOKEN) - 1))
def test_a_cut_code_is_refused(length: int):
    with pytest.raises(tokens.BadToken):
        tokens.read(TOKEN[:length], KEYS)


@pytest.mark.parametrize("more", range(1, 5))
def test_a_payload_of_no_whole_bytes_is_forged(more: int):
    """Base64 has no text of 4n + 1 signs: one card like that must not stop all that a tablet sends with it."""
    version, key, payload, signature = TOKEN.split(".")
    for changed in (payload + "A" * more, payload[:-more]):
        with pytest.raises(tokens.BadToken, match="la signature de ce code QR est fausse"):
            tokens.read(".".join((version, key, changed, signature)), KEYS)


def test_each_refusal_says_its_own_reason():
    other = tokens.sign(TOLD, OTHER)
    said = {}
    for name, text in (
        ("cut", TOKEN[:-1]),
        ("stranger", other),
        ("forged", f"{TOKEN[:-1]}{'A' if TOKEN[-1] != 'A' else 'Q'}"),
    ):
        with pytest.raises(tokens.BadToken) as bad:
            tokens.read(text, KEYS)
        said[name] = str(bad.value)
    assert said == {
        "cut": "ce code QR est incomplet : scannez-le de nouveau en entier, ou tapez le code écrit dessous.",
        "stranger": "ce passe est d’un dispositif où ce lieu n’est pas agréé : demandez l’agrément à qui le finance.",
        "forged": "la signature de ce code QR est fausse : ne l’acceptez pas : ce n’est pas un passe.",
    }


@given(st.text(max_size=80), st.text(max_size=80))
def test_whatever_stands_around_a_code_never_breaks_it(before: str, after: str):
    for text in (before + after, before):
        try:
            tokens.read(text, KEYS)
        except tokens.BadToken:
            continue
        raise AssertionError(text)


WEB = """
const { subtle } = globalThis.crypto;
const { publicHex, payload, signature } = JSON.parse(process.argv[1]);
const curve = { name: "ECDSA", namedCurve: "P-256" };
const key = await subtle.importKey("raw", Buffer.from(publicHex, "hex"), curve, false, ["verify"]);
const how = { name: "ECDSA", hash: "SHA-256" };
console.log(await subtle.verify(how, key, Buffer.from(signature, "base64url"), Buffer.from(payload, "base64url")));
"""


def test_a_browser_verifies_with_the_public_key_alone(tmp_path: Any):
    node = shutil.which("node")
    if node is None:
        pytest.skip("needs Node, whose WebCrypto is that of browsers")
    _version, _kid, payload, signature = TOKEN.split(".")
    for given_signature, said in ((signature, "true"), (signature[::-1], "false")):
        told = json.dumps({"publicHex": PUBLIC, "payload": payload, "signature": given_signature})
        ran = subprocess.run([node, "--input-type=module", "-e", WEB, told], capture_output=True, text=True, check=True)
        assert ran.stdout.strip() == said


def test_every_reason_of_the_door_is_reached():
    told = {
        refusal(Facts(state="asked")),
        refusal(Facts(is_own_issue=True)),
        refusal(Facts(has_come_today=True)),
        refusal(Facts(is_open=False)),
        refusal(Facts(capacity=2, present=2)),
    }
    assert told == {"stranger", "own", "person", "closed", "full"}
    assert told < set(REASONS)
    assert refusal(Facts(is_open=None, capacity=None)) == ""


@given(st.dictionaries(st.text(min_size=1, max_size=4), st.integers(0, 60), max_size=8))
def test_no_small_cell_is_told_nor_found_by_subtraction(counts: dict[str, int]):
    cells = suppressed(counts)
    hidden = [counts[cell.label] for cell in cells if cell.count is None]
    assert all(cell.count is None or cell.count >= 11 for cell in cells)
    assert len(hidden) != 1 or len(cells) == 1
    assert {cell.label for cell in cells} == {name for name, count in counts.items() if count}


@given(st.integers(0, 120), st.integers(0, 120))
def test_the_bands_that_may_be_chosen_are_those_that_are_taken(one: int, other: int):
    terms = Terms(least_age=min(one, other), most_age=max(one, other), is_first_time=False)
    taken = [band for band in AGE_BANDS if not refusals(terms, Asked(age_band=band))]
    assert taken == bands_of(terms)
    assert taken


def test_a_named_pass_asks_a_name_and_a_contact():
    wrongs = refusals(Terms(is_named=True, is_first_time=False), Asked())
    assert {name: one.mend for name, one in wrongs.items()} == {
        "holder": "écrivez le nom de la personne",
        "contact": "écrivez un téléphone ou un courriel",
    }


@given(st.sets(st.text(min_size=1, max_size=6), max_size=60), st.integers())
def test_a_draw_is_one_in_ten_and_the_same_again(codes: set[str], seed: int):
    drawn = sample(sorted(codes), seed=str(seed))
    assert drawn == sample(sorted(codes, reverse=True), seed=str(seed))
    assert set(drawn) <= codes
    assert len(drawn) == -(-len(codes) // 10)


@given(st.integers(0, 10_000_000), st.sampled_from([0, 210, 550, 850, 1_000, 2_000]))
def test_a_net_amount_gives_its_total_back(total: int, rate: int):
    net = net_of_total(total, rate)
    if net is not None:
        assert net + (2 * net * rate + 10_000) // 20_000 == total
    else:
        assert all(
            n + (2 * n * rate + 10_000) // 20_000 != total
            for n in range(max(0, total - total // 5 - 5), total + 1)[:400]
        )
