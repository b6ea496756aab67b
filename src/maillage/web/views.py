from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import activate, gettext, gettext_lazy, ngettext
from django.views.decorators.http import require_safe

from maillage.places import queries as places
from maillage.places.labels import LABELS, label
from maillage.places.rules.filters import PlaceFilter
from maillage.places.rules.text import one_line
from maillage.places.rules.vocabulary import ACTIVITIES, INTENTS, SERVICES
from maillage.places.views.kept import kept
from maillage.places.views.timetable_wording import enumerate_words
from maillage.places.views.wording import figure, words
from maillage.territory import queries as territory
from maillage.web.templatetags.maillage import front

DOC_PAGES: dict[str, Callable[[], str]] = {
    "donnees": lambda: gettext("Données et licences"),
    "api": lambda: gettext("Pour les programmes"),
    "categories": lambda: gettext("Règle des catégories"),
    "confiance": lambda: gettext("Ce que vaut une fiche"),
    "methodes": lambda: gettext("Règles des constats"),
    "accessibilite": lambda: gettext("Accessibilité"),
    "mentions": lambda: gettext("Mentions légales"),
    "servir": lambda: gettext("Mettre en ligne"),
}
SHORTEST_SEARCH = 2
FIGURES = {
    "aire_d_attraction": gettext_lazy("Aires d’attraction des villes"),
    "anciens_codes": gettext_lazy("Anciens codes"),
    "bassin_de_vie": gettext_lazy("Bassins de vie"),
    "centre": gettext_lazy("Centres des communes"),
    "chomage": gettext_lazy("Chômage"),
    "codes_postaux": gettext_lazy("Codes postaux"),
    "communes": gettext_lazy("Communes"),
    "contours": gettext_lazy("Contours"),
    "densite": gettext_lazy("Densité"),
    "emploi": gettext_lazy("Emploi"),
    "emplois_sur_place": gettext_lazy("Emplois sur place"),
    "epci": gettext_lazy("Intercommunalités"),
    "equipements": gettext_lazy("Équipements"),
    "etablissements": gettext_lazy("Établissements"),
    "frr": gettext_lazy("France ruralités revitalisation"),
    "logements": gettext_lazy("Logements"),
    "population": gettext_lazy("Population"),
    "programmes": gettext_lazy("Programmes nationaux"),
    "qpv": gettext_lazy("Quartiers prioritaires"),
    "revenus": gettext_lazy("Niveau de vie"),
    "superficie": gettext_lazy("Superficie"),
    "zone_d_emploi": gettext_lazy("Zones d’emploi"),
}

MAIN_SOURCES = 4


@require_safe
@kept
def home(request: HttpRequest) -> HttpResponse:
    """The front door: one search field, six intents, the map of France, and what the data is worth."""
    registry = places.registry()
    list_url = reverse("place_list")
    fictional = ngettext("dont %(n)s fictif", "dont %(n)s fictifs", registry.visible_demo)
    says = {
        "travailler": gettext("un poste, un bureau fermé, une adresse"),
        "se-reunir": gettext("une salle, un café, une scène"),
        "fabriquer": gettext("des machines, des outils, un coup de main"),
        "manger-produire": gettext("une cuisine, un jardin, une table"),
        "apprendre": gettext("une formation, une aide aux démarches"),
        "sejourner": gettext("un lit pour une nuit ou une saison"),
    }
    intents = [
        {"code": code, "label": label("intents", code), "say": says[code], "url": f"{list_url}?intention={code}"}
        for code in INTENTS
    ]
    context = {
        "intents": intents,
        "total": figure(registry.visible),
        "total_words": ngettext("lieu recensé", "lieux recensés", registry.visible),
        "demo": fictional % {"n": figure(registry.visible_demo)} if registry.visible_demo else "",
        "registry": registry,
        "sources": [
            {"name": name, "licence": licence, "count": figure(count)}
            for _slug, name, licence, count in registry.sources[:MAIN_SOURCES]
        ],
        "other_sources": max(0, len(registry.sources) - MAIN_SOURCES),
        "map": places.map_for(PlaceFilter(), now=timezone.now()),
    }
    return render(request, "web/home.html", context)


