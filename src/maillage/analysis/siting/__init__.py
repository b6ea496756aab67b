"""Where to open: maximal covering, its curve, set cover, p-median and p-center, each with a proven bound."""

from maillage.analysis.siting.center import center
from maillage.analysis.siting.cover import cover
from maillage.analysis.siting.curve import Curve, curve
from maillage.analysis.siting.median import median
from maillage.analysis.siting.result import Siting
from maillage.analysis.siting.set_cover import set_cover

__all__ = ["Curve", "Siting", "center", "cover", "curve", "median", "set_cover"]
