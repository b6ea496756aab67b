"""A receipt for a gift as people print it: one A4 page, readable by screen readers (PDF/UA-1)."""

import json
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from django.utils.translation import override

from maillage.management.billing.rules.receipts import Given, starred
from maillage.places.rules.signs import all_printable
from maillage.places.views.wording import day_in_words

TEMPLATE = Path(__file__).parents[1] / "data" / "receipt.typ"
FORMS = {
    "authentic": "Acte authentique",
    "private": "Acte sous seing privé",
    "by_hand": "Déclaration de don manuel",
    "other": "Autre",
}
NATURES = {"money": "Numéraire"}
MODES = {
    "cash": "Remise d’espèces",
    "cheque": "Chèque",
    "transfer": "Virement, prélèvement, carte bancaire",
}
LAW = {"200": "article 200", "238 bis": "article 238 bis", "978": "article 978"}
INTEREST = "Œuvre ou organisme d’intérêt général"


def pdf(given: Given) -> bytes:
    """Write the receipt; the same receipt gives the same bytes."""
    import typst

    told = {"data": json.dumps(all_printable(content(given)))}
    return bytes(
        typst.compile(
            _template(), format="pdf", pdf_standards=["ua-1"], sys_inputs=told, ignore_system_fonts=True, timestamp=0
        )
    )


@cache
def _template() -> bytes:
    return TEMPLATE.read_bytes()


def content(given: Given) -> dict[str, Any]:
    """Every word of the receipt, in French: it is a paper of the French tax office."""
    with override("fr"):
        on, at = date.fromisoformat(given.given_on), date.fromisoformat(given.issued_at[:10])
        laws = " et ".join(LAW[article] for article in given.articles)
        numbers = [f"Siren {given.siren}"] if given.siren else []
        numbers += [f"RNA {given.rna}"] if given.rna else []
        company = [f"Siren {given.donor_siren}"] if given.donor_siren else []
        return {
            "title": f"Reçu de don {given.number}",
            "number": given.number,
            "law": f"Reçu au titre des dons à certains organismes d’intérêt général ({laws} du code général des "
            "impôts)",
            "date": [at.year, at.month, at.day],
            "beneficiary": [given.beneficiary, given.beneficiary_address, *numbers],
            "interest": INTEREST,
            "purpose": given.purpose,
            "donor": [given.donor, given.donor_address, *company],
            "amount": starred(given.amount_cents),
            "facts": [
                ["Date du versement", day_in_words(on, "j F Y")],
                ["Forme du don", FORMS[given.form]],
                ["Nature du don", NATURES[given.nature]],
                ["Mode de versement", MODES[given.mode]],
            ],
            "certified": "Le bénéficiaire certifie sur l’honneur que les dons et versements qu’il reçoit ouvrent droit "
            f"à la réduction d’impôt prévue à l’{laws} du code général des impôts.",
            "signed": f"Le {day_in_words(at, 'j F Y')}",
            "signatory": given.signatory,
        }
