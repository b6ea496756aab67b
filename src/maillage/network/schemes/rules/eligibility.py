"""Who may have a pass of a scheme, and how a contact is known again without being kept."""

import hashlib
import hmac
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from maillage.management.people.rules.entries import Wrong
from maillage.places.rules.sentences import sentence as _

AGE_BANDS: Mapping[str, tuple[int, int]] = {
    "0-17": (0, 17),
    "18-24": (18, 24),
    "25-39": (25, 39),
    "40-59": (40, 59),
    "60-69": (60, 69),
    "70+": (70, 200),
}


@dataclass(frozen=True, slots=True)
class Terms:
    """For whom a scheme is."""

    communes: Collection[str] = ()
    is_first_time: bool = True
    least_age: int | None = None
    most_age: int | None = None
    is_named: bool = False

    @property
    def asks_age(self) -> bool:
        return self.least_age is not None or self.most_age is not None

    @property
    def asks_contact(self) -> bool:
        return self.is_first_time or self.is_named


@dataclass(frozen=True, slots=True)
class Asked:
    """What was answered at the desk."""

    commune: str = ""
    age_band: str = ""
    contact: str = ""
    holder: str = ""
    is_first_time: bool = False


def refusals(terms: Terms, asked: Asked) -> dict[str, Wrong]:
    """Why a pass cannot be handed to somebody, by field; empty when it can.

    >>> refusals(Terms({"39093"}, is_first_time=False), Asked("39300"))["commune"].problem
    'ce dispositif est pour les habitants d’autres communes'
    >>> refusals(Terms({"39093"}, is_first_time=False), Asked("39093"))
    {}
    """
    wrongs: dict[str, Wrong] = {}
    if terms.communes and asked.commune not in terms.communes:
        mend = _("choisissez la commune de résidence dans la liste, ou orientez la personne autrement")
        told = _("ce dispositif est pour les habitants d’autres communes")
        wrongs["commune"] = Wrong(told if asked.commune else _("il manque la commune de résidence"), mend)
    if asked.age_band and asked.age_band not in AGE_BANDS:
        wrongs["age_band"] = Wrong(_("cette tranche d’âge n’existe pas"), _("choisissez-en une de la liste"))
    elif terms.asks_age and not _fits(terms, asked.age_band):
        problem = _("ce dispositif est pour un autre âge") if asked.age_band else _("il manque l’âge")
        wrongs["age_band"] = Wrong(problem, _("choisissez une tranche de la liste, ou orientez la personne autrement"))
    if terms.is_first_time and not asked.is_first_time:
        problem = _("ce dispositif est pour une première venue")
        wrongs["is_first_time"] = Wrong(
            problem, _("cochez si la personne n’a jamais eu ce passe, sinon arrêtez-vous là")
        )
    if terms.is_named and not asked.holder:
        wrongs["holder"] = Wrong(_("ce passe est nominatif"), _("écrivez le nom de la personne"))
    if terms.is_named and not asked.contact:
        wrongs["contact"] = Wrong(_("ce passe est nominatif"), _("écrivez un téléphone ou un courriel"))
    return wrongs


def _fits(terms: Terms, band: str) -> bool:
    """Whether somebody of a band may be of the ages asked: the bands that overlap them."""
    if band not in AGE_BANDS:
        return False
    least, most = AGE_BANDS[band]
    return (terms.least_age is None or most >= terms.least_age) and (terms.most_age is None or least <= terms.most_age)


def bands_of(terms: Terms) -> list[str]:
    """The bands that may be chosen.

    >>> bands_of(Terms(least_age=18, most_age=24)), len(bands_of(Terms()))
    (['18-24'], 6)
    """
    return [band for band in AGE_BANDS if _fits(terms, band)] if terms.asks_age else list(AGE_BANDS)


def contact_print(pepper: str, contact: str) -> str:
    """The print of a telephone or an e-mail, under the scheme's own key: it is known again there only.

    >>> contact_print("a", " Eve@Exemple.fr") == contact_print("a", "eve@exemple.fr") != contact_print("b", "eve@a.fr")
    True
    >>> contact_print("a", "06 12 34 56 78") == contact_print("a", "+33612345678")
    True
    """
    bare = "".join(contact.split()).casefold()
    if not bare:
        return ""
    if "@" not in bare:
        digits = "".join(sign for sign in bare if sign.isdigit())
        bare = f"0{digits[2:]}" if digits.startswith("33") and len(digits) == 11 else digits
    return hmac.digest(pepper.encode(), bare.encode(), hashlib.sha256).hex() if bare else ""
