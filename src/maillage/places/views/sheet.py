"""What the page of one place says: its facts turned into words, ready for the template."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from html import escape
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import Truncator, capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from maillage.places.queries.sheet import Neighbour, Sheet
from maillage.places.rules import phones
from maillage.places.rules.drafts import FIELDS
from maillage.places.rules.hours import state_at
from maillage.places.rules.jsonld import place_jsonld, plain_text, script_safe
from maillage.places.rules.nearness import nearness
from maillage.places.rules.personal import without_personal_data
from maillage.places.rules.photos import small_name, small_size
from maillage.places.rules.trails import GONE
from maillage.places.rules.trust import LEVELS, Said, agreeing, trust
from maillage.places.views.field_wording import by_whom, field_label, in_french, shown, word
from maillage.places.views.timetable_wording import enumerate_words, timetable
from maillage.places.views.wording import day_in_words, far, figure, freshness, opening, partial_date
from maillage.territory.rules.zones import zone_of

COMPARED = (
    "name",
    "status",
    "closed_on",
    "closed_cause",
    "street",
    "phone",
    "email",
    "website",
    "opening_hours",
    "capacity",
)
"""Fields whose disagreement between sources is worth telling."""
UNTOLD = {"closed_cause": "inconnue"}
"""The words by which a source says that it does not know."""


def page(sheet: Sheet, *, now: datetime) -> dict[str, Any]:
    """The context of the page of a place."""
    place = sheet.place
    url = settings.SITE_URL + reverse("place", args=[place.slug])
    values = sheet.values()
    what, facts = activities(sheet) or word("category", "inconnu"), list(_facts(sheet))
    return {
        "place": place,
        "values": values,
        "url": url,
        "what": what,
        "where": where(sheet),
        "crumbs": list(_crumbs(sheet)),
        "summary": _summary(sheet, what),
        "status": _status(sheet),
        "hours": hours(sheet, now=now),
        "contact": contact(sheet),
        "joining": _joining(sheet),
        "on_site": list(_on_site(sheet)),
        "facts": [fact for fact in facts if fact[1]],
        "missing": _missing(sheet, facts),
        "photos": [_photo(photo) for photo in sheet.photos],
        "territory_url": reverse("diagnosis", args=[f"commune-{place.commune_id}"]) if place.commune_id else "",
        "nearby": [_neighbour(place, neighbour) for neighbour in sheet.nearby],
        "sources": [_source(record) for record in sheet.records if record.values],
        "provenance": _table(_provenance(sheet, values)),
        "raw_rows": [row for record in sheet.records if (row := _raw(record))],
        "confirmed": _confirmed(sheet),
        "ladder": _ladder(sheet, values, now),
        "freshness": freshness(max((r.dated for r in sheet.records if r.values), default=""), place.confirmed_at),
        "jsonld": script_safe(_jsonld(sheet, values, url)),
    }


def activities(sheet: Sheet) -> str:
    """The activities in one phrase; empty when they are not known."""
    return activity_words(sheet.features["activities"])


def activity_words(codes: Sequence[str]) -> str:
    """« Bureaux partagés, culture et recyclerie »; empty when nothing is known."""
    said = [word("activities", code) for code in codes]
    lowered = [said[0], *(word[:1].lower() + word[1:] for word in said[1:])] if said else []
    return enumerate_words(lowered)


def where(sheet: Sheet) -> dict[str, Any]:
    """The address line by line, and how exact the point is."""
    place, commune = sheet.place, sheet.place.commune
    town = " ".join(part for part in (place.postal_code, place.city or (commune.name if commune else "")) if part)
    departement = commune.departement if commune else None
    return {
        "lines": [line for line in (place.street, town) if line],
        "town": place.city or (commune.name if commune else ""),
        "commune": commune.name if commune and place.city and commune.name != place.city else "",
        "departement": departement and f"{departement.name} ({departement.code})",
        "region": departement.region.name if departement else "",
        "epci": " ".join(commune.epci.name.split()) if commune and commune.epci else "",
        "precision": _precision(sheet),
        "geo": f"geo:{place.lat},{place.lon}" if place.lat is not None and place.precision == "address" else "",
    }


def _precision(sheet: Sheet) -> str:
    return {
        "address": _("Le point est à l’adresse."),
        "street": _("Le point est dans la rue, sans le numéro."),
        "commune": _("On ne connaît que la commune : le point est en son centre."),
        "estimated": _("Position approchée : le point peut être à plusieurs kilomètres."),
        "unknown": _("La source ne dit pas si le point est exact."),
    }[sheet.place.precision if sheet.place.lat is not None else "unknown"]


def hours(sheet: Sheet, *, now: datetime) -> dict[str, Any]:
    """Hours in words, whether it is open now, and what to say when that is not known."""
    place = sheet.place
    departement = (place.commune.departement_id if place.commune else "") or ""
    if not place.opening_hours:
        return {"now": "", "open": None, "lines": None, "raw": ""}
    zone = zone_of(departement)
    state = state_at(place.opening_hours, now, zone, departement_code=departement)
    lines = timetable(place.opening_hours)
    return {
        "now": opening(state, now) if place.status == "open" else "",
        "open": state.open,
        "lines": lines,
        "raw": "" if lines else place.opening_hours,
        "abroad": timezone.localtime(now).utcoffset() != now.astimezone(ZoneInfo(zone)).utcoffset(),
    }


def contact(sheet: Sheet) -> dict[str, Any]:
    """Ways to reach people, as links."""
    place = sheet.place
    called = phones.dialled(place.phone)
    return {
        "phone": place.phone and {"href": called and f"tel:{called}", "text": phones.in_words(place.phone)},
        "email": place.email and {"href": f"mailto:{place.email}", "text": place.email},
        "website": place.website and {"href": place.website, "text": _bare(place.website)},
        "links": [{"href": link, "text": _bare(link)} for link in place.links],
        "any": bool(place.phone or place.email or place.website or place.links),
    }


def promise(sheet: Sheet) -> str:
    """What one finds on the page of a place, on its poster: only what is known of it."""
    place = sheet.place
    known = []
    if place.opening_hours and place.status == "open":
        known.append(_("horaires du jour") if timetable(place.opening_hours) else _("horaires"))
    if place.street or place.how_to_come or sheet.features["access"]:
        known.append(_("accès"))
    if _joining(sheet):
        known.append(_("comment participer"))
    return _("Scannez\u202f: %(known)s") % {"known": enumerate_words(known) or _("la fiche de ce lieu")}


def _bare(url: str) -> str:
    return Truncator(url.split("://", 1)[-1].removeprefix("www.").rstrip("/")).chars(44)


def _crumbs(sheet: Sheet) -> Iterator[dict[str, str]]:
    places = reverse("place_list")
    yield {"label": _("Les lieux"), "url": places}
    commune = sheet.place.commune
    if commune:
        departement = commune.departement
        yield {"label": departement.region.name, "url": f"{places}?territoire=reg-{departement.region_id}"}
        yield {"label": departement.name, "url": f"{places}?territoire=dep-{departement.pk}"}
        yield {"label": commune.name, "url": f"{places}?pres={commune.pk}"}


def _summary(sheet: Sheet, what: str) -> str:
    """One sentence for search engines and for those who share the page."""
    told = plain_text(sheet.place.description)
    lead = _("%(what)s à %(town)s.") % {"what": what, "town": where(sheet)["town"]} if where(sheet)["town"] else what
    return Truncator(f"{lead} {told}".strip()).chars(200)


def _status(sheet: Sheet) -> dict[str, Any]:
    """What to say first of a place that is not simply open."""
    place = sheet.place
    if place.status == "closed":
        closed, opened = partial_date(place.closed_on), partial_date(place.opened_on[:7])
        title = _("Ce lieu a fermé")
        if closed:
            exact = len(place.closed_on) == 10
            said = _("Ce lieu a fermé le %(when)s") if exact else _("Ce lieu a fermé en %(when)s")
            title = said % {"when": closed}
        cause = word("closed_cause", place.closed_cause) if place.closed_cause not in ("", "inconnue") else ""
        return {
            "code": "closed",
            "title": title,
            "cause": cause,
            "life": _lived(place.opened_on, place.closed_on, opened),
        }
    titles = {"project": _("En projet : ce lieu n’est pas encore ouvert"), "dormant": _("En sommeil")}
    return {"code": place.status, "title": titles.get(place.status, ""), "cause": "", "life": ""}


def _lived(opened_on: str, closed_on: str, opened: str) -> str:
    if not opened:
        return ""
    years = whole_years(opened_on, closed_on)
    if years < 1:
        return _("Il avait ouvert en %(when)s.") % {"when": opened}
    said = ngettext(
        "Il avait ouvert en %(when)s, et vécu un an.", "Il avait ouvert en %(when)s, et vécu %(n)s ans.", years
    )
    return said % {"when": opened, "n": years}


def whole_years(opened_on: str, closed_on: str) -> int:
    """Whole years between two perhaps partial dates, never more than was lived; 0 when that cannot be told.

    >>> whole_years("2019-10", "2025-01"), whole_years("2019", "2025"), whole_years("2019", "")
    (5, 5, 0)
    """
    if not (opened_on and closed_on):
        return 0
    first = int(opened_on[:4]) * 12 + int(opened_on[5:7] or 12)
    last = int(closed_on[:4]) * 12 + int(closed_on[5:7] or 1)
    return max(0, (last - first) // 12)


def _joining(sheet: Sheet) -> list[dict[str, str]]:
    place = sheet.place
    if place.status == "closed":
        return []
    asked = ((_("Venir"), place.how_to_come), (_("Participer"), place.how_to_join), (_("Aider"), place.how_to_help))
    return [{"title": title, "text": text} for title, text in asked if text]


def _on_site(sheet: Sheet) -> Iterator[dict[str, Any]]:
    for kind, title in (("services", _("Sur place")), ("access", _("Accès")), ("labels", _("Labels"))):
        words = [word(kind, code) for code in sheet.features[kind]]
        if words:
            yield {"title": title, "words": words}


def _facts(sheet: Sheet) -> Iterator[tuple[str, str]]:
    """The short facts, each with its value, or none where it is not known."""
    place = sheet.place
    yield _("Prix"), format_html('<span lang="fr">{}</span>', place.prices) if place.prices else ""
    if place.status == "closed":
        yield _("Ouverture"), partial_date(place.opened_on)
        yield _("Fermeture"), partial_date(place.closed_on)
    elif place.status != "project":
        yield _("Ouvert depuis"), partial_date(place.opened_on)
    capacity = ""
    if place.capacity is not None:
        said = ngettext("%(n)s personne", "%(n)s personnes", place.capacity)
        capacity = said % {"n": figure(place.capacity)}
    yield _("Capacité"), capacity
    yield _("Structure porteuse"), place.operator
    yield _("Forme juridique"), ", ".join(word("legal_forms", code) for code in sheet.features["legal_forms"])
    if place.siret:
        siret = place.siret
        yield _("Siret"), f"{siret[:3]} {siret[3:6]} {siret[6:9]} {siret[9:]}"


def _missing(sheet: Sheet, facts: Iterable[tuple[str, str]]) -> str:
    """What nobody has said yet, in one phrase; nothing for a closed place."""
    if sheet.place.status == "closed":
        return ""
    groups = ((_("Services"), "services"), (_("Accessibilité"), "access"))
    names = [name for name, kind in groups if not sheet.features[kind]]
    names += [name for name, value in facts if not value]
    return enumerate_words([name[:1].lower() + name[1:] for name in names])


def _photo(photo: Any) -> dict[str, Any]:
    width, height = small_size(photo.width, photo.height)
    return {
        "url": photo.file.url,
        "small": small_name(photo.file.url),
        "width": width,
        "height": height,
        "full": photo.width,
        "alt": photo.alt,
        "credit": photo.credit,
        "licence": photo.licence,
    }


def _neighbour(here: Any, neighbour: Neighbour) -> dict[str, Any]:
    """A place nearby, and how far it may be said to be."""
    place, commune = neighbour.place, neighbour.place.commune
    same_commune = place.commune_id is not None and place.commune_id == here.commune_id
    told = nearness(neighbour.distance_m, neighbour.known, same_commune=same_commune)
    state = place.status if place.status != "open" else "unknown"
    return {
        "name": place.name,
        "url": reverse("place", args=[place.slug]),
        "where": place.city or (commune.name if commune else ""),
        "what": activity_words(neighbour.activities) or word("category", "inconnu"),
        "far": far(neighbour.distance_m, told, neighbour.known),
        "state": state,
        "status": "" if place.status == "open" else word("status", place.status),
        "demo": place.is_demo,
    }


def _source(record: Any) -> dict[str, Any]:
    source = record.source
    return {
        "name": source.name,
        "publisher": source.publisher,
        "url": source.url,
        "licence": record.licence,
        "dated": partial_date(record.dated),
        "is_gone": GONE in record.flags,
    }


def _table(rows: Iterable[dict[str, Any]]) -> SafeString:
    """The rows of the table of provenance as HTML: a template would take longer over them than over all the rest."""
    says = _("%(source)s dit : %(value)s")
    written = []
    for row in rows:
        others = "".join(f"<br><small>{escape(says % other)}</small>" for other in row["others"])
        field, value, *rest = (escape(row[key]) for key in ("field", "value", "source", "licence", "dated"))
        cells = "".join(f"<td>{cell}</td>" for cell in rest)
        value = f'<span lang="fr">{value}</span>' if row["prose"] else value
        written.append(f'<tr><th scope="row">{field}</th><td>{value}{others}</td>{cells}</tr>')
    return mark_safe("\n".join(written))


def _provenance(sheet: Sheet, values: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Each known field with its value, the source it comes from, and what other sources say of it."""
    records = {f"{r.source.slug}:{r.ref}": r for r in sheet.records}
    commune = sheet.place.commune
    names = {commune.pk: commune.name} if commune else {}
    for field in FIELDS:
        record = records.get(sheet.place.provenance.get(field, ""))
        value = shown(field, values.get(field), names)
        if record is None or not value:
            continue
        others = [
            {"value": other, "source": said.source.name}
            for said in sheet.records
            if field in COMPARED and said is not record and said.values.get(field) != UNTOLD.get(field)
            if (other := shown(field, said.values.get(field))) and other != value
        ]
        if values.get(field) == UNTOLD.get(field) and not others:
            continue
        yield {
            "field": field_label(field),
            "prose": in_french(field, values.get(field)),
            "value": value,
            "others": others,
            "source": record.source.name,
            "licence": record.licence,
            "dated": partial_date(record.dated),
        }


