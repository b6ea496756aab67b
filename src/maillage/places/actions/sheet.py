"""What people say of a place: each voice has its own record, edited section by section, and taken back."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from maillage.accounts.rules import CLOSE, EDIT
from maillage.journal import actions as journal
from maillage.places.actions.lifecycle import PlaceRefused
from maillage.places.actions.record import complete_position, record_many
from maillage.places.actions.voices import peers, told_of, voice
from maillage.places.labels import label
from maillage.places.models import Place, Revision, Source, SourceRecord
from maillage.places.permissions import act_of, let_in, may_settle_state
from maillage.places.queries.team import as_seen, shown
from maillage.places.rules.choice import RANK_PLACE, STATE, TOGETHER, Record, choose
from maillage.places.rules.drafts import FIELDS, Draft, SourceFacts
from maillage.places.rules.fields import blank, box_of
from maillage.places.rules.merge import merge
from maillage.territory.models import Commune

ADDRESS = TOGETHER[0]
_OF_A_COMMUNE = ("commune", "estimated")


@dataclass(frozen=True, slots=True)
class Overtaken:
    """A field that somebody else changed since the person's page was made, and what the person would write there."""

    field: str
    value: Any
    by: str
    at: datetime
    mine: Any = None


class SheetOvertaken(ValueError):
    """Somebody else changed the same fields meanwhile; nothing was written. `rest`: the person changed others too."""

    def __init__(self, overtaken: Iterable[Overtaken], *, rest: bool = False) -> None:
        self.overtaken = tuple(overtaken)
        self.rest = rest
        super().__init__(
            _("Quelqu’un d’autre a modifié ces champs entre-temps\u202f: relisez, puis enregistrez de nouveau.")
        )


