"""M. Perrin's scheme in the demo: passes handed out, half-days spent, a month signed; and taking it all away."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Q

from maillage.journal import actions as journal
from maillage.management.passes.actions.demo import CARNET
from maillage.management.passes.actions.selling import sell
from maillage.management.passes.models import Formula, Movement, Pass
from maillage.management.people.actions.persons import add_person
from maillage.network.schemes import models
from maillage.network.schemes.actions import accrediting, issuing, redeeming, stating
from maillage.network.schemes.actions.schemes import add_scheme
from maillage.network.schemes.models import Accreditation, Issue, Referrer, Scheme, SigningKey
from maillage.network.schemes.queries.door import clocks_of
from maillage.network.schemes.queries.ground import communes_of
from maillage.network.schemes.rules.statements import bounds, month_of, months
from maillage.places.models import Place
from maillage.places.rules.hours import is_open
from maillage.territory.rules.zones import zone_of

RAW = {
    "name": "Pass découverte (fictif)",
    "funder": "Communauté de communes fictive",
    "siret": "20000000800017",
    "street": "1 place de la Mairie",
    "postal_code": "39600",
    "city": "Mouchard",
    "service_code": "COMPTA",
    "engagement": "2026-118",
    "budget": "2160",
    "price": "9",
    "halves": "4",
    "most_passes": "60",
    "is_first_time": "1",
}
RENT = {"desks": "2", "weekdays": "234", "rent": "60"}
TOWN_HALL, LIBRARY = "Mairie de Mouchard", "Bibliothèque de Chamblay"
NEAR = ("39370", "39546")
HANDED, ON_A_SHEET, EVERY_DAYS = 22, 8, 3
SINCE_DAYS = 80
VISITS_AFTER_DAYS = ((2, "am"), (9, "pm"), (16, "am"), (30, "am"))
STAYED = (("Aïcha", "aicha@example.org"), ("Joris", "joris@example.org"))
"""Who took a carnet at the place once their pass had served, known by their e-mail."""


@dataclass(frozen=True, slots=True)
class _Ground:
    """The scheme of the demo, where it is spent, who hands out, and when all of it is written."""

    scheme: Scheme
    place: Place
    referrer: Referrer
    by: str
    now: datetime


@transaction.atomic
def furnish(*, place: Place, by: str, now: datetime) -> int:
    """Let the territory of a fictional place pay half-days there, once; how many passes were handed out."""
    epci = place.commune.epci_id if place.commune else None
    scope = f"epci:{epci}"
    if not place.is_demo or not epci or Scheme.objects.filter(scope=scope, name=RAW["name"]).exists():
        return 0
    first = (now - timedelta(days=SINCE_DAYS + 5)).date().replace(day=1)
    days = {"starts_on": first.isoformat(), "ends_on": (first + timedelta(days=270)).isoformat()}
    raw = {**RAW, **days, "communes": "\n".join(communes_of(scope))}
    scheme = add_scheme(scope=scope, raw=raw, by=by, now=now)
    _join(scheme, place, {**RENT, "rent_from": first.isoformat(), "rent_to": days["ends_on"]}, by=by, now=now)
    for other in Place.objects.filter(is_demo=True, status="dormant", commune__epci=epci).order_by("pk")[:1]:
        _join(scheme, other, {}, by=by, now=now)
    mayors, library = (
        accrediting.add_referrer(scheme_id=scheme.pk, raw={"name": name}, by=by, now=now).referrer
        for name in (TOWN_HALL, LIBRARY)
    )
    ground = _Ground(scheme, place, mayors, by, now)
    handed = _hand_out(ground)
    issuing.hand_sheet(scheme_id=scheme.pk, count=ON_A_SHEET, key="demo-planche", now=now, referrer=library)
    issuing.replace_lost(scheme_id=scheme.pk, code=handed[-1].of.code, by=by, now=now)
    _stay(ground)
    _sign(ground)
    return HANDED + ON_A_SHEET


def _join(scheme: Scheme, place: Place, rent: dict[str, str], *, by: str, now: datetime) -> None:
    asked = accrediting.ask(place=place, scheme_id=scheme.pk, by=by, now=now)
    given: dict[str, Any] = {"scheme_id": scheme.pk, "accreditation_id": asked.pk, "state": "accepted", "raw": rent}
    accrediting.answer(**given, by=by, now=now)


def _hand_out(ground: _Ground) -> list[Issue]:
    """Hand passes out one after the other, each spent in part since; the first half-day is once counted twice."""
    homes, handed = _homes(ground), []
    for number in range(HANDED):
        at = ground.now - timedelta(days=SINCE_DAYS - EVERY_DAYS * number)
        contact = STAYED[number][1] if number < len(STAYED) else f"passe{number}@example.org"
        raw = {"commune": homes[number % len(homes)], "contact": contact, "is_first_time": "1"}
        given: dict[str, Any] = {
            "scheme_id": ground.scheme.pk,
            "raw": raw,
            "key": f"demo-{number}",
            "referrer": ground.referrer,
        }
        issue = issuing.hand_out(**given, now=at)
        handed.append(issue)
        for visit, spent in enumerate(_moments(ground.place, at, ground.now)):
            if visit > number % len(VISITS_AFTER_DAYS):
                break
            redeeming.redeem(
                place=ground.place, text=issue.of.code, nonce=f"demo-{number}-{visit}", by=ground.by, now=spent
            )
            if number == visit == 0:
                again = [redeeming.Counted("demo-tablette", issue.of.code, spent)]
                redeeming.settle(place=ground.place, counted=again, tablet_now=spent, by=ground.by, now=spent)
    return handed


def _homes(ground: _Ground) -> list[str]:
    """Where those who got a pass live: half of them in the commune of the place, so that the report shows a count."""
    here = str(ground.place.commune_id)
    others = [code for code in (*NEAR, *ground.scheme.communes) if code in ground.scheme.communes and code != here]
    return [here, others[0], here, others[min(1, len(others) - 1)]] if others else [here]


def _moments(place: Place, handed_at: datetime, now: datetime) -> Iterator[datetime]:
    """The half-days that whoever got a pass spends: each on the first day of opening from some days on, until now."""
    departement = str(place.commune.departement_id or "") if place.commune else ""
    zone, clocks = zone_of(departement), clocks_of(place)
    last: date | None = None
    for after, half in VISITS_AFTER_DAYS:
        day = (handed_at + timedelta(days=after)).astimezone(clocks).date()
        for later in range(8):
            at = _at(day + timedelta(days=later), half, clocks)
            if at.date() != last and is_open(place.opening_hours, at, zone, departement_code=departement) is not False:
                break
        if at >= now:
            return
        last = at.date()
        yield at


def _at(day: date, half: str, clocks: ZoneInfo) -> datetime:
    return datetime.combine(day, time(10 if half == "am" else 15), clocks)


def _stay(ground: _Ground) -> None:
    """Two of those who came with a pass come back on their own money."""
    formula = Formula.objects.filter(place=ground.place, name=CARNET).first()
    at = ground.now - timedelta(days=4)
    if formula is None:
        return
    for name, email in STAYED:
        person = add_person(place=ground.place, raw={"name": name, "email": email}, by=ground.by, now=at)
        sell(place=ground.place, formula_id=formula.pk, person_id=person, key=f"demo-{email}", by=ground.by, now=at)


def _sign(ground: _Ground) -> None:
    """Sign the first months, and leave the one that has just ended for somebody to sign."""
    over = [month for month in reversed(months(ground.scheme.starts_on, ground.now.date())) if _is_over(month, ground)]
    for month in over[:-1]:
        stating.sign(place=ground.place, scheme_id=ground.scheme.pk, month=month, by=ground.by, now=ground.now)


def _is_over(month: str, ground: _Ground) -> bool:
    within = bounds(month)
    return within is not None and month != month_of(ground.now.date()) and within[1] < ground.now.date()


@transaction.atomic
def clear_demo(*, by: str, now: datetime) -> int:
    """Delete what passes did at fictional places, and the schemes that were for them alone; how many schemes.

    Guards are lifted by who asks. A scheme of real places keeps its passes, with what was spent at fictional ones back.
    """
    fictional = Place.objects.filter(is_demo=True)
    real = Accreditation.objects.filter(place__is_demo=False).values("scheme")
    schemes = list(Scheme.objects.filter(accreditations__place__in=fictional).exclude(pk__in=real).distinct())
    gone = Q(place__in=fictional) | Q(scheme__in=schemes)
    _clear_roaming()
    models.StatementLine.objects.filter(Q(statement__place__in=fictional) | Q(statement__scheme__in=schemes)).delete()
    models.Statement.objects.filter(gone).delete()
    spent = models.Redemption.objects.filter(gone)
    moved = list(spent.values_list("movement", flat=True))
    spent.delete()
    models.Claim.objects.filter(gone).delete()
    Movement.objects.filter(undoes__in=moved).delete()
    Movement.objects.filter(pk__in=moved).delete()
    passes = list(Issue.objects.filter(scheme__in=schemes).values_list("of", flat=True))
    Issue.objects.filter(scheme__in=schemes, replaces__isnull=False).delete()
    Issue.objects.filter(scheme__in=schemes).delete()
    Movement.objects.filter(of__in=passes).delete()
    Pass.objects.filter(pk__in=passes).delete()
    Accreditation.objects.filter(gone).delete()
    Referrer.objects.filter(place__in=fictional).update(place=None)
    for model in (Referrer, SigningKey):
        model.objects.filter(scheme__in=schemes).delete()
    Scheme.objects.filter(pk__in=[one.pk for one in schemes]).delete()
    if schemes:
        journal.write(action="schemes.demo_removed", by=by, now=now, detail={"schemes": len(schemes)})
    return len(schemes)


def _clear_roaming() -> None:
    """Delete the agreements in which a fictional place is, and what was used under them."""
    agreements = list(
        models.Roaming.objects.filter(Q(place__is_demo=True) | Q(places__place__is_demo=True)).values_list(
            "pk", flat=True
        )
    )
    models.RoamingLine.objects.filter(bill__agreement__in=agreements).delete()
    models.RoamingBill.objects.filter(agreement__in=agreements).delete()
    visits = models.RoamingVisit.objects.filter(agreement__in=agreements)
    moved = list(visits.values_list("movement", flat=True))
    visits.delete()
    Movement.objects.filter(undoes__in=moved).delete()
    Movement.objects.filter(pk__in=moved).delete()
    models.RoamingPlace.objects.filter(agreement__in=agreements).delete()
    models.Roaming.objects.filter(pk__in=agreements).delete()
