"""An invoice is handed over to the platform whole, once, and only where a platform would take it."""

import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied

from maillage.journal.models import AuditEvent
from maillage.management.billing.actions.dispatch import hand_over
from maillage.management.billing.actions.door import BillingRefused
from maillage.management.billing.formats.dropped import Folder
from maillage.management.billing.formats.facturx_pdf import facturx_pdf
from maillage.management.billing.formats.xml import ubl
from maillage.management.billing.models import Invoice
from maillage.management.billing.rules.dispatch import Parcel, file_name
from maillage.management.billing.rules.documents import read
from tests.management.billing.till import LIABLE, Till

PARCEL = Parcel("la-maille", "F2026-00001", {"a.pdf": b"un", "a.json": b"{}"})


@pytest.fixture
def dropped(tmp_path, settings) -> Path:
    settings.EINVOICES = tmp_path / "einvoices"
    return settings.EINVOICES


def sold(till: Till, customer: int) -> Invoice:
    return till.issued(customer=customer)


def test_the_three_files_wait_together_and_say_what_they_are(dropped, open_till):
    issued = sold(open_till, open_till.town(engagement="EJ-7", service_code="CULTURE"))
    assert hand_over(**open_till.acts, invoice_id=issued.pk) is True
    name = file_name(read(issued.canonical).number)
    folder = dropped / open_till.place.slug / name
    assert sorted(path.name for path in folder.iterdir()) == [f"{name}.json", f"{name}.pdf", f"{name}.ubl.xml"]
    document = read(issued.canonical)
    assert (folder / f"{name}.pdf").read_bytes() == facturx_pdf(document)
    assert (folder / f"{name}.ubl.xml").read_bytes() == ubl(document)
    about = json.loads((folder / f"{name}.json").read_text())
    assert about["route"] == "chorus-pro" and about["buyer_siret"] == "21390093900017"
    assert (about["engagement"], about["service_code"]) == ("EJ-7", "CULTURE")
    assert (about["total_cents"], about["digest"]) == (issued.total_cents, issued.digest)
    for file, digest in about["sha256"].items():
        assert hashlib.sha256((folder / file).read_bytes()).hexdigest() == digest
    event = AuditEvent.objects.get(action="billing.handed_over")
    assert event.detail == {"place": str(open_till.place.pk), "route": "chorus-pro"}


def test_asked_again_it_writes_nothing(dropped, open_till):
    issued = sold(open_till, open_till.customer("Atelier", siret="55208131766522"))
    assert hand_over(**open_till.acts, invoice_id=issued.pk) is True
    before = {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in dropped.rglob("*.*")}
    assert hand_over(**open_till.acts, invoice_id=issued.pk) is False
    assert {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in dropped.rglob("*.*")} == before
    assert AuditEvent.objects.filter(action="billing.handed_over").count() == 1


@pytest.mark.parametrize(
    ("seller", "buyer", "told"),
    [
        (
            {},
            {},
            "Cette facture s’adresse à un particulier\u202f: envoyez-lui le PDF\u202f: les plateformes ne portent "
            "que les factures entre professionnels.",
        ),
        (
            {"siret": "", "rna": "W391234567"},
            {"siret": "55208131766522"},
            "Le lieu n’a pas de Siret\u202f: dites-le dans «\u202fQui facture\u202f»\u202f: la suivante l’aura.",
        ),
        (
            LIABLE,
            {"vat_number": "FR03552081317"},
            "Le client n’a pas de Siret\u202f: notez-le sur son compte\u202f: la suivante l’aura.",
        ),
    ],
)
def test_what_no_platform_would_take_is_refused_with_the_reason(dropped, till, seller, buyer, told):
    till.opens(**seller)
    issued = sold(till, till.customer("Thomas", **buyer))
    with pytest.raises(BillingRefused) as caught:
        hand_over(**till.acts, invoice_id=issued.pk)
    assert str(caught.value) == told and not dropped.exists()


def test_an_invoice_of_another_place_does_not_exist_here_and_a_colleague_may_not(dropped, open_till, people):
    issued = sold(open_till, open_till.town())
    with pytest.raises(Invoice.DoesNotExist):
        hand_over(place=people.other, invoice_id=issued.pk, by="commande:essai", now=open_till.now)
    with pytest.raises(PermissionDenied):
        by = f"compte:{people.karim.user.pk}:colleague"
        hand_over(place=people.place, invoice_id=issued.pk, by=by, now=open_till.now)
    assert not dropped.exists()


def test_a_full_disk_leaves_no_half_parcel(tmp_path, monkeypatch):
    def full(self, target):
        raise OSError(28, "No space left on device")

    folder = Folder(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", full)
        with pytest.raises(OSError, match="No space left"):
            folder.deposit(PARCEL)
    assert not list((tmp_path / "la-maille").iterdir()) and not folder.holds("la-maille", "F2026-00001")
    assert folder.deposit(PARCEL) is True


def test_many_who_hand_over_at_once_leave_one_parcel(tmp_path):
    folder = Folder(tmp_path)
    with ThreadPoolExecutor(8) as pool:
        told = list(pool.map(lambda _: folder.deposit(PARCEL), range(40)))
    assert sum(told) == 1 and [path.name for path in (tmp_path / "la-maille").iterdir()] == ["F2026-00001"]
