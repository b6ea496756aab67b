"""The list as feeds: the newest changes of a question, to follow from elsewhere."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.feedgenerator import Rss201rev2Feed
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from maillage.places import queries
from maillage.places.labels import label
from maillage.places.rules.filters import PlaceFilter, parse

FEED_LENGTH = 50


@require_safe
def rss(request: HttpRequest) -> HttpResponse:
    asked, _problems = parse(dict(request.GET.lists()))
    feed = Rss201rev2Feed(
        title=_("Maillage : les lieux"),
        link=_address("place_list", asked),
        description=_("Les derniers changements du registre des tiers-lieux, pour cette recherche."),
        language=get_language(),
        feed_url=_address("place_feed_rss", asked),
    )
    for place in queries.newest(asked, limit=FEED_LENGTH, now=timezone.now()):
        feed.add_item(
            title=place.name,
            link=f"{settings.SITE_URL}{reverse('place', args=[place.slug])}",
            description=_summary(place),
            unique_id=f"urn:uuid:{place.pk}",
            unique_id_is_permalink=False,
            updateddate=place.updated_at,
            pubdate=place.updated_at,
        )
    response = HttpResponse(content_type=feed.content_type)
    feed.write(response, "utf-8")
    return response


@require_safe
def json_feed(request: HttpRequest) -> HttpResponse:
    asked, _problems = parse(dict(request.GET.lists()))
    items = [
        {
            "id": f"urn:uuid:{place.pk}",
            "url": f"{settings.SITE_URL}{reverse('place', args=[place.slug])}",
            "title": place.name,
            "content_text": _summary(place),
            "date_published": place.created_at.isoformat(),
            "date_modified": place.updated_at.isoformat(),
        }
        for place in queries.newest(asked, limit=FEED_LENGTH, now=timezone.now())
    ]
    return JsonResponse(
        {
            "version": "https://jsonfeed.org/version/1.1",
            "title": _("Maillage : les lieux"),
            "home_page_url": _address("place_list", asked),
            "feed_url": _address("place_feed_json", asked),
            "language": get_language(),
            "items": items,
        },
        content_type="application/feed+json",
        json_dumps_params={"ensure_ascii": False},
    )


def _address(name: str, asked: PlaceFilter) -> str:
    query = asked.query_string()
    return f"{settings.SITE_URL}{reverse(name)}{'?' if query else ''}{query}"


def _summary(place: queries.NewestPlace) -> str:
    where = " ".join(part for part in (place.postal_code, place.city) if part)
    return " · ".join(part for part in (str(label("category", place.category)), where) if part)
