from django.conf.urls.i18n import i18n_patterns
from django.urls import include, path, re_path

from maillage.places.views import photos

urlpatterns = [
    re_path(r"^media/photos/(?P<name>[0-9a-f]{40}(?:-small)?\.webp)$", photos.photo, name="photo"),
    path("", include("maillage.api.urls")),
    path("", include("maillage.territory.urls")),
    *i18n_patterns(
        path("", include("maillage.web.urls")),
        path("", include("maillage.places.urls")),
        path("", include("maillage.network.observatory.urls")),
        prefix_default_language=False,
    ),
]
handler400 = "maillage.web.views.bad_request"
handler403 = "maillage.web.views.forbidden"
handler404 = "maillage.web.views.not_found"
handler500 = "maillage.web.views.server_error"
