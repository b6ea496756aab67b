"""What people do with an agreement: propose, join, count a carnet from elsewhere, sign, accept, leave."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from maillage.accounts.rules import signature
from maillage.journal.models import AuditEvent, Mail
from maillage.management.billing.actions.door import BillingRefused
from maillage.management.billing.models import Customer, Invoice
from maillage.management.billing.queries.invoices import document_of
from maillage.management.passes.actions import using
from maillage.management.passes.actions.ledger import PassRefused
from maillage.management.passes.models import Movement
from maillage.management.passes.queries.ledger import balance
from maillage.network.schemes.actions import roaming, roaming_door, roaming_months
from maillage.network.schemes.actions.door import SchemesRefused
from maillage.network.schemes.models import Roaming, RoamingBill, RoamingLine, RoamingPlace, RoamingVisit
from maillage.network.schemes.queries.roaming import accepted_at, standing_visits
from maillage.network.schemes.queries.roaming_months import months_of, sides_of
from maillage.network.schemes.rules.roaming_months import nets
from tests.network.schemes.jura import (
    BY,
    SIRETS,
    TERMS,
    Jura,
    afternoon,
    agreed,
    formula_at,
    jura,
    morning,
    sells,
    third_place,
)
from tests.people import People

pytestmark = pytest.mark.django_db
HERE, ESCALE, FRUITIERE = range(3)


def refused(act: Any) -> str:
    with pytest.raises((SchemesRefused, PassRefused, BillingRefused)) as told:
        act()
    return str(told.value)


def test_a_carnet_is_used_elsewhere_and_the_month_is_billed(bureaux: Jura):
    """Thomas's carnet of Nadine's serves three times at Lila's; one of hers serves once at Nadine's."""
    thomas, eve = bureaux.carnet(HERE), bureaux.carnet(ESCALE)
    for at in (morning(24), afternoon(24), morning(26)):
        bureaux.count(thomas, ESCALE, at)
    bureaux.count(eve, HERE, morning(25))
    assert (balance(thomas.pk), balance(eve.pk)) == (7, 9)
    movement = Movement.objects.filter(of=thomas, kind="redeemed").first()
    assert movement is not None
    assert (movement.subject, movement.place_id) == (f"roaming:{bureaux.agreement.pk}", bureaux.places[ESCALE].pk)
    sides = sides_of(bureaux.agreement, "2026-11")
    assert nets(one.debt for one in sides) == {bureaux.places[ESCALE].pk: 1700, bureaux.places[HERE].pk: -1700}
    (owed,) = bureaux.sign(ESCALE, "2026-11", morning(1, 12))
    assert (owed.halves, owed.price_cents, owed.total_cents) == (3, 850, 2550)
    assert (owed.invoice.place_id, owed.invoice.total_cents) == (bureaux.places[ESCALE].pk, 2550)
    paper = document_of(owed.invoice)
    assert (paper.buyer.name, paper.buyer.siret) == (f"Association {bureaux.places[HERE].name}", SIRETS[0])
    assert [(line.quantity_milli, line.unit, line.unit_price_cents) for line in paper.lines] == [
        (3000, "half_day", 850)
    ]
    assert (paper.delivered_from, paper.delivered_to) == (date(2026, 11, 1), date(2026, 11, 30))
    assert Movement.objects.filter(kind="reimbursed", subject=f"roamingbill:{owed.pk}").count() == 3
    (back,) = bureaux.sign(HERE, "2026-11", morning(1, 12))
    assert back.total_cents == 850
    told = roaming_months.accept(place=bureaux.places[HERE], bill_id=owed.pk, by=BY, now=morning(2, 12))
    assert told.accepted_at == morning(2, 12)
    assert nets(one.debt for one in sides_of(bureaux.agreement, "2026-11")) == {
        bureaux.places[ESCALE].pk: 1700,
        bureaux.places[HERE].pk: -1700,
    }


def test_signed_again_a_month_is_the_same_bills(bureaux: Jura):
    bureaux.count(bureaux.carnet(HERE), ESCALE, morning(24))
    first = bureaux.sign(ESCALE, "2026-11", morning(1, 12))
    assert bureaux.sign(ESCALE, "2026-11", morning(2, 12)) == first
    assert Invoice.objects.count() == 1
    bureaux.count(bureaux.carnet(HERE), ESCALE, morning(2, 12))
    bureaux.sign(ESCALE, "2026-12", morning(1, 1, 2027))
    assert Customer.objects.filter(place=bureaux.places[ESCALE]).count() == 1
    assert [one.month for one in months_of(bureaux.agreement, bureaux.places[HERE])] == ["2026-12", "2026-11"]


def test_a_form_sent_again_counts_once_and_serves_one_carnet(bureaux: Jura):
    carnet, other = bureaux.carnet(HERE), bureaux.carnet(HERE)
    first = bureaux.count(carnet, ESCALE, morning(24), "n1")
    assert bureaux.count(carnet, ESCALE, afternoon(24), "n1") == first
    assert balance(carnet.pk) == 9
    assert refused(lambda: bureaux.count(other, ESCALE, morning(24), "n1")) == (
        "Ce formulaire a déjà servi à un autre carnet\u202f: rechargez la page."
    )
    roaming_door.undo(place=bureaux.places[ESCALE], visit_id=first.pk, by=BY, now=morning(24))
    assert refused(lambda: bureaux.count(carnet, ESCALE, morning(24), "n1")) == (
        "Cette demi-journée a été rendue au carnet\u202f: rechargez la page pour la recompter."
    )
    assert refused(lambda: bureaux.count(carnet, ESCALE, morning(24), "x" * 41)) == (
        "Ce formulaire a perdu son numéro\u202f: rechargez la page."
    )
    assert bureaux.count(carnet, ESCALE, morning(24), "n2").day == date(2026, 11, 24)


def test_a_half_day_counts_once_wherever_it_is_and_several_of_an_organisation_may_come(bureaux: Jura):
    carnet = bureaux.carnet(HERE)
    bureaux.count(carnet, ESCALE, morning(24))
    already = "Cette demi-journée est déjà comptée sur ce passe\u202f: il n’y a rien de plus à noter."
    assert refused(lambda: bureaux.count(carnet, FRUITIERE, morning(24))) == already
    employer = bureaux.carnet(HERE, whose={"organisation": bureaux.body(HERE)})
    for host, nonce in ((ESCALE, "a"), (ESCALE, "b"), (FRUITIERE, "c")):
        bureaux.count(employer, host, morning(24), nonce)
    assert balance(employer.pk) == 7
    assert RoamingVisit.objects.filter(day=date(2026, 11, 24), half="am").count() == 4


def test_the_door_says_why_not(bureaux: Jura, people: People, now: Any):
    home, unit = bureaux.places[HERE], {"unit": "hour"}
    stays = bureaux.carnet(HERE, formula=formula_at(home, now, roams=False))
    hours = bureaux.carnet(HERE, formula=formula_at(home, now, **unit))
    alone = bureaux.carnet(HERE, formula=formula_at(home, now, units=2), units=1)
    said = {
        bureaux.carnet(ESCALE).code: "Ce carnet est d’ici\u202f: comptez-le à «\u202fCarnets\u202f», comme d’habitude.",
        stays.code: (
            "Ce carnet ne vaut que dans le lieu qui l’a vendu\u202f: demandez le prix à l’unité\u202f; "
            "ce lieu peut vendre des carnets acceptés ailleurs."
        ),
        hours.code: (
            "Ce carnet ne compte pas en demi-journées\u202f: demandez le prix à l’unité\u202f: rien n’a été pris."
        ),
        alone.code: (
            "Il ne reste pas assez d’unités sur ce passe\u202f: payez le reste à l’unité, ou prenez un autre carnet."
        ),
        "bonjour": (
            "Ce code n’est pas celui d’un carnet\u202f: relisez-le signe par signe, avec la personne qui le montre."
        ),
    }
    for text, why in said.items():
        act = {"place": bureaux.places[ESCALE], "text": text, "nonce": f"n{text}"[:40], "by": BY, "now": morning(24)}
        assert refused(lambda act=act: roaming_door.count(**act)) == why
    over = bureaux.carnet(HERE, ends_on=date(2026, 11, 23))
    assert "n’est plus valable" in refused(lambda: bureaux.count(over, ESCALE, morning(24)))
    stranger = third_place(now, "Le Hangar")
    far = bureaux.carnet(HERE, formula=formula_at(stranger, now), place=stranger, whose={"person": None})
    assert refused(lambda: bureaux.count(far, ESCALE, morning(24))) == (
        "Ce carnet est d’un lieu avec qui aucun accord ne vaut aujourd’hui\u202f: "
        "demandez le prix à l’unité, ou proposez un accord à ce lieu."
    )
    assert refused(lambda: bureaux.count(bureaux.carnet(ESCALE), HERE, morning(24).replace(hour=21))) == (
        "Le lieu est fermé à cette heure, d’après sa fiche\u202f: corrigez ses horaires, si elle se trompe."
    )
    assert not RoamingVisit.objects.exists()


def test_a_subscription_travels_too(bureaux: Jura, now: Any):
    monthly = formula_at(bureaux.places[HERE], now)
    allowance = bureaux.carnet(HERE, formula=monthly, kind="subscription", units=8)
    bureaux.count(allowance, FRUITIERE, morning(24))
    assert balance(allowance.pk) == 7


def test_a_host_undoes_a_slip_until_it_signs_and_a_home_never_does(bureaux: Jura):
    carnet = bureaux.carnet(HERE)
    slip = bureaux.count(carnet, ESCALE, morning(24))
    assert refused(
        lambda: using.undo(place=bureaux.places[HERE], movement_id=slip.movement_id, by=BY, now=morning(24))
    ) == ("Cette venue a été notée par un autre lieu\u202f: demandez-lui de la défaire.")
    undo = {"place": bureaux.places[ESCALE], "visit_id": slip.pk, "by": BY, "now": morning(24)}
    roaming_door.undo(**undo)
    roaming_door.undo(**undo)
    assert balance(carnet.pk) == 10
    assert bureaux.sign(ESCALE, "2026-11", morning(1, 12)) == []
    kept = bureaux.count(carnet, ESCALE, morning(1, 12))
    bureaux.sign(ESCALE, "2026-12", morning(1, 1, 2027))
    assert refused(lambda: roaming_door.undo(**{**undo, "visit_id": kept.pk})) == (
        "Cette demi-journée est sur un relevé signé\u202f: faites un avoir sur sa facture, à «\u202fArgent\u202f»."
    )
    with pytest.raises(RoamingVisit.DoesNotExist):
        roaming_door.undo(**{**undo, "place": bureaux.places[FRUITIERE]})


def test_who_is_invited_later_comes_after_the_notice(bureaux: Jura, now: Any):
    late = third_place(now, "Le Hangar")
    sells(late, "", now)
    asked = {"agreement_id": bureaux.agreement.pk, "by": BY, "now": now}
    assert roaming.invite(place=bureaux.places[ESCALE], raw={"places": f"/lieux/{late.slug}/"}, **asked) == 1
    joined = roaming.join(place=late, **asked)
    assert joined.first_day == date(2026, 12, 23)
    carnet = bureaux.carnet(HERE)
    early = {"place": late, "text": carnet.code, "nonce": "n", "by": BY}
    assert "aucun accord" in refused(lambda: roaming_door.count(**early, now=morning(22, 12)))
    assert roaming_door.count(**early, now=morning(23, 12)).host == late
    assert refused(lambda: roaming.invite(place=late, raw={"places": bureaux.places[HERE].slug}, **asked)) == (
        f"{bureaux.places[HERE].name} est déjà dans cet accord, ou y est invité\u202f: retirez sa ligne."
    )


def test_who_leaves_stays_for_its_notice_and_may_change_its_mind(bureaux: Jura):
    here = {"place": bureaux.places[ESCALE], "agreement_id": bureaux.agreement.pk, "by": BY}
    left = roaming.leave(**here, now=morning(24))
    assert left.last_day == date(2026, 12, 24)
    assert roaming.leave(**here, now=morning(30)).last_day == date(2026, 12, 24)
    carnet = bureaux.carnet(HERE)
    bureaux.count(carnet, ESCALE, morning(24, 12))
    assert "aucun accord" in refused(lambda: bureaux.count(carnet, ESCALE, morning(28, 12)))
    assert refused(lambda: roaming.stay(**here, now=morning(25, 12))) == (
        "Ce lieu a quitté l’accord\u202f: proposez-en un nouveau, aux mêmes conditions ou à d’autres."
    )
    assert roaming.stay(**here, now=morning(20, 12)).last_day is None
    assert bureaux.count(carnet, ESCALE, morning(28, 12)).host == bureaux.places[ESCALE]
    assert [one.total_cents for one in bureaux.sign(ESCALE, "2026-12", morning(1, 1, 2027))] == [1700]


def test_no_is_an_answer_and_yes_may_follow(people: People, now: Any):
    places = [people.place, people.other]
    sells(people.place, SIRETS[0], now)
    made = roaming.propose(place=places[0], raw={**TERMS, "places": places[1].name}, by=BY, now=now)
    asked = {"place": places[1], "agreement_id": made.pk, "by": BY, "now": now}
    roaming.decline(**asked)
    roaming.decline(**asked)
    assert accepted_at(people.place, now.date()) == []
    assert refused(lambda: roaming.join(**asked)) == (
        "Ce lieu n’a pas encore dit qui facture\u202f: remplissez «\u202fQui facture\u202f», à «\u202fArgent\u202f»"
        "\u202f: chaque mois se règle par factures."
    )
    assert refused(lambda: roaming.leave(**asked)) == "Ce lieu n’est pas dans l’accord\u202f: il n’y a rien à quitter."
    sells(people.other, SIRETS[1], now)
    assert roaming.join(**asked).first_day == now.date()
    assert accepted_at(people.place, now.date()) == [people.other]
    assert refused(lambda: roaming.decline(**asked)) == (
        "Ce lieu est déjà dans l’accord\u202f: quittez-le, avec son préavis."
    )
    acts = [one.action for one in AuditEvent.objects.filter(action__contains="roaming").order_by("pk")]
    assert acts == [f"schemes.roaming_{act}" for act in ("proposed", "invited", "declined", "joined")]
    (mail,) = Mail.objects.filter(to="lila@example.org", subject__contains="itinérance")
    assert f"/gerer/{people.other.slug}/itinerance/{made.pk}/" in mail.body


def test_a_proposal_sent_twice_is_one(people: People, now: Any):
    sells(people.place, SIRETS[0], now)
    raw = {**TERMS, "places": f"{people.other.slug}\n{people.other.name}"}
    made = [roaming.propose(place=people.place, raw=raw, by=BY, now=now, key="k") for _time in range(2)]
    assert made[0] == made[1]
    assert RoamingPlace.objects.count() == 2
    assert refused(lambda: roaming.propose(place=people.place, raw={**raw, "places": "Atlantis"}, by=BY, now=now)) == (
        "«\u202fAtlantis\u202f» n’est pas un lieu de l’annuaire, ou plusieurs portent ce nom\u202f: "
        "collez l’adresse de sa page, comme /lieux/la-boutique/."
    )


def test_only_who_runs_a_place_binds_it(bureaux: Jura, people: People, now: Any):
    karim = signature(people.karim.user.pk, "colleague")
    asked = {"place": people.place, "by": karim, "now": morning(1, 12)}
    carnet = bureaux.carnet(ESCALE)
    counted = roaming_door.count(**{**asked, "now": morning(24)}, text=carnet.code, nonce="n")
    assert counted.counted_by == karim
    for act in (
        lambda: roaming.leave(**asked, agreement_id=bureaux.agreement.pk),
        lambda: roaming.propose(**asked, raw={**TERMS, "places": people.other.slug}),
        lambda: roaming.invite(**asked, agreement_id=bureaux.agreement.pk, raw={"places": "x"}),
        lambda: roaming_months.sign(**asked, agreement_id=bureaux.agreement.pk, month="2026-11"),
    ):
        with pytest.raises(PermissionDenied):
            act()
    (bill,) = bureaux.sign(HERE, "2026-11", morning(1, 12))
    with pytest.raises(RoamingBill.DoesNotExist):
        roaming_months.accept(place=people.place, bill_id=bill.pk, by=BY, now=morning(1, 12))


def test_a_month_waits_for_its_end_and_for_who_is_invoiced(bureaux: Jura):
    bureaux.count(bureaux.carnet(HERE), ESCALE, morning(24))
    assert refused(lambda: bureaux.sign(ESCALE, "2026-11", morning(30))) == (
        "Ce mois n’est pas fini\u202f: signez-le à partir du 1er du mois suivant."
    )
    assert refused(lambda: bureaux.sign(ESCALE, "2026-13", morning(30))) == (
        "Ce mois est illisible\u202f: choisissez-en un de la liste."
    )


@pytest.mark.parametrize(("price", "total"), [("9", 2700), ("8,50", 2550), ("7,77", 2330)])
def test_a_host_that_owes_vat_invoices_the_same_price_and_never_a_cent_more(
    people: People, now: Any, price: str, total: int
):
    here = jura(people, now, price=price)
    sells(here.places[ESCALE], SIRETS[0], now, "liable")
    carnet = here.carnet(HERE)
    for at in (morning(24), afternoon(24), morning(26)):
        here.count(carnet, ESCALE, at)
    (bill,) = here.sign(ESCALE, "2026-11", morning(1, 12))
    assert (bill.total_cents, bill.invoice.total_cents) == (total, total)
    assert bill.invoice.vat_cents > 0


def test_between_two_agreements_the_newest_holds(bureaux: Jura, now: Any):
    newer = agreed(list(bureaux.places[:2]), now, name="À deux", price="6", starts_on="2026-11-24")
    carnet = bureaux.carnet(HERE)
    assert bureaux.count(carnet, ESCALE, morning(23)).agreement == bureaux.agreement
    assert bureaux.count(carnet, ESCALE, morning(24)).agreement == newer
    assert bureaux.count(carnet, FRUITIERE, morning(25)).price_cents == 850


def raises_wall(name: str, act: Any) -> None:
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        act()


def test_the_database_holds_the_terms(bureaux: Jura):
    carnet = bureaux.carnet(HERE)
    visit = bureaux.count(carnet, ESCALE, morning(24))
    raises_wall("schemes_roaming_stays_update", lambda: Roaming.objects.update(price_cents=1))
    raises_wall("schemes_roamingvisit_stays_update", lambda: RoamingVisit.objects.update(price_cents=1))
    raises_wall("schemes_roamingvisit_stays_delete", lambda: RoamingVisit.objects.all()._raw_delete("default"))
    mine = RoamingPlace.objects.filter(place=bureaux.places[ESCALE])
    late = {"first_day": date(2026, 11, 25)}
    raises_wall("schemes_roaming_window", lambda: mine.update(**late))
    out = {"last_day": date(2026, 11, 23), "left_at": morning(24)}
    raises_wall("schemes_roaming_window", lambda: mine.update(**out))
    raises_wall("schemes_roamingplace_stays_delete", lambda: mine._raw_delete("default"))
    used = {"agreement": bureaux.agreement, "day": visit.day, "half": "am", "nonce": "autre"}
    used |= {"counted_at": morning(24), "counted_by": BY, "price_cents": 850}
    spare = Movement.objects.filter(of=carnet, kind="issued").get()
    hosts = {"host": bureaux.places[ESCALE], "home": bureaux.places[HERE]}
    raises_wall("schemes_roaming_terms", lambda: RoamingVisit.objects.create(**used, **hosts, movement=spare))
    (bill,) = bureaux.sign(ESCALE, "2026-11", morning(1, 12))
    raises_wall("schemes_roaming_accepted", lambda: RoamingBill.objects.update(signed_by="x"))
    raises_wall("schemes_roamingline_stays_delete", lambda: RoamingLine.objects.all()._raw_delete("default"))
    december = bureaux.count(carnet, ESCALE, morning(1, 12))
    raises_wall("schemes_roaming_lined", lambda: RoamingLine.objects.create(bill=bill, visit=december))
    roaming_months.accept(place=bureaux.places[HERE], bill_id=bill.pk, by=BY, now=morning(2, 12))
    raises_wall("schemes_roaming_accepted", lambda: RoamingBill.objects.update(accepted_by="x"))


STEP = st.tuples(
    st.sampled_from(["count", "count", "count", "count", "undo", "sign", "leave", "stay"]),
    st.integers(0, 2),
    st.integers(0, 2),
    st.integers(0, 90),
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(STEP, max_size=16))
def test_any_sequence_partitions_what_was_used_and_sums_to_zero(
    people: People, now: Any, steps: list[tuple[str, int, int, int]]
):
    with transaction.atomic():
        here = jura(people, now, notice="5")
        carnets = [here.carnet(home, units=3) for home in range(3)]
        for rank, step in enumerate(sorted(steps, key=lambda one: one[3])):
            try:
                with transaction.atomic():
                    _step(here, carnets, rank, *step)
            except (SchemesRefused, PassRefused):
                pass
            _holds(here, carnets)
        transaction.set_rollback(True)


def _step(here: Jura, carnets: list[Any], rank: int, act: str, one: int, other: int, halves: int) -> None:
    at = morning(22) + timedelta(hours=12 * halves)
    if act == "count":
        here.count(carnets[one], other, at.replace(hour=9 if halves % 2 else 14), f"s{rank}")
    elif act == "undo":
        for visit in RoamingVisit.objects.filter(host=here.places[one]).order_by("pk")[other : other + 1]:
            roaming_door.undo(place=here.places[one], visit_id=visit.pk, by=BY, now=at)
    elif act == "sign":
        here.sign(one, ("2026-11", "2026-12", "2027-01")[other], at + timedelta(days=20))
    else:
        do = roaming.leave if act == "leave" else roaming.stay
        do(place=here.places[one], agreement_id=here.agreement.pk, by=BY, now=at)


def _holds(here: Jura, carnets: list[Any]) -> None:
    assert all(balance(one.pk) >= 0 for one in carnets)
    standing = list(standing_visits(agreement=here.agreement))
    lined = list(RoamingLine.objects.values_list("visit_id", flat=True))
    assert len(lined) == len(set(lined))
    assert set(lined) <= {one.pk for one in standing}
    told = 0
    for month in ("2026-11", "2026-12", "2027-01"):
        sides = sides_of(here.agreement, month)
        assert sum(nets(one.debt for one in sides).values()) == 0
        told += sum(one.halves for one in sides)
        assert all(one.cents == one.halves * 850 for one in sides)
    assert told == len(standing)
    for bill in RoamingBill.objects.select_related("invoice"):
        assert bill.halves == bill.lines.count()
        assert bill.total_cents == bill.invoice.total_cents == bill.halves * bill.price_cents
