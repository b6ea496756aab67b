"""Statements and kind words: each read by somebody before it leaves, none by itself, not too often."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from maillage.journal.emails import one_line
from maillage.management.billing import emails
from maillage.management.billing.actions.door import customer_here, enter, note, refuse
from maillage.management.billing.queries.days import today_at
from maillage.management.billing.queries.payments import open_invoices
from maillage.management.billing.queries.statements import due_statements, last_told, statement_of
from maillage.management.billing.rules.reminders import LONGEST_SUBJECT, LONGEST_TEXT, again_on, may_remind
from maillage.places.models import Place
from maillage.places.rules.sentences import sentence as _
from maillage.places.rules.text import invisible

SENT, REMINDED = "billing.statement_sent", "billing.reminded"


@transaction.atomic
def send_statement(*, place: Place, customer_id: int, by: str, now: datetime) -> None:
    """Send an account its statement of today; once a day is enough."""
    here = enter(place, by)
    customer = customer_here(here, customer_id)
    if not emails.address_of(customer):
        raise refuse("email", _("ce compte n’a pas de courriel"), _("imprimez le relevé, ou notez une adresse"))
    last = last_told(SENT, [customer.pk]).get(customer.pk)
    if last is not None and today_at(here, last) == today_at(here, now):
        return
    statement = statement_of(here, customer.pk, now=now)
    if statement is None or not statement.invoices:
        raise refuse("customer", _("ce compte n’a pas encore de facture"), _("il n’y a rien à envoyer"))
    with emails.in_french():
        subject, text = emails.statement_subject(statement), emails.statement_text(statement)
    emails.send(customer=customer, subject=subject, text=text, now=now)
    note(SENT, customer, place=here, by=by, now=now)


@transaction.atomic
def send_due_statements(*, place: Place, customers: Sequence[int], by: str, now: datetime) -> int:
    """Send the statements that are due to the accounts that somebody chose; says how many left."""
    here = enter(place, by)
    chosen = set(customers)
    done = 0
    for customer in due_statements(here, now=now):
        if customer.pk in chosen and emails.address_of(customer):
            send_statement(place=here, customer_id=customer.pk, by=by, now=now)
            done += 1
    return done


@transaction.atomic
def remind(*, place: Place, customer_id: int, subject: str, text: str, by: str, now: datetime) -> None:
    """Send a kind word that somebody has read; sent again too soon, it is refused, and nothing leaves."""
    here = enter(place, by)
    customer = customer_here(here, customer_id)
    last = last_told(REMINDED, [customer.pk]).get(customer.pk)
    if not may_remind(last, now):
        day = f"{today_at(here, again_on(last or now)):%d/%m/%Y}"
        raise refuse("text", _("un mot est déjà parti il y a peu"), _("attendez le %(day)s, ou téléphonez", day=day))
    if not emails.address_of(customer):
        raise refuse("email", _("ce compte n’a pas de courriel"), _("téléphonez, ou notez une adresse"))
    if not open_invoices(here, customer.pk):
        raise refuse("customer", _("ce compte ne doit plus rien"), _("il n’y a rien à rappeler"))
    said = _checked(text)
    emails.send(customer=customer, subject=_subject(subject), text=said, now=now)
    note(REMINDED, customer, place=here, by=by, now=now)


def _checked(text: str) -> str:
    said = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    if not said:
        raise refuse("text", _("il manque le texte"), _("écrivez quelques mots"))
    if len(said) > LONGEST_TEXT:
        raise refuse("text", _("dépasse %(n)d caractères", n=LONGEST_TEXT), _("raccourcissez"))
    if invisible(said):
        raise refuse("text", _("ce texte contient un signe invisible"), _("tapez-le de nouveau"))
    return f"{said}\n"


def _subject(subject: str) -> str:
    said = one_line(subject)
    if not said or len(said) > LONGEST_SUBJECT:
        problem = _("l’objet est vide, ou dépasse %(n)d caractères", n=LONGEST_SUBJECT)
        raise refuse("subject", problem, _("écrivez-en un court"))
    return said
