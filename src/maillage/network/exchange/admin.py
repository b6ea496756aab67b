"""The files that came in, and the rows they could not bring."""

from django.contrib import admin

from maillage.accounts.admin.shown import Shown
from maillage.accounts.admin.site import site
from maillage.network.exchange.models import Candidate, ImportRun, Intake, QuarantinedRow, Recipe


@admin.register(ImportRun, site=site)
class Runs(Shown):
    list_display = ("at", "file_name", "format", "counts", "by")
    search_fields = ("file_name", "by")
    ordering = ("-pk",)


@admin.register(QuarantinedRow, site=site)
class Rows(Shown):
    list_display = ("run", "line", "column", "value", "problem", "mend")
    search_fields = ("problem", "column")
    list_select_related = ("run",)
    ordering = ("-pk",)


@admin.register(Intake, site=site)
class Intakes(Shown):
    list_display = ("opened_at", "name", "state", "format", "source", "licence", "opened_by")
    list_filter = ("state",)
    search_fields = ("name", "source")
    ordering = ("-pk",)


@admin.register(Recipe, site=site)
class Recipes(Shown):
    list_display = ("name", "source", "licence", "made_at", "made_by")
    search_fields = ("name", "source")
    ordering = ("name",)


@admin.register(Candidate, site=site)
class Candidates(Shown):
    list_display = ("one", "other", "points", "state", "found_at", "settled_by")
    list_filter = ("state",)
    list_select_related = ("one", "other")
    ordering = ("-pk",)
