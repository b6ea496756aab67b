from django.conf.urls.i18n import i18n_patterns
from django.urls import include, path, re_path

from maillage.accounts.admin.site import site
from maillage.network.exchange.urls import FILES as OPEN_FILES
from maillage.places.views import map as live_map
from maillage.places.views import map_tiles, photos

urlpatterns = [
    re_path(r"^media/photos/(?P<name>[0-9a-f]{40}(?:-small)?\.webp)$", photos.photo, name="photo"),
    path("carte/fond.pmtiles", map_tiles.tiles, name="map_tiles"),
    path("carte/lieux/<str:z>/<str:x>/<str:y>.json", live_map.places, name="map_places"),
    path("", include("maillage.api.urls")),
    path("", include("maillage.territory.urls")),
    path("", include(OPEN_FILES)),
    path("administration/", site.urls),
    *i18n_patterns(
        path("", include("maillage.web.urls")),
        path("", include("maillage.accounts.urls")),
        path("", include("maillage.management.people.urls")),
        path("", include("maillage.management.billing.urls")),
        path("", include("maillage.management.passes.urls")),
        path("", include("maillage.management.bookings.urls")),
        path("", include("maillage.management.events.urls")),
        path("", include("maillage.network.schemes.urls")),
        path("", include("maillage.network.clearance.urls")),
        path("", include("maillage.places.urls")),
        path("", include("maillage.diagnosis.urls")),
        path("", include("maillage.network.exchange.urls")),
        path("", include("maillage.network.observatory.urls")),
        prefix_default_language=False,
    ),
]
handler400 = "maillage.web.views.bad_request"
handler403 = "maillage.web.views.forbidden"
handler404 = "maillage.web.views.not_found"
handler500 = "maillage.web.views.server_error"
