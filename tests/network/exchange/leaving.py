"""Places ready to leave, drawn by Hypothesis or from the demonstration, and those who judge what is written."""

import tempfile
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from frictionless import Resource, Schema
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from maillage.network.exchange.formats.format import Format, Writing
from maillage.network.exchange.rules.own import ExportedPlace, ExportedRecord
from maillage.network.exchange.sources import demo
from maillage.places.rules.choice import Record, choose
from maillage.places.rules.drafts import Draft, SourceFacts
from maillage.places.rules.fields import check
from tests.conftest import NOW
from tests.network.exchange.test_demo import FRANCE
from tests.network.exchange.test_roundtrip import NASTY, VALUES

TODAY = NOW.date()
WRITING = Writing("https://maillage.example", TODAY)
OPEN = SourceFacts("census", 'Recensement, dit "grand"', "Licence Ouverte 2.0", publisher="=CGET")
SHARED_ALIKE = SourceFacts("network", "Réseau BFC", "ODbL", rank=2)
SAID = (
    VALUES,
    st.fixed_dictionaries(
        {},
        optional={
            "street": NASTY,
            "postal_code": st.sampled_from(["01400", "39380", "97411"]),
            "city": st.sampled_from(["Chamblay", "L’Haÿ-les-Roses", "=Dole"]),
            "prices": st.sampled_from(["Gratuit", "Gratuit, Payant", "6 € la journée"]),
            "how_to_come": NASTY,
            "how_to_join": NASTY,
            "how_to_help": NASTY,
            "description": NASTY | st.text("ab <&;\n.", min_size=200, max_size=400),
            "phone": st.sampled_from(["03 84 00 00 00", "0262 12 34 56", "+687 25 83 00", "3949", "35301"]),
            "email": st.sampled_from(["bonjour@exemple.fr", "a|b@exemple.fr", "a..b@exemple.fr", "x@machine.local"]),
            "website": st.sampled_from(["https://exemple.fr/?a=1|2;3", "http://1.2.3.999/", "https://été.fr/"]),
            "opening_hours": st.sampled_from(["Mo-Fr 09:00-12:00", "le mardi, sur rendez-vous"]),
        },
    ),
)


@st.composite
def places(draw: st.DrawFn, **always: Any) -> ExportedPlace:
    """A place with one or two records, its values as the registry keeps them; `always` are values that it has."""
    said = {**draw(SAID[0]), **draw(SAID[1]), **always}
    values = {name: value for name, value in check(said).values.items() if value not in (None, "", [])}
    sources = draw(st.sampled_from([(OPEN,), (OPEN,), (OPEN,), (OPEN, SHARED_ALIKE)]))
    dated = draw(st.sampled_from(["", "2019", "2019-06", "2024-04-02", "2019-02-31", "2099"]))
    records = tuple(ExportedRecord(facts, "1", facts.licence, dated, (), values) for facts in sources)
    return ExportedPlace(
        draw(st.uuids(version=4)), "la-maille", values, "hybride", draw(st.booleans()), records, NOW,
        draw(st.none() | st.just(NOW)),
    )  # fmt: skip


def drawn(strategy: st.SearchStrategy[ExportedPlace], count: int) -> list[ExportedPlace]:
    """So many places, no two with one identifier."""
    found: list[ExportedPlace] = []

    @settings(max_examples=count, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(strategy)
    def gather(place: ExportedPlace) -> None:
        found.append(replace(place, id=UUID(int=len(found) + 1)))

    gather()
    return found


def of_the_demo() -> list[ExportedPlace]:
    """The three hundred places of the demonstration, as the registry would show them."""
    by_place: dict[UUID, list[Draft]] = defaultdict(list)
    for draft in demo.drafts(FRANCE, today=TODAY):
        assert draft.place_id
        by_place[draft.place_id].append(draft)
    return [_shown(place_id, drafts) for place_id, drafts in by_place.items()]


def _shown(place_id: UUID, drafts: list[Draft]) -> ExportedPlace:
    facts = {draft.source: demo.SOURCES[draft.source] for draft in drafts}
    told = [(draft, check(draft.values).values) for draft in drafts]
    chosen = choose([Record(d.source, facts[d.source].rank, d.dated, v) for d, v in told], today=TODAY)
    values = {name: one.value for name, one in chosen.items() if one.value not in (None, "", [])}
    records = tuple(ExportedRecord(facts[d.source], d.ref, d.licence, d.dated, d.flags, v) for d, v in told)
    return ExportedPlace(place_id, drafts[0].slug, values, "", True, records, NOW, None)


def written(chosen: Format, leaving: Iterable[ExportedPlace], writing: Writing = WRITING) -> str:
    assert chosen.write
    return "".join(chosen.write(leaving, writing))


def frictionless_says(text: str, schema: dict[str, Any]) -> list[tuple[Any, ...]]:
    """What the validator of Table Schema has against a file: (row, column, kind, message)."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "x.csv").write_text(text, encoding="utf-8", newline="")
        resource = Resource(path="x.csv", basepath=folder, schema=Schema.from_descriptor(schema))
        return [tuple(e) for e in resource.validate().flatten(["rowNumber", "fieldName", "type", "message"])]


def at(day: str) -> datetime:
    return datetime.fromisoformat(f"{day}T12:00:00+00:00")
