"""The people of a place: its team, those who are invited, and who changed what in it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from maillage.accounts import queries as accounts
from maillage.accounts.models import ApiKey, Invitation, Membership, User
from maillage.accounts.rules import FACILITATOR, is_erased
from maillage.journal.models import AuditEvent

ACTS = (
    "accounts.invited",
    "accounts.joined",
    "accounts.invitation_revoked",
    "accounts.dismissed",
    "accounts.key_made",
    "accounts.key_revoked",
)
EVENTS_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Crew:
    """The roles held in a place, the oldest first, and the invitations that still wait."""

    members: tuple[Membership, ...]
    waiting: tuple[Invitation, ...] = ()

    def facilitators(self) -> list[Membership]:
        return [one for one in self.members if one.role == FACILITATOR and one.user.is_active]


@dataclass(frozen=True, slots=True)
class Act:
    """Something done to the team: by whom, to whom or to which key, under which role."""

    at: datetime
    action: str
    by: str
    whom: str
    role: str


def crew(scope: str, *, now: datetime, with_invitations: bool) -> Crew:
    """The people of a place."""
    waiting = tuple(accounts.pending_invitations(scope, now=now)) if with_invitations else ()
    return Crew(tuple(accounts.team(scope)), waiting)


def acts(scope: str) -> tuple[list[Act], dict[str, str]]:
    """The last changes of a team, the newest first, and the names behind their signatures."""
    events = list(AuditEvent.objects.filter(subject=scope, action__in=ACTS).order_by("-pk")[:EVENTS_SHOWN])
    invited = _read(Invitation, events, "invitation", "email")
    people = _read(User, events, "account", "name")
    keys = _read(ApiKey, events, "key", "name")

    def whom(event: AuditEvent) -> str:
        said = event.detail
        if "invitation" in said:
            address = invited.get(said["invitation"], "")
            return "" if is_erased(address) else address
        return keys.get(said["key"], "") if "key" in said else people.get(said.get("account", 0), "")

    told = [Act(e.at, e.action, e.by, whom(e), str(e.detail.get("role", ""))) for e in events]
    return told, accounts.names(event.by for event in events)


def _read(
    model: type[Invitation] | type[User] | type[ApiKey], events: list[AuditEvent], key: str, column: str
) -> Mapping[int, str]:
    wanted = {event.detail[key] for event in events if key in event.detail}
    if model is User:
        return {user.pk: str(user) for user in User.objects.filter(pk__in=wanted)}
    return dict(model._default_manager.filter(pk__in=wanted).values_list("pk", column))
