"""The compact integer program of maximal covering."""

import math

import numpy as np

from maillage.analysis import sparse
from maillage.analysis.siting.highs import Program
from maillage.analysis.siting.reduce import Instance


def compact(instance: Instance, k: int) -> tuple[Program, float]:
    """The compact model of what is left; a row that one site alone reaches is paid to the site."""
    reach, weight = instance.reach, instance.weight
    sizes = np.diff(reach.indptr)
    alone, rows = np.flatnonzero(sizes == 1), np.flatnonzero(sizes > 1)
    scale = float(weight.mean())
    worth = np.zeros(reach.shape[1])
    np.add.at(worth, reach.indices[reach.indptr[alone]], weight[alone])
    served = sparse.hstack([-reach[rows].astype(np.float64), sparse.eye_array(rows.size)])
    count = sparse.csr_array(np.append(np.ones(reach.shape[1]), np.zeros(rows.size))[np.newaxis])
    n = reach.shape[1] + rows.size
    program = Program(
        cost=np.append(worth, weight[rows]) / scale,
        lower=np.zeros(n),
        upper=np.ones(n),
        matrix=sparse.csr_array(sparse.vstack([served, count], format="csr")),
        row_lower=np.full(rows.size + 1, -math.inf),
        row_upper=np.append(np.zeros(rows.size), k),
        integer=np.arange(n) < reach.shape[1],
    )
    return program, scale
