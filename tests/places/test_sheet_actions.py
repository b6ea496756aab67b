"""What a team says of its place, says again, overtakes and takes back."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from maillage.accounts.models import ApiKey, Membership, User
from maillage.accounts.rules import EVERYWHERE, place_scope, read_key_signature, read_signature
from maillage.journal.models import AuditEvent
from maillage.places.actions import record_many, remove_place
from maillage.places.actions.lifecycle import PlaceRefused
from maillage.places.actions.record import complete_position
from maillage.places.actions.sheet import SheetOvertaken, close_place, edit_sheet, reopen_place, take_back
from maillage.places.models import Place, Revision, SourceRecord
from maillage.places.queries.team import as_seen, desk, shown
from maillage.places.rules.choice import Record, choose
from maillage.places.rules.drafts import FIELDS, Draft, SourceFacts
from maillage.places.rules.fields import blank
from maillage.territory.models import Commune

NADINE, KARIM = "compte:1:facilitator", "compte:2:colleague"
INES, PAULINE, PROGRAM = "compte:3:network_officer", "compte:4:operator", "cle:7:colleague"
SOURCES = {
    "census": SourceFacts("census", "Recensement", "Licence Ouverte 2.0"),
    "network": SourceFacts("network", "Réseau", "Licence Ouverte 2.0", rank=2),
}
FIRST = {
    "name": "La Maille",
    "commune": "39093",
    "city": "Chamblay",
    "phone": "03 53 01 00 01",
    "activities": ["cafe"],
}
pytestmark = pytest.mark.usefixtures("small_ground")


def told_by(source: str, values: dict[str, Any], now: datetime, place_id: UUID | None = None, ref: str = "1") -> UUID:
    draft = Draft(source, ref, values, {}, "Licence Ouverte 2.0", dated="2026-03", place_id=place_id)
    done = record_many(drafts=[draft], sources=SOURCES, by="commande:import", now=now)
    return done.place_ids[0]


def let_in(place_id: UUID, now: datetime) -> UUID:
    """Nadine, Karim and a program work in this place; Inès looks after the network, Pauline runs the site."""
    given = {"given_at": now, "given_by": "essai"}
    here = place_scope(place_id)
    for by, scope in ((NADINE, here), (KARIM, here), (INES, EVERYWHERE), (PAULINE, EVERYWHERE)):
        pk, role = read_signature(by) or (0, "")
        user, _made = User.objects.get_or_create(pk=pk, defaults={"email": f"{pk}@example.org"})
        Membership.objects.get_or_create(user=user, scope=scope, defaults={"role": role, **given})
    key = {"name": "Agenda", "role": "colleague", "scope": here, "created_at": now, "created_by": NADINE}
    ApiKey.objects.get_or_create(pk=read_key_signature(PROGRAM), defaults=key)
    return place_id


@pytest.fixture
def place_id(now: datetime) -> UUID:
    return let_in(told_by("census", FIRST, now), now)


@dataclass
class Team:
    """Nadine at her desk, each act a minute after the last."""

    place_id: UUID
    now: datetime
    by: str = NADINE
    minutes: int = field(default=0)

    def tick(self) -> datetime:
        self.minutes += 1
        return self.now + timedelta(minutes=self.minutes)

    @property
    def seen(self) -> int:
        return desk(Place.objects.get(pk=self.place_id)).seen

    def edit(self, seen: int | None = None, by: str = "", **values: Any) -> int | None:
        seen = self.seen if seen is None else seen
        return edit_sheet(place_id=self.place_id, values=values, seen=seen, by=by or self.by, now=self.tick())

    def take_back(self, number: int) -> int | None:
        return take_back(place_id=self.place_id, number=number, by=self.by, now=self.tick())

    def shows(self, *names: str) -> dict[str, Any]:
        told = shown(Place.objects.get(pk=self.place_id))
        return {name: told[name] for name in names}

    @property
    def own(self) -> dict[str, Any]:
        record = SourceRecord.objects.filter(place_id=self.place_id, source__slug="lieu").first()
        return record.values if record else {}


@pytest.fixture
def team(place_id: UUID, now: datetime) -> Team:
    return Team(place_id, now)


def test_what_the_team_says_is_shown_with_its_revision(team: Team) -> None:
    assert team.edit(phone="03 84 00 00 00", capacity=12) == 2
    revision = Revision.objects.get(number=2)
    assert revision.by == NADINE
    assert revision.changes == {"phone": ["03 53 01 00 01", "03 84 00 00 00"], "capacity": [None, 12]}
    assert Place.objects.get().provenance["phone"] == f"lieu:{team.place_id}"


class TestVoices:
    """Only its team speaks for a place; others are credited for what they write, and come after it."""

    @pytest.mark.parametrize(
        ("by", "source", "name", "rank"),
        [
            (NADINE, "lieu", "Le lieu lui-même", 3),
            (PROGRAM, "lieu", "Le lieu lui-même", 3),
            (INES, "agent-de-reseau", "Le réseau", 2),
            (PAULINE, "exploitant-du-site", "L’exploitant du site", 2),
        ],
    )
    def test_what_is_written_is_credited_to_who_writes(
        self, team: Team, by: str, source: str, name: str, rank: int
    ) -> None:
        assert team.edit(by=by, phone="03 84 00 00 00") == 2
        assert team.shows("phone") == {"phone": "03 84 00 00 00"}
        assert Place.objects.get().provenance["phone"] == f"{source}:{team.place_id}"
        record = SourceRecord.objects.get(source__slug=source)
        assert (record.values, record.source.name, record.source.rank) == ({"phone": "03 84 00 00 00"}, name, rank)
        assert SourceRecord.objects.count() == 2

    @pytest.mark.parametrize(("by", "slug"), [(INES, "demo-agent-de-reseau"), (PAULINE, "demo-exploitant-du-site")])
    def test_of_a_fictional_place_it_is_fiction(self, team: Team, by: str, slug: str) -> None:
        Place.objects.update(is_demo=True)
        team.edit(by=by, phone="03 84 00 00 00")
        record = SourceRecord.objects.get(source__slug=slug)
        assert (record.licence, record.source.is_demo) == ("CC0 1.0 (fiction)", True)

    @pytest.mark.parametrize("by", [INES, PAULINE])
    def test_what_the_place_says_itself_is_not_overruled(self, team: Team, by: str) -> None:
        team.edit(phone="03 84 00 00 00")
        events, records = AuditEvent.objects.count(), list(SourceRecord.objects.values())
        with pytest.raises(PlaceRefused) as refused:
            team.edit(by=by, phone="03 84 99 99 99", capacity=9)
        assert str(refused.value).replace("\u202f", " ") == (
            "Téléphone : « Le lieu lui-même » le dit déjà, et passe avant vous. Demandez-lui de le changer ; "
            "rien n’a été enregistré."
        )
        assert team.shows("phone", "capacity") == {"phone": "03 84 00 00 00", "capacity": None}
        assert (AuditEvent.objects.count(), list(SourceRecord.objects.values())) == (events, records)

    @pytest.mark.parametrize("by", [INES, PAULINE])
    def test_what_the_place_said_is_not_taken_back_by_others(self, team: Team, by: str) -> None:
        number = team.edit(phone="03 84 00 00 00")
        with pytest.raises(PlaceRefused, match="Le lieu lui-même"):
            take_back(place_id=team.place_id, number=number or 0, by=by, now=team.tick())
        assert team.shows("phone") == {"phone": "03 84 00 00 00"}

    def test_the_place_has_the_last_word_and_others_do_not_hide_what_it_empties(self, team: Team) -> None:
        team.edit(by=INES, phone="03 84 99 99 99", capacity=9)
        team.edit(by=NADINE, phone="")
        assert team.shows("phone", "capacity") == {"phone": "", "capacity": 9}

    def test_between_equals_the_last_who_speaks_is_heard_the_same_day_too(self, team: Team) -> None:
        for by, phone in ((PAULINE, "03 84 00 00 01"), (INES, "03 84 00 00 02"), (PAULINE, "03 84 00 00 03")):
            team.edit(by=by, phone=phone)
            assert team.shows("phone") == {"phone": phone}
        assert SourceRecord.objects.get(source__slug="agent-de-reseau").values == {}

    @pytest.mark.parametrize("by", [INES, PAULINE])
    def test_each_takes_back_what_they_wrote(self, team: Team, by: str) -> None:
        number = team.edit(by=by, phone="03 84 99 99 99", street="2 rue du Lavoir")
        before = {"phone": "03 53 01 00 01", "street": ""}
        assert take_back(place_id=team.place_id, number=number or 0, by=by, now=team.tick())
        assert team.shows("phone", "street") == before
        assert Place.objects.get().provenance["phone"] == "census:1"


def test_only_what_changed_is_said_so_that_the_rest_follows_its_source(team: Team, now: datetime) -> None:
    team.edit(phone="03 53 01 00 01", website="https://la-maille.example.org", email="", prices="")
    assert team.own == {"website": "https://la-maille.example.org"}
    told_by("census", {**FIRST, "email": "a@example.org"}, now + timedelta(days=1))
    assert team.shows("email") == {"email": "a@example.org"}


def test_a_blank_one_stands_against_every_source(team: Team, now: datetime) -> None:
    team.edit(phone="", activities=[])
    told_by("network", {"phone": "03 99 00 00 00", "activities": ["fablab"]}, now, team.place_id)
    assert team.shows("phone", "activities") == {"phone": "", "activities": []}


def test_saying_the_same_again_writes_nothing(team: Team) -> None:
    team.edit(phone="03 84 00 00 00")
    events, records = AuditEvent.objects.count(), list(SourceRecord.objects.values())
    again = edit_sheet(
        place_id=team.place_id,
        values={"phone": "03 84 00 00 00"},
        seen=team.seen,
        by=NADINE,
        now=team.now + timedelta(minutes=1),
    )
    assert again is None
    assert (AuditEvent.objects.count(), list(SourceRecord.objects.values())) == (events, records)


def test_a_page_made_before_somebody_elses_change_is_refused_with_that_change(team: Team) -> None:
    seen = team.seen
    team.edit(phone="03 84 11 11 11", by=KARIM)
    with pytest.raises(SheetOvertaken) as refused:
        team.edit(seen=seen, phone="03 84 22 22 22", capacity=9)
    told = refused.value.overtaken
    assert [(one.field, one.value, one.by) for one in told] == [("phone", "03 84 11 11 11", KARIM)]
    assert str(refused.value) == (
        "Quelqu’un d’autre a modifié ces champs entre-temps\u202f: relisez, puis enregistrez de nouveau."
    )
    assert team.shows("phone", "capacity") == {"phone": "03 84 11 11 11", "capacity": None}


def test_a_change_elsewhere_in_the_sheet_or_to_the_same_value_does_not_stop_anybody(team: Team) -> None:
    seen = team.seen
    team.edit(phone="03 84 11 11 11", by=KARIM)
    assert team.edit(seen=seen, phone="03 84 11 11 11", capacity=9) == 3


def test_a_field_left_as_it_was_shown_leaves_a_colleagues_change_alone(team: Team) -> None:
    seen = team.seen
    team.edit(phone="03 84 11 11 11", links=["https://example.org/a"], by=KARIM)
    number = team.edit(seen=seen, phone="03 53 01 00 01", links=[], email="", website="https://example.org")
    assert Revision.objects.get(number=number).changes == {"website": ["", "https://example.org"]}
    assert team.shows("phone", "links") == {"phone": "03 84 11 11 11", "links": ["https://example.org/a"]}


def test_only_the_clashes_are_told_and_whether_the_rest_is_changed_too(team: Team) -> None:
    seen = team.seen
    team.edit(phone="03 84 11 11 11", email="a@example.org", by=KARIM)
    with pytest.raises(SheetOvertaken) as refused:
        team.edit(seen=seen, phone="03 84 22 22 22", email="", capacity=9)
    assert [(one.field, one.value, one.mine) for one in refused.value.overtaken] == [
        ("phone", "03 84 11 11 11", "03 84 22 22 22")
    ]
    assert refused.value.rest
    with pytest.raises(SheetOvertaken) as refused:
        team.edit(seen=seen, phone="03 84 22 22 22", email="")
    assert not refused.value.rest


def test_ones_own_version_is_kept_over_what_one_has_read_and_no_later(team: Team) -> None:
    seen = team.seen
    read = team.edit(phone="03 84 11 11 11", by=KARIM)
    mine = {"place_id": team.place_id, "values": {"phone": "03 84 22 22 22"}, "seen": seen, "by": NADINE, "over": read}
    team.edit(phone="03 84 33 33 33", by=KARIM)
    with pytest.raises(SheetOvertaken):
        edit_sheet(**mine, now=team.tick())
    assert edit_sheet(**{**mine, "over": 3}, now=team.tick()) == 4
    assert team.shows("phone") == {"phone": "03 84 22 22 22"}


def test_a_street_is_not_written_into_an_address_that_moved_meanwhile(team: Team) -> None:
    seen = team.seen
    team.edit(commune="25056", city="Besançon", by=KARIM)
    with pytest.raises(SheetOvertaken) as refused:
        team.edit(seen=seen, street="2 rue du Lavoir")
    assert {one.field for one in refused.value.overtaken} >= {"commune", "city", "lat"}


class TestAddress:
    POINT = {"lat": 46.9926, "lon": 5.7019, "precision": "address"}

    def test_a_street_alone_leaves_the_place_at_the_centre_of_its_commune(self, team: Team) -> None:
        before = team.shows("lat", "lon", "precision", "commune", "city")
        team.edit(street="2 rue du Lavoir")
        assert team.shows("lat", "lon", "precision", "commune", "city") == before
        assert "lat" not in team.own

    def test_another_commune_drops_the_old_point(self, team: Team) -> None:
        team.edit(**self.POINT)
        team.edit(commune="25056", city="Besançon", postal_code="25000")
        besancon = Commune.objects.get(pk="25056")
        assert team.shows("lat", "lon", "precision") == {
            "lat": besancon.lat,
            "lon": besancon.lon,
            "precision": "commune",
        }

    def test_another_commune_keeps_a_point_given_with_it(self, team: Team) -> None:
        team.edit(commune="39370", **self.POINT)
        assert team.shows(*self.POINT, "commune") == {**self.POINT, "commune": "39370"}

    def test_an_unknown_precision_stays_unknown_beside_a_street(self, team: Team) -> None:
        team.edit(street="2 rue du Lavoir", lat=46.9926, lon=5.7019, precision="unknown")
        assert team.shows("precision") == {"precision": "unknown"}
        team.edit(phone="03 84 00 00 00")
        assert team.shows("precision") == {"precision": "unknown"}

    def test_a_point_without_a_precision_is_that_of_the_street(self, team: Team) -> None:
        team.edit(street="2 rue du Lavoir", lat=46.9926, lon=5.7019)
        assert team.shows("precision") == {"precision": "address"}

    def test_the_centre_said_again_is_not_frozen_as_a_point_of_ones_own(self, team: Team) -> None:
        team.edit(**self.POINT)
        centre = Commune.objects.get(pk="39093")
        team.edit(lat=centre.lat, lon=centre.lon, precision="commune")
        assert "lat" not in team.own
        assert team.shows("precision") == {"precision": "commune"}

    @pytest.mark.parametrize(
        ("values", "said"),
        [
            (
                {"commune": "99999"},
                "La commune «\u202f99999\u202f» n’est pas connue ici\u202f: cherchez-la par son nom.",
            ),
            (
                {"commune": None},
                "Le lieu ne peut pas être situé\u202f: donnez sa commune, ou une latitude et une longitude.",
            ),
            (
                {"lat": None, "lon": 5.7},
                "Une seule des deux coordonnées est donnée\u202f: donnez latitude et longitude, ou aucune.",
            ),
            (
                {"lat": 48.0, "lon": -40.0},
                "Le point n’est pas en France\u202f: vérifiez les coordonnées (degrés décimaux, WGS84).",
            ),
        ],
    )
    def test_a_place_that_cannot_be_situated_is_refused(self, team: Team, values: dict, said: str) -> None:
        before = team.shows(*FIELDS)
        with pytest.raises(PlaceRefused) as refused:
            team.edit(**values)
        assert str(refused.value) == said
        assert (team.shows(*FIELDS), team.own) == (before, {})


def test_a_place_keeps_a_name(team: Team) -> None:
    with pytest.raises(PlaceRefused) as refused:
        team.edit(name="")
    assert str(refused.value) == "Un lieu a un nom\u202f: donnez celui que les gens connaissent."


class TestClosing:
    def close(self, team: Team, closed_on: str = "2026-10", cause: str = "equipe") -> int | None:
        now = team.tick()
        return close_place(place_id=team.place_id, closed_on=closed_on, cause=cause, seen=team.seen, by=NADINE, now=now)

    def test_a_place_closes_and_opens_again(self, team: Team) -> None:
        assert self.close(team) == 2
        assert team.shows("status", "closed_on", "closed_cause") == {
            "status": "closed",
            "closed_on": "2026-10",
            "closed_cause": "equipe",
        }
        reopened = reopen_place(place_id=team.place_id, status="open", seen=2, by=NADINE, now=team.tick())
        assert reopened == 3
        assert team.shows("status", "closed_on", "closed_cause") == {
            "status": "open",
            "closed_on": "",
            "closed_cause": "",
        }
        assert list(AuditEvent.objects.filter(action__in=["places.closed", "places.reopened"]).values_list("by")) == [
            (NADINE,),
            (NADINE,),
        ]

    def test_closing_twice_tells_it_once(self, team: Team) -> None:
        self.close(team)
        assert self.close(team) is None
        assert AuditEvent.objects.filter(action="places.closed").count() == 1

    def test_a_status_alone_leaves_no_closing_date_behind(self, team: Team) -> None:
        self.close(team)
        team.edit(status="dormant")
        assert team.shows("closed_on", "closed_cause") == {"closed_on": "", "closed_cause": ""}

    def test_a_closing_date_means_closed(self, team: Team) -> None:
        with pytest.raises(PlaceRefused) as refused:
            team.edit(closed_on="2020")
        assert str(refused.value) == (
            "Ce lieu n’est pas fermé\u202f: dites d’abord qu’il l’est, ou laissez date et cause vides."
        )

    def test_one_reopens_to_a_state_of_the_living(self, team: Team) -> None:
        with pytest.raises(PlaceRefused) as refused:
            reopen_place(place_id=team.place_id, status="closed", seen=1, by=NADINE, now=team.now)
        assert str(refused.value) == "Un lieu rouvre, sommeille ou se prépare\u202f: choisissez l’un des trois."


class TestTakeBack:
    def test_the_sources_speak_again(self, team: Team) -> None:
        team.edit(phone="03 84 00 00 00", street="2 rue du Lavoir")
        before = team.shows(*FIELDS)
        team.edit(phone="", street="4 rue du Four")
        assert team.take_back(3) == 4
        assert team.shows(*FIELDS) == before
        team.take_back(2)
        assert team.own == {}
        assert Revision.objects.get(number=5).reason == "Retour sur la modification n° 2"

    def test_what_has_changed_again_is_not_taken_back_over_the_other(self, team: Team) -> None:
        team.edit(phone="03 84 00 00 00")
        team.edit(phone="03 84 11 11 11", by=KARIM)
        with pytest.raises(SheetOvertaken) as refused:
            team.take_back(2)
        assert [(one.field, one.by) for one in refused.value.overtaken] == [("phone", KARIM)]

    def test_a_commune_is_not_taken_back_under_a_street_written_since(self, team: Team) -> None:
        team.edit(commune="25056", city="Besançon")
        team.edit(street="2 Grande Rue", by=KARIM)
        with pytest.raises(SheetOvertaken) as refused:
            team.take_back(2)
        assert [(one.field, one.by) for one in refused.value.overtaken] == [("street", KARIM)]

    @pytest.mark.parametrize(
        ("number", "said"),
        [
            (1, "C’est l’arrivée du lieu dans le registre\u202f: il n’y a rien avant elle à remettre."),
            (7, "Cette modification n’existe pas, ou n’est pas de ce lieu."),
        ],
    )
    def test_there_may_be_nothing_to_take_back(self, team: Team, number: int, said: str) -> None:
        with pytest.raises(PlaceRefused) as refused:
            team.take_back(number)
        assert str(refused.value) == said

    def test_photos_have_their_own_page(self, team: Team) -> None:
        changes = {"photos": [[], ["Façade"]]}
        Revision.objects.create(place_id=team.place_id, number=2, at=team.now, by=NADINE, changes=changes)
        with pytest.raises(PlaceRefused) as refused:
            team.take_back(2)
        assert str(refused.value) == "Les photos se retirent et se remettent sur la page des photos."


def test_a_removed_place_is_left_alone(team: Team) -> None:
    team.edit(phone="03 84 00 00 00")
    remove_place(place_id=team.place_id, reason="doublon", by="essai", now=team.tick())
    before = Revision.objects.count()
    for act in (lambda: team.edit(phone="03 84 11 11 11"), lambda: team.take_back(2)):
        with pytest.raises(PlaceRefused) as refused:
            act()
        assert str(refused.value) == ("Ce lieu a été retiré du registre\u202f: l’exploitant du site peut le remettre.")
    assert Revision.objects.count() == before


WORDS: dict[str, Any] = {
    "name": ["La Maille", "La Poche"],
    "phone": ["", "03 84 00 00 00", "03 84 11 11 11"],
    "capacity": [None, 8, 30],
    "activities": [[], ["cafe"], ["coworking", "cafe"]],
    "links": [[], ["https://example.org"]],
    "opening_hours": ["", "Mo-Fr 09:00-12:00"],
    "street": ["", "2 rue du Lavoir", "4 rue du Four"],
    "city": ["", "Chamblay"],
    "commune": ["39093", "25056", "39370"],
    "precision": ["address", "street", "unknown", "commune"],
    "status": ["open", "dormant", "project", "closed"],
    "closed_cause": ["", "equipe"],
    "closed_on": ["", "2020", "2025-06"],
}
POINTS = st.sampled_from(
    [{}, {}, {"lat": None, "lon": None}, {"lat": 46.9926, "lon": 5.7019}, {"lat": 47.2, "lon": 6.0}]
)
SAID = st.builds(
    lambda one, point: one | point,
    st.fixed_dictionaries({}, optional={name: st.sampled_from(words) for name, words in WORDS.items()}),
    POINTS,
)
ACTS = st.lists(
    st.one_of(
        st.tuples(st.just("edit"), st.sampled_from([NADINE, KARIM]), SAID, st.integers(0, 3)),
        st.tuples(st.just("import"), st.sampled_from(["census", "network"]), SAID, st.just(0)),
        st.tuples(st.just("take back"), st.sampled_from([NADINE, KARIM]), st.none(), st.integers(0, 3)),
    ),
    min_size=1,
    max_size=8,
)


def chosen_among_records(place: Place, now: datetime) -> dict[str, Any]:
    """What the place ought to show, from its records alone."""
    records = [
        Record(f"{one.source.slug}:{one.ref}", one.source.rank, one.dated, one.values)
        for one in place.records.select_related("source")
    ]
    told = {name: said.value for name, said in choose(records, today=now.date()).items()}
    commune = Commune.objects.filter(pk=told.get("commune")).first()
    complete_position(told, commune)
    return {name: told.get(name, blank(name)) for name in FIELDS}


def everything() -> tuple[Iterable[Any], ...]:
    return tuple(list(model.objects.order_by("pk").values()) for model in (Place, SourceRecord, Revision, AuditEvent))


def imported(values: dict[str, Any]) -> dict[str, Any]:
    """What a file may say: no blanks, a place that can be situated, a closing date only of a closed place."""
    told = {name: value for name, value in values.items() if value != blank(name) or name == "status"}
    if told.get("status") != "closed":
        told.pop("closed_on", None), told.pop("closed_cause", None)
    return {"name": "La Maille", "commune": "39093", **told}


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ACTS)
def test_any_sequence_of_edits_imports_and_take_backs_keeps_its_promises(now: datetime, acts: list[Any]) -> None:
    with transaction.atomic():
        _play(now, acts)
        transaction.set_rollback(True)


def _play(now: datetime, acts: list[Any]) -> None:
    place_id = let_in(told_by("census", FIRST, now, ref=str(uuid4())), now)
    other = told_by("network", {"name": "Voisine", "commune": "39370"}, now, ref=str(uuid4()))
    ref = SourceRecord.objects.get(place_id=place_id).ref
    other_shown = shown(Place.objects.get(pk=other))
    for step, (act, who, values, back) in enumerate(acts, start=1):
        at = now + timedelta(minutes=step)
        place = Place.objects.get(pk=place_id)
        before, stored, last = shown(place), everything(), desk(place).seen
        base = as_seen(place, max(0, last - back), before)
        try:
            if act == "edit":
                number = edit_sheet(place_id=place_id, values=values, seen=max(0, last - back), by=who, now=at)
            elif act == "take back":
                number = take_back(place_id=place_id, number=max(0, last - back), by=who, now=at)
            else:
                told_by(who, imported(values), at, place_id, ref if who == "census" else f"n-{place_id}")
                number = None
        except (SheetOvertaken, PlaceRefused):
            assert everything() == stored
            continue
        _check(place_id, (before, base), last, number, at, act, values)
        if number and number > 1:
            _check_taking_back(place_id, number, before, at)
    assert shown(Place.objects.get(pk=other)) == other_shown


def _check(
    place_id: UUID, was: tuple[dict[str, Any], ...], last: int, number: int | None, at: datetime, act: str, values: Any
) -> None:
    before, base = was
    place = Place.objects.get(pk=place_id)
    after = shown(place)
    assert after == chosen_among_records(place, at)
    changes = {name: [before[name], after[name]] for name in FIELDS if before[name] != after[name]}
    newer = list(Revision.objects.filter(place=place, number__gt=last))
    assert [one.changes for one in newer] == ([changes] if changes else [])
    if act != "import":
        assert number == (last + 1 if changes else None)
    if act == "edit":
        derived = ("precision", "lat", "lon", "closed_on", "closed_cause")
        spoken = {n for n in values if n not in derived and (values[n] != base[n] or before == base)}
        assert {name: after[name] for name in spoken} == {name: values[name] for name in spoken}
    assert {one.number for one in place.revisions.all()} == set(range(1, place.revisions.count() + 1))


def _check_taking_back(place_id: UUID, number: int, before: dict[str, Any], at: datetime) -> None:
    """The last change taken back gives what was shown before it; then the take-back itself is undone."""
    with transaction.atomic():
        take_back(place_id=place_id, number=number, by=NADINE, now=at + timedelta(seconds=30))
        assert shown(Place.objects.get(pk=place_id)) == before
        transaction.set_rollback(True)


def test_a_reason_is_kept_beside_the_change(team: Team) -> None:
    edit_sheet(
        place_id=team.place_id, values={"capacity": 4}, seen=1, by=NADINE, now=team.now, reason="Le bail a changé"
    )
    assert Revision.objects.get(number=2).reason == "Le bail a changé"
