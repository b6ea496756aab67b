"""The papers of money over the web: an invoice as PDF and XML, and the e-invoices that suppliers send."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from maillage.journal.models import AuditEvent
from maillage.management.billing.formats.facturx_pdf import facturx_pdf
from maillage.management.billing.formats.received import MOST_BYTES
from maillage.management.billing.formats.xml import cii, ubl
from maillage.management.billing.models import Received
from maillage.management.billing.rules.documents import read
from tests.management.billing.formats import judge
from tests.management.billing.formats.sold import papers
from tests.management.billing.till import HALF_DAY, LIABLE, MONTH


def sent(raw: bytes, name: str = "facture.pdf") -> dict:
    return {"fichier": SimpleUploadedFile(name, raw)}


@pytest.fixture
def shelf(people) -> str:
    return f"/gerer/{people.place.slug}/argent/recues/"


def test_an_issued_invoice_is_read_as_pdf_and_as_xml(nadine, open_till, people):
    issued = open_till.issued()
    document = read(issued.canonical)
    base = f"/gerer/{people.place.slug}/argent/factures/{issued.pk}"
    for path, kind, held in (
        ("facture.pdf", "application/pdf", facturx_pdf(document)),
        ("factur-x.xml", "application/xml", cii(document)),
        ("ubl.xml", "application/xml", ubl(document)),
    ):
        answer = nadine.get(f"{base}/{path}")
        assert (answer.status_code, answer["Content-Type"], answer.content) == (200, kind, held)
        assert document.number in answer["Content-Disposition"]
        assert "no-store" in answer["Cache-Control"] or "private" in answer["Cache-Control"]
        assert nadine.get(f"/gerer/{people.place.slug}/argent/factures/{issued.pk + 9}/{path}").status_code == 404


def test_a_received_invoice_shows_its_lines_and_is_filed_once(nadine, shelf, people):
    raw = facturx_pdf(papers()["mixed"])
    answer = nadine.post(shelf, sent(raw))
    filed = Received.objects.get()
    assert answer.status_code == 302 and answer["Location"] == f"{shelf}{filed.pk}/"
    page = nadine.get(answer["Location"]).content.decode()
    for words in ("Facture F2026-00012 · La Maille", "Salle de réunion, La Ruche", "3,5", "12,5", "43,75", "93,13"):
        assert words in page
    again = nadine.post(shelf, sent(cii(papers()["mixed"]), "facture.xml"), follow=True)
    assert "Elle était déjà rangée." in again.content.decode() and Received.objects.count() == 1
    assert AuditEvent.objects.filter(action="billing.received").count() == 1
    assert nadine.get(f"{shelf}{filed.pk}/donnees.xml").content == cii(papers()["mixed"])
    assert "La Maille, F2026-00012" in nadine.get(shelf).content.decode()
    assert (filed.total_cents, filed.supplier_siret, filed.xml.encode()) == (
        9313, "73282932000074", cii(papers()["mixed"]),
    )  # fmt: skip


def test_a_credit_note_of_a_supplier_counts_the_other_way(nadine, shelf):
    nadine.post(shelf, sent(ubl(papers()["credit"]), "avoir.xml"))
    filed = Received.objects.get()
    assert filed.total_cents == -papers()["credit"].total_cents
    assert "Avoir A2026-00003 · La Maille" in nadine.get(f"{shelf}{filed.pk}/").content.decode()


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (b"", "le fichier est vide"),
        (b"<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>", "la facture déclare des entités"),
        (b"%PDF-1.4 rien", "le PDF est illisible ou abîmé"),
        (b"<" + b"x" * MOST_BYTES, "le fichier dépasse 10 Mo"),
    ],
    ids=["empty", "bomb", "broken", "heavy"],
)
def test_what_cannot_be_filed_is_told_beside_its_control(nadine, shelf, raw, told):
    answer = nadine.post(shelf, sent(raw))
    page = answer.content.decode()
    assert answer.status_code == 422 and told in page and 'href="#id-fichier"' in page
    assert not Received.objects.exists()
    assert nadine.post(shelf, {"fichier": "un texte"}).status_code == 422
    assert nadine.post(shelf).status_code == 422


def test_each_place_files_its_own(client_of, people, shelf, nadine):
    raw = cii(papers()["public"])
    nadine.post(shelf, sent(raw))
    lila = client_of(people.lila)
    there = f"/gerer/{people.other.slug}/argent/recues/"
    filed = Received.objects.get()
    assert lila.get(f"{there}{filed.pk}/").status_code == 404
    assert lila.post(there, sent(raw)).status_code == 302
    assert Received.objects.count() == 2
    assert client_of(people.karim).get(shelf).status_code == 403
    assert client_of(people.karim).post(shelf, sent(raw)).status_code == 403


def test_a_file_is_read_from_memory_however_it_is_named(nadine, shelf):
    file = io.BytesIO(facturx_pdf(papers()["free"]))
    file.name = "../../etc/passwd\x00.pdf"
    assert nadine.post(shelf, {"fichier": file}).status_code == 302


@pytest.mark.parametrize("regime", ["outside", "franchise", "liable", "accessory"])
def test_what_a_place_really_issues_passes_the_official_judges(till, regime):
    raw = LIABLE if regime == "liable" else {"regime": regime}
    till.opens(**raw)
    for customer in (till.town(engagement="EJ-1"), till.customer("Atelier Vert", siret="55208131766522")):
        document = read(till.issued(HALF_DAY, MONTH, customer=customer).canonical)
        for written, rules in (
            (cii(document), (judge.CII_EN, judge.CII_FR)), (ubl(document), (judge.UBL_EN, judge.UBL_FR)),
        ):  # fmt: skip
            assert judge.follows_the_schema(written)
            for one in rules:
                verdict = judge.judged(written, one)
                assert verdict.failed == () and verdict.fired >= 50
        assert facturx_pdf(document).startswith(b"%PDF-")
