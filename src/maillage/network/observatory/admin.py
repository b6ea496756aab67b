"""What was counted, day after day."""

from django.contrib import admin

from maillage.accounts.admin.shown import Shown
from maillage.accounts.admin.site import site
from maillage.network.observatory.models import Snapshot


@admin.register(Snapshot, site=site)
class Snapshots(Shown):
    list_display = ("day", "definition", "numerator", "denominator", "taken_at")
    list_filter = ("definition",)
    ordering = ("-day", "definition")
