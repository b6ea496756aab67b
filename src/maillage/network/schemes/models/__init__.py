"""The tables of schemes: what funders pay, and what places owe one another."""

from maillage.network.schemes.models.passes import (
    Accreditation,
    Claim,
    Issue,
    Redemption,
    Referrer,
    Scheme,
    SigningKey,
    Statement,
    StatementLine,
)
from maillage.network.schemes.models.roaming import Roaming, RoamingBill, RoamingLine, RoamingPlace, RoamingVisit

__all__ = [
    "Accreditation",
    "Claim",
    "Issue",
    "Redemption",
    "Referrer",
    "Roaming",
    "RoamingBill",
    "RoamingLine",
    "RoamingPlace",
    "RoamingVisit",
    "Scheme",
    "SigningKey",
    "Statement",
    "StatementLine",
]
