"""Several at the same moment: two who answer, a form sent twice, an access that ends while it is read."""

from datetime import datetime

import pytest
from django.core.exceptions import PermissionDenied

from maillage.network.clearance.actions import granting, helping
from maillage.network.clearance.actions.granting import HelpRefused
from maillage.network.clearance.models import Grant, GrantUse, HelpMessage, HelpRequest
from maillage.territory.models import Ground
from tests import ground
from tests.network.clearance.helped import Valley, plea, valley
from tests.together import together

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def jura(now: datetime) -> Valley:
    if not Ground.objects.exists():
        ground.load(now=now)
    return valley(now)


def test_what_comes_at_the_same_moment(jura: Valley, now: datetime) -> None:
    asked = plea(*jura.readers, shares=("members",))

    def ask() -> str:
        return str(helping.ask(place=jura.place, asked=asked, by=jura.nadine_by, now=now, key="k").pk)

    assert len(set(together([ask] * 3))) == 1
    request = HelpRequest.objects.get()

    def answer(network: object, by: str) -> str:
        try:
            helping.answer(request_id=request.pk, network=network, text="Bonjour", seen=0, by=by, now=now)  # type: ignore[arg-type]
        except HelpRefused as refused:
            return next(iter(refused.wrongs["message"]))
        return "dit"

    told = together([lambda: answer(jura.network, jura.ines_by), lambda: answer(None, jura.claire_by)])
    assert told == ["dit", "quelqu’un vient de répondre"]
    assert HelpMessage.objects.count() == 1

    grant = Grant.objects.get(scope="dep:39")

    def read() -> str:
        try:
            granting.read(grant_id=grant.pk, user=jura.claire, now=now)
        except PermissionDenied:
            return "fini"
        return "lu"

    def end() -> str:
        granting.end(place=jura.place, grant_id=grant.pk, by=jura.nadine_by, now=now)
        return "terme"

    outcomes = together([read, read, end, read])
    assert outcomes.count("terme") == 1
    assert outcomes.count("lu") == GrantUse.objects.count()
    assert read() == "fini"
