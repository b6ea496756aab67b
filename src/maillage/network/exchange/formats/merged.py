"""The grouped records of 27 public sources (`places.csv.gz`): each row keeps its own source and licence.

`place_id` is the heuristic grouping of the file's author: rows of one group are told of one place.
"""

from collections.abc import Mapping

from maillage.network.exchange.formats.cget import SOURCE as CGET
from maillage.network.exchange.formats.format import Document, Format
from maillage.network.exchange.rules import mending
from maillage.network.exchange.rules.reports import Entry, Options, Reading, RowProblem, require_columns, short
from maillage.network.exchange.rules.tables import Row, open_table, rows
from maillage.places.rules.drafts import Draft, SourceFacts
from maillage.places.rules.slugs import slugify

COLUMNS = (
    "source", "source_id", "nom", "kind", "is_tiers_lieu", "type_source", "adresse", "cp", "lat", "lon", "precision",
    "web", "date_maj", "insee", "commune", "place_id", "licence", "tl_any",
)  # fmt: skip
DERIVED = (
    "insee_decl", "ecart_km", "coord_ok", "dep", "reg", "epci", "metropole", "dens7_2024", "rural", "primary",
    "n_sources",
)  # fmt: skip
FIELDS_OF = {
    "name": "nom",
    "street": "adresse",
    "postal_code": "cp",
    "city": "commune",
    "commune": "insee",
    "website": "web",
    "activities": "kind",
    "services": "kind",
    "labels": "kind",
}
KINDS: dict[str, dict[str, list[str]]] = {
    "coworking": {"activities": ["coworking"]},
    "fablab": {"activities": ["fablab"]},
    "hackerspace": {"activities": ["fablab"]},
    "tiers-lieu": {},
    "fabrique_de_territoire": {"labels": ["fabrique-de-territoire"]},
    "manufacture_de_proximite": {"labels": ["manufacture-de-proximite"]},
    "mediation_numerique": {"activities": ["mediation-numerique"], "services": ["aide-numerique"]},
    "france_services": {"services": ["france-services"], "labels": ["france-services"]},
    "bibliotheque": {"activities": ["culture"]},
}
"""What each kind of the file says in our words; a « tiers-lieu » without more says nothing of its activities."""
PRECISIONS = {"adresse": "address", "commune": "commune", "approx": "estimated", "commune(corrige)": "commune"}
NAMES = {
    "anct_fabt": ("Fabriques de territoire", "ANCT"),
    "anct_manuprox": ("Manufactures de proximité", "ANCT"),
    "fs_2022": ("France services 2022", "ANCT"),
    "fs_2024": ("France services 2024", "ANCT"),
    "fablabs_io_2017": ("Fablabs de fablabs.io, 2017", "La Poste"),
    "hackerspaces_org_2015": ("Wiki hackerspaces.org, 2015", "hackerspaces.org"),
    "mednum_bfc": ("Médiation numérique en Bourgogne-Franche-Comté", "MedNum BFC"),
    "numi_france-tiers-lieux": ("France Tiers-Lieux, par Numi", "France Tiers-Lieux"),
    "numi_conseiller-numerique": ("Conseillers numériques, par Numi", "Cartographie nationale"),
    "conseillers_num_2022": ("Conseillers numériques 2022", "Cartographie nationale"),
    "data_inclusion_conseiller-numerique": ("Conseillers numériques, par data·inclusion", "data·inclusion"),
    "data_inclusion_cd72": ("Département de la Sarthe, par data·inclusion", "data·inclusion"),
    "data_inclusion_cd35": ("Département d’Ille-et-Vilaine, par data·inclusion", "data·inclusion"),
    "region_sud": ("Région Sud", "Cartographie nationale"),
    "hinaura": ("Hinaura, Auvergne-Rhône-Alpes", "Cartographie nationale"),
    "maine_et_loire": ("Maine-et-Loire", "Cartographie nationale"),
    "haute_vienne": ("Haute-Vienne", "Cartographie nationale"),
    "gironde": ("Gironde", "Cartographie nationale"),
    "corse": ("Corse", "Cartographie nationale"),
    "la_creuse": ("Creuse", "Cartographie nationale"),
    "le_havre": ("Le Havre", "Cartographie nationale"),
    "angers": ("Angers", "Cartographie nationale"),
    "fibre64": ("Fibre64, Pyrénées-Atlantiques", "Cartographie nationale"),
    "hub_antilles": ("Hub Antilles", "Cartographie nationale"),
    "ultra_num": ("Ultra Numérique, La Réunion", "Cartographie nationale"),
    "hub_lo": ("Hub-lo", "Cartographie nationale"),
}
_OWN_SLUGS = {"cget2019": CGET.slug}


