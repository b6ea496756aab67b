"""Write docs/formats/*.md again from the tables of the code: mappings both ways, what stays behind, what is lost."""

import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from maillage.network.exchange.formats import data_inclusion, mednum
from maillage.network.exchange.formats.format import Format
from maillage.network.exchange.rules.inclusion import hearing as di_hearing
from maillage.network.exchange.rules.inclusion import table as di_table
from maillage.network.exchange.rules.inclusion import telling as di_telling
from maillage.network.exchange.rules.inclusion import words as di
from maillage.network.exchange.rules.mednum import hearing, table, telling, words

AS_SAID = "tel qu’une source du standard l’a dit"
FOLDER = Path(__file__).parent.parent / "docs" / "formats"


def pages() -> dict[str, str]:
    """Each page by the name of its file."""
    return {"mednum.md": _mednum(), "data-inclusion.md": _data_inclusion()}


def _mednum() -> str:
    columns = dict.fromkeys(table.COLUMNS, "")
    for field, column in hearing.FIELDS_OF.items():
        columns[column] = ", ".join(filter(None, (columns[column], f"`{field}`")))
    columns |= {
        "id": "nom du site et identifiant du lieu",
        "pivot": f"`siret`, sinon `{table.NO_PIVOT}`",
        "presentation_resume": f"début de `description`, {table.RESUME_LENGTH} signes au plus",
        "source": "noms des sources",
        "date_maj": "dernière confirmation, ou date de la source la plus récente ; jamais à venir",
        "typologie": "`activities`, `services` : voir plus bas",
        "dispositif_programmes_nationaux": "`labels`",
        "autres_formations_labels": "`labels`",
        **dict.fromkeys((*telling.KEPT_AS_SAID, "fiche_acces_libre", "prise_rdv"), AS_SAID),
    }
    lost = [column for column, said in columns.items() if not said]
    assert not lost, lost
    return _page(
        mednum.FORMAT,
        "mednum",
        """Une ligne par lieu, en CSV : virgules entre les colonnes, `|` entre les valeurs, 32 colonnes dans l’ordre du
schéma. À la lecture, `;` vaut aussi entre les colonnes et entre les valeurs, et une valeur inconnue est laissée de côté
et dite : le lieu entre. Ce qu’une source du standard a dit et que Maillage n’a pas où ranger (publics, prise en charge,
modalités) repart tel quel.""",
        _table(("Colonne", "Chez Maillage"), ((f"`{c}`", said) for c, said in columns.items())),
        "## Typologies\n\nÀ l’écriture :\n\n"
        + _table(("Activité ou service", "`typologie`"), ((f"`{k}`", _codes(v)) for k, v in words.TYPOLOGIES.items()))
        + "\nÀ la lecture (`TIERS_LIEUX` ne dit rien de ce qu’on y fait) :\n\n"
        + _table(("`typologie`", "Chez Maillage"), _rows(words.ACTIVITIES | words.SERVICE_TYPOLOGIES))
        + "\nN’entrent que les lieux sans typologie, ou dont la typologie est "
        + _codes(sorted(words.THIRD_PLACES))
        + ", ou dont le nom dit « tiers-lieu », « coworking » ou « fablab », ou le label Fabriques de Territoire ;\n"
        "`--all` fait entrer les autres.\n",
        "## Services et labels\n\n"
        + _table(
            ("Valeur du standard", "Chez Maillage"),
            _rows(words.SERVICES | words.PROGRAMMES | words.LABELS | words.OTHER_LABELS),
        )
        + "\nÀ l’écriture, chaque mot prend la première de ses valeurs, sauf si une source du standard en avait dit\n"
        "une autre.\n",
        [*telling.STATES.values(), *telling.NEEDED.values(), telling.OTHER_LICENCE],
    )


def _data_inclusion() -> str:
    return _page(
        data_inclusion.FORMAT,
        "data-inclusion",
        f"""Un document JSON : `structures` et `services` ; `{di_table.PROVENANCE}` et `left_out` sont de Maillage et
disent la licence de chaque structure et qui citer, combien de lieux n’y sont pas et pourquoi.
Se lisent aussi une liste seule, un objet par ligne, et un CSV de structures.
Un lieu a un service quand il aide au numérique ; ses publics viennent de la ligne qu’une source du standard « lieux de
médiation numérique » a donnée, et sans elle ils ne sont pas dits : inconnu n’est pas « tous publics ».""",
        _table(
            ("Champ", "Chez Maillage"), ((f"`{said}`", f"`{field}`") for field, said in di_hearing.FIELDS_OF.items())
        ),
        "## Du standard « lieux de médiation numérique »\n\nComme le fait data·inclusion elle-même ; ses publics "
        "spécifiques, qu’elle perd en chemin, sont gardés.\n\n"
        + _table(
            ("Valeur du standard", "data·inclusion"),
            (
                (value, _codes([said] if isinstance(said, str) else said))
                for mapping in (di.THEMES, di.FEES, di.MOBILISATION, di.TYPES, di.PUBLICS, di.CARE, di.NETWORKS)
                for value, said in mapping.items()
            ),
        ),
        "## À la lecture\n\n"
        + _table(("data·inclusion", "Chez Maillage"), _rows(di.ACTIVITIES | di.LABELS | di.SERVICES))
        + "\nN’entrent que les structures dont un réseau est "
        + _codes(sorted(di.THIRD_PLACES))
        + ", ou dont le nom dit « tiers-lieu », « coworking » ou « fablab » ; `--all` fait entrer les autres.\n",
        [*telling.STATES.values(), di_telling.SHORT_NAME],
    )


def _page(known: Format, name: str, intro: str, fields: str, first: str, second: str, left: Iterable[str]) -> str:
    losses = _table(("Champ", "Ce qui se perd"), ((f"`{loss.field}`", loss.how) for loss in known.losses))
    kept = "".join(f"- {why}\n" for why in left)
    return f"""# {known.title[0].upper()}{known.title[1:]}, version {known.version}

{intro}

Schéma suivi : {known.reference}

    maillage import FICHIER --format {name}
    maillage export FICHIER --format {name}
    maillage validate FICHIER --schema {name}

## Champs

{fields}
{first}
{second}
## Lieux qui restent

`maillage export` les compte :

{kept}
## Ce qui se perd

Écrit puis relu dans un registre vide, tout revient, sauf :

{losses}
Une ligne partie d’un site n’y ajoute rien quand un autre catalogue la lui rend : l’identifiant dit d’où elle vient.

Cette page est écrite par `python -m scripts.format_pages`, d’après le code.
"""


def _table(head: tuple[str, str], rows: Iterable[tuple[str, str]]) -> str:
    lines = [f"| {head[0]} | {head[1]} |", "|---|---|"]
    return "\n".join([*lines, *(f"| {_cell(a)} | {_cell(b)} |" for a, b in rows)]) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _rows(mapping: Mapping[str, str]) -> Iterable[tuple[str, str]]:
    return ((value, f"`{word}`") for value, word in mapping.items())


def _codes(values: Iterable[str]) -> str:
    return ", ".join(f"`{value}`" for value in values)


if __name__ == "__main__":
    for name, text in pages().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
        sys.stdout.write(f"{FOLDER / name}\n")
