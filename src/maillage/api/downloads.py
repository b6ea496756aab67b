"""The registry as files, with the list's own filters."""

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import blake2b

from django.conf import settings
from django.http import HttpRequest, HttpResponseNotModified, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from maillage.api.kept import told_in_problems
from maillage.api.parameters import read_question
from maillage.api.problems import ProblemRaised
from maillage.network.exchange.formats import WRITTEN, ending
from maillage.network.exchange.formats.format import Format, Writing
from maillage.network.exchange.queries import exported, licences
from maillage.places.queries import registry_version
from maillage.territory.queries import ground_version


@require_safe
@told_in_problems
def _file(request: HttpRequest, chosen: Format) -> HttpResponseBase:
    assert chosen.write is not None
    name = f"lieux.{ending(chosen)}"
    asked, given = read_question(request, "licence")
    only = given.get("licence", [])
    if only:
        known = licences()
        for licence in only:
            if licence not in known:
                told = {"licence": licence[:80], "known": ", ".join(known) or "–"}
                sentence = _(
                    "Aucun lieu n’est sous la licence «\u202f%(licence)s\u202f». Licences d’ici\u202f: %(known)s."
                )
                raise ProblemRaised("introuvable", sentence % told)
    now = timezone.now()
    if chosen.file_name and settings.PRODUCER:
        name = chosen.file_name(settings.PRODUCER, timezone.localdate(now), asked.territory)
    minute = now.strftime("%Y%m%d%H%M") if asked.open_now else ""
    question = blake2b(
        f"{name}:{ground_version()}:{minute}:{asked!r}:{sorted(only)}".encode(), digest_size=8
    ).hexdigest()
    etag = f'W/"{registry_version()}-{question}"'
    unchanged = request.headers.get("If-None-Match") == etag
    response: HttpResponseBase = (
        HttpResponseNotModified()
        if unchanged
        else StreamingHttpResponse(
            chosen.write(
                exported(asked, now=now, licences=only, rows=chosen.rows),
                Writing(settings.SITE_URL, timezone.localdate(now)),
            ),
            content_type=chosen.media_type,
        )
    )
    if not unchanged:
        response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = "public, no-cache"
    return response


@dataclass(frozen=True, slots=True)
class Download:
    """One format as a file: `path` under /api/v1/, `name` in the list of operations."""

    path: str
    name: str
    view: Callable[[HttpRequest], HttpResponseBase]
    known: Format


def _download(known: Format) -> Download:
    @csrf_exempt
    def view(request: HttpRequest) -> HttpResponseBase:
        return _file(request, known)

    left = (
        " Les lieux qu’il ne sait pas dire n’y sont pas : « maillage export » les compte." if known.leaves_out else ""
    )
    view.__doc__ = f"Le registre au format « {known.title} », avec les filtres de la liste.{left}"
    return Download(f"places.{ending(known)}", known.name.replace("-", "_"), view, known)


DOWNLOADS = tuple(_download(known) for known in WRITTEN.values())
