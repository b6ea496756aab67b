"""The ground the site stands on."""

from django.contrib import admin

from maillage.accounts.admin.shown import Shown
from maillage.accounts.admin.site import site
from maillage.territory.models import Ground


@admin.register(Ground, site=site)
class Grounds(Shown):
    list_display = ("label", "kind", "vintage", "loaded_at", "estimated_centres")
    ordering = ("-pk",)
