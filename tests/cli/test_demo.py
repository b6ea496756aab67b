from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from maillage.accounts.models import User
from maillage.cli import demo
from maillage.journal.models import AuditEvent
from maillage.journal.queries import aside
from maillage.management.billing.models import Invoice
from maillage.management.passes.models import Movement, Pass, Subscription
from maillage.network.clearance.models import Grant, HelpMessage
from maillage.network.schemes.models import Claim, Redemption, Scheme, Statement
from maillage.places.actions import record_many
from maillage.places.models import Photo, Place, Revision, Source
from maillage.places.rules.drafts import Draft, SourceFacts

LIVED_IN = (Place, Revision, AuditEvent, Invoice, Pass, Movement, Subscription, Scheme, Redemption, Claim, Statement)
LIVED_IN += (HelpMessage, Grant)


@pytest.fixture(autouse=True)
def own_media(tmp_path: Path, settings: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    aside.clear()


def real_place(now: datetime) -> None:
    census = SourceFacts("recensement", "Recensement", "Licence Ouverte 2.0")
    values = {"name": "La Poche", "commune": "39093"}
    draft = Draft("recensement", "1", values, values, "Licence Ouverte 2.0")
    record_many(drafts=[draft], sources={"recensement": census}, by="commande:import", now=now)


def test_the_demo_comes_stays_and_goes(
    small_ground: None, now: datetime, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert demo.load(with_real=False, now=now) == 0
    assert capsys.readouterr().out == "307 lieux fictifs ajoutés ; chaque page dit qu’ils le sont.\n"
    assert Place.objects.filter(is_demo=True).count() == Place.objects.count() == 307
    assert Photo.objects.count() == 3 and len(list((tmp_path / "photos").iterdir())) == 6
    assert Revision.objects.filter(place__slug="la-maille-chamblay").count() == 8
    assert Place.objects.get(slug="la-maille-chamblay").confirmed_by == "Nadine, animatrice"
    assert Place.objects.filter(updated_at__gt=now).count() == 0

    before = [model.objects.count() for model in LIVED_IN]
    assert all(before)
    assert demo.load(with_real=False, now=now) == 0
    assert capsys.readouterr().out == "La démonstration est déjà là : rien à changer.\n"
    assert [model.objects.count() for model in LIVED_IN] == before

    real_place(now)
    assert demo.remove(now=now) == 0
    assert capsys.readouterr().out == "307 lieux fictifs retirés.\n"
    assert list(Place.objects.values_list("name", flat=True)) == ["La Poche"]
    assert list(Source.objects.values_list("slug", flat=True)) == ["recensement"]
    assert not any(model.objects.exists() for model in LIVED_IN if model not in (Place, Revision, AuditEvent))
    assert demo.remove(now=now) == 0
    assert capsys.readouterr().out == "Aucun lieu fictif dans le registre.\n"


def test_the_demo_refuses_to_mix_with_real_places(
    small_ground: None, now: datetime, capsys: pytest.CaptureFixture[str]
) -> None:
    real_place(now)
    assert demo.load(with_real=False, now=now) == 1
    assert capsys.readouterr().err == (
        "Refus : le registre contient déjà 1 vrai lieu ; des lieux fictifs au milieu tromperaient. "
        "Ajoutez --with-real si c’est voulu, ou choisissez un autre MAILLAGE_HOME.\n"
    )
    assert not Place.objects.filter(is_demo=True).exists()


def test_people_of_the_demo_have_no_account_beside_real_places(small_ground: None, now: datetime) -> None:
    demo.load(with_real=False, now=now)
    demo.keep_people_away_from_real_places(now=now)
    assert User.objects.filter(email__endswith="@demonstration.invalid").count() >= 3
    real_place(now)
    demo.keep_people_away_from_real_places(now=now)
    assert not User.objects.exists()


def test_the_demo_needs_a_territory(db: None, now: datetime, capsys: pytest.CaptureFixture[str]) -> None:
    assert demo.load(with_real=False, now=now) == 1
    assert capsys.readouterr().err == (
        "Refus : aucune commune n’est chargée. Lancez d’abord « maillage territory update ».\n"
    )
