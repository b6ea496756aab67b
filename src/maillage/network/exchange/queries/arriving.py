"""What is known here of the places that a page brings: their copies, their records, who else already tells them."""

from collections.abc import Collection, Iterable, Mapping
from uuid import UUID

from maillage.network.exchange.models import Copy, Peer
from maillage.network.exchange.rules.feeds import copies
from maillage.places.models import Place, Source, SourceRecord


def known(peer: Peer, told: Iterable[copies.Copy]) -> dict[UUID, Copy]:
    """The copies of an instance that a page speaks of, by their identifiers there."""
    named = {pk for one in told for pk in (one.id, one.replaced_by, *one.replaces) if pk}
    return {one.theirs: one for one in Copy.objects.filter(peer=peer, theirs__in=named).select_related("place")}


def joined(peer: Peer, told: Iterable[copies.Copy]) -> dict[UUID, UUID]:
    """The places here that already tell the same row of the same source, imported or copied from a third instance."""
    rows = {(record.source.slug, record.ref): one.id for one in told for record in one.records}
    slugs = {slug for slug, _ref in rows}
    wanted = {
        pk: slug.partition(copies.APART)[0]
        for pk, slug in Source.objects.order_by("pk").values_list("pk", "slug")
        if slug.partition(copies.APART)[0] in slugs and slug.partition(copies.APART)[2] != peer.site
    }
    if not wanted:
        return {}
    found: dict[UUID, UUID] = {}
    refs = {ref for _slug, ref in rows}
    stored = SourceRecord.objects.filter(source__in=wanted, ref__in=refs).order_by("pk")
    for source, ref, place in stored.values_list("source_id", "ref", "place_id"):
        theirs = rows.get((wanted[source], ref))
        if theirs is not None:
            found.setdefault(theirs, place)
    return found


def stale(peer: Peer, here: Mapping[UUID, UUID], told: Collection[tuple[str, str]]) -> list[int]:
    """The records that an instance said of these places (theirs → ours), and that are none of those `told`."""
    places = set(here.values())
    merged = Place.objects.filter(pk__in=places, replaced_by__isnull=False).values_list("replaced_by", flat=True)
    places |= {pk for pk in merged if pk}
    rows = SourceRecord.objects.filter(place__in=places).order_by("pk")
    theirs = {str(pk) for pk in here}
    return [
        pk
        for pk, slug, ref, raw in rows.values_list("pk", "source__slug", "ref", "raw")
        if raw.get("instance") == peer.site and raw.get("place") in theirs and (slug, ref) not in told
    ]
