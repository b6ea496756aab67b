"""The fields of sign-in and of one's account: allauth's, in our words, and blind to whether an account exists."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from allauth.account import forms as allauth
from allauth.account.adapter import get_adapter
from allauth.core import context
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.base import forms as mfa
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    EditWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from django import forms
from django.core.validators import EmailValidator, MaxLengthValidator, validate_email
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from maillage.accounts import actions, queries
from maillage.accounts.adapter import slow
from maillage.accounts.rules import AddressRefused, address, signature
from maillage.accounts.rules.passwords import easy_to_guess
from maillage.journal.emails import one_line

Words = Mapping[str, tuple[Any, Any]]
LONGEST_PASSWORD = 500
LONGEST_CODE = 40

EMAIL = (_("Votre adresse électronique"), "")
NEW_PASSWORD = (
    _("Nouveau mot de passe"),
    _("Douze caractères au moins\u202f: quelques mots sans rapport entre eux font bien l’affaire."),
)
AGAIN = (_("Le même, encore une fois"), "")
CURRENT_PASSWORD = (_("Mot de passe actuel"), "")
UNREADABLE_PASSKEY = _("Cette clé d’accès n’a pas été reconnue\u202f: réessayez, ou prenez un autre chemin.")
MALFORMED = _(
    "Cette adresse électronique est illisible, ou a un accent ou un signe étranger qui peut imiter une autre "
    "adresse\u202f: écrivez-la en lettres simples, comme nom@domaine.fr."
)
DIGITS = {"autocomplete": "one-time-code", "inputmode": "numeric", "autocapitalize": "none", "spellcheck": "false"}


def well_written(text: str) -> None:
    """Refuse an address in the same words whatever is wrong with it."""
    try:
        validate_email(address(text))
    except (AddressRefused, forms.ValidationError) as error:
        raise forms.ValidationError(MALFORMED) from error


class Worded(forms.Form):
    """A form of allauth with our labels and hints, and without text inside the fields."""

    words: ClassVar[Words] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs.pop("placeholder", None)
            if name in self.words:
                field.label, field.help_text = self.words[name]
            if isinstance(field, forms.EmailField):
                others = [one for one in field.validators if not isinstance(one, EmailValidator)]
                field.validators = [well_written, *others]
            if isinstance(field.widget, forms.PasswordInput):
                field.validators.append(MaxLengthValidator(LONGEST_PASSWORD))
                field.widget.attrs["maxlength"] = LONGEST_PASSWORD
            if name == "code":
                field.validators.append(MaxLengthValidator(LONGEST_CODE))
                field.widget.attrs |= DIGITS


class RequestCodeForm(Worded, allauth.RequestLoginCodeForm):
    words: ClassVar[Words] = {"email": EMAIL}

    def clean_email(self) -> str:
        email = address(self.cleaned_data["email"])
        slow(context.request, "ask_code", email, apart=True)
        found = queries.signing_in(email)
        self._user: Any
        self._user, kept = found or (None, email)
        return kept


class SignInForm(Worded, allauth.LoginForm):
    """One address, then a code or a password: the button says which; the Enter key chooses by what is written."""

    words: ClassVar[Words] = {
        "login": EMAIL,
        "password": (_("Votre mot de passe"), ""),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].required = False
        self.fields["password"].widget.is_required = False
        self.way = self.data.get("way", "") if self.is_bound else ""

    def _setup_password_field(self) -> None:
        """Keep the field, which allauth drops where nobody signs up with a password."""

    def clean_login(self) -> str:
        return address(self.cleaned_data["login"])

    def user_credentials(self) -> dict[str, str]:
        credentials: dict[str, str] = super().user_credentials()
        if self.way == "code":
            credentials.pop("password", None)
        return credentials

    def clean(self) -> dict[str, Any] | None:
        if self.way == "password" and not self.cleaned_data.get("password"):
            self.add_error("password", _("Écrivez votre mot de passe, ou recevez plutôt un code."))
            return self.cleaned_data
        cleaned: dict[str, Any] | None = super().clean()
        return cleaned

    def _clean_without_password(self, email: str | None, phone: str | None) -> dict[str, Any]:
        asked = RequestCodeForm({"email": email})
        if asked.is_valid():
            self.user = asked._user
            self.cleaned_data["login"] = asked.cleaned_data["email"]
        else:
            self.add_error("login", get_adapter().validation_error("invalid_login"))
        return self.cleaned_data


class ConfirmCodeForm(Worded, allauth.ConfirmLoginCodeForm):
    words: ClassVar[Words] = {"code": (_("Code reçu"), _("Neuf chiffres\u202f; les tirets ne comptent pas."))}


class ResetPasswordForm(Worded, allauth.ResetPasswordForm):
    words: ClassVar[Words] = {"email": EMAIL}

    def clean_email(self) -> str:
        email = address(self.cleaned_data["email"])
        slow(context.request, "ask_reset", email, apart=True)
        found = queries.signing_in(email)
        user, kept = found or (None, email)
        self.users = [user] if user else []
        if not user:
            queries.take_as_long_as_a_reset(email)
        return kept


class NewPasswordForm(Worded, allauth.ResetPasswordKeyForm):
    words: ClassVar[Words] = {"password1": NEW_PASSWORD, "password2": AGAIN}


class ChangePasswordForm(Worded, allauth.ChangePasswordForm):
    words: ClassVar[Words] = {"oldpassword": CURRENT_PASSWORD, "password1": NEW_PASSWORD, "password2": AGAIN}


class SetPasswordForm(Worded, allauth.SetPasswordForm):
    words: ClassVar[Words] = {"password1": NEW_PASSWORD, "password2": AGAIN}


class AddAddressForm(Worded, allauth.AddEmailForm):
    words: ClassVar[Words] = {"email": (_("Autre adresse électronique"), _("Elle recevra un lien à ouvrir."))}

    def save(self, request: HttpRequest) -> Any:
        added = super().save(request)
        user: Any = self.user
        actions.note_change(user=user, action="address_added", by=signature(user.pk, "self"), now=timezone.now())
        return added


class ReauthenticateForm(Worded, allauth.ReauthenticateForm):
    words: ClassVar[Words] = {"password": (_("Votre mot de passe"), "")}


class SecondProofForm(Worded, mfa.AuthenticateForm):
    """A code of the application or a rescue code; strangers' tries do not use up those of the person's own device."""

    words: ClassVar[Words] = {
        "code": (_("Code de l’application, ou code de secours"), _("Six chiffres, ou huit pour un code de secours."))
    }

    def clean_code(self) -> str:
        counted = slow(context.request, "second_proof", self.user.email)
        code: str = self.cleaned_data["code"].replace(" ", "")
        held = Authenticator.objects.filter(user=self.user).exclude(type=Authenticator.Type.WEBAUTHN)
        for proof in held.order_by("-type"):
            if proof.wrap().validate_code(code):
                self.authenticator = proof
                proof.user = self.user
                counted.rollback()
                return code
        raise get_adapter().validation_error("incorrect_code")


class SecondProofAgainForm(SecondProofForm, mfa.ReauthenticateForm):
    pass


class ActivateAppForm(Worded, ActivateTOTPForm):
    words: ClassVar[Words] = {"code": (_("Code que montre l’application"), _("Six chiffres, renouvelés sans cesse."))}

    def secret_by_fours(self) -> list[str]:
        return [self.secret[start : start + 4] for start in range(0, len(self.secret), 4)]


class CredentialField(forms.JSONField):
    """What a browser sends of a passkey; brackets opened without end are no JSON either."""

    def to_python(self, value: Any) -> Any:
        try:
            return super().to_python(value)
        except RecursionError as error:
            raise forms.ValidationError(UNREADABLE_PASSKEY) from error

    def bound_data(self, data: Any, initial: Any) -> Any:
        try:
            return super().bound_data(data, initial)
        except RecursionError:
            return ""


class Credential(forms.Form):
    """What a passkey answered; the library raises whatever it stumbles on, and none of it is a fault of ours."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["credential"] = CredentialField(widget=forms.HiddenInput)

    def clean_credential(self) -> Any:
        return self.read(super().clean_credential)  # type: ignore[misc]

    @staticmethod
    def read(clean: Callable[[], Any]) -> Any:
        try:
            return clean()
        except (forms.ValidationError, ImmediateHttpResponse):
            raise
        except Exception as error:
            raise forms.ValidationError(UNREADABLE_PASSKEY) from error


