"""A network of the Jura with a census that is open, and what its places get."""

from datetime import date, datetime
from typing import Any

from django.test import Client
from django.urls import reverse

from maillage.network.clearance.actions.campaigns import Prepared, open_census, prepare
from maillage.network.clearance.actions.networks import open_network
from maillage.network.clearance.models import Campaign, Invitation, Network
from maillage.network.clearance.queries.census_links import link_secret
from maillage.network.clearance.rules.campaigns import Asked
from maillage.places.models import Place
from tests.places.test_record import LA_MAILLE, record

BY = "test:Inès"
JOBS = Asked("emplois", "Combien de personnes y travaillent ?", "number")
HEAT = Asked("chauffage", "Comment chauffez-vous ?", "choice", ("bois", "gaz", "rien"))
WORD = Asked("mot", "Un mot pour le réseau ?", "text")


def jura(now: datetime, **given: Any) -> Network:
    return open_network(**{"name": "Réseau du Jura", "scopes": ["dep:39"], "by": BY, "now": now, **given})


def maille(now: datetime, **values: Any) -> Place:
    """A place known by a census of 2019: name, activities and telephone are old, the rest is missing."""
    from dataclasses import replace

    told = {**LA_MAILLE.values, "email": "bonjour@maille.exemple.fr", **values}
    return Place.objects.get(pk=record(replace(LA_MAILLE, values=told), now=now).place_ids[0])


def prepared(**given: Any) -> Prepared:
    told = {
        "name": "Recensement 2026",
        "edition": "2026",
        "fields": ["phone", "opening_hours", "access"],
        "questions": [JOBS],
        "closes_on": date(2026, 12, 31),
    }
    return Prepared(**{**told, **given})


def opened(network: Network, now: datetime, **given: Any) -> Campaign:
    made = prepare(network=network, given=prepared(**given), by=BY, now=now)
    open_census(campaign=made, by=BY, now=now)
    made.refresh_from_db()
    return made


def invitation(campaign: Campaign, place: Place) -> Invitation:
    return Invitation.objects.get(campaign=campaign, place=place)


def link(campaign: Campaign, place: Place, step: str = "") -> str:
    secret = link_secret(invitation(campaign, place).pk)
    return reverse("census_step", args=[secret, step]) if step else reverse("census", args=[secret])


def filled(client: Client, campaign: Campaign, place: Place, step: str, **typed: Any) -> Any:
    return client.post(link(campaign, place, step), {"garder": "1", "seen": "1", **typed})
