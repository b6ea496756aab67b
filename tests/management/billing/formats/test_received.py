"""What suppliers send is read as hostile text: shown where it is an invoice, refused with a sentence elsewhere."""

import io
import itertools
import time
from dataclasses import replace
from datetime import date

import pytest
from facturx import generate_from_file
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfWriter

from maillage.management.billing.formats.facturx_pdf import facturx_pdf
from maillage.management.billing.formats.paper import paper
from maillage.management.billing.formats.received import MOST_BYTES, BadInvoice, Item, read, xml_of
from maillage.management.billing.formats.xml import cii, ubl
from tests.management.billing.formats.sold import LIABLE, MIXED, document, line, papers

XML = cii(papers()["mixed"])
ASK = "demandez au fournisseur le fichier d’origine."
BOMB = '<!DOCTYPE x [<!ENTITY a "' + "ha" * 50 + '">' + "".join(
    f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(8)
) + "]>"  # fmt: skip


def refused(raw: bytes) -> str:
    with pytest.raises(BadInvoice) as caught:
        read(xml_of(raw))
    return str(caught.value)


def with_attachment(name: str, held: bytes) -> bytes:
    writer = PdfWriter(clone_from=io.BytesIO(paper(papers()["free"])))
    writer.add_attachment(name, held)
    made = io.BytesIO()
    writer.write(made)
    return made.getvalue()


@pytest.mark.parametrize("write", [facturx_pdf, cii, ubl])
def test_a_factur_x_its_xml_and_ubl_tell_the_same(write):
    told = read(xml_of(write(papers()["mixed"])))
    assert (told.number, told.issued_on, told.due_on) == ("F2026-00012", date(2026, 11, 23), date(2026, 12, 23))
    assert (told.supplier, told.supplier_siret, told.supplier_vat) == ("La Maille", "73282932000074", "FR44732829320")
    assert (told.net_cents, told.vat_cents, told.total_cents, told.currency) == (8134, 1179, 9313, "EUR")
    assert told.buyer == "Atelier Vert SARL" and not told.is_credit
    assert told.iban == "FR7630006000011234567890189" and any("40 €" in note for note in told.notes)
    assert told.items[0] == Item("Salle de réunion, La Ruche", "3.5", "12.50", "20", 4375)
    assert [item.net_cents for item in told.items] == [4375, 2160, 1599]


@pytest.mark.parametrize("name", papers())
@pytest.mark.parametrize("write", [cii, ubl])
def test_every_kind_that_is_issued_here_can_be_received_there(name, write):
    sold = papers()[name]
    told = read(xml_of(write(sold)))
    assert told.total_cents == sold.total_cents and len(told.items) == len(sold.lines)
    assert told.is_credit == (sold.kind == "credit")


def test_other_names_of_the_attachment_are_known():
    for name in ("zugferd-invoice.xml", "xrechnung.xml", "FACTUR-X.XML"):
        assert read(xml_of(with_attachment(name, XML))).total_cents == 9313


def encrypted() -> bytes:
    writer = PdfWriter(clone_from=io.BytesIO(facturx_pdf(papers()["free"])))
    writer.encrypt("secret", algorithm="RC4-128")
    made = io.BytesIO()
    writer.write(made)
    return made.getvalue()