def _raw(record: Any) -> dict[str, Any] | None:
    cells = without_personal_data(record.raw)
    if not cells:
        return None
    shown_cells = mark_safe("".join(f"<dt>{escape(key)}</dt><dd>{escape(text)}</dd>" for key, text in cells.items()))
    return {"source": record.source.name, "ref": record.ref, "dated": partial_date(record.dated), "cells": shown_cells}


def _ladder(sheet: Sheet, values: dict[str, Any], now: datetime) -> list[dict[str, Any]]:
    """The four steps of trust, each reached or not, with what made it."""
    said = [
        Said(record.source.publisher or record.source.name, str(record.values.get("name", "")), _commune_of(record))
        for record in sheet.records
    ]
    networks = [(one.network_name, one.verified_at) for one in sheet.verifications]
    found = trust(confirmed_at=sheet.place.confirmed_at, networks=networks, agreeing=agreeing(values, said), now=now)
    names = {
        "declared": (_("Déclaré"), _("Quelqu’un le dit, et l’on sait qui.")),
        "confirmed": (_("Confirmé"), _("Dit exact depuis moins de deux ans, par le lieu ou sur place.")),
        "verified": (_("Vérifié"), _verified(found.networks)),
        "crossed": (_("Recoupé"), _crossed(found.agreeing)),
    }
    return [
        {"code": code, "name": names[code][0], "says": names[code][1], "on": on, "top": code == found.level}
        for code, on in zip(LEVELS, found.steps, strict=True)
    ]


