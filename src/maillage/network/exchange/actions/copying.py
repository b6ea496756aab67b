"""Make the places here what an instance that is followed says of its own: all of a page, in its transaction."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from maillage.journal.models import AuditEvent
from maillage.network.exchange.models import Copy, Peer, SetAside
from maillage.network.exchange.queries import arriving
from maillage.network.exchange.rules.feeds import copies
from maillage.network.exchange.rules.feeds.copies import BadCopy
from maillage.network.exchange.rules.reports import short
from maillage.places.actions import merge_places, remove_place, restore_place, unmerge
from maillage.places.actions.copying import confirm_as_told, drop_records, replace_records
from maillage.places.actions.lifecycle import PlaceRefused
from maillage.places.models import Merge, Place
from maillage.places.permissions import has_team
from maillage.places.queries.places import standing_for
from maillage.places.rules.drafts import Draft, SourceFacts
from maillage.places.rules.sentences import sentence as _
from maillage.territory import queries as territory


@dataclass(slots=True)
class Copied:
    """What a page did here: places created, changed, left as they were, removed, merged away, and set aside."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0
    removed: int = 0
    merged: int = 0
    aside: int = 0

    def __iadd__(self, other: "Copied") -> "Copied":
        for name in self.__slots__:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        return self


@dataclass(slots=True)
class _Work:
    """One page being copied: what was known of its places before, and what is wrong with some."""

    peer: Peer
    by: str
    now: datetime
    known: dict[UUID, Copy] = field(default_factory=dict)
    wrong: dict[str, BadCopy] = field(default_factory=dict)
    done: Copied = field(default_factory=Copied)

    @property
    def reason(self) -> str:
        return f"Copie de «\u202f{self.peer.name}\u202f»"[:300]


def copy_places(*, peer: Peer, told: Sequence[Any], now: datetime) -> Copied:
    """Copy the places of one page; saying the same thing again changes nothing. Call it in the page's transaction.

    A place that cannot be copied is set aside with the reason, and the others are.
    """
    work = _Work(peer=peer, by=copies.signature(peer.site), now=now)
    read = _read(work, told)
    work.known = arriving.known(peer, read)
    read = _without_pretenders(work, read)
    news = _without_unchanged(work, read)
    standing = [one for one in news if one.stands]
    _bring_back(work, standing)
    _keep(work, standing)
    _confirm(work, standing)
    for one in standing:
        for gone in one.replaces:
            _merge(work, kept=one.id, gone=gone)
    for one in news:
        if not one.stands:
            _take_away(work, one)
    _set_aside(work, read)
    return work.done


def _read(work: _Work, told: Sequence[Any]) -> list[copies.Copy]:
    reader = copies.Reader(work.peer.site, territory.code_resolver())
    read: dict[UUID, copies.Copy] = {}
    for one in told:
        try:
            copy = _not_of_the_future(copies.read(one, reader), work.now)
        except BadCopy as bad:
            work.wrong[bad.place or "?"] = bad
        else:
            read[copy.id] = copy
    return list(read.values())


def _not_of_the_future(copy: copies.Copy, now: datetime) -> copies.Copy:
    """A copy whose records are dated until now; one of the year 9999 would be believed before all others for ever."""
    tomorrow = (now + timedelta(days=1)).date().isoformat()
    if any(one.dated > tomorrow for one in copy.records):
        problem = _("un enregistrement est daté de l’avenir")
        raise BadCopy(problem, _("l’autre instance doit le corriger"), str(copy.id))
    return copy


def _without_pretenders(work: _Work, read: list[copies.Copy]) -> list[copies.Copy]:
    """Leave out the places that somebody else tells, or that are ours: their identifiers are never two's."""
    strangers = [one.id for one in read if one.id not in work.known]
    taken = set(Place.objects.filter(pk__in=strangers).values_list("pk", flat=True))
    for pk in taken:
        problem = _(
            "ce lieu est déjà ici, d’une autre main\u202f: «\u202f%(site)s\u202f» ne peut pas le tenir",
            site=work.peer.site,
        )
        mend = _("dites-vous entre instances qui tient ce lieu")
        work.wrong[str(pk)] = BadCopy(problem, mend, str(pk))
    return [one for one in read if one.id not in taken]


