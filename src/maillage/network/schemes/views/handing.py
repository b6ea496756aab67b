"""Handing passes out: by a referrer's secret link, or by the funder; a card, a sheet of cards to print."""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from maillage.journal.actions import KeyReused
from maillage.management.bookings.views.reservation import secret as kept_secret
from maillage.management.people.rules.entries import read_person
from maillage.network.schemes.actions import issuing
from maillage.network.schemes.actions.door import SchemesRefused
from maillage.network.schemes.labels import AGES
from maillage.network.schemes.permissions import Funder
from maillage.network.schemes.queries.cards import card_words
from maillage.network.schemes.queries.ground import commune_names, communes_of, today_in
from maillage.network.schemes.queries.keys import referrer_of, token_of
from maillage.network.schemes.queries.schemes import issue_of, issues_of_batch, left_on
from maillage.network.schemes.rules.eligibility import bands_of
from maillage.network.schemes.views.desk import funding
from maillage.network.schemes.views.wording import (
    REFUSED,
    Wrongs,
    control,
    day,
    key_of,
    mistakes,
    number,
    posted,
    sent_already,
)
from maillage.places.labels import say
from maillage.places.views.detail import qr_code

ASKED = ("commune", "age_band", "holder", "contact", "is_first_time")
PER_SHEET = 8


class Hand:
    """Who hands out: the funder or a referrer; how they sign, and the addresses of their pages."""

    def __init__(self, scheme: Any, *, funder: Funder | None = None, referrer: Any = None, secret: str = "") -> None:
        self.scheme, self.funder, self.referrer, self.secret = scheme, funder, referrer, secret

    @property
    def signs(self) -> dict[str, Any]:
        return {"by": self.funder.by} if self.funder else {"referrer": self.referrer}

    def url(self, page: str, *args: str) -> str:
        first = [self.scheme.pk] if self.funder else [self.secret]
        name = page if self.funder else {"scheme_issue": "scheme_hand"}.get(page, f"{page}_by")
        return reverse(name, args=[*first, *args])


Page = Callable[..., HttpResponseBase]


def by_link(view: Page) -> Page:
    """A page of a referrer: whoever holds the link is in, for this one scheme."""

    @kept_secret
    @require_http_methods(["GET", "HEAD", "POST"])
    @wraps(view)
    def answer(request: HttpRequest, link: str, *args: Any, **kwargs: Any) -> HttpResponseBase:
        found = referrer_of(link)
        if found is None:
            return render(request, "schemes/no_link.html", status=404)
        return view(request, Hand(found.scheme, referrer=found, secret=link), *args, **kwargs)

    return answer


