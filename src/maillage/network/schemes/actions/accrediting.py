"""Places come into a scheme: they ask, the funder answers, rents desks there or not; referrers get their links."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction

from maillage.accounts.rules import RUN, digest
from maillage.network.schemes.actions.door import SchemesRefused, funded, note, once, refuse, scheme_here
from maillage.network.schemes.models import Accreditation, Claim, Referrer, Scheme, Statement
from maillage.network.schemes.queries.ground import today_in
from maillage.network.schemes.rules.entries import read_rent, read_said
from maillage.network.schemes.rules.statements import rent, unsigned_rents
from maillage.places.models import Place
from maillage.places.permissions import let_in, scopes_of
from maillage.places.rules.sentences import sentence as _

ANSWERS = ("accepted", "refused", "ended")
MOST_REFERRERS = 200


@dataclass(frozen=True, slots=True)
class Linked:
    """A referrer, and the secret of its link, which is shown once."""

    referrer: Referrer
    secret: str


@transaction.atomic
def ask(*, place: Place, scheme_id: int, by: str, now: datetime) -> Accreditation:
    """Ask to be of a scheme that is run on the place's territory; asked again is asked once."""
    scheme = scheme_here(scheme_id)
    here = Place.objects.select_related("commune__departement").get(pk=place.pk)
    let_in(RUN, here, by)
    if scheme.scope not in scopes_of(here):
        raise Scheme.DoesNotExist
    given = {"asked_at": now, "asked_by": by}
    found, is_new = Accreditation.objects.get_or_create(scheme=scheme, place=here, defaults=given)
    if found.state in ("refused", "ended"):
        found.state, found.asked_at, found.asked_by = "asked", now, by
        found.save(update_fields=["state", "asked_at", "asked_by"])
        is_new = True
    if is_new:
        note("schemes.asked", found, scheme=scheme, by=by, now=now, place=str(here.pk))
    return found


@transaction.atomic
def answer(
    *, scheme_id: int, accreditation_id: int, state: str, raw: Mapping[str, str], by: str, now: datetime
) -> None:
    """Say whether a place is of a scheme, and what is rented there whether it is used or not."""
    scheme = funded(scheme_id, by)
    found = Accreditation.objects.get(pk=accreditation_id, scheme=scheme)
    if state not in ANSWERS:
        raise refuse("state", _("cette réponse n’existe pas"), _("choisissez-en une de la liste"))
    read = read_rent(raw)
    if read.wrongs:
        raise SchemesRefused(read.wrongs)
    told = {"state": state, **read.values}
    changed = [name for name, value in told.items() if getattr(found, name) != value]
    if not changed:
        return
    _keep_what_is_due(found, read.values, today=today_in(scheme.scope, now))
    for name in changed:
        setattr(found, name, told[name])
    found.answered_at, found.answered_by = now, by
    found.save(update_fields=[*changed, "answered_at", "answered_by"])
    note(f"schemes.{state}", found, scheme=scheme, by=by, now=now, place=str(found.place_id))


def _keep_what_is_due(found: Accreditation, told: Mapping[str, Any], *, today: date) -> None:
    """Refuse that the rent of a month that is over, and that the place has not signed yet, be no more."""
    signed = set(Statement.objects.filter(scheme=found.scheme_id, place=found.place_id).values_list("month", flat=True))
    over = unsigned_rents(found.rent_cents, found.rent_from, found.rent_to, signed=signed, today=today)
    after = {"cents": told["rent_cents"], "starts": told["rent_from"], "ends": told["rent_to"]}
    lost = [month for month in over if not rent(month, **after)]
    if lost:
        problem = _("le loyer de %(month)s est dû, et le lieu ne l’a pas encore signé", month=lost[0])
        raise refuse("rent", problem, _("gardez ce loyer et ces jours jusqu’à ce qu’il signe"))


@transaction.atomic
def add_referrer(
    *, scheme_id: int, raw: Mapping[str, str], by: str, now: datetime, place: Place | None = None, key: str = ""
) -> Linked:
    """Make a link with which a desk hands out passes; the same form again shows no second secret."""
    scheme = funded(scheme_id, by)
    read = read_said(raw, "name", 120)
    if read.wrongs:
        raise SchemesRefused(read.wrongs)
    name, secret = read.values["name"], secrets.token_urlsafe(32)
    fresh: list[Referrer] = []

    def act() -> int:
        standing = Referrer.objects.filter(scheme=scheme, revoked_at__isnull=True)
        if standing.filter(name=name).exists():
            raise refuse("name", _("un relais a déjà ce nom"), _("fermez son lien d’abord, ou dites lequel c’est"))
        if standing.count() >= MOST_REFERRERS:
            raise refuse("name", _("ce dispositif a déjà %(n)d relais", n=MOST_REFERRERS), _("fermez-en d’abord"))
        given = {"scheme": scheme, "name": name, "place": place, "digest": digest(secret)}
        fresh.append(Referrer.objects.create(**given, made_at=now, made_by=by))
        note("schemes.referrer_added", fresh[0], scheme=scheme, by=by, now=now)
        return int(fresh[0].pk)

    made = once(key, act, about=f"referrer {scheme.pk}", by=by, now=now, told=name)
    return Linked(Referrer.objects.get(pk=made), secret if fresh else "")


@transaction.atomic
def revoke_referrer(*, scheme_id: int, referrer_id: int, by: str, now: datetime) -> Referrer:
    """Close a referrer's link; the passes it handed out stay valid."""
    scheme = funded(scheme_id, by)
    found = Referrer.objects.get(pk=referrer_id, scheme=scheme)
    if found.revoked_at is None:
        found.revoked_at, found.revoked_by = now, by
        found.save(update_fields=["revoked_at", "revoked_by"])
        note("schemes.referrer_revoked", found, scheme=scheme, by=by, now=now)
    return found


@transaction.atomic
def close_claim(*, scheme_id: int, claim_id: int, raw: Mapping[str, str], by: str, now: datetime) -> Claim:
    """Write what became of a half-day that could not be settled: it stays unpaid by the scheme, whatever is said."""
    scheme = funded(scheme_id, by)
    found = Claim.objects.select_for_update(of=("self",)).get(pk=claim_id, scheme=scheme)
    read = read_said(raw, "outcome")
    if read.wrongs:
        raise SchemesRefused(read.wrongs)
    if found.closed_at is None:
        found.closed_at, found.closed_by, found.outcome = now, by, read.values["outcome"]
        found.save(update_fields=["closed_at", "closed_by", "outcome"])
        note("schemes.claim_closed", found, scheme=scheme, by=by, now=now)
    return found
