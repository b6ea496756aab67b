"""A source that is followed: read each night, entered once, asked about when it loses much, told when it is silent."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from unittest.mock import patch

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from maillage.accounts.actions import Invited, accept, invite
from maillage.accounts.rules import EVERYWHERE, NETWORK_OFFICER, OPERATOR, signature
from maillage.journal.models import AuditEvent, Mail
from maillage.network.exchange.actions import pulling
from maillage.network.exchange.actions.pulling import run_due, run_pull
from maillage.network.exchange.actions.pulls import (
    PullRefused,
    Wanted,
    add_pull,
    answer_pull,
    pause_pull,
    resume_pull,
    stop_pull,
)
from maillage.network.exchange.labels import doubt_said
from maillage.network.exchange.models import ImportRun, Pull, PullReport
from maillage.network.exchange.queries import pulls as queries
from maillage.network.exchange.rules import pulls as rules
from maillage.network.exchange.rules.pulls import Content, doubt, next_turn, wait_after
from maillage.network.exchange.rules.reports import FileRefused
from maillage.places.models import Place, SourceRecord
from maillage.places.rules.trails import GONE
from tests.network.exchange.breaking import HEADER, row
from tests.network.exchange.outside import Outside, outside

__all__ = ["outside"]

BY = "commande:pull"
NIGHT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
DAY = timedelta(days=1)
NAMES = ("Étoile", "Filature", "Grange", "Horloge", "Indigo", "Jacinthe", "Kiosque", "Lavoir")
pytestmark = pytest.mark.usefixtures("small_ground", "online")


@pytest.fixture
def online(settings) -> None:
    settings.OFFLINE, settings.FEEDS_FROM_LOOPBACK = False, True


def census(*numbers: int, header: list[str] | None = None) -> bytes:
    """A census of these places, each far from the others."""
    rows = [
        row(ID=str(n), NOM_TL=NAMES[n], ADRESSE=f"{n} rue {NAMES[n]}", LAT=str(46.9 + n / 100), LONG=str(5.5 + n / 100))
        for n in numbers
    ]
    return "\n".join([",".join(header or HEADER), *rows, ""]).encode()


@pytest.fixture
def follow(outside: Outside) -> Callable[..., Pull]:
    """Follow the census of this host, which has the first six places."""
    outside.body = census(0, 1, 2, 3, 4, 5)

    def followed(now: datetime = NIGHT, **wanted: str) -> Pull:
        given = {"address": f"{outside.url}/lieux.csv", "name": "Région", **wanted}
        return add_pull(wanted=Wanted(**given), by=BY, now=now)

    return followed


def read(pull: Pull, now: datetime = NIGHT) -> str:
    return run_pull(pull_id=pull.pk, by=BY, now=now).what


def fresh(pull: Pull) -> Pull:
    return Pull.objects.get(pk=pull.pk)


def operator(now: datetime) -> str:
    asked = invite(email="camille@demonstration.invalid", role=OPERATOR, scope=EVERYWHERE, by="essai", now=now)
    assert isinstance(asked, Invited)
    return accept(token=asked.token, by=None, now=now).user.email


def test_the_first_reading_enters_and_the_same_file_writes_nothing_but_that_it_was_seen(follow, outside):
    pull = follow()
    assert run_due(by=BY, now=NIGHT) == 1
    assert (Place.objects.count(), ImportRun.objects.count()) == (6, 1)
    first = fresh(pull)
    assert (first.rows, first.known_format, first.last_entered_at) == (6, "cget", NIGHT)
    assert first.next_run_at == next_turn("daily", pull.pk, NIGHT)
    assert run_due(by=BY, now=NIGHT + timedelta(minutes=10)) == 0
    before = AuditEvent.objects.count()
    for night in (1, 2):
        assert run_due(by=BY, now=NIGHT + night * DAY) == 1
    again = fresh(pull)
    assert outside.asked[-1][1]["If-None-Match"] == first.etag
    assert (again.last_seen_at, again.last_entered_at) == (NIGHT + 2 * DAY, NIGHT)
    assert (AuditEvent.objects.count(), ImportRun.objects.count(), PullReport.objects.count()) == (before, 1, 1)
    outside.body += b"\n"
    assert (read(pull, NIGHT + 3 * DAY), ImportRun.objects.count()) == ("entered", 1)


def test_rows_that_vanish_are_told_and_flagged_and_come_back(follow, outside):
    pull = follow()
    read(pull)
    outside.body = census(0, 1, 2, 3, 6)
    outcome = run_pull(pull_id=pull.pk, by=BY, now=NIGHT + DAY)
    assert (outcome.what, [one.name for one in outcome.gone]) == ("entered", ["Indigo", "Jacinthe"])
    flagged = SourceRecord.objects.filter(place__name__in=["Indigo", "Jacinthe"]).order_by("ref")
    assert [GONE in record.flags for record in flagged] == [True, True]
    assert "Elle ne cite plus ce lieu." in Client().get("/lieux/indigo/").content.decode()
    assert "Elle ne cite plus ce lieu." not in Client().get("/lieux/etoile/").content.decode()
    assert (Place.objects.count(), Place.objects.filter(removed_at__isnull=True).count()) == (7, 7)
    report = queries.reports_of(pull)[0]
    assert (report.counts["gone"], report.counts["created"], [one["slug"] for one in report.gone]) == (
        *(2, 1),
        ["indigo", "jacinthe"],
    )
    outside.body = census(0, 1, 2, 3, 4, 6)
    assert run_pull(pull_id=pull.pk, by=BY, now=NIGHT + 2 * DAY).gone == ()
    assert [GONE in record.flags for record in flagged.all()] == [False, True]
    assert AuditEvent.objects.filter(action="places.records_gone").count() == 2


def test_a_row_that_cannot_be_read_any_more_is_not_gone(follow, outside):
    pull = follow()
    read(pull)
    outside.body = census(0, 1, 2, 3, 4) + row(ID="5", NOM_TL="", LAT="x").encode() + b"\n"
    outcome = run_pull(pull_id=pull.pk, by=BY, now=NIGHT + DAY)
    assert (outcome.what, outcome.gone, outcome.report.refused_rows) == ("entered", (), 1)


class TestDoubts:
    def test_half_of_the_rows_lost_stops_and_asks_and_nothing_enters(self, follow, outside):
        to = operator(NIGHT)
        Mail.objects.all().delete()
        pull = follow()
        read(pull)
        outside.body = census(0, 6, 7)
        assert read(pull, NIGHT + DAY) == "asked"
        told = fresh(pull)
        assert (told.state, told.doubt, told.rows, told.asked_rows) == ("asking", "loss", 6, 3)
        assert (Place.objects.count(), ImportRun.objects.count()) == (6, 1)
        assert not any(GONE in record.flags for record in SourceRecord.objects.all())
        mail = Mail.objects.get(to=to)
        assert mail.subject == "La source «\u202fRégion\u202f» attend votre réponse"
        assert (read(pull, NIGHT + 2 * DAY), run_due(by=BY, now=NIGHT + 9 * DAY)) == ("idle", 0)
        assert [one.name for one in queries.in_trouble(now=NIGHT + DAY)] == ["Région"]

    def test_to_enter_all_the_same_is_about_that_very_file(self, follow, outside):
        pull = follow()
        read(pull)
        outside.body = census(0, 1, 2)
        read(pull, NIGHT + DAY)
        answer_pull(pull_id=pull.pk, enter=True, by=BY, now=NIGHT + DAY)
        outside.body = census(0, 1)
        assert read(pull, NIGHT + DAY) == "asked"
        answer_pull(pull_id=pull.pk, enter=True, by=BY, now=NIGHT + DAY)
        outcome = run_pull(pull_id=pull.pk, by=BY, now=NIGHT + DAY)
        assert (outcome.what, len(outcome.gone), fresh(pull).rows) == ("entered", 4, 2)
        assert (fresh(pull).state, fresh(pull).accepted_hash) == ("active", "")

    def test_to_wait_asks_no_more_until_the_file_changes(self, follow, outside):
        pull = follow()
        read(pull)
        outside.body = census(0, 1, 2)
        read(pull, NIGHT + DAY)
        waiting = answer_pull(pull_id=pull.pk, enter=False, by=BY, now=NIGHT + DAY)
        assert waiting.next_run_at > NIGHT + DAY
        assert (read(pull, NIGHT + 2 * DAY), read(pull, NIGHT + 3 * DAY)) == ("waiting", "waiting")
        outside.body = census(0, 1)
        assert read(pull, NIGHT + 4 * DAY) == "asked"
        answer_pull(pull_id=pull.pk, enter=False, by=BY, now=NIGHT + 4 * DAY)
        outside.body = census(0, 1, 2, 3, 4, 5)
        assert (read(pull, NIGHT + 5 * DAY), Place.objects.count()) == ("same", 6)
        assert fresh(pull).waited_hash == ""

    @pytest.mark.parametrize(
        ("before", "why"),
        [
            (
                {"columns": ["ID", "NOM_TL", "ANCIENNE", "AUTRE"]},
                "La source « Région » (6 lieux avant, 7 maintenant) a perdu des colonnes : ANCIENNE, AUTRE. "
                "Elles ont peut-être seulement changé de nom.",
            ),
            ({"known_format": "mednum"}, "La source « Région » (6 lieux avant, 7 maintenant) a changé de format."),
        ],
        ids=["columns", "format"],
    )
    def test_lost_columns_and_another_format_stop_too(self, follow, outside, before, why):
        pull = follow()
        read(pull)
        Pull.objects.filter(pk=pull.pk).update(**before)
        outside.body = census(0, 1, 2, 3, 4, 5, 6)
        assert (read(pull, NIGHT + DAY), Place.objects.count()) == ("asked", 6)
        told = fresh(pull)
        said = doubt_said(
            told.doubt, name=told.name, before=told.rows, rows=told.asked_rows, columns=told.asked_columns
        )
        assert said.replace("\u202f", " ") == why

    @given(before=st.integers(2, 5_000), now=st.integers(0, 5_000), more=st.lists(st.sampled_from("abcd"), unique=True))
    def test_a_doubt_is_a_loss_of_half_another_format_or_a_column_less(self, before, now, more):
        old, new = Content("csv", ("id", "nom"), before), Content("csv", ("nom", "id", *more), now)
        assert doubt(old, new) == ("loss" if now <= before / 2 else "")
        assert doubt(None, new) == "" and doubt(old, Content("geojson", (), before)) == "format"
        assert doubt(old, Content("csv", ("id", *more), before)) == "columns"


class TestTrouble:
    def test_an_absent_host_is_tried_again_later_and_later_and_told_once_after_days(self, follow, outside):
        to = operator(NIGHT)
        Mail.objects.all().delete()
        pull = follow()
        read(pull)
        outside.code, now = 503, NIGHT + DAY
        for _ in range(12):
            assert read(pull, now) == "failed"
            assert fresh(pull).next_run_at == now + wait_after(fresh(pull).failures)
            now = fresh(pull).next_run_at
        told = fresh(pull)
        assert (told.last_problem, told.problem_detail, told.failing_since) == ("answer", "503", NIGHT + DAY)
        assert Mail.objects.filter(to=to).count() == 1
        assert Mail.objects.get().subject.endswith("ne répond plus")
        assert [one.outcome for one in queries.reports_of(pull)] == ["failed", "entered"]
        assert AuditEvent.objects.filter(action="pulls.failed").count() == 1
        outside.code = 200
        assert (read(pull, now), fresh(pull).failures, fresh(pull).last_problem) == ("same", 0, "")

    @pytest.mark.parametrize("body", [b"", b"<html>Se connecter</html>", b"a;b\n1;2\n", b"\xff\xfe\x00", b"[[[["])
    def test_what_is_no_list_of_places_is_said_and_changes_nothing(self, follow, outside, body):
        pull = follow()
        read(pull)
        outside.body = body
        assert (read(pull, NIGHT + DAY), Place.objects.count(), fresh(pull).rows) == ("failed", 6, 6)
        assert fresh(pull).last_problem == "content" and fresh(pull).problem_detail

    def test_nothing_is_asked_offline(self, follow, settings, outside):
        pull = follow()
        settings.OFFLINE = True
        assert (run_due(by=BY, now=NIGHT), outside.asked, read(pull)) == (0, [], "failed")
        assert fresh(pull).last_problem == "offline"

    def test_a_source_that_breaks_its_reading_stops_no_other(self, follow, outside):
        broken = follow()
        add_pull(wanted=Wanted(address=f"{outside.url}/lieux.csv?2", name="Zone"), by=BY, now=NIGHT)
        real = pulling._had
        with patch.object(pulling, "_had", lambda pull: 1 / 0 if pull.pk == broken.pk else real(pull)):
            assert run_due(by=BY, now=NIGHT) == 2
        assert (fresh(broken).last_problem, Place.objects.count()) == ("broken", 6)


class TestTwoAtOnce:
    def _meanwhile(self, pull: Pull) -> list[str]:
        """Read a source, and read it again while its host is being asked; what came of both."""
        real, told = pulling.fetch, list[str]()

        def fetch(*given: object, **more: object) -> object:
            with patch.object(pulling, "fetch", real):
                told.append(read(pull, NIGHT + timedelta(seconds=1)))
            return real(*given, **more)

        with patch.object(pulling, "fetch", fetch):
            told.append(read(pull))
        return told

    def test_two_readings_at_the_same_time_enter_once(self, follow, outside):
        pull = follow()
        assert self._meanwhile(pull) == ["busy", "entered"]
        assert (len(outside.asked), PullReport.objects.count(), ImportRun.objects.count()) == (1, 1, 1)

    def test_without_the_lease_both_ask_the_host_and_still_one_enters(self, follow, outside):
        """The negative control of the lease; the one that lost it writes nothing."""
        pull = follow()
        with patch.object(rules, "LEASE", timedelta(seconds=-1)):
            assert self._meanwhile(pull) == ["entered", "idle"]
        assert (len(outside.asked), PullReport.objects.count()) == (2, 1)

    def test_a_run_killed_in_the_middle_leaves_its_turn_to_the_next(self, follow):
        pull = follow()
        with (
            patch.object(pulling, "_compare", side_effect=SystemExit),
            pytest.raises(SystemExit),
        ):
            read(pull)
        assert (Place.objects.count(), ImportRun.objects.count(), fresh(pull).hash) == (0, 0, "")
        assert read(pull, NIGHT + timedelta(minutes=1)) == "busy"
        assert run_due(by=BY, now=NIGHT + rules.LEASE) == 1
        assert (Place.objects.count(), ImportRun.objects.count()) == (6, 1)

    def test_a_source_stopped_while_it_is_read_writes_nothing(self, follow):
        pull = follow()
        real = pulling.fetch

        def fetch(*given: object, **more: object) -> object:
            stop_pull(pull_id=pull.pk, by=BY, now=NIGHT)
            return real(*given, **more)

        with patch.object(pulling, "fetch", fetch):
            assert read(pull) == "idle"
        assert (Place.objects.count(), Pull.objects.count()) == (0, 0)


class TestFollowing:
    def test_the_same_source_is_followed_once_and_paused_and_resumed(self, follow):
        pull = follow()
        assert follow().pk == pull.pk
        assert pause_pull(pull_id=pull.pk, by=BY, now=NIGHT).state == "paused"
        assert (read(pull), run_due(by=BY, now=NIGHT)) == ("idle", 0)
        resume_pull(pull_id=pull.pk, by=BY, now=NIGHT)
        assert read(pull) == "entered"
        stop_pull(pull_id=pull.pk, by=BY, now=NIGHT)
        assert (Pull.objects.count(), Place.objects.count()) == (0, 6)

    @pytest.mark.parametrize(
        ("wanted", "why"),
        [
            ({"address": "file:///etc/passwd"}, "Cette adresse, ou celle où elle renvoie"),
            ({"address": "http://moi:secret@mairie.example/a.csv"}, "L’adresse contient un nom ou un mot de passe"),
            (
                {"name": "Région", "address": "https://mairie.example/b.csv"},
                "Une autre source s’appelle déjà « Région »",
            ),
            ({"name": "x" * 81}, "Le nom va de 1 à 80 signes"),
            ({"every": "hourly"}, "Une source se lit chaque nuit (daily) ou chaque semaine (weekly)."),
            ({"format": "cget", "recipe": "Mairie"}, "Donnez un format ou une correspondance, pas les deux."),
            ({"format": "pdf"}, "Format inconnu : « pdf »."),
            ({"recipe": "Mairie"}, "Aucune correspondance ne s’appelle « Mairie »."),
            ({"licence": "x" * 201}, "Le nom de la source et sa licence tiennent chacun en 200 signes."),
        ],
        ids=["file", "password", "name-taken", "long", "often", "two-ways", "format", "recipe", "licence"],
    )
    def test_what_cannot_be_followed_is_refused_with_the_reason(self, follow, outside, wanted, why):
        follow()
        given = {"address": f"{outside.url}/autre.csv", "name": "Autre", **wanted}
        with pytest.raises((PullRefused, FileRefused)) as refused:
            add_pull(wanted=Wanted(**given), by=BY, now=NIGHT)
        assert str(refused.value).replace("\u202f", " ").startswith(why)
        assert Pull.objects.count() == 1

    def test_this_very_site_is_not_a_source(self, settings):
        settings.FEEDS_FROM_LOOPBACK, settings.SITE_URL = False, "https://lieux.example"
        with pytest.raises(PullRefused) as refused:
            add_pull(wanted=Wanted(address="https://lieux.example/donnees/a.csv"), by=BY, now=NIGHT)
        assert (
            str(refused.value).replace("\u202f", " ")
            == "Cette adresse est celle de ce site : il connaît déjà ses lieux."
        )

    def test_an_officer_follows_nothing(self, follow, people):
        pull = follow()
        by = signature(people.ines.user.pk, NETWORK_OFFICER)
        for act in (
            lambda: add_pull(wanted=Wanted(address="https://mairie.example/a.csv"), by=by, now=NIGHT),
            lambda: pause_pull(pull_id=pull.pk, by=by, now=NIGHT),
            lambda: answer_pull(pull_id=pull.pk, enter=True, by=by, now=NIGHT),
            lambda: stop_pull(pull_id=pull.pk, by=by, now=NIGHT),
            lambda: run_pull(pull_id=pull.pk, by=by, now=NIGHT),
        ):
            with pytest.raises(PermissionDenied):
                act()
        assert fresh(pull).state == "active"

    def test_the_database_refuses_a_question_without_its_numbers(self, follow):
        pull = follow()
        for wrong in ({"state": "asking"}, {"state": "rien"}, {"doubt": "loss"}, {"failures": 3}, {"every": "hourly"}):
            with pytest.raises(IntegrityError), transaction.atomic():
                Pull.objects.filter(pk=pull.pk).update(**wrong)

    def test_the_turns_of_the_night_are_spread_and_hold_on_the_nights_when_clocks_change(self):
        with time_machine.travel(NIGHT):
            turns = {next_turn("daily", number, NIGHT) for number in range(120)}
        assert len(turns) == 120
        for changed in (datetime(2027, 3, 27, 20, tzinfo=UTC), datetime(2027, 10, 30, 20, tzinfo=UTC)):
            assert timedelta(0) < next_turn("daily", 30, changed) - changed < timedelta(hours=12)
        assert next_turn("weekly", 0, NIGHT).date().isoformat() == "2026-11-30"
