from django.urls import path

from maillage.network.clearance.views import desk, pairs

urlpatterns = [
    path("reseaux/", desk.networks, name="networks"),
    path("reseaux/<slug:network>/", desk.network, name="network"),
    path("reseaux/<slug:network>/lieux.geojson", desk.network_geojson, name="network_geojson"),
    path("reseaux/<slug:network>/a-relire/", desk.queue, name="network_queue"),
    path("reseaux/<slug:network>/a-relire/<uuid:suggestion>/", desk.answer, name="network_answer"),
    path("reseaux/<slug:network>/demandes/<int:asked>/", desk.claim, name="network_claim"),
    path("reseaux/<slug:network>/doublons/", pairs.pairs, name="network_pairs"),
    path("reseaux/<slug:network>/doublons/<int:pair>/", pairs.pair, name="network_pair"),
    path("reseaux/<slug:network>/fusions/<int:merge>/separer/", pairs.separate, name="network_separate"),
    path("reseaux/<slug:network>/verifier/", desk.verify, name="network_verify"),
]