UTF8 = f"la facture n’est pas écrite en UTF-8, que la norme demande : {ASK}"
ENTITIES = f"la facture déclare des entités, qu’aucune facture n’a à déclarer : {ASK}"
NO_INVOICE = (
    "ce PDF ne porte pas de facture électronique : demandez une facture Factur-X, "
    "ou notez-la à la main dans vos comptes."
)
STRANGE = "ce n’est pas une facture électronique (Factur-X, CII ou UBL) : vérifiez le fichier choisi."
SCHEMA = f"la facture ne suit pas le schéma officiel de sa norme : {ASK}"


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (b"", f"le fichier est vide : {ASK}"),
        (b" \n\t", f"le fichier est vide : {ASK}"),
        (b"<" + b"x" * MOST_BYTES, "le fichier dépasse 10 Mo : demandez une facture plus légère."),
        (b"bonjour", "ce n’est ni un PDF ni du XML : vérifiez le fichier choisi."),
        (b"PK\x03\x04 zip", "ce n’est ni un PDF ni du XML : vérifiez le fichier choisi."),
        (b"<facture", f"le XML de la facture est mal formé : {ASK}"),
        (b"<a>" * 5000 + b"</a>" * 5000, f"le XML de la facture est mal formé : {ASK}"),
        (b"<facture/>", STRANGE),
        (b"<Invoice xmlns='urn:elsewhere'/>", STRANGE),
        (XML.decode().replace("UTF-8", "ISO-8859-1").encode("latin-1", "replace"), UTF8),
        (XML.replace(b"encoding='UTF-8'", b"").decode().encode("latin-1", "replace"), UTF8),
        (XML.decode().encode("utf-16"), UTF8),
        (BOMB.encode() + b"<x>&i;</x>", ENTITIES),
        (b'<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><x>&f;</x>', ENTITIES),
        (b'<?xml version="1.0"?><!DOCTYPE x SYSTEM "http://198.51.100.7/x.dtd"><x/>', ENTITIES),
        (paper(papers()["free"]), NO_INVOICE),
        (encrypted(), "le PDF est protégé par un mot de passe : demandez-le sans protection."),
        (b"%PDF-1.7\n" + b"\x00" * 300, f"le PDF est illisible ou abîmé : {ASK}"),
        (with_attachment("factur-x.xml", b"%PDF-1.7"), "ce n’est ni un PDF ni du XML : vérifiez le fichier choisi."),
        (with_attachment("factur-x.xml", BOMB.encode()), ENTITIES),
        (with_attachment("notes.txt", XML), NO_INVOICE),
        (XML.replace(b"<ram:TypeCode>380</ram:TypeCode>", b"", 1), SCHEMA),
        (XML.replace(b">20261123<", b">lundi<", 1), f"une date ou un nombre de la facture est illisible : {ASK}"),
        (XML.replace(b">93.13<", b">93.135<"), f"un montant de la facture a plus de deux décimales : {ASK}"),
        (XML.replace(b">93.13<", b">99999999999999.00<"), f"un montant de la facture est impossible : {ASK}"),
        (XML.replace(b"<ram:Name>La Maille</ram:Name>", b"<ram:Name> </ram:Name>"),
         f"la facture ne nomme pas son fournisseur : {ASK}"),
    ],
    ids=map(str, itertools.count()),
)  # fmt: skip
def test_what_cannot_be_taken_says_why_and_what_to_do(raw, told):
    before = time.process_time()
    assert refused(raw) == told
    assert time.process_time() - before < 5


@pytest.mark.parametrize("unpacked", [MOST_BYTES + 1, 200 * 1024 * 1024])
def test_a_file_that_unpacks_without_end_is_refused(unpacked, tmp_path):
    made = tmp_path / "bombe.pdf"
    asked = {"flavor": "factur-x", "level": "en16931", "check_xsd": False, "pdf_metadata": {"title": "x"}}
    source = io.BytesIO(paper(papers()["free"]))
    generate_from_file(source, b"<x>" + b" " * unpacked, output_pdf_file=str(made), **asked)
    packed = made.read_bytes()
    assert len(packed) < 1024 * 1024
    if unpacked > 10 * MOST_BYTES:
        assert refused(packed) == f"le PDF est illisible ou abîmé : {ASK}"
        return
    assert refused(packed) == "les données de la facture dépassent 10 Mo : demandez une facture plus légère."


def test_too_many_lines_are_refused():
    many = document([replace(MIXED[0], label=f"L{n}") for n in range(2_001)], LIABLE)
    assert refused(cii(many)) == "la facture a plus de 2000 lignes : demandez-en plusieurs."


def test_signs_that_nobody_sees_are_gone_from_what_is_shown():
    sly = "AC\u202eME".encode()
    told = read(xml_of(XML.replace(b"<ram:Name>La Maille</ram:Name>", b"<ram:Name>" + sly + b"</ram:Name>", 1)))
    assert told.supplier == "ACME"
    long = read(xml_of(cii(document([line("é" * 5_000, 1000, 100)]))))
    assert len(long.items[0].label) == 300


@settings(max_examples=60)
@given(st.data())
def test_a_file_broken_anywhere_is_read_or_refused_and_never_breaks_the_reader(data):
    raw = bytearray(data.draw(st.sampled_from([XML, ubl(papers()["credit"]), facturx_pdf(papers()["free"])])))
    for _ in range(data.draw(st.integers(1, 8))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.one_of(st.none(), st.integers(0, len(raw))))
    try:
        read(xml_of(bytes(raw[:cut])))
    except BadInvoice as bad:
        assert bad.problem and bad.mend
