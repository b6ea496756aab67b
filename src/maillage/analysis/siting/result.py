"""What every siting function answers."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Stop = Literal["proved", "gap", "time", "interrupted"]


@dataclass(frozen=True, slots=True)
class Siting:
    """Chosen sites, what they are worth, and the proof.

    `sites`: the new columns, ascending; `objective`: what fixed and chosen sites give together, in the unit of the
    function; `bound`: no choice does better than this (upper for cover, lower for median, center and set cover);
    `served_by`: per demand row the column that serves it, -1 for none; `seconds`: wall time used; `model`: what was
    solved, in words; `stopped`: why the search ended. The objective was recomputed from the unreduced data, and so was
    the bound, by `maillage.analysis.siting.certificate`, which refuses them if they differ; except that a bound said in
    `model` to be "bound by HiGHS" is that solver's own word: all that is checked of it is that the objective does
    not pass it.
    """

    sites: NDArray[np.intp]
    objective: float
    bound: float
    served_by: NDArray[np.intp]
    seconds: float
    model: str
    stopped: Stop

    @property
    def gap(self) -> float:
        """How far the answer may be from the best one, as a share of the larger of the two; 0.0 when proved.

        >>> import numpy as np
        >>> Siting(np.array([2]), 99.0, 100.0, np.array([2]), 0.1, "cover", "gap").gap
        0.01
        """
        widest = max(abs(self.objective), abs(self.bound))
        return abs(self.bound - self.objective) / widest if widest else 0.0
