from django.urls import URLPattern, URLResolver, include, path

from maillage.management.billing.views import tariffs
from maillage.management.billing.views.manage import prices

MONEY: list[URLPattern | URLResolver] = [
    path("tarifs/", prices.prices, name="manage_prices"),
    path("tarifs/<int:tariff>/", prices.price_list, name="manage_price_list"),
    path("tarifs/lignes/<int:price>/", prices.price, name="manage_price"),
]
VISITORS = [path("lieux/<slug:slug>/tarifs/", tariffs.tariffs, name="place_tariffs")]
urlpatterns = [*VISITORS, path("gerer/<slug:slug>/argent/", include(MONEY))]
