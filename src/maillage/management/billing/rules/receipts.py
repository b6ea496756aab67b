"""A receipt for a gift: what it says by law (Cerfa 11580 for persons, 16216 for companies), and what refuses one.

A gift has no counterpart: a payment that settled an invoice, whole or in part, gets none.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime

from maillage.management.billing.rules import chain
from maillage.management.people.rules.entries import Wrong
from maillage.places.rules.sentences import sentence as _
from maillage.places.rules.text import invisible, one_line

SERIES = "RD"
FORMS = AUTHENTIC, PRIVATE, BY_HAND, OTHER = "authentic", "private", "by_hand", "other"
"""Acte authentique, acte sous seing privé, déclaration de don manuel, autres."""
MODES = {"cash": "cash", "cheque": "cheque", "transfer": "transfer", "debit": "transfer"}
"""How the money came, as the form puts it; card and HelloAsso are with transfers on the form."""
PERSONS, COMPANIES = ("200",), ("238 bis",)
LONGEST = {"purpose": 300, "signatory": 120}
ASKED = ("purpose", "signatory")


@dataclass(frozen=True, slots=True)
class Given:
    """What a receipt tells, whole: who received, who gave, what, and who signs."""

    number: str
    place_id: str
    customer_id: int
    payment_id: int
    series: str
    order: int
    beneficiary: str
    beneficiary_address: str
    siren: str
    rna: str
    purpose: str
    donor: str
    donor_address: str
    donor_siren: str
    amount_cents: int
    given_on: str
    form: str
    nature: str
    mode: str
    articles: tuple[str, ...]
    signatory: str
    issued_at: str
    issued_by: str


@dataclass(frozen=True, slots=True)
class Gift:
    """A payment that somebody asks a receipt for, and all that may refuse it."""

    amount_cents: int
    settled_cents: int
    is_undone: bool
    donor_has_address: bool
    is_general_interest: bool
    has_number: bool


def refusal(gift: Gift) -> tuple[str, Wrong] | None:
    """Why a payment gets no receipt: the field, the reason and the mend; None when it gets one."""
    if not gift.is_general_interest:
        return "seller", Wrong(
            _("ce lieu ne s’est pas dit d’intérêt général, et lui seul peut donner un reçu fiscal"),
            _("vérifiez-le avec votre comptable, puis dites-le dans «\u202fQui facture\u202f»"),
        )
    if not gift.has_number:
        return "seller", Wrong(
            _("un reçu porte le Siren ou le numéro RNA de l’association"),
            _("écrivez l’un des deux dans «\u202fQui facture\u202f»"),
        )
    if gift.amount_cents <= 0 or gift.is_undone:
        return "payment", Wrong(_("cet argent a été rendu ou annulé"), _("choisissez un encaissement qui tient"))
    if gift.settled_cents:
        return "payment", Wrong(
            _("cet argent a payé une facture\u202f: il a une contrepartie, ce n’est pas un don"),
            _("ne donnez de reçu que pour ce qui est donné sans rien en échange"),
        )
    if not gift.donor_has_address:
        return "customer", Wrong(
            _("un reçu porte l’adresse complète de qui donne"),
            _("écrivez-la dans son compte"),
        )
    return None


def read(raw: Mapping[str, str]) -> tuple[dict[str, str], dict[str, Wrong]]:
    """What the form of a receipt asks: the association's purpose, and who signs."""
    values, wrongs = {}, {}
    for name in ASKED:
        given = raw.get(name, "")
        if invisible(given):
            wrongs[name] = Wrong(_("ce texte contient des signes invisibles"), _("tapez-le de nouveau"))
            continue
        text = values[name] = one_line(given)
        if not text:
            wrongs[name] = Wrong(_("il manque un texte"), _("écrivez-le, il figure sur le reçu"))
        elif len(text) > LONGEST[name]:
            wrongs[name] = Wrong(_("dépasse %(n)d caractères", n=LONGEST[name]), _("raccourcissez-le"))
    return values, wrongs


def canonical(given: Given) -> str:
    """The whole receipt on one line: what is frozen and hashed."""
    held = asdict(given) | {"articles": list(given.articles)}
    own = held | {"number": given.order, "name": given.number}
    del own["order"]
    return json.dumps(own, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def read_canonical(text: str) -> Given:
    """The receipt that a canonical text holds."""
    held = json.loads(text)
    held |= {"order": held["number"], "number": held.pop("name"), "articles": tuple(held["articles"])}
    return Given(**held)


def starred(cents: int) -> str:
    """The amount between asterisks, as a receipt made by computer writes it so that letters are not needed.

    >>> starred(123450)
    '***1\\u202f234,50\\u202f€***'
    """
    euros = f"{cents // 100:,}".replace(",", "\u202f")
    return f"***{euros},{cents % 100:02}\u00a0€***".replace("\u00a0", "\u202f")


def moment(at: datetime) -> str:
    """A moment as it is frozen."""
    return str(chain.told(at))


def yearly(amounts: Sequence[tuple[date, int]], year: int) -> tuple[int, int]:
    """What the yearly declaration asks: how many receipts of a year, and their sum in cents (CGI, article 222 bis).

    >>> yearly([(date(2026, 3, 2), 5000), (date(2025, 3, 2), 1)], 2026)
    (1, 5000)
    """
    held = [cents for day, cents in amounts if day.year == year]
    return len(held), sum(held)
