"""The operator's door: the role decides, never Django's own marks of staff."""

from collections.abc import Callable
from typing import Any

from allauth.account.adapter import get_adapter
from django.contrib import admin
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from maillage.accounts.permissions import is_operator
from maillage.accounts.views.proof import ask_again, proved_lately
from maillage.journal.queries import once


class OperatorSite(admin.AdminSite):
    site_title = _("Administration de Maillage")
    site_header = _("Administration de Maillage")
    index_title = _("Ce que l’exploitation du site règle")
    index_template = "accounts/admin/index.html"
    empty_value_display = "–"

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        told = super().get_app_list(request, app_label)
        for app in told:
            if app["app_label"] == "django_q":
                app["name"] = _("Travail de fond")
        return told

    def has_permission(self, request: HttpRequest) -> bool:
        return once(f"operator:{request.user.pk}", lambda: is_operator(request.user))

    def admin_view(self, view: Callable[..., Any], cacheable: bool = False) -> Any:
        inner = super().admin_view(view, cacheable)

        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            if not self.has_permission(request):
                raise PermissionDenied
            if request.method == "POST" and not proved_lately(request):
                return ask_again(request)
            return inner(request, *args, **kwargs)

        return guarded

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """One door for everybody: the site's own."""
        if request.user.is_authenticated and not self.has_permission(request):
            raise PermissionDenied
        index = reverse("admin:index")
        return redirect(index) if request.user.is_authenticated else redirect_to_login(index)

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        if request.method == "POST":
            get_adapter().logout(request)
        return redirect("home")

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        return redirect("account_change_password")

    def password_change_done(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        return redirect("account")


site = OperatorSite(name="admin")
