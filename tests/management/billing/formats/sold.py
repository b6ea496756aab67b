"""Invoices of La Maille as data: each VAT regime, and each kind of document that a place issues."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from maillage.management.billing.rules.documents import Document, Line, Party, grouped, net_of, totals

NADINE = Party(
    name="La Maille",
    street="3 rue du Four",
    postal_code="39600",
    city="Chamblay",
    siret="73282932000074",
    rna="W391234567",
    legal_form="Association loi 1901",
    email="contact@lamaille.example",
)
LIABLE = replace(NADINE, vat_number="FR44732829320")
THOMAS = Party(
    name="Thomas Béjar", street="8 chemin des Vignes", postal_code="39600", city="Arbois", email="t@b.example"
)
ATELIER = Party(
    name="Atelier Vert SARL",
    street="1 place du Marché",
    postal_code="39110",
    city="Salins-les-Bains",
    siret="55208131766522",
    vat_number="FR03552081317",
)
TOWN = Party(
    name="Communauté de communes Arbois Poligny",
    street="12 rue de l’Hôtel-de-Ville",
    postal_code="39800",
    city="Poligny",
    siret="20007159500010",
)
IBAN, BIC = "FR7630006000011234567890189", "AGRIFRPP"
FRANCHISE = "TVA non applicable, article 293 B du CGI"
ACCESSORY = "Exonération de TVA, article 261, 7-1°-b du CGI"
ISSUED, DUE = date(2026, 11, 23), date(2026, 12, 23)


def line(label: str, milli: int, cents: int, rate: int = 0, category: str = "O", **more: str) -> Line:
    given = {"unit": "each", "vat": "standard" if rate else "exempt"} | more
    return Line(label, milli, given.pop("unit"), cents, given.pop("vat"), rate, category, net_of(milli, cents), **given)


def document(lines: Sequence[Line], seller: Party = NADINE, buyer: Party = ATELIER, **more: object) -> Document:
    reasons = {"E": ACCESSORY, "O": ""}
    if more.get("regime") == "franchise":
        reasons["E"] = FRANCHISE
    groups = grouped(lines, reasons)
    net, vat, total = totals(groups)
    given = {"kind": "invoice", "number": "F2026-00012", "issued_on": ISSUED, "due_on": DUE, "iban": IBAN, "bic": BIC}
    sums = {"net_cents": net, "vat_cents": vat, "total_cents": total}
    return Document(
        **(given | sums | {"seller": seller, "buyer": buyer, "lines": tuple(lines), "groups": groups} | more)
    )


MIXED = [
    line("Salle de réunion, La Ruche", 3500, 1250, 2000, "S", unit="hour"),
    line("Café d’accueil", 12000, 180, 1000, "S"),
    line("Livre du lieu", 1000, 1599, 550, "S", detail="Histoire de La Maille"),
]
HALF_DAYS = [line("Bureau partagé, demi-journée", 8000, 900, unit="half_day", detail="novembre 2026")]


def papers() -> dict[str, Document]:
    """Each kind of paper, by its name."""
    exempt = [replace(HALF_DAYS[0], vat_category="E")]
    return {
        "outside": document(HALF_DAYS, regime="outside", mentions=("Association non assujettie à la TVA.",)),
        "franchise": document(exempt, regime="franchise", mentions=(FRANCHISE,)),
        "liable": document(MIXED[:1], LIABLE, regime="liable", vat_on_debits=True),
        "accessory": document(exempt, regime="accessory"),
        "mixed": document(MIXED, LIABLE, regime="liable", delivered_from=date(2026, 11, 1), delivered_to=ISSUED),
        "credit": document(
            MIXED[:2],
            LIABLE,
            kind="credit",
            number="A2026-00003",
            corrects="F2026-00011",
            corrects_on=date(2026, 11, 3),
            regime="liable",
        ),
        "deposit": document(
            [line("Acompte, location de la salle le 12 décembre", 1000, 10000, 2000, "S")],
            LIABLE,
            kind="deposit",
            number="F2026-00010",
            regime="liable",
        ),
        "deducted": document(
            [
                line("Location de la salle, 12 décembre", 1000, 30000, 2000, "S"),
                line("Acompte déjà facturé (F2026-00010)", -1000, 10000, 2000, "S", subject="deposit:4"),
            ],
            LIABLE,
            regime="liable",
        ),
        "public": document(
            [line("Demi-journées de découverte, octobre 2026", 74000, 900)],
            buyer=TOWN,
            is_public=True,
            engagement="EJ-2026-0457",
            service_code="FINANCES",
            delivered_from=date(2026, 10, 1),
            delivered_to=date(2026, 10, 31),
        ),
        "free": document(
            [line("Atelier de réparation, prix libre", 1000, 0), line("Soupe, prix libre", 1000, 350)],
            buyer=THOMAS,
            iban="",
            bic="",
        ),
    }
