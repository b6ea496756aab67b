from django.urls import URLPattern, URLResolver, include, path

from maillage.management.events.views import agenda, event, feeds, own, register, registration
from maillage.management.events.views.manage import coming, dates, paper, programme, session

VISITORS: list[URLPattern | URLResolver] = [
    path("agenda/", agenda.agenda, name="agenda"),
    path("agenda.ics", feeds.agenda_ics, name="agenda_ics"),
    path("agenda.rss", feeds.agenda_rss, name="agenda_rss"),
    path("agenda.json", feeds.agenda_json, name="agenda_json"),
    path("agenda/personnel/<slug:secret>.ics", own.calendar_file, name="own_calendar_ics"),
    path("lieux/<slug:slug>/agenda/", agenda.place_agenda, name="place_agenda"),
    path("lieux/<slug:slug>/agenda.ics", feeds.place_ics, name="place_agenda_ics"),
    path("lieux/<slug:slug>/agenda.rss", feeds.place_rss, name="place_agenda_rss"),
    path("lieux/<slug:slug>/agenda.json", feeds.place_json, name="place_agenda_json"),
    path("lieux/<slug:slug>/agenda/<slug:event>/", event.event, name="event"),
    path("lieux/<slug:slug>/agenda/<slug:event>/<int:session>/inscription/", register.register, name="event_register"),
    path("inscription/<slug:enrolment>/", registration.registration, name="registration"),
    path("inscription/<slug:enrolment>/agenda.ics", registration.calendar, name="registration_ics"),
    path("mon-compte/agenda/", own.calendar, name="own_calendar"),
]
TEAM: list[URLPattern | URLResolver] = [
    path("programme/", programme.events, name="manage_events"),
    path("programme/ajouter/", programme.add, name="manage_event_add"),
    path("programme/<int:entry>/", programme.event, name="manage_event"),
    path("programme/<int:entry>/modifier/", programme.change, name="manage_event_change"),
    path("programme/<int:entry>/en-ligne/", programme.publish, name="manage_event_publish"),
    path("programme/<int:entry>/retirer/", programme.archive, name="manage_event_archive"),
    path("programme/<int:entry>/seances/ajouter/", dates.add, name="manage_session_add"),
    path("programme/seances/<int:session>/", session.session, name="manage_session"),
    path("programme/seances/<int:session>/places/", session.resize, name="manage_session_resize"),
    path("programme/seances/<int:session>/deplacer/", session.move, name="manage_session_move"),
    path("programme/seances/<int:session>/annuler/", session.cancel, name="manage_session_cancel"),
    path("programme/seances/<int:session>/inscrire/", coming.join, name="manage_session_join"),
    path("programme/seances/<int:session>/ages/", coming.ages, name="manage_session_ages"),
    path("programme/seances/<int:session>/feuille/", paper.sheet, name="manage_session_sheet"),
    path("programme/seances/<int:session>/feuille.csv", paper.as_csv, name="manage_session_csv"),
    path("programme/seances/<int:session>/<int:registration>/venue/", coming.came, name="manage_registration_came"),
    path(
        "programme/seances/<int:session>/<int:registration>/retirer/",
        coming.withdraw,
        name="manage_registration_withdraw",
    ),
]
urlpatterns = [*VISITORS, path("gerer/<slug:slug>/", include(TEAM))]
