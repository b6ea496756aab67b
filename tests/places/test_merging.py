"""Two sheets of one place become one; two again when that was a mistake, and for ever."""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from maillage.accounts.models import Membership, User
from maillage.accounts.rules import place_scope, signature
from maillage.journal.models import AuditEvent
from maillage.management.people.models import Person
from maillage.places import actions, queries
from maillage.places.actions.demo import forget_demo
from maillage.places.actions.detach import detach_record
from maillage.places.actions.lifecycle import PlaceRefused
from maillage.places.actions.sheet import edit_sheet
from maillage.places.actions.suggestions import Proposed, accept, refuse, suggest
from maillage.places.actions.trust import verify_place
from maillage.places.models import Merge, NotSame, Place, Revision, SourceRecord, Suggestion
from maillage.places.queries.changes import Position, changes
from maillage.places.queries.told import standing_at
from tests.conftest import NOW
from tests.places.test_record import LA_MAILLE, record
from tests.together import meanwhile

pytestmark = pytest.mark.usefixtures("small_ground")
INES = "test:Inès"
WHY = "même adresse, même téléphone"


@pytest.fixture
def pair(now: datetime, small_ground: None) -> tuple[UUID, UUID]:
    twin = replace(
        LA_MAILLE, ref="2", values={"name": "Maille (asso)", "commune": "39093", "website": "https://maille.example/"}
    )
    return record(LA_MAILLE, twin, now=now).place_ids  # type: ignore[return-value]


def merged(pair: tuple[UUID, UUID], now: datetime) -> Merge:
    return actions.merge_places(kept_id=pair[0], gone_id=pair[1], reason=WHY, by=INES, now=now)


def test_the_kept_place_holds_what_both_said_and_the_other_leads_to_it(pair: tuple[UUID, UUID], now: datetime) -> None:
    merged(pair, now)
    kept, gone = (Place.objects.get(pk=pk) for pk in pair)
    assert (kept.name, kept.website) == ("La Maille", "https://maille.example/")
    assert (gone.removed_at, gone.removed_reason, gone.replaced_by) == (
        now, "fondu dans «\u202fLa Maille\u202f»", kept,
    )  # fmt: skip
    assert queries.place_by_slug(gone.slug).moved_to == standing_at(gone.pk).moved_to == kept.slug
    last = Revision.objects.filter(place=kept).latest("number")
    assert (last.by, last.reason, sorted(last.changes)) == (
        INES, "Fusion avec «\u202fMaille (asso)\u202f»", ["website"],
    )  # fmt: skip
    assert AuditEvent.objects.get(action="places.merged").detail == {"into": str(kept.pk), "reason": WHY}


def test_whoever_follows_the_registry_is_told_which_place_stands_instead(
    pair: tuple[UUID, UUID], now: datetime
) -> None:
    merged(pair, now)
    told = [one for one in changes(Position(), limit=50).items if one.kind == "merged"]
    assert [(one.place_id, one.removed, one.replaced_by) for one in told] == [(pair[1], True, pair[0])]


def test_an_import_joins_the_place_that_was_kept_and_brings_nothing_back(
    pair: tuple[UUID, UUID], now: datetime
) -> None:
    merged(pair, now)
    again = record(LA_MAILLE, replace(LA_MAILLE, ref="2", values={"name": "Maille", "commune": "39093"}), now=now)
    own = record(replace(LA_MAILLE, ref="3", place_id=pair[1]), now=now)
    assert {again.created, own.created} == {0}
    assert set(SourceRecord.objects.values_list("place_id", flat=True)) == {pair[0]}
    assert Place.objects.public().count() == 1


def test_a_chain_of_merges_leads_to_its_end(pair: tuple[UUID, UUID], now: datetime) -> None:
    third = record(replace(LA_MAILLE, ref="9", values={"name": "Le Nid", "commune": "39093"}), now=now).place_ids[0]
    merged(pair, now)
    actions.merge_places(kept_id=third, gone_id=pair[0], reason=WHY, by=INES, now=now)
    assert queries.place_by_slug("maille-asso").moved_to == standing_at(pair[1]).moved_to == "le-nid"
    assert record(replace(LA_MAILLE, ref="4", place_id=pair[1]), now=now).place_ids == (third,)


