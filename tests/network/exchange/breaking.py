"""Ways to break one row of the CGET census, each with what the import must say of it."""

import csv
import io
import random
from dataclasses import dataclass

from maillage.network.exchange.formats.cget import COLUMNS, PERSONAL

HEADER = [*COLUMNS[:15], *PERSONAL, *COLUMNS[15:]]
"""The published order of the columns."""
GOOD = {
    "NOM_TL": "La Maille",
    "ADRESSE": "1 rue du Moulin",
    "CP": "39380",
    "INSEECOM": "39093",
    "NOMCOM": "Chamblay",
    "TYPO": "Tiers lieux à dominante coworking",
    "LAT": "46.99",
    "LONG": "5.70",
    "METRO": "0",
    "INSEEMETRO": "39093",
}
NOWHERE = {"LAT": "", "LONG": "", "INSEECOM": "0", "INSEEMETRO": "", "CP": ""}


@dataclass(frozen=True)
class Broken:
    """A row as text, and what must be told: column, value (as shown) and the start of the problem."""

    text: str
    column: str
    value: str
    problem: str


def row(**changes: str) -> str:
    stream = io.StringIO()
    cells = GOOD | changes
    csv.writer(stream, lineterminator="").writerow([cells.get(column, "") for column in HEADER])
    return stream.getvalue()


def breakers(number: int) -> list[Broken]:
    """Every way to break a row; `number` makes its identifier its own."""
    ref = f"x{number}"
    cut = ",".join(row(ID=ref).split(",")[:-3])
    return [
        Broken(row(ID=ref, NOM_TL=""), "NOM_TL", "", "le nom manque"),
        Broken(row(ID=ref, NOM_TL="x" * 300), "NOM_TL", "x" * 200, "dépasse 200 caractères"),
        Broken(row(ID=ref, LAT="quarante-six"), "LAT", "quarante-six", "ce n’est pas un nombre de degrés"),
        Broken(row(ID=ref, LAT="NaN"), "LAT", "NaN", "ce n’est pas un nombre de degrés"),
        Broken(row(ID=ref, LONG="1e999"), "LONG", "1e999", "ce n’est pas un nombre de degrés"),
        Broken(row(ID=ref, LAT="146.99"), "LAT", "146.99", "sort de ±90 degrés"),
        Broken(row(ID=ref, LAT="0", LONG="0"), "LAT", "0.0, 0.0", "le point 0, 0 est en mer"),
        Broken(row(ID=ref, LAT="5.70", LONG="46.99"), "LAT", "5.7, 46.99", "latitude et longitude semblent échangées"),
        Broken(row(ID=ref, LAT="40.71", LONG="-74.0"), "LAT", "40.71, -74.0", "le point n’est pas en France"),
        Broken(row(ID=ref, LAT=""), "LAT", "", "une seule des deux coordonnées"),
        Broken(row(ID=ref, **NOWHERE), "INSEECOM", "", "le lieu ne peut pas être situé"),
        Broken(row(ID=""), "ID", "", "l’identifiant manque"),
        Broken(row(ID="1"), "ID", "1", "identifiant déjà vu à la ligne"),
        Broken(row(ID=ref, ADRESSE="1 rue\x00du Moulin"), "ADRESSE", "1 rue␀du Moulin", "contient un caractère nul"),
        Broken(cut, HEADER[-3], cut, "27 cellules au lieu de 30"),
        Broken(row(ID=ref) + ",de,trop", "(ligne entière)", ",de,trop", "32 cellules au lieu de 30"),
        Broken(f'{ref},"jamais refermé,,,', "(ligne entière)", f'{ref},"jamais refermé,,,', ""),
        Broken(f'{ref},"mal" refermé{"," * 28}', "(ligne entière)", f'{ref},"mal" refermé{"," * 28}', "guillemets"),
    ]


def inject(lines: list[str], count: int, seed: int) -> tuple[list[str], dict[int, Broken]]:
    """Put `count` broken rows anywhere below the first data row; give the lines, and what is broken by line number."""
    chance = random.Random(seed)
    chosen = [chance.choice(breakers(number)) for number in range(count)]
    result: list[str | Broken] = list(lines)
    for broken in chosen:
        result.insert(chance.randint(2, len(result)), broken)
    places = {number: item for number, item in enumerate(result, 1) if isinstance(item, Broken)}
    return [item.text if isinstance(item, Broken) else item for item in result], places
