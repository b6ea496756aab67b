"""The counters: what each counts and what it means, read from `definitions/*.toml`; no figure goes without its words.

The keys of a file, and the few values each accepts, are told in `docs/algorithms/counters.md`.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from maillage.network.observatory.rules.filters import (
    DIMENSIONS,
    OF_TERRITORY,
    DefinitionError,
    Filter,
    parse_filter,
)

FOLDER = Path(__file__).resolve().parent.parent / "definitions"
LANGUAGES = ("fr", "en")
FAMILIES = ("census", "registry", "movement", "quality")
ANSWERS = ("number", "share", "rate")
OVERS = ("all", "known", "inhabitants")
DUPLICATES = {"registry": ("places",), "source": ("rows",), "reach": ("places",)}
TERRITORIES = ("commune", "epci", "dep", "reg")
LONGEST_FILE = 40_000
LAST = 99
FARTHEST_MIN = 60
"""The longest trip that a counter may ask for."""
_SENTENCES = ("title", "definition", "population", "numerator", "denominator", "source", "missing")
_LISTS = ("caveats", "explains")
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*", re.ASCII)
_NAME = re.compile(r"\{(\w*)\}")
OF_THE_COMMUNES = ("inhabitants", "communes", "unknown_communes")
OF_THE_REACH = ("places", "unplaced", "communes")
OF_THE_ANSWER = ("numerator", "denominator", "missing", "share")
_TOP = {"slug", "family", "order", "answer", "count", "figures", *LANGUAGES}
_COUNT = {
    "of", "source", "rows", "dated", "published", "duplicates", "where", "counted", "missing", "over", "by", "per",
    "territory", "compared", "minutes",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Words:
    """A definition in one language, in plain words. `explains`: why this number and not another that people quote."""

    title: str
    definition: str
    population: str
    numerator: str
    denominator: str
    source: str
    missing: str
    caveats: tuple[str, ...]
    explains: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Figure:
    """One told beside the answer: counted (`where`; perhaps a least or greatest value), said by others, a share."""

    name: str
    where: Filter = ()
    lowest: str = ""
    highest: str = ""
    said: int | None = None
    by: str = ""
    part: str = ""
    of: str = ""

    @property
    def is_counted(self) -> bool:
        return self.said is None and not self.part


@dataclass(frozen=True, slots=True)
class Definition:
    """A counter. `of`: the places of the registry, the rows of one source as they came, or people in reach of places.

    `where`: the population, or the places that people may reach in so many `minutes`; `counted`: those of it that the
    numerator counts; `missing`: those for whom it is not known; `over`: what the numerator is divided by; `by`:
    dimensions told apart; `per`: so many inhabitants, for rates; `territories`: the kinds it may be asked for, with the
    column that holds their code in a file; `order`: its place in its family.
    """

    slug: str
    family: str
    answer: str
    of: str
    where: Filter
    counted: Filter
    missing: Filter
    over: str
    by: tuple[str, ...]
    per: int
    territories: Mapping[str, str]
    words: Mapping[str, Words]
    source_slug: str = ""
    published_rows: int | None = None
    dated: str = ""
    published: date | None = None
    compared: bool = False
    order: int = LAST
    figures: tuple[Figure, ...] = field(default=())
    file: str = ""
    minutes: int = 0

    @property
    def is_of_today(self) -> bool:
        """Whether its answer changes with the registry, so that it is worth keeping day after day."""
        return self.of != "source"

    @property
    def is_share(self) -> bool:
        """Whether its two numbers make a share."""
        return self.answer == "share"

    @property
    def columns(self) -> frozenset[str]:
        """The columns of a file without which nothing can be counted."""
        return frozenset(test.field for test in (*self.where, *self.counted, *self.missing))

    @property
    def beside(self) -> frozenset[str]:
        """The columns that figures told beside the answer read too."""
        named = {name for figure in self.figures for name in (figure.lowest, figure.highest) if name}
        return frozenset(named | {test.field for figure in self.figures for test in figure.where})

    def told(self, language: str) -> Words:
        """The definition in a language, in French where it is not written."""
        return self.words.get(language, self.words["fr"])

    @property
    def command(self) -> str:
        """The command that gives the figure again."""
        return f"maillage count {self.file or self.slug}"


def parse(text: str, *, file: str = "") -> Definition:
    """Read one definition; whatever is missing, unknown or contradictory is refused with its place in the file."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise DefinitionError(f"ce n’est pas du TOML : {error}.") from error
    _no_stranger(data, _TOP, "")
    slug = _text(data, "slug", "slug")
    if not _SLUG.fullmatch(slug) or len(slug) > 80:
        raise DefinitionError(
            f"slug : lettres minuscules, chiffres et traits d’union seulement ; reçu : « {slug[:80]} »."
        )
    count = data.get("count")
    if not isinstance(count, dict):
        raise DefinitionError("[count] manque : c’est lui qui dit ce qui est compté.")
    _no_stranger(count, _COUNT, "count.")
    of = _one_of(count, "of", tuple(DUPLICATES), "count.of")
    _one_of(count, "duplicates", DUPLICATES[of], "count.duplicates")
    definition = Definition(
        slug=slug,
        family=_one_of(data, "family", FAMILIES, "family"),
        answer=_one_of(data, "answer", ANSWERS, "answer"),
        of=of,
        where=_filter(count, "where", of),
        counted=_filter(count, "counted", of),
        missing=_filter(count, "missing", of),
        over=_one_of(count, "over", OVERS, "count.over"),
        by=_by(count.get("by", []), of),
        per=_whole(count, "per", "count.per") or 0,
        territories=_territories(count.get("territory", {} if of == "source" else []), of),
        words={language: _words(data, language) for language in LANGUAGES},
        figures=_figures(data.get("figures", {}), of),
        compared=count.get("compared", False) is True,
        order=_whole(data, "order", "order") or LAST,
        file=file,
        minutes=_minutes(count, of),
        **_of_source(count, of),
    )
    if of == "reach":
        _check_reach(definition, count)
    _check(definition)
    return definition


