from django.urls import path

from maillage.network.observatory import views

urlpatterns = [
    path("observatoire/", views.observatory, name="observatory"),
    path("observatoire/<slug:counter>.csv", views.counter_csv, name="observatory_csv"),
    path("observatoire/<slug:counter>.json", views.counter_json, name="observatory_json"),
    path("observatoire/<slug:counter>/", views.counter, name="observatory_counter"),
]
