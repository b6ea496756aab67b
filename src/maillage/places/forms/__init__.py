"""The sheet as its team fills it: short sections, each reading what was posted into a few fields and no other."""

from maillage.places.forms.address import Address
from maillage.places.forms.closing import Closing
from maillage.places.forms.entered import Entered, Mistake
from maillage.places.forms.hours import Hours
from maillage.places.forms.plain import PLAIN, Plain

SECTIONS: dict[str, "Plain | Address | Hours"] = {
    "presentation": PLAIN["presentation"],
    "adresse": Address(),
    "horaires": Hours(),
    "contact": PLAIN["contact"],
    "activites": PLAIN["activites"],
    "venir": PLAIN["venir"],
    "structure": PLAIN["structure"],
}
"""By the word of their address, in the order of the desk."""

__all__ = ["SECTIONS", "Address", "Closing", "Entered", "Hours", "Mistake", "Plain"]
