"""How the controls of a section are asked: what the templates of the forms need, in words."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.utils.dates import WEEKDAYS
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from maillage.places.actions.sheet import Overtaken
from maillage.places.forms import Address, Entered, Hours
from maillage.places.forms.address import CENTRE, HERE, KEEP, at_the_centre
from maillage.places.forms.hours import AS_BEFORE, CLOSED_DAY, GRID, NIGHT, OPEN_DAY, TEXT
from maillage.places.queries.team import commune_names
from maillage.places.rules.grid import CLOSURES, SPANS, beyond, gridded, overnight
from maillage.places.rules.hours import EXAMPLE
from maillage.places.rules.vocabulary import FEATURES
from maillage.places.views.differences import sides
from maillage.places.views.field_wording import field_label, in_french, shown, word
from maillage.places.views.manage.wording import CONTROLS, control_label
from maillage.places.views.timetable_wording import timetable
from maillage.places.views.wording import kilometres
from maillage.territory.queries.communes import commune_facts

LOCATED = ("street", "postal_code", "city")
MOST_COMMUNES = 8


def asking(
    section: str, form: Any, entered: Entered, values: Mapping[str, Any], *, looking: bool = False
) -> dict[str, Any]:
    """The context of a section's template, beside its raw controls."""
    context = {"mistakes": _mistakes(entered), "errors": dict(_beside(entered))}
    if isinstance(form, Hours):
        return context | _hours(entered, values, looking=looking)
    if isinstance(form, Address):
        return context | _address(entered, values)
    return context | {"controls": [_control(name, entered) for name in form.fields]}


def _control(name: str, entered: Entered) -> dict[str, Any]:
    asked, given = CONTROLS[name], entered.raw[name]
    mistake = entered.mistakes.get(name)
    return {
        "name": name,
        "kind": asked.kind,
        "label": control_label(name),
        "hint": asked.hint() if asked.hint else "",
        "attributes": asked.attributes,
        "value": given,
        "mistake": mistake,
        "words": [{"code": code, "label": word(name, code), "on": code in given} for code in FEATURES.get(name, ())],
    }


def _mistakes(entered: Entered) -> list[dict[str, str]]:
    """The summary above the form: each mistake, with the control it is about."""
    return [
        {"control": control, "label": label_of(control), "problem": wrong.problem, "mend": wrong.mend}
        for control, wrong in entered.mistakes.items()
    ]


def _beside(entered: Entered) -> Iterable[tuple[str, Any]]:
    for control, mistake in entered.mistakes.items():
        yield control, mistake
        if len(control) == 3 and control[0] == "h" and control[1:].isdigit():
            yield f"jour{control[1]}", mistake


def label_of(control: str) -> str:
    if not control:
        return ""
    if len(control) == 3 and control[0] == "h" and control[1:].isdigit():
        return capfirst(str(WEEKDAYS[int(control[1])]))
    if control.startswith("conge"):
        return _("Fermetures de l’année")
    if control == "commune_cherche":
        return field_label("commune")
    return control_label(control)


def _hours(entered: Entered, values: Mapping[str, Any], *, looking: bool) -> dict[str, Any]:
    raw = entered.raw
    errors = dict(_beside(entered))
    days = [
        {
            "number": day,
            "name": capfirst(str(WEEKDAYS[day])),
            "kinds": [
                {"code": code, "label": label, "on": raw[f"jour{day}"] == code}
                for code, label in (
                    (CLOSED_DAY, _("Fermé")),
                    *(((AS_BEFORE, _("Comme la veille")),) if day else ()),
                    (OPEN_DAY, _("Ouvert")),
                )
            ],
            "clocks": [
                {
                    "name": f"h{day}{n}",
                    "value": raw[f"h{day}{n}"],
                    "label": _("à") if n % 2 else _("puis de") if n else _("de"),
                    "of": _clock_names()[n],
                }
                for n in range(2 * SPANS)
            ],
            "more": bool(raw[f"h{day}4"] or raw[f"h{day}5"]),
            "after": [str(WEEKDAYS[later]) for later in range(day + 1, 7)],
            "mistake": errors.get(f"jour{day}"),
        }
        for day in range(7)
    ]
    told = entered.values.get("opening_hours", values["opening_hours"]) if looking or not entered.values else ""
    return {
        "days": days,
        "grid": raw["facon"] == GRID,
        "ways": {"grid": GRID, "text": TEXT},
        "beyond": gridded(values["opening_hours"]) is None,
        "told": told,
        "lines": timetable(told) if told else None,
        "previewed": looking and not entered.mistakes,
        "closures": _closures(entered),
        "example": EXAMPLE,
        "questions": [_about_hours(*asked) for asked in entered.questions],
    }


