"""Accounts, roles, invitations, keys."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.widgets import AutocompleteSelect
from django.db.models import QuerySet
from django.forms.models import construct_instance
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from maillage.accounts import actions, labels, permissions
from maillage.accounts.admin.shown import (
    Shown,
    act,
    column,
    email_in_words,
    scope_in_words,
    signature_in_words,
    signed,
    words_filter,
)
from maillage.accounts.admin.site import site
from maillage.accounts.models import ApiKey, Invitation, Membership, User
from maillage.accounts.rules import ROLES, ScopeRefused


class InWords:
    """A role and where it holds, as people call them."""

    @admin.display(description=_("rôle"), ordering="role")
    def role_in_words(self, held: Membership | Invitation | ApiKey) -> str:
        return str(labels.ROLES[held.role])

    @admin.display(description=_("où"), ordering="scope")
    def scope_in_words(self, held: Membership | Invitation | ApiKey) -> str:
        return scope_in_words(held.scope)


BY_ROLE = ("role", words_filter(labels.ROLES))


class Held(InWords, admin.TabularInline):
    model = Membership
    giver = column("given_by", _("donné par"), signature_in_words)
    fields = readonly_fields = ("role_in_words", "scope_in_words", "given_at", "giver")
    extra = 0
    can_delete = False
    verbose_name_plural = _("rôles")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return site.has_permission(request)


@admin.register(User, site=site)
class Users(Shown):
    refusals = (actions.AccountRefused,)
    list_display = ("email_in_words", "name", "is_active", "joined_at", "last_login", "roles")
    list_filter = ("is_active",)
    search_fields = ("email", "name")
    ordering = ("-joined_at",)
    fields = ("email_in_words", "name", "is_active", "joined_at", "last_login")
    readonly_fields = ("email_in_words",)
    inlines = (Held,)
    actions = ("close", "open_again", "forget_second_proof", "erase")

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return super().get_queryset(request).prefetch_related("memberships")

    def subject(self, obj: User) -> str:
        return f"compte:{obj.pk}"

    @admin.display(description=_("adresse électronique"), ordering="email")
    def email_in_words(self, user: User) -> str:
        return email_in_words(user.email)

    @admin.display(description=_("rôles"))
    def roles(self, user: User) -> str:
        return ", ".join(f"{labels.ROLES[held.role]} ({scope_in_words(held.scope)})" for held in user.memberships.all())

    @act(
        _("Désactiver ces comptes"),
        _("Ces personnes seront déconnectées tout de suite et ne pourront plus se connecter. Leurs rôles restent."),
    )
    def close(self, request: HttpRequest, user: User, said: str) -> None:
        actions.set_active(user=user, active=False, by=signed(request), now=timezone.now())

    @act(_("Rouvrir ces comptes"), _("Ces personnes pourront se connecter de nouveau, avec leurs rôles."))
    def open_again(self, request: HttpRequest, user: User, said: str) -> None:
        actions.set_active(user=user, active=True, by=signed(request), now=timezone.now())

    @act(
        _("Retirer leur deuxième preuve"),
        _(
            "L’application, les clés d’accès et les codes de secours perdus ne seront plus demandés\u202f: le courriel "
            "suffira. Vérifiez d’abord de vive voix que c’est bien la personne qui le demande."
        ),
    )
    def forget_second_proof(self, request: HttpRequest, user: User, said: str) -> None:
        actions.forget_second_proof(user=user, by=signed(request), now=timezone.now())

    @act(
        _("Effacer ces personnes"),
        _(
            "Nom, adresses, mots de passe, clés d’accès, sessions et rôles disparaissent pour toujours. Ce que ces "
            "personnes ont fait reste dans l’historique, sous le nom de «\u202fcompte effacé\u202f»."
        ),
    )
    def erase(self, request: HttpRequest, user: User, said: str) -> None:
        actions.erase(user=user, by=signed(request), now=timezone.now())


class Chosen(AutocompleteSelect):
    """Django's search field, which fails on a value that cannot be a key."""

    def optgroups(self, name: str, value: Any, attr: Any = None) -> Any:
        return super().optgroups(name, [one for one in value if str(one).isdecimal() and len(str(one)) < 19], attr)


class GiveRole(forms.ModelForm):
    role = forms.ChoiceField(label=_("rôle"), choices=[(role, labels.ROLES[role]) for role in ROLES])
    scope = forms.CharField(
        label=_("où"),
        max_length=400,
        help_text=_(
            "Pour un lieu, l’adresse de sa page, ou place:la-maille-chamblay. Pour un territoire\u202f: dep:39, "
            "reg:27, epci:243900420, commune:39093. Pour tout le site\u202f: france."
        ),
    )

    class Meta:
        model = Membership
        fields = ("user", "role", "scope")
        labels: ClassVar[dict[str, Any]] = {"user": _("compte")}

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        if "role" in said and "scope" in said:
            try:
                said["scope"] = permissions.read_scope(said["scope"])
                permissions.check_role(said["role"], said["scope"], called=str(labels.ROLES[said["role"]]))
            except ScopeRefused as refusal:
                self.add_error("scope", str(refusal))
            else:
                if permissions.scope_name(said["scope"]) is None:
                    self.add_error(
                        "scope", _("Aucun lieu n’a cet identifiant\u202f: donnez plutôt l’adresse de sa page.")
                    )
        return said

    def _post_clean(self) -> None:
        """No check of uniqueness: giving another role where one is held replaces it."""
        self.instance = construct_instance(self, self.instance, self._meta.fields)