def _commune_of(record: Any) -> str:
    return str(record.values.get("commune") or "")


def _verified(networks: Sequence[tuple[str, datetime]]) -> str:
    if not networks:
        return _("Aucun réseau ne l’a encore vérifié.")
    told = [
        _("%(name)s, le %(day)s") % {"name": name, "day": day_in_words(timezone.localtime(at), "j F Y")}
        for name, at in networks
    ]
    return _("Vérifié par %(who)s.") % {"who": enumerate_words(told)}


def _crossed(publishers: Sequence[str]) -> str:
    if len(publishers) < 2:
        return _("Une seule source lui donne ce nom dans cette commune.")
    return _("Même nom et même commune chez %(who)s.") % {"who": enumerate_words(publishers)}


def _confirmed(sheet: Sheet) -> str:
    place = sheet.place
    if place.confirmed_at is None:
        return _("Personne n’a encore confirmé cette fiche.")
    when = day_in_words(timezone.localtime(place.confirmed_at), "j F Y")
    return _("Dernière confirmation le %(when)s, par %(who)s.") % {"when": when, "who": by_whom(place.confirmed_by)}


def _jsonld(sheet: Sheet, values: dict[str, Any], url: str) -> dict[str, Any]:
    place = sheet.place
    photos = [
        {"url": settings.SITE_URL + photo.file.url, "alt": photo.alt, "credit": photo.credit} for photo in sheet.photos
    ]
    extra = {
        "id": place.pk,
        "lat": place.lat,
        "lon": place.lon,
        "commune_name": place.commune.name if place.commune else "",
        "updated_at": timezone.localtime(place.updated_at).date().isoformat(),
        "photos": photos,
    }
    return place_jsonld({**values, **extra}, page_url=url, say=lambda kind, code: capfirst(word(kind, code)))