def _closures(entered: Entered) -> list[dict[str, Any]]:
    """The closures of the year, one more than are filled."""
    pairs: list[dict[str, Any]] = [
        {
            "number": n + 1,
            "first": {"name": f"conge{n}du", "value": entered.raw[f"conge{n}du"]},
            "last": {"name": f"conge{n}au", "value": entered.raw[f"conge{n}au"]},
            "mistake": entered.mistakes.get(f"conge{n}du") or entered.mistakes.get(f"conge{n}au"),
        }
        for n in range(CLOSURES)
    ]
    filled = [n for n, pair in enumerate(pairs, start=1) if pair["first"]["value"] or pair["last"]["value"]]
    return pairs[: max(filled, default=0) + 1]


def _about_hours(token: str, kind: str, facts: Mapping[str, Any]) -> dict[str, Any]:
    """What the grid would lose of the hours it replaces, or what runs until the next morning, in words."""
    if kind == NIGHT:
        return {
            "token": token,
            "title": _("Est-ce bien une nuit entière\u202f?"),
            "text": _("Ces heures courent jusqu’au lendemain, après 6\u202fh\u202f:"),
            "lines": _said(facts["told"], overnight(facts["told"])),
            "yes": _("Oui, c’est ouvert toute la nuit"),
        }
    return {
        "token": token,
        "title": _("Ceci serait perdu"),
        "text": _("Jour par jour, la fiche ne dirait plus\u202f:"),
        "lines": _said(facts["before"], beyond(facts["before"])),
        "yes": _("D’accord, ne garder que la grille"),
    }


def _said(oh: str, which: tuple[int, ...] | None) -> list[str]:
    lines = timetable(oh)
    return [f"{lines[n][0]}\u202f: {', '.join(lines[n][1])}" for n in which] if lines and which else [oh]


def _clock_names() -> tuple[str, ...]:
    return (
        _("première ouverture"),
        _("première fermeture"),
        _("deuxième ouverture"),
        _("deuxième fermeture"),
        _("troisième ouverture"),
        _("troisième fermeture"),
    )


def _address(entered: Entered, values: Mapping[str, Any]) -> dict[str, Any]:
    raw = entered.raw
    here = commune_facts(raw["commune"]) if raw["commune"] else None
    choices = [{"code": here.code, "label": f"{here.name}, {here.context}", "on": not entered.choices}] if here else []
    before = commune_facts(values["commune"]) if here and values["commune"] not in (None, here.code) else None
    others = [*entered.choices[:MOST_COMMUNES], *([before] if before else [])]
    choices += [
        {"code": one.code, "label": f"{one.name}, {one.context}", "on": False}
        for one in {one.code: one for one in others}.values()
        if here is None or one.code != here.code
    ]
    return {
        "lines": [_line(name, entered) for name in LOCATED],
        "communes": choices,
        "asked_commune": bool(entered.choices),
        "more_communes": len(entered.choices) > MOST_COMMUNES,
        "points": list(_points(entered, values)),
        "precisions": [
            {"code": "address", "label": _("À la porte du lieu"), "on": raw["precision"] == "address"},
            {"code": "street", "label": _("Dans la rue, ou tout près"), "on": raw["precision"] == "street"},
            {"code": "unknown", "label": _("Je ne sais pas"), "on": raw["precision"] not in ("address", "street")},
        ],
        "questions": [_question(*asked) for asked in entered.questions],
        "sure": raw["sur"],
    }


