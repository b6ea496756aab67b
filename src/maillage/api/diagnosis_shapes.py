"""What OpenAPI tells of a diagnosis: made from the frozen dataclasses themselves, so that neither may drift."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, Union, cast, get_args, get_origin, get_type_hints

from pydantic import Field, create_model

from maillage.api.shapes import Exact
from maillage.diagnosis.rules.documents import COLUMNS, FAR, FORMAT, KNOWN, UNKNOWN
from maillage.diagnosis.rules.facts import Diagnosis, Plan, Town

_REACH = Literal[(KNOWN, FAR, UNKNOWN)]  # type: ignore[valid-type]
_SAID = "« unknown » : personne ne sait ; « past-an-hour » : plus d’une heure ; sinon « minutes » le dit."


@cache
def model_of(kind: type) -> Any:
    """A strict model with the fields of a frozen dataclass; any number may be null: nobody knows it."""
    hints = get_type_hints(kind)
    told: dict[str, Any] = {field.name: (_type(hints[field.name]), ...) for field in fields(cast(Any, kind))}
    if kind is Town:
        told = {name: told.get(name, (_REACH, Field(description=_SAID))) for name in COLUMNS}
    if kind is Diagnosis:
        told["format"] = (Literal[FORMAT], ...)
    return create_model(f"Diagnosis{kind.__name__}".replace("DiagnosisDiagnosis", "Diagnosis"), __base__=Exact, **told)


def _type(kind: Any) -> Any:
    if isinstance(kind, type) and is_dataclass(kind):
        return model_of(kind)
    origin = get_origin(kind)
    if origin in (Union, UnionType):
        inside = [_type(one) for one in get_args(kind)]
        return Union[(*(one for one in inside if one is not NoneType), None)]
    if origin is tuple:
        inside = [one for one in get_args(kind) if one is not Ellipsis]
        return list[_type(inside[0])] if len(inside) == 1 else list[float | int]  # type: ignore[misc]
    if origin is Mapping:
        return dict[str, _type(get_args(kind)[1])]  # type: ignore[misc]
    return float | None if kind is float else kind


DiagnosisOut = model_of(Diagnosis)
PlanOut = create_model(
    "TerritorySites",
    __base__=model_of(Plan),
    territory=(str, ...),
    name=(str, ...),
    within_min=(int, ...),
)
