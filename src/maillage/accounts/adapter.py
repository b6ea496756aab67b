"""How allauth fits this house: accounts come by invitation, mails carry our address, guesses are slowed."""

import secrets
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records, record_authentication
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.core.internal import ratelimit
from allauth.core.internal.httpkit import clean_client_ip
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from maillage.accounts import actions
from maillage.accounts.rules import is_erased, signature

DEVICE_COOKIE = "maillage_appareil"
DEVICE_SALT = "maillage.accounts.device"
DEVICE_LASTS = timedelta(days=365)
PEOPLE_ON_A_DEVICE = 6
WAIT_S = 600
CHANGES = {
    "account/email/email_changed": "main_address_changed",
    "account/email/email_deleted": "address_removed",
    "account/email/password_set": "password_set",
    "account/email/password_changed": "password_changed",
    "account/email/password_reset": "password_reset",
    "mfa/email/totp_deactivated": "app_removed",
    "mfa/email/webauthn_added": "passkey_added",
    "mfa/email/webauthn_removed": "passkey_removed",
}
"""What a mail of allauth says has changed; those it writes after the commit come too late for the journal."""


def client_address(remote: str, forwarded: str, proxies: int) -> str:
    """The visitor's address: what the last trusted proxy saw; without trusted proxies, who is connected.

    >>> client_address("10.0.0.1", "6.6.6.6, 192.0.2.7", 1), client_address("10.0.0.1", "6.6.6.6", 0)
    ('192.0.2.7', '10.0.0.1')
    """
    hops = [clean_client_ip(hop) for hop in forwarded.split(",")] if proxies else []
    seen = hops[-proxies] if 0 < proxies <= len(hops) else None
    return seen or clean_client_ip(remote) or "0.0.0.0"  # noqa: S104


def stays_here(url: str) -> bool:
    """Whether an address is a plain path of this site.

    >>> stays_here("/gerer/?page=2"), stays_here("//exemple.org"), stays_here("/\\t/exemple.org")
    (True, False, False)
    """
    return (
        url.startswith("/")
        and not url.startswith("//")
        and url.isascii()
        and url.isprintable()
        and "\\" not in url
        and url_has_allowed_host_and_scheme(url, allowed_hosts=None)
    )


def partly(email: str) -> str:
    """Enough of an address for its owner to know it, and for nobody to write to it.

    >>> partly("nadine@exemple.fr")
    'n…@exemple.fr'
    """
    box, _at, host = email.rpartition("@")
    return f"{box[:1]}…@{host}"


def _name(email: str) -> str:
    return salted_hmac(DEVICE_SALT, email.strip().lower(), algorithm="sha256").hexdigest()[:20]


def _people(request: HttpRequest) -> dict[str, str]:
    """The people who signed in on this device, as fingerprints, each with the device's number for them."""
    try:
        held = signing.loads(request.COOKIES.get(DEVICE_COOKIE, ""), salt=DEVICE_SALT, max_age=DEVICE_LASTS)
    except signing.BadSignature:
        return {}
    return held if isinstance(held, dict) else {}


def known_device(request: HttpRequest, email: str) -> str:
    """The number of this device for somebody who signed in on it before, or nothing."""
    return _people(request).get(_name(email), "")


def remember_device(request: HttpRequest, response: HttpResponse, *emails: str) -> None:
    """Let the person who has just signed in be known on this device: strangers' guesses then no longer slow them."""
    people = _people(request)
    for email in filter(None, emails):
        people.pop(_name(email), None)
        people[_name(email)] = secrets.token_urlsafe(9)
    kept = dict(list(people.items())[-PEOPLE_ON_A_DEVICE:])
    response.set_cookie(
        DEVICE_COOKIE,
        signing.dumps(kept, salt=DEVICE_SALT),
        max_age=DEVICE_LASTS,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )


def slow(request: HttpRequest, action: str, email: str, *, apart: bool = False) -> ratelimit.RateLimitUsage:
    """Count a try for an account, or refuse it with 429; `apart` counts what each address asks for by itself."""
    device = known_device(request, email)
    key = f"{email} {device}" if device else email
    if device:
        action = f"{action}_known_device"
    elif apart:
        key = f"{email} {ratelimit.get_ip(request)}"
    counted = ratelimit.consume(request, app="allauth.account", action=action, key=key.lower())
    if counted is None:
        refused = ratelimit.respond_429(request)
        refused.headers["Retry-After"] = str(WAIT_S)
        raise ImmediateHttpResponse(refused)
    return counted


