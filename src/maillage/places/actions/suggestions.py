"""What anybody proposes of the registry, and how it is answered: nothing is published before somebody has said yes."""

import json
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from maillage.accounts.rules import CLEAR, CLOSE, digest
from maillage.journal import actions as journal
from maillage.places import emails
from maillage.places.actions.lifecycle import PlaceRefused, remove_place, restore_place
from maillage.places.actions.merging import is_lived_in, merge_places, unmerge
from maillage.places.actions.record import record_many
from maillage.places.actions.sheet import close_place, edit_sheet, take_back
from maillage.places.actions.voices import NEIGHBOURS, fiction
from maillage.places.models import Place, Revision, SourceRecord, Suggestion
from maillage.places.permissions import let_clear, still_may
from maillage.places.queries.registry import only_fiction
from maillage.places.queries.team import shown
from maillage.places.rules.drafts import Draft
from maillage.places.rules.fields import check
from maillage.places.rules.suggesting import standing, with_companions
from maillage.territory.models import Commune

VISITOR = "visiteur"
LONGEST_SAID = 1_000
ACCEPTED, TAKEN_BACK = "Suggestion acceptée", "Suggestion reprise"
"""What the history says, in the language of the registry."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed:
    """What somebody proposes; `values` were read by `rules.fields`, `uses` bounds how often they may.

    `form` names the form that was filled: the same words sent twice from one form are one suggestion.
    """

    kind: str
    place: Place | None = None
    twin: Place | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    said: str = ""
    contact: str = ""
    language: str = "fr"
    uses: Mapping[str, int] = field(default_factory=dict)
    form: str = ""


@dataclass(frozen=True, slots=True)
class Sent:
    """A suggestion, and the secret of the link by which whoever made it follows it."""

    made: Suggestion
    secret: str


@transaction.atomic
def suggest(*, proposed: Proposed, by: str, now: datetime) -> Sent:
    """Keep a suggestion for whoever looks after the place or its territory.

    Raises `PlaceRefused` where it says nothing or says what is already so, `TooMany` beyond the `uses`.
    """
    place = proposed.place
    secret = _secret(proposed, by)
    before = Suggestion.objects.filter(digest=digest(secret)).first()
    if before is not None:
        return Sent(before, secret)
    base = {name: value for name, value in shown(place).items() if name in proposed.values} if place else {}
    _refuse_empty(proposed, base)
    code = (place.commune_id if place else None) or proposed.values.get("commune")
    made, is_new = Suggestion.objects.get_or_create(
        digest=digest(secret),
        defaults={
            "kind": proposed.kind,
            "place": place,
            "twin": proposed.twin,
            "commune": Commune.objects.filter(pk=code).first(),
            "values": dict(proposed.values),
            "base": base,
            "said": proposed.said.strip()[:LONGEST_SAID],
            "contact": proposed.contact,
            "language": proposed.language[:8],
            "suggested_at": now,
            "suggested_by": by,
            "is_demo": place.is_demo if place else only_fiction(),
        },
    )
    if not is_new:
        return Sent(made, secret)
    journal.write(action="suggestions.made", by=by, now=now, subject=str(made.pk), detail={"kind": made.kind})
    if proposed.contact:
        emails.say_received(suggestion=made, secret=secret, now=now)
    if proposed.uses:
        journal.spend(uses=proposed.uses, now=now)
    return Sent(made, secret)


def _secret(proposed: Proposed, by: str) -> str:
    """The secret of the link: drawn, or for a form the same for the same words, so that it is found when sent again."""
    if not proposed.form:
        return secrets.token_urlsafe(24)
    about = [str(one.pk) if one else "" for one in (proposed.place, proposed.twin)]
    told = [proposed.form, by, proposed.kind, *about, proposed.values, proposed.said.strip(), proposed.contact]
    written = json.dumps(told, sort_keys=True, cls=DjangoJSONEncoder)
    return salted_hmac("maillage.places.suggestion", written, algorithm="sha256").hexdigest()[:48]


def _refuse_empty(proposed: Proposed, base: Mapping[str, Any]) -> None:
    place, twin = proposed.place, proposed.twin
    if place is not None and place.removed_at:
        raise PlaceRefused(_("Ce lieu a quitté le registre\u202f: il n’y a plus rien à y corriger."))
    if proposed.kind == "edit" and all(base.get(name) == value for name, value in proposed.values.items()):
        raise PlaceRefused(_("La fiche dit déjà cela\u202f: changez ce qui ne va pas, puis envoyez."))
    if proposed.kind == "closed" and place is not None and place.status == "closed":
        raise PlaceRefused(_("La fiche dit déjà que ce lieu a fermé."))
    if proposed.kind == "charter" and not proposed.said.strip():
        raise PlaceRefused(_("Dites ce qui ne va pas\u202f: sans cela, personne ne peut juger."))
    if proposed.kind == "duplicate" and (twin is None or twin.removed_at or twin == place):
        raise PlaceRefused(
            _("L’autre fiche n’est pas dans le registre, ou c’est celle-ci\u202f: choisissez-en une autre.")
        )
    if proposed.kind == "new":
        checked = check(proposed.values)
        if checked.refused:
            raise PlaceRefused(_("Donnez au moins le nom du lieu et sa commune."))


@transaction.atomic
def withdraw(*, secret: str, by: str, now: datetime) -> Suggestion:
    """Take back one's own suggestion, from its link."""
    found = Suggestion.objects.select_for_update().filter(digest=digest(secret)).first()
    if found is None:
        raise PlaceRefused(_("Ce lien ne mène à aucune suggestion\u202f: ouvrez celui de votre courriel."))
    _refuse_decided(found)
    _decide(found, "withdrawn", reason="", by=by, now=now)
    return _forget_contact(found)


