"""`maillage count`: a figure with its definition, its denominator and its date."""

import argparse
import json
import sys
import textwrap
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from maillage.network.observatory.rules.bias import Bias
    from maillage.network.observatory.rules.counts import Count, Detail


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser(
        "count",
        help="compte, avec la définition et le dénominateur",
        description="Compte, avec la définition, le dénominateur, la date et ce qui manque.",
    )
    parser.add_argument(
        "definition",
        metavar="DÉFINITION",
        nargs="?",
        help="ce qu’il faut compter, ou un fichier .toml qui le dit ; sans elle, la liste",
    )
    parser.add_argument("--at", metavar="DATE", type=_day, help="au jour dit, par exemple 2026-09-01")
    parser.add_argument(
        "--territory",
        metavar="TERRITOIRE",
        default="",
        help="pour un territoire : dep:39, reg:27, 39093… là où la définition le permet",
    )
    parser.add_argument(
        "--format", choices=("text", "json", "csv"), default="text", help="text (par défaut), json ou csv"
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print the answer of a counter, or the list of counters."""
    from django.utils import timezone

    from maillage.network.observatory import queries
    from maillage.network.observatory.rules.counts import as_data
    from maillage.network.observatory.rules.definitions import definitions, read_file
    from maillage.network.observatory.rules.filters import DefinitionError

    if not arguments.definition:
        known = {slug: definition.told("fr").title for slug, definition in definitions().items()}
        print(_listed(known, arguments.format))
        return 0
    asked = {"today": timezone.localdate(), "at": arguments.at, "where": arguments.territory}
    try:
        if arguments.definition.endswith(".toml"):
            answer = queries.answered(read_file(Path(arguments.definition)), **asked)
        else:
            answer = queries.count(arguments.definition, **asked)
    except (queries.Refused, DefinitionError) as refusal:
        sys.stderr.write(f"maillage count : {refusal}\n")
        return 1
    if arguments.format == "json":
        print(json.dumps(as_data(answer), ensure_ascii=False, indent=1))
    elif arguments.format == "csv":
        sys.stdout.write(_csv(answer))
    else:
        print("\n".join(lines(answer)))
    return 0


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"« {text} » n’est pas une date ; écrivez par exemple 2026-09-01") from error


def _listed(known: dict[str, str], form: str) -> str:
    if form == "json":
        return json.dumps(known, ensure_ascii=False, indent=1)
    if form == "csv":
        return "\n".join(
            ["counter,title", *(f'{slug},"{title.replace(chr(34), chr(34) * 2)}"' for slug, title in known.items())]
        )
    width = max(map(len, known))
    return "\n".join(f"{slug:<{width}}  {title}" for slug, title in known.items())


def _csv(answer: "Count") -> str:
    from functools import partial

    from maillage.network.observatory.labels import class_name
    from maillage.network.observatory.queries import region_names
    from maillage.network.observatory.rules.tables import as_csv, rows

    return as_csv(rows(answer, partial(class_name, regions=region_names())))


def lines(answer: "Count") -> list[str]:
    """The answer as a person reads it."""
    from maillage.network.observatory.labels import why
    from maillage.network.observatory.rules.counts import explained, filled, grouped

    words = answer.definition.told("fr")
    told = [words.title + (f" : {answer.territory_name}" if answer.territory else "")]
    told += [headline(answer)] if answer.known else ["inconnu", *_wrapped(why(answer, "fr"))]
    sentences = [
        *(("Pourquoi ce nombre", sentence) for sentence in explained(answer, "fr")),
        ("Définition", words.definition),
        ("Population", words.population + (f" Ici : {grouped(answer.members)}." if answer.members is not None else "")),
        ("Numérateur", words.numerator),
        ("Dénominateur", words.denominator),
        ("Date", answer.date),
        ("Source", words.source),
        ("D’après", " ; ".join(answer.sources)),
        ("Manquants", "" if answer.n_missing is None else f"{words.missing} : {grouped(answer.n_missing)}"),
        ("Réserve", incomplete(answer)),
        ("Réserve", biased(answer.bias) if answer.bias else ""),
        *(("Réserve", caveat) for caveat in filled(words.caveats, answer, "fr")),
    ]
    for name, sentence in sentences:
        if sentence:
            told += _wrapped(f"{name} : {sentence}")
    for detail in answer.details:
        told += _table(detail, answer)
    told.append(f"Pour refaire ce chiffre : {answer.command}")
    return told


def headline(answer: "Count") -> str:
    """The figure itself in one line."""
    from maillage.network.observatory.rules.counts import decimals, grouped, percent

    assert answer.numerator is not None and answer.denominator is not None
    if answer.definition.answer == "number":
        return grouped(answer.numerator)
    if answer.rate is not None:
        per = grouped(answer.definition.per)
        about = f"{grouped(answer.numerator)} lieux pour {grouped(answer.denominator)} habitants"
        return f"{decimals(answer.rate)} pour {per} habitants ({about})"
    share = f", soit {percent(answer.share)}" if answer.share is not None else ""
    return f"{grouped(answer.numerator)} sur {grouped(answer.denominator)}{share}"


def incomplete(answer: "Count") -> str:
    """That the source is not whole here, if so."""
    from maillage.network.observatory.rules.counts import grouped

    if not answer.lacking_rows:
        return ""
    published, held = answer.definition.published_rows or 0, answer.read or 0
    told = f"la source publie {grouped(published)} lignes, on n’en tient ici que {grouped(held)}"
    return f"{told} : ce chiffre n’est pas le sien."


def biased(bias: "Bias") -> str:
    """Of which régions the registry tells too many or too few."""
    from maillage.network.observatory.queries import region_names
    from maillage.network.observatory.rules.counts import percent

    names = region_names()

    def told(rows: "tuple[tuple[str, float, float], ...]") -> str:
        return ", ".join(
            f"{names.get(code, code)} ({percent(here)} contre {percent(there)})" for code, here, there in rows
        )

    parts = [
        f"{word} : {told(rows)}" for word, rows in (("trop de lieux", bias.over), ("trop peu", bias.under)) if rows
    ]
    if not parts:
        return ""
    beside = f"Part de chaque région parmi tous ses lieux, puis dans : {bias.source} ; {' ; '.join(parts)}."
    return f"le registre n’est pas à l’image de la France. {beside}"


def _table(detail: "Detail", answer: "Count") -> "Iterator[str]":
    from maillage.network.observatory.labels import DIMENSIONS, class_name
    from maillage.network.observatory.queries import region_names
    from maillage.network.observatory.rules.counts import decimals, grouped

    regions = region_names() if detail.kind == "region" else {}
    if answer.definition.minutes:
        yield from _reached(detail, answer, regions)
        return
    rated = any(row.rate is not None for row in detail.rows)
    per = f" ; pour {grouped(answer.definition.per)} habitants" if rated else ""
    yield f"{DIMENSIONS[detail.kind][0]}{per} :"
    for row in detail.rows:
        rate = f"{decimals(row.rate) if row.rate is not None else '':>8}" if rated else ""
        yield f"  {grouped(row.n):>8}{rate}  {class_name(detail.kind, row.name, regions)}"


def _reached(detail: "Detail", answer: "Count", regions: dict[str, str]) -> "Iterator[str]":
    """The inhabitants of each class, those within reach of a place, and their share."""
    from maillage.network.observatory.labels import DIMENSIONS, class_name
    from maillage.network.observatory.rules.counts import grouped, percent

    yield f"{DIMENSIONS[detail.kind][0]} ; habitants, à {answer.definition.minutes} min d’un lieu, part :"
    for row in detail.rows:
        numbers = f"{grouped(row.inhabitants or 0):>12}{grouped(row.n):>12}{percent(row.share or 0):>9}"
        yield f"  {numbers}  {class_name(detail.kind, row.name, regions)}"


_LAYOUT: Any = {
    "initial_indent": "  ",
    "subsequent_indent": "    ",
    "break_long_words": False,
    "break_on_hyphens": False,
}


def _wrapped(sentence: str) -> list[str]:
    return textwrap.wrap(sentence, 100, **_LAYOUT)
