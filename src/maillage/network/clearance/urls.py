from django.urls import path

from maillage.network.clearance.views import accesses, desk, help_desk, help_team, pairs

urlpatterns = [
    path("aide/", help_desk.help_queue, name="help_queue"),
    path("aide/<int:need>/", help_desk.help_one, name="help_one"),
    path("partages/", accesses.shared_with_me, name="shared_with_me"),
    path("partages/<int:grant>/", accesses.shared, name="shared"),
    path("gerer/<slug:slug>/aide/", help_team.helping, name="manage_help"),
    path("gerer/<slug:slug>/aide/<int:need>/", help_team.helping_one, name="manage_help_one"),
    path("gerer/<slug:slug>/acces/", accesses.accesses, name="manage_access"),
    path("gerer/<slug:slug>/acces/<int:grant>/fin/", accesses.access_end, name="manage_access_end"),
    path("reseaux/", desk.networks, name="networks"),
    path("reseaux/<slug:network>/", desk.network, name="network"),
    path("reseaux/<slug:network>/lieux.geojson", desk.network_geojson, name="network_geojson"),
    path("reseaux/<slug:network>/a-relire/", desk.queue, name="network_queue"),
    path("reseaux/<slug:network>/a-relire/<uuid:suggestion>/", desk.answer, name="network_answer"),
    path("reseaux/<slug:network>/demandes/<int:asked>/", desk.claim, name="network_claim"),
    path("reseaux/<slug:network>/doublons/", pairs.pairs, name="network_pairs"),
    path("reseaux/<slug:network>/doublons/<int:pair>/", pairs.pair, name="network_pair"),
    path("reseaux/<slug:network>/fusions/<int:merge>/separer/", pairs.separate, name="network_separate"),
    path("reseaux/<slug:network>/aide/", help_desk.network_help, name="network_help"),
    path("reseaux/<slug:network>/aide/<int:need>/", help_desk.network_help_one, name="network_help_one"),
    path("reseaux/<slug:network>/verifier/", desk.verify, name="network_verify"),
]
