"""A diagnosis as bytes and back, nothing lost: what a permanent link keeps."""

import json
import zlib
from collections.abc import Mapping
from dataclasses import asdict, fields, is_dataclass
from functools import cache
from hashlib import sha256
from types import NoneType, UnionType
from typing import Any, Union, cast, get_args, get_origin, get_type_hints

from maillage.diagnosis.rules.facts import Diagnosis

OF_THE_DAY = ("today", "registry")
"""What changes without any figure changing: left out of the fingerprint, as the seconds of a search are."""


class Unreadable(ValueError):
    """Bytes that hold no diagnosis of this version."""


def pack(diagnosis: Diagnosis) -> bytes:
    """Write a diagnosis whole, compressed; infinite minutes and unknown ones stay what they are."""
    return zlib.compress(json.dumps(asdict(diagnosis), ensure_ascii=False, separators=(",", ":")).encode(), 6)


def unpack(packed: bytes) -> Diagnosis:
    """Read what `pack` wrote: equal to what was packed. Raises `Unreadable` for anything else."""
    try:
        told = json.loads(zlib.decompress(packed).decode())
        found: Diagnosis = _read(Diagnosis, told)
    except (zlib.error, ValueError, TypeError, KeyError, AttributeError) as trouble:
        raise Unreadable("these bytes hold no diagnosis") from trouble
    return found


def fingerprint(diagnosis: Diagnosis) -> str:
    """The SHA-256 of the figures, the same whenever they are the same, whatever the day they are asked."""
    told = asdict(diagnosis)
    for name in OF_THE_DAY:
        del told[name]
    if told["plan"]:
        del told["plan"]["seconds"]
    return sha256(json.dumps(told, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


@cache
def _types(kind: type) -> tuple[tuple[str, Any], ...]:
    hints = get_type_hints(kind)
    return tuple((field.name, hints[field.name]) for field in fields(cast(Any, kind)))


def _read(kind: Any, told: Any) -> Any:
    """Build a value of this type from plain JSON."""
    if isinstance(kind, type) and is_dataclass(kind):
        return kind(*(_read(inner, told[name]) for name, inner in _types(kind)))
    origin = get_origin(kind)
    if origin in (Union, UnionType):
        return _read_one_of(get_args(kind), told)
    if origin is tuple:
        inside = get_args(kind)
        if len(inside) == 2 and inside[1] is Ellipsis:
            return tuple(_read(inside[0], one) for one in told)
        return tuple(_read(one, value) for one, value in zip(inside, told, strict=True))
    if origin is Mapping:
        name, value = get_args(kind)
        return {name(key): _read(value, one) for key, one in told.items()}
    return told


def _read_one_of(kinds: tuple[Any, ...], told: Any) -> Any:
    others = [kind for kind in kinds if kind is not NoneType]
    return None if told is None else _read(others[0], told) if len(others) == 1 else told