@transaction.atomic
def refuse(*, suggestion_id: UUID, reason: str, by: str, now: datetime) -> Suggestion:
    """Say no, and why: whoever suggested it reads the reason."""
    if not reason.strip():
        raise PlaceRefused(_("Un refus demande un motif\u202f: la personne qui propose le lira."))
    found = _locked(suggestion_id, by)
    _refuse_decided(found)
    _decide(found, "refused", reason=reason, by=by, now=now)
    emails.say_answered(suggestion=found, now=now)
    return _forget_contact(found)


@transaction.atomic
def accept(
    *, suggestion_id: UUID, fields: Collection[str] | None = None, reason: str = "", by: str, now: datetime
) -> Suggestion:
    """Say yes: the change is written in the name of who accepts; of an edit, only `fields` where some are named."""
    found = _locked(suggestion_id, by)
    _refuse_decided(found)
    _WRITE[found.kind](found, fields, reason, by, now)
    _decide(found, "accepted", reason=reason, by=by, now=now)
    emails.say_answered(suggestion=found, now=now)
    return _forget_contact(found)


@transaction.atomic
def undo_decision(*, suggestion_id: UUID, by: str, now: datetime) -> Suggestion:
    """Take back what was decided: the sheet is as it was, and the suggestion waits again."""
    found = _locked(suggestion_id, by)
    if found.state not in ("accepted", "refused"):
        raise PlaceRefused(_("Cette suggestion n’a pas été tranchée\u202f: il n’y a rien à reprendre."))
    if found.state == "accepted":
        _take_back(found, by, now)
    found.state, found.decided_at, found.decided_by, found.reason = "pending", None, "", ""
    found.made = found.revision = found.merge = None
    found.save()
    journal.write(action="suggestions.reopened", by=by, now=now, subject=str(found.pk))
    return found


def _take_back(found: Suggestion, by: str, now: datetime) -> None:
    if found.made is not None:
        _refuse_settled(found, found.made)
        if found.made.removed_at is None:
            remove_place(place_id=found.made.pk, reason=TAKEN_BACK, by=by, now=now)
    elif found.merge is not None:
        unmerge(merge_id=found.merge.pk, reason=TAKEN_BACK, by=by, now=now)
    elif found.revision is not None and found.place is not None:
        take_back(place_id=found.place.pk, number=found.revision.number, by=by, now=now)
    elif found.kind == "charter" and found.place is not None and found.place.removed_at:
        if found.place.removed_reason != found.reason:
            raise PlaceRefused(
                _("Ce lieu a été retiré depuis pour un autre motif\u202f: %(reason)s.")
                % {"reason": found.place.removed_reason}
            )
        restore_place(place_id=found.place.pk, by=by, now=now)


def _refuse_settled(found: Suggestion, made: Place) -> None:
    """A place that was proposed goes again only while nothing but the proposal tells of it."""
    if made.replaced_by_id:
        raise PlaceRefused(_("Ce lieu a été fondu dans un autre\u202f: séparez-les d’abord."))
    if is_lived_in(made):
        raise PlaceRefused(
            _(
                "«\u202f%(name)s\u202f» a son équipe ou sa gestion ici depuis\u202f: voyez avec elle, "
                "ou demandez son retrait à l’exploitant du site."
            )
            % {"name": made.name}
        )
    told = (NEIGHBOURS.slug, fiction(NEIGHBOURS).slug)
    if SourceRecord.objects.filter(place=made).exclude(source__slug__in=told, ref=str(found.pk)).exists():
        raise PlaceRefused(
            _("D’autres parlent de ce lieu depuis\u202f: s’il n’existe pas, signalez-le comme un lieu à retirer.")
        )