def _no_stranger(data: Mapping[str, Any], known: set[str], where: str) -> None:
    for name in data:
        if name not in known:
            raise DefinitionError(f"{where}{name} : clé inconnue. Clés : {', '.join(sorted(known))}.")


def _text(data: Mapping[str, Any], name: str, where: str) -> str:
    given = data.get(name)
    if not isinstance(given, str) or not given.strip():
        raise DefinitionError(f"{where} manque : il faut un texte.")
    return given


def _whole(data: Mapping[str, Any], name: str, where: str) -> int | None:
    given = data.get(name)
    if given is None:
        return None
    if isinstance(given, bool) or not isinstance(given, int) or given < 1:
        raise DefinitionError(f"{where} : il faut un nombre entier d’au moins 1 ; reçu : {given!r}.")
    return given


def _one_of(data: Mapping[str, Any], name: str, choices: tuple[str, ...], where: str) -> str:
    given = data.get(name)
    if given not in choices:
        told = "manque" if given is None else f"valeur inconnue : {given!r}"
        raise DefinitionError(f"{where} : {told}. Valeurs : {', '.join(choices)}.")
    return str(given)


def _filter(count: Mapping[str, Any], name: str, of: str) -> Filter:
    return parse_filter(count.get(name, {}), f"count.{name}", columns=of == "source")


def _by(given: Any, of: str) -> tuple[str, ...]:
    known = {"registry": DIMENSIONS, "reach": OF_TERRITORY}.get(of, ())
    for name in given if isinstance(given, list) else [given]:
        if name not in known:
            told = ", ".join(known) or "aucune pour les lignes d’un fichier"
            raise DefinitionError(f"count.by : dimension inconnue : {name!r}. Dimensions : {told}.")
    return tuple(given)


