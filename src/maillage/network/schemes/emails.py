"""The card of a pass, by mail."""

from datetime import datetime

from django.conf import settings
from django.utils.translation import gettext as _

from maillage.journal import emails as journal
from maillage.network.schemes.models import Issue
from maillage.network.schemes.queries.cards import card_words


def send(*, issue: Issue, to: str, now: datetime) -> None:
    """Write the mail of a card in the current transaction: what it gives, its code, where it opens a door."""
    words = card_words(issue)
    body = _(
        "Bonjour,\n\n%(words)s\n\nMontrez ce code à l’entrée, sur l’écran ou sur papier.\n"
        "Les lieux qui l’acceptent\u202f: %(places)s\n\n%(site)s\n"
    ) % {
        "words": words.text,
        "places": words.places or _("demandez au relais qui vous l’a remis"),
        "site": settings.SITE_URL,
    }
    subject = _("Votre passe\u202f: %(scheme)s") % {"scheme": issue.scheme.name}
    journal.keep(to=to, subject=subject, body=body, now=now)
