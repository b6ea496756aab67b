"""The PDF of an invoice: a PDF/A-3 by its markers, read back byte for byte, the same whenever it is asked."""

import io
import re
from dataclasses import replace

import pytest
import time_machine
from facturx import get_facturx_xml_from_pdf
from pypdf import PdfReader

from maillage.management.billing.formats.facturx_pdf import facturx_pdf
from maillage.management.billing.formats.paper import content
from maillage.management.billing.formats.xml import cii
from tests.management.billing.formats.sold import LIABLE, document, line, papers


def opened(made: bytes) -> PdfReader:
    return PdfReader(io.BytesIO(made), strict=True)


def text_of(made: bytes) -> str:
    said = " ".join(page.extract_text() for page in opened(made).pages)
    return " ".join(said.replace("\u202f", " ").split())


@pytest.mark.parametrize("name", papers())
def test_what_it_carries_is_read_back_byte_for_byte(name):
    sold = papers()[name]
    made = facturx_pdf(sold)
    assert get_facturx_xml_from_pdf(made, check_xsd=True, check_schematron=False) == ("factur-x.xml", cii(sold))
    (held,) = opened(made).attachments["factur-x.xml"]
    assert held == cii(sold)


def test_it_bears_every_mark_of_a_pdf_a_3_and_of_a_factur_x():
    made = facturx_pdf(papers()["mixed"])
    assert made.startswith(b"%PDF-1.") and made.count(b"%PDF-") == made.count(b"%%EOF") == 1
    reader = opened(made)
    root = reader.trailer["/Root"]
    xmp = root["/Metadata"].get_data().decode()
    for mark in (
        "<pdfaid:part>3</pdfaid:part>",
        "<pdfaid:conformance>B</pdfaid:conformance>",
        "<fx:ConformanceLevel>EN 16931</fx:ConformanceLevel>",
        "<fx:DocumentFileName>factur-x.xml</fx:DocumentFileName>",
        "<fx:DocumentType>INVOICE</fx:DocumentType>",
        "urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#",
        "Facture F2026-00012",
    ):
        assert mark in xmp
    (given,) = root["/AF"]
    filespec = given.get_object()
    assert (filespec["/AFRelationship"], filespec["/UF"]) == ("/Data", "factur-x.xml")
    assert filespec["/EF"]["/F"].get_object()["/Subtype"] == "/text/xml"
    (intent,) = root["/OutputIntents"]
    assert intent.get_object()["/S"] == "/GTS_PDFA1" and intent.get_object()["/DestOutputProfile"].get_data()
    assert reader.trailer["/ID"] and not reader.is_encrypted and root["/Lang"] == "fr-FR"
    assert bool(root["/MarkInfo"]["/Marked"]) and "/StructTreeRoot" in root


def test_every_letter_is_in_the_file_and_nothing_runs():
    reader = opened(facturx_pdf(papers()["mixed"]))
    fonts = [font.get_object() for page in reader.pages for font in page["/Resources"]["/Font"].values()]
    assert fonts
    for font in fonts:
        (told,) = font["/DescendantFonts"]
        described = told.get_object()["/FontDescriptor"]
        assert "/ToUnicode" in font and {"/FontFile2", "/FontFile3"} & set(described)
    kinds = {
        str(one.get("/S")) for one in map(reader.get_object, range(1, 60)) if isinstance(one, dict) and "/S" in one
    }
    assert not {"/JavaScript", "/Launch", "/SubmitForm"} & kinds


def test_it_is_the_same_bytes_whenever_it_is_asked():
    with time_machine.travel("2026-11-23T10:00:00Z"):
        first = facturx_pdf(papers()["public"])
    with time_machine.travel("2031-02-01T23:59:59Z"):
        again = facturx_pdf(papers()["public"])
    assert first == again
    told = opened(first).metadata
    assert told is not None and told.creation_date is not None and told.creation_date.date().isoformat() == "2026-11-23"


def test_the_paper_says_what_the_law_wants_said():
    said = text_of(facturx_pdf(papers()["mixed"]))
    for words in (
        "Facture F2026-00012", "La Maille", "3 rue du Four", "39600 Chamblay", "Siret 732 829 320 00074",
        "TVA FR44732829320", "Atelier Vert SARL", "Siret 552 081 317 66522", "23 novembre 2026", "23 décembre 2026",
        "du 1er au 23 novembre 2026", "3,5 heures", "12,50 €", "20 %", "5,5 %", "81,34 €", "11,79 €", "93,13 €",
        "FR76 3000 6000 0112 3456 7890 189", "40 €", "trois fois le taux de l’intérêt légal", "escompte",
    ):  # fmt: skip
        assert words in said
    assert "293 B" in text_of(facturx_pdf(papers()["franchise"]))
    assert "d’après les débits" in text_of(facturx_pdf(papers()["liable"]))
    public = text_of(facturx_pdf(papers()["public"]))
    assert "EJ-2026-0457" in public and "FINANCES" in public


def test_a_credit_note_says_what_it_corrects_and_asks_for_no_transfer():
    said = text_of(facturx_pdf(papers()["credit"]))
    assert "Avoir A2026-00003" in said and "Corrige la facture F2026-00011, du 3 novembre 2026" in said
    assert "En votre faveur" in said and "IBAN" not in said and "À payer avant" not in said


def test_the_code_of_the_transfer_holds_what_banks_read():
    told = content(papers()["public"])["pay"]
    assert told is not None and told["qr"].startswith("<svg") and told["reference"] == "F2026-00012"
    assert content(papers()["free"])["pay"] is None
    dear = line("Murs", 1_000_000_000, 100_000_000)
    assert content(document([dear]))["pay"]["qr"] == ""


@pytest.mark.parametrize(
    "odd",
    [
        '#eval("1+1")',
        '#read("/etc/passwd")',
        "*gras* _x_ $x^2$ @ref <label>",
        "a\\ b // c /* d",
        "字 ✨ 𝓛𝓮",
        "\x07\u202ex",
    ],
)
def test_what_somebody_wrote_is_never_read_as_markup(odd):
    sold = document([line(f"L {odd}", 1000, 100, detail=odd)], note=odd, mentions=(odd,), service_code=odd[:20])
    sold = replace(sold, seller=replace(sold.seller, name=f"V {odd}"), buyer=replace(sold.buyer, name=f"A {odd}"))
    said = text_of(facturx_pdf(sold))
    for word in re.findall(r"[a-z+0-9]{3,}", odd):
        assert word in said
    assert "root:" not in said


def test_a_long_invoice_runs_over_pages_that_keep_their_heads():
    many = [line(f"Poste {n}", 1000, 900, 2000, "S", detail="x " * 80) for n in range(1, 80)]
    reader = opened(facturx_pdf(document(many, LIABLE)))
    assert len(reader.pages) > 3
    for page in list(reader.pages)[:-1]:
        assert "Désignation" in page.extract_text()
    assert f"1 / {len(reader.pages)}" in " ".join(reader.pages[0].extract_text().split())