@require_safe
def suggestions(request: HttpRequest) -> HttpResponse:
    """The options under the search field while one types: territories, activities, then places by name."""
    text = one_line(request.GET.get("q", "")[:200])
    options = _options(text) if len(text) >= SHORTEST_SEARCH else []
    response = render(request, "web/suggestions.html", {"options": options})
    response.headers["Cache-Control"] = "public, max-age=60"
    return response


def _options(text: str) -> list[dict[str, str]]:
    """At most nine, the surest first: a typo of a commune comes after the places whose name begins so."""
    sure: list[dict[str, str]] = []
    guessed: list[dict[str, str]] = []
    begun: list[dict[str, str]] = []
    held: list[dict[str, str]] = []
    for hit in territory.search(text, limit=6):
        (guessed if hit.typo else sure).append(_territory_option(hit))
    named = places.named(text, limit=3, forgiving=not sure) if len(text) > SHORTEST_SEARCH else []
    for slug, name, city, begins in named:
        option = {"url": reverse("place", args=[slug]), "name": name, "context": city}
        (begun if begins else held).append(option)
    most = 4 if begun or held else 6
    return [*sure[:most], *_activity_options(text)[:3], *begun, *guessed[:most], *held][:9]


def _territory_option(hit: territory.Hit) -> dict[str, str]:
    asked = PlaceFilter(near=hit.code) if hit.kind == "commune" else PlaceFilter(territory=hit.reference)
    return {"url": f"{reverse('place_list')}?{asked.query_string()}", "name": hit.name, "context": hit.context}


def _activity_options(text: str) -> list[dict[str, str]]:
    lowered, list_url = text.lower(), reverse("place_list")
    return [
        {
            "url": f"{list_url}?{PlaceFilter(activities=(code,)).query_string()}",
            "name": str(name),
            "context": gettext("activité"),
        }
        for code, name in LABELS["activities"].items()
        if lowered in str(name).lower()
    ]


@require_safe
def doc(request: HttpRequest) -> HttpResponse:
    return _doc(request, "doc", gettext("Ce qu’est Maillage"))


@require_safe
def doc_page(request: HttpRequest, page: str) -> HttpResponse:
    if page not in DOC_PAGES:
        raise Http404
    return _doc(request, page, DOC_PAGES[page]())


def _doc(request: HttpRequest, page: str, heading: str) -> HttpResponse:
    pages = [{"url": reverse("doc"), "label": gettext("Ce qu’est Maillage"), "on": page == "doc"}]
    for code, title in DOC_PAGES.items():
        pages.append({"url": reverse("doc_page", args=[code]), "label": title(), "on": page == code})
    context: dict[str, object] = {"heading": heading, "doc_pages": pages}
    if page == "donnees":
        ground = territory.current_ground()
        figures = ground.figures.order_by("figure") if ground else []
        named = [{"name": FIGURES.get(row.figure, row.figure), "row": row} for row in figures]
        context |= {"ground": ground, "figures": named}
        context["registry"] = places.registry()
    if page == "categories":
        context["activities"] = LABELS["activities"].values()
        context["intents"] = _intents()
    return render(request, f"web/doc_{page}.html", context)


def _intents() -> list[dict[str, object]]:
    """The rule of each intent, as the search applies it: the activities and the services that answer it."""
    activities, services = words("activities"), words("services")
    return [
        {
            "label": label("intents", code),
            "activities": enumerate_words([activities[one] for one in ACTIVITIES if one in any_activity]),
            "services": enumerate_words([services[one] for one in SERVICES if one in any_service]),
        }
        for code, (any_activity, any_service) in INTENTS.items()
    ]


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "400.html", status=400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "403.html", status=403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Say that we failed, with nothing that could fail again: no database, no context, no shared template."""
    activate("en" if request.path.startswith("/en/") else "fr")
    try:
        style = front("app.css")
    except ValueError:
        style = ""
    return HttpResponse(render_to_string("500.html", {"style": style}), status=500)
