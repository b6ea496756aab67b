"""The journal and its neighbours are read by people: acts in words, people by their names, columns in French."""

import ast
import html
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django_q.models import Failure, Schedule
from tests.people import People, signed_in

from maillage.accounts import actions, adapter
from maillage.accounts.rules import place_scope
from maillage.config.settings import PACKAGE
from maillage.journal import actions as journal
from maillage.journal.labels import ACTS
from maillage.places import actions as places
from maillage.places.models import Revision

ROOMS = "accounts|exchange|journal|observatory|places|registry|territory"
ACT = re.compile(rf"(?:{ROOMS})\.[a-z_]+")
NO_ACTS = {"places.json"}


@pytest.fixture
def admin(people: People) -> Client:
    return signed_in(people.operator)


def shown(admin: Client, name: str, *args: Any, **asked: str) -> str:
    text = html.unescape(admin.get(reverse(name, args=args), asked).content.decode())
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", text.split('id="content"')[1]).replace("\u202f", " "))


def written() -> set[str]:
    """Every act that the code can write, read in the code itself."""
    told = {f"accounts.{name}" for name in getattr(adapter, "CHANGES", {}).values()}
    for path in PACKAGE.rglob("*.py"):
        if path.name == "labels.py" or "migrations" in path.parts:
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        texts = [one.value for one in ast.walk(tree) if isinstance(one, ast.Constant) and isinstance(one.value, str)]
        told |= {text for text in texts if ACT.fullmatch(text)} - NO_ACTS
        for call in (one for one in ast.walk(tree) if isinstance(one, ast.Call)):
            if getattr(call.func, "attr", "") == "note_change":
                named = [one.value for one in call.keywords if one.arg == "action"]
                told |= {f"accounts.{one.value}" for one in named if isinstance(one, ast.Constant)}
    return told


COMPOSED: Mapping[str, set[str]] = {
    "accounts/actions.py": {"accounts.renamed"},
    "places/actions/sheet.py": {"places.closed", "places.reopened"},
    "places/actions/suggestions.py": {f"suggestions.{state}" for state in ("accepted", "refused", "withdrawn")},
    "places/actions/claiming.py": {"claims.granted", "claims.declined"},
    "management/passes/actions/ledger.py": {
        f"passes.{kind}"
        for kind in ("issued", "held", "redeemed", "released", "restored", "expired", "cancelled", "reimbursed")
    },
    "network/clearance/actions/campaigns.py": {
        f"clearance.census_{act}" for act in ("prepared", "opened", "printed", "reminded", "answered", "closed")
    },
}
"""Where an act's name is put together as the code runs, and what it may be."""


def composed() -> set[str]:
    """The files where an act's name is put together: nothing reads it there, so each is known by name."""
    told = set()
    for path in PACKAGE.rglob("*.py"):
        for call in (one for one in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(one, ast.Call)):
            if any(one.arg == "action" and isinstance(one.value, ast.JoinedStr) for one in call.keywords):
                told.add(path.relative_to(PACKAGE).as_posix())
    return told


def test_every_act_has_its_words() -> None:
    found = written()
    assert {"places.removed", "accounts.invited", "territory.loaded"} <= found
    assert found | {"places.closed", "places.reopened"} <= set(ACTS)
    assert composed() <= set(COMPOSED)
    assert {act for acts in COMPOSED.values() for act in acts} <= set(ACTS)
    assert len({str(words) for words in ACTS.values()}) == len(ACTS), "two acts are never told apart"


