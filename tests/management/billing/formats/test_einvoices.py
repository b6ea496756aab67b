"""Every kind of invoice is taken by the official schemas and rules, in both syntaxes, and says the sums it holds."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from facturx.parse_xml import parse_ubl_cii_xml
from hypothesis import given, settings
from hypothesis import strategies as st

from maillage.management.billing.formats.xml import cii, ubl
from maillage.management.billing.rules.documents import Document, canonical, grouped, net_of, read, totals
from maillage.management.billing.rules.facturx import fields, mentions, notes
from tests.management.billing.formats import judge
from tests.management.billing.formats.sold import ATELIER, HALF_DAYS, LIABLE, MIXED, THOMAS, document, line, papers

NAMES = tuple(papers())
BETWEEN_PROFESSIONALS = tuple(name for name in NAMES if name != "free")
LEAST_RULES = 50


@pytest.mark.parametrize("name", NAMES)
def test_the_official_schemas_and_en_16931_take_every_kind(name):
    sold = papers()[name]
    for written, rules in ((cii(sold), judge.CII_EN), (ubl(sold), judge.UBL_EN)):
        assert judge.follows_the_schema(written)
        verdict = judge.judged(written, rules)
        assert verdict.failed == () and verdict.fired >= LEAST_RULES


@pytest.mark.parametrize("name", BETWEEN_PROFESSIONALS)
def test_the_french_rules_of_exchange_take_what_goes_between_professionals(name):
    sold = papers()[name]
    for written, rules in ((cii(sold), judge.CII_FR), (ubl(sold), judge.UBL_FR)):
        verdict = judge.judged(written, rules)
        assert verdict.failed == () and verdict.fired >= LEAST_RULES


def test_a_private_person_is_told_nothing_of_what_only_professionals_owe():
    told = notes(papers()["free"])
    assert told == [{"BT-21": "BAR", "BT-22": "B2C"}]
    failed = judge.judged(cii(papers()["free"]), judge.CII_FR).failed
    assert {one.split(":")[0] for one in failed} == {f"BR-FR-05_BT-22_{code}" for code in ("PMT", "PMD", "AAB")}


@pytest.mark.parametrize(
    ("rules", "write", "tag"),
    [(judge.CII_EN, cii, "ram:GrandTotalAmount"), (judge.UBL_EN, ubl, "cbc:TaxInclusiveAmount")],
)
def test_a_wrong_total_is_seen(rules, write, tag):
    written = write(papers()["mixed"]).decode()
    start = written.index(">", written.index(f"<{tag}")) + 1
    forged = f"{written[:start]}93.14{written[written.index('<', start) :]}"
    assert any("BR-CO-15" in one for one in judge.judged(forged.encode(), rules).failed)


def test_an_empty_run_is_no_pass():
    nothing = judge.judged(b"<facture/>", judge.CII_EN)
    assert nothing.fired < LEAST_RULES


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("outside", {"BT-118": "O", "BT-120": "Non soumis à la TVA", "BT-121": "VATEX-EU-O"}),
        (
            "franchise",
            {"BT-118": "E", "BT-119": "0", "BT-120": "TVA non applicable, article 293 B du CGI",
             "BT-121": "VATEX-FR-FRANCHISE"},
        ),
        ("accessory", {"BT-118": "E", "BT-119": "0", "BT-120": "Exonération de TVA, article 261, 7-1°-b du CGI"}),
        ("liable", {"BT-118": "S", "BT-119": "20"}),
    ],
)  # fmt: skip
def test_each_regime_says_why_no_vat_is_asked_or_at_which_rate(name, told):
    (group,) = fields(papers()[name])["BG-23"]
    assert {key: value for key, value in group.items() if key not in ("BT-116", "BT-117")} == told


def test_a_public_buyer_finds_its_engagement_its_service_and_its_siret():
    told = fields(papers()["public"])
    assert (told["BT-10"], told["BT-13"]) == ("FINANCES", "EJ-2026-0457")
    assert told["BG-7"]["identifiers"] == {"0009": "20007159500010"}
    assert told["BG-7"]["legal_identifier"] == told["BG-7"]["einvoicing_addr"] == "200071595"
    assert (told["BT-73"], told["BT-74"], told["BT-72"]) == (date(2026, 10, 1), *[date(2026, 10, 31)] * 2)


def test_a_credit_note_names_what_it_corrects_and_asks_for_nothing():
    told = fields(papers()["credit"])
    assert (told["BT-3"], told["BG-3"]) == ("381", [{"BT-25": "F2026-00011", "BT-26": date(2026, 11, 3)}])
    assert "BT-9" not in told and "BT-84" not in told
    assert ubl(papers()["credit"]).startswith(b"<?xml") and b"<CreditNote" in ubl(papers()["credit"])


def test_what_a_deposit_already_asked_is_a_line_below_zero_whose_price_is_not():
    told = fields(papers()["deducted"])
    assert told["BT-23"] == "S4" and fields(papers()["deposit"])["BT-3"] == "386"
    taken = told["BG-25"][1]
    assert (taken["BT-129"], taken["BT-146"], taken["BT-131"]) == ("-1", "100.00", "-100.00")
    assert told["BT-112"] == "240.00"


def test_the_sentences_of_the_invoice_are_said_once_and_carry_their_codes():
    late = (
        "En cas de retard : pénalités de trois fois le taux légal, et 40 € pour frais de recouvrement. Sans escompte."
    )
    sold = document(HALF_DAYS, mentions=("Prix votés par l’assemblée.", late), note="Merci !")
    assert mentions(sold) == ["Prix votés par l’assemblée.", late]
    assert notes(sold) == [
        {"BT-21": "PMT", "BT-22": late},
        {"BT-21": "PMD", "BT-22": late},
        {"BT-21": "AAB", "BT-22": late},
        {"BT-22": "Prix votés par l’assemblée."},
        {"BT-21": "AAI", "BT-22": "Merci !"},
        {"BT-21": "BAR", "BT-22": "B2B"},
    ]
    assert len(mentions(document(HALF_DAYS))) == 3 and mentions(document(HALF_DAYS, buyer=THOMAS)) == []


def test_what_no_xml_can_hold_is_left_out_and_markup_stays_text():
    odd = line("<b>Salle</b> & \x07 café \u202e]]>", 1000, 900, detail="a\x00b")
    written = cii(document([odd], note="<!DOCTYPE x>"))
    told = parse_ubl_cii_xml(written)
    assert told["BG-25"][0]["BT-153"] == "<b>Salle</b> & café ]]>" and told["BG-25"][0]["BT-154"] == "ab"
    assert judge.judged(written, judge.CII_EN).failed == ()


def test_a_seller_without_vat_number_or_siret_still_makes_a_valid_invoice():
    bare = replace(LIABLE, siret="", vat_number="", rna="W391234567")
    assert judge.judged(cii(document(HALF_DAYS, bare, THOMAS)), judge.CII_EN).failed == ()


RATES = st.sampled_from([(2000, "S"), (1000, "S"), (550, "S"), (210, "S"), (0, "E")])


@st.composite
def documents(draw) -> Document:
    """Lines of any price, rate and quantity, with what is taken off never above what is sold."""
    lines = []
    for _ in range(draw(st.integers(1, 8))):
        rate, category = draw(RATES)
        milli, cents = draw(st.integers(1, 500_000)), draw(st.integers(0, 500_000))
        sold = line(
            draw(st.text(max_size=30)), milli, cents, rate, category, unit=draw(st.sampled_from(["each", "day"]))
        )
        lines.append(sold)
        if draw(st.booleans()):
            lines.append(replace(sold, quantity_milli=-milli, net_cents=net_of(-milli, cents), label="Remise"))
    return document(lines, LIABLE, draw(st.sampled_from([ATELIER, THOMAS])), regime="liable")


@given(documents())
def test_the_xml_says_the_sums_that_were_issued_whatever_was_sold(sold):
    assert read(canonical(sold)) == sold
    for written in (cii(sold), ubl(sold)):
        told = parse_ubl_cii_xml(written)
        sums = [Decimal(told[code]) * 100 for code in ("BT-106", "BT-109", "BT-110", "BT-112", "BT-115")]
        assert sums == [sold.net_cents, sold.net_cents, sold.vat_cents, sold.total_cents, sold.total_cents]
        assert sum(Decimal(one["BT-131"]) * 100 for one in told["BG-25"]) == sold.net_cents
        assert sum(Decimal(one["BT-117"]) * 100 for one in told["BG-23"]) == sold.vat_cents
        assert (sold.net_cents, sold.vat_cents, sold.total_cents) == totals(grouped(sold.lines))


@settings(max_examples=15)
@given(documents())
def test_the_official_rules_take_whatever_was_sold(sold):
    for written, rules in ((cii(sold), judge.CII_EN), (ubl(sold), judge.UBL_EN)):
        assert judge.judged(written, rules).failed == ()


def test_the_same_invoice_is_the_same_bytes():
    assert cii(papers()["mixed"]) == cii(papers()["mixed"]) and len(MIXED) == 3
