"""Places of the cast, as pages show them: every state a list can tell, and a name that must be escaped."""

from datetime import datetime

from maillage.places.actions import record_many
from maillage.places.rules.drafts import Draft, SourceFacts

CENSUS = SourceFacts(
    slug="recensement",
    name="Recensement d’essai",
    publisher="Réseau d’essai",
    url="https://example.org/",
    licence="Licence Ouverte 2.0",
    rank=1,
    is_demo=False,
)
PLACES = [
    {
        "name": "La Boutique de Nadine",
        "commune": "39093",
        "city": "Chamblay",
        "lat": 46.9915,
        "lon": 5.7035,
        "precision": "address",
        "activities": ["coworking", "mediation-numerique", "cafe"],
        "services": ["poste", "wifi"],
        "opening_hours": "Mo-Su 08:00-18:30",
    },
    {
        "name": "L’Atelier de M. Perrin",
        "commune": "39370",
        "city": "Mouchard",
        "lat": 46.9776,
        "lon": 5.7893,
        "precision": "address",
        "activities": ["ateliers"],
        "services": ["machines"],
        "opening_hours": "We 09:00-12:00",
    },
    {
        "name": "Les Communs de Vaudrey",
        "commune": "39546",
        "city": "Vaudrey",
        "lat": 46.9662,
        "lon": 5.6292,
        "precision": "commune",
        "status": "project",
        "activities": ["nourricier"],
    },
    {
        "name": "<b>Le Grand</b> & Fils <script>alert(1)</script>",
        "commune": "44109",
        "city": "Nantes",
        "lat": 47.2382,
        "lon": -1.5603,
        "precision": "commune",
        "activities": ["fablab"],
    },
    {"name": "L’Ancienne Poste", "commune": "25056", "status": "closed", "closed_on": "2016", "activities": ["cafe"]},
]


def drafts(*, more: int = 0) -> list[Draft]:
    """The cast's places, then `more` plain ones at Besançon so that lists have pages."""
    crowd = [
        {"name": f"Bureau {n:02}", "commune": "25056", "lat": 47.2602, "lon": 6.0123, "activities": ["coworking"]}
        for n in range(1, more + 1)
    ]
    return [
        Draft(source="recensement", ref=str(n), values=values, raw={}, licence=CENSUS.licence, dated="2026-03")
        for n, values in enumerate([*PLACES, *crowd])
    ]


def load(*, now: datetime, more: int = 0) -> None:
    record_many(drafts=drafts(more=more), sources={CENSUS.slug: CENSUS}, by="essai", now=now)
