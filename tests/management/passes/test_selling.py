"""A carnet and its invoice are one; a month of a subscription and its invoice too."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from maillage.accounts.models import Membership
from maillage.management.billing.actions import issuing
from maillage.management.billing.actions.door import BillingRefused
from maillage.management.billing.actions.paying import record_payment
from maillage.management.billing.actions.pricing import change_price
from maillage.management.billing.models import Invoice, Price, Seller
from maillage.management.billing.queries.invoices import document_of
from maillage.management.passes.actions import monthly, selling, using
from maillage.management.passes.actions.formulas import add_formula, archive_formula
from maillage.management.passes.actions.ledger import PassRefused
from maillage.management.passes.models import Formula, Movement, Pass, Subscription
from maillage.management.passes.queries.ledger import balance
from maillage.management.people.actions.erasing import erase_person
from tests.management.passes.shelf import TODAY, Shelf
from tests.people import People

pytestmark = pytest.mark.django_db


def sell(shelf: Shelf, key: str = "k", **more: Any) -> Pass:
    asked = {"formula_id": shelf.carnet.pk, "person_id": shelf.thomas.pk, **more}
    return selling.sell(**shelf.team, key=key, **asked)


def use(shelf: Shelf, sold: Pass, key: str, **more: Any) -> Movement | None:
    asked = {"subject": f"space:{shelf.desk.pk}", "quantity": 1, "day": TODAY, **more}
    return using.use(**shelf.team, pass_id=sold.pk, key=key, **asked)


def test_a_carnet_comes_with_its_invoice_at_the_price_of_the_person(shelf: Shelf) -> None:
    sold = sell(shelf)
    assert (balance(sold.pk), sold.starts_on, sold.ends_on) == (10, TODAY, date(2027, 5, 21))
    (invoice,) = Invoice.objects.all()
    assert invoice.net_cents == 5000
    (line,) = document_of(invoice).lines
    assert (line.label, line.subject) == ("Carnet de 10", f"formula:{shelf.carnet.pk}")
    assert sold.rates == shelf.carnet.rates


def test_an_organisation_pays_the_price_of_everybody(shelf: Shelf) -> None:
    sell(shelf, person_id=None, organisation_id=shelf.body.pk)
    assert Invoice.objects.get().net_cents == 7000


def test_sold_twice_under_one_key_is_sold_once(shelf: Shelf) -> None:
    assert {sell(shelf).pk for _ in range(3)} == {Pass.objects.get().pk}
    assert Invoice.objects.count() == 1
    with pytest.raises(PassRefused, match="déjà servi à une autre demande"):
        sell(shelf, person_id=None, organisation_id=shelf.body.pk)
    assert (Pass.objects.count(), Invoice.objects.count()) == (1, 1)


@pytest.mark.parametrize("breaks", ["seller", "price", "formula", "who", "fault"])
def test_a_sale_is_whole_or_is_not(shelf: Shelf, breaks: str, monkeypatch: pytest.MonkeyPatch) -> None:
    more: dict[str, Any] = {}
    said = {
        "seller": "Ce lieu n’a pas encore dit qui facture\u202f: remplissez d’abord «\u202fQui facture\u202f».",
        "price": "Cette formule n’a pas de prix ce jour-là\u202f: ajoutez-le aux tarifs, puis recommencez.",
        "formula": "Cette formule ne se vend pas\u202f: choisissez-en une de la liste.",
        "who": "Il manque à qui\u202f: choisissez une personne ou une organisation du lieu.",
        "fault": "panne",
    }[breaks]
    if breaks == "seller":
        Seller.objects.all().delete()
    elif breaks == "price":
        Price.objects.all().delete()
    elif breaks == "formula":
        archive_formula(**shelf.team, formula_id=shelf.carnet.pk)
    elif breaks == "who":
        more = {"person_id": None}
    else:

        def fault(**_: Any) -> None:
            raise OSError("panne")

        monkeypatch.setattr(issuing, "write_sale", fault)
    with pytest.raises((BillingRefused, OSError), match=f"^{said}$"):
        sell(shelf, **more)
    assert not Pass.objects.exists()
    assert not Movement.objects.exists()
    assert not Invoice.objects.exists()


def test_what_people_choose_stays_within_the_scale(shelf: Shelf) -> None:
    price = Price.objects.get(subject=f"formula:{shelf.carnet.pk}", fee_class="reduced")
    raw = {"label": price.label, "subject": price.subject, "fee_class": "reduced", "unit": "each"}
    scale = {"kind": "scale", "price": "50", "low": "40", "high": "60"}
    change_price(**shelf.team, price_id=price.pk, raw={**raw, **scale})
    for wrong, said in (("39,99", "sort des bornes"), ("12,345", "s’arrête aux centimes"), ("-1", "pas négatif")):
        with pytest.raises(BillingRefused, match=said):
            sell(shelf, amount=wrong)
    sell(shelf, amount="42,50")
    assert Invoice.objects.get().net_cents == 4250


def test_the_rule_of_the_carnet(shelf: Shelf) -> None:
    """Ten tickets: an open space takes one per half-day, an office two, the meeting room one per hour."""
    sold = sell(shelf)
    use(shelf, sold, "u1", half="am")
    use(shelf, sold, "u2", half="pm", subject=f"space:{shelf.office.pk}")
    use(shelf, sold, "u3", subject=f"space:{shelf.room.pk}", quantity=3)
    assert balance(sold.pk) == 10 - 1 - 2 - 3
    with pytest.raises(PassRefused, match=r"^Cette demi-journée est déjà comptée"):
        use(shelf, sold, "u4", half="am")


def test_several_people_of_an_organisation_come_the_same_morning(shelf: Shelf) -> None:
    sold = sell(shelf, person_id=None, organisation_id=shelf.body.pk)
    use(shelf, sold, "u1", half="am")
    use(shelf, sold, "u2", half="am", quantity=2)
    assert balance(sold.pk) == 7


def test_a_use_is_undone_once(shelf: Shelf) -> None:
    sold = sell(shelf)
    done = use(shelf, sold, "u1", half="am")
    assert done is not None
    for _ in range(2):
        using.undo(**shelf.team, movement_id=done.pk)
    assert balance(sold.pk) == 10
    assert use(shelf, sold, "u2", half="am") is not None


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"subject": "space:987"}, "Ce carnet ne vaut pas pour cela\u202f: choisissez une chose de la liste."),
        ({"quantity": 0}, "Ce nombre ne se peut pas\u202f: écrivez un nombre entier, de 1 à 100."),
        ({"half": "xx"}, "Ce choix n’existe pas\u202f: choisissez matin ou après-midi."),
        (
            {"beyond": True, "quantity": 11},
            "Cette formule n’a pas de prix au-delà\u202f: payez le reste au tarif à l’unité.",
        ),
    ],
)
def test_what_a_carnet_is_not_for_is_refused(shelf: Shelf, asked: dict[str, Any], said: str) -> None:
    sold = sell(shelf)
    with pytest.raises(BillingRefused, match=f"^{said}$"):
        use(shelf, sold, "u", **asked)
    assert balance(sold.pk) == 10


def test_another_places_carnet_does_not_exist_here(shelf: Shelf, people: People) -> None:
    sold = sell(shelf)
    lila = {"place": people.other, "by": f"compte:{people.lila.user.pk}:facilitator", "now": shelf.now}
    with pytest.raises(PassRefused, match=r"^Ce code n’est pas celui"):
        using.cancel(**lila, pass_id=sold.pk, key="x")
    done = use(shelf, sold, "u1")
    assert done is not None
    with pytest.raises(PassRefused):
        using.undo(**lila, movement_id=done.pk)
    with pytest.raises(PermissionDenied):
        using.use(
            **{**shelf.team, "by": lila["by"]},
            pass_id=sold.pk,
            subject=f"space:{shelf.desk.pk}",
            quantity=1,
            day=TODAY,
            key="v",
        )


def test_who_lost_their_role_sells_nothing(shelf: Shelf, people: People) -> None:
    Membership.objects.filter(user=people.nadine.user).delete()
    with pytest.raises(PermissionDenied):
        sell(shelf)


class TestSubscription:
    def subscribe(self, shelf: Shelf, starts: date = TODAY) -> Subscription:
        return selling.subscribe(**shelf.team, formula_id=shelf.month.pk, starts_on=starts, person_id=shelf.thomas.pk)

    def test_each_month_brings_its_units_and_its_invoice_once(self, shelf: Shelf) -> None:
        self.subscribe(shelf)
        assert self.subscribe(shelf) == Subscription.objects.get()
        for day in (0, 0, 29, 30, 31, 61):
            monthly.begin_months(by="calendrier", now=shelf.now + timedelta(days=day))
        rows = Pass.objects.filter(kind="subscription").order_by("starts_on")
        assert [(one.starts_on, one.ends_on) for one in rows] == [
            (date(2026, 11, 22), date(2026, 12, 21)),
            (date(2026, 12, 22), date(2027, 1, 21)),
            (date(2027, 1, 22), date(2027, 2, 21)),
        ]
        assert [invoice.net_cents for invoice in Invoice.objects.all()] == [11_000] * 3

    def test_what_was_ended_begins_no_other_month(self, shelf: Shelf) -> None:
        made = self.subscribe(shelf)
        ended = selling.end_subscription(**shelf.team, subscription_id=made.pk)
        assert ended.ends_on == date(2026, 12, 21)
        assert monthly.begin_months(by="calendrier", now=shelf.now + timedelta(days=60)) == 0
        assert Pass.objects.count() == 1

    @pytest.mark.parametrize("starts", [TODAY, TODAY + timedelta(days=10)])
    def test_somebody_erased_is_invoiced_no_more_and_holds_back_no_other(self, shelf: Shelf, starts: date) -> None:
        self.subscribe(shelf, starts)
        begun = Invoice.objects.count()
        for due in Invoice.objects.order_by("pk"):
            facts = {"customer_id": due.customer_id, "amount_cents": due.total_cents, "method": "transfer"}
            record_payment(**shelf.team, key=f"p{due.pk}", received_on=TODAY, **facts)
        erase_person(**shelf.team, person_id=shelf.thomas.pk)
        selling.subscribe(**shelf.team, formula_id=shelf.month.pk, starts_on=TODAY, organisation_id=shelf.body.pk)
        assert monthly.begin_months(by="calendrier", now=shelf.now + timedelta(days=40)) == 1
        assert Invoice.objects.count() == begun + 2
        assert all(document_of(one).buyer.name != "" for one in Invoice.objects.all())
        ended = Subscription.objects.get(person=shelf.thomas)
        assert ended.ends_on == (date(2026, 12, 21) if starts == TODAY else date(2027, 1, 1))

    def test_two_that_a_merge_brought_together_are_no_fault(self, shelf: Shelf) -> None:
        made = self.subscribe(shelf)
        Subscription.objects.create(
            place=shelf.place, formula=shelf.month, person=shelf.thomas, starts_on=TODAY, created_at=shelf.now
        )
        assert self.subscribe(shelf) == made

    def test_a_month_without_a_price_waits_and_holds_back_no_other(self, shelf: Shelf) -> None:
        made = self.subscribe(shelf)
        other = Subscription.objects.create(
            place=shelf.place,
            formula=Formula.objects.create(
                place=shelf.place, kind="subscription", name="Sans prix", units=1, months=1, created_at=shelf.now
            ),
            person=shelf.thomas,
            starts_on=TODAY,
            created_at=shelf.now,
        )
        assert monthly.begin_months(by="calendrier", now=shelf.now + timedelta(days=31)) == 1
        assert Pass.objects.filter(source=f"subscription:{made.pk}").count() == 2
        assert not Pass.objects.filter(source=f"subscription:{other.pk}").exists()

    def test_beyond_what_is_included_is_invoiced_with_the_use(self, shelf: Shelf) -> None:
        self.subscribe(shelf)
        month = Pass.objects.get()
        many = {"subject": f"space:{shelf.room.pk}", "quantity": 29}
        use(shelf, month, "u1", **many)
        with pytest.raises(PassRefused, match=r"^Il ne reste pas assez"):
            use(shelf, month, "u2", **{**many, "quantity": 3})
        for _ in range(2):
            assert use(shelf, month, "u3", **{**many, "quantity": 3}, beyond=True) is not None
        assert balance(month.pk) == 0
        assert list(Invoice.objects.order_by("pk").values_list("net_cents", flat=True)) == [11_000, 1_000]
        for _ in range(2):
            assert use(shelf, month, "u4", **{**many, "quantity": 1}, beyond=True) is None
        assert Invoice.objects.count() == 3


def test_what_is_over_expires_a_week_later_and_once(shelf: Shelf) -> None:
    sold = sell(shelf)
    over = shelf.now + (sold.ends_on - TODAY) + timedelta(days=7)
    assert monthly.expire_due(by="calendrier", now=over) == 0
    assert monthly.expire_due(by="calendrier", now=over + timedelta(days=1)) == 1
    assert monthly.expire_due(by="calendrier", now=over + timedelta(days=2)) == 0
    assert balance(sold.pk) == 0


@pytest.mark.parametrize(
    ("raw", "field", "said"),
    [
        ({"name": ""}, "name", "il manque un nom"),
        ({"name": "x" * 10_000}, "name", "dépasse 120 caractères"),
        ({"kind": "autre"}, "kind", "ce genre n’existe pas"),
        ({"units": "²"}, "units", "ce nombre ne se peut pas"),
        ({"units": "-1"}, "units", "ce nombre ne se peut pas"),
        ({"months": "0"}, "months", "ce nombre ne se peut pas"),
        ({"kind": "subscription", "overage": "1,234"}, "overage", "un montant s’arrête aux centimes"),
        ({"rate": ""}, "rates", "cette formule ne donne droit à rien"),
    ],
)
def test_a_formula_that_cannot_be_is_refused(shelf: Shelf, raw: dict[str, str], field: str, said: str) -> None:
    whole = {"name": "Neuf", "kind": "carnet", "units": "10", "months": "6", **raw}
    whole |= {f"units-space:{shelf.desk.pk}": raw.get("rate", "1"), f"unit-space:{shelf.desk.pk}": "half_day"}
    with pytest.raises(BillingRefused) as refused:
        add_formula(**shelf.team, raw=whole)
    assert refused.value.wrongs[field][0] == said
    assert Formula.objects.count() == 2
