"""A small ground as a source would read it: the communes of the cast around Chamblay."""

from maillage.territory.rules.draft import CommuneRow, FigureRow, FormerRow, GroundDraft

CHAMBLAY = CommuneRow(
    code="39093",
    name="Chamblay",
    departement="39",
    epci="243900420",
    population=423,
    lat=46.9915,
    lon=5.7035,
    centre_kind="official",
    in_metropole=False,
    postal_codes=("39380",),
)
MOUCHARD = CommuneRow(
    code="39370",
    name="Mouchard",
    departement="39",
    epci="243900420",
    population=1095,
    lat=46.9776,
    lon=5.7893,
    centre_kind="estimated",
    in_metropole=False,
    postal_codes=("39330",),
)


def small_draft() -> GroundDraft:
    return GroundDraft(
        kind="folder",
        label="Petit fond",
        vintage="2026",
        regions={"27": "Bourgogne-Franche-Comté"},
        departements={"39": ("Jura", "27")},
        epcis={"243900420": ("CC du Val d'Amour", "CC")},
        communes=(CHAMBLAY, MOUCHARD),
        former=(FormerRow("39999", "39093", "Ancienne-Chamblay"),),
        figures=(FigureRow("population", "Insee", "2023", "Licence Ouverte 2.0"),),
        told=("Ceci est un essai.",),
        national=False,
    )


class DraftSource:
    """A source whose draft is given, and which counts how often it is read."""

    def __init__(self, draft: GroundDraft, fingerprint: str = "a" * 64) -> None:
        self.draft, self._fingerprint, self.reads = draft, fingerprint, 0

    def fingerprint(self) -> str:
        return self._fingerprint

    def read(self) -> GroundDraft:
        self.reads += 1
        return self.draft
