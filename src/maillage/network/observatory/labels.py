"""Why a figure is unknown, and what to do about it, as people read it."""

from django.utils.translation import gettext_lazy as _

REASONS = {
    "census-not-loaded": _(
        "Le recensement de 2018-2019 n’est pas chargé ici. Pour obtenir ce chiffre : "
        "« maillage import CGET_TiersLieux_2019.csv »."
    ),
    "before-census": _("Le recensement a été publié en juin 2019 : avant cette date, il n’y a rien à compter."),
    "registry-empty": _(
        "Le registre ne contient aucun lieu réel. Importez des lieux avec « maillage import FICHIER » : "
        "la démonstration n’est jamais comptée."
    ),
    "no-snapshot": _("Aucun relevé n’a été pris à cette date ni avant : le registre ne se compte pas dans le passé."),
}
