"""data·inclusion v1, schema 1.0.8, both ways: one JSON document of two lists, `structures` and `services`.

One list, JSON Lines, or a CSV of structures are read too. Two keys are ours: `provenance`, the licence of each
structure and whom to name; `left_out`, how many places could not be told, and why. The mapping is documented in
`docs/formats/data-inclusion.md`.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.utils import timezone

from maillage.network.exchange.formats.format import Document, Format, Loss, Writing, in_chunks
from maillage.network.exchange.rules import identity, mending
from maillage.network.exchange.rules.inclusion import checking, hearing, table, telling
from maillage.network.exchange.rules.inclusion.objects import Found, objects
from maillage.network.exchange.rules.own import ExportedPlace
from maillage.network.exchange.rules.reports import Entry, FileRefused, Options, Reading, RowProblem, short
from maillage.network.exchange.rules.tables import LONGEST_REF, open_table, rows
from maillage.places.rules.drafts import Draft, SourceFacts
from maillage.places.rules.slugs import slugify

LICENCE = "Licence Ouverte 2.0 (présumée, à vérifier sur data.gouv.fr)"
PUBLISHER = "data·inclusion"
LOSSES = (
    Loss("name", "au plus 150 signes, sans point final"),
    Loss("status", "un lieu fermé, en projet ou en sommeil ne part pas"),
    Loss("closed_on", "un lieu fermé ne part pas"),
    Loss("closed_cause", "un lieu fermé ne part pas"),
    Loss("opened_on", "pas de champ"),
    Loss("precision", "pas de champ : le point revient sans sa précision"),
    Loss("links", "pas de champ"),
    Loss("operator", "pas de champ"),
    Loss("capacity", "pas de champ"),
    Loss("how_to_join", "pas de champ"),
    Loss("how_to_help", "pas de champ"),
    Loss("legal_forms", "pas de champ"),
    Loss("access", "pas de champ : le schéma renvoie à la fiche Acceslibre"),
    Loss("phone", "un numéro s’écrit +33… et revient sous son écriture usuelle ; un numéro illisible ne part pas"),
    Loss("email", "une adresse que le schéma refuse ne part pas"),
    Loss("website", "une adresse que le schéma refuse ne part pas"),
    Loss("opening_hours", "des horaires que personne ne sait calculer ne partent pas"),
    Loss("prices", "ne partent qu’avec un service numérique"),
    Loss("description", "la mise en forme ; un texte de moins de 5 signes ne part pas"),
    Loss("activities", "seules partent mediation-numerique et recyclerie"),
    Loss("services", "seuls partent aide-numerique et wifi"),
    Loss("labels", "seuls partent fabrique-de-territoire et france-services"),
    Loss("slug", "l’adresse de la page est refaite d’après le nom"),
    Loss("demo", "pas de champ : rien ne dit qu’un lieu est fictif"),
    Loss("sources", "leurs licences et leurs noms ensemble, non ce que chacune dit"),
)


def write(places: Iterable[ExportedPlace], writing: Writing) -> Iterator[str]:
    """Write the places that the schema can tell, in chunks of text."""
    return in_chunks(_pieces(places, writing))


def _pieces(places: Iterable[ExportedPlace], writing: Writing) -> Iterator[str]:
    """Structures leave as they come; services and licences wait as text for their own lists."""
    services: list[str] = []
    provenance: list[str] = []
    left: Counter[str] = Counter()
    yield '{"structures":['
    separator = "\n"
    for place in places:
        if why := telling.leaves_out(place):
            left[why] += 1
            continue
        told, service = telling.tell(place, writing.site_url, writing.today)
        yield separator + _json(told)
        separator = ",\n"
        services += [_json(service)] if service else []
        said = {"structure_id": told["id"], "licence": "; ".join(place.licences), "attribution": place.attribution}
        provenance.append(_json(said))
    yield '\n],\n"services":[\n' + ",\n".join(services)
    yield f'\n],\n"{table.PROVENANCE}":[\n' + ",\n".join(provenance)
    yield f'\n],\n"left_out":{_json(left)}}}\n'


def _json(told: Mapping[str, Any]) -> str:
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"))


def read(document: Document, options: Options) -> Reading:
    """Read structures with their services; those that are no third places come in only when all are asked for."""
    structures: list[tuple[int, dict[str, Any]]] = []
    services: dict[str, list[dict[str, Any]]] = defaultdict(list)
    licences: dict[str, str] = {}
    reading = Reading()
    for listed, line, found in _objects(document.text):
        if isinstance(found, RowProblem):
            reading.refuse(found)
            continue
        kind = checking.kind_of(listed, found)
        if kind == "structures":
            structures.append((line, found))
        elif kind == "services":
            services[str(found.get("structure_id"))].append(hearing.kept(found))
        elif listed == table.PROVENANCE and isinstance(found.get("licence"), str):
            licences[str(found.get("structure_id"))] = found["licence"][:200]
    if not structures and not reading.refused:
        raise FileRefused(
            "Le fichier ne contient aucune structure : un service seul ne dit pas quel lieu c’est. Donnez le fichier "
            "des structures, ou un document qui a les deux listes, « structures » et « services »."
        )
    _enter(reading, structures, services, licences, options)
    return reading


def _enter(
    reading: Reading,
    structures: list[tuple[int, dict[str, Any]]],
    services: Mapping[str, list[dict[str, Any]]],
    licences: Mapping[str, str],
    options: Options,
) -> None:
    seen: dict[str, int] = {}
    for line, found in structures:
        ref = found.get("id")
        if not isinstance(ref, str) or not ref.strip() or len(ref) > LONGEST_REF:
            mend = "donnez un identifiant unique"
            reading.refuse(RowProblem(line, "id", short(ref), "l’identifiant manque ou est trop long", mend), found)
        elif ref in seen:
            problem = f"identifiant déjà vu à la ligne {seen[ref]}"
            reading.refuse(RowProblem(line, "id", short(ref), problem, "retirez un des deux objets"), found)
        elif options.all_places or identity.origins(ref) or hearing.is_third_place(found):
            licence = licences.get(ref) or options.licence or LICENCE
            entry = _entry(line, found, services.get(ref, []), licence[:200], options)
            reading.sources.setdefault(entry.drafts[0].source, _source(found, entry.drafts[0].ref, licence, options))
            reading.entries.append(entry)
        else:
            reading.skipped += 1
        seen.setdefault(str(ref), line)


def _entry(line: int, found: dict[str, Any], services: list[dict[str, Any]], licence: str, options: Options) -> Entry:
    ref = found["id"]
    origins = identity.origins(ref)
    here = next((origin for origin in origins if origin.site == options.here), None)
    warnings = []
    said = found.get("date_maj")
    dated = mending.partial_date(said) if isinstance(said, str) else None
    if dated is None:
        warnings.append(RowProblem(line, "date_maj", short(said), "date illisible", "écrivez 2024-04-02"))
    draft = Draft(
        source=_source(found, ref, licence, options).slug,
        ref=ref,
        values=hearing.hear(found, services, ours=bool(origins)),
        raw={"structure": hearing.kept(found), "services": services},
        licence=licence,
        dated=dated or "",
        place_id=here.place_id if here else origins[0].place_id if len(origins) == 1 else None,
    )
    return Entry(line, (draft,), hearing.FIELDS_OF, warnings=tuple(warnings), from_here=here is not None)


def _source(found: Mapping[str, Any], ref: str, licence: str, options: Options) -> SourceFacts:
    """Who says it: the Maillage site that wrote it, else the producer it names, else what the person said."""
    origins = identity.origins(ref)
    if len(origins) == 1:
        return SourceFacts(origins[0].site[:80], f"Maillage, {origins[0].site}", licence[:200])
    said = found.get("source")
    name = " ".join(said.split()) if isinstance(said, str) and said.strip() else options.source or FORMAT.title
    return SourceFacts(f"data-inclusion-{slugify(name)}"[:80].strip("-"), name[:200], licence[:200], PUBLISHER)


def check(document: Document) -> list[RowProblem]:
    """All that a file has wrong, held against the schema and the rules that its types do not tell."""
    checker = checking.Checker(timezone.localdate())
    found: list[RowProblem] = []
    for problem in checker.all(_objects(document.text)):
        found.append(problem)
        if len(found) > checking.MOST:
            told = f"plus de {checking.MOST} problèmes : la suite n’est pas lue"
            found[-1] = RowProblem(problem.line, "", "", told, "corrigez ceux-ci, puis relancez")
            break
    return found


def _objects(text: str) -> Iterator[Found]:
    """The objects of a file, JSON or CSV."""
    if text.lstrip()[:1] in ("{", "["):
        yield from objects(text)
        return
    opened = open_table(text)
    kind = "services" if "structure_id" in opened.header else "structures"
    for row in rows(opened):
        if isinstance(row, RowProblem):
            yield kind, row.line, row
        else:
            yield kind, row.line, hearing.from_cells(kind, row.cells)


def _is_ours(text: str) -> bool:
    start = text.lstrip()[:4_000]
    listed = any(f'"{name}"' in start[:200] for name in table.KINDS)
    plain = all(f'"{name}"' in start for name in ("source", "id", "nom", "date_maj"))
    return start[:1] in ("{", "[") and (listed or plain) and "FeatureCollection" not in start


FORMAT = Format(
    "data-inclusion",
    "data·inclusion",
    signature=frozenset(table.STRUCTURE),
    required=frozenset({"source", "id", "nom", "date_maj", "courriel"}),
    read=read,
    write=write,
    check=check,
    recognises=_is_ours,
    losses=LOSSES,
    leaves_out=telling.leaves_out,
    rows=True,
    extension="json",
    media_type="application/json",
    version=table.VERSION,
    reference=table.REFERENCE,
)
