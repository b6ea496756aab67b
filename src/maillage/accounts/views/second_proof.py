"""The page between the first proof and the door, for accounts that ask for two, and those that add one."""

from typing import Any

from allauth.mfa.base.views import AuthenticateView
from allauth.mfa.recovery_codes.views import GenerateRecoveryCodesView
from allauth.mfa.totp.views import ActivateTOTPView
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from maillage.accounts import actions, queries
from maillage.accounts.rules import signature


class SecondProof(AuthenticateView):
    """Offer only the proofs that the person has: whoever sees this page has given the first one."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        own = queries.own(self.stage.login.user)
        if not own.passkeys:
            self.webauthn_form = None
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {"has_code": own.has_app or own.has_rescue_codes}


class AddApp(ActivateTOTPView):
    def form_valid(self, form: Any) -> HttpResponse:
        added: HttpResponse = super().form_valid(form)
        _note(self.request, "app_added")
        return added


class NewRescueCodes(GenerateRecoveryCodesView):
    def form_valid(self, form: Any) -> HttpResponse:
        made: HttpResponse = super().form_valid(form)
        _note(self.request, "rescue_codes_made")
        return made


def _note(request: HttpRequest, change: str) -> None:
    user: Any = request.user
    actions.note_change(user=user, action=change, by=signature(user.pk, "self"), now=timezone.now())
