"""The mails of suggestions: none repeats what a stranger typed, so that nobody writes to somebody through us."""

from datetime import datetime

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from maillage.journal import emails as journal
from maillage.places.models import Suggestion


def say_received(*, suggestion: Suggestion, secret: str, now: datetime) -> None:
    """Thank whoever suggested, with the link by which they follow it and may take it back."""
    with translation.override(suggestion.language):
        subject = _("Merci\u202f: votre suggestion est bien arrivée")
        body = _(
            "Bonjour,\n"
            "\n"
            "Merci d’aider à tenir à jour la carte des tiers-lieux. Quelqu’un va relire votre suggestion\u202f: "
            "rien n’est publié avant.\n"
            "\n"
            "La suivre, ou la retirer\u202f:\n"
            "%(link)s\n"
            "\n"
            "Ce lien est pour vous. Vous n’avez rien proposé\u202f? Quelqu’un a mis votre adresse par erreur\u202f: "
            "ouvrez-le, et retirez la suggestion.\n"
        )
        link = settings.SITE_URL + reverse("suggestion", args=[secret])
        journal.keep(to=suggestion.contact, subject=subject, body=body % {"link": link}, now=now)


def say_answered(*, suggestion: Suggestion, now: datetime) -> None:
    """Tell whoever left an address what became of their suggestion, and why."""
    if not suggestion.contact:
        return
    with translation.override(suggestion.language):
        accepted = suggestion.state == "accepted"
        subject = _("Votre suggestion est publiée") if accepted else _("Votre suggestion n’a pas été retenue")
        body = (
            _("Bonjour,\n\nMerci\u202f! Votre suggestion a été relue et acceptée.\n")
            if accepted
            else _("Bonjour,\n\nVotre suggestion a été relue, et n’a pas été retenue.\n")
        )
        if suggestion.reason:
            body += _("\nLe mot de la personne qui l’a relue\u202f: %(reason)s\n") % {"reason": suggestion.reason}
        shown = suggestion.made or suggestion.place
        if shown is not None and not shown.removed_at:
            body += _("\nLa fiche\u202f: %(link)s\n") % {
                "link": settings.SITE_URL + reverse("place", args=[shown.slug])
            }
        body += _("\nVotre adresse électronique est maintenant effacée de notre base.\n")
        journal.keep(to=suggestion.contact, subject=subject, body=body, now=now)
