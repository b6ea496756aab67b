"""The census that Inès' network has open in the demo: places that answered, others that began, most that wait."""

from datetime import datetime, timedelta

from django.utils import timezone

from maillage.network.clearance.actions.campaigns import Prepared, open_census, prepare, remind
from maillage.network.clearance.actions.census_answers import SIGNED, begin, keep_step, send
from maillage.network.clearance.models import Answer, Campaign, Invitation, Network
from maillage.network.clearance.models.campaigns import BY_MAIL, BY_PHONE
from maillage.network.clearance.queries.campaigns import needs, proposed
from maillage.network.clearance.rules.campaigns import CHOICE, NUMBER, TEXT, Asked
from maillage.places.models import Place

OPENED, ASKED_FOR = timedelta(days=16), timedelta(days=26)
QUESTIONS = (
    Asked("emplois", "Combien de personnes y sont salariées\u202f?", NUMBER),
    Asked(
        "chauffage",
        "Comment le lieu est-il chauffé\u202f?",
        CHOICE,
        ("Bois", "Gaz ou fioul", "Électricité", "Pas chauffé"),
    ),
    Asked("besoin", "De quoi auriez-vous le plus besoin cette année\u202f?", TEXT),
)
WISHES = ("Un coup de main pour la comptabilité.", "Une imprimante qui marche.", "Des bénévoles le samedi.", "")
WRITTEN = 3
"""So many of the answers change a sheet; the others only answer the questions."""


def take_census(*, place: Place, network: Network, by: str, now: datetime) -> None:
    """Open the census of the demo and have some of its fictional places answer; the demo's own place has begun."""
    found, _count = needs(network, now=now)
    opened_at = now - OPENED
    given = Prepared(
        name=f"Recensement {now.year}",
        edition=str(now.year),
        fields=proposed(found),
        questions=QUESTIONS,
        closes_on=timezone.localdate(now + ASKED_FOR),
    )
    census = prepare(network=network, given=given, by=by, now=opened_at)
    open_census(campaign=census, by=by, now=opened_at)
    asked = list(census.invitations.exclude(place=place).select_related("place").order_by("place__sort_name", "pk"))
    _answer(asked[0::2], by=by, now=now)
    for one in asked[1::6]:
        begin(invitation_id=one.pk, now=now - timedelta(days=4))
    _write(census, asked[3::4], by=by, now=now)
    remind(campaign=Campaign.objects.get(pk=census.pk), by=by, now=now - timedelta(days=6))
    mine = census.invitations.filter(place=place).first()
    if mine is not None:
        keep_step(invitation_id=mine.pk, replies={"emplois": "2"}, by=SIGNED[BY_MAIL], now=now - timedelta(days=2))


def _answer(asked: list[Invitation], *, by: str, now: datetime) -> None:
    """Answers to the questions alone, written together: a demo must not take a minute."""
    Answer.objects.bulk_create(
        Answer(
            invitation=one,
            way=BY_PHONE if rank % 6 == 5 else BY_MAIL,
            replies={
                "emplois": {"version": 1, "value": str(rank * 7 % 5)},
                "chauffage": {"version": 1, "value": QUESTIONS[1].choices[rank * rank % 4]},
                **({"besoin": {"version": 1, "value": wish}} if (wish := WISHES[rank % 4]) else {}),
            },
            answered_at=now - timedelta(days=1 + rank % 14),
            answered_by=by,
        )
        for rank, one in enumerate(asked)
    )


def _write(census: Campaign, asked: list[Invitation], *, by: str, now: datetime) -> None:
    free = [one for one in asked if not Answer.objects.filter(invitation=one).exists() and one.place.email]
    for one in free[:WRITTEN]:
        values = {"prices": "Prix libre, conseillé 6 € la demi-journée."}
        signed = SIGNED[BY_MAIL]
        keep_step(invitation_id=one.pk, values=values, replies={"emplois": "1"}, seen=9_999, by=signed, now=now)
        send(invitation_id=one.pk, way=BY_MAIL, is_confirmed=True, by=signed, now=now - timedelta(days=3))
