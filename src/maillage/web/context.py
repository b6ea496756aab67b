"""What every page may say of the site; each fact is read only if the page uses it."""

from datetime import datetime
from functools import cached_property
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import get_language, get_language_info

from maillage.places import queries as places
from maillage.territory import queries as territory
from maillage.web.templatetags.maillage import front

SECTIONS = {
    "home": "home",
    "place_list": "places",
    "place": "places",
    "place_history": "places",
    "booking": "places",
    "agenda": "agenda",
    "place_agenda": "agenda",
    "event": "agenda",
    "event_register": "agenda",
    "registration": "agenda",
    "territories": "territories",
    "diagnosis": "territories",
    "diagnosis_keep": "territories",
    "diagnosis_kept": "territories",
    "observatory": "observatory",
    "observatory_counter": "observatory",
    "doc": "doc",
    "open_data": "doc",
    "schema": "doc",
    "schema_validate": "doc",
    "doc_page": "doc",
    "account": "account",
    "my_places": "account",
    "own_bookings": "account",
    "own_calendar": "account",
    "own_money": "account",
}


class Site:
    """The site seen from one request."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request

    @property
    def url(self) -> str:
        return settings.SITE_URL

    @property
    def contact(self) -> str:
        return settings.CONTACT

    @property
    def canonical(self) -> str:
        return settings.SITE_URL + self.request.path

    @property
    def query(self) -> str:
        return f"?{urlencode(self.request.GET, doseq=True)}" if self.request.GET else ""

    @property
    def now(self) -> datetime:
        return timezone.now()

    @property
    def section(self) -> str:
        match = self.request.resolver_match
        return SECTIONS.get(match.url_name or "", "") if match else ""

    @cached_property
    def icons(self) -> str:
        return front("icons.svg")

    @cached_property
    def languages(self) -> list[dict[str, object]]:
        """Each language with its own name and the address of this same page in it."""
        bare = self.request.path
        for code, _name in settings.LANGUAGES:
            if bare == f"/{code}" or bare.startswith(f"/{code}/"):
                bare = bare[len(code) + 1 :] or "/"
        current = (get_language() or settings.LANGUAGE_CODE)[:2]
        return [
            {
                "code": code,
                "name": get_language_info(code)["name_local"].capitalize(),
                "path": bare if code == settings.LANGUAGE_CODE else f"/{code}{bare}",
                "current": code == current,
            }
            for code, _name in settings.LANGUAGES
        ]

    @cached_property
    def registry(self) -> places.Registry:
        return places.registry()

    @property
    def has_demo(self) -> bool:
        return self.registry.is_demo

    @cached_property
    def ground(self) -> str:
        """The ground the site stands on, in a few words; empty before the first load."""
        ground = territory.current_ground()
        return str(ground) if ground else ""


def site(request: HttpRequest) -> dict[str, Site]:
    return {"site": Site(request)}
