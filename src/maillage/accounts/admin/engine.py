"""The background work: when each task runs, and those that failed."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django_q.models import Failure, Schedule

from maillage.accounts.admin.shown import Shown, column, moment
from maillage.accounts.admin.site import site

RHYTHMS = {Schedule.DAILY: _("chaque jour"), Schedule.HOURLY: _("chaque heure"), Schedule.WEEKLY: _("chaque semaine")}


@admin.register(Schedule, site=site)
class Schedules(Shown):
    job = column("name", _("tâche"), str)
    does = column("func", _("fonction"), str)
    next_start = column("next_run", _("prochain départ"), moment)

    list_display = ("job", "does", "rhythm", "next_start")
    fields = readonly_fields = list_display
    ordering = ("name",)

    @admin.display(description=_("rythme"), ordering="minutes")
    def rhythm(self, schedule: Schedule) -> str:
        if schedule.schedule_type != Schedule.MINUTES:
            return str(RHYTHMS.get(schedule.schedule_type, schedule.schedule_type))
        every = schedule.minutes or 1
        return ngettext("chaque minute", "toutes les %(n)d minutes", every) % {"n": every}


@admin.register(Failure, site=site)
class Failures(Shown):
    job = column("name", _("tâche"), str)
    does = column("func", _("fonction"), str)
    began = column("started", _("commencée le"), moment)
    ended = column("stopped", _("finie le"), moment)
    tries = column("attempt_count", _("essais"), str)
    said = column("result", _("ce qu’elle a dit"), str)
    list_display = ("does", "began", "ended", "tries")
    fields = readonly_fields = ("job", "does", "began", "ended", "tries", "said")
    ordering = ("-started",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Failure]:
        return super().get_queryset(request).filter(success=False)
