from collections.abc import Callable

from maillage.territory.models import Commune, FormerCode, PostalCode
from maillage.territory.rules.codes import POSTAL, commune_code
from maillage.territory.rules.names import normalise


def resolve_code(code: str) -> str | None:
    """Today's commune code for any commune code: today's, an older one, or a municipal arrondissement's."""
    wanted = commune_code(code)
    if wanted is None:
        return None
    former = FormerCode.objects.filter(code=wanted).values_list("commune_id", flat=True).first()
    if former:
        return former
    return wanted if Commune.objects.filter(code=wanted).exists() else None


def code_resolver() -> Callable[[str], str | None]:
    """`resolve_code` for thousands of codes: two queries now, none afterwards."""
    today = {code: code for code in Commune.objects.values_list("code", flat=True)}
    today |= dict(FormerCode.objects.values_list("code", "commune_id"))

    def resolve(code: str) -> str | None:
        wanted = commune_code(code)
        return None if wanted is None else today.get(wanted)

    return resolve


def commune_by_name_and_postal_code(name: str, postal_code: str) -> str | None:
    """The one commune of that normalised name among those of a postal code; None if there is none or several."""
    code = str(postal_code or "").strip()
    wanted = normalise(str(name or "")[:200])
    if not wanted or not POSTAL.fullmatch(code):
        return None
    rows = PostalCode.objects.filter(code=code).values_list("commune_id", "commune__name")
    found = [commune for commune, commune_name in rows if normalise(commune_name) == wanted]
    return found[0] if len(found) == 1 else None
