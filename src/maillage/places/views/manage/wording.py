"""The words of the desk and of its forms."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from maillage.places.queries.care import Charge
from maillage.places.rules.care import EXACT, Need
from maillage.places.views.field_wording import field_label
from maillage.places.views.timetable_wording import enumerate_words
from maillage.places.views.wording import day_in_words

TITLES: dict[str, Callable[[], str]] = {
    "presentation": lambda: _("Présentation"),
    "adresse": lambda: _("Adresse"),
    "horaires": lambda: _("Horaires"),
    "contact": lambda: _("Contact"),
    "activites": lambda: _("Activités et services"),
    "venir": lambda: _("Venir, participer, aider"),
    "structure": lambda: _("Structure"),
}


@dataclass(frozen=True, slots=True)
class Control:
    """How one plain field is asked."""

    kind: str = "text"
    hint: Callable[[], str] | None = None
    label: Callable[[], str] | None = None
    attributes: tuple[tuple[str, str], ...] = ()


CONTROLS: dict[str, Control] = {
    "name": Control(
        hint=lambda: _("Le nom que les gens connaissent."),
        attributes=(("required", "required"), ("maxlength", "200"), ("autocomplete", "off")),
    ),
    "description": Control(
        "area",
        hint=lambda: _(
            "Qui, quoi, pour qui, en quelques phrases. Une ligne vide sépare deux paragraphes ; un tiret en début de "
            "ligne fait une liste ; **deux étoiles** font du gras."
        ),
        attributes=(("rows", "10"),),
    ),
    "phone": Control(attributes=(("type", "tel"), ("autocomplete", "off"), ("maxlength", "40"))),
    "email": Control(
        hint=lambda: _("L’adresse du lieu plutôt que celle d’une personne : elle sera publique."),
        attributes=(("type", "email"), ("autocomplete", "off"), ("maxlength", "200")),
    ),
    "website": Control(
        attributes=(("type", "text"), ("inputmode", "url"), ("autocomplete", "off"), ("autocapitalize", "off"))
    ),
    "links": Control(
        "area",
        hint=lambda: _("Réseaux sociaux, agenda, billetterie… une adresse par ligne, dix au plus."),
        attributes=(("rows", "4"), ("autocapitalize", "off"), ("spellcheck", "false")),
    ),
    "activities": Control("checks", label=lambda: _("Ce qu’on y fait")),
    "services": Control("checks", label=lambda: _("Ce qu’on y trouve")),
    "access": Control("checks", label=lambda: _("Comment on y entre et on y arrive")),
    "labels": Control("checks"),
    "how_to_come": Control(
        "area",
        hint=lambda: _("La porte, l’étage, le bus, où se garer : ce que vous diriez au téléphone."),
        attributes=(("rows", "3"), ("maxlength", "600")),
    ),
    "how_to_join": Control(
        "area",
        hint=lambda: _("Comment prendre part : une adhésion, un jour d’accueil, une personne à demander."),
        attributes=(("rows", "3"), ("maxlength", "600")),
    ),
    "how_to_help": Control(
        "area",
        hint=lambda: _("Ce dont le lieu a besoin : des bras, du matériel, des compétences."),
        attributes=(("rows", "3"), ("maxlength", "600")),
    ),
    "capacity": Control(
        hint=lambda: _("Combien de personnes à la fois."),
        attributes=(("inputmode", "numeric"), ("maxlength", "6"), ("autocomplete", "off")),
    ),
    "prices": Control(
        "area",
        hint=lambda: _("Par exemple : 6 € la demi-journée, prix libre pour l’atelier."),
        attributes=(("rows", "2"), ("maxlength", "500")),
    ),
    "operator": Control(
        hint=lambda: _("L’association, la commune ou la société qui porte le lieu."),
        attributes=(("maxlength", "200"), ("autocomplete", "off")),
    ),
    "legal_forms": Control("checks"),
    "siret": Control(
        hint=lambda: _("Quatorze chiffres."),
        attributes=(("inputmode", "numeric"), ("maxlength", "20"), ("autocomplete", "off")),
    ),
    "opened_on": Control(
        hint=lambda: _("Une année suffit : 2019, 06/2019 ou 30/06/2019."),
        attributes=(("maxlength", "10"), ("autocomplete", "off")),
    ),
}


def control_label(name: str) -> str:
    asked = CONTROLS.get(name)
    return asked.label() if asked and asked.label else field_label(name)


def confirmed_words(place: Any, named: Callable[[str], str]) -> str:
    """When, and by whom, a sheet was last said to be right."""
    if place.confirmed_at is None:
        return _("Personne n’a encore confirmé cette fiche.")
    when = day_in_words(timezone.localtime(place.confirmed_at), "j F Y")
    return _("Dernière confirmation le %(when)s, par %(who)s.") % {"when": when, "who": named(place.confirmed_by)}


def lacking(group: str, slug: str, values: Mapping[str, Any], *, may_edit: bool) -> dict[str, str]:
    """What a sheet lacks, why it matters, and where to mend it."""
    what, why, section = {
        "opening_hours": (
            _("Les horaires"),
            _("C’est la première chose que l’on cherche : sans eux, on fait la route pour rien."),
            "horaires",
        ),
        "contact": (
            _("Un téléphone, un courriel ou un site"),
            _("Sans aucun moyen de joindre le lieu, on n’ose pas venir la première fois."),
            "contact",
        ),
        "address": (*_address_lacking(values), "adresse"),
        "activities": (
            _("Les activités"),
            _("La recherche « travailler », « fabriquer », « se réunir » ne trouve que ce qui est coché."),
            "activites",
        ),
        "description": (
            _("Quelques phrases de présentation"),
            _("Elles disent l’esprit du lieu, que des cases ne disent pas."),
            "presentation",
        ),
        "how_to_join": (
            _("Comment participer"),
            _("C’est ce qui transforme un visiteur en bénévole."),
            "venir",
        ),
        "access": (
            _("L’accessibilité"),
            _("Une personne en fauteuil a besoin de savoir avant de partir."),
            "activites",
        ),
        "photos": (_("Une photo"), _("On reconnaît la porte, et on voit que des gens sont là."), ""),
    }[group]
    page = reverse("manage_section", args=[slug, section]) if section else reverse("manage_photos", args=[slug])
    return {"what": what, "why": why, "url": page if may_edit else ""}


def _address_lacking(values: Mapping[str, Any]) -> tuple[str, str]:
    if values["precision"] in EXACT:
        return _("La rue"), _("Sans elle, on ne sait ni l’écrire sur une lettre, ni la demander à un passant.")
    what = _("Un point exact") if values["street"] else _("La rue et un point exact")
    return what, _("Le lieu n’est placé qu’au centre de sa commune : le dernier kilomètre se perd.")


def need_words(charge: Charge) -> str:
    """Why a sheet needs care, in a few words."""
    if charge.need == Need.NEVER:
        said = _("Jamais confirmée")
    elif charge.confirmed_at is not None:
        when = day_in_words(timezone.localtime(charge.confirmed_at), "j F Y")
        said = _("Confirmée le %(when)s") % {"when": when}
    else:
        return ""
    if charge.missing:
        names = {
            "opening_hours": _("horaires"),
            "contact": _("contact"),
            "address": _("adresse exacte"),
            "activities": _("activités"),
            "description": _("présentation"),
            "how_to_join": _("participation"),
            "access": _("accessibilité"),
            "photos": _("photo"),
        }
        what = enumerate_words([names[group] for group in charge.missing[:4]])
        said = _("%(said)s ; à compléter : %(what)s") % {"said": said, "what": what}
    return said
