"""What `maillage import` says and asks of a file with any columns."""

import argparse
import shlex
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from maillage.network.exchange.queries.recipes import MappingNeeded
    from maillage.network.exchange.rules.mapping.proposing import Proposed
    from maillage.network.exchange.rules.reports import Options

SHOWN = 40
LACKING = {"name": "le nom du lieu", "where": "de quoi le situer (coordonnées, code Insee, ou ville et code postal)"}


def add_to(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--map",
        metavar="CHAMP=COLONNE",
        action="append",
        default=[],
        help="dit quelle colonne donne quel champ : nom=NOM_TL,lat=Y,lon=X (répétable)",
    )
    parser.add_argument(
        "--word",
        metavar="CHAMP:MOT=CODE",
        action="append",
        default=[],
        help="dit ce que veut dire un mot du fichier : activités:Pétanque=culture ; vide, il est laissé (répétable)",
    )
    parser.add_argument("--recipe", metavar="NOM", default="", help="lit les colonnes comme la dernière fois")
    parser.add_argument("--save-recipe", metavar="NOM", default="", help="garde la correspondance sous ce nom")


def options(arguments: argparse.Namespace) -> "Options":
    """What is asked on the command line; a recipe gives what is not said again. Raises `FileRefused`."""
    from maillage.network.exchange.queries.recipes import recipe
    from maillage.network.exchange.rules.mapping.correspondence import Correspondence, typed
    from maillage.network.exchange.rules.reports import FileRefused, Options

    asked = Options(all_places=arguments.all, source=arguments.source, licence=arguments.licence)
    said = typed(arguments.map, arguments.word) if arguments.map or arguments.word else None
    if not arguments.recipe:
        if arguments.save_recipe and said is None:
            raise FileRefused("--save-recipe garde une correspondance : donnez-la avec --map.")
        return Options(asked.all_places, asked.source, asked.licence, mapping=said)
    kept = recipe(arguments.recipe)
    both = Correspondence(
        {**kept.correspondence.columns, **(said.columns if said else {})},
        {
            field: {**kept.correspondence.words.get(field, {}), **(said.words.get(field, {}) if said else {})}
            for field in {*kept.correspondence.words, *(said.words if said else ())}
        },
    )
    return Options(asked.all_places, asked.source or kept.source, asked.licence or kept.licence, mapping=both)


def keep(arguments: argparse.Namespace, asked: "Options", now: datetime) -> str:
    """Keep the correspondence of a file that came in; what to say of it. Raises `FileRefused`."""
    from maillage.network.exchange.actions.importing import document_of
    from maillage.network.exchange.actions.recipes import save_recipe
    from maillage.network.exchange.formats.columns import header_of

    assert asked.mapping is not None
    save_recipe(
        name=arguments.save_recipe,
        header=header_of(document_of(arguments.file)),
        correspondence=asked.mapping,
        source=asked.source or f"fichier-{arguments.file.name.split('.', 1)[0]}",
        licence=asked.licence,
        by="commande:import",
        now=now,
    )
    name = arguments.save_recipe
    return f"Correspondance gardée : « {name} ». Prochaine fois : --recipe {_quoted(name)}"


def needed(refusal: "MappingNeeded", file: Path) -> str:
    """What the columns of an unknown file suggest, and the commands that accept it."""
    from maillage.network.exchange.rules.mapping.correspondence import to_type

    proposed = refusal.proposed
    told = [
        "aucun des formats connus n’a ces colonnes ; --format en impose un." if proposed.proposals else str(refusal)
    ]
    told += _suggested(proposed)
    for one in refusal.recipes[:5]:
        told.append(
            f"Un fichier aux mêmes colonnes est déjà venu (« {one.name} », {one.licence}). Pour faire de même :"
        )
        told.append(f"  maillage import {_quoted(str(file))} --recipe {_quoted(one.name)} --dry-run")
    if proposed.lacking:
        missing = ", et ".join(LACKING[name] for name in proposed.lacking)
        told.append(f"Aucune colonne ne semble donner {missing} : dites-la avec --map, par exemple --map nom=COLONNE.")
    if proposed.proposals:
        accepted = _quoted(to_type(proposed.correspondence))
        told.append("Pour essayer cette correspondance, sans rien écrire (la licence est celle du fichier) :")
        told.append(
            f'  maillage import {_quoted(str(file))} --map {accepted} --licence "Licence Ouverte 2.0" --dry-run'
        )
        told.append("Sans --dry-run, elle fait entrer les lieux ; avec --save-recipe NOM, elle servira encore.")
    return "\n".join(told)


def _suggested(proposed: "Proposed") -> list[str]:
    from maillage.network.exchange.rules.mapping.proposing import title_of

    told = ["Voici ce que les titres et les valeurs laissent penser :"] if proposed.proposals else []
    for one in proposed.proposals:
        shown = f" (« {one.examples[0]} »)" if one.examples else ""
        told.append(
            f"  {title_of(one.field):<18} ← {one.column}{shown} : sûr à {round(100 * one.confidence)} %, {one.why}"
        )
    if proposed.unmapped:
        left = [f"{column}{f' (« {values[0]} »)' if values else ''}" for column, values in proposed.unmapped[:SHOWN]]
        more = len(proposed.unmapped) - SHOWN
        told.append(f"Colonnes que rien ne lit : {', '.join(left)}{f' … et {more} de plus' if more > 0 else ''}.")
    for field, counts in proposed.unknown.items():
        words = [f"« {word} » ({count})" for word, count in list(counts.items())[:10]]
        told.append(f"Mots sans équivalent, {title_of(field)} : {', '.join(words)} ; --word en dit le sens.")
    return [*told, *proposed.hints]


def _quoted(text: str) -> str:
    return shlex.quote(text)
