"""What the formats of exchange are called, and what each is for."""

from collections.abc import Sequence
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


PEER_PROBLEMS: dict[str, Promise] = {
    "unsigned": _("Ses pages ne sont pas signées\u202f: rien n’en est pris. Prévenez qui la tient."),
    "digest": _("Une page a été changée en chemin\u202f: rien n’en est pris. La prochaine demande la relira."),
    "key": _(
        "Ses pages sont signées d’une autre clé que celle que vous avez acceptée\u202f: rien n’en est pris. "
        "Appelez qui la tient, puis acceptez la nouvelle clé si c’est bien la sienne."
    ),
    "forged": _("La signature d’une page est fausse\u202f: rien n’en est pris. Prévenez qui la tient."),
    "replayed": _("Une page plus ancienne que la dernière lue est revenue\u202f: rien n’en est pris."),
    "clock": _("Une page est datée de l’avenir\u202f: vérifiez l’heure des deux machines. Rien n’en est pris."),
    "json": _("Une page est illisible\u202f: rien n’en est pris. Prévenez qui la tient."),
    "fields": _("Une page dit autre chose que ce qui est attendu\u202f: mettez les deux Maillage à jour."),
    "site": _("Une page parle au nom de «\u202f%(detail)s\u202f»\u202f: rien n’en est pris."),
    "stuck": _("Ses pages ne mènent nulle part\u202f: prévenez qui la tient."),
    "card": _("Aucune instance de Maillage ne se présente à cette adresse\u202f: vérifiez-la."),
    "moved": _("Cette instance dit être à une autre adresse (%(detail)s)\u202f: suivez-la à celle-là."),
    "version": _("Cette instance parle une autre version de la fédération\u202f: mettez les deux Maillage à jour."),
    "ground": _("Aucun territoire n’est chargé ici\u202f: lancez d’abord «\u202fmaillage territory update\u202f»."),
    "broken": _("Sa lecture a échoué d’une façon imprévue\u202f: le journal du serveur dit laquelle."),
    "busy": _("Elle demande d’attendre un peu\u202f: la suite sera prise la prochaine fois."),
}
"""Why an instance that is followed could not be read, beside what keeps any file from being had."""


def peer_problem(code: str, detail: str = "") -> str:
    """Why an instance could not be read, in words.

    >>> peer_problem("unsigned")[:31]
    'Ses pages ne sont pas signées\u202f:'
    """
    return str(PEER_PROBLEMS[code] % {"detail": detail}) if code in PEER_PROBLEMS else fetch_problem(code, detail)


FLAGS: dict[str, Promise] = {
    "gone-from-source": _("lieu que sa source ne cite plus"),
    "insee-missing": _("code Insee absent\u202f: commune proposée d’après une autre colonne"),
    "insee-conflict": _("deux codes Insee se contredisent\u202f: commune laissée à trancher"),
    "commune-unknown": _("code Insee inconnu du territoire chargé\u202f: lieu situé par son point"),
    "commune-from-postal-code": _("commune reconnue par son nom et son code postal"),
    "services-by-default": _("services peut-être écrits d’office par la source\u202f: à confirmer auprès du lieu"),
    "duplicate-ref": _("référence donnée à plusieurs lignes par la source"),
    "closed-here": _("lieu fermé ici\u202f: la source le dit ouvert, ce mot est laissé de côté"),
    "far-from-commune": _("point loin de la commune déclarée\u202f: à plus de 20 km de son centre"),
    "thirdplace-hint": _("dit tiers-lieu par la seule étiquette thirdplace=yes\u202f: un indice, pas une preuve"),
    "osm-unsaved": _("objet qui n’est pas encore dans OpenStreetMap\u202f: son numéro est négatif"),
    "point-moved": _("point contraire à la commune déclarée\u202f: ramené à la commune"),
}
"""What an import doubts of a row that it let in: a person has a look."""
EVIDENCE: dict[str, Promise] = {
    "name": _("nom"),
    "address": _("adresse"),
    "distance": _("distance"),
    "siret": _("Siret"),
    "site": _("site"),
    "email": _("courriel"),
    "phone": _("téléphone"),
}
"""What speaks for two sheets being one place, or against."""


def words_of(known: Format) -> Words:
    """The words of a format; one that has none here speaks French for itself."""
    return FORMATS.get(known.name) or Words(known.title)


DOUBTS: dict[str, Promise] = {
    "loss": _(
        "La source «\u202f%(name)s\u202f» comptait %(before)d lieux, elle n’en compte plus que %(rows)d\u202f: "
        "elle a perdu la moitié de ses lignes, ou plus."
    ),
    "columns": _(
        "La source «\u202f%(name)s\u202f» (%(before)d lieux avant, %(rows)d maintenant) a perdu des colonnes\u202f: "
        "%(columns)s. Elles ont peut-être seulement changé de nom."
    ),
    "format": _("La source «\u202f%(name)s\u202f» (%(before)d lieux avant, %(rows)d maintenant) a changé de format."),
}
"""Why a source that is followed stopped, and asks."""


def doubt_said(doubt: str, *, name: str, before: int, rows: int, columns: Sequence[str]) -> str:
    """Why a source stopped, in words, with the number of places before and now.

    >>> doubt_said("loss", name="Région", before=1200, rows=500, columns=())[:67]
    'La source «\\u202fRégion\\u202f» comptait 1200 lieux, elle n’en compte plus que'
    """
    listed = ", ".join(columns[:12]) + (" …" if len(columns) > 12 else "")
    return str(DOUBTS[doubt] % {"name": name, "before": before, "rows": rows, "columns": listed})


def pull_problem(code: str, detail: str = "") -> str:
    """Why a source that is followed could not be read; a file that was refused says so itself.

    >>> pull_problem("content", "Le fichier est vide."), pull_problem("broken")[:31]
    ('Le fichier est vide.', 'Sa lecture a échoué d’une façon')
    """
    if code == "content":
        return detail
    if code == "broken":
        return str(PEER_PROBLEMS[code])
    return fetch_problem(code, detail)
