from django.urls import URLPattern, URLResolver, include, path

from maillage.management.bookings.views import arrival, booking, calendars, own, reservation
from maillage.management.bookings.views.manage import authorising, book, day, door, feeds, hours, spaces
from maillage.management.bookings.views.manage import booking as one

VISITORS: list[URLPattern | URLResolver] = [
    path("lieux/<slug:slug>/reserver/", booking.booking, name="booking"),
    path("lieux/<slug:slug>/reserver/agenda.ics", calendars.place_calendar, name="booking_ics"),
    path("lieux/<slug:slug>/reserver/<slug:space>/agenda.ics", calendars.space_calendar, name="booking_space_ics"),
    path("lieux/<slug:slug>/arrivee/", arrival.arrival, name="arrival"),
    path("reservation/<slug:ticket>/", reservation.reservation, name="reservation"),
    path("reservation/<slug:ticket>/agenda.ics", reservation.calendar, name="reservation_ics"),
    path("attente/<slug:turn>/", reservation.waiting, name="waiting"),
    path("mon-compte/reservations/", own.bookings, name="own_bookings"),
]
TEAM = [
    path("espaces/", spaces.spaces, name="manage_spaces"),
    path("espaces/ajouter/", spaces.add, name="manage_space_add"),
    path("espaces/<int:room>/", spaces.change, name="manage_space"),
    path("espaces/<int:room>/retirer/", spaces.archive, name="manage_space_archive"),
    path("espaces/<int:room>/unites/", spaces.units, name="manage_units"),
    path("espaces/unites/<int:unit>/", spaces.unit, name="manage_unit"),
    path("espaces/heures/", hours.hours, name="manage_hours"),
    path("espaces/heures/<int:opening>/retirer/", hours.remove_hours, name="manage_hours_remove"),
    path("espaces/fermetures/", hours.closures, name="manage_closures"),
    path("espaces/fermetures/<int:closure>/retirer/", hours.remove_closed, name="manage_closure_remove"),
    path("espaces/reglages/", hours.settings, name="manage_booking_settings"),
    path("espaces/agendas/", feeds.feeds, name="manage_feeds"),
    path("espaces/agendas/<int:feed>/lire/", feeds.read, name="manage_feed_read"),
    path("espaces/agendas/<int:feed>/retirer/", feeds.remove, name="manage_feed_remove"),
    path("habilitations/", authorising.authorisations, name="manage_authorisations"),
    path("habilitations/donner/", authorising.give, name="manage_authorisation_give"),
    path("habilitations/<int:authorisation>/retirer/", authorising.take_back, name="manage_authorisation_withdraw"),
    path("porte/", door.door, name="manage_door"),
    path("porte/affiche/", door.poster, name="manage_door_poster"),
    path("accueil/<slug:ticket>/", door.ticket, name="manage_ticket"),
    path("jour/", day.today, name="manage_today"),
    path("jour/<slug:day>/", day.day, name="manage_day"),
    path("passages/", day.visits, name="manage_visits"),
    path("passages/<int:visit>/retirer/", day.remove_visit, name="manage_visit_remove"),
    path("reserver/", book.book, name="manage_book"),
    path("reservations/<int:booking>/", one.booking, name="manage_booking"),
    path("reservations/<int:booking>/confirmer/", one.confirm, name="manage_booking_confirm"),
    path("reservations/<int:booking>/garder/", one.keep, name="manage_booking_keep"),
    path("reservations/<int:booking>/venue/", day.came, name="manage_booking_came"),
    path("reservations/<int:booking>/raison/", one.why, name="manage_booking_why"),
    path("reservations/<int:booking>/annuler/", one.cancel, name="manage_booking_cancel"),
]
urlpatterns = [*VISITORS, path("gerer/<slug:slug>/", include(TEAM))]
