"""What the formats of exchange are called, and what each is for."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from maillage.network.exchange.formats.format import Format


@dataclass(frozen=True, slots=True)
class Words:
    """A format in words: its title, and whom it serves."""

    title: Promise | str
    say: Promise | str = ""


FORMATS: dict[str, Words] = {
    "tiers-lieux": Words(
        _("CSV du schéma tiers-lieux"), _("Pour publier, recenser, remplir à la main\u202f: en français, et complet.")
    ),
    "geojson": Words("GeoJSON", _("Pour une carte ou un logiciel de géomatique.")),
    "csv": Words(_("CSV de Maillage"), _("Pour une autre installation de Maillage.")),
    "jsonld": Words("JSON-LD (schema.org)", _("Pour les moteurs de recherche et le web de données.")),
    "mednum": Words(_("Lieux de médiation numérique"), _("Pour la cartographie nationale de la médiation numérique.")),
    "data-inclusion": Words("data·inclusion", _("Pour les services de l’insertion et de l’inclusion.")),
    "osm": Words("OpenStreetMap", _("Pour proposer des lieux à la carte libre du monde, après relecture.")),
    "murmurations": Words(_("Profils Murmurations"), _("Pour les réseaux qui se relient sans centre.")),
    "gpx": Words("GPX", _("Pour un téléphone, un GPS, une randonnée de lieu en lieu.")),
    "kml": Words("KML", _("Pour un globe ou un logiciel de cartographie.")),
}
APART: dict[str, Promise] = {
    "licence": _("Licence"),
    "longueur": _("Longueur des textes"),
    "photos": _("Photos"),
    "history": _("Historique"),
    "confirmed_at": _("Dernière confirmation"),
    "raw": _("Lignes d’origine"),
    "category": _("Catégorie"),
    "demo": _("Fictif"),
    "slug": _("Adresse de la page"),
    "sources": _("Sources"),
}
"""What a format may lose beside the fields of a place."""


def words_of(known: Format) -> Words:
    """The words of a format; one that has none here speaks French for itself."""
    return FORMATS.get(known.name) or Words(known.title)
