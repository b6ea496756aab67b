"""The link by which somebody says that an address is theirs."""

from typing import Any

from allauth.account.views import ConfirmEmailView
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _

from maillage.accounts import actions
from maillage.accounts.adapter import partly
from maillage.accounts.rules import same_address, signature


class ConfirmAddress(ConfirmEmailView):
    """Add an address only from within the account that asks for it: who owns the address may own another account.

    The main address of an account is its own already, and confirmed from its mail alone.
    """

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            asked = self.get_object().email_address
        except Http404:
            asked = None
        if asked is None or same_address(asked.email, asked.user.email) or request.user == asked.user:
            answer: HttpResponseBase = super().dispatch(request, *args, **kwargs)
            return answer
        if request.user.is_authenticated:
            context = {"confirmation": None, "asking": partly(asked.user.email), "email": asked.email}
            return self.response_class(request, self.get_template_names(), context, status=403)
        messages.info(
            request,
            _("Ce lien ajoute une adresse au compte de %(account)s\u202f: entrez d’abord dans ce compte.")
            % {"account": partly(asked.user.email)},
        )
        return redirect_to_login(request.get_full_path())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {"account": partly(self.object.email_address.user.email) if self.object else ""}

    def respond(self, success: bool) -> Any:
        if success:
            user = self.object.email_address.user
            actions.note_change(
                user=user, action="address_confirmed", by=signature(user.pk, "self"), now=timezone.now()
            )
        return super().respond(success)


confirm_address = ConfirmAddress.as_view()