def test_an_unmerge_gives_both_back_and_tells_them_apart_for_ever(pair: tuple[UUID, UUID], now: datetime) -> None:
    before = {place.pk: (place.name, place.website, place.slug) for place in Place.objects.all()}
    made = merged(pair, now)
    later = now + timedelta(days=3)
    actions.unmerge(merge_id=made.pk, reason="deux salles voisines", by=INES, now=later)
    assert {place.pk: (place.name, place.website, place.slug) for place in Place.objects.public()} == before
    with pytest.raises(PlaceRefused) as refused:
        merged((pair[1], pair[0]), later)
    assert str(refused.value) == (
        f"Quelqu’un a déjà dit que ce sont deux lieux distincts, le {later:%d/%m/%Y}\u202f: la fusion est refusée."
    )
    with pytest.raises(PlaceRefused) as refused:
        actions.unmerge(merge_id=made.pk, reason="", by=INES, now=later)
    assert str(refused.value) == "Ces deux lieux ont déjà été séparés."


def test_what_is_run_here_is_never_the_one_that_goes(pair: tuple[UUID, UUID], now: datetime) -> None:
    Person.objects.create(place_id=pair[1], name="Thomas", created_at=now)
    with pytest.raises(PlaceRefused) as refused:
        merged(pair, now)
    assert str(refused.value) == (
        "«\u202fMaille (asso)\u202f» a son équipe ou sa gestion ici\u202f: gardez-le, et fondez-y l’autre."
    )
    nadine = User.objects.create_user("nadine@exemple.fr")
    Membership.objects.create(
        user=nadine, role="facilitator", scope=place_scope(pair[0]), given_at=now, given_by="test"
    )
    with pytest.raises(PlaceRefused) as refused:
        merged(pair, now)
    assert str(refused.value) == (
        "Ces deux lieux ont chacun leur équipe ou leur gestion ici\u202f: voyez avec elles laquelle s’arrête d’abord."
    )
    assert not Merge.objects.exists()
    Membership.objects.all().delete()
    assert merged((pair[1], pair[0]), now).kept_id == pair[1]


@pytest.mark.parametrize(
    ("role", "scope", "may"),
    [
        ("network_officer", "dep:39", True),
        ("operator", "france", True),
        ("network_officer", "dep:25", False),
        ("observer", "dep:39", False),
        ("facilitator", "own", False),
    ],
)
def test_only_who_looks_after_both_may_say_that_they_are_one(
    pair: tuple[UUID, UUID], now: datetime, role: str, scope: str, may: bool
) -> None:
    ines = User.objects.create_user("ines@exemple.fr")
    where = place_scope(pair[0]) if scope == "own" else scope
    Membership.objects.create(user=ines, role=role, scope=where, given_at=now, given_by="test")
    by = signature(ines.pk, role)
    if may:
        assert actions.merge_places(kept_id=pair[0], gone_id=pair[1], reason=WHY, by=by, now=now).merged_by == by
    else:
        with pytest.raises(PermissionDenied):
            actions.merge_places(kept_id=pair[0], gone_id=pair[1], reason=WHY, by=by, now=now)


def test_a_merge_needs_two_standing_places_and_a_reason(pair: tuple[UUID, UUID], now: datetime) -> None:
    for kept, gone, reason, said in (
        (pair[0], pair[0], WHY, "C’est un seul et même lieu\u202f: choisissez-en deux."),
        (pair[0], pair[1], " ", "Une fusion demande un motif\u202f: dites à quoi vous voyez que c’est le même lieu."),
        (
            pair[0],
            UUID(int=1),
            WHY,
            "Un de ces deux lieux n’est pas dans le registre\u202f: rechargez la page.",
        ),
    ):
        with pytest.raises(PlaceRefused) as refused:
            actions.merge_places(kept_id=kept, gone_id=gone, reason=reason, by=INES, now=now)
        assert str(refused.value) == said
    merged(pair, now)
    with pytest.raises(PlaceRefused) as refused:
        merged(pair, now)
    assert str(refused.value) == "Un de ces deux lieux a quitté le registre\u202f: il n’y a plus rien à fondre."


def test_the_database_keeps_one_order_and_one_merge(pair: tuple[UUID, UUID], now: datetime) -> None:
    first, second = sorted(pair, key=str)
    actions.tell_apart(place_ids=(second, first), reason="", by=INES, now=now)
    assert NotSame.objects.values_list("one_id", "other_id").get() == (first, second)
    with pytest.raises(IntegrityError), transaction.atomic():
        NotSame.objects.create(one_id=second, other_id=first, said_at=now, said_by=INES)
    with pytest.raises(IntegrityError), transaction.atomic():
        Place.objects.filter(pk=first).update(replaced_by=second)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.tuples(st.sampled_from(["merge", "undo"]), st.integers(0, 3), st.integers(0, 3)), max_size=8))
