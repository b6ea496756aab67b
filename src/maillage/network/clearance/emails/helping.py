"""What is written when a place asks, when somebody answers, and before an access ends; never the words themselves."""

from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from maillage.accounts.models import User
from maillage.accounts.queries import signer
from maillage.accounts.rules import HOST
from maillage.journal import emails as journal
from maillage.network.clearance.labels import SHARES, SHORT
from maillage.network.clearance.models import Grant, HelpRequest, Network
from maillage.network.clearance.queries.helping import MOST_MAILED, addresses_of, facilitators_of, those_who_helped
from maillage.places.permissions import standing_in


def asked(*, request: HelpRequest, now: datetime) -> None:
    """Tell each network and each observer that a place asks them; somebody who is both gets one mail."""
    words = {"place": request.place.name, "theme": SHORT[request.theme]}
    subject = _("%(place)s demande de l’aide (%(theme)s)") % words
    body = _(
        "Bonjour,\n\nLe lieu «\u202f%(place)s\u202f» vous demande de l’aide (%(theme)s). "
        "Un premier mot, même court, compte déjà\u202f:\n%(link)s\n"
    )
    told: dict[str, str] = {}
    for one in request.readers.select_related("network"):
        for to in addresses_of(one):
            told.setdefault(to, _for_helpers(request, one.network))
    for to, link in sorted(told.items()):
        journal.keep(to=to, subject=subject, body=body % {**words, "link": link}, now=now)


def answered(*, request: HelpRequest, now: datetime) -> None:
    """Tell those who run the place, and whoever asked while they are of the team, that somebody answered."""
    link = f"{settings.SITE_URL}{reverse('manage_help_one', args=[request.place.slug, request.pk])}"
    body = _("Bonjour,\n\nOn vous a répondu. Lire la réponse, et répondre si vous voulez\u202f:\n%(link)s\n")
    subject = _("Réponse à la demande de %(place)s") % {"place": request.place.name}
    asker = signer(request.asked_by)
    who = set(facilitators_of(request.place))
    if asker is not None and asker.is_active and standing_in(asker, request.place).may(HOST):
        who.add(asker.email)
    _keep(who, subject, body % {"link": link}, now)


def said_again(*, request: HelpRequest, now: datetime) -> None:
    """Tell those who helped that the place has written again."""
    messages = list(request.messages.select_related("network").order_by("said_at", "pk"))
    helped = User.objects.filter(pk__in=those_who_helped(messages), is_active=True)
    networks = {signer_id: one.network for one in messages if one.is_help for signer_id in those_who_helped([one])}
    subject = _("%(place)s vous a écrit de nouveau") % {"place": request.place.name}
    body = _("Bonjour,\n\nLe lieu «\u202f%(place)s\u202f» poursuit l’échange\u202f:\n%(link)s\n")
    for one in helped.order_by("email"):
        words = {"place": request.place.name, "link": _for_helpers(request, networks.get(one.pk))}
        journal.keep(to=one.email, subject=subject, body=body % words, now=now)


def given(*, grant: Grant, now: datetime) -> None:
    """Tell the person to whom a place shows its figures by name; a network finds it on its own page."""
    if grant.reader is None:
        return
    words = {
        "place": grant.place.name,
        "shares": ", ".join(str(SHARES[one]) for one in grant.shares),
        "link": f"{settings.SITE_URL}{reverse('shared', args=[grant.pk])}",
    }
    body = (
        _(
            "Bonjour,\n\nLe lieu «\u202f%(place)s\u202f» vous montre des chiffres\u202f: %(shares)s. "
            "Vous les lisez ici, sans rien pouvoir changer\u202f:\n%(link)s\n\n"
            "Chaque lecture est notée, et l’équipe du lieu la voit.\n"
        )
        % words
    )
    journal.keep(to=grant.reader.email, subject=_("%(place)s vous montre ses chiffres") % words, body=body, now=now)


def ending(*, grant: Grant, now: datetime) -> None:
    """Tell those who run the place, and the person who reads by name, that an access ends within a week."""
    subject = _("Un accès aux chiffres de %(place)s prend bientôt fin") % {"place": grant.place.name}
    link = f"{settings.SITE_URL}{reverse('manage_access', args=[grant.place.slug])}"
    body = _(
        "Bonjour,\n\nDans moins de sept jours, qui vous accompagne ne lira plus vos chiffres. "
        "Il n’y a rien à faire\u202f; pour continuer, redonnez l’accès\u202f:\n%(link)s\n"
    )
    _keep(facilitators_of(grant.place), subject, body % {"link": link}, now)
    if grant.reader is not None and grant.reader.is_active:
        link = f"{settings.SITE_URL}{reverse('shared', args=[grant.pk])}"
        body = _("Bonjour,\n\nDans moins de sept jours, vous ne lirez plus ces chiffres\u202f:\n%(link)s\n")
        _keep([grant.reader.email], subject, body % {"link": link}, now)


def _for_helpers(request: HelpRequest, network: Network | None) -> str:
    if network is not None:
        return f"{settings.SITE_URL}{reverse('network_help_one', args=[network.slug, request.pk])}"
    return f"{settings.SITE_URL}{reverse('help_one', args=[request.pk])}"


def _keep(addresses: Iterable[str], subject: str, body: str, now: datetime) -> None:
    for to in sorted(set(addresses))[:MOST_MAILED]:
        journal.keep(to=to, subject=subject, body=body, now=now)