class PasskeyForm(Credential, LoginWebAuthnForm):
    pass


class SecondPasskeyForm(Credential, AuthenticateWebAuthnForm):
    pass


class PasskeyAgainForm(Credential, ReauthenticateWebAuthnForm):
    pass


class AddPasskeyForm(Worded, AddWebAuthnForm):
    words: ClassVar[Words] = {"name": (_("Nom de cette clé"), _("Pour la reconnaître\u202f: « Mon téléphone »."))}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.pop("passwordless", None)
        self.fields["name"].widget.attrs["maxlength"] = 60
        self.fields["credential"] = CredentialField(widget=forms.HiddenInput)

    def clean(self) -> Any:
        return Credential.read(super().clean)

    def clean_name(self) -> str:
        return one_line(super().clean_name())[:60]


class RenamePasskeyForm(Worded, EditWebAuthnForm):
    words: ClassVar[Words] = {"name": (_("Nom de cette clé"), "")}

    def clean_name(self) -> str:
        return one_line(self.cleaned_data["name"])[:60]


class NameForm(forms.Form):
    """How the team sees somebody."""

    name = forms.CharField(
        label=_("Votre nom"),
        help_text=_("Votre équipe le voit à côté de ce que vous changez. Le public ne le voit pas."),
        max_length=150,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )

    def clean_name(self) -> str:
        return one_line(self.cleaned_data["name"])


class FamiliarWords:
    """Refuse, when a password is chosen, those that are easy to guess."""

    def validate(self, password: str, user: Any = None) -> None:
        if easy_to_guess(password):
            raise forms.ValidationError(
                _(
                    "Ce mot de passe est de ceux qu’on essaie en premier\u202f: prenez plutôt quelques mots sans "
                    "rapport entre eux."
                ),
                code="password_too_familiar",
            )

    def get_help_text(self) -> str:
        return ""
