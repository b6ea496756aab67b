"""What a figure is told with: why it is unknown and what to do, its classes, its dimensions, as people read them."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from maillage.network.observatory.rules.counts import Count
from maillage.places.labels import label

REASONS: dict[str, Promise] = {
    "census-not-loaded": _(
        "Le recensement de 2018-2019 n’est pas chargé ici. Pour obtenir ce chiffre : "
        "« maillage import CGET_TiersLieux_2019.csv »."
    ),
    "before-census": _("Le recensement a été publié en juin 2019 : avant cette date, il n’y a rien à compter."),
    "registry-empty": _(
        "Le registre ne contient aucun lieu réel. Importez des lieux avec « maillage import FICHIER » : "
        "la démonstration n’est jamais comptée."
    ),
    "population-empty": _(
        "Le registre ne tient aucun lieu de cette population : personne ne lui en a parlé. Ce n’est pas un zéro."
    ),
    "territory-empty": _(
        "Aucun lieu connu dans ce territoire : c’est peut-être le registre qui les ignore. Ce n’est pas un zéro."
    ),
    "nothing-known": _("%(missing)s : tous. Aucune source ne l’a dit ; l’équipe de chaque lieu le peut, sur sa fiche."),
    "communes-unknown": _(
        "%(missing)s : tous. Leur commune n’est pas connue, ou le territoire chargé ici ne dit pas d’elle ce qu’il "
        "faut pour compter. « maillage territory update » charge un territoire officiel."
    ),
    "no-ground": _(
        "Aucune commune n’est connue ici : sans territoire, on ne sait pas qui habite près d’un lieu. "
        "« maillage territory update » en apporte un."
    ),
    "no-inhabitants": _(
        "D’aucune commune d’ici on ne sait à la fois combien de gens y habitent et où elle est. "
        "Un territoire officiel (« maillage territory update ») le dirait."
    ),
    "no-snapshot": _("Aucun relevé n’a été pris à cette date ni avant : le registre ne se compte pas dans le passé."),
    "no-snapshot-there": _(
        "Les relevés d’un jour passé sont pris pour la France entière : un territoire se compte au jour d’aujourd’hui."
    ),
}

FAMILIES: dict[str, Promise] = {
    "census": _("Le recensement de 2018-2019"),
    "registry": _("Le registre d’aujourd’hui"),
    "movement": _("Ouvertures et fermetures"),
    "quality": _("Ce que vaut le registre"),
}

DIMENSIONS: dict[str, tuple[Promise, Promise]] = {
    "status": (_("Par état"), _("État")),
    "source": (_("Par source (un lieu peut en avoir plusieurs)"), _("Source")),
    "density": (_("Par densité de la commune"), _("Densité")),
    "region": (_("Par région"), _("Région")),
    "metropole": (_("Dans les 22 métropoles et hors d’elles"), _("Où")),
    "opened": (_("Par année d’ouverture"), _("Année")),
    "closed": (_("Par année de fermeture"), _("Année")),
}
"""The caption of a table by dimension, and the head of its first column."""

DENSITIES: dict[str, Promise] = {
    "1": _("1 · grands centres urbains"),
    "2": _("2 · centres urbains intermédiaires"),
    "3": _("3 · petites villes"),
    "4": _("4 · ceintures urbaines"),
    "5": _("5 · bourgs ruraux"),
    "6": _("6 · rural à habitat dispersé"),
    "7": _("7 · rural à habitat très dispersé"),
}
METROPOLES: dict[str, Promise] = {"yes": _("Dans une métropole"), "no": _("Hors métropole")}
UNKNOWN = _("Non connu")


def why(count: Count, language: str) -> str:
    """Why a figure is not known, and what to do."""
    return str(REASONS[count.reason]) % {"missing": count.definition.told(language).missing}


def class_name(kind: str, code: str, regions: dict[str, str]) -> str:
    """The name of one class of a dimension; an empty code is those of which it is not known."""
    if not code:
        return str(UNKNOWN)
    if kind == "status":
        return str(label("status", code))
    named: dict[str, Mapping[str, object]] = {"density": DENSITIES, "metropole": METROPOLES, "region": regions}
    return str(named.get(kind, {}).get(code, code))
