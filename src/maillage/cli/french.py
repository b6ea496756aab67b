"""argparse speaks English; these are the sentences of its that a person of ours may read."""

import argparse
from typing import Any

SENTENCES = {
    "usage: ": "usage : ",
    "options": "options",
    "positional arguments": "arguments",
    "show this help message and exit": "montre cette aide",
    "show program's version number and exit": "montre la version",
    "the following arguments are required: %s": "il manque : %s",
    "unrecognized arguments: %s": "arguments inconnus : %s",
    "invalid choice: %(value)r (choose from %(choices)s)": (
        "« %(value)s » n’est pas un choix ; choisir parmi %(choices)s"
    ),
    "argument %(argument_name)s: %(message)s": "argument %(argument_name)s : %(message)s",
    "invalid %(type)s value: %(value)r": "« %(value)s » n’est pas une valeur possible",
    "expected one argument": "il faut une valeur",
    "expected at least one argument": "il faut au moins une valeur",
    "not allowed with argument %s": "ne va pas avec %s",
    "one of the arguments %s is required": "il faut l’un de : %s",
    "%(prog)s: error: %(message)s\n": "%(prog)s : %(message)s\n",
    "subcommands": "commandes",
}


def _translated(text: str) -> str:
    return SENTENCES.get(text, text)


def speak() -> None:
    """Make argparse speak French; it offers no other way in than the gettext name of its module."""
    module: Any = argparse
    module._ = _translated
