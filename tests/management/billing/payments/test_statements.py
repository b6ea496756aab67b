"""The statement of La Coroutine: every two months, the last three invoices; and words that are kind."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.utils import translation

from maillage.journal.models import Mail
from maillage.management.billing import emails
from maillage.management.billing.actions.door import BillingRefused
from maillage.management.billing.actions.paying import record_payment
from maillage.management.billing.actions.reminding import remind, send_due_statements, send_statement
from maillage.management.billing.models import Invoice
from maillage.management.billing.queries.payments import open_invoices
from maillage.management.billing.queries.statements import due_statements, statement_of
from maillage.management.billing.rules.drafts import DraftLine
from tests.management.billing.till import HALF_DAY, MONTH, Till

PACK = DraftLine("Carnet de 10 demi-journées", 1000, "each", 8_000)


def at(till: Till, moment: datetime) -> Till:
    return Till(till.place, till.by, moment)


def pay(till: Till, customer: int, cents: int, on: date, key: str, **more: Any) -> None:
    facts = {"customer_id": customer, "method": "cheque", "amount_cents": cents, "received_on": on}
    record_payment(**till.acts, **facts, key=key, **more)


@pytest.fixture
def coworker(open_till: Till) -> tuple[Till, int, list[Invoice]]:
    """A coworker of packs: June paid, August half paid, October and November not yet."""
    thomas = open_till.customer("Thomas Petit", email="thomas@example.org")
    days = ((6, PACK), (8, PACK), (10, MONTH), (11, HALF_DAY))
    made = []
    for month, line in days:
        then = at(open_till, datetime(2026, month, 5, 9, tzinfo=open_till.now.tzinfo))
        made.append(then.issued(line, customer=thomas))
        if month == 6:
            pay(then, thomas, 8_000, date(2026, 6, 5), "juin")
        if month == 10:
            pay(then, thomas, 3_000, date(2026, 10, 5), "octobre")
    return open_till, thomas, made


GOLDEN = """Bonjour,

Voici où en est votre compte.

Vos dernières factures :
– {fourth} du 05/11/2026 : 9,00 € à régler
– {third} du 05/10/2026 : 110,00 € à régler
– {second} du 05/08/2026, 80,00 € : il reste 50,00 €

Reçu depuis deux mois, merci :
– 30,00 €, le 05/10/2026

Reste à régler, tout compris : 169,00 €.

Pour régler par virement : Association La Maille, IBAN FR76 3000 6000 0112 3456 7890 189. \
Indiquez le numéro de la facture.

Une difficulté, une erreur de notre part ? Un mot suffit, nous trouverons ensemble.