def _without_unchanged(work: _Work, read: list[copies.Copy]) -> list[copies.Copy]:
    same = [one for one in read if one.id in work.known and work.known[one.id].digest == one.digest]
    seen = [work.known[one.id].pk for one in same]
    Copy.objects.filter(pk__in=seen).exclude(reading=work.peer.reading).update(reading=work.peer.reading)
    work.done.unchanged += sum(one.stands for one in same)
    told = {one.id for one in same}
    return [one for one in read if one.id not in told]


def _bring_back(work: _Work, standing: Iterable[copies.Copy]) -> None:
    """What that instance had removed or merged away stands again: here too, where it left for that reason alone."""
    for one in standing:
        known = work.known.get(one.id)
        if known is None or not known.gone or not known.is_home:
            continue
        place = Place.objects.get(pk=known.place_id)
        merge = Merge.objects.filter(gone=place, undone_at__isnull=True, merged_by=work.by).first()
        try:
            if merge:
                unmerge(merge_id=merge.pk, reason=work.reason, by=work.by, now=work.now, records_follow=True)
            elif place.removed_at and not place.replaced_by_id and _left_by(work, place):
                restore_place(place_id=place.pk, by=work.by, now=work.now)
        except PlaceRefused as refused:
            work.wrong[str(one.id)] = _refusal(one.id, refused)


def _left_by(work: _Work, place: Place) -> bool:
    rows = AuditEvent.objects.filter(action="places.removed", subject=str(place.pk)).order_by("-pk")
    last = rows.first()
    return last is not None and last.by == work.by


def _keep(work: _Work, standing: list[copies.Copy]) -> None:
    """Make the records of these places here those that are told."""
    if not standing:
        return
    news = [one for one in standing if one.id not in work.known]
    joined = arriving.joined(work.peer, news)
    here = {
        one.id: work.known[one.id].place_id if one.id in work.known else joined.get(one.id, one.id) for one in standing
    }
    drafts: list[Draft] = []
    sources: dict[str, SourceFacts] = {}
    for one in standing:
        made, facts = copies.drafts(one, site=work.peer.site, name=work.peer.name, place_id=here[one.id])
        drafts += made
        sources |= facts
    stale = arriving.stale(work.peer, here, {(one.source, one.ref) for one in drafts})
    recorded = replace_records(
        drafts=drafts, sources=sources, stale=stale, by=work.by, now=work.now, reason=work.reason
    )
    work.done.created += recorded.created
    work.done.changed += recorded.changed
    work.done.unchanged += recorded.unchanged
    for one in standing:
        if one.id in work.known:
            _note(work, work.known[one.id], one, gone=False)
    Copy.objects.bulk_update([work.known[one.id] for one in standing if one.id in work.known], _NOTED, batch_size=100)
    made_copies = [
        Copy(peer=work.peer, theirs=one.id, place_id=here[one.id], is_home=one.id not in joined) for one in news
    ]
    for row, one in zip(made_copies, news, strict=True):
        _note(work, row, one, gone=False)
    Copy.objects.bulk_create(made_copies, batch_size=500)
    work.known |= {row.theirs: row for row in made_copies}


_NOTED = ["version", "digest", "reading", "gone", "copied_at"]


def _note(work: _Work, row: Copy, one: copies.Copy, *, gone: bool) -> None:
    row.version, row.digest, row.reading = one.version, one.digest, work.peer.reading
    row.gone, row.copied_at = gone, work.now


def _confirm(work: _Work, standing: Iterable[copies.Copy]) -> None:
    told = {work.known[one.id].place_id: one.confirmed_at for one in standing if one.confirmed_at}
    rows = Place.objects.filter(pk__in=told, removed_at__isnull=True).order_by("pk")
    for pk, confirmed in rows.values_list("pk", "confirmed_at"):
        at = told[pk]
        if at is not None and (confirmed is None or confirmed < at):
            confirm_as_told(place_id=pk, at=at, by=work.by, now=work.now)