def _territories(given: Any, of: str) -> dict[str, str]:
    """For the registry a list of kinds; for a file, the column that holds the code of each kind."""
    pairs = given if isinstance(given, dict) else dict.fromkeys(given, "") if isinstance(given, list) else None
    if pairs is None or isinstance(given, dict) != (of == "source"):
        form = "une table { reg = 'COLONNE' }" if of == "source" else "une liste, par exemple ['dep', 'reg']"
        raise DefinitionError(f"count.territory : il faut {form}.")
    for kind in pairs:
        if kind not in TERRITORIES:
            raise DefinitionError(f"count.territory : nature inconnue : {kind!r}. Natures : {', '.join(TERRITORIES)}.")
    return {str(kind): str(column) for kind, column in pairs.items()}


def _of_source(count: Mapping[str, Any], of: str) -> dict[str, Any]:
    if of != "source":
        for name in ("source", "rows", "dated", "published"):
            if name in count:
                raise DefinitionError(f"count.{name} ne va qu’avec count.of = « source ».")
        return {}
    published = count.get("published")
    if type(published) is not date:
        raise DefinitionError(f"count.published : il faut une date sans guillemets, 2019-06-13 ; reçu : {published!r}.")
    return {
        "source_slug": _text(count, "source", "count.source"),
        "published_rows": _whole(count, "rows", "count.rows"),
        "dated": _text(count, "dated", "count.dated"),
        "published": published,
    }


def _minutes(count: Mapping[str, Any], of: str) -> int:
    given = count.get("minutes")
    if of != "reach":
        if given is not None:
            raise DefinitionError("count.minutes ne va qu’avec count.of = « reach ».")
        return 0
    if isinstance(given, bool) or not isinstance(given, int) or not 1 <= given <= FARTHEST_MIN:
        raise DefinitionError(
            f"count.minutes : il faut un nombre entier de minutes, de 1 à {FARTHEST_MIN} ; reçu : {given!r}."
        )
    return given


def _figures(given: Mapping[str, Any], of: str) -> tuple[Figure, ...]:
    figures = []
    reserved = {*OF_THE_ANSWER, *OF_THE_COMMUNES, *(OF_THE_REACH if of == "reach" else ())}
    for name, asked in given.items():
        where = f"figures.{name}"
        if not isinstance(asked, dict) or name in reserved:
            raise DefinitionError(f"{where} : il faut une table, sous un autre nom que {', '.join(OF_THE_ANSWER)}.")
        _no_stranger(asked, {"where", "lowest", "highest", "said", "by", "part", "of"}, f"{where}.")
        if sum(key in asked for key in ("where", "said", "part")) != 1:
            raise DefinitionError(
                f"{where} : un chiffre est compté (where), dit par d’autres (said) ou une part (part, of)."
            )
        if "said" in asked:
            figures.append(
                Figure(name, said=_whole(asked, "said", f"{where}.said"), by=_text(asked, "by", f"{where}.by"))
            )
        elif "part" in asked:
            known = {figure.name for figure in figures}
            part, whole = (_one_of(asked, key, tuple(sorted(known)), f"{where}.{key}") for key in ("part", "of"))
            figures.append(Figure(name, part=part, of=whole))
        else:
            kept = parse_filter(asked["where"], f"{where}.where", columns=of == "source")
            figures.append(Figure(name, kept, asked.get("lowest", ""), asked.get("highest", "")))
    return tuple(figures)


def _words(data: Mapping[str, Any], language: str) -> Words:
    said = data.get(language)
    if not isinstance(said, dict):
        raise DefinitionError(f"[{language}] manque : une définition s’écrit en {' et en '.join(LANGUAGES)}.")
    _no_stranger(said, {*_SENTENCES, *_LISTS}, f"{language}.")
    lists = {name: said.get(name, []) for name in _LISTS}
    for name, sentences in lists.items():
        if not isinstance(sentences, list) or not all(isinstance(s, str) and s.strip() for s in sentences):
            raise DefinitionError(f"{language}.{name} : il faut une liste de phrases.")
    sentences = {name: _text(said, name, f"{language}.{name}") for name in _SENTENCES}
    return Words(**sentences, caveats=tuple(lists["caveats"]), explains=tuple(lists["explains"]))


