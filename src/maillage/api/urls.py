"""Machine-readable faces: the API, downloads, feeds, health."""

from django.urls import path, re_path

from maillage.api import documents, downloads, health, views
from maillage.api.operations import api

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", health.metrics, name="metrics"),
    path("robots.txt", views.robots, name="robots"),
    path("favicon.ico", views.favicon, name="favicon"),
    path("sitemap.xml", views.sitemap, name="sitemap"),
    path("api/v1/", documents.home, name="api"),
    path("api/v1/openapi.json", documents.openapi, name="api_openapi"),
    *(path(f"api/v1/{one.path}", one.view, name=f"api_places_{one.name}") for one in downloads.DOWNLOADS),
    path("api/v1/", api.urls),
    re_path(r"^api(?:/(?P<rest>.*))?$", documents.nowhere, name="api_nowhere"),
]