def _merge(work: _Work, *, kept: UUID, gone: UUID) -> None:
    """Two places that are one there are one here; those that were told apart here stay two."""
    ours, away = work.known.get(kept), work.known.get(gone)
    if ours is None or away is None or away.gone:
        return
    one, other = standing_for(ours.place), Place.objects.get(pk=away.place_id)
    if away.is_home and other.removed_at is None and one.pk != other.pk:
        if has_team(other):
            work.wrong[str(gone)] = _held_here(gone)
            return
        try:
            merge_places(kept_id=one.pk, gone_id=other.pk, reason=work.reason, by=work.by, now=work.now)
        except PlaceRefused as refused:
            work.wrong[str(gone)] = _refusal(gone, refused)
            return
        work.done.merged += 1
    away.gone = True
    away.save(update_fields=["gone"])


def _take_away(work: _Work, one: copies.Copy) -> None:
    """What left that registry leaves this one, unless somebody here holds it too."""
    known = work.known.get(one.id)
    if known is None:
        return
    if one.replaced_by:
        _merge(work, kept=one.replaced_by, gone=one.id)
    if not known.gone and known.is_home:
        _remove(work, known, one)
    elif not known.gone:
        _withdraw(work, known)
    _note(work, known, one, gone=str(one.id) not in work.wrong)
    known.save(update_fields=[*_NOTED, "is_home"])


def _remove(work: _Work, known: Copy, one: copies.Copy) -> None:
    heir = Copy.objects.filter(place=known.place_id, gone=False).exclude(pk=known.pk).order_by("pk").first()
    if heir is not None:
        known.is_home = False
        known.save(update_fields=["is_home"])
        heir.is_home = True
        heir.save(update_fields=["is_home"])
        _withdraw(work, known)
        return
    place = Place.objects.get(pk=known.place_id)
    if has_team(place):
        work.wrong[str(one.id)] = _held_here(one.id)
        return
    if place.replaced_by_id:
        _withdraw(work, known)
    elif place.removed_at is None:
        reason = f"{one.removed} ({work.peer.name})"
        remove_place(place_id=place.pk, reason=reason[:300], by=work.by, now=work.now)
        work.done.removed += 1


def _held_here(pk: UUID) -> BadCopy:
    mend = _("voyez avec cette équipe et avec cette instance si le lieu existe encore")
    return BadCopy(_("ce lieu est parti là-bas, et une équipe le tient ici"), mend, str(pk))


def _withdraw(work: _Work, known: Copy) -> None:
    """The place stays, since others tell it; what that instance said of it goes."""
    stale = arriving.stale(work.peer, {known.theirs: known.place_id}, set())
    drop_records(record_ids=stale, by=work.by, now=work.now, reason=work.reason)


def _set_aside(work: _Work, read: Iterable[copies.Copy]) -> None:
    well = [str(one.id) for one in read if str(one.id) not in work.wrong]
    SetAside.objects.filter(peer=work.peer, theirs__in=well).delete()
    for theirs, bad in work.wrong.items():
        SetAside.objects.update_or_create(
            peer=work.peer,
            theirs=short(theirs)[:60],
            defaults={"problem": _keepable(bad.problem), "mend": _keepable(bad.mend), "noted_at": work.now},
        )
    work.done.aside += len(work.wrong)


def _keepable(said: str) -> str:
    """A sentence that may hold a word of theirs, as a database keeps it."""
    return str(said)[:300].replace("\x00", "␀").encode("utf-8", "replace").decode()


def _refusal(pk: UUID, refused: PlaceRefused) -> BadCopy:
    return BadCopy(
        str(refused).replace("\u202f", " "), _("décidez ici, puis reprenez le flux depuis le début"), str(pk)
    )
