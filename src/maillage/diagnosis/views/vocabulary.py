"""Short French words beside the figures of a diagnosis: where a share comes from, what a mark on a chart stands for."""

import re
from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from maillage.places.views.wording import partial_date

Words = Mapping[str, Promise]

STEP_SOURCES: Words = {
    "salaried": _("le reste\u202f: tous sauf les indépendants (ordre de grandeur national)"),
    "teleworkable": _("Insee, données 2021\u202f; 39\u202f% en métropole, de 32 à 51\u202f% selon la région"),
    "teleworking": _(
        "Insee 2022\u202f: 19,4\u202f% de tous les salariés\u202f; répartis selon la densité, par déduction"
    ),
    "in-tiers-lieu": _(
        "92\u202f% du télétravail se fait au domicile (Île-de-France, 2022)\u202f: moins de 8\u202f% du reste"
    ),
    "desks": _("baromètre Ifop et France Tiers-Lieux\u202f: 1,4 jour réel pour 2,1 prévus"),
    "employed": _("moitié moins de monde toutes les cinq minutes\u202f; aucune courbe n’est publiée"),
    "self-employed": _("ordre de grandeur national\u202f; le recensement le donne commune par commune"),
    "self-employed-desk-work": _(
        "Insee, données 2021\u202f: 33\u202f% des artisans et commerçants, 3\u202f% des agriculteurs"
    ),
    "self-employed-in-tiers-lieu": _("inconnu\u202f; on les dit premiers usagers (Cerema, 2019)"),
    "self-employed-desks": _("aucun chiffre publié"),
}
COSTS: Words = {
    "charges": _("les charges, salle prêtée"),
    "half-post": _("et un mi-temps"),
    "rent-half-post": _("et un loyer"),
}
FIGURES: Words = {
    "centre": _("Centres des communes"),
    "communes": _("Communes"),
    "contours": _("Contours"),
    "demand": _("Parts de la demande"),
    "densite": _("Densité"),
    "chomage": _("Chômage"),
    "emploi": _("Personnes en emploi"),
    "emplois_sur_place": _("Emplois sur place"),
    "epci": _("Intercommunalités"),
    "equipements": _("Équipements"),
    "bassin_de_vie": _("Bassins de vie"),
    "logements": _("Logements"),
    "places": _("Lieux"),
    "population": _("Population"),
    "revenus": _("Niveau de vie"),
    "travel": _("Temps de trajet"),
    "viability": _("Coûts et prix d’un petit lieu"),
}
SOURCES: Words = {
    "vol d’oiseau corrigé": _("vol d’oiseau corrigé"),
    "route": _("route"),
    "petit lieu rural": _("petit lieu rural"),
    "cascade des postes": _("cascade des postes"),
}
"""Names of ours that stand among the sources: travel models, files of parameters."""
ELSEWHERE = re.compile(r"\s; sans route dans cet extrait\s:\s")
ISO_DAY = re.compile(r"\b[0-9]{4}(-[0-9]{2}){1,2}\b")
UNUSED = frozenset(
    {
        *("aire_d_attraction", "anciens_codes", "codes_postaux", "etablissements", "frr", "programmes", "qpv"),
        *("superficie", "zone_d_emploi"),
    }
)
"""Figures of the ground on which no figure of a diagnosis rests."""


def source(told: str) -> str:
    """The name of a source, in the language of the reader where it is one of ours, its date in words.

    >>> source("vol d’oiseau corrigé (2026-11-22)"), source("Insee, bassins de vie")
    ('vol d’oiseau corrigé (22 novembre 2026)', 'Insee, bassins de vie')
    """
    road, *elsewhere = ELSEWHERE.split(told, maxsplit=1)
    if elsewhere:
        return gettext("%(road)s\u202f; sans route dans cet extrait\u202f: %(elsewhere)s") % {
            "road": source(road),
            "elsewhere": source(elsewhere[0]),
        }
    name, opening, rest = told.partition(" (")
    if name not in SOURCES:
        return told
    return word(SOURCES, name) + opening + ISO_DAY.sub(lambda day: partial_date(day[0]), rest)


def word(words: Words, slug: str) -> str:
    """A word of ours, or the slug itself where nobody has named it yet."""
    return str(words.get(slug, slug))
