"""Sign-in and one's own account: allauth's views under French addresses, under the names allauth gives them."""

from allauth.account import views as allauth
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as passkeys
from django.db.transaction import atomic
from django.urls import path, re_path

from maillage.accounts.views import account, addresses, second_proof, sessions
from maillage.accounts.views.proof import changing
from maillage.accounts.views.shell import private

urlpatterns = [
    path("mon-compte/", account.account, name="account"),
    path("connexion/", allauth.login, name="account_login"),
    path("connexion/code/", allauth.request_login_code, name="account_request_login_code"),
    path("connexion/code/verifier/", allauth.confirm_login_code, name="account_confirm_login_code"),
    path("connexion/cle/", passkeys.login_webauthn, name="mfa_login_webauthn"),
    path("connexion/deuxieme-preuve/", second_proof.SecondProof.as_view(), name="mfa_authenticate"),
    path("deconnexion/", allauth.logout, name="account_logout"),
    path("inscription/", allauth.signup, name="account_signup"),
    path("compte-desactive/", allauth.account_inactive, name="account_inactive"),
    path("mot-de-passe/oublie/", allauth.password_reset, name="account_reset_password"),
    path("mot-de-passe/oublie/envoye/", allauth.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^mot-de-passe/nouveau/(?P<uidb36>[0-9A-Za-z]{1,20})-(?P<key>[0-9A-Za-z-]{1,120})/$",
        atomic(allauth.password_reset_from_key),
        name="account_reset_password_from_key",
    ),
    path(
        "mot-de-passe/nouveau/fait/",
        allauth.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    path("mon-compte/confirmer/", allauth.reauthenticate, name="account_reauthenticate"),
    path("mon-compte/adresses/", changing(allauth.email), name="account_email"),
    path("mon-compte/adresses/verification/", allauth.email_verification_sent, name="account_email_verification_sent"),
    re_path(
        r"^mon-compte/adresses/confirmer/(?P<key>[-:\w]{1,200})/$",
        atomic(addresses.confirm_address),
        name="account_confirm_email",
    ),
    path("mon-compte/mot-de-passe/", atomic(allauth.password_change), name="account_change_password"),
    path("mon-compte/mot-de-passe/choisir/", changing(allauth.password_set), name="account_set_password"),
    path("mon-compte/sessions/", sessions.Sessions.as_view(), name="usersessions_list"),
    path("mon-compte/securite/", mfa.index, name="mfa_index"),
    path("mon-compte/securite/confirmer/", mfa.reauthenticate, name="mfa_reauthenticate"),
    path("mon-compte/securite/application/", changing(second_proof.AddApp.as_view()), name="mfa_activate_totp"),
    path("mon-compte/securite/application/retirer/", changing(totp.deactivate_totp), name="mfa_deactivate_totp"),
    path("mon-compte/securite/secours/", changing(codes.view_recovery_codes), name="mfa_view_recovery_codes"),
    path(
        "mon-compte/securite/secours/nouveaux/",
        changing(second_proof.NewRescueCodes.as_view()),
        name="mfa_generate_recovery_codes",
    ),
    path(
        "mon-compte/securite/secours/fichier/",
        changing(codes.download_recovery_codes),
        name="mfa_download_recovery_codes",
    ),
    path("mon-compte/securite/cles/", changing(passkeys.list_webauthn), name="mfa_list_webauthn"),
    path("mon-compte/securite/cles/ajouter/", changing(passkeys.add_webauthn), name="mfa_add_webauthn"),
    path("mon-compte/securite/cles/confirmer/", passkeys.reauthenticate_webauthn, name="mfa_reauthenticate_webauthn"),
    path("mon-compte/securite/cles/<int:pk>/renommer/", changing(passkeys.edit_webauthn), name="mfa_edit_webauthn"),
    path("mon-compte/securite/cles/<int:pk>/retirer/", changing(passkeys.remove_webauthn), name="mfa_remove_webauthn"),
]

for _one in urlpatterns:
    _one.callback = private(_one.callback)
