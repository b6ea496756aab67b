"""An invoice run: the same thing asked of everybody on a list, once each, under the name of the run."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from maillage.management.billing.rules.amounts import BadNumber, read_amount
from maillage.management.billing.rules.documents import THOUSAND, UNITS, Line, net_of
from maillage.management.billing.rules.drafts import LONGEST_LABEL, DraftLine
from maillage.management.people.rules.entries import Wrong
from maillage.management.people.rules.memberships import FREE, KINDS
from maillage.places.rules.sentences import sentence as _
from maillage.places.rules.text import one_line

LONGEST_NAME = 60
FIELDS = ("name", "label", "price", "unit", "starts", "ends")
_PREFIX = "tirage"


@dataclass(frozen=True, slots=True)
class Run:
    """What a run asks, of whom, and for which days; its name makes each invoice one of a kind."""

    name: str
    line: DraftLine
    kinds: tuple[str, ...]
    starts: date | None = None
    ends: date | None = None


@dataclass(frozen=True, slots=True)
class Payer:
    """Who pays in a run: a person, or an organisation for several."""

    name: str
    count: int
    person_id: int | None = None
    organisation_id: int | None = None

    @property
    def ref(self) -> str:
        return f"p{self.person_id}" if self.person_id is not None else f"o{self.organisation_id}"


class BadRun(ValueError):
    """A run cannot be what was typed: `wrongs` by field."""

    def __init__(self, wrongs: Mapping[str, Wrong]) -> None:
        super().__init__(" ".join(f"{one.problem} : {one.mend}." for one in wrongs.values()))
        self.wrongs = dict(wrongs)


def read_run(raw: Mapping[str, str], kinds: Iterable[str]) -> Run:
    """A run as it was typed; `BadRun` says everything that is wrong with it.

    >>> read_run({"name": "Cotisation 2027", "label": "Cotisation", "price": "12"}, ["member"]).line.unit_price_cents
    1200
    """
    wrongs: dict[str, Wrong] = {}
    name, label = (one_line(raw.get(field, "")[:1_000]) for field in ("name", "label"))
    if not slug(name) or len(name) > LONGEST_NAME:
        wrongs["name"] = Wrong(
            _("ce nom ne convient pas"),
            _("donnez-en un, de %(n)d signes au plus, comme Cotisation 2027", n=LONGEST_NAME),
        )
    if not label or len(label) > LONGEST_LABEL:
        wrongs["label"] = Wrong(
            _("il manque ce qui est vendu, en peu de mots"), _("écrivez par exemple Cotisation 2027")
        )
    cents = 0
    try:
        cents = read_amount(raw.get("price", ""))
    except BadNumber as bad:
        wrongs["price"] = Wrong(bad.problem, bad.mend)
    unit = raw.get("unit") or "each"
    if unit not in UNITS:
        wrongs["unit"] = Wrong(_("cette unité n’existe pas"), _("choisissez-en une de la liste"))
    chosen = tuple(dict.fromkeys(kind for kind in kinds if kind in KINDS))
    if not chosen:
        wrongs["kinds"] = Wrong(_("il manque à qui la facture s’adresse"), _("cochez au moins un lien avec le lieu"))
    starts, ends = (_day(raw.get(field, ""), field, wrongs) for field in ("starts", "ends"))
    if starts and ends and ends < starts:
        wrongs["ends"] = Wrong(_("le dernier jour vient avant le premier"), _("échangez les deux jours"))
    if wrongs:
        raise BadRun(wrongs)
    return Run(name, DraftLine(label, THOUSAND, unit, cents), chosen, starts, ends)


def slug(name: str) -> str:
    """The name of a run as keys hold it, whatever its accents and capitals.

    >>> slug("Cotisation d’été 2027")
    'cotisation-d-ete-2027'
    """
    plain = unicodedata.normalize("NFKD", name.casefold())
    return re.sub(r"[^a-z0-9]+", "-", "".join(sign for sign in plain if not unicodedata.combining(sign))).strip("-")


def key_of(run: Run, payer: Payer) -> str:
    """The key under which a payer gets the invoice of a run, once."""
    return f"{prefix_of(run)}{payer.ref}"


def prefix_of(run: Run) -> str:
    """How the keys of a run begin."""
    return f"{_PREFIX}:{slug(run.name)}:"


def line_for(run: Run, payer: Payer) -> DraftLine:
    """The line of one payer: as many as it pays for."""
    return replace(run.line, quantity_milli=payer.count * THOUSAND)


def net_for(run: Run, payer: Payer) -> int:
    """What one payer is asked, before VAT, in cents."""
    return net_of(payer.count * THOUSAND, run.line.unit_price_cents)


def is_same(run: Run, line: Line) -> bool:
    """Whether a line that was issued is one of this run."""
    own = run.line
    return (own.label, own.unit, own.unit_price_cents) == (line.label, line.unit, line.unit_price_cents)


def pays(fee_class: str) -> bool:
    """Whether a membership of this fee is asked to pay."""
    return fee_class != FREE


def _day(text: str, field: str, wrongs: dict[str, Wrong]) -> date | None:
    given = one_line(text[:40])
    if not given:
        return None
    try:
        return date.fromisoformat(given)
    except ValueError:
        wrongs[field] = Wrong(_("cette date n’existe pas"), _("écrivez-la comme 2027-01-31"))
        return None
