"""What a reference that names nothing may have meant."""

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from maillage.territory.models import Commune
from maillage.territory.queries.find import FRANCE, Territory, find
from maillage.territory.queries.search import search
from maillage.territory.queries.zonings import KINDS, zoning

LONGEST, SEARCHED = 80, 40
MOST_SIGNS_APART = 2
ALIKE = 0.75
_WRITTEN = re.compile(rf"(?:({'|'.join(KINDS)})\s*[-:]\s*)?(.+)", re.IGNORECASE | re.DOTALL)
_CODE = re.compile(r"[0-9][0-9A-Z]?[0-9]*", re.ASCII)


def propose(reference: object, *, limit: int = 5) -> tuple[Territory, ...]:
    """The territories that a reference `find` does not know may mean, the likeliest first.

    A code is read as a postal code, then as a code of the same kind with a sign or two wrong or its end missing; any
    other text is searched as a name, of the same kind when one is written.
    """
    if not isinstance(reference, str) or not reference.strip():
        return ()
    matched = _WRITTEN.fullmatch(reference.strip()[:LONGEST])
    kind, text = ((matched[1] or "").lower(), matched[2].strip()) if matched else ("", reference[:LONGEST])
    code = text.upper()
    near = _by_code(kind, code) if _CODE.fullmatch(code) else iter(())
    found: dict[str, Territory] = {}
    for where in (*_france(text), *_by_name(kind, text), *islice(near, limit)):
        found.setdefault(where.reference, where)
    return tuple(islice(found.values(), limit))


def _france(text: str) -> tuple[Territory, ...]:
    where = find(FRANCE)
    alike = SequenceMatcher(None, text.lower(), FRANCE).ratio() >= ALIKE
    return (where,) if where and alike else ()


def _by_name(kind: str, text: str) -> Iterator[Territory]:
    """What the search gives; a bassin de vie has the name of one of its communes, and is not searched by itself."""
    for hit in search(text, limit=SEARCHED):
        if kind == "bv" and hit.kind == "commune":
            code = Commune.objects.filter(pk=hit.code).values_list("bv_code", flat=True).first()
            where = find(f"bv-{code}") if code else None
        else:
            where = find(hit.reference) if kind in ("", hit.kind) else None
        if where is not None:
            yield where


def _by_code(kind: str, code: str) -> Iterator[Territory]:
    """Codes that differ by a sign or two, or that begin so: those that begin most alike first."""
    kinds = (kind,) if kind else ("dep", "reg") if len(code) <= 3 else ("commune",) if len(code) <= 5 else ("epci",)
    for name in kinds:
        if name == FRANCE:
            continue
        codes = zoning(name).codes
        for near in _resembling(codes, code).tolist():
            where = find(f"{name}-{near}")
            if where is not None:
                yield where


def _resembling(codes: NDArray[np.str_], code: str) -> NDArray[np.str_]:
    """The codes nearest to one that is not among them.

    >>> _resembling(np.array(["39093", "39094", "54395", "75056"]), "39039").tolist()
    ['39093', '39094']
    """
    if not len(codes):
        return codes
    width = max(codes.dtype.itemsize // 4, len(code))
    signs = codes.astype(f"U{width}").view(np.uint32).reshape(len(codes), width)
    asked = np.array([code], f"U{width}").view(np.uint32)
    same = signs == asked
    lengths = (signs != 0).sum(axis=1)
    begins = same[:, : len(code)].all(axis=1)
    apart = np.where(begins, 0, np.where(lengths == len(code), width - same.sum(axis=1), width))
    alike = np.cumprod(same, axis=1).sum(axis=1)
    order = np.lexsort((codes, -alike, apart))
    return codes[order[apart[order] <= min(MOST_SIGNS_APART, len(code) - 1)]]
