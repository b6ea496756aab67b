from collections.abc import Callable
from dataclasses import dataclass

from maillage.territory.models import Commune, FormerCode, PostalCode
from maillage.territory.rules.codes import POSTAL, commune_code
from maillage.territory.rules.names import normalise


@dataclass(frozen=True, slots=True)
class Today:
    """Today's commune code, and the older one it was reached by, with its name where it is known."""

    code: str
    former_code: str = ""
    former_name: str = ""


def resolve(code: str) -> Today | None:
    """Today's commune for any commune code: today's, an older one, or a municipal arrondissement's."""
    wanted = commune_code(code)
    if wanted is None:
        return None
    former = FormerCode.objects.filter(code=wanted).values_list("commune_id", "name").first()
    if former:
        return Today(former[0], wanted, former[1])
    return Today(wanted) if Commune.objects.filter(code=wanted).exists() else None


def resolve_code(code: str) -> str | None:
    """Today's commune code for any commune code, as `resolve` reads it."""
    today = resolve(code)
    return today.code if today else None


def code_resolver() -> Callable[[str], str | None]:
    """`resolve_code` for thousands of codes: two queries now, none afterwards."""
    today = {code: code for code in Commune.objects.values_list("code", flat=True)}
    today |= dict(FormerCode.objects.values_list("code", "commune_id"))

    def today_of(code: str) -> str | None:
        wanted = commune_code(code)
        return None if wanted is None else today.get(wanted)

    return today_of


def commune_by_name_and_postal_code(name: str, postal_code: str) -> str | None:
    """The one commune of that normalised name among those of a postal code; None if there is none or several."""
    code = str(postal_code or "").strip()
    wanted = normalise(str(name or "")[:200])
    if not wanted or not POSTAL.fullmatch(code):
        return None
    rows = PostalCode.objects.filter(code=code).values_list("commune_id", "commune__name")
    found = [commune for commune, commune_name in rows if normalise(commune_name) == wanted]
    return found[0] if len(found) == 1 else None
