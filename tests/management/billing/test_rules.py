"""The rules of money, for any input: sums to the cent, credits that never exceed, canonical text, amounts, VAT."""

from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maillage.management.billing.rules import vat as rates_of_days
from maillage.management.billing.rules.amounts import (
    CENTS_MOST,
    BadNumber,
    as_typed,
    quantity_typed,
    read_amount,
    read_quantity,
)
from maillage.management.billing.rules.credits import credited, left_of
from maillage.management.billing.rules.documents import UNITS, Document, Party, canonical, digest_of, read
from maillage.management.billing.rules.drafts import (
    About,
    BadDraft,
    DraftLine,
    Terms,
    as_json,
    checked,
    chosen_price,
    draw_credit,
    draw_up,
    read_lines,
)
from maillage.management.billing.rules.vat import KEYS, LIABLE, REGIMES, BadVat, entries, mention, rates, treatment

DAY = date(2026, 11, 23)
BUYER = Party("Thomas Petit")
LINES = st.builds(
    DraftLine,
    label=st.sampled_from(["Bureau", "Salle", "Café", "Repas"]),
    quantity_milli=st.integers(1, 40_000),
    unit=st.sampled_from(UNITS),
    unit_price_cents=st.integers(0, 50_000),
    vat=st.sampled_from(KEYS),
)
SOME = st.lists(LINES, min_size=1, max_size=6)


def terms(regime: str = LIABLE, departement: str = "39") -> Terms:
    return Terms(Party("La Maille", siret="73282932000074"), regime, departement)


def drawn(lines: list[DraftLine], regime: str = LIABLE, departement: str = "39") -> Document:
    return draw_up(lines, terms=terms(regime, departement), buyer=BUYER, on=DAY, number="F2026-00001")


def half_up(value: Fraction) -> int:
    return int(value + Fraction(1, 2)) if value >= 0 else -int(-value + Fraction(1, 2))


class TestSums:
    @given(SOME, st.sampled_from(REGIMES), st.sampled_from(["39", "974", "973", "2A", ""]))
    def test_lines_sum_to_the_total_to_the_cent_under_every_vat(
        self, lines: list[DraftLine], regime: str, departement: str
    ) -> None:
        document = drawn(lines, regime, departement)
        assert len(document.lines) == len(lines)
        for line in document.lines:
            assert line.net_cents == half_up(Fraction(line.quantity_milli * line.unit_price_cents, 1000))
        by_rate: dict[tuple[str, int], int] = {}
        for line in document.lines:
            key = line.vat_category, line.vat_rate
            by_rate[key] = by_rate.get(key, 0) + line.net_cents
        assert {(one.category, one.rate): one.net_cents for one in document.groups} == by_rate
        for group in document.groups:
            assert group.vat_cents == half_up(Fraction(group.net_cents * group.rate, 10_000))
        assert document.net_cents == sum(line.net_cents for line in document.lines)
        assert document.vat_cents == sum(group.vat_cents for group in document.groups)
        assert document.total_cents == document.net_cents + document.vat_cents
        if regime != LIABLE or departement == "973":
            assert document.vat_cents == 0

    @given(SOME, st.sampled_from(REGIMES))
    def test_what_is_frozen_reads_back_the_same(self, lines: list[DraftLine], regime: str) -> None:
        document = drawn(lines, regime)
        text = canonical(document)
        assert read(text) == document and canonical(read(text)) == text
        assert digest_of(text) != digest_of(text.replace("La Maille", "La maille"))

    @given(SOME)
    def test_a_draft_keeps_its_lines(self, lines: list[DraftLine]) -> None:
        assert list(read_lines(as_json(lines))) == lines

    def test_something_taken_off_is_a_negative_quantity_and_never_more_than_its_rate_has(self) -> None:
        month, off = DraftLine("Bureau", 1000, "month", 11_000), DraftLine("Remise", -1000, "each", 1_000)
        assert drawn([month, off]).total_cents == 12_000
        for lines in ([off], [month, DraftLine("Remise", -1000, "each", 1000, "reduced")]):
            with pytest.raises(BadDraft, match="une remise dépasse ce qu’elle réduit"):
                drawn(lines)

    @pytest.mark.parametrize(
        ("change", "told"),
        [
            ({"label": "\x00 "}, "il manque un libellé"),
            ({"label": "x" * 201}, "trop long"),
            ({"unit": "siècle"}, "cette unité"),
            ({"unit_price_cents": -1}, "ce prix"),
            ({"unit_price_cents": CENTS_MOST + 1}, "ce prix"),
            ({"unit_price_cents": 1.5}, "illisible"),
            ({"unit_price_cents": True}, "illisible"),
            ({"quantity_milli": 0}, "cette quantité"),
            ({"quantity_milli": 10**12}, "cette quantité"),
            ({"subject": "x" * 70}, "son objet"),
            ({"vat": None}, "illisible"),
            ({"more": 1}, "illisible"),
        ],
    )
    def test_a_line_that_is_none_is_refused(self, change: dict[str, object], told: str) -> None:
        (line,) = as_json([DraftLine("Bureau", 1000, "each", 900)])
        with pytest.raises(BadDraft, match=told):
            read_lines([{**line, **change}])
        for odd in (None, {}, "x", [1], [[]], [{}]):
            with pytest.raises(BadDraft):
                read_lines(odd)

    def test_a_draft_has_two_hundred_lines_at_most(self) -> None:
        with pytest.raises(BadDraft, match="plus de 200 lignes"):
            checked([DraftLine("Bureau", 1000, "each", 900)] * 201)


