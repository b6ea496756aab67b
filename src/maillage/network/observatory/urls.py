from django.urls import path

from maillage.network.observatory import views

urlpatterns = [
    path("observatoire/", views.observatory, name="observatory"),
]