def by_funder(view: Page) -> Page:
    """The same page for the funder of the scheme."""

    @funding
    @wraps(view)
    def answer(request: HttpRequest, funder: Funder, found: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return view(request, Hand(found, funder=funder), *args, **kwargs)

    return answer


def hand_out(request: HttpRequest, hand: Hand) -> HttpResponse:
    """Ask what the scheme asks, and no more, then show the card; a form sent twice hands out one pass."""
    if request.method != "POST":
        return _form(request, hand, {})
    raw, key = posted(request, ASKED), key_of(request)
    try:
        made = issuing.hand_out(scheme_id=hand.scheme.pk, raw=raw, key=key, now=timezone.now(), **hand.signs)
    except SchemesRefused as refused:
        return _form(request, hand, raw, refused.wrongs)
    except KeyReused:
        return _form(request, hand, raw, sent_already(), key=str(uuid4()))
    return redirect(hand.url("scheme_card", made.of.code))


def show_card(request: HttpRequest, hand: Hand, card: str) -> HttpResponse:
    """Show a card: its code, its QR, words for a message; mail it. A referrer sees its own alone."""
    issue = issue_of(hand.scheme, card)
    if issue is None or (hand.referrer is not None and issue.referrer_id != hand.referrer.pk):
        raise Http404
    wrongs: Wrongs = {}
    to = ""
    if request.method == "POST":
        to = posted(request, ("email",))["email"]
        read = read_person({"name": "-", "email": to})
        if "email" in read.wrongs or not read.values.get("email"):
            wrong = read.wrongs.get("email")
            told = (say(wrong.problem), say(wrong.mend)) if wrong else (_("il manque une adresse"), _("écrivez-la"))
            wrongs = {"email": told}
        else:
            try:
                issuing.send_card(issue_id=issue.pk, to=read.values["email"], now=timezone.now(), **hand.signs)
            except SchemesRefused as refused:
                wrongs = refused.wrongs
            else:
                messages.success(request, _("La carte est partie. L’adresse n’est pas gardée."))
                return redirect(hand.url("scheme_card", card))
    context = {
        "hand": hand,
        "scheme": hand.scheme,
        "card": card_told(issue),
        "left": left_on([issue])[issue.of_id],
        "is_revoked": issue.revoked_at is not None,
        "mail": control("email", to, wrongs, type="email", maxlength=254, autocomplete="off"),
        "another": hand.url("scheme_issue"),
        "wrong": bool(wrongs),
        "mistakes": mistakes(wrongs),
    }
    return render(request, "schemes/card.html", context, status=REFUSED if wrongs else 200)


def sheet(request: HttpRequest, hand: Hand) -> HttpResponse:
    """Make bearer's cards, all at once."""
    if request.method != "POST":
        return redirect(hand.url("scheme_issue"))
    raw, key = posted(request, ("count",)), key_of(request)
    try:
        batch = issuing.hand_sheet(
            scheme_id=hand.scheme.pk, count=number(raw["count"].strip()), key=key, now=timezone.now(), **hand.signs
        )
    except SchemesRefused as refused:
        return _form(request, hand, raw, refused.wrongs)
    except KeyReused:
        return _form(request, hand, raw, sent_already(), key=str(uuid4()))
    return redirect(hand.url("scheme_sheet", batch))


def printed(request: HttpRequest, hand: Hand, batch: str) -> HttpResponse:
    """The cards of a sheet, eight on a page."""
    issues = issues_of_batch(hand.scheme, batch)
    if not issues or (hand.referrer is not None and issues[0].referrer_id != hand.referrer.pk):
        raise Http404
    cards = [card_told(one) for one in issues if one.revoked_at is None]
    pages = [cards[start : start + PER_SHEET] for start in range(0, len(cards), PER_SHEET)]
    context = {"hand": hand, "scheme": hand.scheme, "pages": pages, "back": hand.url("scheme_issue")}
    return render(request, "schemes/sheet.html", context)


def card_told(issue: Any) -> dict[str, Any]:
    """A card as pages show it."""
    words = card_words(issue)
    token = token_of(issue)
    return {
        "code": issue.of.code,
        "halves": issue.cents // issue.scheme.price_cents,
        "until": day(issue.of.ends_on),
        "holder": issue.holder,
        "is_known": bool(issue.holder or issue.contact),
        "text": words.text,
        "places": words.places,
        "token": token,
        "qr": qr_code(f"{settings.SITE_URL}{reverse('scheme_pass', args=[token])}", _("Code à scanner")),
    }


def _form(
    request: HttpRequest, hand: Hand, raw: Mapping[str, str], wrongs: Wrongs | None = None, key: str = ""
) -> HttpResponse:
    wrongs = wrongs or {}
    terms = issuing.terms_of(hand.scheme)
    names = commune_names(terms.communes) if terms.communes else communes_of(hand.scheme.scope)
    chosen = [("", _("à choisir") if terms.communes else _("ne sais pas")), *names.items()]
    bands = [("", _("à choisir") if terms.asks_age else _("ne sais pas"))]
    controls = [control("commune", raw.get("commune"), wrongs, kind="select", choices=chosen)]
    if terms.asks_age:
        bands += [(band, str(AGES[band])) for band in bands_of(terms)]
        controls.append(control("age_band", raw.get("age_band"), wrongs, kind="select", choices=bands))
    if terms.is_named:
        controls.append(control("holder", raw.get("holder"), wrongs, maxlength=120, autocomplete="off"))
    hint = _("Facultatif. Seule une empreinte en est gardée\u202f: elle évite deux passes à la même personne.")
    if terms.is_named:
        hint = _("Seule une empreinte en est gardée\u202f: elle évite deux passes à la même personne.")
    controls.append(control("contact", raw.get("contact"), wrongs, hint=hint, maxlength=254, autocomplete="off"))
    context = {
        "hand": hand,
        "scheme": hand.scheme,
        "terms": terms,
        "is_over": hand.scheme.closed_at is not None
        or today_in(hand.scheme.scope, timezone.now()) > hand.scheme.ends_on,
        "controls": controls,
        "first_time_wrong": mistakes({name: told for name, told in wrongs.items() if name == "is_first_time"}),
        "is_first_time": raw.get("is_first_time"),
        "count": control("count", raw.get("count"), wrongs, inputmode="numeric", maxlength=3),
        "to_sheet": hand.url("scheme_sheets"),
        "key": key or key_of(request),
        "sheet_key": str(uuid4()),
        "wrong": bool(wrongs),
        "mistakes": mistakes(wrongs),
    }
    return render(request, "schemes/hand.html", context, status=REFUSED if wrongs else 200)


hand_out_by, card_by, sheet_by, printed_by = by_link(hand_out), by_link(show_card), by_link(sheet), by_link(printed)
funder_hands, funder_card, funder_sheet = by_funder(hand_out), by_funder(show_card), by_funder(sheet)
funder_printed = by_funder(printed)
