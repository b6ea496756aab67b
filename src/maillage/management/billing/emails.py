"""Mails about money: the statement of an account, and a kind word about what is due."""

from collections.abc import Sequence
from datetime import date, datetime

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from maillage.journal import emails as journal
from maillage.journal.emails import one_line
from maillage.management.billing.labels import euros
from maillage.management.billing.models import Customer, Invoice
from maillage.management.billing.queries.payments import left_of
from maillage.management.billing.queries.statements import Statement

FRENCH = "fr"


def statement_subject(statement: Statement) -> str:
    """The subject of the mail of a statement."""
    return _("Votre compte à %(place)s, au %(day)s") % {
        "place": one_line(statement.account.customer.place.name),
        "day": _day(statement.on),
    }


def statement_text(statement: Statement) -> str:
    """A statement as a mail says it: the last three invoices, what came in, what is left."""
    parts = [_("Bonjour,"), _("Voici où en est votre compte.")]
    if statement.invoices:
        parts.append(_("Vos dernières factures\u202f:") + "\n" + "\n".join(_invoice(one) for one in statement.invoices))
    if statement.older_cents:
        parts.append(_("Sur des factures plus anciennes\u202f: %(left)s.") % {"left": euros(statement.older_cents)})
    if statement.payments:
        told = [
            _("– %(cents)s, le %(day)s") % {"cents": euros(one.amount_cents), "day": _day(one.received_on)}
            for one in statement.payments
        ]
        parts.append(_("Reçu depuis deux mois, merci\u202f:") + "\n" + "\n".join(told))
    parts.append(_balance(statement))
    if statement.balance_cents > 0:
        parts.append(how_to_pay(statement))
        parts.append(_("Une difficulté, une erreur de notre part\u202f? Un mot suffit, nous trouverons ensemble."))
    return "\n\n".join([*parts, _("À bientôt,\n%(place)s") % {"place": _place(statement)}]) + "\n"


def reminder_subject(statement: Statement) -> str:
    """The subject of a kind word."""
    return _("Un petit point sur votre compte à %(place)s") % {"place": _place(statement)}


def reminder_text(statement: Statement, late: Sequence[Invoice]) -> str:
    """The draft of a kind word about what is due; somebody reads it and changes it before it leaves."""
    due = sum(left_of(one) for one in late)
    said = ngettext(
        "Sauf erreur de notre part, il reste %(due)s à régler sur cette facture\u202f:",
        "Sauf erreur de notre part, il reste %(due)s à régler sur ces factures\u202f:",
        len(late),
    ) % {"due": euros(due)}
    parts = [
        _("Bonjour,"),
        _("Nous espérons que tout va bien pour vous."),
        said + "\n" + "\n".join(_invoice(one) for one in late),
        _(
            "Si c’est déjà parti, merci, et oubliez ce mot. Sinon, réglez quand vous le pouvez\u202f: "
            "en plusieurs fois s’il le faut, il suffit de nous le dire."
        ),
        how_to_pay(statement),
        _("Le lieu vit de ce que chacun y met. Merci d’en être."),
        _("À bientôt,\n%(place)s") % {"place": _place(statement)},
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def how_to_pay(statement: Statement) -> str:
    """How to settle: by transfer where the place has told its IBAN, else at the place."""
    if not statement.iban:
        return _("Pour régler\u202f: à l’accueil, par chèque ou en espèces.")
    facts = {"name": one_line(statement.seller), "iban": _grouped(statement.iban)}
    return _("Pour régler par virement\u202f: %(name)s, IBAN %(iban)s. Indiquez le numéro de la facture.") % facts


def send(*, customer: Customer, subject: str, text: str, now: datetime) -> None:
    """Keep a mail to an account, in the current transaction."""
    journal.keep(to=address_of(customer), subject=subject, body=text, now=now)


def address_of(customer: Customer) -> str:
    """Where an account reads its mail; empty where nobody knows."""
    if customer.email:
        return customer.email
    party = customer.person or customer.organisation
    return party.email if party else ""


def in_french() -> translation.override:
    """The mails of a team to its members are in French, whatever the language of who sends them."""
    return translation.override(FRENCH)


def _invoice(one: Invoice) -> str:
    facts = {
        "number": str(one),
        "day": _day(one.issued_on),
        "total": euros(one.total_cents),
        "left": euros(left_of(one)),
    }
    if left_of(one) <= 0:
        return _("– %(number)s du %(day)s, %(total)s\u202f: réglée, merci") % facts
    if left_of(one) == one.total_cents:
        return _("– %(number)s du %(day)s\u202f: %(total)s à régler") % facts
    return _("– %(number)s du %(day)s, %(total)s\u202f: il reste %(left)s") % facts


def _balance(statement: Statement) -> str:
    cents = statement.balance_cents
    if cents > 0:
        return _("Reste à régler, tout compris\u202f: %(cents)s.") % {"cents": euros(cents)}
    if cents < 0:
        return _("Vous avez %(cents)s d’avance.") % {"cents": euros(-cents)}
    return _("Tout est réglé\u202f: merci.")


def _place(statement: Statement) -> str:
    return one_line(statement.account.customer.place.name)


def _day(day: date) -> str:
    return f"{day:%d/%m/%Y}"


def _grouped(iban: str) -> str:
    return " ".join(iban[start : start + 4] for start in range(0, len(iban), 4))