class TestCredits:
    @given(SOME, st.data())
    def test_no_sequence_of_credits_takes_more_than_there_is(self, lines: list[DraftLine], data: st.DataObject) -> None:
        invoice = drawn(lines)
        earlier: list[Document] = []
        for _ in range(data.draw(st.integers(1, 4))):
            left = [one for one in left_of(invoice, earlier) if one.quantity_milli]
            if not left:
                break
            chosen = data.draw(st.lists(st.sampled_from(left), min_size=1, unique=True))
            asked = [one.as_draft(data.draw(st.integers(1, one.quantity_milli))) for one in chosen]
            own, groups = credited(asked, invoice, earlier)
            earlier.append(draw_credit(own, groups, corrected=invoice, terms=terms(), on=DAY))
            assert sum(one.total_cents for one in earlier) <= invoice.total_cents
            assert all(one.net_cents >= 0 for one in left_of(invoice, earlier))
        rest = [one.as_draft() for one in left_of(invoice, earlier) if one.quantity_milli]
        if rest:
            own, groups = credited(rest, invoice, earlier)
            earlier.append(draw_credit(own, groups, corrected=invoice, terms=terms(), on=DAY))
        assert sum(one.total_cents for one in earlier) == invoice.total_cents
        assert sum(one.vat_cents for one in earlier) == invoice.vat_cents
        assert not [one for one in left_of(invoice, earlier) if one.quantity_milli or one.net_cents]

    @given(SOME, st.integers(1, 1000))
    def test_one_thousandth_too_many_is_refused(self, lines: list[DraftLine], more: int) -> None:
        invoice = drawn(lines)
        (first, *_rest) = left_of(invoice, [])
        with pytest.raises(BadDraft):
            credited([first.as_draft(first.quantity_milli + more)], invoice, [])
        with pytest.raises(BadDraft):
            credited([DraftLine("Autre chose", 1, "each", 1)], invoice, [])


class TestAmounts:
    @given(st.integers(0, CENTS_MOST))
    def test_what_is_shown_reads_back(self, cents: int) -> None:
        assert read_amount(as_typed(cents)) == cents
        grouped = f"{cents // 100:,}".replace(",", "\u202f") + f",{cents % 100:02}\u202f€"
        assert read_amount(grouped) == cents

    @given(st.integers(-10_000_000, 10_000_000).filter(bool))
    def test_a_quantity_reads_back(self, milli: int) -> None:
        assert read_quantity(quantity_typed(milli), negative=True) == milli

    @given(st.text(max_size=60))
    def test_any_text_is_an_amount_or_a_refusal(self, text: str) -> None:
        for act in (read_amount, read_quantity):
            try:
                assert isinstance(act(text), int)
            except BadNumber as bad:
                assert bad.problem and bad.mend

    @pytest.mark.parametrize(
        "text", ["", "-1", "−1", "12,345", "1 23", "1.2.3", "²", "١٢", "1e3", "0x1", "nan", "douze", "1" * 30, "1\n2"]
    )
    def test_what_is_no_amount_is_refused(self, text: str) -> None:
        with pytest.raises(BadNumber):
            read_amount(text)

    def test_a_price_on_a_scale_stays_within_and_a_fixed_one_stays(self) -> None:
        assert chosen_price("scale", 750, low=600, high=900, chosen=900) == 900
        for kind, chosen in (("scale", 599), ("scale", 901), ("fixed", 899), ("open", CENTS_MOST + 1)):
            with pytest.raises(BadDraft):
                chosen_price(kind, 900, low=600, high=900, chosen=chosen)


