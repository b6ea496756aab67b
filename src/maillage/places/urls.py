from django.urls import path

from maillage.places.views import detail, feeds, listing

urlpatterns = [
    path("lieux/", listing.place_list, name="place_list"),
    path("lieux/flux.rss", feeds.rss, name="place_feed_rss"),
    path("lieux/flux.json", feeds.json_feed, name="place_feed_json"),
    path("lieux/<slug:slug>/", detail.place, name="place"),
    path("lieux/<slug:slug>/affiche/", detail.poster, name="place_poster"),
    path("lieux/<slug:slug>/historique/", detail.history, name="place_history"),
]
