"""A diagnosis in words: its headline, its sentences with their figures, and its vocabulary."""

from collections.abc import Mapping
from datetime import date

from django.utils.formats import date_format, number_format
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from maillage.diagnosis.rules.asking import Refused
from maillage.diagnosis.rules.conclusion import WIDE
from maillage.diagnosis.rules.facts import Diagnosis, Sentence
from maillage.diagnosis.rules.trust import last_month
from maillage.diagnosis.sentences import (
    CALL_FIRST,
    HEADLINES,
    IF_COMPLETE,
    LAST,
    NO_FIGURES,
    NOBODY,
    SENTENCES,
    SUPPOSED,
    VERDICTS,
    WIDE_ANSWERS,
    WIDE_BEST,
    WIDE_IF_COMPLETE,
    WIDE_TRIED,
    Words,
)
from maillage.places.labels import label
from maillage.places.views.wording import of_name

CHAPTERS: Mapping[str, str] = {
    "demand": "demande",
    "demand-estimated": "demande",
    "demand-unknown": "demande",
    "people-beyond": "trajets",
    "none-near": "trajets",
    "near-checked": "trajets",
    "near-unchecked": "confiance",
    "doubt-too-few": "confiance",
    "doubt-unchecked": "confiance",
    "doubt-empty": "confiance",
    "doubt-nothing": "confiance",
    "nobody": "demande",
}
"""The chapter of the page of methods behind each sentence; `conclusion` for all the others."""

REMARKS: Words = {
    "former-named": _("%(former)s (%(code)s) fait aujourd’hui partie de %(name)s (%(today)s)."),
    "former": _("Le code %(code)s est aujourd’hui celui de %(name)s (%(today)s)."),
    "fictional": _("Des lieux fictifs sont comptés\u202f: ceci est une démonstration, pas un constat."),
    "no-places": _("Le registre est vide\u202f: personne n’y a encore inscrit de lieu ouvert."),
    "approximate": _(
        "Les centres de %(communes)s communes sur %(of)s sont estimés\u202f: les minutes sont approximatives. "
        "Les centres officiels viennent avec «\u202fmaillage territory update\u202f»."
    ),
    "no-centre": _(
        "%(communes)s communes sur %(of)s n’ont pas de centre connu\u202f: leurs minutes sont inconnues, pas nulles."
    ),
    "no-population": _(
        "%(communes)s communes sur %(of)s n’ont pas de population connue\u202f: leurs habitants ne sont pas comptés."
    ),
    "employed-estimated": _(
        "Les personnes en emploi sont estimées d’après la population (%(share)s d’entre elles)\u202f: le fond de "
        "territoire ne les donne pas."
    ),
    "one-point": _("Mesuré depuis le centre de la commune, comme si tous y habitaient."),
    "overseas": _("Outre-mer, les vitesses sont celles de chaque territoire\u202f; aucun trajet ne passe la mer."),
}

CHANGES: Words = {
    "changed-verdict": _("La réponse était «\u202f%(before)s\u202f»\u202f; elle est «\u202f%(after)s\u202f»."),
    "changed-population": _("Habitants comptés\u202f: %(before)s alors, %(after)s aujourd’hui."),
    "changed-beyond": _(
        "Habitants à plus de %(within)s\u202fmin d’un lieu ouvert\u202f: %(before)s alors, %(after)s aujourd’hui."
    ),
    "changed-communes": _("Communes du territoire\u202f: %(before)s alors, %(after)s aujourd’hui."),
    "changed-desks": _("Postes occupés un jour ordinaire\u202f: %(before)s alors, %(after)s aujourd’hui."),
    "place-new": _("Apparu à portée\u202f: «\u202f%(name)s\u202f» (%(commune)s)."),
    "place-gone": _("Disparu d’à portée\u202f: «\u202f%(name)s\u202f» (%(commune)s)."),
    "place-status": _("«\u202f%(name)s\u202f» était %(before)s\u202f; il est %(after)s."),
    "places-more": _("Autres lieux changés\u202f: %(count)s."),
    "changed-travel": _("Les minutes étaient calculées par %(before)s\u202f; elles le sont par %(after)s."),
    "changed-ground": _("Le fond de territoire a été remplacé."),
}

