from django.urls import include, path

from maillage.network.clearance.views import accesses, census, census_files, censuses, desk, help_desk, help_team, pairs

CENSUS = [
    path("", censuses.censuses, name="network_censuses"),
    path("nouveau/", censuses.new, name="network_census_new"),
    path("<slug:edition>/", censuses.census, name="network_census"),
    path("<slug:edition>/modifier/", censuses.change, name="network_census_change"),
    path("<slug:edition>/apercu/", censuses.preview, name="network_census_preview"),
    path("<slug:edition>/lettres/", censuses.letters, name="network_census_letters"),
    path("<slug:edition>/resultats/", censuses.results, name="network_census_results"),
    path("<slug:edition>/a-appeler.csv", census_files.contacts, name="network_census_contacts"),
    path("<slug:edition>/reponses.csv", census_files.answers, name="network_census_answers"),
    path("<slug:edition>/telephone/<uuid:asking>/", census_files.phone, name="network_census_phone"),
    path(
        "<slug:edition>/telephone/<uuid:asking>/<slug:step>/",
        census_files.phone_step,
        name="network_census_phone_step",
    ),
]
urlpatterns = [
    path("recensement/", census.enter, name="census_enter"),
    path("recensement/<str:invited>/", census.form, name="census"),
    path("recensement/<str:invited>/<slug:step>/", census.step, name="census_step"),
    path("ne-plus-ecrire/<str:quiet>/", census.silence, name="census_silence"),
    path("reseaux/<slug:network>/recensements/", include(CENSUS)),
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
