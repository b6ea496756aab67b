"""`maillage validate`: check a file against a published schema, and say how to mend it."""

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from maillage.network.exchange.formats.format import Format
    from maillage.network.exchange.rules.reports import RowProblem

SHOWN = 50


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    from maillage.network.exchange.formats import CHECKED

    listed = " ; ".join(f"{known.name} ({known.title} {known.version})" for known in CHECKED.values())
    parser = commands.add_parser(
        "validate",
        help="vérifie un fichier d’après un schéma publié",
        description="Vérifie un fichier d’après un schéma publié, et dit comment réparer chaque valeur. Rien n’est "
        "écrit. Code de sortie : 0 le fichier est conforme, 1 il ne l’est pas, 2 la commande est mal écrite.",
    )
    parser.add_argument("file", metavar="FICHIER", type=Path, help="fichier à vérifier")
    parser.add_argument("--schema", choices=list(CHECKED), required=True, help=f"schéma à suivre : {listed}")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="pour une personne ou un programme")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Check the file; 0 when nothing is wrong, warnings apart."""
    from maillage.network.exchange.formats import CHECKED
    from maillage.network.exchange.rules.reports import FileRefused

    chosen = CHECKED[arguments.schema]
    try:
        problems = checked(arguments.file, chosen)
    except FileRefused as refusal:
        if arguments.format == "json":
            print(as_json(arguments.file, chosen, [], refused=str(refusal)))
        else:
            sys.stderr.write(f"maillage validate : {refusal}\n")
        return 1
    tell = as_json if arguments.format == "json" else as_text
    print(tell(arguments.file, chosen, problems))
    return 1 if any(not problem.warning for problem in problems) else 0


def checked(path: Path, chosen: "Format") -> "list[RowProblem]":
    """All that the file has wrong, in the order of its lines."""
    from maillage.network.exchange.actions import read_bytes
    from maillage.network.exchange.formats.format import Document
    from maillage.network.exchange.rules import decoding

    assert chosen.check is not None
    decoded = decoding.text_of(read_bytes(path), path.name)
    found = [*decoded.warnings, *chosen.check(Document(path.name, decoded.text))]
    return sorted(found, key=lambda problem: problem.line)


def as_json(path: Path, chosen: "Format", problems: "list[RowProblem]", refused: str = "") -> str:
    """The verdict for a program; `refused` says why the file could not be read at all."""
    wrong = sum(not problem.warning for problem in problems)
    verdict = {
        "file": str(path),
        "schema": chosen.name,
        "version": chosen.version,
        "reference": chosen.reference,
        "valid": not wrong and not refused,
        "refused": refused or None,
        "errors": wrong,
        "warnings": len(problems) - wrong,
        "problems": [asdict(problem) for problem in problems],
    }
    return json.dumps(verdict, ensure_ascii=False, indent=2)


def as_text(path: Path, chosen: "Format", problems: "list[RowProblem]") -> str:
    """The verdict for a person: what is wrong first, then what is worth a look."""
    wrong = [problem for problem in problems if not problem.warning]
    look = [problem for problem in problems if problem.warning]
    verdict = "n’est pas conforme" if wrong else "est conforme"
    told = [f"{path.name} {verdict} au schéma {chosen.name} {chosen.version} ({chosen.title})."]
    for title, listed in (("À corriger", wrong), ("À regarder, sans que rien ne l’impose", look)):
        if listed:
            told.append(f"{title} : {len(listed)}.")
            told += [_line(problem) for problem in listed[:SHOWN]]
            left = len(listed) - SHOWN
            told += [f"  … et {left} de plus ; --format json les donne tous"] if left > 0 else []
    return "\n".join(told)


def _line(problem: "RowProblem") -> str:
    where = f"ligne {problem.line}" + (f", {problem.column}" if problem.column else "")
    value = f" « {problem.value[:60]} »" if problem.value else ""
    return f"  {where}{value} : {problem.problem} → {problem.mend}"
