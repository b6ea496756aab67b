"""The French words of the straight answer: its headlines, and the sentence of each rule."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Words = Mapping[str, Promise]

VERDICTS: Words = {
    "useful": _("Utile ici"),
    "smaller": _("Plus petit"),
    "share": _("Partager avec un voisin"),
    "not-now": _("Pas maintenant"),
    "unknown": _("On ne peut pas conclure"),
}
HEADLINES: Words = {
    "useful": _("Oui\u202f: un tiers-lieu serait utile ici."),
    "smaller": _(
        "Oui, mais plus petit\u202f: quelques postes partagés avec un autre service, sans emploi payé ni loyer."
    ),
    "share": _("Partagez avec le lieu voisin plutôt que d’en ouvrir un autre."),
    "not-now": _("Non, pas maintenant\u202f: trop peu de monde pour qu’un lieu vive."),
    "unknown": _("On ne peut pas conclure\u202f: ce que le registre sait d’ici n’est pas confirmé."),
}
IF_COMPLETE: Words = {
    "useful": _("Si le registre est exact ici, un tiers-lieu serait utile."),
    "smaller": _("Si le registre est exact ici, quelques postes partagés avec un autre service suffiraient."),
    "share": _("Si le registre est exact ici, mieux vaudrait partager avec le lieu voisin."),
}
NO_FIGURES = _("On ne peut pas conclure\u202f: les chiffres manquent ici.")
NOBODY = _("Personne n’habite ici%(source)s\u202f: la question ne se pose pas.")
CALL_FIRST: Words = {
    "smaller": _(
        "Appelez d’abord «\u202f%(name)s\u202f». S’il est ouvert\u202f: partagez avec lui. S’il a fermé\u202f: "
        "quelques postes, sans emploi ni loyer."
    ),
    "smaller-try": _(
        "Appelez d’abord «\u202f%(name)s\u202f». S’il est ouvert\u202f: partagez avec lui. S’il a fermé\u202f: un "
        "jour par semaine, pour essayer, dans une salle qui existe."
    ),
}
WIDE_BEST = _("Autour %(of_centre)s, d’où l’on servirait le plus de monde\u202f: %(answer)s")
WIDE_TRIED = _("Autour %(of_centre)s, où l’on essaie d’ouvrir\u202f: %(answer)s")
WIDE_ANSWERS: Words = {
    "useful": _("oui, un tiers-lieu serait utile."),
    "smaller": _("oui, mais plus petit, quelques postes partagés avec un autre service."),
    "share": _("partagez avec le lieu voisin plutôt que d’en ouvrir un autre."),
    "not-now": _("non, pas maintenant, trop peu de monde pour qu’un lieu vive."),
    "unknown": _("on ne peut pas conclure, ce que le registre en sait n’est pas confirmé."),
}
WIDE_IF_COMPLETE: Words = {
    "useful": _("Si le registre est exact autour %(of_centre)s, un tiers-lieu y serait utile."),
    "smaller": _(
        "Si le registre est exact autour %(of_centre)s, quelques postes partagés avec un autre service y suffiraient."
    ),
    "share": _("Si le registre est exact autour %(of_centre)s, mieux vaudrait y partager avec le lieu voisin."),
}

SENTENCES: Words = {
    "demand-unknown": _(
        "On ne sait pas combien de personnes vivent ou travaillent ici\u202f: sans population, aucune réponse "
        "n’est honnête."
    ),
    "nobody": _("La population officielle est de zéro habitant%(source)s\u202f: un lieu n’y servirait personne."),
    "wide": _(
        "Pour un territoire aussi grand, une seule réponse n’aurait pas de sens\u202f; voici où regarder d’abord."
    ),
    "centre-best": _(
        "La réponse porte sur les alentours %(of_centre)s, la commune du territoire que le plus d’habitants "
        "rejoindraient, d’abord ceux qui sont loin de tout lieu ouvert. Ailleurs elle peut être autre."
    ),
    "centre-tried": _(
        "La réponse porte sur les alentours %(of_centre)s, où l’on essaie d’ouvrir. Ailleurs elle peut être autre."
    ),
    "demand": _(
        "%(centre)s et les communes à moins de %(within)s\u202fmin comptent %(population)s habitants\u202f: de "
        "quoi occuper environ %(p50_desks)s un jour ordinaire, sans doute entre %(p10)s et %(p90)s si nos hypothèses "
        "sont justes."
    ),
    "demand-estimated": _(
        "%(centre)s et les communes à moins de %(within)s\u202fmin comptent %(population)s habitants\u202f: de "
        "quoi occuper environ %(p50_desks)s un jour ordinaire, sans doute entre %(p10)s et %(p90)s si nos hypothèses "
        "sont justes. Le nombre de personnes en emploi est estimé d’après la population."
    ),
    "too-few": _(
        "Même dans les cas les plus favorables, moins de %(few)s postes seraient occupés (%(p90)s)\u202f: pas "
        "assez pour payer l’énergie, internet et l’assurance d’une salle prêtée. Cela reste vrai quoi que sache "
        "le registre."
    ),
    "smaller": _(
        "C’est assez pour quelques postes dans une salle partagée avec un autre service, pas pour un lieu "
        "entier\u202f: il en faudrait %(viable)s par jour pour payer un mi-temps, même sans loyer."
    ),
    "smaller-try": _(
        "Le plus souvent moins de %(few)s postes seraient occupés\u202f: essayez d’abord un jour par semaine "
        "dans une salle qui existe, avant tout achat. Il en faudrait %(viable)s par jour pour payer un mi-temps, "
        "même sans loyer."
    ),
    "smaller-beyond": _(
        "Autour %(of_centre)s, les personnes trop loin d’un lieu ouvert n’occuperaient qu’environ %(p50_desks)s un "
        "jour ordinaire\u202f: une salle partagée leur suffit, il en faudrait %(viable)s pour un lieu entier."
    ),
    "most-desks": _(
        "Le registre n’étant pas confirmé, regardez aussi autour %(of_centre)s, que le plus d’habitants "
        "rejoindraient\u202f: environ %(p50_desks)s occupés un jour ordinaire."
    ),
    "useful-beyond": _(
        "Autour %(of_centre)s, les personnes trop loin d’un lieu ouvert occuperaient à elles seules environ "
        "%(p50_desks)s un jour ordinaire\u202f; il en faut %(viable)s pour payer un mi-temps dans des murs prêtés."
    ),
    "useful-more": _(
        "La demande (environ %(p50_desks)s un jour ordinaire) dépasse ce qui remplit les lieux ouverts à portée "
        "%(of_centre)s (%(places)s) et un de plus, à %(viable)s postes chacun."
    ),
    "share": _(
        "«\u202f%(name)s\u202f» (%(commune)s) est ouvert à %(minutes)s\u202fmin %(of_centre)s, et la demande ne "
        "remplirait pas deux lieux."
    ),
    "people-beyond": _("%(people)s habitants du territoire sont à plus de %(within)s\u202fmin d’un lieu ouvert."),
    "none-near": _("Le registre ne connaît aucun lieu ouvert à moins de %(within)s\u202fmin %(of_centre)s."),
    "near-checked": _(
        "Le lieu ouvert le plus proche %(of_centre)s, «\u202f%(name)s\u202f» (%(commune)s), en est à "
        "%(minutes)s\u202fmin\u202f; il a été vérifié depuis moins de deux ans."
    ),
    "near-unchecked": _(
        "Le lieu ouvert le plus proche %(of_centre)s, «\u202f%(name)s\u202f» (%(commune)s), en est à "
        "%(minutes)s\u202fmin, mais personne n’a vérifié depuis deux ans qu’il l’est encore."
    ),
    "doubt-too-few": _(
        "Le registre a trop peu de lieux ici pour être cru\u202f: %(found)s à portée, quand autant d’habitants "
        "en ont %(expected)s dans des communes aussi denses (%(chance)s d’en avoir si peu). Demandez "
        "d’abord sur place ce qui existe."
    ),
    "doubt-too-few-at": _(
        "Le registre a trop peu de lieux autour %(of_centre)s pour être cru\u202f: %(found)s à portée, quand autant "
        "d’habitants en ont %(expected)s dans des communes aussi denses (%(chance)s d’en avoir si peu). Demandez "
        "d’abord sur place ce qui existe."
    ),
    "doubt-unchecked": _(
        "Le registre n’est pas confirmé ici\u202f: %(found_places)s à portée, dont %(checked)s vérifiés "
        "depuis deux ans%(last)s. Confirmez d’abord ceux qui sont nommés."
    ),
    "doubt-unchecked-at": _(
        "Le registre n’est pas confirmé autour %(of_centre)s\u202f: %(found_places)s à portée, dont %(checked)s "
        "vérifiés depuis deux ans%(last)s. Confirmez d’abord ceux qui sont nommés."
    ),
    "doubt-empty": _(
        "Le registre ne connaît aucun lieu ouvert à portée, et dans l’heure alentour %(around_checked)s sur "
        "%(around)s ont été vérifiés depuis deux ans%(last)s. Demandez d’abord sur place ce qui existe."
    ),
    "doubt-empty-at": _(
        "Le registre ne connaît aucun lieu ouvert à portée %(of_centre)s, et dans l’heure alentour %(around_checked)s "
        "sur %(around)s ont été vérifiés depuis deux ans%(last)s. Demandez d’abord sur place ce qui existe."
    ),
    "doubt-nothing": _(
        "Le registre ne connaît aucun lieu ouvert à portée, ni dans l’heure alentour. Demandez d’abord sur place ce "
        "qui existe."
    ),
    "doubt-nothing-at": _(
        "Le registre ne connaît aucun lieu ouvert à portée %(of_centre)s, ni dans l’heure alentour. Demandez d’abord "
        "sur place ce qui existe."
    ),
}
SUPPOSED = _("Si le registre est exact\u202f: %(sentence)s")
LAST = _(", la dernière vérification datant de %(date)s")
