"""The bodies of answers: what OpenAPI tells of them, and how they are filled."""

from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Literal
from uuid import UUID

from django.conf import settings
from django.urls import reverse
from django.utils.translation import override
from ninja import Schema
from pydantic import ConfigDict, Field, create_model

from maillage.places.queries.changes import KINDS, Change
from maillage.places.queries.told import Told
from maillage.places.queries.walk import Trip
from maillage.places.rules.drafts import FEATURE_FIELDS, FIELDS
from maillage.places.rules.vocabulary import CLOSING_CAUSES, FEATURES, PRECISIONS, STATUSES

TEXTS = tuple(name for name in FIELDS if name not in (*FEATURE_FIELDS, "links", "lat", "lon", "capacity"))
_WORDS: dict[str, Any] = {
    "status": Literal[STATUSES],
    "precision": Literal[PRECISIONS],
    "closed_cause": Literal[CLOSING_CAUSES] | None,
}


_HERE = "un-lieu-de-maillage"


class Exact(Schema):
    model_config = ConfigDict(extra="forbid")


def _one_of(words: tuple[str, ...]) -> Any:
    return Literal[words]


def _type_of(name: str) -> Any:
    if name in _WORDS:
        return _WORDS[name]
    if name in FEATURE_FIELDS:
        return list[_one_of(FEATURES[name])] | None  # type: ignore[misc]
    if name == "links":
        return list[str] | None
    if name in ("lat", "lon"):
        return float | None
    return int | None if name == "capacity" else str | None


_DEFINED: dict[str, Any] = {name: (_type_of(name), ...) for name in FIELDS}
Fields = create_model("Fields", __base__=Exact, **_DEFINED)


class Place(Fields):  # type: ignore[misc,valid-type]
    """Un lieu. « null » : personne n’en dit rien ; une liste vide : on dit qu’il n’y en a pas."""

    id: UUID
    slug: str
    url: str = Field(description="Sa page, pour les personnes.")
    demo: bool = Field(description="Fictif : jamais à compter ni à montrer comme un lieu réel.")
    category: str
    commune_name: str | None
    departement: str | None
    region: str | None
    epci: str | None
    licences: list[str]
    attribution: str = Field(description="Qui nommer si l’on montre ce lieu ailleurs.")
    created_at: datetime
    updated_at: datetime
    confirmed_at: datetime | None = Field(description="Quand quelqu’un a dit la fiche toujours exacte.")
    minutes: float | None = Field(description="Minutes de « pres », estimées à vol d’oiseau ; sinon « null ».")
    distance_m: float | None


class SourceOut(Exact):
    """Ce qu’une source dit du lieu."""

    key: str = Field(description="Le nom que lui donne « provenance ».")
    source: str
    name: str
    publisher: str | None
    url: str | None
    licence: str
    rank: int = Field(description="3 : le lieu lui-même ; 2 : un réseau vérifié ; 1 : un jeu de données.")
    dated: str | None
    fetched_at: datetime
    fields: list[str]


class PhotoOut(Exact):
    url: str
    alt: str
    credit: str | None
    licence: str
    width: int
    height: int


class WholePlace(Place):
    version: int = Field(description="Numéro de la dernière modification ; le début de l’ETag.")
    provenance: dict[str, str] = Field(description="Champ → la source crue.")
    sources: list[SourceOut]
    photos: list[PhotoOut]
    history_url: str


class NearOut(Exact):
    name: str | None
    code: str | None
    lat: float
    lon: float
    estimated: bool = Field(description="Le centre de cette commune est estimé d’après ses voisines.")


class ReasonOut(Exact):
    what: str = Field(description="name, address, distance, siret, site, email ou phone.")
    points: int
    measured: float = Field(description="Ressemblance, de 0 à 1 ; pour la distance, en mètres.")


class CandidateOut(Exact):
    """Un lieu qui est peut-être celui que l’on décrit."""

    slug: str
    name: str
    street: str
    city: str
    status: str
    band: Literal["link", "ask", "ignore"]
    points: int
    reasons: list[ReasonOut]


class CandidateList(Exact):
    candidates: list[CandidateOut]


class CandidateLists(Exact):
    results: list[CandidateList] = Field(description="Dans l’ordre des lieux demandés.")


class PlacePage(Exact):
    total: int
    near: NearOut | None
    places: list[Place]
    next: str | None = Field(description="L’adresse de la page suivante ; « null » à la fin.")


class ChangeOut(Exact):
    """Ce qui est arrivé à un lieu. Son nom et son adresse sont ceux d’aujourd’hui ; « null » s’il est retiré."""

    kind: Literal[KINDS]  # type: ignore[valid-type]
    at: datetime
    id: UUID
    removed: bool = Field(description="Le lieu n’est plus au registre : effacez-le.")
    reason: str | None
    replaced_by: UUID | None = Field(description="Le lieu qui le remplace, s’il y a été fondu.")
    slug: str | None
    name: str | None
    fields: list[str]


class CopySource(Exact):
    slug: str
    name: str
    publisher: str
    url: str
    licence: str
    demo: bool


class CopyRecord(Exact):
    """Ce qu’une source dit d’un lieu, réduit aux champs qui en sont montrés."""

    source: CopySource
    ref: str
    licence: str
    dated: str
    values: dict[str, Any]