def test_an_event_is_told_in_words(people: People, admin: Client, now: datetime) -> None:
    place, odile = people.place, f"compte:{people.operator.user.pk}:operator"
    places.remove_place(place_id=place.pk, reason="doublon", by=odile, now=now)
    places.restore_place(place_id=place.pk, by="commande:import", now=now)
    scope = place_scope(place.pk)
    key, _ = actions.make_key(name="Agenda", role="colleague", scope=scope, by=odile, now=now)
    journal.write(action="places.confirmed", by=f"cle:{key.pk}:colleague", subject=str(place.pk), now=now)
    journal.write(action="observatory.snapshot_taken", by="tâche:relevé-quotidien", subject="2026-11-22", now=now)
    actions.rename(user=people.karim.user, name="Karim B.", by=f"compte:{people.karim.user.pk}:self", now=now)
    text = shown(admin, "admin:journal_auditevent_changelist")
    signed = f"{people.operator.user.name} (Exploitation du site)"
    for told in (
        f"lieu retiré du registre {signed} {place.name} motif : doublon",
        f"lieu rendu au registre la commande maillage import {place.name}",
        f"clé de programme faite {signed} {place.name} clé : {key.pk} ; rôle : Équipe du lieu",
        f"fiche confirmée la clé de programme « Agenda » {place.name}",
        "relevé de l’observatoire fait le travail de fond (relevé-quotidien) 2026-11-22",
        "nom d’un compte changé Karim B. Karim B.",
    ):
        assert told in text.replace("  ", " "), told
    assert not re.search(rf"(?:{ROOMS})\.[a-z]|compte:\d|cle:\d|place:|{place.pk}|[{{}}]", text)
    event = shown(admin, "admin:journal_auditevent_change", journal.AuditEvent.objects.latest("pk").pk)
    assert "nom d’un compte changé" in event and "compte:" not in event


def test_an_account_that_is_gone_still_reads(people: People, admin: Client, now: datetime) -> None:
    journal.write(action="places.confirmed", by="compte:999999:colleague", subject="compte:999999", now=now)
    text = shown(admin, "admin:journal_auditevent_changelist")
    assert "compte effacé (Équipe du lieu)" in text and "999999" not in text


def test_who_gave_what_is_named(people: People, admin: Client, now: datetime) -> None:
    odile = f"compte:{people.operator.user.pk}:operator"
    scope = place_scope(people.place.pk)
    held = actions.give_role(user=people.thomas.user, role="colleague", scope=scope, by=odile, now=now)
    made = actions.invite(email="z@exemple.fr", role="colleague", scope=scope, by=odile, now=now).invitation
    key, _ = actions.make_key(name="Agenda", role="colleague", scope=scope, by=odile, now=now)
    revision = Revision.objects.filter(place=people.place).latest("pk")
    Revision.objects.filter(pk=revision.pk).update(by=odile)
    tables = {"accounts_membership": held, "accounts_invitation": made, "accounts_apikey": key}
    for table, row in (tables | {"places_revision": revision}).items():
        for page in (shown(admin, f"admin:{table}_changelist"), shown(admin, f"admin:{table}_change", row.pk)):
            assert f"{people.operator.user.name} (Exploitation du site)" in page and "compte:" not in page, table


def test_a_place_is_described_in_words(people: People, admin: Client) -> None:
    page = shown(admin, "admin:places_place_change", people.place.pk)
    assert "Ouvert au public" in page
    assert not re.search(r": (open|address|commune|estimated|unknown|hybride)\b", page)


def test_columns_are_in_french(people: People, admin: Client, now: datetime) -> None:
    Schedule.objects.all().delete()
    Schedule.objects.create(name="ménage", func="maillage.places.tasks.daily_sweep", schedule_type=Schedule.DAILY)
    Schedule.objects.create(name="envois", func="x.y", schedule_type=Schedule.MINUTES, minutes=1)
    Schedule.objects.create(name="rares", func="x.y", schedule_type=Schedule.MINUTES, minutes=30)
    Failure.objects.create(id="1", name="n", func="x.y", started=now, stopped=now, success=False, result="aïe")
    engine = shown(admin, "admin:django_q_schedule_changelist")
    for told in ("Tâche", "Fonction", "Rythme", "Prochain départ", "chaque jour", "chaque minute", "30 minutes"):
        assert told in engine, told
    pages = [engine, shown(admin, "admin:django_q_schedule_change", Schedule.objects.first().pk)]
    pages += [shown(admin, "admin:django_q_failure_changelist"), shown(admin, "admin:django_q_failure_change", "1")]
    pages += [shown(admin, f"admin:places_{table}_changelist") for table in ("revision", "photo", "sourcerecord")]
    for page in pages:
        assert not re.search(r"\b(Name|Function|Place|Started|Stopped|Attempt|Result|Next Run)\b|plannification", page)
