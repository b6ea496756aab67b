"""The question of the agenda as pages and feeds read it, and its answer."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from maillage.management.bookings.rules.clock import day_span, local_day
from maillage.management.events.labels import AUDIENCES, KINDS
from maillage.management.events.queries import public
from maillage.management.events.rules.agenda import MOST_DAYS, RADII, Asked, Problem, parse
from maillage.territory.rules.zones import PARIS, zone_of


@dataclass(frozen=True)
class Answer:
    """A question, as it was understood, with its sessions."""

    asked: Asked
    spot: public.Where
    found: public.Page
    problems: list[Problem]
    today: date
    now: datetime

    def query(self, **changes: Any) -> str:
        """The query of the address of this question, changed."""
        return self.asked.query(today=self.today, **changes)


def answer(request: HttpRequest, *, most: int = public.PAGE, days: int = 0) -> Answer:
    """Read the question of an address and answer it; feeds look `days` ahead where no day is asked."""
    now, params = timezone.now(), dict(request.GET.lists())
    today = local_day(now, ZoneInfo(PARIS))
    asked, problems = parse(params, today=today, kinds=tuple(KINDS), audiences=tuple(AUDIENCES))
    spot = public.where(asked.where, asked.point)
    zone = ZoneInfo(zone_of(spot.departement))
    last = asked.last if not days or "au" in params else asked.first + timedelta(days=days)
    found = (
        public.around(
            spot,
            asked.radius_km * 1000,
            first=day_span(asked.first, zone).start,
            last=day_span(last, zone).end,
            now=now,
            kind=asked.kind,
            audience=asked.audience,
            page=asked.page,
            most=most,
        )
        if not spot.is_lost
        else public.Page((), 0, 1, 1)
    )
    return Answer(asked, spot, found, problems, today, now)


def notices(told: Answer) -> list[str]:
    """What could not be read of the address, and what was done instead."""
    said = {
        "day": _("«\u202f%(value)s\u202f» n’est pas un jour\u202f: écrivez-le comme 2026-11-24."),
        "reversed": _("Le dernier jour (%(value)s) venait avant le premier\u202f: voici une semaine."),
        "radius": _("«\u202f%(value)s\u202f» n’est pas un rayon proposé (%(radii)s km)\u202f: voici à 20\xa0km."),
        "point": _("Ce point n’est pas lisible\u202f: écrivez «\u202flat=46.99&lon=5.70\u202f», ou une commune."),
        "unknown": _("«\u202f%(value)s\u202f» n’est pas un mot de l’agenda\u202f: il a été laissé de côté."),
    }
    told_radii = ", ".join(map(str, RADII))
    found = [said[one.code] % {"value": one.value, "radii": told_radii} for one in told.problems]
    if told.spot.is_lost:
        found.append(
            _("Aucune commune ne s’appelle «\u202f%(name)s\u202f». Essayez son code postal.") % {"name": told.spot.name}
        )
    if (told.asked.last - told.asked.first).days >= MOST_DAYS - 1:
        found.append(_("L’agenda montre trois mois à la fois."))
    return found
