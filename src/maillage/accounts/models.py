from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext

from maillage.accounts import labels
from maillage.accounts.rules import COLLEAGUE, EVERYWHERE, FACILITATOR, OBSERVER, OPERATOR, ROLES, address, is_erased


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=address(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """A person who may sign in; known by an e-mail address, never by a chosen login."""

    email = models.EmailField("adresse électronique", unique=True)
    name = models.CharField("nom", max_length=150, blank=True)
    is_staff = models.BooleanField("accès à l’administration", default=False)
    is_active = models.BooleanField("actif", default=True)
    joined_at = models.DateTimeField("inscrit le", auto_now_add=True)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = "compte"
        verbose_name_plural = "comptes"
        constraints = [models.UniqueConstraint(Lower("email"), name="one_account_per_address")]

    def __str__(self) -> str:
        return gettext("compte effacé") if is_erased(self.email) else self.name or self.email


def _role_fits_scope() -> models.Q:
    inside = models.Q(scope__startswith="place:")
    return (
        models.Q(role=OPERATOR, scope=EVERYWHERE)
        | (models.Q(role__in=[FACILITATOR, COLLEAGUE]) & inside)
        | (models.Q(role__in=[r for r in ROLES if r not in (OPERATOR, FACILITATOR, COLLEAGUE)]) & ~models.Q(scope=""))
    )


class Membership(models.Model):
    """One role of one person, in one place or over one territory (`accounts.rules` says what a scope is)."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField("rôle", max_length=20)
    scope = models.CharField("où", max_length=60)
    given_at = models.DateTimeField("donné le")
    given_by = models.CharField("donné par", max_length=120)

    class Meta:
        verbose_name = "rôle"
        verbose_name_plural = "rôles"
        indexes = [models.Index(fields=["scope", "role"])]
        constraints = [
            models.UniqueConstraint(fields=["user", "scope"], name="one_role_per_person_and_scope"),
            models.CheckConstraint(condition=_role_fits_scope(), name="membership_role_fits_scope"),
        ]

    def __str__(self) -> str:
        return f"{self.user}, {labels.ROLES[self.role]}"


class Invitation(models.Model):
    """A link that gives one role to one person, once; only the fingerprint of its secret is kept.

    `signs_in` marks a link made on the machine itself: whoever holds it signs in, even to an account that exists.
    """

    email = models.EmailField("adresse électronique")
    role = models.CharField("rôle", max_length=20)
    scope = models.CharField("où", max_length=60)
    digest = models.CharField("empreinte du lien", max_length=64, unique=True)
    signs_in = models.BooleanField("ouvre la session", default=False)
    created_at = models.DateTimeField("faite le")
    created_by = models.CharField("faite par", max_length=120)
    expires_at = models.DateTimeField("valable jusqu’au")
    used_at = models.DateTimeField("acceptée le", null=True, blank=True)
    used_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="invitations")
    revoked_at = models.DateTimeField("annulée le", null=True, blank=True)
    revoked_by = models.CharField("annulée par", max_length=120, blank=True)

    class Meta:
        verbose_name = "invitation"
        verbose_name_plural = "invitations"
        indexes = [models.Index(fields=["scope", "created_at"])]
        constraints = [
            models.CheckConstraint(condition=_role_fits_scope(), name="invitation_role_fits_scope"),
            models.CheckConstraint(
                condition=models.Q(used_at__isnull=True) | models.Q(revoked_at__isnull=True),
                name="invitation_is_used_or_revoked_not_both",
            ),
        ]

    def __str__(self) -> str:
        whom = gettext("Compte effacé") if is_erased(self.email) else self.email or gettext("Adresse oubliée")
        return f"{whom}, {labels.ROLES[self.role]}"


class ApiKey(models.Model):
    """A key with which a program writes in the name of a place's team; only its fingerprint is kept."""

    name = models.CharField("nom", max_length=100)
    role = models.CharField("rôle", max_length=20, choices=[(COLLEAGUE, COLLEAGUE), (OBSERVER, OBSERVER)])
    scope = models.CharField("où", max_length=60)
    start = models.CharField("début de la clé", max_length=12)
    digest = models.CharField("empreinte de la clé", max_length=64, unique=True)
    created_at = models.DateTimeField("faite le")
    created_by = models.CharField("faite par", max_length=120)
    last_used_at = models.DateTimeField("dernier usage", null=True, blank=True)
    revoked_at = models.DateTimeField("retirée le", null=True, blank=True)
    revoked_by = models.CharField("retirée par", max_length=120, blank=True)

    class Meta:
        verbose_name = "clé de programme"
        verbose_name_plural = "clés de programme"
        indexes = [models.Index(fields=["scope", "created_at"])]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(role__in=[COLLEAGUE, OBSERVER], scope__startswith="place:"),
                name="key_writes_in_one_place",
            ),
            models.CheckConstraint(condition=~models.Q(name=""), name="key_has_a_name"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.start}…)"
