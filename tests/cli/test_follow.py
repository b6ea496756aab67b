from collections.abc import Iterator

import pytest

from maillage.cli.main import main
from maillage.network.exchange.rules.feeds import keys
from maillage.places.models import Place
from tests.network.exchange.federation.stranger import Stranger, listening, place

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("small_ground")]


@pytest.fixture
def there(settings) -> Iterator[Stranger]:
    settings.FEEDS_FROM_LOOPBACK, settings.OFFLINE = True, False
    with listening() as told:
        told.pages = [[place(told, 1)]]
        yield told


def test_an_instance_is_followed_read_listed_and_stopped(there: Stranger, capsys):
    assert main(["follow", "list"]) == 0
    assert capsys.readouterr().out == "Aucune instance n’est suivie : maillage follow add ADRESSE\n"
    assert main(["follow", "add", there.url]) == 1, "nobody has looked at the key"
    assert "rien n’est suivi. Demandez l’empreinte à qui tient cette instance" in capsys.readouterr().err
    assert main(["follow", "add", there.url, "--key", "00000 00000 00000 00000"]) == 1
    assert "cette empreinte n’est pas celle de sa clé" in capsys.readouterr().err
    told = keys.fingerprint(there.key)
    assert main(["follow", "add", there.url, "--key", told, "--name", "Jura"]) == 0
    assert f"empreinte de sa clé : {told}\nSuivie : Jura." in capsys.readouterr().out
    assert main(["follow", "pull", "Jura"]) == 0
    assert capsys.readouterr().out == "Jura : 1 créés, 0 modifiés, 0 retirés, 0 fondus, 0 inchangés, 0 mis de côté\n"
    assert Place.objects.get().name == "Lieu 1"
    there.headers = lambda headers: {}
    assert main(["follow", "pull"]) == 1
    assert capsys.readouterr().err.startswith("maillage follow : Jura : Ses pages ne sont pas signées")
    assert main(["follow", "list"]) == 0
    assert f"{there.site}  Jura  1 lieux  à jour le " in capsys.readouterr().out
    assert main(["follow", "stop", "Nantes"]) == 1
    assert main(["follow", "stop", there.site]) == 0
    assert "Jura n’est plus suivie ; ce qui en est venu reste, à sa date." in capsys.readouterr().out


def test_the_key_that_signs_here_is_shown_and_turned(capsys):
    assert main(["follow", "key"]) == 0
    before = capsys.readouterr().out
    assert main(["follow", "key", "--turn"]) == 0
    after = capsys.readouterr().out
    assert before != after
    assert main(["follow", "key"]) == 0
    assert capsys.readouterr().out == after
