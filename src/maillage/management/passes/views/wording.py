"""Passes, movements and ways to pay, in words."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from maillage.management.billing.labels import UNITS, euros
from maillage.management.passes.labels import HALVES, MOVEMENTS, PIECES
from maillage.management.passes.queries.formulas import Left
from maillage.management.passes.rules.checkout import Purse, Used, Way, alone_cents
from maillage.management.passes.rules.formulas import rates_of
from maillage.places.views.wording import day_in_words, moment_in_words


def pieces(count: int, unit: str) -> str:
    """« 3 demi-journées »."""
    return str(PIECES[unit] % {"n": count})


def units(count: int) -> str:
    """« 3 unités »."""
    return ngettext("%(n)d unité", "%(n)d unités", count) % {"n": count}


def whose(found: Any) -> str:
    """Who has a pass: a person, an organisation, or whoever bears its code."""
    if found.person is not None:
        return found.person.name or _("personne effacée")
    return str(found.organisation.name) if found.organisation is not None else _("au porteur")


def rates(kept: Mapping[str, Any], things: Mapping[str, str]) -> list[str]:
    """What each thing takes: « Bureau fermé : 2 unités par demi-journée »."""
    return [
        _("%(thing)s\u202f: %(units)s par %(unit)s")
        % {"thing": things.get(one.subject, _("espace retiré")), "units": units(one.units), "unit": UNITS[one.unit]}
        for one in rates_of(kept)
    ]


def held(one: Left) -> dict[str, Any]:
    """A pass of a list."""
    found = one.one
    return {
        "pk": found.pk,
        "code": found.code,
        "name": found.formula.name if found.formula else "",
        "whose": whose(found),
        "left": units(one.balance),
        "is_empty": one.balance <= 0,
        "until": day_in_words(found.ends_on, "j F Y"),
    }


def movement(row: Any, things: Mapping[str, str], departement: str) -> dict[str, Any]:
    """A movement: when, what, how many units, and whether it may be undone."""
    undone = getattr(row, "undone_by", None)
    elsewhere = row.subject.startswith("roaming:")
    about = [day_in_words(row.day, "l j F")] if row.day else []
    about += [str(HALVES[row.half])] if row.half else []
    about += [things[row.subject]] if row.subject in things else []
    about += [row.place.name] if elsewhere and row.place else []
    return {
        "pk": row.pk,
        "kind": MOVEMENTS[row.kind],
        "amount": f"{row.amount:+d}".replace("-", "−") if row.amount else "",
        "about": ", ".join(about),
        "at": moment_in_words(row.at, departement),
        "undone": undone is not None and undone.kind != "reimbursed",
        "may_undo": row.kind == "redeemed" and undone is None and not elsewhere,
    }


def explained(way: Way, used: Sequence[Used], purses: Sequence[Purse], things: Mapping[str, str]) -> dict[str, Any]:
    """The cheapest way, in one sentence, and what each part of it is."""
    parts = [part for number, purse in enumerate(purses) for part in _on_purse(way, number, purse, used)]
    alone = [pieces(n, line.unit) for n, line in zip(way.alone, used, strict=True) if n]
    if alone:
        parts.append(_("%(pieces)s au prix à l’unité") % {"pieces": _listed(alone)})
    told = {"parts": "\u202f; ".join(parts), "price": euros(way.cents)}
    whole = alone_cents(used)
    if whole is not None and whole > way.cents:
        told["whole"] = euros(whole)
        said = _("Le moins cher\u202f: %(parts)s. À payer\u202f: %(price)s, au lieu de %(whole)s.") % told
    elif way.cents:
        said = _("Le moins cher\u202f: %(parts)s. À payer\u202f: %(price)s.") % told
    else:
        said = _("Rien à payer\u202f: %(parts)s.") % told
    lines = [{"thing": things.get(line.subject, ""), "pieces": pieces(line.quantity, line.unit)} for line in used]
    return {"said": said, "lines": lines, "price": told["price"]}


def _on_purse(way: Way, number: int, purse: Purse, used: Sequence[Used]) -> list[str]:
    shares = [pieces(n, line.unit) for n, line in zip(way.on[number], used, strict=True) if n]
    if not shares:
        return []
    bought, beyond, taken = way.bought[number], way.beyond[number], way.units[number]
    after = max(purse.left + bought * purse.new_units - taken, 0)
    told = {"name": purse.name, "pieces": _listed(shares), "left": units(after), "n": bought}
    if bought:
        said = ngettext(
            "%(pieces)s en prenant %(n)d «\u202f%(name)s\u202f» de plus (il en restera %(left)s)",
            "%(pieces)s en prenant %(n)d «\u202f%(name)s\u202f» de plus (il en restera %(left)s)",
            bought,
        )
        return [said % told]
    if beyond:
        told["beyond"] = units(beyond)
        return [_("%(pieces)s sur «\u202f%(name)s\u202f», dont %(beyond)s au-delà de ce qui est compris") % told]
    return [_("%(pieces)s sur «\u202f%(name)s\u202f» (il en restera %(left)s)") % told]


def _listed(parts: Sequence[str]) -> str:
    return (
        parts[0]
        if len(parts) == 1
        else _("%(first)s et %(last)s")
        % {
            "first": ", ".join(parts[:-1]),
            "last": parts[-1],
        }
    )