REFUSALS: Words = {
    "kept-yours": _(
        "%(most)s constats ont été gardés aujourd’hui depuis votre adresse, c’est la part de chacun\u202f:"
        " reprenez demain."
    ),
    "kept-enough": _("%(most)s constats ont été gardés aujourd’hui, c’est le plus possible\u202f: reprenez demain."),
    "within": _(
        "«\u202f%(value)s\u202f» n’est pas un seuil\u202f: donnez un nombre entier de minutes, de %(least)s à %(most)s."
    ),
    "sites": _(
        "«\u202f%(value)s\u202f» n’est pas un nombre de lieux à ouvrir\u202f: donnez un nombre entier, de 1 à %(most)s."
    ),
    "sites-candidates": _(
        "%(value)s lieux à ouvrir, mais seulement %(candidates)s communes où en ouvrir\u202f: demandez-en moins, "
        "ou prenez un territoire plus grand."
    ),
    "too-many": _("%(count)s changements à la fois\u202f: %(most)s au plus."),
    "territory": _(
        "Aucun territoire ne répond à «\u202f%(value)s\u202f»\u202f: donnez commune:54395, epci:200071066, "
        "bv:54395, dep:54, reg:44 ou france."
    ),
    "coordinates": _(
        "«\u202f%(value)s\u202f» sont des coordonnées, pas un territoire\u202f: donnez le nom ou le code d’une commune."
    ),
    "territory-proposed": _("Aucun territoire ne répond à «\u202f%(value)s\u202f». Peut-être\u202f: %(proposed)s."),
    "open-unknown": _("Aucune commune n’a le code «\u202f%(value)s\u202f»\u202f: donnez son code Insee, cinq signes."),
    "open-proposed": _("Aucune commune n’a le code «\u202f%(value)s\u202f». Peut-être\u202f: %(proposed)s."),
    "open-nowhere": _("Le centre de %(value)s n’est pas connu\u202f: on ne sait pas quels trajets y mènent."),
    "close-unknown": _(
        "Aucun tiers-lieu n’a l’adresse «\u202f%(value)s\u202f»\u202f: prenez celle de sa page, après "
        "«\u202f/lieux/\u202f»."
    ),
    "close-shut": _("«\u202f%(value)s\u202f» n’est pas ouvert\u202f: il ne peut pas fermer."),
    "empty": _("%(name)s n’a aucune commune dans le fond de territoire\u202f: il n’y a rien à dire d’ici."),
    "no-candidates": _("Aucune commune de %(name)s n’a de centre connu\u202f: on ne sait pas où ouvrir."),
}

KINDS: Words = {
    "commune": _("commune"),
    "epci": _("intercommunalité"),
    "bv": _("bassin de vie"),
    "dep": _("département"),
    "reg": _("région"),
    "france": _("pays"),
}
EVIDENCE: Words = {
    "solid": _("Le registre est confirmé ici."),
    "thin": _("Le registre n’est qu’en partie confirmé ici."),
    "none": _("Le registre n’est pas confirmé ici."),
}
COSTS: Words = {
    "charges": _("énergie, internet et assurance, murs prêtés"),
    "half-post": _("les mêmes et un mi-temps, murs prêtés"),
    "rent-half-post": _("les mêmes, un mi-temps et un loyer"),
}
STEPS: Words = {
    "employed": _("personnes en emploi, comptées pour moins quand elles sont plus loin"),
    "salaried": _("salariées"),
    "teleworkable": _("dont le travail pourrait se faire à distance"),
    "teleworking": _("qui télétravaillent"),
    "in-tiers-lieu": _("qui le feraient dans un tiers-lieu"),
    "desks": _("postes occupés un jour ordinaire par des salariés"),
    "self-employed": _("indépendantes"),
    "self-employed-desk-work": _("dont le travail tient sur un bureau"),
    "self-employed-in-tiers-lieu": _("qui prendraient un poste dans un tiers-lieu"),
    "self-employed-desks": _("postes occupés un jour ordinaire par des indépendants"),
}
THEMES: Words = {
    "serv-particuliers": _("services aux particuliers"),
    "serv-commerce": _("commerces"),
    "serv-ens-1er-degre": _("écoles"),
    "serv-sante": _("établissements de santé"),
    "serv-medical-para": _("médecins et soignants"),
    "serv-action-sociale": _("aide sociale et petite enfance"),
    "tour-transp": _("transports et tourisme"),
}
FIGURES: Words = {
    "communes": _("communes"),
    "population": _("population"),
    "places": _("lieux"),
    "travel": _("temps de trajet"),
    "viability": _("coûts et recettes"),
    "demand": _("demande de postes"),
}

