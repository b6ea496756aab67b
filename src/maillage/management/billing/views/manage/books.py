"""The books of a place: what came in by nature, line by line, closed and verified, and taken away."""

from datetime import date

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from maillage.management.billing import sentences
from maillage.management.billing.actions.closing import close as close_period
from maillage.management.billing.actions.door import BillingRefused
from maillage.management.billing.formats.fec import as_fec, encoded
from maillage.management.billing.queries import books as queries
from maillage.management.billing.queries.days import today_at
from maillage.management.billing.queries.sellers import seller_on
from maillage.management.billing.queries.verify import verify as verified
from maillage.management.billing.rules import accounts, fec
from maillage.management.billing.rules.closings import MONTH, YEAR, is_late
from maillage.management.billing.rules.documents import Party
from maillage.management.billing.views.manage.controls import REFUSED, Wrongs, control, mistakes, number
from maillage.management.people.rules.entries import read_day
from maillage.management.people.rules.tables import Table, as_sheet
from maillage.places.forms.entered import text
from maillage.places.permissions import Seat
from maillage.places.views.seat import seated
from maillage.places.views.wording import day_in_words

PERIODS = {
    "day": gettext_lazy("Le jour"),
    "month": gettext_lazy("Le mois"),
    "year": gettext_lazy("L’année"),
}
LABELS = {"period": gettext_lazy("Ce qui est clos"), "on": gettext_lazy("Un jour de cette période")}
PAGE = 100
UNKNOWN_SIREN = "000000000"


@seated("run")
def books(request: HttpRequest, seat: Seat) -> HttpResponse:
    """What came in over a year, by nature; what is closed, and what waits to be."""
    return _books(request, seat, {}, {})


@seated("run")
def close(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Close a day, a month or a year."""
    if request.method != "POST":
        return redirect("manage_books", seat.place.slug)
    typed = {"period": text(request.POST, "period"), "on": text(request.POST, "on")}
    on = read_day(typed["on"])
    if on is None:
        return _books(request, seat, typed, {"on": (_("ce jour est illisible"), _("écrivez-le comme 2026-09-01"))})
    try:
        closing = close_period(place=seat.place, period=typed["period"], on=on, by=seat.by, now=timezone.now())
    except BillingRefused as refused:
        return _books(request, seat, typed, refused.wrongs)
    until = day_in_words(closing.ends_on, "j F Y")
    messages.success(request, _("C’est clos jusqu’au %(day)s\u202f: plus rien ne s’y écrit.") % {"day": until})
    return redirect("manage_books", seat.place.slug)


def _books(request: HttpRequest, seat: Seat, typed: dict[str, str], wrongs: Wrongs) -> HttpResponse:
    today = today_at(seat.place, timezone.now())
    years = queries.years(seat.place)
    year = _year(request, years or [today.year])
    waiting = queries.waiting(seat.place, today)
    balances = queries.balances(seat.place, year)
    asked = typed or {
        "period": waiting.kind if waiting else MONTH,
        "on": (waiting.ends_on if waiting else today).isoformat(),
    }
    context = {
        "seat": seat,
        "year": year,
        "years": years,
        "parts": {part: [one for one in balances if one.part == part] for part in accounts.PARTS},
        "came_in": sum(one.net_cents for one in balances if one.part == accounts.IN),
        "paid": queries.money_in(seat.place, year),
        "waiting": waiting and {"day": day_in_words(waiting.ends_on, "F Y" if waiting.kind != YEAR else "Y")},
        "to_carry": queries.to_carry(seat.place, today),
        "is_late": is_late(waiting, today),
        "needs_a_till": queries.needs_a_till(seat.place, today),
        "has_siren": bool(_siren(seat)),
        "closings": [
            {
                "of": one,
                "name": PERIODS[one.period],
                "from": day_in_words(one.starts_on, "j F Y"),
                "until": day_in_words(one.ends_on, "j F Y"),
            }
            for one in queries.closings_of(seat.place)[:PAGE]
        ],
        "source": accounts.chart(),
        "controls": [
            control("period", asked["period"], wrongs, label=LABELS["period"], kind="select", choices=PERIODS.items()),
            control("on", asked["on"], wrongs, label=LABELS["on"], type="date", maxlength=10),
        ],
        **mistakes(wrongs, LABELS),
    }
    return render(request, "billing/manage/books.html", context, status=REFUSED if wrongs else 200)


@seated("run")
def lines(request: HttpRequest, seat: Seat) -> HttpResponse:
    """The lines of a year, in the order in which they were written."""
    years = queries.years(seat.place)
    year = _asked_year(request, seat)
    page = Paginator(queries.lines(seat.place, year), PAGE).get_page(text(request.GET, "page")[:9])
    context = {"seat": seat, "year": year, "years": years, "page": page}
    return render(request, "billing/manage/books_lines.html", context)


@seated("run")
def verify(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Recompute everything, and say what no longer is what was written."""
    if request.method != "POST":
        return redirect("manage_books", seat.place.slug)
    checked = verified(seat.place)
    context = {"seat": seat, "checked": checked, "faults": [sentences.fault(one) for one in checked.faults[:PAGE]]}
    return render(request, "billing/manage/books_verified.html", context)


@seated("run")
def fec_file(request: HttpRequest, seat: Seat) -> HttpResponse:
    """The file of entries of a year, as the tax office asks for it."""
    year = _asked_year(request, seat)
    name = fec.file_name(_siren(seat) or UNKNOWN_SIREN, date(year, 12, 31))
    return _file(encoded(as_fec(queries.fec_lines(seat.place, year))), name, "text/plain; charset=iso-8859-15")


@seated("run")
def csv_file(request: HttpRequest, seat: Seat) -> HttpResponse:
    """The lines of a year by account, for a spreadsheet; no cell runs as a formula."""
    year = _asked_year(request, seat)
    titles = (
        _("compte"),
        _("libellé du compte"),
        _("date"),
        _("journal"),
        _("pièce"),
        _("tiers"),
        _("libellé"),
        _("débit"),
        _("crédit"),
    )
    rows = tuple(
        (
            one.account,
            one.account_label,
            one.on.isoformat(),
            one.journal,
            one.piece,
            one.auxiliary_label,
            one.label,
            fec.amount(one.debit_cents),
            fec.amount(one.credit_cents),
        )
        for one in queries.lines_by_account(seat.place, year).iterator(chunk_size=2000)
    )
    told = as_sheet(Table("books", "", titles, titles, rows))
    return _file(told.encode(), f"comptes-{seat.place.slug}-{year}.csv", "text/csv; charset=utf-8")


def _siren(seat: Seat) -> str:
    seller = seller_on(seat.place, today_at(seat.place, timezone.now()))
    return Party(name="", siret=seller.siret).siren if seller else ""


def _asked_year(request: HttpRequest, seat: Seat) -> int:
    return _year(request, queries.years(seat.place) or [today_at(seat.place, timezone.now()).year])


def _year(request: HttpRequest, years: list[int]) -> int:
    asked = number(text(request.GET, "annee")[:4])
    return asked if asked in years else years[0]


def _file(content: bytes, name: str, kind: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type=kind, headers=headers)
