"""What a platform is given for one invoice, and the port that any platform fits.

Maillage is a "solution compatible": it makes the files and hands them over. Sending them to the administration is the
trade of a *plateforme agréée*, and of Chorus Pro for public buyers.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from maillage.management.billing.rules.documents import CREDIT, Document, canonical, digest_of
from maillage.management.billing.rules.facturx import handling, is_professional
from maillage.places.rules.sentences import sentence as _

CHORUS, PLATFORM = "chorus-pro", "plateforme"
_NUMBER = re.compile(r"[A-Za-z0-9+_/-]{1,35}")


@dataclass(frozen=True, slots=True)
class Parcel:
    """One invoice for a platform: a name that is its own, and its files."""

    folder: str
    name: str
    files: Mapping[str, bytes]


class Platform(Protocol):
    """Whatever takes an invoice further. `deposit` keeps the whole parcel or nothing, and says whether it was new."""

    def deposit(self, parcel: Parcel) -> bool: ...

    def holds(self, folder: str, name: str) -> bool: ...


def why_not(document: Document) -> tuple[str, str] | None:
    """Why no platform would take this invoice, and the mend; None where one would."""
    if not document.seller.siret:
        return _("le lieu n’a pas de Siret"), _("dites-le dans «\u202fQui facture\u202f»\u202f: la suivante l’aura")
    if not is_professional(document.buyer):
        return (
            _("cette facture s’adresse à un particulier"),
            _("envoyez-lui le PDF\u202f: les plateformes ne portent que les factures entre professionnels"),
        )
    if not document.buyer.siret and handling(document.buyer) == "B2B":
        return _("le client n’a pas de Siret"), _("notez-le sur son compte\u202f: la suivante l’aura")
    if not _NUMBER.fullmatch(document.number):
        return _("ce numéro de facture ne convient pas aux plateformes"), _("prenez une série sans espace ni accent")
    return None


def route(document: Document) -> str:
    """Where the invoice goes: the State's portal for a public buyer, a platform otherwise."""
    return CHORUS if document.is_public else PLATFORM


def file_name(number: str) -> str:
    """A number as the name of a file or of a folder.

    >>> file_name("F2026/11-00012"), file_name("../x")
    ('F2026_11-00012', '___x')
    """
    return re.sub(r"[^A-Za-z0-9+_-]", "_", number)


def parcel(document: Document, *, folder: str, pdf: bytes, ubl: bytes) -> Parcel:
    """The three files of an invoice: what people read, what machines read, and where it goes."""
    name = file_name(document.number)
    files = {f"{name}.pdf": pdf, f"{name}.ubl.xml": ubl}
    about = {
        "number": document.number,
        "kind": "credit" if document.kind == CREDIT else document.kind,
        "issued_on": document.issued_on.isoformat(),
        "total_cents": document.total_cents,
        "route": route(document),
        "seller_siret": document.seller.siret,
        "buyer_siret": document.buyer.siret,
        "buyer_vat": document.buyer.vat_number,
        "engagement": document.engagement,
        "service_code": document.service_code,
        "digest": digest_of(canonical(document)),
        "sha256": {one: hashlib.sha256(held).hexdigest() for one, held in files.items()},
    }
    told = json.dumps(about, ensure_ascii=False, indent=1, sort_keys=True)
    return Parcel(folder, name, files | {f"{name}.json": f"{told}\n".encode()})
