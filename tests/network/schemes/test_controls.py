"""The controls of the field: who issues is not who is paid, the desks of a place, names, what is of others."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from maillage.journal.actions import KeyReused
from maillage.journal.models import Mail
from maillage.network.schemes.actions import accrediting, issuing
from maillage.network.schemes.actions.door import SchemesRefused
from maillage.network.schemes.models import Issue, Redemption, Scheme
from maillage.network.schemes.queries.ground import today_in
from maillage.places.models import Place
from tests.network.schemes.valley import BY, NEWCOMER, RAW, SCOPE, Valley, morning, valley

pytestmark = pytest.mark.django_db


def test_a_place_is_not_paid_for_what_its_own_team_handed_out(perrin: Valley, people: Any):
    issue = perrin.hand()
    Issue.objects.filter(pk=issue.pk).update(issued_by=f"compte:{people.karim.user.pk}:observer")
    with pytest.raises(SchemesRefused) as refused:
        perrin.spend(issue, morning(23))
    assert str(refused.value) == (
        "Ce passe a été remis par ce lieu même\u202f: qui remet un passe n’est jamais celui qui en est payé."
    )
    given = {"scheme_id": perrin.scheme.pk, "raw": {"name": "La Boutique"}, "by": BY, "now": perrin.now}
    own = accrediting.add_referrer(**given, place=people.place).referrer
    with pytest.raises(SchemesRefused, match="remis par ce lieu même"):
        perrin.spend(perrin.hand(referrer=own), morning(23))
    assert not Redemption.objects.exists()


def test_the_desks_of_a_place_are_not_spent_twice_over(perrin: Valley):
    Place.objects.filter(pk=perrin.place.pk).update(capacity=1)
    one, two = perrin.hand(), perrin.hand()
    perrin.spend(one, morning(23))
    with pytest.raises(SchemesRefused, match="Tous les postes du lieu ont déjà leur passe"):
        perrin.spend(two, morning(23))
    assert perrin.spend(two, morning(24)).pk


def test_a_named_pass_keeps_the_name_and_only_the_print_of_the_contact(people: Any, now: Any):
    here = valley(people.place, now, is_named="1")
    with pytest.raises(SchemesRefused) as refused:
        here.hand()
    assert set(refused.value.wrongs) == {"holder", "contact"}
    issue = here.hand(raw={"holder": "Ève Martin", "contact": "eve@example.org"})
    assert issue.holder == "Ève Martin"
    assert "eve@" not in issue.contact
    with pytest.raises(SchemesRefused, match="Ces passes sont nominatifs"):
        issuing.hand_sheet(scheme_id=here.scheme.pk, count=2, key="p", now=now, by=BY)


def test_a_key_that_served_elsewhere_in_the_scheme_is_refused(perrin: Valley):
    """Another desk's key, or one's own after a week, when the journal has forgotten it: refused, nothing handed out."""
    given = {"scheme_id": perrin.scheme.pk, "now": perrin.now}
    made = issuing.hand_out(**given, raw=NEWCOMER, key="same", referrer=perrin.referrer)
    with pytest.raises(KeyReused):
        issuing.hand_out(**given, raw=NEWCOMER, key="same", by=BY)
    issuing.hand_sheet(**given, count=2, key="sheet", referrer=perrin.referrer)
    with pytest.raises(KeyReused):
        issuing.hand_sheet(**given, count=2, key="sheet", by=BY)
    assert Issue.objects.exclude(batch="sheet").get() == made


def test_a_bearer_s_pass_keeps_no_name_that_is_sent(perrin: Valley):
    assert perrin.hand(raw={"holder": "Ève Martin"}).holder == ""


def test_a_place_outside_the_territory_does_not_ask(perrin: Valley, people: Any):
    with pytest.raises(perrin.scheme.DoesNotExist):
        accrediting.ask(place=people.other, scheme_id=perrin.scheme.pk, by=BY, now=perrin.now)


def test_what_is_of_another_scheme_is_not_there(perrin: Valley, people: Any, now: Any, client_of: Any):
    other = valley(people.place, now, name="Un autre")
    card = other.hand()
    funder, mine = client_of(people.perrin), perrin.scheme.pk
    theirs = other.scheme.accreditations.get()
    assert funder.get(f"/dispositifs/{mine}/lieux/{theirs.pk}/").status_code == 404
    assert funder.post(f"/dispositifs/{mine}/relais/{other.referrer.pk}/fermer/").status_code == 404
    assert funder.get(f"/dispositifs/{mine}/carte/{card.of.code}/").status_code == 404
    assert funder.post(f"/dispositifs/{mine}/a-regler/1/", {"outcome": "x"}).status_code == 404
    assert funder.post(f"/dispositifs/{mine}/perdue/", {"code": card.of.code, "faire": "annuler"}).status_code == 422


def test_a_role_lost_meanwhile_hands_nothing_out(perrin: Valley, people: Any):
    from django.core.exceptions import PermissionDenied

    by = f"compte:{people.thomas.user.pk}:observer"
    with pytest.raises(PermissionDenied):
        issuing.hand_out(scheme_id=perrin.scheme.pk, raw=NEWCOMER, key="k", now=perrin.now, by=by)
    accrediting.revoke_referrer(scheme_id=perrin.scheme.pk, referrer_id=perrin.referrer.pk, by=BY, now=perrin.now)
    with pytest.raises(SchemesRefused, match="Ce lien a été fermé"):
        perrin.hand()
    assert RAW["siret"] == perrin.scheme.siret


def test_a_key_of_strange_signs_is_made_plain(perrin: Valley, client: Any):
    hand = f"/dispositifs/remettre/{perrin.secret}/"
    made = client.post(f"{hand}planche/", {"count": "1", "jeton": "../é\u202e a-1"})
    assert made.headers["Location"] == f"{hand}planche/a-1/"
    assert client.get(made.headers["Location"]).status_code == 200


def test_a_scheme_ends_at_midnight_of_its_own_territory(perrin: Valley):
    """On the last evening of Miquelon, it is tomorrow in Paris."""
    evening = datetime(2026, 11, 24, 1, tzinfo=UTC)
    Scheme.objects.filter(pk=perrin.scheme.pk).update(ends_on=date(2026, 11, 23))
    with pytest.raises(SchemesRefused, match="Ce dispositif est terminé"):
        issuing.hand_out(scheme_id=perrin.scheme.pk, raw=NEWCOMER, key="paris", now=evening, by=BY)
    Scheme.objects.filter(pk=perrin.scheme.pk).update(scope="dep:975")
    made = issuing.hand_out(scheme_id=perrin.scheme.pk, raw=NEWCOMER, key="miquelon", now=evening, by=BY)
    assert (made.of.starts_on, made.of.ends_on) == (date(2026, 11, 23), date(2026, 11, 23))
    assert today_in("dep:975", evening) == date(2026, 11, 23)
    assert today_in(SCOPE, evening) == today_in("commune:39093", evening) == date(2026, 11, 24)
    assert today_in("reg:27", evening) == today_in("france", evening) == date(2026, 11, 24)


def test_cards_by_mail_are_counted_by_the_day(perrin: Valley):
    issue = perrin.hand()
    given = {"issue_id": issue.pk, "referrer": perrin.referrer}
    for _number in range(issuing.TO_ONE_ADDRESS):
        issuing.send_card(to="eve@example.org", now=perrin.now, **given)
    with pytest.raises(SchemesRefused) as refused:
        issuing.send_card(to="Eve@example.org", now=perrin.now, **given)
    assert str(refused.value) == (
        "Assez de cartes sont parties aujourd’hui de ce guichet, ou à cette adresse\u202f: "
        "imprimez-la, ou copiez son message\u202f: le courriel reprend demain."
    )
    assert Mail.objects.count() == issuing.TO_ONE_ADDRESS
    for number in range(issuing.CARDS_A_DAY - issuing.TO_ONE_ADDRESS):
        issuing.send_card(to=f"passe{number}@example.org", now=perrin.now, **given)
    with pytest.raises(SchemesRefused, match="Assez de cartes sont parties"):
        issuing.send_card(to="paul@example.org", now=perrin.now, **given)
    issuing.send_card(to="paul@example.org", now=perrin.now, issue_id=issue.pk, by=BY)
    issuing.send_card(to="eve@example.org", now=perrin.now + timedelta(days=1), **given)
