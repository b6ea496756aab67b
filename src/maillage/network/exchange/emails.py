"""What exchanges send by mail: a source that asks, or that has said nothing for days."""

from datetime import datetime

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from maillage.journal import emails as journal
from maillage.network.exchange import labels
from maillage.network.exchange.models import Pull
from maillage.network.exchange.queries.pulls import operators


def ask(*, pull: Pull, now: datetime) -> None:
    """Tell the operators that a source waits for their answer: what changed, and where to say yes or no."""
    body = _(
        "Bonjour,\n\n%(why)s\n\nRien n’est entré. Dites si ce fichier doit entrer quand même, ou si l’on attend "
        "le suivant\u202f:\n%(link)s\n"
    )
    words = {"name": pull.name, "why": _why(pull), "link": _link(pull)}
    _send(_("La source «\u202f%(name)s\u202f» attend votre réponse") % words, body % words, now)


def tell_silence(*, pull: Pull, now: datetime) -> None:
    """Tell the operators that a source could not be had for days, and why."""
    body = _(
        "Bonjour,\n\nLa source «\u202f%(name)s\u202f» n’a pas pu être lue depuis %(days)d jours. %(why)s\n\n"
        "Ce qu’elle a dit avant reste en place, et l’on réessaie chaque jour. Pour corriger son adresse ou cesser de "
        "la suivre\u202f:\n%(link)s\n"
    )
    days = (now - (pull.failing_since or now)).days
    why = labels.pull_problem(pull.last_problem, pull.problem_detail)
    words = {"name": pull.name, "days": days, "why": why, "link": _link(pull)}
    _send(_("La source «\u202f%(name)s\u202f» ne répond plus") % words, body % words, now)


def _why(pull: Pull) -> str:
    rows = pull.asked_rows or 0
    return labels.doubt_said(pull.doubt, name=pull.name, before=pull.rows, rows=rows, columns=pull.asked_columns)


def _link(pull: Pull) -> str:
    return f"{settings.SITE_URL}{reverse('pull', args=[pull.pk])}"


def _send(subject: str, body: str, now: datetime) -> None:
    for to in operators():
        journal.keep(to=to, subject=subject, body=body, now=now)