def test_whatever_is_merged_and_undone_no_record_is_lost_and_every_address_answers(
    steps: list[tuple[str, int, int]],
) -> None:
    with transaction.atomic():
        drafts = [replace(LA_MAILLE, ref=f"p{n}", values={"name": f"Lieu {n}", "commune": "39093"}) for n in range(4)]
        ids = record(*drafts, now=NOW).place_ids
        for act, one, other in steps:
            try:
                if act == "merge":
                    actions.merge_places(kept_id=ids[one], gone_id=ids[other], reason=WHY, by=INES, now=NOW)
                else:
                    open_ones = Merge.objects.filter(undone_at__isnull=True).order_by("pk")
                    if open_ones:
                        actions.unmerge(merge_id=open_ones[one % len(open_ones)].pk, reason="", by=INES, now=NOW)
            except PlaceRefused:
                pass
        holders = dict(SourceRecord.objects.values_list("ref", "place_id"))
        standing = set(Place.objects.public().values_list("pk", flat=True))
        assert set(holders) == {"p0", "p1", "p2", "p3"}
        assert set(holders.values()) == standing
        for place_id in ids:
            found = standing_at(place_id)
            assert found.place or found.moved_to
        transaction.set_rollback(True)


def test_merges_undone_in_another_order_give_each_its_own(pair: tuple[UUID, UUID], now: datetime) -> None:
    third = record(replace(LA_MAILLE, ref="9", values={"name": "Le Nid", "commune": "39093"}), now=now).place_ids[0]
    first = merged(pair, now)
    second = actions.merge_places(kept_id=third, gone_id=pair[0], reason=WHY, by=INES, now=now)
    actions.unmerge(merge_id=first.pk, reason="", by=INES, now=now)
    assert SourceRecord.objects.get(ref="2").place_id == pair[1]
    actions.unmerge(merge_id=second.pk, reason="", by=INES, now=now)
    assert dict(SourceRecord.objects.values_list("ref", "place_id")) == {"1": pair[0], "2": pair[1], "9": third}


def test_a_place_merged_away_leaves_and_comes_back_by_its_merge_alone(pair: tuple[UUID, UUID], now: datetime) -> None:
    made = merged(pair, now)
    for act, more in ((actions.restore_place, {}), (actions.remove_place, {"reason": "inventé"})):
        with pytest.raises(PlaceRefused) as refused:
            act(place_id=pair[1], by=INES, now=now, **more)
        assert str(refused.value) == "Ce lieu a été fondu dans un autre\u202f: séparez-les d’abord."
    assert Place.objects.get(pk=pair[1]).replaced_by_id == pair[0]
    actions.unmerge(merge_id=made.pk, reason="", by=INES, now=now)
    assert Place.objects.public().count() == 2


def test_an_unmerge_after_the_kept_place_left_gives_the_other_back(pair: tuple[UUID, UUID], now: datetime) -> None:
    made = merged(pair, now)
    actions.remove_place(place_id=pair[0], reason="inventé", by=INES, now=now)
    actions.unmerge(merge_id=made.pk, reason="", by=INES, now=now)
    assert Place.objects.public().get().pk == pair[1]


@pytest.mark.parametrize("ref", ["1", "2"])
def test_an_unmerge_that_would_leave_a_place_without_a_word_is_refused(
    pair: tuple[UUID, UUID], now: datetime, ref: str
) -> None:
    made = merged(pair, now)
    detach_record(record_id=SourceRecord.objects.get(ref=ref).pk, by=INES, now=now, reason="un autre lieu")
    with pytest.raises(PlaceRefused) as refused:
        actions.unmerge(merge_id=made.pk, reason="", by=INES, now=now)
    assert str(refused.value) == (
        "Les enregistrements de l’un de ces deux lieux sont déjà partis dans un autre\u202f: il n’y a rien à séparer."
    )
    assert Merge.objects.get().undone_at is None