@admin.register(Membership, site=site)
class Memberships(InWords, Shown):
    refusals = (actions.AccountRefused,)
    form = GiveRole
    giver = column("given_by", _("donné par"), signature_in_words)
    list_display = ("person", "role_in_words", "scope_in_words", "given_at", "giver")
    list_filter = (BY_ROLE,)
    search_fields = ("user__email", "user__name", "scope")
    list_select_related = ("user",)
    ordering = ("-given_at",)
    autocomplete_fields = ("user",)
    actions = ("dismiss",)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        if db_field.name == "user":
            options["widget"] = Chosen(db_field, site)
        return super().formfield_for_foreignkey(db_field, request, **options)

    def get_fields(self, request: HttpRequest, obj: Membership | None = None) -> Any:
        return GiveRole.Meta.fields if obj is None else self.list_display

    def get_readonly_fields(self, request: HttpRequest, obj: Membership | None = None) -> Any:
        return () if obj is None else self.list_display

    def has_add_permission(self, request: HttpRequest) -> bool:
        return site.has_permission(request)

    def subject(self, obj: Membership) -> str:
        return obj.scope

    @admin.display(description=_("compte"), ordering="user__email")
    def person(self, held: Membership) -> str:
        return str(held.user)

    def save_model(self, request: HttpRequest, obj: Membership, form: Any, change: bool) -> None:
        try:
            given = actions.give_role(
                user=obj.user, role=obj.role, scope=obj.scope, by=signed(request), now=timezone.now()
            )
        except actions.AccountRefused as refusal:
            messages.set_level(request, messages.ERROR)
            messages.error(request, str(refusal))
        else:
            obj.pk, obj.given_at, obj.given_by = given.pk, given.given_at, given.given_by

    @act(_("Retirer ces rôles"), _("Ces personnes perdent ces rôles tout de suite. Leur compte reste."))
    def dismiss(self, request: HttpRequest, held: Membership, said: str) -> None:
        actions.dismiss(membership_id=held.pk, scope=held.scope, by=signed(request), now=timezone.now())


@admin.register(Invitation, site=site)
class Invitations(InWords, Shown):
    maker = column("created_by", _("faite par"), signature_in_words)
    revoker = column("revoked_by", _("annulée par"), signature_in_words)
    list_display = (
        "email_in_words",
        "role_in_words",
        "scope_in_words",
        "maker",
        "expires_at",
        "used_at",
        "revoked_at",
    )
    list_filter = (BY_ROLE, "signs_in")
    search_fields = ("email", "scope", "created_by")
    ordering = ("-created_at",)
    readonly_fields = ("email_in_words", "role_in_words", "scope_in_words", "maker", "revoker")
    exclude = ("email", "role", "scope", "digest", "created_by", "revoked_by")
    actions = ("revoke",)

    def subject(self, obj: Invitation) -> str:
        return obj.scope

    @admin.display(description=_("adresse électronique"), ordering="email")
    def email_in_words(self, made: Invitation) -> str:
        return email_in_words(made.email)

    @act(_("Annuler ces invitations"), _("Ces liens n’ouvriront plus rien."))
    def revoke(self, request: HttpRequest, made: Invitation, said: str) -> None:
        actions.revoke_invitation(invitation_id=made.pk, scope=made.scope, by=signed(request), now=timezone.now())


@admin.register(ApiKey, site=site)
class Keys(InWords, Shown):
    maker = column("created_by", _("faite par"), signature_in_words)
    revoker = column("revoked_by", _("retirée par"), signature_in_words)
    list_display = (
        "name",
        "start",
        "role_in_words",
        "scope_in_words",
        "created_at",
        "maker",
        "last_used_at",
        "revoked_at",
    )
    list_filter = (BY_ROLE,)
    search_fields = ("name", "start", "scope")
    ordering = ("-created_at",)
    readonly_fields = ("role_in_words", "scope_in_words", "maker", "revoker")
    exclude = ("role", "scope", "digest", "created_by", "revoked_by")
    actions = ("revoke",)

    def subject(self, obj: ApiKey) -> str:
        return obj.scope

    @act(_("Retirer ces clés de programme"), _("Les programmes qui s’en servent ne pourront plus rien écrire."))
    def revoke(self, request: HttpRequest, key: ApiKey, said: str) -> None:
        actions.revoke_key(key_id=key.pk, scope=key.scope, by=signed(request), now=timezone.now())
