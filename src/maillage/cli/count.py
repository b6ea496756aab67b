"""`maillage count`: a figure with its definition, its denominator and its date."""

import argparse
import json
import sys
import textwrap
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from maillage.network.observatory.rules.counts import Count


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser(
        "count",
        help="compte, avec la définition et le dénominateur",
        description="Compte, avec la définition, le dénominateur, la date et ce qui manque.",
    )
    parser.add_argument(
        "definition", metavar="DÉFINITION", nargs="?", help="ce qu’il faut compter ; sans elle, la liste"
    )
    parser.add_argument("--at", metavar="DATE", type=_day, help="au jour dit, par exemple 2026-09-01")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="text (par défaut) ou json")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print the answer of a counter, or the list of counters."""
    from django.utils import timezone

    from maillage.network.observatory import queries
    from maillage.network.observatory.rules.counts import as_data
    from maillage.network.observatory.rules.definitions import definitions

    as_json = arguments.format == "json"
    if not arguments.definition:
        known = {slug: definition.told("fr").title for slug, definition in definitions().items()}
        print(json.dumps(known, ensure_ascii=False, indent=1) if as_json else _list(known))
        return 0
    try:
        answer = queries.count(arguments.definition, today=timezone.localdate(), at=arguments.at)
    except queries.UnknownDefinition as refusal:
        sys.stderr.write(f"maillage count : {refusal}\n")
        return 1
    print(json.dumps(as_data(answer), ensure_ascii=False, indent=1) if as_json else "\n".join(lines(answer)))
    return 0


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"« {text} » n’est pas une date ; écrivez par exemple 2026-09-01") from error


def _list(known: dict[str, str]) -> str:
    width = max(map(len, known))
    return "\n".join(f"{slug:<{width}}  {title}" for slug, title in known.items())


def lines(answer: "Count") -> list[str]:
    """The answer as a person reads it."""
    from maillage.network.observatory.labels import REASONS
    from maillage.network.observatory.rules.counts import grouped, percent
    from maillage.places.labels import label

    words = answer.definition.told("fr")
    told = [words.title]
    if answer.numerator is None or answer.denominator is None:
        told += ["inconnu", *_wrapped(str(REASONS[answer.reason]))]
    elif not answer.definition.is_share:
        told.append(grouped(answer.numerator))
    else:
        share = f", soit {percent(answer.share)}" if answer.share is not None else ""
        told.append(f"{grouped(answer.numerator)} sur {grouped(answer.denominator)}{share}")
    sentences = [
        ("Définition", words.definition),
        ("Population", words.population),
        ("Numérateur", words.numerator),
        ("Dénominateur", words.denominator),
        ("Date", answer.date),
        ("Source", words.source),
        ("Manquants", "" if answer.n_missing is None else f"{words.missing} : {grouped(answer.n_missing)}"),
        *(("Réserve", caveat) for caveat in words.caveats),
    ]
    for name, sentence in sentences:
        if sentence:
            told += _wrapped(f"{name} : {sentence}")
    for detail in answer.details:
        told.append("Par état :" if detail.kind == "status" else "Par source (un lieu peut en avoir plusieurs) :")
        told += [
            f"  {grouped(n):>8}  {label('status', name) if detail.kind == 'status' else name}"
            for name, n in detail.rows
        ]
    told.append(f"Pour refaire ce chiffre : {answer.command}")
    return told


def _wrapped(sentence: str) -> list[str]:
    return textwrap.wrap(sentence, 100, initial_indent="  ", subsequent_indent="    ", break_long_words=False)
