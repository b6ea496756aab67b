"""What schemes send by mail: the card of a pass, the invitation to an agreement."""

from datetime import datetime

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from maillage.journal import emails as journal
from maillage.management.billing.labels import euros
from maillage.network.schemes.models import Issue, Roaming
from maillage.network.schemes.queries.cards import card_words
from maillage.network.schemes.queries.roaming import facilitators_of
from maillage.places.models import Place


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


def invite_to_roaming(*, agreement: Roaming, place: Place, inviting: Place, now: datetime) -> None:
    """Tell the facilitators of a place that it is invited to an agreement; one without a team finds it when it has."""
    words = {
        "name": agreement.name,
        "inviting": inviting.name,
        "place": place.name,
        "price": euros(agreement.price_cents),
        "link": f"{settings.SITE_URL}{reverse('manage_roaming_agreement', args=[place.slug, agreement.pk])}",
    }
    body = (
        _(
            "Bonjour,\n\n%(inviting)s propose à %(place)s d’accepter mutuellement leurs carnets et abonnements, "
            "à %(price)s la demi-journée\u202f: l’accord «\u202f%(name)s\u202f».\n\n"
            "Rien ne vaut sans votre réponse. Ses conditions, et de quoi dire oui ou non\u202f:\n%(link)s\n"
        )
        % words
    )
    subject = _("Un accord d’itinérance proposé par %(inviting)s") % words
    for to in facilitators_of(place):
        journal.keep(to=to, subject=subject, body=body, now=now)