À bientôt,
{place}
"""


def plain(text: str) -> str:
    return text.replace("\u202f", " ").replace("\xa0", " ")


def test_the_statement_of_la_coroutine(coworker: tuple[Till, int, list[Invoice]]):
    till, thomas, made = coworker
    found = statement_of(till.place, thomas, now=till.now)
    assert found is not None
    assert [one.pk for one in found.invoices] == [made[3].pk, made[2].pk, made[1].pk]
    assert (found.account.owed_cents, found.balance_cents, found.older_cents) == (16_900, 16_900, 0)
    names = dict(zip(("first", "second", "third", "fourth"), map(str, made), strict=True))
    with translation.override("fr"):
        assert plain(emails.statement_text(found)) == GOLDEN.format(place=till.place.name, **names)


def test_what_is_older_than_the_last_three_is_told_in_one_line(open_till: Till):
    thomas = open_till.customer()
    for _ in range(5):
        open_till.issued(HALF_DAY, customer=thomas)
    found = statement_of(open_till.place, thomas, now=open_till.now)
    assert found is not None
    assert (len(found.invoices), found.older_cents, found.balance_cents) == (3, 1800, 4500)
    with translation.override("fr"):
        assert "Sur des factures plus anciennes : 18,00 €." in plain(emails.statement_text(found))


def test_who_has_settled_is_thanked_and_who_is_ahead_reads_it(open_till: Till):
    thomas = open_till.customer()
    open_till.issued(HALF_DAY, customer=thomas)
    pay(open_till, thomas, 900, date(2026, 11, 22), "a")
    with translation.override("fr"):
        settled = plain(emails.statement_text(statement_of(open_till.place, thomas, now=open_till.now)))
        assert "Tout est réglé : merci." in settled
        assert "IBAN" not in settled
        pay(open_till, thomas, 500, date(2026, 11, 22), "b")
        ahead = plain(emails.statement_text(statement_of(open_till.place, thomas, now=open_till.now)))
    assert "Vous avez 5,00 € d’avance." in ahead


def test_statements_are_due_every_two_months_and_leave_when_somebody_sends_them(
    coworker: tuple[Till, int, list[Invoice]],
):
    till, thomas, _ = coworker
    quiet = till.customer("Sans facture", email="x@example.org")
    assert [one.pk for one in due_statements(till.place, now=till.now)] == [thomas]
    assert send_due_statements(**till.acts, customers=[thomas, quiet]) == 1
    assert send_due_statements(**till.acts, customers=[thomas]) == 0
    send_statement(**till.acts, customer_id=thomas)
    assert Mail.objects.count() == 1
    assert due_statements(till.place, now=till.now + timedelta(days=60)) == []
    assert [one.pk for one in due_statements(till.place, now=till.now + timedelta(days=61))] == [thomas]


def test_who_owes_nothing_and_bought_nothing_for_half_a_year_gets_none(open_till: Till):
    thomas = open_till.customer()
    open_till.issued(HALF_DAY, customer=thomas)
    pay(open_till, thomas, 900, date(2026, 11, 22), "a")
    later = open_till.now + timedelta(days=190)
    assert due_statements(open_till.place, now=later) == []


COLD = ("mise en demeure", "huissier", "pénalité", "dernier", "impayé", "retard", "poursuite", "!")


def test_a_kind_word_threatens_nobody(coworker: tuple[Till, int, list[Invoice]]):
    till, thomas, _ = coworker
    found = statement_of(till.place, thomas, now=till.now)
    assert found is not None
    with translation.override("fr"):
        said = plain(emails.reminder_text(found, open_invoices(till.place, thomas)))
    assert [word for word in COLD if word in said.lower()] == []
    assert "Sauf erreur de notre part, il reste 169,00 € à régler sur ces factures :" in said
    assert "en plusieurs fois s’il le faut" in said


def test_a_word_leaves_at_most_every_three_weeks(coworker: tuple[Till, int, list[Invoice]]):
    till, thomas, _ = coworker
    word = {"customer_id": thomas, "subject": "Un mot", "text": "Bonjour"}
    remind(**till.acts, **word)
    for days in (0, 20):
        with pytest.raises(BillingRefused) as told:
            remind(**at(till, till.now + timedelta(days=days)).acts, **word)
        assert plain(str(told.value)) == ("Un mot est déjà parti il y a peu : attendez le 13/12/2026, ou téléphonez.")
    remind(**at(till, till.now + timedelta(days=21)).acts, **word)
    assert Mail.objects.count() == 2


def test_a_word_goes_to_nobody_who_owes_nothing_or_has_no_mail(open_till: Till):
    nobody, paid_up = open_till.customer("Sans adresse"), open_till.customer("Réglé", email="r@example.org")
    open_till.issued(HALF_DAY, customer=nobody)
    for customer, why in (
        (nobody, "Ce compte n’a pas de courriel : téléphonez, ou notez une adresse."),
        (paid_up, "Ce compte ne doit plus rien : il n’y a rien à rappeler."),
    ):
        with pytest.raises(BillingRefused) as told:
            remind(**open_till.acts, customer_id=customer, subject="Un mot", text="Bonjour")
        assert plain(str(told.value)) == why
    assert not Mail.objects.exists()