_PERCENTS = frozenset({"share"})
_DESKS = frozenset({"p10", "p50", "p90"})
_WHOLE = frozenset({"minutes"})


def say(sentence: Sentence) -> str:
    """A sentence of the conclusion or a remark, with its figures, in the language of the reader."""
    rule = sentence.rule
    if rule.startswith("if-"):
        said = say(Sentence(rule[3:], sentence.figures))
        return str(SUPPOSED) % {"sentence": said[:1].lower() + said[1:] if not said.startswith("«") else said}
    words = SENTENCES.get(rule) or REMARKS.get(rule) or CHANGES[rule]
    return str(words) % _told(sentence.figures)


def sentence(one: Sentence) -> str:
    """A sentence of the conclusion."""
    return say(one)


def remark(one: Sentence) -> str:
    """Something to say before any figure."""
    return say(one)


def change(one: Sentence) -> str:
    """Something that changed between a kept diagnosis and today's."""
    figures = dict(one.figures)
    if one.rule == "changed-verdict":
        figures = {name: verdict_title(str(code)) for name, code in figures.items()}
    if one.rule == "place-status":
        figures |= {name: status(str(figures[name])).lower() for name in ("before", "after")}
    return say(Sentence(one.rule, figures))


def chapter(rule: str) -> str:
    """The chapter of the page of methods that explains a rule."""
    return CHAPTERS.get(rule.removeprefix("if-").removesuffix("-at"), "conclusion")


def headline(diagnosis: Diagnosis) -> str:
    """The straight answer in one sentence, as a mayor reads it aloud: the same on page, paper and command."""
    told, rules = diagnosis.conclusion, {one.rule: one.figures for one in diagnosis.conclusion.sentences}
    if "nobody" in rules:
        return str(NOBODY) % _told(rules["nobody"])
    if told.verdict == "unknown" and "demand-unknown" in rules:
        return str(NO_FIGURES)
    if diagnosis.kind in WIDE and diagnosis.demand is not None:
        words = WIDE_TRIED if diagnosis.demand.centre in diagnosis.request.opened else WIDE_BEST
        answer = str(WIDE_ANSWERS[told.verdict])
        return str(words) % {"of_centre": of_name(diagnosis.demand.centre_name), "answer": answer}
    if call := _call_first(diagnosis):
        return call
    return str(HEADLINES[told.verdict])


verdict = headline


def _call_first(diagnosis: Diagnosis) -> str:
    """The headline where all hangs on whether one named place is still open; empty elsewhere."""
    told = diagnosis.conclusion
    if (told.verdict, told.if_complete) != ("smaller", "share"):
        return ""
    near = next((one for one in told.sentences if one.rule in ("near-unchecked", "near-checked")), None)
    if near is None:
        return ""
    is_try = any(one.rule == "smaller-try" for one in told.sentences)
    return str(CALL_FIRST["smaller-try" if is_try else "smaller"]) % {"name": near.figures["name"]}


def if_complete(diagnosis: Diagnosis) -> str:
    """What the answer would be if the registry were right; empty where it is not in doubt or the headline says it."""
    told = diagnosis.conclusion.if_complete
    if told is None:
        return ""
    if diagnosis.kind in WIDE and diagnosis.demand is not None:
        return str(WIDE_IF_COMPLETE[told]) % {"of_centre": of_name(diagnosis.demand.centre_name)}
    return "" if _call_first(diagnosis) else str(IF_COMPLETE[told])


