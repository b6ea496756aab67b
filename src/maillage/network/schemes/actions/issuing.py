"""Passes are handed out, on screen or by the sheet; a lost one is cancelled, and replaced with what was left on it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import uuid4

from django.db import transaction

from maillage.accounts.rules import digest
from maillage.journal.actions import KeyReused, TooMany, spend
from maillage.management.passes.actions import ledger
from maillage.management.passes.queries.ledger import balance
from maillage.management.passes.rules.ledger import FUNDED, read_code
from maillage.management.people.rules.entries import Wrong
from maillage.network.schemes import emails
from maillage.network.schemes.actions.door import (
    SchemesRefused,
    funded,
    note,
    once,
    referrer_signature,
    refuse,
    scheme_here,
)
from maillage.network.schemes.actions.schemes import keep_key
from maillage.network.schemes.models import Issue, Referrer, Scheme
from maillage.network.schemes.permissions import let_fund
from maillage.network.schemes.queries.ground import today_in
from maillage.network.schemes.queries.schemes import committed_cents, people_served
from maillage.network.schemes.rules.eligibility import Asked, Terms, contact_print, refusals
from maillage.places.rules.sentences import sentence as _
from maillage.places.rules.text import one_line

MOST_ON_SHEETS = 80
LONGEST_KEY = 60
LONGEST = 2_000
LONGEST_HOLDER, LONGEST_CONTACT = 120, 254
CARDS_A_DAY, TO_ONE_ADDRESS = 60, 3
"""Mails of cards that one desk may send in a day, and that one address may get."""


def terms_of(scheme: Scheme) -> Terms:
    """For whom a scheme is, as the rules read it."""
    ages = scheme.least_age, scheme.most_age
    return Terms(frozenset(scheme.communes), scheme.is_first_time, *ages, scheme.is_named)


@transaction.atomic
def hand_out(
    *,
    scheme_id: int,
    raw: Mapping[str, str],
    key: str,
    now: datetime,
    by: str = "",
    referrer: Referrer | None = None,
) -> Issue:
    """Hand a pass to somebody who is eligible, by the funder (`by`) or by a referrer's link; once under a key.

    Raises `SchemesRefused`, `KeyReused`.
    """
    scheme, signed = _enter(scheme_id, by, referrer)
    asked = Asked(
        commune=one_line(raw.get("commune", "")[:20])[:5],
        age_band=one_line(raw.get("age_band", "")[:20]),
        contact=one_line(raw.get("contact", "")[:LONGEST]),
        holder=one_line(raw.get("holder", "")[:LONGEST]) if scheme.is_named else "",
        is_first_time=bool(raw.get("is_first_time")),
    )

    def act() -> int:
        _refuse_used(scheme, key=key)
        _check_open(scheme, now)
        wrongs = refusals(terms_of(scheme), asked)
        for name, text, most in (("holder", asked.holder, LONGEST_HOLDER), ("contact", asked.contact, LONGEST_CONTACT)):
            if len(text) > most:
                wrongs[name] = Wrong(_("dépasse %(n)d caractères", n=most), _("raccourcissez"))
        if wrongs:
            raise SchemesRefused(wrongs)
        known = {"commune": asked.commune, "age_band": asked.age_band, "holder": asked.holder}
        known["contact"] = contact_print(scheme.pepper, asked.contact)
        if known["contact"] and Issue.objects.filter(scheme=scheme, contact=known["contact"]).exists():
            problem = _("un passe de ce dispositif a déjà été remis à ce contact")
            raise refuse("contact", problem, _("s’il est perdu, faites-le remplacer\u202f: ce qui reste dessus suit"))
        return _issue(scheme, referrer, key=key, by=signed, now=now, **known).pk

    told = [asked.commune, asked.age_band, asked.contact, asked.holder, asked.is_first_time]
    made = once(key[:LONGEST_KEY], act, about=f"pass {scheme.pk}", by=signed, now=now, told=told)
    return _issued(made)


@transaction.atomic
def hand_sheet(
    *, scheme_id: int, count: int, key: str, now: datetime, by: str = "", referrer: Referrer | None = None
) -> str:
    """Make bearer's cards to print; who gives one sees to it that it is for whom the scheme is. The name of the sheet.

    All of them or none. Raises `SchemesRefused`, `KeyReused`.
    """
    scheme, signed = _enter(scheme_id, by, referrer)
    if scheme.is_named:
        raise refuse("count", _("ces passes sont nominatifs"), _("remettez-les un par un"))
    if not 1 <= count <= MOST_ON_SHEETS:
        mend = _("écrivez un nombre de %(least)d à %(most)d", least=1, most=MOST_ON_SHEETS)
        raise refuse("count", _("ce nombre ne va pas"), mend)
    batch = (key or str(uuid4()))[:40]

    def act() -> int:
        _refuse_used(scheme, batch=batch)
        _check_open(scheme, now)
        made = [
            _issue(scheme, referrer, key=f"{batch}/{number}", by=signed, now=now, batch=batch)
            for number in range(count)
        ]
        return int(made[0].pk)

    first = once(key[:LONGEST_KEY], act, about=f"sheet {scheme.pk}", by=signed, now=now, told=count)
    return _issued(first).batch


@transaction.atomic
def replace_lost(*, scheme_id: int, code: str, by: str, now: datetime) -> Issue:
    """Cancel a lost card and make another with what was left: the budget gives nothing more."""
    scheme = funded(scheme_id, by)
    old = _out(scheme, code)
    known_already = Issue.objects.filter(replaces=old).first()
    if known_already is not None:
        return _issued(known_already.pk)
    left = _revoke(scheme, old, by=by, now=now)
    known = {"commune": old.commune, "age_band": old.age_band, "contact": old.contact, "holder": old.holder}
    made = _issue(scheme, old.referrer, key=f"replaces:{old.pk}", by=by, now=now, units=left, replaces=old, **known)
    return _issued(made.pk)


@transaction.atomic
def revoke(*, scheme_id: int, code: str, by: str, now: datetime) -> Issue:
    """Cancel a pass: its code opens nothing any more, and what was left on it goes back to the budget."""
    scheme = funded(scheme_id, by)
    old = _out(scheme, code)
    _revoke(scheme, old, by=by, now=now)
    return old


@transaction.atomic
def send_card(*, issue_id: int, to: str, now: datetime, by: str = "", referrer: Referrer | None = None) -> None:
    """Mail a card to somebody; the address is kept with the mail alone.

    Raises `SchemesRefused` beyond what a desk may send in a day, or an address get.
    """
    issue = Issue.objects.select_related("of", "scheme").get(pk=issue_id)
    _scheme, signed = _enter(issue.scheme_id, by, referrer)
    if issue.revoked_at is not None:
        raise refuse("email", _("ce passe a été annulé"), _("remettez-en un autre"))
    emails.send(issue=issue, to=to, now=now)
    note("schemes.card_sent", issue, scheme=issue.scheme, by=signed, now=now)
    uses = {
        f"card:{digest(f'{issue.scheme_id} {signed}')[:60]}": CARDS_A_DAY,
        f"card:{digest(to.casefold())[:60]}": TO_ONE_ADDRESS,
    }
    try:
        spend(uses=uses, now=now)
    except TooMany as many:
        problem = _("assez de cartes sont parties aujourd’hui de ce guichet, ou à cette adresse")
        raise refuse("email", problem, _("imprimez-la, ou copiez son message : le courriel reprend demain")) from many


def _enter(scheme_id: int, by: str, referrer: Referrer | None) -> tuple[Scheme, str]:
    """The scheme to issue of, with the right of who does seen again, and how they sign."""
    scheme = scheme_here(scheme_id)
    if referrer is None:
        let_fund(scheme.scope, by)
        return scheme, by
    if not Referrer.objects.filter(pk=referrer.pk, scheme=scheme, revoked_at__isnull=True).exists():
        raise refuse("", _("ce lien a été fermé"), _("demandez-en un autre à qui finance le dispositif"))
    return scheme, referrer_signature(referrer)


def _refuse_used(scheme: Scheme, **known: str) -> None:
    """Refuse the key of another desk, or one that is older than what the journal remembers."""
    if all(known.values()) and Issue.objects.filter(scheme=scheme, **known).exists():
        raise KeyReused


def _check_open(scheme: Scheme, now: datetime) -> None:
    if scheme.closed_at is not None or today_in(scheme.scope, now) > scheme.ends_on:
        raise refuse("", _("ce dispositif est terminé"), _("rien ne se remet plus\u202f: voyez qui le finance"))


def _issue(scheme: Scheme, referrer: Referrer | None, *, key: str, by: str, now: datetime, **known: Any) -> Issue:
    """Make a pass of the budget, under the lock of the scheme."""
    units = known.pop("units", scheme.halves)
    cents = units * scheme.price_cents
    if committed_cents(scheme.pk) + cents > scheme.budget_cents:
        raise refuse("", _("le budget de ce dispositif est épuisé"), _("voyez qui le finance\u202f: rien n’est remis"))
    if "replaces" not in known and people_served(scheme.pk) >= scheme.most_passes:
        raise refuse("", _("tous les passes de ce dispositif sont remis"), _("voyez qui le finance"))
    keep_key(scheme, by=by, now=now)
    made = ledger.issue(
        kind=FUNDED,
        units=units,
        starts_on=max(scheme.starts_on, today_in(scheme.scope, now)),
        ends_on=scheme.ends_on,
        source=f"scheme:{scheme.pk}",
        key=f"scheme:{scheme.pk}:{key}",
        by=by,
        now=now,
    )
    given = {"scheme": scheme, "of": made, "referrer": referrer, "cents": cents}
    issue = Issue.objects.create(**given, key=key or made.code, issued_at=now, issued_by=by, **known)
    note("schemes.issued", issue, scheme=scheme, by=by, now=now, units=units)
    return issue


def _revoke(scheme: Scheme, old: Issue, *, by: str, now: datetime) -> int:
    left = balance(old.of_id)
    if left <= 0:
        raise refuse("code", _("il ne reste rien sur ce passe"), _("il n’y a rien à annuler"))
    ledger.cancel(pass_id=old.of_id, key=f"scheme:{scheme.pk}:revoke:{old.pk}", by=by, now=now)
    old.freed_cents, old.revoked_at, old.revoked_by = left * scheme.price_cents, now, by
    old.save(update_fields=["freed_cents", "revoked_at", "revoked_by"])
    note("schemes.revoked", old, scheme=scheme, by=by, now=now, units=left)
    return left


def _out(scheme: Scheme, code: str) -> Issue:
    found = Issue.objects.select_related("of", "referrer").filter(scheme=scheme, of__code=read_code(code)).first()
    if found is None:
        raise refuse("code", _("ce code n’est pas celui d’un passe de ce dispositif"), _("relisez-le signe par signe"))
    if found.revoked_at is not None and not hasattr(found, "replaced_by"):
        raise refuse("code", _("ce passe est déjà annulé"), _("il n’y a rien de plus à faire"))
    return found


def _issued(pk: int) -> Issue:
    return Issue.objects.select_related("of", "scheme", "referrer").get(pk=pk)
