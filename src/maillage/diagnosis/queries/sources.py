"""Where the figures of a diagnosis come from, and how old they are."""

from maillage.analysis import demand as cascade
from maillage.analysis import viability
from maillage.diagnosis.queries.journeys import journeys
from maillage.diagnosis.rules.facts import Demand, Figure
from maillage.places.queries import registry
from maillage.territory.queries import describe_ground

USED = 12
"""Most sources of places that are named; the page of data names all of them."""


def figures(demand: Demand | None) -> tuple[Figure, ...]:
    """Every source behind a diagnosis: the ground's figures, the registry's sources, the dated parameters."""
    ground = describe_ground()
    told = (
        [Figure(*(one.figure, one.source, one.vintage, one.licence, one.note)) for one in ground.figures]
        if ground
        else []
    )
    told += [Figure("places", name, "", licence) for _, name, licence, _ in registry().sources[:USED]]
    model = journeys().model
    told.append(Figure("travel", model.name, getattr(model, "dated", "")))
    own = viability.parameters()
    told.append(Figure("viability", own.name, own.dated))
    if demand is not None:
        shares = cascade.default_shares()
        told.append(Figure("demand", shares.name, shares.dated))
    return tuple(told)
