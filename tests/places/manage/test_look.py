"""« Voir ce que cela donne »: what cannot be shown is told as if it had been saved."""

import re
from html import unescape

from maillage.places.queries.team import shown
from tests.people import People, signed_in

WEEK = {f"jour{day}": "ferme" for day in range(7)} | {"facon": "grille"}


def test_a_look_at_hours_that_cannot_be_says_what_is_wrong(people: People) -> None:
    before = shown(people.place)
    nadine, page = signed_in(people.nadine), f"/gerer/{people.place.slug}/fiche/horaires/"
    wrong = WEEK | {"seen": "1", "jour1": "ouvert", "h10": "14:00", "h11": "10:00"}
    answers = {}
    for button in ("apercu", "enregistrer"):
        answer = nadine.post(page, wrong | {button: "1"})
        html = unescape(answer.content.decode())
        assert answer.status_code == 422, button
        assert "<title>À revoir · " in html
        assert "Une réponse est à revoir. Rien n’est encore enregistré." in html
        assert '<a href="#id-h11">Mardi</a>' in html or '<a href="#id-h10">Mardi</a>' in html
        answers[button] = re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"|nonce="[^"]*"', "", html)
    assert answers["apercu"] == answers["enregistrer"]
    people.place.refresh_from_db()
    assert shown(people.place) == before
