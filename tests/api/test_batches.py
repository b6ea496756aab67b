"""A batch of places that may already be here: answered in order, bounded, counted as work, and nothing is written."""

import json

import pytest
from django.test import Client

from maillage.api import limits
from maillage.journal.models import AuditEvent
from maillage.places.actions import record_many
from maillage.places.models import Place
from maillage.places.rules.drafts import Draft, SourceFacts
from tests.conftest import NOW

URL = "/api/v1/places/candidates"
STAR = {"name": "L’Étoile", "street": "3 rue du Port", "commune": "39300", "lat": 46.6758, "lon": 5.5575}


@pytest.fixture
def star(small_ground: None) -> Place:
    facts = SourceFacts("essai", "Essai", "Licence Ouverte 2.0")
    draft = Draft("essai", "1", {**STAR, "precision": "address"}, {}, facts.licence)
    record_many(drafts=[draft], sources={"essai": facts}, by="essai", now=NOW)
    return Place.objects.get()


def ask(body: object, **headers: str):
    text = body if isinstance(body, str) else json.dumps(body)
    return Client().post(URL, text, content_type="application/json", headers=headers)


def test_each_is_answered_in_its_turn_as_when_asked_alone(star):
    events = AuditEvent.objects.count()
    answer = ask({"places": [{"name": "Ailleurs", "commune": "44109"}, STAR, {"name": "Etoile", "commune": "39300"}]})
    assert answer.status_code == 200
    found = [[(one["slug"], one["band"]) for one in each["candidates"]] for each in answer.json()["results"]]
    assert found == [[], [(star.slug, "link")], [(star.slug, found[2][0][1])]]
    alone = Client().get(URL, {name: str(value) for name, value in STAR.items()}).json()
    assert answer.json()["results"][1] == alone
    assert (Place.objects.count(), AuditEvent.objects.count()) == (1, events)


@pytest.mark.parametrize(
    ("body", "status", "pointer"),
    [
        ({}, 422, "/places"),
        ({"places": []}, 422, "/places"),
        ({"places": [{"name": "x"}] * 101}, 422, "/places"),
        ({"places": [{"name": "x"}, "y"]}, 422, "/places/1"),
        ({"places": [{"name": " "}]}, 422, "/places/0/name"),
        ({"places": [{"name": "x", "lat": 46}]}, 422, "/places/0/lon"),
        ({"places": [{"name": "x", "lat": True, "lon": 5}]}, 422, "/places/0/lat"),
        ({"places": [{"name": "x", "phone": "0" * 41}]}, 422, "/places/0/phone"),
        ({"places": [{"name": "x", "nom": "y"}]}, 422, "/places/0/nom"),
        ({"places": [{"name": "x"}], "more": 1}, 422, "/more"),
        ("[]", 400, None),
        ('{"places": [{"name": NaN}]}', 400, None),
        ('{"places": [{"name": "' + "x" * 70_000 + '"}]}', 413, None),
    ],
    ids=["none", "empty", "many", "text", "blank", "half", "bool", "long", "unknown", "more", "list", "nan", "big"],
)
def test_what_does_not_fit_is_refused_where_it_stands(db, body, status, pointer):
    answer = ask(body)
    assert (answer.status_code, answer.headers["Content-Type"].partition(";")[0]) == (
        status,
        "application/problem+json",
    )
    if pointer:
        assert pointer in [one["pointer"] for one in answer.json()["errors"]]


def test_a_batch_is_counted_as_work(small_ground, settings, monkeypatch):
    settings.API_RATE = 40
    monkeypatch.setattr(limits, "computed", limits.Reads())
    told = [ask({"places": [{"name": "x"}]}) for _ in range(3)]
    assert [one.status_code for one in told] == [200, 200, 429]
    assert told[0].headers["RateLimit-Policy"] == '"computed";q=2;w=60'
    assert "Retry-After" in told[2].headers
