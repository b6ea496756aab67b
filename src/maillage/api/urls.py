from django.urls import path

from maillage.api import views

urlpatterns = [
    path("healthz", views.healthz, name="healthz"),
    path("robots.txt", views.robots, name="robots"),
    path("sitemap.xml", views.sitemap, name="sitemap"),
    path("api/v1/places.geojson", views.places_geojson, name="api_places_geojson"),
    path("api/v1/places.csv", views.places_csv, name="api_places_csv"),
    path("api/v1/places.jsonld", views.places_jsonld, name="api_places_jsonld"),
]
