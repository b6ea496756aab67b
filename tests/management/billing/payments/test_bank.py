"""Files of the bank, whatever their signs and their shape; and what a line may be, explained."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maillage.management.billing.actions.banking import match, match_certain, read_statement
from maillage.management.billing.actions.door import BillingRefused
from maillage.management.billing.actions.paying import record_payment, undo_payment
from maillage.management.billing.formats import bank_csv, camt
from maillage.management.billing.models import BankLine, Payment
from maillage.management.billing.queries.invoices import due_of
from maillage.management.billing.queries.statements import lines_of, proposals_of
from maillage.management.billing.rules.bank import (
    CERTAIN,
    LIKELY,
    POSSIBLE,
    Known,
    NotAStatement,
    Open,
    digests,
    propose,
    read_cents,
)
from tests.management.billing.till import HALF_DAY, MONTH, Till

DAY = date(2026, 11, 3)
TABLES = {
    "debit and credit": "Date;Libellé;Débit euros;Crédit euros\n03/11/2026;VIR PETIT;;1 234,50\n"
    "04/11/2026;EDF;-42,10;\n",
    "one amount": '"Date","Libellé","Montant"\n"03/11/2026","VIR PETIT","1234,50"\n"2026-11-04","EDF","-42.10"\n',
    "tabs": "Date opération\tDate valeur\tLibellé\tMontant(EUROS)\n03/11/2026\t03/11/2026\tVIR PETIT\t+1\u00a0234,50\n"
    "04/11/26\t04/11/26\tEDF\t-42,10\n",
    "lines before": "Banque de l’Essai;;\nCompte n° 1;;\nSolde au 30/11/2026;1 192,40 €;\n\nDate;Libellé;Montant\n"
    "03/11/2026;VIR PETIT;1.234,50\n04/11/2026;EDF;-42,10\n",
}
SIGNS = ("utf-8", "utf-8-sig", "cp1252", "utf-16")


@pytest.mark.parametrize("signs", SIGNS)
@pytest.mark.parametrize("table", TABLES)
def test_a_table_is_read_whatever_its_signs_and_its_shape(table: str, signs: str):
    told = bank_csv.read(TABLES[table].encode(signs))
    assert [(row.booked_on, row.label, row.amount_cents) for row in told.rows] == [
        (DAY, "VIR PETIT", 123_450),
        (date(2026, 11, 4), "EDF", -4210),
    ]
    assert told.bad == []


def test_bad_rows_are_told_with_their_line_and_the_others_go_in():
    raw = (
        "Date;Libellé;Débit;Crédit\n"
        "31/02/2026;VIR A;;5,00\n"
        "03/11/2026;VIR B;;5,001\n"
        "03/11/2026;VIR C;1,00;5,00\n"
        "03/11/2026;;;5,00\n"
        "03/11/2026;VIR D;;²\n"
        "03/11/2026;VIR E;;=cmd|'/c calc'!A1\n"
        "03/11/2026;VIR F;;0,00\n"
        "03/11/2026;VIR G;;9,00\n"
        "\n"
        "03/11/2026;=HYPERLINK(1)\x1b;;8,00\n"
    )
    told = bank_csv.read(raw.encode())
    assert [(row.line, row.label, row.amount_cents) for row in told.rows] == [
        (9, "VIR G", 900),
        (11, "=HYPERLINK(1)", 800),
    ]
    assert [(one.line, one.column, one.value) for one in told.bad] == [
        (2, "Date", "31/02/2026"),
        (3, "Crédit", "5,001"),
        (4, "Crédit", "1,00 5,00"),
        (5, "Libellé", ""),
        (6, "Crédit", "²"),
        (7, "Crédit", "=cmd|'/c calc'!A1"),
        (8, "Crédit", "0,00"),
    ]
    assert str(told.bad[1].problem) == "ce montant est illisible"
    assert str(told.bad[1].mend) == "écrivez-le comme 1 234,56, dans une seule colonne"


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"", "aucun tableau n’y est reconnu"),
        (b"a;b\n1;2\n", "aucun tableau n’y est reconnu"),
        (b"Date;Libelle;Montant\n\x00", "ce fichier n’est pas du texte"),
        (b"x" * (4 * 1024 * 1024 + 1), "ce fichier dépasse 4 Mo"),
    ],
)
def test_what_is_no_table_is_refused(raw: bytes, why: str):
    with pytest.raises(NotAStatement) as told:
        bank_csv.read(raw)
    assert str(told.value.problem) == why


@given(st.binary(max_size=400))
def test_no_file_breaks_the_reader(raw: bytes):
    for read in (bank_csv.read, camt.read):
        try:
            told = read(b"Date;Libelle;Montant\n" + raw) if read is bank_csv.read else read(raw)
        except NotAStatement:
            continue
        assert all(row.label and row.amount_cents for row in told.rows)


@given(st.integers(-(10**9), 10**9))
def test_an_amount_is_read_as_it_is_written(cents: int):
    sign, whole = "-" if cents < 0 else "", abs(cents)
    assert read_cents(f"{sign}{whole // 100},{whole % 100:02}") == cents
    grouped = f"{whole // 100:,}".replace(",", "\u202f")
    assert read_cents(f"{sign}{grouped},{whole % 100:02} €") == cents


NOTE = (
    "<NtryDtls><TxDtls>{amount}<RltdPties><Dbtr><Nm>{name}</Nm></Dbtr></RltdPties>"
    "<RmtInf><Ustrd>{what}</Ustrd></RmtInf></TxDtls></NtryDtls>"
)
ENTRY = (
    '<Ntry><Amt Ccy="{money}">{amount}</Amt><CdtDbtInd>{way}</CdtDbtInd><Sts>{state}</Sts>'
    "<BookgDt><Dt>{day}</Dt></BookgDt>{details}</Ntry>"
)
SPACE = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"


def entry(amount: str = "9.00", **told: str) -> str:
    facts = {"money": "EUR", "way": "CRDT", "state": "BOOK", "day": "2026-11-03"}
    facts["details"] = NOTE.format(amount="", name="PETIT THOMAS", what="F2026-00001")
    return ENTRY.format(amount=amount, **facts | told)


def statement(*entries: str) -> bytes:
    whole = f'<Document xmlns="{SPACE}"><BkToCstmrStmt><Stmt>{"".join(entries)}</Stmt></BkToCstmrStmt></Document>'
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{whole}'.encode()


def test_camt_gives_what_is_booked_with_who_and_why():
    many = "".join(
        NOTE.format(amount=f'<Amt Ccy="EUR">{cents}</Amt>', name=name, what=what)
        for cents, name, what in (("4.00", "INES", "A"), ("5.00", "PAUL", "B"))
    )
    told = camt.read(statement(entry(), entry("42.10", way="DBIT"), entry(state="PDNG"), entry(details=many)))
    assert [(row.booked_on, row.label, row.amount_cents) for row in told.rows] == [
        (DAY, "F2026-00001 · PETIT THOMAS", 900),
        (DAY, "F2026-00001 · PETIT THOMAS", -4210),
        (DAY, "A · INES", 400),
        (DAY, "B · PAUL", 500),
    ]
    assert told.bad == []


def test_camt_tells_its_bad_entries_and_keeps_the_others():
    told = camt.read(
        statement(entry(day="hier"), entry("9.001"), entry(money="CHF"), entry(way="X"), entry(details=""), entry("7"))
    )
    assert [row.amount_cents for row in told.rows] == [700]
    assert [(one.column, one.value) for one in told.bad] == [
        ("BookgDt", "hier"),
        ("Amt", "9.001"),
        ("Ccy", "CHF"),
        ("Amt", "9.00"),
        ("RmtInf", ""),
    ]


@pytest.mark.parametrize(
    "raw",
    [
        b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
        b'<!DOCTYPE a [<!ENTITY a "aa"><!ENTITY b "&a;&a;&a;">]><a>&b;</a>',
        statement(entry())[:-20],
        b"<Document/>",
        '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE a><a/>'.encode("utf-16"),
    ],
    ids=["outside", "bomb", "cut", "other", "hidden"],
)
def test_camt_refuses_what_is_no_statement(raw: bytes):
    with pytest.raises(NotAStatement):
        camt.read(raw)


OPENS = [Open(1, "F2026-00001", 7, 900), Open(2, "F2026-00002", 7, 1100), Open(3, "F2026-00003", 8, 900)]
NAMES = {7: "Thomas Petit", 8: "Inès Roux"}
CASES: list[tuple[str, int, list[Any]]] = [
    ("VIR F2026-00001", 900, [(7, (1,), CERTAIN, ("number", "amount"))]),
    ("VIR f2026/1 et f2026/2 Thomas PETIT", 2000, [(7, (1, 2), CERTAIN, ("number", "amount", "name"))]),
    ("VIR F2026-00001", 500, [(7, (1,), LIKELY, ("number",))]),
    ("M PETIT THOMAS", 900, [(7, (1,), LIKELY, ("amount", "name")), (8, (3,), POSSIBLE, ("amount",))]),
    ("PETIT THOMAS", 2000, [(7, (1, 2), LIKELY, ("all_owed", "name"))]),
    ("PETIT THOMAS", 300, [(7, (1,), POSSIBLE, ("name",))]),
    ("SUBVENTION", 50_000, []),
    ("REMISE", -900, []),
]


@pytest.mark.parametrize(("label", "cents", "expected"), CASES)
def test_a_line_is_proposed_with_its_reasons(label: str, cents: int, expected: list[Any]):
    found = propose(label, cents, DAY, opens=OPENS, known=[], names=NAMES)
    assert [(one.customer, one.invoices, one.certainty, one.reasons) for one in found][
        : len(expected) or None
    ] == expected


def test_two_sure_proposals_are_none():
    known = [Known(5, 7, 900, DAY)]
    found = propose("F2026-00001 PETIT THOMAS", 900, DAY, opens=OPENS, known=known, names=NAMES)
    assert {one.certainty for one in found} == {LIKELY, POSSIBLE}


@given(st.lists(st.sampled_from(["A", "B"]), max_size=6))
def test_lines_that_look_the_same_are_each_one_and_the_same_again(labels: list[str]):
    rows = [bank_csv.Row(line, DAY, label, 900) for line, label in enumerate(labels)]
    assert len(set(digests(rows))) == len(rows)
    assert sorted(digests(rows)) == sorted(digests([*reversed(rows)]))


def test_a_statement_read_again_longer_adds_only_what_is_new(open_till: Till):
    head = "Date;Libellé;Montant\n03/11/2026;VIR A;9,00\n03/11/2026;VIR A;9,00\n"
    first = read_statement(**open_till.acts, raw=head.encode())
    again = read_statement(**open_till.acts, raw=(head + "04/11/2026;VIR B;5,00\n").encode())
    assert ((first.new, first.known), (again.new, again.known)) == ((2, 0), (1, 2))
    assert BankLine.objects.count() == 3


def test_a_transfer_that_is_written_down_already_is_linked_not_written_twice(open_till: Till):
    thomas = open_till.customer()
    open_till.issued(HALF_DAY, customer=thomas)
    facts = {"customer_id": thomas, "method": "transfer", "amount_cents": 900, "received_on": date(2026, 11, 2)}
    paid = record_payment(**open_till.acts, **facts, key="a")
    read_statement(**open_till.acts, raw="Date;Libellé;Montant\n03/11/2026;VIR PETIT THOMAS;9,00\n".encode())
    line = BankLine.objects.get()
    assert [one.payment for one in proposals_of(open_till.place, [line])[line.pk]] == [paid.pk]
    assert match_certain(**open_till.acts, lines=[line.pk]) == 1
    line.refresh_from_db()
    assert (line.payment_id, Payment.objects.count()) == (paid.pk, 1)


def test_the_sure_ones_at_once_settle_each_its_invoice(open_till: Till):
    ines, paul = (open_till.customer(name) for name in ("Inès Roux", "Paul Ney"))
    first, second = open_till.issued(HALF_DAY, customer=ines), open_till.issued(MONTH, customer=paul)
    raw = f"Date;Libellé;Montant\n03/11/2026;{first};9,00\n03/11/2026;{second} NEY;110,00\n03/11/2026;NEY PAUL;1,00\n"
    read_statement(**open_till.acts, raw=raw.encode())
    lines = list(BankLine.objects.values_list("pk", flat=True))
    assert match_certain(**open_till.acts, lines=lines) == 2
    assert match_certain(**open_till.acts, lines=lines) == 0
    assert (due_of(first.pk), due_of(second.pk), Payment.objects.count()) == (0, 0, 2)


def test_invoices_of_another_account_are_not_settled_by_a_line(open_till: Till):
    ines, paul = (open_till.customer(name) for name in ("Inès Roux", "Paul Ney"))
    invoice = open_till.issued(HALF_DAY, customer=ines)
    read_statement(**open_till.acts, raw="Date;Libellé;Montant\n03/11/2026;VIR;9,00\n".encode())
    line = BankLine.objects.get()
    with pytest.raises(BillingRefused) as told:
        match(**open_till.acts, line_id=line.pk, customer_id=paul, invoices=[invoice.pk])
    assert str(told.value) == ("Ces factures sont d’un autre compte\u202f: rechargez la page et choisissez de nouveau.")
    assert not Payment.objects.exists()


def test_a_line_matched_by_mistake_is_free_again_once_its_payment_is_undone(open_till: Till):
    thomas, ines = open_till.customer(), open_till.customer("Inès Bonnet")
    owed = open_till.issued(HALF_DAY, customer=ines)
    read_statement(**open_till.acts, raw=b"Date;Libelle;Montant\n03/11/2026;VIR;9,00\n")
    line = BankLine.objects.get()
    wrong = match(**open_till.acts, line_id=line.pk, customer_id=thomas, invoices=None)
    with pytest.raises(BillingRefused):
        match(**open_till.acts, line_id=line.pk, customer_id=ines, invoices=None)
    undo_payment(**open_till.acts, payment_id=wrong.pk)
    assert [one.pk for one in lines_of(open_till.place)] == [line.pk]
    right = match(**open_till.acts, line_id=line.pk, customer_id=ines, invoices=None)
    assert (right.customer_id, due_of(owed.pk)) == (ines, 0)
    undo_payment(**open_till.acts, payment_id=right.pk)
    again = match(**open_till.acts, line_id=line.pk, customer_id=ines, invoices=None)
    assert again.pk != right.pk and due_of(owed.pk) == 0
    assert match(**open_till.acts, line_id=line.pk, customer_id=ines, invoices=None) == again
