from dataclasses import replace
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from maillage.journal.models import AuditEvent
from maillage.places import actions, queries
from maillage.places.models import Feature, Place, Revision, SourceRecord
from maillage.places.rules.drafts import Draft, SourceFacts

SOURCES = {
    "census": SourceFacts("census", "Recensement", "Licence Ouverte 2.0"),
    "network": SourceFacts("network", "Réseau de Bourgogne-Franche-Comté", "Licence Ouverte 2.0", rank=2),
}
LA_MAILLE = Draft(
    source="census",
    ref="1",
    values={"name": "La Maille", "commune": "39093", "activities": ["coworking", "cafe"], "phone": "03 53 01 00 01"},
    raw={"NOM": "La Maille"},
    licence="Licence Ouverte 2.0",
    dated="2019-06",
)


def record(*drafts: Draft, now: datetime, by: str = "test:Inès") -> actions.Recorded:
    return actions.record_many(drafts=drafts, sources=SOURCES, by=by, now=now)


@pytest.mark.usefixtures("small_ground")
class TestRecordMany:
    def test_a_new_place_keeps_its_source_its_raw_row_and_its_first_revision(self, now: datetime) -> None:
        assert record(LA_MAILLE, now=now).created == 1
        place = Place.objects.get()
        assert (place.slug, place.category, place.precision) == ("la-maille", "hybride", "commune")
        assert (place.lat, place.lon) == (46.9915, 5.7035)
        assert place.provenance["phone"] == "census:1"
        assert SourceRecord.objects.get().raw == {"NOM": "La Maille"}
        first = Revision.objects.get()
        assert (first.number, first.by, first.changes["name"]) == (1, "test:Inès", ["", "La Maille"])
        assert "closed_on" not in first.changes

    def test_saying_the_same_again_writes_nothing(self, now: datetime) -> None:
        record(LA_MAILLE, now=now)
        events = AuditEvent.objects.count()
        again = record(LA_MAILLE, now=now + timedelta(days=1))
        assert (again.created, again.changed, again.unchanged) == (0, 0, 1)
        assert Revision.objects.count() == 1
        assert AuditEvent.objects.count() == events
        assert SourceRecord.objects.get().fetched_at == now

    def test_a_better_source_changes_only_what_it_says_and_the_change_is_kept(self, now: datetime) -> None:
        place_id = record(LA_MAILLE, now=now).place_ids[0]
        better = replace(
            LA_MAILLE, source="network", ref="x", values={"name": "La Maille de Chamblay"}, place_id=place_id
        )
        done = record(better, now=now + timedelta(days=1))
        assert (done.created, done.changed) == (0, 1)
        place = Place.objects.get()
        assert (place.name, place.phone) == ("La Maille de Chamblay", "03 53 01 00 01")
        assert Revision.objects.get(number=2).changes == {"name": ["La Maille", "La Maille de Chamblay"]}
        assert place.slug == "la-maille"

    def test_rows_of_one_group_are_one_place_with_two_records(self, now: datetime) -> None:
        one = replace(LA_MAILLE, group="g1")
        two = replace(LA_MAILLE, ref="2", group="g1", values={"name": "La Maille", "email": "la@maille.example"})
        assert record(one, two, now=now).created == 1
        assert (Place.objects.count(), SourceRecord.objects.count()) == (1, 2)

    def test_a_group_joins_the_place_that_one_of_its_rows_already_has(self, now: datetime) -> None:
        place_id = record(LA_MAILLE, now=now).place_ids[0]
        known = replace(LA_MAILLE, group="g1", keep_existing=True, values={"name": "autre"})
        other = replace(LA_MAILLE, source="network", ref="n1", group="g1", values={"name": "La Maille", "siret": "x"})
        assert record(other, known, now=now).place_ids == (place_id,)
        assert SourceRecord.objects.get(source__slug="census").values["phone"] == "03 53 01 00 01"

    def test_a_removed_place_is_not_brought_back_by_an_import(self, now: datetime) -> None:
        place_id = record(LA_MAILLE, now=now).place_ids[0]
        actions.remove_place(place_id=place_id, reason="demande du propriétaire", by="test:Inès", now=now)
        record(replace(LA_MAILLE, values={**LA_MAILLE.values, "name": "Revenante"}), now=now)
        assert queries.place_by_slug("la-maille").removed is not None
        assert not Place.objects.public().exists()

    def test_namesakes_get_addresses_of_their_own(self, now: datetime) -> None:
        twins = [replace(LA_MAILLE, ref=str(n)) for n in range(3)]
        record(*twins, now=now)
        assert sorted(Place.objects.values_list("slug", flat=True)) == [
            "la-maille",
            "la-maille-chamblay",
            "la-maille-chamblay-2",
        ]

    def test_half_an_import_is_no_import(self, now: datetime) -> None:
        broken = replace(LA_MAILLE, ref="2", values={"name": "Sans licence", "commune": "39093"}, licence="")
        with pytest.raises(IntegrityError), transaction.atomic():
            record(LA_MAILLE, broken, now=now)
        assert not Place.objects.exists()
        assert not AuditEvent.objects.filter(action="places.recorded").exists()

    def test_an_identifier_given_is_kept(self, now: datetime) -> None:
        own = uuid4()
        record(replace(LA_MAILLE, place_id=own, slug="ma-maille"), now=now)
        assert Place.objects.get().pk == own
        assert Place.objects.get().slug == "ma-maille"


names = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=12)
drafts = st.lists(
    st.builds(
        lambda ref, name, words, group: replace(
            LA_MAILLE, ref=ref, group=group, values={"name": name, "commune": "39093", "activities": words}
        ),
        st.sampled_from("abcde"),
        names,
        st.lists(st.sampled_from(["coworking", "fablab", "cafe"]), unique=True).map(
            lambda said: [a for a in ("coworking", "fablab", "cafe") if a in said]
        ),
        st.sampled_from(["", "g1", "g2"]),
    ),
    max_size=6,
    unique_by=lambda draft: draft.ref,
)


@pytest.mark.usefixtures("small_ground")
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(drafts, min_size=1, max_size=3))
def test_whatever_is_said_the_registry_stays_whole(batches: list[list[Draft]]) -> None:
    with rolled_back():
        for day, batch in enumerate(batches):
            record(*batch, now=timezone.now() + timedelta(days=day))
        last = record(*batches[-1], now=timezone.now() + timedelta(days=9))
        assert (last.created, last.changed) == (0, 0)
        for place in Place.objects.all():
            changes = Revision.objects.filter(place=place).order_by("number")
            assert [r.number for r in changes] == list(range(1, len(changes) + 1))
            told = [r.changes["name"][1] for r in changes if "name" in r.changes]
            assert told[-1] == place.name
            words = sorted(Feature.objects.filter(place=place).values_list("code", flat=True))
            assert words == sorted(
                next((r.changes["activities"][1] for r in reversed(changes) if "activities" in r.changes), [])
            )


class rolled_back:  # noqa: N801
    """Each example leaves the database as it found it."""

    def __enter__(self) -> None:
        self.block = transaction.atomic()
        self.block.__enter__()

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        if kind is None:
            transaction.set_rollback(True)
        self.block.__exit__(kind, error, trace)  # type: ignore[arg-type]
