"""Files of debits: what a bank's schema takes, what is refused before, and one file per key."""

import xml.etree.ElementTree as ET
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sepaxml.validation import try_valid_xml

from maillage.journal.actions import KeyReused
from maillage.management.billing.actions.debits import collect_run, drop_run, end_mandate, make_run, sign_mandate
from maillage.management.billing.actions.door import BillingRefused
from maillage.management.billing.models import DebitRun, Mandate, Payment
from maillage.management.billing.queries.invoices import due_of
from maillage.management.billing.rules.sepa import SCHEMA, Creditor, Draw, SepaRefused, pain_008, read_iban
from tests.management.billing.till import HALF_DAY, IBAN, MONTH, Till

CREDITOR = Creditor("Association La Maille", IBAN, "AGRIFRPP", "FR72ZZZ123456")
DAY, NOW = date(2026, 11, 30), datetime(2026, 11, 22, 9, tzinfo=UTC)
MANDATE = {"holder": "Thomas Petit", "iban": IBAN, "bic": "AGRIFRPP", "signed_on": "2026-11-01"}
SPACE = f"{{urn:iso:std:iso:20022:tech:xsd:{SCHEMA}}}"


def draw(cents: int = 900, **told: Any) -> Draw:
    facts = {"holder": "Inès Roux-Œuf", "iban": IBAN, "bic": "", "mandate": "M000001-1", "signed_on": date(2026, 11, 1)}
    facts |= {"label": "Facture F2026-00001", "end_to_end": "F2026-00001"}
    return Draw(amount_cents=cents, **facts | told)


def test_the_file_passes_the_schema_and_sums_to_the_cent():
    told = pain_008(CREDITOR, [draw(5), draw(900), draw(11_000)], collect_on=DAY, message="M-1", now=NOW)
    try_valid_xml(told.encode(), SCHEMA)
    root = ET.fromstring(told)
    assert [node.text for node in root.iter(f"{SPACE}InstdAmt")] == ["0.05", "9.00", "110.00"]
    assert {node.text for node in root.iter(f"{SPACE}CtrlSum")} == {"119.05"}
    assert {node.text for node in root.iter(f"{SPACE}NbOfTxs")} == {"3"}
    assert [node.text for node in root.iter(f"{SPACE}ReqdColltnDt")] == ["2026-11-30"]
    assert "Ines Roux-OEuf" in told
    assert pain_008(CREDITOR, [draw(5), draw(900), draw(11_000)], collect_on=DAY, message="M-1", now=NOW) == told


def test_a_file_that_no_bank_takes_is_refused():
    for creditor, draws, why in (
        (CREDITOR, [], "aucune facture n’est choisie : cochez-en une au moins."),
        (
            Creditor("La Maille", "", "", ""),
            [draw()],
            "il manque l’IBAN, le BIC ou l’identifiant créancier du lieu : complétez l’identité de facturation.",
        ),
        (
            CREDITOR,
            [draw(iban="FR00")],
            "le schéma des banques refuse ce fichier : vérifiez les mandats, l’IBAN et l’identifiant créancier.",
        ),
    ):
        with pytest.raises(SepaRefused) as told:
            pain_008(creditor, draws, collect_on=DAY, message="M-1", now=NOW)
        assert str(told.value) == why


@pytest.mark.parametrize("typed", ["FR7630006000011234567890188", "", "²", "FR76", "=cmd|x", "x" * 500])
def test_an_iban_that_fails_its_check_is_refused(typed: str):
    with pytest.raises(ValueError, match=r"^"):
        read_iban(typed)


@pytest.fixture
def drawn(till: Till) -> tuple[Till, int]:
    """A creditor, and Thomas with his mandate."""
    till.opens(creditor="FR72ZZZ123456")
    thomas = till.customer()
    sign_mandate(**till.acts, customer_id=thomas, raw=MANDATE)
    return till, thomas


def test_a_run_is_built_once_per_key_and_holds_an_invoice_once(drawn: tuple[Till, int]):
    till, thomas = drawn
    invoice, other = till.issued(HALF_DAY, customer=thomas), till.issued(MONTH, customer=thomas)
    act = {"invoices": [invoice.pk], "collect_on": "2026-11-30", "key": "a"}
    run = make_run(**till.acts, **act)
    assert make_run(**till.acts, **act).pk == run.pk
    with pytest.raises(KeyReused):
        make_run(**till.acts, **act | {"invoices": [other.pk]})
    with pytest.raises(BillingRefused) as told:
        make_run(**till.acts, **act | {"key": "b"})
    assert str(told.value) == (
        "Une de ces factures ne peut pas être prélevée, ou aucune n’est choisie\u202f: "
        "rechargez la page et choisissez de nouveau."
    )
    drop_run(**till.acts, run_id=run.pk)
    again = make_run(**till.acts, **act | {"key": "c"})
    assert (again.number, DebitRun.objects.count(), Payment.objects.count()) == (2, 2, 0)


def test_a_run_is_collected_once_and_not_before_its_day(drawn: tuple[Till, int]):
    till, thomas = drawn
    invoice = till.issued(HALF_DAY, customer=thomas)
    run = make_run(**till.acts, invoices=[invoice.pk], collect_on="2026-11-30", key="a")
    with pytest.raises(BillingRefused) as told:
        collect_run(**till.acts, run_id=run.pk, unpaid=[])
    assert str(told.value) == "Le jour du prélèvement n’est pas encore venu\u202f: revenez ce jour-là."
    later = {**till.acts, "now": datetime(2026, 12, 1, 9, tzinfo=UTC)}
    assert [collect_run(**later, run_id=run.pk, unpaid=[]) for _ in range(2)] == [1, 1]
    assert (due_of(invoice.pk), Payment.objects.count()) == (0, 1)


def test_a_new_mandate_ends_the_one_before_and_a_withdrawn_one_draws_nothing(drawn: tuple[Till, int]):
    till, thomas = drawn
    invoice = till.issued(HALF_DAY, customer=thomas)
    second = sign_mandate(**till.acts, customer_id=thomas, raw=MANDATE | {"mandate_reference": "RUM-2"})
    assert Mandate.objects.filter(ended_on__isnull=True).get().pk == second.pk
    end_mandate(**till.acts, mandate_id=second.pk)
    with pytest.raises(BillingRefused):
        make_run(**till.acts, invoices=[invoice.pk], collect_on="2026-11-30", key="a")


def test_a_mandate_tells_all_that_is_wrong_at_once(till: Till):
    raw = {"holder": "", "iban": IBAN[:-1] + "8", "bic": "é", "mandate_reference": "n° 1", "signed_on": "2027-01-01"}
    with pytest.raises(BillingRefused) as told:
        sign_mandate(**till.acts, customer_id=till.customer(), raw=raw)
    assert list(told.value.wrongs) == ["holder", "iban", "bic", "mandate_reference", "signed_on"]
    assert not Mandate.objects.exists()
