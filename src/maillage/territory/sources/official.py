"""The official ground, downloaded from the addresses of `official_urls.toml`.

Names of départements and régions, natures of EPCI and older codes come from the built-in ground. Tried against a
server on this machine only: unproved until someone runs it online.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from django.utils.translation import gettext_noop
from numpy.typing import NDArray

from maillage.territory.rules.codes import COMMUNE, EPCI
from maillage.territory.rules.draft import (
    CENTRE_OFFICIAL,
    OFFICIAL,
    CommuneRow,
    FigureRow,
    GroundDraft,
    GroundRefused,
    OutlineRow,
)
from maillage.territory.rules.outlines import outline, to_e5
from maillage.territory.rules.progress import Progress
from maillage.territory.sources import files
from maillage.territory.sources.builtin import METROPOLES, BuiltinSource
from maillage.territory.sources.fetch import FetchFailed, download, is_local

READER = "official 1"
ADDRESSES = Path(__file__).with_name("official_urls.toml")
COMMUNES = "communes.json"
OUTLINES = {
    "reg": "regions-1000m.geojson.gz",
    "dep": "departements-1000m.geojson.gz",
    "epci": "epci-100m.geojson.gz",
    "commune": "communes-100m.geojson.gz",
}
LICENCE = "Licence Ouverte 2.0"
_NATURE = re.compile(r"(CC|CA|CU)\b")


@dataclass(frozen=True, slots=True)
class Address:
    """One official file: what it is, the file it becomes here, where it is, how sure the address is."""

    name: str
    title: str
    file: str
    url: str
    needed: bool
    status: str


def addresses() -> list[Address]:
    """The product's own list of official addresses."""
    return [Address(**row) for row in tomllib.loads(ADDRESSES.read_text(encoding="utf-8"))["address"]]


def fetch(
    folder: Path,
    *,
    known: Sequence[Address],
    offline: bool,
    progress: Progress | None = None,
    most_bytes: int = files.MOST_BYTES_ON_DISK,
    timeout_seconds: float = 20,
) -> tuple[str, ...]:
    """Download every address into `folder`; a file that is not needed may fail, and is told."""
    if offline and not all(is_local(address.url) for address in known):
        raise GroundRefused(
            "MAILLAGE_OFFLINE=1 : aucune demande ne part de cette machine. "
            "Donnez un dossier de fichiers officiels avec --from, ou retirez cette variable."
        )
    told = []
    for address in known:
        try:
            download(
                address.url,
                folder / address.file,
                most_bytes=most_bytes,
                progress=progress,
                timeout_seconds=timeout_seconds,
            )
        except FetchFailed as failed:
            if address.needed:
                raise GroundRefused(f"{address.title} : {failed}") from failed
            told.append(f"{address.title} : {failed}")
    return tuple(told)


class OfficialSource:
    """The official files of a download folder; `told` is what the download had to say."""

    def __init__(self, folder: Path, told: tuple[str, ...] = ()) -> None:
        self.folder, self.told = folder, told

    def fingerprint(self) -> str:
        return files.fingerprint(READER, [self.folder / name for name in (COMMUNES, *OUTLINES.values())])

    def read(self) -> GroundDraft:
        path, base = self.folder / COMMUNES, BuiltinSource().read()
        if not path.is_file():
            raise GroundRefused(f"{path} manque. Lancez « maillage territory update » avec un réseau.")
        departements = base.departements
        rows = [row for row in _rows(path) if row[0].departement in departements]
        communes = tuple(commune for commune, _, _ in rows)
        today = {commune.code for commune in communes}
        epcis = _epcis(rows, base.epcis)
        codes = {"commune": today, "epci": set(epcis), "dep": set(departements), "reg": set(base.regions)}
        outlines, told = self._outlines(codes)
        loaded = datetime.fromtimestamp(path.stat().st_mtime, tz=UTC).date().isoformat()
        return GroundDraft(
            kind=OFFICIAL,
            label=gettext_noop("Données officielles téléchargées (geo.api.gouv.fr, contours Etalab)"),
            vintage=loaded,
            regions=base.regions,
            departements=departements,
            epcis=epcis,
            communes=tuple(_with_metropole(commune, epcis) for commune in communes),
            former=tuple(row for row in base.former if row.commune in today and row.code not in today),
            outlines=outlines,
            figures=_figures(loaded, base, bool(outlines)),
            told=self.told + told,
        )

    def _outlines(self, codes: Mapping[str, set[str]]) -> tuple[tuple[OutlineRow, ...], tuple[str, ...]]:
        found: list[OutlineRow] = []
        told = []
        for kind, name in OUTLINES.items():
            path = self.folder / name
            if path.is_file():
                found += {row.code: row for row in _shapes(path, kind) if row.code in codes[kind]}.values()
            else:
                told.append(f"{name} manque : ces contours ne seront pas dessinés.")
        return tuple(found), tuple(told)


