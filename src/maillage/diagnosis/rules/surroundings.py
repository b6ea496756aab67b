"""What a territory has around its inhabitants, theme by theme, never as one opaque score."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from maillage.analysis import sparse
from maillage.diagnosis.rules.facts import Theme


def by_theme(counts: sparse.csr_array, themes: Sequence[str]) -> tuple[tuple[str, ...], NDArray[np.int64]]:
    """Add the equipment of communes by theme: the themes in the order they first come, and communes × themes.

    >>> names, table = by_theme(sparse.csr_array(np.array([[2, 0, 1]])), ["shops", "care", "shops"])
    >>> names, table.tolist()
    (('shops', 'care'), [[3, 0]])
    """
    names = tuple(dict.fromkeys(themes))
    at = {name: n for n, name in enumerate(names)}
    into = sparse.csr_array(
        (np.ones(len(themes), np.int64), ([*range(len(themes))], [at[theme] for theme in themes])),
        shape=(len(themes), len(names)),
    )
    return names, (counts.astype(np.int64) @ into).toarray()


def themes(
    names: Sequence[str],
    table: NDArray[np.int64],
    *,
    inside: NDArray[np.bool_],
    like: NDArray[np.bool_],
    population: NDArray[np.float64],
) -> tuple[Theme, ...]:
    """Count each theme in a territory, per 1,000 inhabitants, beside territories like it.

    `inside` and `like` choose rows whose equipment is known; a rate is None where no population is.

    >>> themes(["care"], np.array([[2], [1]]), inside=np.array([True, False]), like=np.array([False, True]),
    ...        population=np.array([500.0, np.nan]))
    (Theme(slug='care', count=2, communes=1, per_1000=4.0, peers_per_1000=None),)
    """
    return tuple(
        Theme(
            slug=name,
            count=int(table[inside, n].sum()),
            communes=int((table[inside, n] > 0).sum()),
            per_1000=_rate(table[:, n], inside, population),
            peers_per_1000=_rate(table[:, n], like, population),
        )
        for n, name in enumerate(names)
    )


def _rate(counts: NDArray[np.int64], rows: NDArray[np.bool_], population: NDArray[np.float64]) -> float | None:
    known = rows & np.isfinite(population)
    people = float(population[known].sum())
    return None if people == 0 else float(counts[known].sum()) / people * 1000
