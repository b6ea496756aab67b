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
FETCH_PROBLEMS: dict[str, Promise] = {
    "address": _(
        "Cette adresse, ou celle où elle renvoie, n’est pas de celles qu’on peut lire\u202f: "
        "donnez celle du fichier lui-même, qui commence par https://."
    ),
    "password": _(
        "L’adresse contient un nom ou un mot de passe\u202f: donnez celle d’un fichier ouvert à tous, sans identifiant."
    ),
    "port": _("L’adresse demande un port inhabituel\u202f: donnez une adresse en https, sans numéro de port."),
    "private": _("Cette adresse mène à l’intérieur d’un réseau privé\u202f: donnez une adresse ouverte à tous."),
    "name": _("Ce site est introuvable\u202f: vérifiez l’adresse, ou réessayez quand le réseau sera revenu."),
    "silence": _("Le site ne répond pas\u202f: réessayez plus tard."),
    "slow": _(
        "Le fichier n’est pas arrivé en %(detail)s secondes\u202f: réessayez plus tard, ou téléchargez-le vous-même."
    ),
    "refused": _("Le site refuse la connexion\u202f: réessayez plus tard."),
    "certificate": _("Le site ne prouve pas qu’il est bien lui-même (certificat)\u202f: prévenez qui le tient."),
    "answer": _(
        "Le site répond %(detail)s au lieu du fichier\u202f: l’adresse a peut-être changé, "
        "recopiez-la depuis la page de la source."
    ),
    "redirected": _(
        "Le site renvoie ailleurs, sans fin ou sans protection\u202f: donnez l’adresse du fichier lui-même."
    ),
    "packed": _("Le fichier arrive dans un emballage illisible\u202f: prévenez qui tient cette source."),
    "cut": _("Le fichier est arrivé incomplet\u202f: il n’en est rien gardé. Réessayez plus tard."),
    "big": _(
        "Le fichier dépasse %(detail)s Mo\u202f: ce n’est sans doute pas un fichier de lieux. "
        "Cherchez s’il existe par région."
    ),
    "offline": _(
        "Ce serveur ne va pas sur le réseau (MAILLAGE_OFFLINE=1)\u202f: aucune demande ne part de cette machine."
    ),
}
"""Why a source at an address could not be had, and what to do."""


def fetch_problem(code: str, detail: str = "") -> str:
    """Why a source could not be had, in words; a code without words says itself.

    >>> str(FETCH_PROBLEMS["answer"] % {"detail": 404})[:22]
    'Le site répond 404 au '
    """
    return str(FETCH_PROBLEMS[code] % {"detail": detail}) if code in FETCH_PROBLEMS else code


def words_of(known: Format) -> Words:
    """The words of a format; one that has none here speaks French for itself."""
    return FORMATS.get(known.name) or Words(known.title)
