from django.urls import URLPattern, URLResolver, include, path

MONEY: list[URLPattern | URLResolver] = []
urlpatterns = [path("gerer/<slug:slug>/argent/", include(MONEY))]