def test_a_place_that_was_removed_does_not_come_back_by_one_of_its_records(
    pair: tuple[UUID, UUID], now: datetime
) -> None:
    merged(pair, now)
    actions.remove_place(place_id=pair[0], reason="à la demande de son équipe", by=INES, now=now)
    with pytest.raises(PlaceRefused) as refused:
        detach_record(record_id=SourceRecord.objects.get(ref="2").pk, by=INES, now=now, reason="un autre lieu")
    assert str(refused.value) == "Ce lieu a quitté le registre\u202f: il n’y a plus rien à y séparer."
    assert not Place.objects.public().exists()


def test_what_waits_of_a_place_merged_away_waits_at_the_kept_one_and_goes_back(
    pair: tuple[UUID, UUID], now: datetime
) -> None:
    told = [
        Proposed(kind="edit", place=Place.objects.get(pk=pair[1]), values={"phone": f"03 84 11 22 3{n}"})
        for n in (3, 4)
    ]
    accepted, left = (suggest(proposed=one, by="visiteur", now=now).made for one in told)
    made = merged(pair, now)
    assert set(Suggestion.objects.values_list("place", flat=True)) == {pair[0]}
    accept(suggestion_id=accepted.pk, by=INES, now=now)
    assert Place.objects.get(pk=pair[0]).phone == "03 84 11 22 33"
    actions.unmerge(merge_id=made.pk, reason="deux portes", by=INES, now=now)
    assert dict(Suggestion.objects.values_list("pk", "place")) == {accepted.pk: pair[0], left.pk: pair[1]}


def test_an_accepted_duplicate_is_of_the_place_that_went(pair: tuple[UUID, UUID], now: datetime) -> None:
    kept, gone = (Place.objects.get(pk=pk) for pk in pair)
    one = suggest(proposed=Proposed(kind="duplicate", place=gone, twin=kept), by="visiteur", now=now).made
    done = accept(suggestion_id=one.pk, reason=WHY, by=INES, now=now)
    assert (done.place_id, done.twin_id, done.merge) == (gone.pk, kept.pk, Merge.objects.get())
    refused = suggest(proposed=Proposed(kind="closed", place=kept), by="visiteur", now=now).made
    assert refuse(suggestion_id=refused.pk, reason="ouvert", by=INES, now=now).state == "refused"


def test_the_demo_goes_with_its_merges_verifications_and_suggestions(small_ground: None, now: datetime) -> None:
    ids = record(*(replace(LA_MAILLE, ref=f"d{n}", demo=True) for n in range(3)), now=now).place_ids
    actions.merge_places(kept_id=ids[0], gone_id=ids[1], reason=WHY, by=INES, now=now)
    actions.merge_places(kept_id=ids[2], gone_id=ids[0], reason=WHY, by=INES, now=now)
    kept = Place.objects.get(pk=ids[2])
    verify_place(place_id=kept.pk, network="bfc", name="BFC", by=INES, now=now)
    told = Proposed(kind="edit", place=kept, values={"phone": "03 84 11 22 33"})
    accept(suggestion_id=suggest(proposed=told, by="visiteur", now=now).made.pk, by=INES, now=now)
    twin = Proposed(kind="new", values={"name": "Le Nid", "commune": "39093"})
    accept(suggestion_id=suggest(proposed=twin, by="visiteur", now=now).made.pk, by=INES, now=now)
    forget_demo(by=INES, now=now)
    assert not Place.objects.exists()
    assert not Suggestion.objects.exists()


@pytest.mark.skipif(
    connection.vendor != "postgresql", reason="SQLite has one writer at a time: DATABASE_URL=postgres://…"
)
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("in_turn", [True, False])
def test_an_edit_and_a_merge_at_the_same_moment_never_wait_for_each_other_in_a_ring(
    small_ground: None, now: datetime, in_turn: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control edits as it did before: the place first, its turn after."""
    first, second = record(
        LA_MAILLE, replace(LA_MAILLE, ref="2", values={"name": "Maille", "commune": "39093"}), now=now
    ).place_ids

    def merge() -> None:
        actions.merge_places(kept_id=first, gone_id=second, reason=WHY, by=INES, now=now)

    def edit() -> None:
        if not in_turn:
            Place.objects.select_for_update().get(pk=first)
        edit_sheet(place_id=first, values={"phone": "03 84 11 22 33"}, seen=1, by=INES, now=now)

    told = meanwhile(edit, merge)
    assert told == (set() if in_turn else {"deadlock detected"})
