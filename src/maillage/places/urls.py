from django.urls import include, path

from maillage.places.views import claiming, detail, feeds, invitation, listing, still, suggesting, suggesting_new
from maillage.places.views import map as live_map
from maillage.places.views.manage import desk, history, photos, sections, state, suggestions, team

TEAM = [
    path("", desk.desk, name="manage"),
    path("confirmer/", desk.confirm, name="manage_confirm"),
    path("fiche/<slug:section>/", sections.section, name="manage_section"),
    path("etat/", state.state, name="manage_state"),
    path("photos/", photos.photos, name="manage_photos"),
    path("photos/<int:photo>/", photos.photo, name="manage_photo"),
    path("photos/<int:photo>/image/", photos.image, name="manage_photo_file"),
    path("photos/<int:photo>/retirer/", photos.remove, name="manage_photo_remove"),
    path("photos/<int:photo>/remettre/", photos.restore, name="manage_photo_restore"),
    path("equipe/", team.team, name="manage_team"),
    path("equipe/<int:membership>/retirer/", team.dismiss, name="manage_team_dismiss"),
    path("equipe/invitations/<int:invitation>/annuler/", team.revoke_invitation, name="manage_invitation_revoke"),
    path("cles/", team.keys, name="manage_keys"),
    path("cles/<int:key>/retirer/", team.revoke_key, name="manage_key_revoke"),
    path("affiche/", desk.poster, name="manage_poster"),
    path("suggestions/", suggestions.suggestions, name="manage_suggestions"),
    path("suggestions/<uuid:suggestion>/", suggestions.suggestion, name="manage_suggestion"),
    path("historique/", history.history, name="manage_history"),
    path("historique/<int:number>/reprendre/", history.take_back, name="manage_take_back"),
]
urlpatterns = [
    path("lieux/", listing.place_list, name="place_list"),
    path("lieux/flux.rss", feeds.rss, name="place_feed_rss"),
    path("lieux/flux.json", feeds.json_feed, name="place_feed_json"),
    path("lieux/<slug:slug>/", detail.place, name="place"),
    path("lieux/<slug:slug>/affiche/", detail.poster, name="place_poster"),
    path("lieux/<slug:slug>/vignette/", detail.widget, name="place_widget"),
    path("lieux/<slug:slug>/historique/", detail.history, name="place_history"),
    path("lieux/<slug:slug>/proposer/", suggesting.menu, name="suggest"),
    path("lieux/<slug:slug>/proposer/<slug:section>/", suggesting.edit, name="suggest_edit"),
    path("lieux/<slug:slug>/signaler/<slug:what>/", suggesting.report, name="suggest_report"),
    path("lieux/<slug:slug>/revendiquer/", claiming.claim, name="place_claim"),
    path("toujours-exact/<str:still>/", still.still_right, name="still_right"),
    path("proposer/", suggesting_new.new, name="suggest_new"),
    path("proposer/semblables/", suggesting_new.alike_places, name="suggest_alike"),
    path("proposer/suivre/<str:follow>/", suggesting.followed, name="suggestion"),
    path("carte/liste/", live_map.listed, name="map_list"),
    path("invitation/<slug:token>/", invitation.invitation, name="invitation"),
    path("gerer/", desk.my_places, name="my_places"),
    path("gerer/<slug:slug>/", include(TEAM)),
]