def _locked(suggestion_id: UUID, by: str) -> Suggestion:
    journal.lock_order()
    rows = Suggestion.objects.select_for_update(of=("self",)).select_related("place__commune__departement")
    found = rows.select_related("commune__departement", "revision", "made", "merge").get(pk=suggestion_id)
    let_clear(by, found.place, found.commune)
    return found


def _refuse_decided(found: Suggestion) -> None:
    if found.state != "pending":
        raise PlaceRefused(_("Cette suggestion a déjà sa réponse\u202f: rechargez la page."))


def _decide(found: Suggestion, state: str, *, reason: str, by: str, now: datetime) -> None:
    found.state, found.reason = state, reason.strip()[:300]
    found.decided_at, found.decided_by = now, by
    found.save()
    journal.write(action=f"suggestions.{state}", by=by, now=now, subject=str(found.pk), detail={"reason": found.reason})


def _forget_contact(found: Suggestion) -> Suggestion:
    found.contact = ""
    found.save(update_fields=["contact"])
    return found


def _edit(found: Suggestion, fields: Collection[str] | None, reason: str, by: str, now: datetime) -> None:
    place = _place_of(found)
    names = with_companions(found.values if fields is None else fields, found.values)
    if not names:
        raise PlaceRefused(_("Choisissez au moins un changement, ou refusez la suggestion."))
    to_write = standing(found.values, found.base, shown(place)).to_write
    if not set(names) & set(to_write):
        raise PlaceRefused(_("La fiche dit déjà tout cela\u202f: refusez la suggestion en la remerciant."))
    values = {name: found.values[name] for name in names}
    number = edit_sheet(place_id=place.pk, values=values, seen=_last(place), by=by, now=now, reason=reason or ACCEPTED)
    found.revision = Revision.objects.filter(place=place, number=number or 0).first()


def _close(found: Suggestion, _fields: Collection[str] | None, _reason: str, by: str, now: datetime) -> None:
    place = _place_of(found)
    closed_on, cause = (str(found.values.get(name) or "") for name in ("closed_on", "closed_cause"))
    number = close_place(place_id=place.pk, closed_on=closed_on, cause=cause, seen=_last(place), by=by, now=now)
    found.revision = Revision.objects.filter(place=place, number=number or 0).first()


def _join(found: Suggestion, _fields: Collection[str] | None, reason: str, by: str, now: datetime) -> None:
    kept, gone = found.twin, _place_of(found)
    if kept is None:
        raise PlaceRefused(_("Cette suggestion ne dit pas de quel lieu c’est le doublon."))
    told = reason or found.said or ACCEPTED
    found.merge = merge_places(kept_id=kept.pk, gone_id=gone.pk, reason=told, by=by, now=now)


def _remove(found: Suggestion, _fields: Collection[str] | None, reason: str, by: str, now: datetime) -> None:
    if not reason.strip():
        raise PlaceRefused(_("Un retrait demande un motif\u202f: il est montré à la place de la fiche."))
    place = _place_of(found)
    if not (still_may(CLEAR, place, by) or still_may(CLOSE, place, by)):
        raise PlaceRefused(
            _(
                "Retirer un lieu du registre revient à son animation, ou à qui suit son territoire\u202f: "
                "demandez-le-lui."
            )
        )
    remove_place(place_id=place.pk, reason=reason, by=by, now=now)


def _add(found: Suggestion, _fields: Collection[str] | None, _reason: str, by: str, now: datetime) -> None:
    """The new place is told by its neighbours; whoever accepts answers for it being there."""
    told = fiction(NEIGHBOURS) if found.is_demo else NEIGHBOURS
    draft = Draft(
        source=told.slug,
        ref=str(found.pk),
        values=check(found.values).values,
        raw={},
        licence=told.licence,
        dated=now.date().isoformat(),
        demo=found.is_demo,
    )
    done = record_many(drafts=[draft], sources={told.slug: told}, by=by, now=now, reason=ACCEPTED)
    found.made = Place.objects.get(pk=done.place_ids[0])
    if found.made.removed_at:
        if found.made.removed_reason != TAKEN_BACK:
            raise PlaceRefused(
                _(
                    "Ce lieu est déjà connu, et retiré du registre\u202f: %(reason)s. "
                    "L’exploitant du site peut le remettre."
                )
                % {"reason": found.made.removed_reason}
            )
        restore_place(place_id=found.made.pk, by=by, now=now)


_WRITE = {"edit": _edit, "closed": _close, "duplicate": _join, "charter": _remove, "new": _add}


def _place_of(found: Suggestion) -> Place:
    if found.place is None or found.place.removed_at:
        raise PlaceRefused(
            _("Ce lieu a quitté le registre entre-temps\u202f: refusez la suggestion, et dites pourquoi.")
        )
    return found.place


def _last(place: Place) -> int:
    number = Revision.objects.filter(place=place).order_by("-number").values_list("number", flat=True).first()
    return number or 0
