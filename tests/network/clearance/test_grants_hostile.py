"""Who asks by addresses which accounts there are: so many a day, found or not."""

from datetime import datetime

import pytest

from maillage.network.clearance.actions.granting import MOST_A_DAY, PERSON, HelpRefused, give
from maillage.network.clearance.models import Grant
from tests.network.clearance.helped import plea, valley

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("small_ground")]


def test_addresses_that_nobody_has_are_counted_too(now: datetime) -> None:
    here = valley(now)
    told = {"place": here.place, "asked": plea(PERSON, shares=("usage",)), "by": here.nadine_by, "now": now}
    for number in range(MOST_A_DAY):
        with pytest.raises(HelpRefused, match="Personne n’a de compte ici"):
            give(**told, email=f"essai-{number}@exemple.fr")
    with pytest.raises(HelpRefused, match="C’est beaucoup pour un jour"):
        give(**told, email="ines@exemple.fr")
    assert not Grant.objects.exists()
