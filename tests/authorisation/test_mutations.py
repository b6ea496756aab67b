"""Holes made on purpose, one at a time: the matrix must see each of them."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from typing import Any
from unittest.mock import patch

import pytest
from django.http import HttpRequest, HttpResponse
from django.urls import clear_url_caches

from maillage.accounts import queries as account_queries
from maillage.accounts.actions import note_key_use
from maillage.accounts.models import ApiKey, Invitation, Membership
from maillage.accounts.rules import ACTS, EVERYWHERE, LOOK, OPERATOR, Standing
from maillage.journal.queries import aside
from maillage.management.bookings.models import Booking, Closure, Feed, OpeningRule, Space, Visit
from maillage.management.events.models import Event, Session
from maillage.management.people.models import Organisation, Person
from maillage.places import permissions as place_permissions
from maillage.places.models import Photo, Place, PlaceQuerySet
from maillage.places.views.seat import seated
from tests.authorisation.addresses import addresses
from tests.authorisation.rules import RULES
from tests.authorisation.sweep import Wrong, cells, judge, sweep, told, watched
from tests.authorisation.world import World, undone

pytestmark = pytest.mark.django_db
DESK = sorted(name for name, rule in RULES.items() if rule.kind == "desk")
SELF = ["account", "my_places", "account_email", "account_change_password", "usersessions_list", "mfa_index"]
JUDGED_INSIDE = {"manage_team_dismiss"}
"""Whoever looks may come in, to leave the team; the page itself asks the rest."""
THINGS = sorted(name for name, rule in RULES.items() if rule.kind == "desk" and "crossed" in rule.targets)


@contextmanager
def view(name: str, changed: Callable[[Any], Any]) -> Iterator[None]:
    """Another view under an address."""
    (address,) = [one for one in addresses() if one.name == name]
    before = address.pattern.callback
    address.pattern.callback = changed(before)
    clear_url_caches()
    try:
        yield
    finally:
        address.pattern.callback = before
        clear_url_caches()


def bare(view: Any) -> Any:
    """A view out of all its decorators."""
    while hasattr(view, "__wrapped__"):
        view = view.__wrapped__
    return view


def reseated(act: str) -> Callable[[Any], Any]:
    return lambda view: seated(act)(bare(view))


def seated_by_anybody(view: Any) -> Any:
    """The door without the person: a place is found, and whoever comes sits down."""
    inner = bare(view)

    def answer(request: HttpRequest, slug: str, **kwargs: Any) -> HttpResponse:
        place = Place.objects.filter(slug=slug).first()
        if place is None:
            return HttpResponse(status=404)
        user = request.user if request.user.is_authenticated else Membership.objects.first().user
        return inner(request, place_permissions.Seat(place, user, Standing("operator", frozenset(ACTS))), **kwargs)

    return answer


def signed_in_as_anybody(view: Any) -> Any:
    """`login_required` gone."""
    inner = bare(view)

    def answer(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            request.user = Membership.objects.order_by("pk").first().user
        return inner(request, **kwargs)

    return answer


@contextmanager
def everything(model: Any, manager: str = "objects") -> Iterator[None]:
    """Objects of a table are found whatever they are filtered by, but for their key."""
    from django.db.models import QuerySet

    real_get, real_filter = QuerySet.get, QuerySet.filter

    def by_key_only(keys: dict) -> dict:
        return {name: value for name, value in keys.items() if name in ("pk", "id", "slug", "digest")}

    def get(self: Any, *args: Any, **keys: Any) -> Any:
        if self.model is model and "pk" in keys:
            return real_get(model._base_manager.all(), pk=keys["pk"])
        return real_get(self, *args, **keys)

    def filtered(self: Any, *args: Any, **keys: Any) -> Any:
        if self.model is model and keys.keys() & {"scope", "place", "place_id", "event__place"}:
            return real_filter(self, *args, **by_key_only(keys))
        return real_filter(self, *args, **keys)

    with patch.object(QuerySet, "get", get), patch.object(QuerySet, "filter", filtered):
        yield


def standing_with(change: Callable[[list], list]) -> Any:
    real = account_queries.held
    return patch.object(account_queries, "held", lambda user: change(real(user)))


def _held_by_inactive(user: Any) -> list:
    from maillage.accounts.models import User

    return list(Membership.objects.filter(user=user).values_list("role", "scope")) if isinstance(user, User) else []


@contextmanager
def kept_without_address() -> Iterator[None]:
    """Kept pages under a key that forgets the address."""
    from maillage.places.views import kept

    class Forgetful:
        def __call__(self, asked: bytes, **options: Any) -> Any:
            from hashlib import blake2b

            return blake2b(asked.rpartition(b":")[0], **options)

    aside.clear()
    with patch.object(kept, "blake2b", Forgetful()):
        yield
    aside.clear()


@contextmanager
def several(*contexts: Any) -> Iterator[None]:
    with ExitStack() as stack:
        for context in contexts:
            stack.enter_context(context)
        yield


@contextmanager
def inactive_accepted() -> Iterator[None]:
    from django.contrib.auth.backends import ModelBackend

    with (
        patch.object(ModelBackend, "user_can_authenticate", lambda self, user: True),
        patch.object(account_queries, "held", _held_by_inactive),
    ):
        yield


@contextmanager
def removed_shown() -> Iterator[None]:
    aside.clear()
    with patch.object(PlaceQuerySet, "public", lambda self: self.all()):
        yield
    aside.clear()


def touching_a_key(view: Any) -> Any:
    """Something is written on the keys before the door is even asked."""

    def answer(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        ApiKey.objects.update(revoked_by="personne")
        return view(request, **kwargs)

    return answer


def scopes_of_nobody(place: Place) -> tuple[str, ...]:
    """Every scope there is holds every place."""
    return tuple(Membership.objects.values_list("scope", flat=True))


MUTATIONS: dict[str, tuple[Any, list[str]]] = {
    # the door of a place
    "a seat for whoever is signed in": (
        lambda: patch.object(place_permissions, "standing_in", lambda u, p: Standing("operator", frozenset(ACTS))),
        DESK,
    ),
    "every act allowed to whoever may look": (
        lambda: patch.object(Standing, "may", lambda self, act: bool(self.acts)),
        DESK,
    ),
    "looking is enough to edit": (
        lambda: patch.object(Standing, "may", lambda self, act: (LOOK if act == "edit" else act) in self.acts),
        ["manage_photos", "manage_take_back", "manage_photo_remove"],
    ),
    "looking is enough for the team": (
        lambda: patch.object(Standing, "may", lambda self, act: (LOOK if act == "team" else act) in self.acts),
        ["manage_keys", "manage_key_revoke"],
    ),
    "editing is enough for the team": (
        lambda: patch.object(Standing, "may", lambda self, act: ("edit" if act == "team" else act) in self.acts),
        ["manage_keys"],
    ),
    "editing is enough to close": (
        lambda: patch.object(Standing, "may", lambda self, act: ("edit" if act == "close" else act) in self.acts),
        ["manage_state"],
    ),
    "editing is enough to receive people": (
        lambda: patch.object(Standing, "may", lambda self, act: ("edit" if act == "host" else act) in self.acts),
        ["manage_people", "manage_people_one", "manage_today"],
    ),
    "receiving people is enough to run the place": (
        lambda: patch.object(Standing, "may", lambda self, act: ("host" if act == "run" else act) in self.acts),
        ["manage_people_json", "manage_people_erase"],
    ),
    "a role held anywhere counts everywhere": (
        lambda: patch.object(place_permissions, "scopes_of", scopes_of_nobody),
        ["manage", "manage_team", "manage_keys"],
    ),
    "a role held in any territory counts in all": (
        lambda: standing_with(lambda held: [(r, EVERYWHERE if ":" in s and "place" not in s else s) for r, s in held]),
        ["manage", "manage_history"],
    ),
    "everybody is an operator": (
        lambda: standing_with(lambda held: [*held, (OPERATOR, EVERYWHERE)]),
        ["manage", "manage_keys"],
    ),
    "an observer is a facilitator": (
        lambda: standing_with(lambda held: [("facilitator" if r == "observer" else r, s) for r, s in held]),
        ["manage_photos", "manage_keys"],
    ),
    "a colleague is a facilitator": (
        lambda: standing_with(lambda held: [("facilitator" if r == "colleague" else r, s) for r, s in held]),
        ["manage_keys", "manage_state"],
    ),
    "a network officer is an operator": (
        lambda: standing_with(lambda held: [(OPERATOR if r == "network_officer" else r, s) for r, s in held]),
        ["manage_keys", "manage_team"],
    ),
    "an account that was deactivated still sits": (inactive_accepted, ["manage", "manage_photos"]),
    # objects of another place
    "a role of another place is taken away": (lambda: everything(Membership), ["manage_team_dismiss", "manage_team"]),
    "an invitation of another place is cancelled": (lambda: everything(Invitation), ["manage_invitation_revoke"]),
    "a key of another place is taken out of use": (lambda: everything(ApiKey), ["manage_key_revoke", "manage_keys"]),
    "a photo of another place is handled": (lambda: everything(Photo), THINGS),
    "the team of every place is shown": (lambda: everything(Membership), ["manage_team"]),
    "the invitations of every place are shown": (lambda: everything(Invitation), ["manage_team"]),
    "the keys of every place are shown": (lambda: everything(ApiKey), ["manage_keys"]),
    "a key is written on before the door refuses": (
        lambda: view("manage_key_revoke", touching_a_key),
        ["manage_key_revoke"],
    ),
    "a person of another place is handled": (lambda: everything(Person), ["manage_people_one", "manage_people_erase"]),
    "an organisation of another place is handled": (lambda: everything(Organisation), ["manage_people_body"]),
    "the persons of every place are shown": (lambda: everything(Person), ["manage_people", "manage_people_duplicates"]),
    "the organisations of every place are shown": (lambda: everything(Organisation), ["manage_people_bodies"]),
    "a booking of another place is handled": (lambda: everything(Booking), ["manage_booking", "manage_booking_cancel"]),
    "the bookings of every place are shown": (lambda: everything(Booking), ["manage_day"]),
    "a space of another place is changed": (lambda: everything(Space), ["manage_space", "manage_spaces"]),
    "hours of another place are taken back": (lambda: everything(OpeningRule), ["manage_hours_remove"]),
    "another place is opened again": (lambda: everything(Closure), ["manage_closure_remove"]),
    "a calendar that another place follows is removed": (lambda: everything(Feed), ["manage_feed_remove"]),
    "a visit of another place is forgotten": (lambda: everything(Visit), ["manage_visit_remove"]),
    "an event of another place is handled": (lambda: everything(Event), ["manage_event", "manage_event_change"]),
    "a session of another place is handled": (lambda: everything(Session), ["manage_session", "manage_session_csv"]),
    # what nobody should read
    "removed places are shown": (removed_shown, ["place_list", "api_places_csv", "api_places_geojson", "sitemap"]),
}
for _name in DESK:
    MUTATIONS[f"{_name}: the door is gone"] = (lambda n=_name: view(n, seated_by_anybody), [_name])
    if "look" not in RULES[_name].acts.values() and _name not in JUDGED_INSIDE:
        MUTATIONS[f"{_name}: looking is enough"] = (lambda n=_name: view(n, reseated(LOOK)), [_name])
for _name in ("account", "my_places"):
    MUTATIONS[f"{_name}: no sign-in is asked"] = (lambda n=_name: view(n, signed_in_as_anybody), [_name])


def caught(world: World, mutation: Callable[[], Any], names: list[str]) -> list[Wrong]:
    """The first cell that betrays a mutation: wrong with it, right without."""
    for name in names:
        for cell, rule in cells(world, [name], methods=("GET", "POST")):
            with undone(), mutation():
                during = judge(world, cell, rule, {})
            if during:
                aside.clear()
                sound = {one.what for one in judge(world, cell, rule, {})}
                if new := [one for one in during if one.what not in sound]:
                    return new
        aside.clear()
    return []


def test_there_are_thirty_of_them():
    assert len(MUTATIONS) >= 30


@pytest.mark.parametrize("name", MUTATIONS)
def test_the_matrix_sees_the_hole(world: World, name: str):
    mutation, names = MUTATIONS[name]
    found = caught(world, mutation, names)
    assert found, f"the matrix did not see it at {names}"
    assert told(found)


def test_the_matrix_sees_pages_kept_whatever_their_address(world: World):
    with undone(), kept_without_address():
        assert sweep(world, ["place"], methods=("GET",), persons=("anonymous", "lila"))


def test_when_a_key_last_served_is_no_writing_and_anything_else_of_it_is(world: World, now: datetime):
    keys = ApiKey.objects.filter(pk=world.own.key)
    writes = {
        (): lambda: note_key_use(key=keys.get(), now=now),
        ("accounts_apikey",): lambda: keys.update(revoked_by="personne"),
        ("accounts_apikey", "both"): lambda: keys.update(last_used_at=now, revoked_by="personne"),
        ("accounts_apikey", "gone"): lambda: keys.delete(),
    }
    for expected, write in writes.items():
        with undone(), watched() as written:
            write()
        assert set(written) == set(expected[:1])
