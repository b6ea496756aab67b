"""What machines ask first: is it alive, what may be read, where everything is."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import override
from django.views.decorators.http import require_safe

from maillage.management.events.queries import public as programme
from maillage.places import queries

SITEMAP_LENGTH = 50_000


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    lines = [
        "User-agent: *",
        "Disallow: /api/",
        "Disallow: /chercher/",
        f"Sitemap: {settings.SITE_URL}{reverse('sitemap')}",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


@require_safe
def favicon(request: HttpRequest) -> HttpResponseRedirect:
    """Where the mark of the site is, for what asks at the address of old."""
    return HttpResponseRedirect(static("maillage/favicon.svg"))


@require_safe
def sitemap(request: HttpRequest) -> HttpResponse:
    with override("fr"):
        pages = [
            reverse(name) for name in ("home", "place_list", "agenda", "observatory", "doc", "open_data", "schema")
        ]
        rows = [f"<url><loc>{settings.SITE_URL}{page}</loc></url>" for page in pages]
        rows += [
            f"<url><loc>{settings.SITE_URL}{reverse('place', args=[slug])}</loc><lastmod>{at:%Y-%m-%d}</lastmod></url>"
            for slug, at in queries.addresses(limit=SITEMAP_LENGTH - len(pages))
        ]
        rows += [
            f"<url><loc>{settings.SITE_URL}{reverse('event', args=names)}</loc><lastmod>{at:%Y-%m-%d}</lastmod></url>"
            for *names, at in programme.addresses(limit=SITEMAP_LENGTH - len(rows))
        ]
    body = '<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'
    return HttpResponse(body + "\n".join(rows) + "\n</urlset>\n", content_type="application/xml; charset=utf-8")
