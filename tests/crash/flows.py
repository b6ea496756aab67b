"""Everything that writes, each as one act on a stage that has all it needs."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from django.test import Client

from maillage.accounts import actions as accounts
from maillage.accounts.models import Membership, User
from maillage.accounts.rules import COLLEAGUE, place_scope
from maillage.journal import emails
from maillage.journal.models import Mail
from maillage.places import actions as places
from maillage.places.actions import lifecycle, photos, sheet
from maillage.places.actions.demo import forget_demo
from maillage.places.models import Photo, Place, Revision
from tests.authorisation.world import picture
from tests.conftest import NOW
from tests.crash import bookings, desk, events, passes

PASSWORD = "une longue phrase pour entrer"
NEW_PASSWORD = "une autre longue phrase pour entrer"


@dataclass
class Stage:
    """What acts need to know of the database they run on."""

    place: UUID
    slug: str
    scope: str
    by: str
    seen: int
    photo: int
    removed_photo: int
    membership: int
    invitation: int
    token: str
    key: int
    secret: str
    mail: int
    user: int
    email: str
    removed_place: UUID
    closed_place: UUID
    closed_seen: int
    session: str
    code: str
    now: datetime = NOW


def make_stage(home: Path) -> Stage:
    """Build everything in the current database, for good."""
    from tests.authorisation.world import build

    world = build(NOW)
    place = world.own.place
    nadine: User = world.people.nadine.user
    nadine.set_password(PASSWORD)
    nadine.save()
    by = f"compte:{nadine.pk}:facilitator"
    hidden = Photo.everything.filter(place=place, removed_at__isnull=False).get()
    closed = Place.objects.get(name="L’Atelier de M. Perrin")
    seen = Revision.objects.filter(place=closed).order_by("-number").first().number
    closed_seen = sheet.close_place(
        place_id=closed.pk, closed_on="2026-10", cause="autre", seen=seen, by="essai", now=NOW
    )
    waiting = Mail.objects.create(
        to="x@example.org", subject="Bonjour", body="Une lettre.", asked_at=NOW, next_try_at=NOW
    )
    _fictional("demo-essai", by)
    bookings.furnish()
    events.furnish()
    passes.furnish()
    session, code = _ask_for_a_code(nadine.email, home)
    return Stage(
        place=place.pk,
        slug=place.slug,
        scope=place_scope(place.pk),
        by=by,
        seen=Revision.objects.filter(place=place).order_by("-number").first().number,
        photo=world.own.photo,
        removed_photo=hidden.pk,
        membership=world.own.membership,
        invitation=world.own.invitation,
        token=world.own.token,
        key=world.own.key,
        secret=world.own.secret,
        mail=waiting.pk,
        user=nadine.pk,
        email=nadine.email,
        removed_place=world.removed.pk,
        closed_place=closed.pk,
        closed_seen=closed_seen or seen,
        session=session,
        code=code,
    )


def _ask_for_a_code(email: str, home: Path) -> tuple[str, str]:
    from django.conf import settings

    client = Client()
    client.post("/connexion/code/", {"email": email})
    texts = [path.read_text() for path in sorted((home / "outbox").glob("*.txt"))]
    texts += list(Mail.objects.order_by("pk").values_list("body", flat=True))
    codes = [found[0] for text in texts if email in text or "code" in text.lower() for found in [_code(text)] if found]
    return client.cookies[settings.SESSION_COOKIE_NAME].value, codes[-1] if codes else ""


def _code(text: str) -> list[str]:
    return re.findall(r"(?m)^ +([A-Z0-9]{3,4}(?:-[A-Z0-9]{3,4})+) *$", text)


def _user(stage: Stage) -> User:
    return User.objects.get(pk=stage.user)


def _client(stage: Stage) -> Client:
    client = Client()
    client.force_login(_user(stage))
    session = client.session
    session["account_authentication_methods"] = [{"method": "password", "at": stage.now.timestamp()}]
    session.save()
    return client


def _who(stage: Stage) -> dict[str, Any]:
    return {"by": stage.by, "now": stage.now}


def edit_sheet(stage: Stage, _ack: Any) -> Any:
    values = {"description": "Autre chose.", "phone": "+33 3 84 00 00 00", "activities": ["cafe"]}
    return sheet.edit_sheet(place_id=stage.place, values=values, seen=stage.seen, **_who(stage))


def take_back(stage: Stage, _ack: Any) -> Any:
    number = Revision.objects.filter(place_id=stage.place, changes__has_key="description").order_by("-number").first()
    return sheet.take_back(place_id=stage.place, number=number.number, **_who(stage))


def close(stage: Stage, _ack: Any) -> Any:
    return sheet.close_place(place_id=stage.place, closed_on="2026-11", cause="autre", seen=stage.seen, **_who(stage))


def reopen(stage: Stage, _ack: Any) -> Any:
    return sheet.reopen_place(place_id=stage.closed_place, status="open", seen=stage.closed_seen, by="essai", now=NOW)


def confirm(stage: Stage, _ack: Any) -> Any:
    return lifecycle.confirm_place(place_id=stage.place, **_who(stage))


def rename_address(stage: Stage, _ack: Any) -> Any:
    return lifecycle.rename_slug(place_id=stage.place, slug="autre-adresse", **_who(stage))


def remove_place(stage: Stage, _ack: Any) -> Any:
    return lifecycle.remove_place(place_id=stage.place, reason="Doublon", **_who(stage))


def restore_place(stage: Stage, _ack: Any) -> Any:
    return lifecycle.restore_place(place_id=stage.removed_place, **_who(stage))


def add_photo(stage: Stage, _ack: Any) -> Any:
    words = {"alt": "Le jardin", "licence": "CC BY 4.0"}
    return photos.add_photo(place_id=stage.place, data=picture("#112233"), **words, **_who(stage))


def remove_photo(stage: Stage, _ack: Any) -> Any:
    return photos.remove_photo(place_id=stage.place, photo_id=stage.photo, **_who(stage))


def restore_photo(stage: Stage, _ack: Any) -> Any:
    return photos.restore_photo(place_id=stage.place, photo_id=stage.removed_photo, **_who(stage))


def invite(stage: Stage, _ack: Any) -> Any:
    from maillage.places.actions.team import invite_colleague

    place = Place.objects.get(pk=stage.place)
    invite_colleague(place=place, email="neuf@example.org", role=COLLEAGUE, inviter="Nadine", **_who(stage))


def accept(stage: Stage, _ack: Any) -> Any:
    return accounts.accept(token=stage.token, by=None, now=stage.now).pk


def revoke_invitation(stage: Stage, _ack: Any) -> Any:
    return accounts.revoke_invitation(invitation_id=stage.invitation, scope=stage.scope, **_who(stage))


def dismiss(stage: Stage, _ack: Any) -> Any:
    try:
        return accounts.dismiss(membership_id=stage.membership, scope=stage.scope, **_who(stage))
    except Membership.DoesNotExist as gone:
        raise ValueError("done already") from gone


def make_key(stage: Stage, _ack: Any) -> Any:
    return accounts.make_key(name="Agenda", role=COLLEAGUE, scope=stage.scope, **_who(stage))[1]


def revoke_key(stage: Stage, _ack: Any) -> Any:
    return accounts.revoke_key(key_id=stage.key, scope=stage.scope, **_who(stage))


def rename(stage: Stage, _ack: Any) -> Any:
    return accounts.rename(user=_user(stage), name="Nadine B.", **_who(stage))


def erase_account(stage: Stage, _ack: Any) -> Any:
    return accounts.erase(user=_user(stage), **_who(stage))


def deactivate(stage: Stage, _ack: Any) -> Any:
    return accounts.set_active(user=_user(stage), active=False, **_who(stage))


def deliver(stage: Stage, _ack: Any) -> Any:
    return emails.deliver(stage.mail, now=stage.now)


def _fictional(slug: str, by: str) -> None:
    from maillage.places.rules.drafts import Draft, SourceFacts

    facts = SourceFacts(slug=slug, name="Fictif", licence="Licence Ouverte 2.0", is_demo=True)
    values = {"name": f"Lieu fictif {slug}", "commune": "39093", "activities": ["cafe"]}
    first = uuid5(NAMESPACE_URL, slug)
    drafts = [
        Draft(source=slug, ref=str(n), values=values, raw={}, licence=facts.licence, demo=True, place_id=one)
        for n, one in enumerate([first, UUID(int=first.int + 1)])
    ]
    places.record_many(drafts=drafts, sources={facts.slug: facts}, by=by, now=NOW)


def demo(stage: Stage, _ack: Any) -> Any:
    _fictional("demo-autre", stage.by)


def forget_the_demo(stage: Stage, _ack: Any) -> Any:
    return forget_demo(**_who(stage))


def sign_in_by_code(stage: Stage, _ack: Any) -> Any:
    from django.conf import settings

    client = Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = stage.session
    response = client.post("/connexion/code/verifier/", {"code": stage.code})
    assert response.status_code == 302, (response.status_code, stage.code)
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def change_password(stage: Stage, _ack: Any) -> Any:
    said = {"oldpassword": PASSWORD, "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    response = _client(stage).post("/mon-compte/mot-de-passe/", said)
    assert response.status_code in (302, 200), response.status_code
    assert "next=" not in response.headers.get("Location", ""), response.headers
    if response.status_code == 200:
        raise ValueError("the old password is no longer right")


def api_patch(stage: Stage, _ack: Any) -> Any:
    headers = {"Authorization": f"Bearer {stage.secret}", "If-Match": "*"}
    said = json.dumps({"phone": "+33384000000"})
    response = Client().patch(f"/api/v1/places/{stage.slug}", said, content_type="application/json", headers=headers)
    assert response.status_code == 200, response.content


def api_confirm(stage: Stage, _ack: Any) -> Any:
    headers = {"Authorization": f"Bearer {stage.secret}", "Idempotency-Key": "une-seule-fois"}
    response = Client().post(
        f"/api/v1/places/{stage.slug}/confirmations", headers=headers, content_type="application/json"
    )
    assert response.status_code == 201, response.content
    return response.json()


FLOWS: dict[str, Callable[[Stage, Any], Any]] = {
    flow.__name__: flow
    for flow in (
        edit_sheet,
        take_back,
        close,
        reopen,
        confirm,
        rename_address,
        remove_place,
        restore_place,
        add_photo,
        remove_photo,
        restore_photo,
        invite,
        accept,
        revoke_invitation,
        dismiss,
        make_key,
        revoke_key,
        rename,
        erase_account,
        deactivate,
        deliver,
        demo,
        forget_the_demo,
        sign_in_by_code,
        change_password,
        api_patch,
        api_confirm,
        *bookings.FLOWS,
        *desk.FLOWS,
        *events.FLOWS,
        *passes.FLOWS,
    )
}


def acknowledged_before_the_commit(stage: Stage, acknowledge: Callable[[Any], None]) -> Any:
    """Wrong on purpose: says it is done while it may still be undone."""
    from django.db import transaction

    with transaction.atomic():
        confirm(stage, acknowledge)
        acknowledge("done")


def in_two_transactions(stage: Stage, _ack: Any) -> Any:
    """Wrong on purpose: the role is taken away, and only then the event written."""
    from maillage.journal import actions as journal

    Membership.objects.filter(pk=stage.membership).delete()
    journal.write(action="accounts.dismissed", by=stage.by, now=stage.now, subject=stage.scope)


WRONG = {"acknowledged_before_the_commit": acknowledged_before_the_commit, "in_two_transactions": in_two_transactions}


@contextmanager
def standing_clock() -> Iterator[None]:
    import time_machine

    with time_machine.travel(NOW, tick=False):
        yield
