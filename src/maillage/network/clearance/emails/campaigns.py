"""The mails of a census, and the one that asks if a sheet is still right; each with the way to receive no other."""

from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from maillage.journal import emails as journal
from maillage.network.clearance.models import Campaign, Invitation
from maillage.network.clearance.queries.census_links import census_url, link_secret, silence_url
from maillage.places.actions.trust import BY_MAIL
from maillage.places.models import Place
from maillage.places.queries.still import still_url

LANGUAGE = "fr"


def ask(*, campaign: Campaign, to: str, invitations: Sequence[Invitation], again: bool, now: datetime) -> None:
    """Ask an address for what its places lack: one mail, one link for each of them."""
    with translation.override(LANGUAGE):
        names = [f"{one.place.name}\n{census_url(link_secret(one.pk))}" for one in invitations]
        said = {"census": campaign.name, "network": campaign.network.name, "name": invitations[0].place.name}
        subject = (
            _("%(census)s\u202f: il reste quelques jours pour %(name)s")
            if again
            else _("%(census)s\u202f: trois minutes pour %(name)s")
        )
        lines = [
            _("Bonjour,"),
            campaign.letter
            or _(
                "%(network)s fait le tour des lieux. Nous avons déjà l’essentiel de votre fiche\u202f: "
                "nous ne vous demandons que ce qui manque, ou ce qui est ancien."
            )
            % said,
            ngettext(
                "Votre formulaire, sans compte ni mot de passe\u202f:",
                "Vos formulaires, sans compte ni mot de passe\u202f:",
                len(names),
            ),
            "\n\n".join(names),
            _("Jusqu’au %(day)s. Ce que vous commencez est gardé, vous pouvez finir plus tard.")
            % {"day": date_format(campaign.closes_on, "j F Y")},
            campaign.network.name,
            _farewell(to),
        ]
        journal.keep(to=to, subject=subject % said, body="\n\n".join(lines) + "\n", now=now, at_once=False)


def still(*, place: Place, now: datetime) -> None:
    """Ask the published address of a place whether its sheet is still right."""
    with translation.override(LANGUAGE):
        subject = _("La fiche de %(name)s est-elle toujours exacte\u202f?") % {"name": place.name}
        lines = [
            _("Bonjour,"),
            _(
                "Depuis un an, personne ne nous a dit si la fiche de %(name)s est encore juste. "
                "Pouvez-vous y jeter un œil\u202f? Si tout est bon, un bouton suffit\u202f:"
            )
            % {"name": place.name},
            still_url(place, BY_MAIL),
            _("Quelque chose a changé\u202f? Corrigez-le ici\u202f:"),
            settings.SITE_URL + reverse("suggest", args=[place.slug]),
            _("Nous ne posons cette question qu’une fois par an."),
            _farewell(place.email),
        ]
        journal.keep(to=place.email, subject=subject, body="\n\n".join(lines) + "\n", now=now, at_once=False)


def _farewell(email: str) -> str:
    return _("Votre adresse est celle que publie la fiche. Ne plus rien recevoir de tel\u202f:\n%(link)s") % {
        "link": silence_url(email)
    }