class StateNotYours(PlaceRefused):
    """Who signs may edit the sheet, and neither close the place nor open it again; nothing was written."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "Ce changement touche à l’état du lieu (ouvert, en sommeil, fermé)\u202f: votre rôle ne permet pas "
                "d’en décider. Demandez-le à l’animation du lieu ou à l’exploitant du site\u202f; "
                "rien n’a été enregistré."
            )
        )


@transaction.atomic
def edit_sheet(
    *, place_id: UUID, values: Mapping[str, Any], seen: int, by: str, now: datetime, reason: str = "", over: int = 0
) -> int | None:
    """Write what the team says of some fields; returns the number of the new revision, or None if nothing changed.

    `values` were read by `rules.fields.read_field`. Only those the person changed are said: a field left as it was
    shown stays with the source that told it, and with whoever changed it meanwhile. A blank one says "nothing here",
    against any other source; of fields that go together (`rules.choice.TOGETHER`) all are said as soon as one changes,
    and a commune that changes without a point given with it takes the point to its own centre.
    `seen` is the number of the last revision the person had before them (0: none): a field they changed and that
    somebody else changed since, to something else, raises `SheetOvertaken`, unless the last of those changes is no
    later than `over`: the person has read them up to there and prefers their own. `PlaceRefused` says what a sheet
    cannot hold.
    """
    place = _locked(place_id, by)
    now_shown = shown(place)
    base = as_seen(place, seen, now_shown)
    wish = _wish(values, base)
    merged = merge(wish.shown, base=base, now=now_shown, read=as_seen(place, max(seen, over), now_shown))
    if merged.clashes:
        raise SheetOvertaken(_clashing(place, merged.clashes, wish, now_shown, seen), rest=bool(merged.mine))
    if not merged.mine:
        return None
    mine = _Wish({n: wish.said[n] for n in merged.mine}, {n: wish.shown[n] for n in merged.mine})
    said = _own_record(place, by)
    return _say(place, said, {**said.values, **mine.said}, mine, by=by, now=now, reason=reason)


@dataclass(frozen=True, slots=True)
class Heard:
    """What became of an answer: the number of the revision it made, if any, and the fields that others tell instead."""

    number: int | None
    left: tuple[str, ...]


@transaction.atomic
def answer_sheet(
    *, place_id: UUID, values: Mapping[str, Any], seen: int, told: SourceFacts, by: str, now: datetime, reason: str
) -> Heard:
    """Keep what a place answers to questions as a record of the source `told`, what it says again as it was included.

    A field that somebody changed after revision `seen`, to something else, stays theirs; so does one that a source
    believed more tells otherwise.
    """
    place = _locked(place_id, by)
    now_shown = shown(place)
    base = as_seen(place, seen, now_shown)
    wish, facts = _wish(values, base), told_of(told, place)
    above = _told_above(place, facts)
    left = {
        name
        for name, value in wish.shown.items()
        if now_shown[name] != value and (now_shown[name] != base[name] or name in above)
    }
    lost = _with_their_groups(left)
    mine = _Wish(*({n: v for n, v in part.items() if n not in lost} for part in (wish.said, wish.shown)))
    told_left = tuple(name for name in FIELDS if name in left)
    if not mine.said:
        return Heard(None, told_left)
    said = _record_of(place, facts)
    number = _say(place, said, {**said.values, **mine.said}, mine, by=by, now=now, reason=reason)
    return Heard(number, told_left)


def _told_above(place: Place, facts: SourceFacts) -> set[str]:
    """The fields told by a source that is believed more than this one."""
    slugs = {name: key.partition(":")[0] for name, key in place.provenance.items()}
    rows = Source.objects.filter(slug__in=set(slugs.values()), rank__gt=facts.rank)
    believed = set(rows.values_list("slug", flat=True))
    return {name for name, slug in slugs.items() if slug in believed}


@transaction.atomic
def take_back(*, place_id: UUID, number: int, by: str, now: datetime) -> int | None:
    """Put back what the fields of one revision were before it; returns the number of the revision that does so.

    Refused with `SheetOvertaken` where a field, or one that goes with it, has changed again since, and with
    `PlaceRefused` where there is nothing before (the first revision) or nothing to take back here (photos have their
    own page).
    """
    place = _locked(place_id, by)
    revision = Revision.objects.filter(place=place, number=number).first()
    if revision is None:
        raise PlaceRefused(_("Cette modification n’existe pas, ou n’est pas de ce lieu."))
    if number == 1:
        raise PlaceRefused(_("C’est l’arrivée du lieu dans le registre\u202f: il n’y a rien avant elle à remettre."))
    changes = {name: pair for name, pair in revision.changes.items() if name in FIELDS}
    if not changes:
        raise PlaceRefused(_("Les photos se retirent et se remettent sur la page des photos."))
    now_shown = shown(place)
    _refuse_changed_again(place, changes, now_shown, number)
    before = {name: before for name, (before, _after) in changes.items()}
    wish = _wish({name: now_shown[name] for name in _with_their_groups(before)} | before, now_shown)
    said = _own_record(place, by)
    own = _without_or_with(place, said, wish, now)
    return _say(place, said, own, wish, by=by, now=now, reason=f"Retour sur la modification n° {number}")


@transaction.atomic
def close_place(
    *, place_id: UUID, closed_on: str, cause: str, seen: int, by: str, now: datetime, over: int = 0
) -> int | None:
    """Say that a place has closed: its sheet stays, for memory."""
    values = {"status": "closed", "closed_on": closed_on, "closed_cause": cause}
    return edit_sheet(place_id=place_id, values=values, seen=seen, by=by, now=now, reason="Fermeture", over=over)


@transaction.atomic
def reopen_place(*, place_id: UUID, status: str, seen: int, by: str, now: datetime, over: int = 0) -> int | None:
    """Say that a place is open (again), dormant, or a project."""
    if status not in ("open", "dormant", "project"):
        raise PlaceRefused(_("Un lieu rouvre, sommeille ou se prépare\u202f: choisissez l’un des trois."))
    values = {"status": status, "closed_on": "", "closed_cause": ""}
    return edit_sheet(place_id=place_id, values=values, seen=seen, by=by, now=now, over=over)


@dataclass(frozen=True, slots=True)
class _Wish:
    """What the team asks for: the fields as its record would hold them, and as the place would then show them."""

    said: dict[str, Any]
    shown: dict[str, Any]


def _wish(values: Mapping[str, Any], now_shown: Mapping[str, Any]) -> _Wish:
    """Complete the groups, settle the point and the closing, and refuse what no sheet can hold."""
    said = {**{name: now_shown[name] for name in _with_their_groups(values)}, **values}
    if said.get("name") == "":
        raise PlaceRefused(_("Un lieu a un nom\u202f: donnez celui que les gens connaissent."))
    if "status" in said and said["status"] != "closed":
        if values.get("closed_on") or values.get("closed_cause"):
            raise PlaceRefused(
                _("Ce lieu n’est pas fermé\u202f: dites d’abord qu’il l’est, ou laissez date et cause vides.")
            )
        said |= {"closed_on": "", "closed_cause": ""}
    if "commune" not in said:
        return _Wish(said, said)
    if said["commune"] != now_shown["commune"] and "lat" not in values:
        said |= {"lat": None, "lon": None}
    commune = Commune.objects.filter(pk=said["commune"]).first()
    _refuse_nowhere(said, commune)
    if commune and said["precision"] in _OF_A_COMMUNE and (said["lat"], said["lon"]) == (commune.lat, commune.lon):
        said |= {"lat": None, "lon": None}
    moved = (said["lat"], said["lon"]) != (now_shown["lat"], now_shown["lon"])
    if said["lat"] is not None and moved and "precision" not in values:
        said["precision"] = "address" if said["street"] else "unknown"
    return _Wish(said, said | _address_shown(said, commune))


def _refuse_nowhere(said: Mapping[str, Any], commune: Commune | None) -> None:
    if said["commune"] and commune is None:
        raise PlaceRefused(
            _("La commune «\u202f%(code)s\u202f» n’est pas connue ici\u202f: cherchez-la par son nom.")
            % {"code": said["commune"]}
        )
    if (said["lat"] is None) != (said["lon"] is None):
        raise PlaceRefused(
            _("Une seule des deux coordonnées est donnée\u202f: donnez latitude et longitude, ou aucune.")
        )
    if said["lat"] is None and commune is None:
        raise PlaceRefused(
            _("Le lieu ne peut pas être situé\u202f: donnez sa commune, ou une latitude et une longitude.")
        )
    if said["lat"] is not None and box_of(said["lat"], said["lon"]) is None:
        raise PlaceRefused(_("Le point n’est pas en France\u202f: vérifiez les coordonnées (degrés décimaux, WGS84)."))


def _address_shown(said: Mapping[str, Any], commune: Commune | None) -> dict[str, Any]:
    told = _kept({name: said[name] for name in ADDRESS})
    complete_position(told, commune)
    return {name: told.get(name, blank(name)) for name in ADDRESS}


def _with_their_groups(names: Iterable[str]) -> set[str]:
    whole = set(names)
    for group in TOGETHER:
        if whole & set(group):
            whole |= set(group)
    return whole


def _locked(place_id: UUID, by: str) -> Place:
    journal.lock_order()
    place = Place.objects.select_for_update().get(pk=place_id)
    let_in(EDIT, place, by)
    if place.removed_at:
        raise PlaceRefused(_("Ce lieu a été retiré du registre\u202f: l’exploitant du site peut le remettre."))
    return place


@dataclass(frozen=True, slots=True)
class _Said:
    """What a voice has said of a place so far."""

    facts: SourceFacts
    ref: str
    values: Mapping[str, Any]

    @property
    def key(self) -> str:
        return f"{self.facts.slug}:{self.ref}"


def _own_record(place: Place, by: str) -> _Said:
    return _record_of(place, voice(by, place))


def _record_of(place: Place, facts: SourceFacts) -> _Said:
    records = SourceRecord.objects.filter(place=place, source__slug=facts.slug).select_related("source")
    said = records.order_by("-dated", "pk").first()
    return _Said(said.source.facts, said.ref, said.values) if said else _Said(facts, str(place.pk), {})


def _clashing(
    place: Place, clashes: Iterable[str], wish: _Wish, now_shown: Mapping[str, Any], seen: int
) -> list[Overtaken]:
    """The clashes, in the order of the sheet; one that its companions caused is told with their last change."""
    listed = [name for name in FIELDS if name in set(clashes)]
    last = {one.field: one for one in _last_changes(place, FIELDS, seen)}
    told = []
    for name in listed:
        whose = last.get(name) or max(
            (last[n] for n in _with_their_groups([name]) if n in last), key=lambda one: one.at
        )
        told.append(Overtaken(name, now_shown[name], whose.by, whose.at, wish.shown[name]))
    return told


def _refuse_changed_again(
    place: Place, changes: Mapping[str, list[Any]], now_shown: Mapping[str, Any], number: int
) -> None:
    """Refuse to put back fields that are no longer what the revision left, or whose companions are not."""
    left = {name: after for name, (_before, after) in changes.items()}
    companions = _with_their_groups(changes) - set(changes)
    for later in Revision.objects.filter(place=place, number__gt=number).order_by("-number"):
        left |= {name: pair[0] for name, pair in later.changes.items() if name in companions}
    changed_again = [name for name in FIELDS if name in left and now_shown[name] != left[name]]
    if changed_again:
        raise SheetOvertaken(_last_changes(place, changed_again, number))


def _last_changes(place: Place, names: Iterable[str], after: int) -> list[Overtaken]:
    """The last change of each of these fields after a revision, oldest field order kept."""
    found: dict[str, Overtaken] = {}
    for revision in Revision.objects.filter(place=place, number__gt=after).order_by("number"):
        for name in names:
            if name in revision.changes:
                found[name] = Overtaken(name, revision.changes[name][1], revision.by, revision.at)
    return [found[name] for name in names if name in found]


def _say(
    place: Place, said: _Said, values: Mapping[str, Any], wish: _Wish, *, by: str, now: datetime, reason: str
) -> int | None:
    """Keep what a voice says as its own record; returns the number of the revision this made, if any.

    Nobody overrules a source that is believed more: refused, with its name. Whatever changes the state of a place is
    refused to who may not close it, and journalled as a closing or a re-opening.
    """
    _refuse_state(place, wish, by)
    facts = said.facts
    draft = Draft(
        source=facts.slug,
        ref=said.ref,
        values=_kept(values),
        raw={},
        licence=facts.licence,
        dated=now.date().isoformat(),
        place_id=place.pk,
        demo=place.is_demo,
    )
    given_up = _given_up(place, facts, set(wish.said) & set(values))
    before = _last_number(place)
    record_many(
        drafts=[draft, *(one for one, _source in given_up)],
        sources={facts.slug: facts} | {source.slug: source for _one, source in given_up},
        by=by,
        now=now,
        reason=reason,
    )
    if facts.rank < RANK_PLACE:
        _refuse_overruled(place, wish)
    after = _last_number(place)
    if after == before:
        return None
    _journal_state(place, wish, by=by, now=now)
    return after


def _refuse_state(place: Place, wish: _Wish, by: str) -> None:
    if act_of(wish.said) == CLOSE and not may_settle_state(place, by):
        raise StateNotYours


def _journal_state(place: Place, wish: _Wish, *, by: str, now: datetime) -> None:
    told = {name: wish.shown[name] for name in STATE if name in wish.shown}
    if not told:
        return
    action, detail = ("closed", told) if told["status"] == "closed" else ("reopened", {"status": told["status"]})
    journal.write(action=f"places.{action}", by=by, now=now, subject=str(place.pk), detail=detail)


def _given_up(place: Place, facts: SourceFacts, names: Collection[str]) -> list[tuple[Draft, SourceFacts]]:
    """What the voices believed as much say of these fields, taken back: the last who speaks is the one heard."""
    found = []
    records = SourceRecord.objects.filter(place=place, source__slug__in=peers(facts, place)).select_related("source")
    for record in records.order_by("pk"):
        left = {name: value for name, value in record.values.items() if name not in names}
        if left != record.values:
            source = record.source.facts
            draft = Draft(source.slug, record.ref, left, record.raw, record.licence, dated=record.dated)
            found.append((draft, source))
    return found


def _refuse_overruled(place: Place, wish: _Wish) -> None:
    place.refresh_from_db()
    now_shown = shown(place)
    lost = [name for name in FIELDS if name in wish.shown and now_shown[name] != wish.shown[name]]
    keys = {place.provenance[name] for name in lost if name in place.provenance}
    records = SourceRecord.objects.filter(place=place).select_related("source")
    told = sorted({record.source.name for record in records if f"{record.source.slug}:{record.ref}" in keys})
    if lost:
        raise PlaceRefused(
            _(
                "%(fields)s\u202f: «\u202f%(source)s\u202f» le dit déjà, et passe avant vous. "
                "Demandez-lui de le changer\u202f; "
                "rien n’a été enregistré."
            )
            % {"fields": ", ".join(str(label("fields", name)) for name in lost), "source": ", ".join(told)}
        )


def _last_number(place: Place) -> int:
    return Revision.objects.filter(place=place).aggregate(last=Max("number"))["last"] or 0


def _kept(values: Mapping[str, Any]) -> dict[str, Any]:
    """What the record holds: within a group of fields that go together, a blank one is left unsaid.

    A point keeps its precision, "unknown" included: left unsaid, it would be taken for that of the address.
    """
    together = {name for group in TOGETHER for name in group}
    told = {
        name: value
        for name, value in values.items()
        if name not in together or value != blank(name) or name == "status"
    }
    if "lat" not in told:
        told.pop("precision", None)
    elif "precision" in values:
        told["precision"] = values["precision"]
    return told


def _without_or_with(place: Place, said: _Said, wish: _Wish, now: datetime) -> dict[str, Any]:
    """A voice's record with fields put back: unsaid where the other sources already say so, else said."""
    own = {name: value for name, value in said.values.items() if name not in wish.said}
    records = SourceRecord.objects.filter(place=place).select_related("source")
    others = [Record(f"{one.source.slug}:{one.ref}", one.source.rank, one.dated, one.values) for one in records]
    others = [record for record in others if record.key != said.key]
    mine = Record(said.key, said.facts.rank, now.date().isoformat(), own)
    chosen = choose([*others, mine], today=now.date())
    told = {name: choice.value for name, choice in chosen.items()}
    commune = Commune.objects.filter(pk=told.get("commune")).first()
    complete_position(told, commune)
    told["commune"] = commune.pk if commune else None
    if all(told.get(name, blank(name)) == value for name, value in wish.shown.items()):
        return own
    return {**own, **wish.said}