def _rows(path: Path) -> Iterator[tuple[CommuneRow, str, str]]:
    """Each commune with the code and name of its EPCI."""
    content = files.read_json(path)
    if not isinstance(content, list):
        files.refuse(path, "une liste de communes était attendue")
    for number, item in enumerate(content, start=1):
        try:
            yield _commune(item)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            files.refuse(path, f"la commune n° {number} est illisible ({error})")


def _commune(item: Any) -> tuple[CommuneRow, str, str]:
    code, epci = item["code"], item.get("codeEpci") or (item.get("epci") or {}).get("code") or ""
    if not COMMUNE.fullmatch(code) or (epci and not EPCI.fullmatch(epci)):
        raise ValueError(f"code {str(code)[:20]}")
    lon, lat = (_number(value) for value in item["centre"]["coordinates"])
    surface_ha = item.get("surface")
    row = CommuneRow(
        code=code,
        name=_text(item["nom"], 80),
        departement=_text(item["codeDepartement"], 3),
        epci=epci,
        population=_whole(item.get("population")),
        lat=lat,
        lon=lon,
        centre_kind=CENTRE_OFFICIAL,
        surface_km2=None if surface_ha is None else round(_number(surface_ha) / 100, 4),
        postal_codes=tuple(dict.fromkeys(_text(postal, 5) for postal in item.get("codesPostaux", ()))),
    )
    return row, epci, _text((item.get("epci") or {}).get("nom", ""), 160)


def _text(value: Any, longest: int) -> str:
    text = " ".join(str(value).split())
    if not isinstance(value, str) or len(text) > longest or not text.isprintable():
        raise ValueError(f"texte {str(value)[:20]!r}")
    return text


def _number(value: Any) -> float:
    if type(value) not in (int, float) or not abs(value) < 1e7:
        raise ValueError(f"nombre {str(value)[:20]!r}")
    return float(value)


def _whole(value: Any) -> int | None:
    if value is None:
        return None
    if type(value) is not int or not 0 <= value < 100_000_000:
        raise ValueError(f"nombre {str(value)[:20]!r}")
    return value


def _epcis(
    rows: Sequence[tuple[CommuneRow, str, str]], base: Mapping[str, tuple[str, str]]
) -> dict[str, tuple[str, str]]:
    """Names as downloaded, natures from the built-in ground, else from the name's beginning."""
    epcis = {}
    for _, code, name in rows:
        if code and code not in epcis:
            base_name, nature = base.get(code, ("", ""))
            begun = _NATURE.match(name)
            epcis[code] = (name or base_name or code, nature or (begun[1] if begun else ""))
    return epcis


def _with_metropole(commune: CommuneRow, epcis: Mapping[str, tuple[str, str]]) -> CommuneRow:
    nature = epcis[commune.epci][1] if commune.epci else "CC"
    return replace(commune, in_metropole=nature in METROPOLES if nature else None)


def _shapes(path: Path, kind: str) -> Iterator[OutlineRow]:
    content = files.read_json(path)
    features = content.get("features") if isinstance(content, dict) else None
    if not isinstance(features, list):
        files.refuse(path, "ce n’est pas une collection GeoJSON")
    for number, feature in enumerate(features, start=1):
        try:
            packed = outline(kind, str(feature["properties"]["code"]), _rings(feature["geometry"]))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            files.refuse(path, f"le contour n° {number} est illisible ({error})")
        if packed is not None:
            yield packed


def _rings(geometry: Any) -> list[NDArray[np.int32]]:
    polygons = {"Polygon": lambda c: [c], "MultiPolygon": lambda c: c}[geometry["type"]](geometry["coordinates"])
    rings = []
    for ring in (ring for polygon in polygons for ring in polygon):
        points = to_e5(np.array(ring, dtype=np.float64)[:, :2])
        if not np.array_equal(points[0], points[-1]):
            raise ValueError("un anneau n’est pas fermé")
        rings.append(points)
    return rings


def _figures(loaded: str, base: GroundDraft, with_outlines: bool) -> tuple[FigureRow, ...]:
    api = "API Découpage administratif (Etalab, d’après l’Insee, l’IGN et La Poste)"
    kept = tuple(row for row in base.figures if row.figure == "anciens_codes")
    named = ("communes", "population", "epci", "codes_postaux", "centre", "superficie")
    outlines = (FigureRow("contours", "Etalab, contours administratifs, d’après l’IGN", "2025", LICENCE),)
    return (
        tuple(FigureRow(figure, api, f"téléchargé le {loaded}", LICENCE) for figure in named)
        + kept
        + (outlines if with_outlines else ())
    )
