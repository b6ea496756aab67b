"""A permanent link: the same figures again, kept once, bounded, told in the journal."""

from datetime import timedelta

import pytest

from maillage.diagnosis import actions, labels, queries
from maillage.diagnosis.models import Kept
from maillage.diagnosis.rules.asking import Refused, request
from maillage.diagnosis.rules.changes import changes
from maillage.journal.models import AuditEvent
from maillage.places.queries import registry_version
from tests.conftest import NOW
from tests.diagnosis.conftest import ask, record

pytestmark = pytest.mark.django_db
VAL = "epci-243900420"


def keep(territory: str = VAL, now=NOW, visitor="", **asked) -> str:
    return actions.keep(request=request(territory, **asked), by="visiteur", now=now, visitor=visitor)


def test_what_was_kept_is_read_again_figure_for_figure(places):
    found = ask(VAL, opened=["39546"])
    told = queries.kept(keep(opened=["39546"]))
    assert told is not None
    assert (told.diagnosis, told.by, told.made_at) == (found, "visiteur", NOW)


def test_the_same_figures_are_kept_once_and_tell_one_act(places):
    first = keep()
    assert keep(now=NOW + timedelta(days=3)) == first
    assert keep("epci:243900420") == first
    assert Kept.objects.count() == 1
    event = AuditEvent.objects.get(action="diagnosis.kept")
    assert (event.by, event.subject, event.detail) == ("visiteur", f"constat:{first}", {"territory": VAL})
    assert keep(within_min=15) != first
    assert {pk for pk, _ in queries.kept_of(VAL)} == {first, keep(within_min=15)}


def test_keeping_makes_nothing_older(places):
    before = registry_version()
    keep()
    assert registry_version() == before


def test_it_tells_the_same_after_the_registry_changed_and_what_changed_is_said(places):
    found, link = ask(VAL), keep()
    record({"name": "Le Neuf", "commune": "39546"})
    told = queries.kept(link)
    assert told is not None
    assert told.diagnosis == found
    said = [labels.change(one) for one in changes(told.diagnosis, ask(VAL))]
    assert "Apparu à portée\u202f: «\u202fLe Neuf\u202f» (Vaudrey)." in said


@pytest.mark.parametrize("link", ["", "x", "../..", "0" * 10, "é" * 10, "A" * 10, "0" * 999, "\x00" * 10])
def test_a_link_that_is_none_leads_nowhere(places, link):
    assert queries.kept(link) is None


def test_a_question_without_an_answer_keeps_nothing(places):
    with pytest.raises(Refused):
        keep("commune-99999")
    assert not Kept.objects.exists()
    assert not AuditEvent.objects.filter(action="diagnosis.kept").exists()


def test_so_many_new_links_a_day_and_no_more(places, monkeypatch):
    monkeypatch.setattr(actions, "MOST_A_DAY", 1)
    first = keep()
    with pytest.raises(Refused) as refused:
        keep(within_min=10)
    assert labels.refusal(refused.value) == (
        "1 constats ont été gardés aujourd’hui, c’est le plus possible\u202f: reprenez demain."
    )
    assert keep() == first
    assert keep(within_min=10, now=NOW + timedelta(days=1, minutes=1)) != first


def test_one_visitor_has_a_share_of_the_day_and_locks_nobody_out(places, monkeypatch):
    monkeypatch.setattr(actions, "MOST_EACH", 2)
    first = keep(visitor="a")
    keep(visitor="a", within_min=10)
    assert keep(visitor="a") == first
    with pytest.raises(Refused) as refused:
        keep(visitor="a", within_min=11)
    assert labels.refusal(refused.value) == (
        "2 constats ont été gardés aujourd’hui depuis votre adresse, c’est la part de chacun\u202f: reprenez demain."
    )
    assert keep(visitor="b", within_min=11)
    assert keep(visitor="a", within_min=12, now=NOW + timedelta(days=1))
    assert not Kept.objects.exclude(by="visiteur").exists()


def test_two_figures_whose_short_links_collide_get_two_links(places, monkeypatch):
    digests = iter([f"{'a' * 10}{n}{'b' * 53}" for n in range(2)])
    monkeypatch.setattr(actions, "fingerprint", lambda found: next(digests))
    assert (keep(), keep(within_min=10)) == ("a" * 10, f"{'a' * 10}1bbbbb")