class CopyOut(Exact):
    """Un lieu pour qui en tient une copie. Parti, il n’a plus d’enregistrements, et « removed » dit pourquoi."""

    id: UUID
    site: str = Field(description="L’instance qui tient ce lieu : celle qui le dit, jamais une autre.")
    url: str
    slug: str
    version: int = Field(description="Le numéro de sa dernière révision.")
    demo: bool
    confirmed_at: datetime | None
    removed: str | None
    replaced_by: UUID | None
    replaces: list[UUID] = Field(description="Les lieux qui y ont été fondus.")
    records: list[CopyRecord]


class ChangePage(Exact):
    changes: list[ChangeOut]
    more: bool = Field(description="D’autres changements attendent déjà.")
    next: str = Field(description="Où demander la suite, maintenant ou plus tard.")
    site: str = Field(default="", description="Avec « records=1 » : le nom de cette instance.")
    restored: datetime | None = Field(
        default=None,
        description="Avec « records=1 » : quand ce registre fut remis d’une sauvegarde. S’il a changé "
        "depuis votre dernière lecture, relisez tout depuis le début.",
    )
    places: list[CopyOut] = Field(default=[], description="Avec « records=1 » : les lieux que disent ces changements.")


class TerritoryOut(Exact):
    reference: str
    kind: str
    code: str
    name: str


class PopulationOut(Exact):
    value: int | None
    communes: int
    communes_known: int
    source: str | None
    vintage: str | None
    licence: str | None


class InTwoLanguages(Exact):
    fr: str
    en: str


class CountOut(Exact):
    total: int
    project: int
    open: int
    dormant: int
    closed: int
    fictional: int = Field(description="Combien de ceux-là sont fictifs.")
    definition: InTwoLanguages


class TerritoryCard(TerritoryOut):
    lat: float | None
    lon: float | None
    parents: list[TerritoryOut]
    population: PopulationOut
    places: CountOut
    ground: str


class Found(Exact):
    """Un territoire, ou un lieu."""

    kind: Literal["commune", "epci", "dep", "reg", "place"]
    name: str
    context: str
    reference: str | None
    slug: str | None
    url: str
    population: int | None
    typo: bool = Field(description="Trouvé en pardonnant une faute de frappe.")


class FoundList(Exact):
    results: list[Found]


class Confirmed(Exact):
    id: UUID
    confirmed_at: datetime


class ErrorOut(Schema):
    parameter: str | None = None
    pointer: str | None = None
    value: str | None = None
    reason: str
    mend: str | None = None


class ProblemOut(Schema):
    """RFC 9457."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    errors: list[ErrorOut] | None = None


def known(text: str) -> str | None:
    return text or None


def moment(at: datetime | None) -> str | None:
    """A moment as programs read it, in UTC.

    >>> moment(datetime(2026, 11, 22, 9, 30, tzinfo=UTC)), moment(None)
    ('2026-11-22T09:30:00Z', None)
    """
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z") if at else None


def page_of(slug: str, name: str = "place") -> str:
    """The address of the French page of a place."""
    return settings.SITE_URL + _address(name).replace(_HERE, slug)


@lru_cache(maxsize=8)
def _address(name: str) -> str:
    with override("fr"):
        return reverse(name, args=[_HERE])


def place(told: Told, trip: Trip | None = None) -> dict[str, Any]:
    """A place in a list."""
    return {
        "id": str(told.id),
        "slug": told.slug,
        "url": page_of(told.slug),
        "demo": told.demo,
        "category": told.category,
        **told.values,
        "precision": told.exactness,
        "commune_name": known(told.commune_name),
        "departement": known(told.departement),
        "region": known(told.region),
        "epci": known(told.epci),
        "licences": list(dict.fromkeys(record.licence for record in told.records)),
        "attribution": "; ".join(dict.fromkeys(record.credit for record in told.records)),
        "created_at": moment(told.created_at),
        "updated_at": moment(told.updated_at),
        "confirmed_at": moment(told.confirmed_at),
        "minutes": round(trip[0], 1) if trip else None,
        "distance_m": round(trip[1]) if trip else None,
    }


def whole(told: Told) -> dict[str, Any]:
    """A place by itself."""
    return place(told) | {
        "version": told.version,
        "provenance": dict(told.provenance),
        "sources": [
            {
                "key": one.key,
                "source": one.source,
                "name": one.name,
                "publisher": known(one.publisher),
                "url": known(one.url),
                "licence": one.licence,
                "rank": one.rank,
                "dated": known(one.dated),
                "fetched_at": moment(one.fetched_at),
                "fields": list(one.fields),
            }
            for one in told.records
        ],
        "photos": [
            {
                "url": f"{settings.SITE_URL}{settings.MEDIA_URL}{one.file}",
                "alt": one.alt,
                "credit": known(one.credit),
                "licence": one.licence,
                "width": one.width,
                "height": one.height,
            }
            for one in told.photos
        ],
        "history_url": page_of(told.slug, "place_history"),
    }


def change(one: Change) -> dict[str, Any]:
    """One change of one place."""
    return {
        "kind": one.kind,
        "at": moment(one.at),
        "id": str(one.place_id),
        "removed": one.removed,
        "reason": known(one.reason),
        "replaced_by": str(one.replaced_by) if one.replaced_by else None,
        "slug": known(one.slug),
        "name": known(one.name),
        "fields": list(one.fields),
    }