def read(document: Document, options: Options) -> Reading:
    """Read the grouped records: those of places with a tiers-lieu, or all of them when asked."""
    table = open_table(document.text)
    require_columns(FORMAT.title, COLUMNS, table.header)
    reading = Reading(unmapped=table.unmapped({*COLUMNS, *DERIVED}))
    seen: dict[tuple[str, str], Row] = {}
    for row in rows(table):
        if isinstance(row, RowProblem):
            reading.refuse(row)
        elif not options.all_places and row.cells["tl_any"] == "0":
            reading.skipped += 1
        else:
            _read_row(row, reading, seen)
    return reading


def _read_row(row: Row, reading: Reading, seen: dict[tuple[str, str], Row]) -> None:
    cells = {column: cell.strip() for column, cell in row.cells.items()}
    for column in ("source", "source_id", "licence"):
        if not cells[column] or len(cells[column]) > 180:
            problem = RowProblem(
                row.line, column, short(cells[column]), "valeur absente ou trop longue", "complétez-la"
            )
            reading.refuse(problem, row.cells)
            return
    key, flags = (cells["source"], cells["source_id"]), []
    if key in seen:
        if seen[key].cells == row.cells:
            twice = f"ligne identique à la ligne {seen[key].line}"
            reading.refuse(RowProblem(row.line, "source_id", short(key[1]), twice, "retirez une des deux"), row.cells)
            return
        flags.append("duplicate-ref")
    ref = _free_ref(key, seen)
    seen[cells["source"], ref] = row
    facts = reading.sources.setdefault(_slug(cells["source"]), _facts(cells))
    reading.entries.append(_entry(row, cells, facts, ref, flags))


def _free_ref(key: tuple[str, str], seen: Mapping[tuple[str, str], Row]) -> str:
    """The reference of a row; a source that gives the same one to several rows gets « #2 », « #3 »… in file order."""
    source, wanted = key
    ref, number = wanted, 2
    while (source, ref) in seen:
        ref, number = f"{wanted}#{number}", number + 1
    return ref


def _entry(row: Row, cells: Mapping[str, str], facts: SourceFacts, ref: str, flags: list[str]) -> Entry:
    warnings: list[RowProblem] = []
    dated = mending.partial_date(cells["date_maj"])
    if dated is None:
        mend = "écrivez 2019, 2019-06 ou 2019-06-30"
        warnings.append(RowProblem(row.line, "date_maj", short(cells["date_maj"]), "date illisible", mend))
    website = mending.address(cells["web"])
    if cells["web"] and not website:
        warnings.append(RowProblem(row.line, "web", "", "ce n’est pas une adresse de site", "écrivez https://…"))
    if cells["kind"] not in KINDS:
        mend = f"un de : {', '.join(KINDS)}"
        warnings.append(RowProblem(row.line, "kind", short(cells["kind"]), "nature inconnue", mend))
    if cells["precision"] == "commune(corrige)":
        flags = [*flags, "point-moved"]
    values = {
        "name": mending.plain(cells["nom"]),
        "street": mending.plain(cells["adresse"]),
        "postal_code": "" if cells["cp"] in ("0", "00000") else cells["cp"],
        "city": cells["commune"],
        "commune": cells["insee"],
        "lat": cells["lat"],
        "lon": cells["lon"],
        "precision": PRECISIONS.get(cells["precision"], "unknown"),
        "website": website or "",
        "status": "open",
        **KINDS.get(cells["kind"], {}),
    }
    draft = Draft(
        source=facts.slug,
        ref=ref,
        values=values,
        raw=_raw(row.cells),
        licence=cells["licence"],
        dated=dated or "",
        flags=tuple(flags),
        group=cells["place_id"],
        keep_existing=facts.slug == CGET.slug,
    )
    return Entry(row.line, (draft,), FIELDS_OF, warnings=tuple(warnings))


def _slug(source: str) -> str:
    return _OWN_SLUGS.get(source, slugify(source)[:80])


def _facts(cells: Mapping[str, str]) -> SourceFacts:
    if _slug(cells["source"]) == CGET.slug:
        return CGET
    name, publisher = NAMES.get(cells["source"], (cells["source"].replace("_", " "), "Cartographie nationale"))
    return SourceFacts(slug=_slug(cells["source"]), name=name, publisher=publisher, licence=cells["licence"])


def _raw(cells: Mapping[str, str]) -> dict[str, str]:
    kept = dict(cells)
    if kept["web"] and not mending.address(kept["web"]):
        kept["web"] = ""
    return kept


FORMAT = Format("places", "recueil de sources places.csv", frozenset(COLUMNS), read)