def _check_reach(definition: Definition, count: Mapping[str, Any]) -> None:
    """People are within reach or not, and of a third place: a definition of this kind says which, and no more."""
    for name in ("counted", "missing", "per"):
        if name in count:
            raise DefinitionError(
                f"count.{name} ne va pas avec « reach » : sont comptés les habitants à portée d’un lieu."
            )
    if (definition.answer, definition.over) != ("share", "known"):
        raise DefinitionError("« reach » donne une part de ceux dont on sait : answer = « share », over = « known ».")
    if not any(test.field == "third_place" and test.value == (True,) for test in definition.where):
        raise DefinitionError(
            "count.where : « reach » ne mesure qu’aux tiers-lieux ; ajoutez third_place = { in = [true] }."
        )
    for figure in definition.figures:
        if figure.is_counted:
            raise DefinitionError(f"figures.{figure.name} : avec « reach », un chiffre est dit par d’autres (said).")


def _check(definition: Definition) -> None:
    """Refuse what each part accepts and the whole does not."""
    if (definition.answer == "rate") != (definition.over == "inhabitants"):
        raise DefinitionError("count.over : « inhabitants » va avec answer = « rate », et lui seul.")
    if definition.answer == "rate" and (not definition.per or definition.of == "source"):
        raise DefinitionError("count.per manque : un taux se dit pour tant d’habitants, sur les lieux du registre.")
    reach = definition.of == "reach"
    if definition.over == "known" and not definition.missing and not reach:
        raise DefinitionError(
            "count.missing manque : « known » divise par ceux dont on sait, il faut dire qui ne l’est pas."
        )
    if definition.per and not set(definition.by) <= set(OF_TERRITORY):
        raise DefinitionError(f"count.by : pour tant d’habitants, on ne compte que par {', '.join(OF_TERRITORY)}.")
    if definition.answer == "share" and not definition.counted and not reach:
        raise DefinitionError("count.counted manque : une part dit de quoi.")
    known = {*OF_THE_ANSWER, *(figure.name for figure in definition.figures)}
    if definition.per:
        known |= set(OF_THE_COMMUNES)
    if reach:
        known |= set(OF_THE_REACH)
    for language, words in definition.words.items():
        for sentence in (*words.caveats, *words.explains):
            for name in _NAME.findall(sentence):
                if name not in known:
                    raise DefinitionError(
                        f"{language} : {{{name}}} n’est pas un chiffre. Chiffres : {', '.join(sorted(known))}."
                    )
        for name in _SENTENCES:
            if _NAME.search(getattr(words, name)):
                raise DefinitionError(
                    f"{language}.{name} : un chiffre entre accolades ne va que dans caveats et explains."
                )


def read_file(path: Path) -> Definition:
    """Read the definition of a file; whatever is wrong is told with the file's name."""
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise DefinitionError(f"{path.name} : ce n’est pas du texte en UTF-8.") from error
    if len(text) > LONGEST_FILE:
        raise DefinitionError(f"{path.name} : plus de {LONGEST_FILE} signes ; une définition est courte.")
    try:
        return parse(text, file="" if path.parent == FOLDER else str(path))
    except DefinitionError as error:
        raise DefinitionError(f"{path.name} : {error}") from error


@cache
def definitions() -> dict[str, Definition]:
    """All definitions by slug, in alphabetical order.

    >>> "outside-metropoles" in definitions()
    True
    """
    found = [read_file(path) for path in sorted(FOLDER.glob("*.toml"))]
    return {definition.slug: definition for definition in found}
