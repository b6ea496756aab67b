"""`maillage territory`: which ground the site stands on, and how to put another in its place."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from maillage.territory.actions import Standing
    from maillage.territory.queries import Description

BY = "commande:territory"
UNPROVED = "Le téléchargement officiel n’a jamais été éprouvé en ligne : dites-nous ce que vous voyez."

COUNTED = {
    "communes": "communes",
    "population": "habitants",
    "epcis": "intercommunalités",
    "departements": "départements",
    "regions": "régions",
    "postal_codes": "codes postaux",
    "former_codes": "anciens codes",
}
OUTLINED = {"commune": "communes", "epci": "intercommunalités", "dep": "départements", "reg": "régions"}


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser(
        "territory",
        help="montre ou met à jour le territoire : communes, intercommunalités, contours",
        description="Montre ou met à jour le territoire sur lequel le site s’appuie.",
    )
    parts = parser.add_subparsers(title="commandes", metavar="COMMANDE", required=True)
    show_parser = parts.add_parser(
        "show",
        help="montre le fond actuel, ses millésimes et ses sources",
        description="Montre le fond actuel : effectifs, sources, millésimes, part des centres estimés.",
    )
    show_parser.set_defaults(run=show)
    update_parser = parts.add_parser(
        "update",
        help="met le territoire à jour",
        description="Met le territoire à jour. Sans option, télécharge les fichiers officiels, et reprend là où un "
        f"téléchargement s’est arrêté. {UNPROVED} Un fond refusé laisse en place celui d’avant.",
    )
    source = update_parser.add_mutually_exclusive_group()
    source.add_argument(
        "--from",
        dest="folder",
        metavar="DOSSIER",
        type=Path,
        help="charge un dossier de fichiers officiels (communes.csv.gz…)",
    )
    source.add_argument("--builtin", action="store_true", help="revient au fond livré avec Maillage")
    update_parser.set_defaults(run=update)


def show(arguments: argparse.Namespace) -> int:
    """Print the ground that stands."""
    from maillage.territory.queries import describe_ground

    described = describe_ground()
    if described is None:
        sys.stderr.write(
            "maillage territory show : aucun territoire n’est chargé. Lancez « maillage territory update --builtin », "
            "ou « --from DOSSIER ».\n"
        )
        return 1
    print("\n".join(_lines(described)))
    return 0


def update(arguments: argparse.Namespace) -> int:
    """Load another ground; what stands stays when it is refused."""
    from maillage.territory.rules.draft import GroundRefused

    try:
        standing = _load(arguments)
    except GroundRefused as reason:
        sys.stderr.write(f"maillage territory update : {reason}\n")
        return 1
    for sentence in standing.told:
        print(sentence)
    ground = f"{standing.ground.label}, {_number(standing.ground.counts['communes'])} communes"
    print(f"Territoire chargé : {ground}." if standing.changed else f"Rien à changer. Territoire actuel : {ground}.")
    return 0


def _load(arguments: argparse.Namespace) -> "Standing":
    from django.utils import timezone

    from maillage.cli.progress import progress
    from maillage.territory import actions

    if arguments.folder:
        return actions.load_folder(folder=arguments.folder, by=BY, now=timezone.now(), progress=progress)
    if arguments.builtin:
        return actions.load_builtin(by=BY, now=timezone.now(), progress=progress)
    sys.stderr.write(f"{UNPROVED}\n")
    return actions.load_official(by=BY, now=timezone.now(), progress=progress)


def _lines(ground: "Description") -> list[str]:
    counts = ground.counts
    outlines = counts.get("outlines", {})
    estimated = ground.estimated_centres
    lines = [
        f"{ground.label} (fond {ground.kind_label}, {ground.vintage})",
        f"Chargé le {ground.loaded_at:%d/%m/%Y à %H:%M} UTC",
        "",
        *(f"{name:<27} {_number(counts.get(key, 0)):>12}" for key, name in COUNTED.items()),
        *(f"{f'contours, {name}':<27} {_number(outlines.get(key, 0)):>12}" for key, name in OUTLINED.items()),
        f"{'centres estimés':<27} {_number(estimated):>12}",
        "",
    ]
    if estimated:
        lines += [
            "Les figures qui reposent sur des centres estimés sont approximatives. Pour les centres officiels : "
            "« maillage territory update », ou « --from DOSSIER ».",
            "",
        ]
    lines += _lacking(ground.kind, counts)
    for figure in ground.figures:
        vintage = f", {figure.vintage}" if figure.vintage else ""
        lines.append(f"{figure.figure} : {figure.source}{vintage} ; {figure.licence}")
        if figure.note:
            lines.append(f"    {figure.note}")
    return lines


def _lacking(kind: str, counts: dict[str, Any]) -> list[str]:
    """What a diagnosis will have to call unknown on this ground, and what to do about it."""
    unknown, communes = counts.get("employed_unknown"), counts.get("communes", 0)
    if unknown is None and kind == "folder":
        return [
            "Ce fond a été chargé avant que Maillage ne lise l’emploi, les logements et les équipements : ils sont "
            "inconnus. Pour les lire : « maillage territory update --from DOSSIER ».",
            "",
        ]
    if unknown is None or unknown == communes:
        return [
            "Ce fond ne donne ni emploi, ni logements, ni équipements : un diagnostic les dira inconnus. Pour les "
            "avoir : « maillage territory update --from DOSSIER », avec un dossier qui les contient.",
            "",
        ]
    lines = [f"{'sans chiffre d’emploi':<27} {_number(unknown):>12}"] if unknown else []
    bare = counts.get("equipment_unknown", communes)
    lines += [f"{'sans équipements connus':<27} {_number(bare):>12}"] if bare else []
    return [*lines, ""] if lines else []


def _number(count: int) -> str:
    """Write a whole number the French way.

    >>> _number(34875)
    '34 875'
    """
    return f"{count:,}".replace(",", " ")
