"""M. Perrin's scheme, end to end, to the cent."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from maillage.management.billing.actions.door import BillingRefused
from maillage.management.billing.models import Invoice, Seller
from maillage.management.billing.queries.invoices import document_of
from maillage.management.passes.actions.ledger import PassRefused
from maillage.management.passes.models import Movement
from maillage.management.passes.queries.ledger import balance
from maillage.network.schemes.actions import issuing, redeeming, schemes
from maillage.network.schemes.actions.door import SchemesRefused
from maillage.network.schemes.models import Issue, Redemption, Scheme, Statement, StatementLine
from maillage.network.schemes.queries.schemes import committed_cents, told
from maillage.network.schemes.queries.statements import due_at, months_at
from tests.network.schemes.valley import BY, RAW, Valley, afternoon, join, morning

pytestmark = pytest.mark.django_db


def test_sixty_passes_take_the_whole_budget_and_not_one_more(perrin: Valley):
    for _number in range(60):
        perrin.hand()
    assert committed_cents(perrin.scheme.pk) == 216_000
    assert Issue.objects.filter(scheme=perrin.scheme).count() == 60
    with pytest.raises(SchemesRefused) as refused:
        perrin.hand()
    assert str(refused.value) == (
        "Le budget de ce dispositif est épuisé\u202f: voyez qui le finance\u202f: rien n’est remis."
    )


def test_the_budget_is_a_wall_of_the_database(perrin: Valley):
    issue = perrin.hand()
    Scheme.objects.filter(pk=perrin.scheme.pk).update(budget_cents=3_600)
    other = perrin.scheme
    row = Issue.objects.get(pk=issue.pk)
    movement = Movement.objects.get(of=row.of)
    row.of.pk, row.of.code = None, "00000-00000"
    row.of.save()
    with pytest.raises(IntegrityError, match="schemes_budget_holds"), transaction.atomic():
        Issue.objects.create(
            scheme=other, of=row.of, cents=1, key="past", issued_at=perrin.now, issued_by=BY, referrer=None
        )
    with pytest.raises(IntegrityError, match="schemes_budget_stays"), transaction.atomic():
        Scheme.objects.filter(pk=other.pk).update(budget_cents=3_599)
    with pytest.raises(IntegrityError, match="schemes_price_stays"), transaction.atomic():
        Scheme.objects.filter(pk=other.pk).update(price_cents=901)
    assert movement.amount == 4


def test_a_month_is_signed_and_invoiced_to_the_cent(perrin: Valley):
    one, two = perrin.hand(), perrin.hand()
    for at in (morning(23), afternoon(23), morning(24)):
        perrin.spend(one, at)
    perrin.spend(two, morning(24))
    signed = perrin.sign("2026-11", morning(1, 12))
    assert (signed.halves_cents, signed.rent_cents, signed.total_cents) == (3_600, 0, 3_600)
    assert signed.lines.count() == 4
    paper = document_of(signed.invoice)
    assert paper.total_cents == 3_600
    assert paper.is_public
    assert (paper.engagement, paper.service_code, paper.buyer.siret) == ("2026-117", "ECO", RAW["siret"])
    assert [(line.quantity_milli, line.unit_price_cents) for line in paper.lines] == [(4_000, 900)]
    assert Movement.objects.filter(kind="reimbursed").count() == 4
    again = perrin.sign("2026-11", morning(2, 12))
    assert again == signed
    assert Invoice.objects.count() == 1


def test_a_late_half_day_goes_into_the_next_month(perrin: Valley):
    issue = perrin.hand()
    perrin.spend(issue, morning(24))
    perrin.sign("2026-11", morning(1, 12))
    late = redeeming.Counted("tablette-1", issue.of.code, afternoon(30))
    (settled,) = redeeming.settle(
        place=perrin.place, counted=[late], tablet_now=morning(2, 12), by=BY, now=morning(2, 12)
    )
    assert settled.state == "settled"
    december = perrin.sign("2026-12", morning(5, 1).replace(year=2027))
    assert december.total_cents == 900
    assert StatementLine.objects.count() == Redemption.objects.count() == 2


def test_rented_desks_are_owed_used_or_not(people: Any, now: Any, perrin: Valley):
    rent = {"desks": "4", "weekdays": "234", "rent": "200", "rent_from": "2026-11-15", "rent_to": "2027-01-31"}
    join(perrin.scheme, perrin.place, now, **rent)
    assert due_at(perrin.scheme, perrin.place, "2026-10").total_cents == 0
    assert due_at(perrin.scheme, perrin.place, "2026-11").total_cents == 20_000
    signed = perrin.sign("2026-11", morning(1, 12))
    assert (signed.halves_cents, signed.rent_cents) == (0, 20_000)
    with pytest.raises(SchemesRefused, match="Rien n’est à payer"):
        perrin.sign("2026-10", morning(1, 12))
    listed = months_at(perrin.scheme, perrin.place, today=date(2026, 12, 2))
    assert [(one.month, one.total_cents, one.is_over) for one in listed] == [
        ("2026-12", 20_000, False),
        ("2026-11", 20_000, True),
    ]


def test_a_month_is_signed_when_it_is_over_and_by_a_place_that_can_invoice(perrin: Valley):
    perrin.spend(perrin.hand(), morning(24))
    with pytest.raises(SchemesRefused) as early:
        perrin.sign("2026-11", morning(30))
    assert str(early.value) == "Ce mois n’est pas fini\u202f: signez-le à partir du 1er du mois suivant."
    with pytest.raises(SchemesRefused, match="Ce mois est illisible"):
        perrin.sign("2026-13", morning(1, 12))
    Seller.objects.all().delete()
    with pytest.raises(BillingRefused):
        perrin.sign("2026-11", morning(1, 12))
    assert not Statement.objects.exists()
    assert not Movement.objects.filter(kind="reimbursed").exists()


@pytest.mark.parametrize(("price", "each"), [("9", 900), ("10", 1_000), ("9,50", 950)])
def test_a_place_that_owes_vat_invoices_what_the_scheme_pays_and_no_more(people: Any, now: Any, price: str, each: int):
    from tests.network.schemes.valley import SELLER, set_seller, valley

    here = valley(people.place, now, price=price)
    liable = {**SELLER, "regime": "liable", "vat_number": "FR44732829320", "since": "2026-02-01"}
    set_seller(place=people.place, raw=liable, by=BY, now=now)
    issue = here.hand()
    for at in (morning(23), morning(24), morning(25)):
        here.spend(issue, at)
    signed = here.sign("2026-11", morning(1, 12))
    assert signed.total_cents == signed.invoice.total_cents == 3 * each
    assert signed.invoice.vat_cents > 0


def test_a_lost_card_is_replaced_by_what_was_left(perrin: Valley):
    lost = perrin.hand(raw={"contact": "06 12 34 56 78"})
    perrin.spend(lost, morning(23))
    fresh = issuing.replace_lost(scheme_id=perrin.scheme.pk, code=lost.of.code, by=BY, now=afternoon(23))
    assert balance(fresh.of_id) == 3
    assert committed_cents(perrin.scheme.pk) == 3_600
    assert told(perrin.scheme, today=date(2026, 11, 24)).passes == 1
    with pytest.raises(SchemesRefused) as refused:
        perrin.spend(lost, morning(24))
    assert str(refused.value) == (
        "Ce passe a été annulé, comme perdu ou remplacé\u202f: demandez la nouvelle carte, ou appelez le relais."
    )
    again = issuing.replace_lost(scheme_id=perrin.scheme.pk, code=lost.of.code, by=BY, now=afternoon(24))
    assert again == fresh
    with pytest.raises(SchemesRefused, match="Cette personne a déjà passé cette demi-journée"):
        perrin.spend(fresh, morning(23), nonce="same-morning")
    assert perrin.spend(fresh, morning(24)).price_cents == 900


def test_what_is_given_back_is_free_again_and_what_is_paid_stays(perrin: Valley):
    issue = perrin.hand()
    first = perrin.spend(issue, morning(23))
    redeeming.undo(place=perrin.place, redemption_id=first.pk, by=BY, now=morning(23))
    assert balance(issue.of_id) == 4
    second = perrin.spend(issue, morning(23), nonce="again")
    perrin.sign("2026-11", morning(1, 12))
    assert [line.redemption_id for line in StatementLine.objects.all()] == [second.pk]
    with pytest.raises(SchemesRefused, match="sur un relevé signé"):
        redeeming.undo(place=perrin.place, redemption_id=second.pk, by=BY, now=morning(2, 12))
    with pytest.raises(IntegrityError, match="schemes_undone_unpaid"), transaction.atomic():
        StatementLine.objects.create(statement=Statement.objects.get(), redemption=first, cents=900)


@pytest.mark.parametrize("table", [Redemption, Statement, StatementLine])
def test_what_was_signed_stays(perrin: Valley, table: Any):
    perrin.spend(perrin.hand(), morning(23))
    perrin.sign("2026-11", morning(1, 12))
    name = table._meta.db_table
    with pytest.raises(IntegrityError, match=f"{name}_stays_update"), transaction.atomic():
        connection.cursor().execute(f"UPDATE {name} SET id = id")
    with pytest.raises(IntegrityError, match=f"{name}_stays_delete"), transaction.atomic():
        connection.cursor().execute(f"DELETE FROM {name}")


def test_a_pass_serves_once_in_a_half_day_within_its_days(perrin: Valley):
    issue = perrin.hand()
    perrin.spend(issue, morning(23))
    with pytest.raises(PassRefused, match="Cette demi-journée est déjà comptée sur ce passe"):
        perrin.spend(issue, morning(23) + timedelta(hours=1))
    with pytest.raises(PassRefused, match="n’est plus valable ce jour-là"):
        perrin.spend(issue, morning(1, 3).replace(year=2027))
    for at in (afternoon(23), morning(24), afternoon(24)):
        perrin.spend(issue, at)
    with pytest.raises(PassRefused, match="Il ne reste pas assez"):
        perrin.spend(issue, morning(25))


def test_a_scheme_keeps_its_terms_once_a_pass_is_out(perrin: Valley):
    perrin.hand()
    act: dict[str, Any] = {"scheme_id": perrin.scheme.pk, "by": BY, "now": perrin.now}
    with pytest.raises(SchemesRefused) as refused:
        schemes.change_scheme(raw={**RAW, "price": "8"}, **act)
    assert refused.value.wrongs == {
        "price": ("des passes sont déjà remis à ces conditions", "ouvrez un autre dispositif")
    }
    with pytest.raises(SchemesRefused, match="Des passes déjà remis dépassent ce budget"):
        perrin.hand()
        schemes.change_scheme(raw={**RAW, "budget": "36"}, **act)
    assert schemes.change_scheme(raw={**RAW, "budget": "72"}, **act).budget_cents == 7_200
    schemes.close_scheme(**act)
    with pytest.raises(SchemesRefused, match="Ce dispositif est terminé"):
        perrin.hand()