def verdict_title(code: str) -> str:
    """A verdict in two or three words."""
    return str(VERDICTS[code])


def verdict_means(code: str) -> str:
    """A verdict in one sentence."""
    return str(HEADLINES[code])


def evidence(code: str) -> str:
    """What the registry is worth, in one sentence."""
    return str(EVIDENCE[code])


def kind(code: str) -> str:
    """A kind of territory."""
    return str(KINDS.get(code, code))


def status(code: str) -> str:
    """The state of a place."""
    return str(label("status", code))


def cause(code: str) -> str:
    """Why a place closed."""
    return str(label("closed_cause", code)) if code else ""


def cost(slug: str) -> str:
    """A set of yearly costs."""
    return str(COSTS.get(slug, slug))


def step(slug: str) -> str:
    """A step of the demand."""
    return str(STEPS.get(slug, slug))


def theme(slug: str) -> str:
    """A theme of the surroundings."""
    return str(THEMES.get(slug, slug))


def figure(name: str) -> str:
    """A figure of the sources."""
    return str(FIGURES.get(name, name))


def refusal(refused: Refused) -> str:
    """What is wrong with a question, and what to do."""
    return str(REFUSALS[refused.rule]) % _told(refused.figures)


def _told(figures: Mapping[str, object]) -> dict[str, str]:
    told = {name: _figure(name, value) for name, value in figures.items()}
    centre = figures.get("centre")
    told["of_centre"] = of_name(str(centre)) if centre else gettext("de la commune retenue")
    for name in _DESKS & figures.keys():
        told[f"{name}_desks"] = _desks(figures[name])
    if isinstance(found := figures.get("found"), int):
        told["found_places"] = ngettext("%(n)s lieu ouvert", "%(n)s lieux ouverts", found) % {"n": number(found)}
    return told


def _desks(value: object) -> str:
    if not isinstance(value, int | float):
        return gettext("inconnu")
    return ngettext("%(n)s poste", "%(n)s postes", int(rounded(value))) % {"n": _figure("p50", value)}


def _figure(name: str, value: object) -> str:
    if name == "last":
        return str(LAST) % {"date": month(str(value))} if value else ""
    if name == "source":
        return f" ({value})" if value else ""
    if value is None:
        return gettext("inconnu")
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    if name == "chance":
        return _chance(value)
    if name in _PERCENTS:
        return gettext("%(number)s\u202f%%") % {"number": number(value * 100, 0 if value >= 0.01 else 1)}
    if name in _DESKS:
        return number(rounded(value), 1)
    return number(value, 0 if isinstance(value, int) or name in _WHOLE or abs(value) >= 10 else 1)


def _chance(value: float) -> str:
    if value < 0.01:
        return gettext("moins d’une chance sur cent")
    count = round(value * 100)
    return ngettext("%(n)s chance sur cent", "%(n)s chances sur cent", count) % {"n": count}


def rounded(value: float) -> float:
    """Round a quantity that rests on assumptions to two significant digits, never finer than a tenth.

    >>> rounded(3778.2), rounded(31.4), rounded(3.14), rounded(0.04)
    (3800.0, 31.0, 3.1, 0.0)
    """
    size = len(str(int(abs(value))))
    return float(round(value, min(1, 2 - size)))


def month(dated: str) -> str:
    """A perhaps partial date, to the month: « juin 2019 », « 2019 »; as it stands where it is not one."""
    read = last_month(dated)
    if read is None or len(dated) < 7:
        return dated
    return str(date_format(date(*read, 1), "F Y"))


def number(value: float, decimals: int = 0) -> str:
    """A number as the language writes it, thousands grouped by a narrow space in French.

    >>> number(12345), number(2.04, 1), number(3.0, 1)
    ('12\\u202f345', '2', '3')
    """
    rounded = round(value, decimals)
    places = decimals if rounded != int(rounded) else 0
    return str(number_format(rounded, places, force_grouping=True)).replace("\xa0", "\u202f")