class Adapter(DefaultAccountAdapter):
    error_messages = DefaultAccountAdapter.error_messages | {
        "account_inactive": _("Ce compte est désactivé\u202f: écrivez à l’exploitant du site."),
        "cannot_remove_primary_email": _("L’adresse principale ne se retire pas\u202f: choisissez d’abord une autre."),
        "duplicate_email": _("Cette adresse est déjà celle de votre compte."),
        "email_password_mismatch": _(
            "Cette adresse et ce mot de passe ne vont pas ensemble. Vérifiez-les, ou recevez plutôt un code."
        ),
        "enter_current_password": _("Ce n’est pas votre mot de passe actuel\u202f: retapez-le."),
        "incorrect_code": _("Ce code n’est pas le bon\u202f: recopiez-le, chiffre par chiffre."),
        "incorrect_password": _("Ce n’est pas le bon mot de passe\u202f: retapez-le."),
        "invalid_login": _("Écrivez votre adresse électronique, comme nom@domaine.fr."),
        "invalid_password_reset": _("Ce lien a déjà servi ou a expiré\u202f: demandez-en un autre."),
        "max_email_addresses": _("Un compte a au plus %d adresses\u202f: retirez-en une d’abord."),
        "too_many_login_attempts": _("Trop d’essais. Demandez un nouveau code, ou revenez dans dix minutes."),
        "unverified_primary_email": _("L’adresse principale doit être confirmée\u202f: ouvrez le lien qu’elle a reçu."),
        "nobodys_email": _("Personne ne reçoit de courriel à cette adresse\u202f: écrivez-en une autre."),
        "rate_limited": _("Trop d’essais\u202f: revenez dans dix minutes."),
    }

    def clean_email(self, email: str) -> str:
        if is_erased(email):
            raise self.validation_error("nobodys_email")
        return str(super().clean_email(email))

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def is_ajax(self, request: HttpRequest) -> bool:
        """Answer JSON where our script asks for it, and nowhere else."""
        match = request.resolver_match
        return match is not None and match.url_name == "mfa_login_webauthn" and super().is_ajax(request)

    def is_safe_url(self, url: str | None) -> bool:
        return bool(url) and stays_here(str(url))

    def get_client_ip(self, request: HttpRequest) -> str:
        forwarded = request.headers.get("x-forwarded-for", "")
        return client_address(request.META.get("REMOTE_ADDR", ""), forwarded, settings.PROXIES)

    def get_logout_redirect_url(self, request: HttpRequest) -> str:
        return reverse("home")

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("account")

    def get_email_confirmation_url(self, request: HttpRequest, emailconfirmation: Any) -> str:
        return _ours(super().get_email_confirmation_url(request, emailconfirmation))

    def get_reset_password_from_key_url(self, key: str) -> str:
        return _ours(super().get_reset_password_from_key_url(key))

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        asking = context.get("user")
        told = {"email": email, "account": partly(asking.email) if asking else ""}
        self.render_mail(template_prefix, email, {**context, **told}).send()

    def send_notification_mail(
        self,
        template_prefix: str,
        user: Any,
        context: dict[str, Any] | None = None,
        email: str | None = None,
    ) -> None:
        """Every change of how an account opens is told by mail, and thus passes here: the journal tells of it too."""
        if template_prefix in CHANGES:
            by = signature(user.pk, "self")
            actions.note_change(user=user, action=CHANGES[template_prefix], by=by, now=timezone.now())
        super().send_notification_mail(template_prefix, user, context, email)

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        return str(credentials.get("email", "")).lower()

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        email = self._get_login_attempts_cache_key(request, **credentials)
        self._login_failed_rl_usage = slow(request, "login_failed", email)

    def post_login(self, request: HttpRequest, user: AbstractBaseUser, **hooks: Any) -> HttpResponse:
        if not get_authentication_records(request, user):
            record_authentication(request, user, method="link")
        response = super().post_login(request, user, **hooks)
        remember_device(request, response, hooks.get("email") or "", user.get_username())
        return response


def _ours(url: str) -> str:
    """The same path at the public address of the site, whatever Host the request gave."""
    return settings.SITE_URL + urlsplit(url).path


class MfaAdapter(DefaultMFAAdapter):
    error_messages = DefaultMFAAdapter.error_messages | {
        "cannot_generate_recovery_codes": _(
            "Les codes de secours remplacent une application ou une clé\u202f: ajoutez-en une d’abord."
        ),
        "incorrect_code": _("Ce code n’est pas le bon\u202f: attendez le suivant, puis recopiez-le."),
        "unverified_email": _("Confirmez d’abord votre adresse électronique\u202f: ouvrez le lien qu’elle a reçu."),
    }

    def _get_site_name(self) -> str:
        return "Maillage"

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return {"id": urlsplit(settings.SITE_URL).hostname or "localhost", "name": "Maillage"}

    def generate_authenticator_name(self, user: AbstractBaseUser, type: Any) -> str:
        return gettext("Ma clé d’accès")