class TestVat:
    @pytest.mark.parametrize(
        ("regime", "told", "category"),
        [
            ("outside", "", "O"),
            ("franchise", "TVA non applicable, article 293 B du CGI", "E"),
            ("accessory", "Exonération de TVA, article 261, 7, 1°, b du CGI", "E"),
        ],
    )
    def test_a_regime_without_vat_says_why_and_asks_none(self, regime: str, told: str, category: str) -> None:
        document = drawn([DraftLine("Bureau", 1000, "each", 900)], regime)
        assert document.mentions == ((told,) if told else ())
        assert (document.lines[0].vat_category, document.vat_cents) == (category, 0)
        for typed in ("20", "5,5 %"):
            with pytest.raises(BadVat, match="ce lieu ne facture pas de TVA"):
                treatment(typed, regime=regime, on=DAY)
        assert treatment("0", regime=regime, on=DAY).rate == 0

    @pytest.mark.parametrize(
        ("typed", "on", "departement", "rate"),
        [
            ("20", DAY, "39", 2000),
            ("5,5 %", DAY, "39", 550),
            ("2.1", DAY, "39", 210),
            ("19,6", date(2013, 12, 31), "39", 1960),
            ("7", date(2013, 12, 31), "39", 700),
            ("8,5", DAY, "971", 850),
            ("standard", DAY, "974", 850),
            ("reduced", DAY, "972", 210),
            ("exempt", DAY, "39", 0),
            ("0", DAY, "39", 0),
        ],
    )
    def test_a_rate_of_the_day_and_the_place_is_taken(self, typed: str, on: date, departement: str, rate: int) -> None:
        assert treatment(typed, regime=LIABLE, on=on, departement=departement).rate == rate

    @pytest.mark.parametrize(
        ("typed", "on", "departement"),
        [
            ("19,6", DAY, "39"),
            ("20", date(2013, 12, 31), "39"),
            ("8,5", DAY, "39"),
            ("20", DAY, "974"),
            ("21", DAY, "39"),
            ("-20", DAY, "39"),
            ("²", DAY, "39"),
            ("5,555", DAY, "39"),
            ("", DAY, "39"),
            ("intermediate", date(2011, 12, 31), "39"),
            ("20", DAY, "973"),
        ],
    )
    def test_an_impossible_rate_is_refused(self, typed: str, on: date, departement: str) -> None:
        with pytest.raises(BadVat):
            treatment(typed, regime=LIABLE, on=on, departement=departement)

    def test_where_no_vat_is_due_the_invoice_says_so(self) -> None:
        document = drawn([DraftLine("Bureau", 1000, "each", 900)], LIABLE, "976")
        assert document.mentions == ("TVA non applicable, article 294, 1 du CGI",)

    def test_every_entry_says_since_when_and_whence(self) -> None:
        for table in ("rate", "mention", "nowhere"):
            for entry in entries(table):
                assert entry.since <= DAY and len(entry.source) > 20, entry
        assert set(rates(DAY)) == set(KEYS)
        assert mention("late", date(2012, 12, 31)) == "" and "40 €" in mention("late", DAY)

    def test_an_unknown_rate_is_refused_and_a_bad_file_names_its_entry(self, tmp_path: Path) -> None:
        file = tmp_path / "vat.toml"
        entry = (
            '[[rate]]\nkey = "standard"\nwhere = ""\nsince = 2014-01-01\nvalue = {}\nkind = "source"\nsource = "x"\n'
        )
        file.write_text(entry.format('"unknown"'))
        with pytest.raises(BadVat, match="personne ne connaît encore ce taux"):
            treatment("standard", regime=LIABLE, on=DAY, path=file)
        for number, wrong in enumerate(("-1", "true", "20000", '"vingt"')):
            other = tmp_path / f"{number}.toml"
            other.write_text(entry.format(wrong))
            with pytest.raises(ValueError, match="« standard » demande"):
                rates_of_days.entries("rate", other)


class TestGolden:
    """Gorges and Clisson: half-days at 6 to 9 € by status, 110 € a month for members."""

    @pytest.mark.parametrize(
        ("lines", "total"),
        [
            ([DraftLine("Demi-journée, adhérent", 1000, "half_day", 600)], 600),
            ([DraftLine("Demi-journée, indépendant", 1000, "half_day", 750)], 750),
            ([DraftLine("Demi-journée, entreprise", 1000, "half_day", 900)], 900),
            ([DraftLine("Adhérent, au mois", 1000, "month", 11_000)], 11_000),
            (
                [
                    DraftLine("Adhérent, au mois", 1000, "month", 11_000),
                    DraftLine("Demi-journée, entreprise", 3000, "half_day", 900),
                    DraftLine("Lancement, moitié prix", -500, "month", 11_000),
                ],
                8_200,
            ),
        ],
    )
    def test_the_grid_is_invoiced_to_the_cent(self, lines: list[DraftLine], total: int) -> None:
        document = draw_up(
            lines,
            terms=terms("outside"),
            buyer=BUYER,
            on=DAY,
            about=About(delivered_from=DAY - timedelta(days=30), delivered_to=DAY),
        )
        assert (document.total_cents, document.vat_cents, document.mentions) == (total, 0, ())

    def test_a_price_by_status_is_a_scale_that_the_line_keeps(self) -> None:
        for chosen in (600, 750, 900):
            assert chosen_price("scale", 750, low=600, high=900, chosen=chosen) == chosen
