"""What may be taken: formats, licences, the files of the night, the catalogue."""

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from maillage.network.exchange import queries
from maillage.network.exchange.formats import FORMATS, WRITTEN, ending
from maillage.network.exchange.formats.format import Format
from maillage.network.exchange.labels import APART, words_of
from maillage.network.exchange.queries import federation
from maillage.network.exchange.rules import dcat
from maillage.network.exchange.rules.dumps import KEPT_DAYS
from maillage.network.exchange.rules.feeds import keys
from maillage.network.exchange.rules.tiers_lieux import documents
from maillage.network.exchange.rules.tiers_lieux.definition import definition
from maillage.network.exchange.views import federation as federated
from maillage.places import queries as places
from maillage.places.labels import LABELS, say
from maillage.places.rules.drafts import FIELDS
from maillage.places.rules.sentences import Sentence
from maillage.places.views.kept import kept_as
from maillage.places.views.wording import figure

FOLDER = settings.HOME / "dumps"
FIRST = ("tiers-lieux", "geojson", "mednum", "data-inclusion")
UNIT = 1024


@require_safe
def open_data(request: HttpRequest) -> HttpResponseBase:
    """Say what may be taken, in which format, under which licence, and what each format leaves behind."""
    day, _found = queries.dumps(FOLDER)
    asked = f"open_data:{request.get_full_path()}:{day}:{federation.last_asked()}"
    return kept_as(request, asked, lambda: _written(request))


def _written(request: HttpRequest) -> HttpResponse:
    shared, (day, dumps) = queries.sharing(), queries.dumps(FOLDER)
    names = sorted(WRITTEN, key=lambda name: (FIRST.index(name) if name in FIRST else len(FIRST), name))
    licences = [
        {
            "name": licence.name,
            "wholly": licence.wholly,
            "partly": licence.partly,
            "width": f"{100 * licence.wholly / max(1, shared.total):.1f}",
            "files": [
                {"title": words_of(WRITTEN[name]).title, "url": _address(name, licence.name)} for name in names[:2]
            ],
        }
        for licence in shared.licences
    ]
    context = {
        "total": shared.total,
        "mixed": shared.mixed,
        "licences": licences,
        "formats": [_format(WRITTEN[name]) for name in names],
        "only_read": [words_of(known).title for known in FORMATS.values() if known.read and not known.write],
        "day": day,
        "dumps": [{"name": dump.name, "size": _size(dump.size_bytes)} for dump in dumps],
        "kept_days": KEPT_DAYS,
        "version": definition().version,
        "followed": [federated.told(one) for one in federation.followed()],
        "here": settings.SITE_URL,
        "fingerprint": keys.fingerprint(keys.public_of(federation.signing_key())),
        "best": _address("tiers-lieux"),
    }
    return render(request, "exchange/open_data.html", context)


def _address(name: str, licence: str = "") -> str:
    path = f"/api/v1/places.{ending(WRITTEN[name])}"
    return f"{path}?{urlencode({'statut': 'tous'} | ({'licence': licence} if licence else {}))}"


def _format(known: Format) -> dict[str, Any]:
    words = words_of(known)
    lost = {loss.field for loss in known.losses}
    return {
        "name": known.name,
        "title": words.title,
        "say": words.say,
        "url": _address(known.name),
        "extension": ending(known),
        "version": known.version,
        "reference": known.reference if known.reference.startswith("http") else "",
        "both_ways": known.read is not None,
        "checked": known.check is not None,
        "carried": len([name for name in FIELDS if name not in lost]),
        "fields": len(FIELDS),
        "losses": [_loss(loss.field, loss.how) for loss in known.losses],
    }


def _loss(field: str, how: str) -> dict[str, Any]:
    title = LABELS["fields"].get(field) or APART.get(field) or field
    return {"title": title, "how": say(how), "in_french": not isinstance(how, Sentence)}


def _size(size_bytes: int) -> str:
    if size_bytes < UNIT * UNIT:
        return _("%(n)s ko") % {"n": figure(max(1, size_bytes / UNIT))}
    return _("%(n)s Mo") % {"n": figure(size_bytes / UNIT / UNIT, 1)}


@require_safe
def dump(request: HttpRequest, dump: str) -> HttpResponseBase:
    """Give one file of a night."""
    try:
        stream = (FOLDER / dump).open("rb")
    except OSError as gone:
        raise Http404 from gone
    response = FileResponse(stream, content_type="application/gzip", as_attachment=True, filename=dump)
    response.headers["Cache-Control"] = "public, max-age=3600"
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


@never_cache
@require_safe
def catalogue(request: HttpRequest) -> JsonResponse:
    """Give the catalogue that portals harvest."""
    shared, (_day, dumps) = queries.sharing(), queries.dumps(FOLDER)
    site = dcat.Site(settings.SITE_URL, settings.CONTACT, timezone.localdate(), places.registry().updated_at)
    nights = [
        dcat.Offer(
            dump.ending, f"{settings.SITE_URL}{reverse('open_dump', args=[dump.name])}", "application/gzip",
            dump.size_bytes, packed=True,
        )
        for dump in dumps
    ]  # fmt: skip
    sets = [dcat.DataSet("", shared.total, (*(_offer(known) for known in WRITTEN.values()), *nights))]
    sets += [
        dcat.DataSet(one.name, one.wholly, tuple(_offer(known, one.name) for known in WRITTEN.values()))
        for one in shared.licences
        if one.wholly
    ]
    response = JsonResponse(dcat.catalogue(site, sets), json_dumps_params={"ensure_ascii": False, "indent": 1})
    response.headers["Content-Type"] = "application/ld+json"
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


def _offer(known: Format, licence: str = "") -> dcat.Offer:
    schema = documents.address(definition(), settings.SITE_URL, documents.TABLE) if known.name == "tiers-lieux" else ""
    address = f"{settings.SITE_URL}{_address(known.name, licence)}"
    return dcat.Offer(known.title, address, known.media_type.partition(";")[0], conforms_to=schema)