def _line(name: str, entered: Entered) -> dict[str, Any]:
    lengths = {"street": "200", "postal_code": "5", "city": "120"}
    hints = {
        "street": _("Le numéro et la rue."),
        "city": _("Le village ou le quartier, s’il ne porte pas le nom de la commune."),
    }
    extra = (("inputmode", "numeric"),) if name == "postal_code" else ()
    return {
        "name": name,
        "kind": "text",
        "label": field_label(name),
        "hint": hints.get(name, ""),
        "attributes": (("maxlength", lengths[name]), ("autocomplete", "off"), *extra),
        "value": entered.raw[name],
        "mistake": entered.mistakes.get(name),
        "words": [],
    }


def _points(entered: Entered, values: Mapping[str, Any]) -> Iterable[dict[str, Any]]:
    chosen = entered.raw["point"]
    own = not at_the_centre(values)
    if own:
        where = _("%(lat)s, %(lon)s (%(how)s)") % {
            "lat": shown("lat", values["lat"]),
            "lon": shown("lon", values["lon"]),
            "how": word("precision", values["precision"]),
        }
        yield {"code": KEEP, "label": _("Garder le point d’aujourd’hui"), "say": where, "on": chosen == KEEP}
    say = _("On sait dans quelle commune, pas où exactement\u202f: la fiche le dira.")
    at_centre = chosen == CENTRE or (chosen != HERE and not own)
    yield {"code": CENTRE, "label": _("Au centre de la commune"), "say": say, "on": at_centre}
    say = _("En degrés, ou par votre téléphone si vous êtes sur place.")
    yield {"code": HERE, "label": _("Donner le point"), "say": say, "on": chosen == HERE}


def _question(token: str, kind: str, facts: Mapping[str, Any]) -> dict[str, str]:
    if kind == "elsewhere":
        yes = _("Oui, c’est bien %(commune)s, et l’adresse est juste") % facts
        return {"token": token, "text": _elsewhere(facts), "yes": yes}
    if kind == "far":
        text = _("Le point est à %(far)s du centre de %(commune)s. Est-ce bien là\u202f?") % {
            "far": kilometres(facts["metres"]),
            "commune": facts["commune"],
        }
        return {"token": token, "text": text, "yes": _("Oui, le lieu est bien là")}
    text = _(
        "La commune change, et le point d’aujourd’hui était celui de l’ancienne. Choisissez plus bas le centre de la "
        "nouvelle commune ou un autre point, ou dites que celui-ci est bon."
    )
    return {"token": token, "text": text, "yes": _("Oui, ce point est bien celui du lieu")}


def _elsewhere(facts: Mapping[str, Any]) -> str:
    """What no longer goes together in an address whose commune changes."""
    said = [_("La commune devient %(commune)s, %(context)s.") % facts]
    if "metres" in facts:
        far = _("C’est à %(far)s de %(before)s. Est-ce bien là\u202f?")
        said.append(far % {"far": kilometres(facts["metres"]), "before": facts["before"]})
    if "postal_code" in facts:
        said.append(_("Le code postal %(postal_code)s n’est pas l’un des siens\u202f: relisez-le.") % facts)
    if "city" in facts:
        said.append(_("La localité reste «\u202f%(city)s\u202f»\u202f: relisez-la.") % facts)
    return " ".join(said)


def overtaken_lines(overtaken: Iterable[Overtaken], named: Callable[[str], str]) -> list[dict[str, Any]]:
    """Field by field: who changed it, what it says now, what the person had typed."""
    listed = list(overtaken)
    codes = {value for one in listed if one.field == "commune" for value in (one.value, one.mine) if value}
    communes = commune_names(codes)
    return [_overtaken_line(one, named, communes) for one in listed]


def _overtaken_line(one: Overtaken, named: Callable[[str], str], communes: Mapping[str, str]) -> dict[str, Any]:
    both = sides(one.field, one.value, one.mine, communes)
    return {
        "field": field_label(one.field),
        "by": named(one.by),
        "at": one.at,
        "theirs": both.before.whole,
        "mine": both.after.whole,
        "marked": both.marked,
        "french": in_french(one.field, one.value),
    }
