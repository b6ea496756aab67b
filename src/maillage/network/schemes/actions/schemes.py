"""A funder writes a scheme, changes it, stops it."""

import re
import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from maillage.journal import actions as journal
from maillage.network.schemes.actions.door import SchemesRefused, funded, note, once, refuse
from maillage.network.schemes.models import Issue, Scheme, SigningKey
from maillage.network.schemes.permissions import KINDS, let_fund
from maillage.network.schemes.queries.ground import codes_named
from maillage.network.schemes.queries.keys import signing_public
from maillage.network.schemes.queries.schemes import committed_cents
from maillage.network.schemes.rules import tokens
from maillage.network.schemes.rules.entries import read_scheme
from maillage.places.rules.sentences import sentence as _
from maillage.places.rules.text import one_line

WRITTEN = (
    *("name", "funder", "siret", "street", "postal_code", "city", "service_code", "engagement"),
    *("budget_cents", "price_cents", "halves", "most_passes", "starts_on", "ends_on", "communes"),
    *("is_first_time", "least_age", "most_age", "is_named"),
)
FIXED = ("price_cents", "halves", "is_named", "is_first_time")
"""What stays as it is once a pass is out: a card says so."""
LONGEST_COMMUNES = 60_000


@transaction.atomic
def add_scheme(*, scope: str, raw: Mapping[str, str], by: str, now: datetime, idempotency_key: str = "") -> Scheme:
    """Open a scheme for a territory; its key signs from now on. Raises `SchemesRefused`, `KeyReused`."""
    journal.lock_order()
    if not scope.startswith(KINDS):
        raise refuse("scope", _("ce territoire ne finance rien ici"), _("choisissez-en un de la liste"))
    let_fund(scope, by)
    values = _read(raw, scope)

    def act() -> int:
        _free_name(scope, values["name"])
        made = Scheme.objects.create(scope=scope, pepper=secrets.token_hex(32), made_at=now, made_by=by, **values)
        keep_key(made, by=by, now=now)
        note("schemes.added", made, scheme=made, by=by, now=now)
        return int(made.pk)

    made = once(idempotency_key, act, about=f"scheme {scope}", by=by, now=now, told=values)
    return Scheme.objects.get(pk=made)


@transaction.atomic
def change_scheme(*, scheme_id: int, raw: Mapping[str, str], by: str, now: datetime) -> Scheme:
    """Change a scheme; its price and its half-days stay once a pass is out, its budget never goes under what is out."""
    scheme = funded(scheme_id, by)
    values = _read(raw, scheme.scope)
    changed = [name for name in WRITTEN if getattr(scheme, name) != values[name]]
    if not changed:
        return scheme
    if "name" in changed:
        _free_name(scheme.scope, values["name"])
    if set(changed) & {*FIXED} and Issue.objects.filter(scheme=scheme).exists():
        name = next(name for name in FIXED if name in changed).removesuffix("_cents")
        raise refuse(name, _("des passes sont déjà remis à ces conditions"), _("ouvrez un autre dispositif"))
    if values["budget_cents"] < committed_cents(scheme.pk):
        raise refuse("budget", _("des passes déjà remis dépassent ce budget"), _("écrivez un budget plus grand"))
    for name in changed:
        setattr(scheme, name, values[name])
    scheme.save(update_fields=changed)
    note("schemes.changed", scheme, scheme=scheme, by=by, now=now, fields=changed)
    return scheme


@transaction.atomic
def close_scheme(*, scheme_id: int, by: str, now: datetime) -> Scheme:
    """Stop handing passes out; those that are out stay valid until their last day."""
    scheme = funded(scheme_id, by)
    if scheme.closed_at is None:
        scheme.closed_at, scheme.closed_by = now, by
        scheme.save(update_fields=["closed_at", "closed_by"])
        note("schemes.closed", scheme, scheme=scheme, by=by, now=now)
    return scheme


def keep_key(scheme: Scheme, *, by: str, now: datetime) -> None:
    """Keep the public half of the key in use, beside older ones: the secret of the site may have changed since."""
    public = signing_public(scheme)
    given = {"scheme": scheme, "public": public, "since_at": now, "since_by": by}
    SigningKey.objects.get_or_create(kid=tokens.kid_of(public), defaults=given)


def _free_name(scope: str, name: str) -> None:
    if Scheme.objects.filter(scope=scope, name=name).exists():
        raise refuse("name", _("un dispositif de ce territoire a déjà ce nom"), _("ajoutez-y l’année, par exemple"))


def _read(raw: Mapping[str, str], scope: str) -> dict[str, Any]:
    read = read_scheme(raw)
    text = raw.get("communes", "")
    lines = [one_line(line) for line in re.split(r"[\n,;]", text[:LONGEST_COMMUNES])]
    codes, lost = codes_named(lines, scope)
    if lost:
        problem = _("«\u202f%(name)s\u202f» n’est pas une commune de ce territoire", name=lost[0][:60])
        read.wrong("communes", problem, _("écrivez son nom, ou son code Insee, une commune par ligne"))
    read.values["communes"] = sorted(codes)
    if read.wrongs:
        raise SchemesRefused(read.wrongs)
    return {name: read.values[name] for name in WRITTEN}
