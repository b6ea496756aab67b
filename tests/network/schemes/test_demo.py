"""M. Perrin's scheme as the demo shows it."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.db.models import Sum
from django.test import Client

from maillage.accounts.models import User
from maillage.cli import demo
from maillage.journal import guards
from maillage.management.passes.models import Pass
from maillage.network.exchange.sources.demo_cast import cast
from maillage.network.schemes.actions.demo import clear_demo
from maillage.network.schemes.models import Accreditation, Claim, Issue, Redemption, Scheme, Statement
from maillage.network.schemes.queries.report import report_of
from maillage.network.schemes.queries.statements import months_at
from maillage.places.models import Place
from maillage.territory.queries.towns import towns
from tests.network.schemes.valley import BY, valley
from tests.people import People


@pytest.fixture(autouse=True)
def own_media(tmp_path: Path, settings: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


def live(now: datetime) -> None:
    """The places of the cast, without the three hundred others."""
    demo._cast(list(cast(towns(), now=now)))
    demo.furnish_maille(now=now)


@pytest.mark.parametrize("day", ["2026-11-22", "2027-01-01", "2026-03-31", "2028-03-01"])
def test_the_scheme_of_the_demo_is_lived_in_whatever_the_day(small_ground: None, day: str) -> None:
    now = datetime.fromisoformat(day).replace(hour=11, tzinfo=UTC)
    live(now)
    scheme, place = Scheme.objects.get(), Place.objects.get(slug=demo.MAILLE)
    assert (scheme.budget_cents, scheme.price_cents, scheme.halves, scheme.most_passes) == (216_000, 900, 4, 60)
    assert Accreditation.objects.filter(state="accepted").count() == 2
    assert Issue.objects.count() == 31 and Issue.objects.filter(revoked_at__isnull=False).count() == 1
    assert Redemption.objects.count() >= 30
    claim = Claim.objects.get()
    assert claim.closed_at is None and claim.scheme == scheme
    told = months_at(scheme, place, today=now.date())
    assert [one.is_over for one in told if one.statement is None].count(True) == 1
    signed = Statement.objects.filter(place=place)
    assert signed.exists() and all(one.invoice.total_cents == one.total_cents for one in signed)
    spent = Redemption.objects.filter(line__isnull=False).aggregate(cents=Sum("price_cents"))["cents"]
    assert sum(one.halves_cents for one in signed) == spent
    made = report_of(scheme, today=now.date())
    assert made.regulars.known >= 11 and made.regulars.regular == 2


def test_taking_the_demo_away_leaves_the_scheme_of_real_places(people: People, now: datetime) -> None:
    live(now)
    real = valley(people.place, now)
    kept = real.hand()
    with guards.lifted():
        assert clear_demo(by=BY, now=now) == 1
    assert list(Scheme.objects.all()) == [real.scheme]
    assert list(Pass.objects.filter(kind="funded")) == [kept.of]
    assert clear_demo(by=BY, now=now) == 0


def test_every_page_of_the_demo_shows_life(small_ground: None, client: Client, now: datetime) -> None:
    live(now)
    demo.bring_people_in(now=now)
    scheme = Scheme.objects.get()
    client.force_login(User.objects.get(email="m.perrin@demonstration.invalid"))
    for page in ("", "bilan/"):
        assert client.get(f"/dispositifs/{scheme.pk}/{page}").status_code == 200
    client.force_login(User.objects.get(email=demo.NADINE))
    for page in ("passes/", "argent/carnets/", "argent/abonnements/", "argent/formules/"):
        assert client.get(f"/gerer/{demo.MAILLE}/{page}").status_code == 200
