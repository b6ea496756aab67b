from django.urls import path

from maillage.territory import views

urlpatterns = [
    path("carte/<slug:frame>.svg", views.base_map, name="base_map"),
    path("carte/fond/<slug:part>.json", views.map_base, name="map_base"),
]
