"""Lieux de médiation numérique 1.0.2, both ways: CSV with commas, values joined by `|`; `;` is read too.

What the standard cannot say is in `LOSSES`; which places stay behind, `leaves_out` says. The mapping is documented in
`docs/formats/mednum.md`.
"""

import csv
import hashlib
import io
from collections.abc import Iterable, Iterator
from datetime import date

from maillage.network.exchange.formats.format import Document, Format, Loss, Writing, in_chunks
from maillage.network.exchange.rules import identity, mending, tables
from maillage.network.exchange.rules.mednum import checking, hearing, table, telling
from maillage.network.exchange.rules.own import ExportedPlace
from maillage.network.exchange.rules.reports import Entry, Options, Reading, RowProblem, require_columns, short
from maillage.network.exchange.rules.tables import LONGEST_REF, Row, open_table, rows
from maillage.places.rules.drafts import Draft, SourceFacts
from maillage.places.rules.slugs import slugify

LICENCE = "Licence Ouverte 2.0"
PUBLISHER = "Cartographie nationale des lieux d’inclusion numérique"
NEEDED = ("id", "nom", "commune", "code_postal", "adresse", "date_maj")
COOP = "Coop-numérique"
"""Identifiers of a source that writes seven services by itself where nobody said any."""
LOSSES = (
    Loss("status", "un lieu fermé, en projet ou en sommeil ne part pas"),
    Loss("closed_on", "un lieu fermé ne part pas"),
    Loss("closed_cause", "un lieu fermé ne part pas"),
    Loss("opened_on", "pas de colonne"),
    Loss("commune", "un code que le motif du standard refuse ne part pas"),
    Loss("precision", "pas de colonne : le point revient sans sa précision"),
    Loss("capacity", "pas de colonne"),
    Loss("how_to_join", "pas de colonne"),
    Loss("how_to_help", "pas de colonne"),
    Loss("legal_forms", "pas de colonne"),
    Loss("access", "pas de colonne : le standard renvoie à la fiche Acceslibre"),
    Loss("phone", "un numéro s’écrit +33… et revient sous son écriture usuelle ; un numéro court ne part pas"),
    Loss("email", "une adresse qui contient « | » ne part pas"),
    Loss("website", "« | » y devient « %7C »"),
    Loss("links", "« | » y devient « %7C » ; sans site, la première adresse revient comme le site"),
    Loss("opening_hours", "des horaires que personne ne sait calculer ne partent pas"),
    Loss("prices", "seuls partent « Gratuit », « Gratuit sous condition » et « Payant »"),
    Loss("description", "la mise en forme : il reste le texte et ses alinéas"),
    Loss("operator", "un nom fait de 14 chiffres, que l’on prendrait pour un Siret, ne revient pas"),
    Loss("activities", "seules reviennent fablab, mediation-numerique et recyclerie ; les autres sont TIERS_LIEUX"),
    Loss("services", "seuls partent aide-numerique, wifi et france-services"),
    Loss("slug", "pas de colonne : l’adresse de la page est refaite d’après le nom"),
    Loss("demo", "pas de colonne : rien ne dit qu’un lieu est fictif"),
    Loss("sources", "leurs noms seulement : ni leurs licences, ni ce que chacune dit"),
)


def write(places: Iterable[ExportedPlace], writing: Writing) -> Iterator[str]:
    """Write the places that the standard can tell, in chunks of text."""
    return in_chunks(_pieces(places, writing))


def _pieces(places: Iterable[ExportedPlace], writing: Writing) -> Iterator[str]:
    site = identity.site_name(writing.site_url)
    yield _line(table.COLUMNS)
    for place in places:
        if not telling.leaves_out(place):
            yield _line(telling.tell(place, site, writing.today).values())


def _line(cells: Iterable[str]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\r\n").writerow(cells)
    return buffer.getvalue()


def read(document: Document, options: Options) -> Reading:
    """Read a file of the standard; places that are no third places come in only when all are asked for."""
    opened = open_table(document.text)
    require_columns(FORMAT.title, NEEDED, opened.header)
    reading = Reading(unmapped=opened.unmapped(table.COLUMNS))
    seen: dict[str, int] = {}
    for row in rows(opened):
        if isinstance(row, RowProblem):
            reading.refuse(row)
            continue
        ref = _reference(row.cells["id"].strip())
        if problem := tables.identity(Row(row.line, {"id": ref}), "id", seen):
            reading.refuse(problem, row.cells)
        elif options.all_places or identity.origins(row.cells["id"]) or hearing.is_third_place(row.cells):
            reading.entries.append(_entry(row, ref, reading, options))
        else:
            reading.skipped += 1
    return reading


def _reference(identifier: str) -> str:
    """An identifier that can be kept; those that tell a history of merges grow without bound."""
    if len(identifier) <= LONGEST_REF:
        return identifier
    return f"{identifier[:170]}~{hashlib.blake2b(identifier.encode(), digest_size=8).hexdigest()}"


def _entry(row: Row, ref: str, reading: Reading, options: Options) -> Entry:
    origins = identity.origins(row.cells["id"])
    here = next((origin for origin in origins if origin.site == options.here), None)
    facts = _source(row, origins, options)
    reading.sources.setdefault(facts.slug, facts)
    heard = hearing.hear(row.line, row.cells, ours=bool(origins))
    dated = mending.partial_date(row.cells["date_maj"])
    if dated is None:
        value = short(row.cells["date_maj"])
        heard.warnings.append(RowProblem(row.line, "date_maj", value, "date illisible", "écrivez 2024-04-02"))
    weak = ref.startswith(COOP) and row.cells.get("services", "").strip()
    draft = Draft(
        source=facts.slug,
        ref=ref,
        values=heard.values,
        raw=dict(row.cells),
        licence=facts.licence,
        dated=dated or "",
        flags=("services-by-default",) if weak else (),
        place_id=here.place_id if here else origins[0].place_id if len(origins) == 1 else None,
    )
    warnings = tuple(heard.warnings)
    return Entry(row.line, (draft,), hearing.FIELDS_OF, warnings=warnings, from_here=here is not None)


def _source(row: Row, origins: tuple[identity.Origin, ...], options: Options) -> SourceFacts:
    """Who says it: the Maillage site that wrote the row, else the source it names, else what the person said."""
    licence = (options.licence or LICENCE)[:200]
    said = " ".join(row.cells.get("source", "").split())
    if len(origins) == 1:
        return SourceFacts(origins[0].site[:80], f"Maillage, {origins[0].site}", licence)
    name = said or options.source or FORMAT.title
    return SourceFacts(f"mednum-{slugify(name)}"[:80].strip("-"), name[:200], licence, PUBLISHER)


def check(document: Document) -> list[RowProblem]:
    """All that a file has wrong, held against the schema and against what its patterns let slip."""
    return checking.problems(document.text)


def file_name(producer: str, today: date, territory: str) -> str:
    """The name that the standard asks for.

    >>> file_name("43493312300029", date(2024, 4, 2), "dep-39")
    '2024-04-02_43493312300029_lieux-de-mediation-numerique_dep-39.csv'
    """
    where = slugify(territory) if territory else "france"
    return f"{today.isoformat()}_{producer}_lieux-de-mediation-numerique_{where}.csv"


FORMAT = Format(
    "mednum",
    "lieux de médiation numérique",
    signature=frozenset(table.COLUMNS),
    read=read,
    write=write,
    check=check,
    losses=LOSSES,
    leaves_out=telling.leaves_out,
    rows=True,
    file_name=file_name,
    version=table.VERSION,
    reference=table.REFERENCE,
)
