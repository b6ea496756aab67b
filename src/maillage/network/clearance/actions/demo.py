"""Inès' network in the demo: sheets verified, one of them changed since, suggestions that wait; and taking it away."""

from datetime import datetime, timedelta

from django.db import transaction

from maillage.network.clearance.actions.demo_census import take_census
from maillage.network.clearance.actions.demo_help import ask_for_help, forget_help
from maillage.network.clearance.actions.networks import open_network
from maillage.network.clearance.models import Network
from maillage.network.clearance.queries import places_of
from maillage.places.actions.suggestions import Proposed, suggest
from maillage.places.actions.trust import verify_place
from maillage.places.models import Place

NAME, SCOPE = "Réseau des lieux de Bourgogne-Franche-Comté", "reg:27"
SAYS = (
    "Inès et deux collègues suivent quelque trois cents lieux : visites, appels, une rencontre par saison. "
    "Réseau inventé pour la démonstration."
)
EVERY = 4
"""One place in so many is verified."""


@transaction.atomic
def furnish(*, place: Place, by: str, now: datetime) -> None:
    """Open the network of the demo around a fictional place, once."""
    if Network.objects.filter(is_demo=True).exists():
        return
    network = open_network(name=NAME, scopes=[SCOPE], says=SAYS, is_demo=True, by=by, now=now - timedelta(days=300))
    for rank, one in enumerate(places_of(network).exclude(status="closed").order_by("sort_name", "pk")):
        if one == place or rank % EVERY == 0:
            verify_place(
                place_id=one.pk,
                network=network.slug,
                name=network.name,
                how="Visite",
                by=by,
                now=now - timedelta(days=20 + rank % 200),
            )
    _suggested(place, by=by, now=now)
    ask_for_help(place=place, network=network, by=by, now=now)
    take_census(place=place, network=network, by=by, now=now)


def _suggested(place: Place, *, by: str, now: datetime) -> None:
    """What neighbours propose: a telephone number, and a place that is missing."""
    told = [
        Proposed(
            kind="edit",
            place=place,
            values={"phone": "03 53 01 00 42"},
            said="Le numéro a changé en septembre, je l’ai appelé hier.",
        ),
        Proposed(
            kind="new",
            values={
                "name": "La Remise de Villers (fictive)",
                "commune": place.commune_id,
                "activities": ["recyclerie"],
            },
            said="Ouvert depuis l’été, derrière l’église.",
        ),
    ]
    for days, one in enumerate(told, start=2):
        suggest(proposed=one, by=by, now=now - timedelta(days=days))


@transaction.atomic
def clear_demo(*, by: str, now: datetime) -> None:
    """Take the networks of the demo away; the places they verified go with the rest of it."""
    forget_help()
    Network.objects.filter(is_demo=True).delete()
