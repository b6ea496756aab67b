"""The mails of accounts that allauth does not write."""

from datetime import datetime

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from maillage.accounts.labels import GIVES, ROLES
from maillage.accounts.models import Invitation
from maillage.journal import emails as journal
from maillage.journal.emails import one_line

LONGEST_NAME = 120


def invitation_link(token: str, *, site: str = "") -> str:
    """The whole address of an invitation, for a mail or a terminal."""
    with translation.override("fr"):
        return (site or settings.SITE_URL) + reverse("invitation", args=[token])


def opening(inviter: str) -> str:
    """How the subject and the first sentence of an invitation begin."""
    return f"{one_line(inviter)[:LONGEST_NAME]} vous invite à "


def send_invitation(*, invitation: Invitation, token: str, place_name: str, inviter: str) -> None:
    """Send an invitation's link to the person it is for, in the current transaction."""
    with translation.override("fr"):
        subject, body = invitation_mail(invitation=invitation, token=token, place_name=place_name, inviter=inviter)
    journal.keep(to=invitation.email, subject=subject, body=body, now=invitation.created_at)


def invitation_mail(*, invitation: Invitation, token: str, place_name: str, inviter: str) -> tuple[str, str]:
    """The subject and the text of an invitation."""
    names = {"inviter": one_line(inviter)[:LONGEST_NAME], "place": one_line(place_name)[:LONGEST_NAME]}
    until = date_format(localtime(invitation.expires_at), "j F Y")
    subject = _("%(inviter)s vous invite à %(place)s") % names
    body = _(
        "Bonjour,\n"
        "\n"
        "%(inviter)s vous invite à rejoindre %(place)s sur Maillage.\n"
        "\n"
        "Votre rôle\u202f: %(role)s.\n"
        "Vous pourrez %(gives)s.\n"
        "\n"
        "Pour accepter, ouvrez ce lien\u202f:\n"
        "\n"
        "%(link)s\n"
        "\n"
        "Il sert une seule fois, jusqu’au %(until)s. Il est pour vous\u202f: ne le transférez pas.\n"
        "Vous n’attendiez pas ce message\u202f? Laissez-le\u202f: rien ne se passe tant que vous n’acceptez pas.\n"
        "\n"
        "À bientôt,\n"
        "Maillage\n"
    ) % {
        **names,
        "role": ROLES[invitation.role],
        "gives": GIVES[invitation.role],
        "link": invitation_link(token),
        "until": until,
    }
    return subject, body


def say_second_proof_is_gone(*, to: str, now: datetime) -> None:
    """Tell somebody that their account asks for no second proof any more, in the current transaction."""
    with translation.override("fr"):
        subject = _("Votre compte ne demande plus de deuxième preuve")
        body = _(
            "Bonjour,\n"
            "\n"
            "L’exploitant du site a retiré l’application, les clés d’accès et les codes de secours de votre compte "
            "Maillage. Un code par courriel suffit maintenant pour entrer.\n"
            "\n"
            "Vous ne l’avez pas demandé\u202f? Écrivez-lui tout de suite.\n"
            "Sinon, vous pouvez en ajouter de nouveaux\u202f:\n"
            "\n"
            "%(link)s\n"
            "\n"
            "À bientôt,\n"
            "Maillage\n"
        ) % {"link": settings.SITE_URL + reverse("mfa_index")}
    journal.keep(to=to, subject=subject, body=body, now=now)
