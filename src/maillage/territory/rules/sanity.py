"""What a ground must be before it may replace the one that stands."""

from collections import Counter
from collections.abc import Iterable, Iterator

from maillage.territory.rules.codes import COMMUNE, POSTAL
from maillage.territory.rules.draft import CommuneRow, GroundDraft, GroundRefused

FEWEST_COMMUNES, MOST_COMMUNES = 30_000, 45_000
FEWEST_INHABITANTS, MOST_INHABITANTS = 55_000_000, 90_000_000
SHARE_WITH_CENTRE = 0.95

METROPOLITAN_BOX = (41.2, 51.2, -5.3, 9.7)
BOXES = {
    "971": (15.7, 16.7, -62.0, -60.8),
    "972": (14.2, 15.1, -61.4, -60.6),
    "973": (2.0, 6.0, -54.8, -51.4),
    "974": (-21.6, -20.7, 55.1, 56.0),
    "976": (-13.2, -12.4, 44.8, 45.5),
}
"""South, north, west, east, in degrees, of each overseas département."""

_MEND = "Le fond actuel reste en place. Reprenez le fichier à sa source, puis relancez la même commande."


def check(draft: GroundDraft) -> None:
    """Refuse a ground that is broken or visibly not France; pass in silence otherwise."""
    problems = list(_structure(draft))
    if not problems and draft.national:
        problems = list(_scale(draft))
    if not problems:
        problems = list(_centres(draft.communes))
    if problems:
        raise GroundRefused(f"{draft.label} : {' ; '.join(problems)}. {_MEND}")


def box_of(departement: str) -> tuple[float, float, float, float]:
    """The box a département's communes lie in: south, north, west, east, in degrees."""
    return BOXES.get(departement, METROPOLITAN_BOX)


def _structure(draft: GroundDraft) -> Iterator[str]:
    codes = {commune.code for commune in draft.communes}
    yield from _told("des codes de commune reviennent deux fois", _twice(c.code for c in draft.communes))
    yield from _told("des codes ne sont pas des codes Insee", (c for c in codes if not COMMUNE.fullmatch(c)))
    yield from _told(
        "des communes n’ont pas de nom, ou un nom de plus de 80 signes",
        (c.code for c in draft.communes if not 0 < len(c.name.strip()) <= 80),
    )
    yield from _told(
        "des communes sont dans un département inconnu",
        (f"{c.code} ({c.departement})" for c in draft.communes if c.departement not in draft.departements),
    )
    yield from _told(
        "des départements sont dans une région inconnue",
        (code for code, (_, region) in draft.departements.items() if region not in draft.regions),
    )
    yield from _told(
        "des communes sont dans une intercommunalité inconnue",
        (f"{c.code} ({c.epci})" for c in draft.communes if c.epci and c.epci not in draft.epcis),
    )
    yield from _told(
        "des codes postaux n’ont pas cinq chiffres",
        (f"{c.code} ({p})" for c in draft.communes for p in c.postal_codes if not POSTAL.fullmatch(p)),
    )
    yield from _told("des anciens codes reviennent deux fois", _twice(f.code for f in draft.former))
    yield from _told(
        "des anciens codes mènent à une commune inconnue",
        (f"{f.code} → {f.commune}" for f in draft.former if f.commune not in codes),
    )
    yield from _told(
        "des anciens codes sont aussi ceux d’une commune d’aujourd’hui",
        (f.code for f in draft.former if f.code in codes),
    )


def _scale(draft: GroundDraft) -> Iterator[str]:
    count = len(draft.communes)
    if not FEWEST_COMMUNES <= count <= MOST_COMMUNES:
        yield f"{count} communes, alors que la France en compte entre {FEWEST_COMMUNES} et {MOST_COMMUNES}"
        return
    known = [c.population for c in draft.communes if c.population is not None]
    total = sum(known)
    if known and not FEWEST_INHABITANTS <= total <= MOST_INHABITANTS:
        yield (f"{total} habitants en tout, alors qu’on en attend entre {FEWEST_INHABITANTS} et {MOST_INHABITANTS}")
    located = sum(1 for c in draft.communes if c.lat is not None)
    if located < SHARE_WITH_CENTRE * count:
        yield f"{count - located} communes sur {count} n’ont pas de centre"


def _centres(communes: Iterable[CommuneRow]) -> Iterator[str]:
    yield from _told(
        "des centres de commune sont hors de France, ou loin de leur département d’outre-mer",
        (f"{c.code} ({c.lat}, {c.lon})" for c in communes if not _is_in_its_box(c)),
    )


def _is_in_its_box(commune: CommuneRow) -> bool:
    if commune.lat is None or commune.lon is None:
        return commune.lat is commune.lon
    south, north, west, east = box_of(commune.departement)
    return south <= commune.lat <= north and west <= commune.lon <= east


def _twice(codes: Iterable[str]) -> Iterator[str]:
    return (code for code, count in Counter(codes).items() if count > 1)


def _told(problem: str, cases: Iterable[str]) -> Iterator[str]:
    found = sorted(cases)
    if found:
        more = f" et {len(found) - 3} autres" if len(found) > 3 else ""
        yield f"{problem} : {', '.join(found[:3])}{more}"
