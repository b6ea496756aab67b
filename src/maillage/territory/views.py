import gzip

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from maillage.territory.queries import base_maps, ground_layers
from maillage.territory.rules.encodings import takes_gzip

A_YEAR_S = 31_536_000


@require_safe
def base_map(request: HttpRequest, frame: str) -> HttpResponseBase:
    """The drawing under the map; its address carries the version, so a browser keeps it for ever."""
    document = base_maps.base_map(frame)
    if document is None:
        raise Http404(_("Il n’y a pas de carte à cette adresse."))
    response = _kept_for_ever(request, document, f"{frame}-{base_maps.version()}", base_maps.version())
    if response.status_code == 200:
        response["Content-Type"] = "image/svg+xml"
        response["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'"
    return response


@require_safe
def map_base(request: HttpRequest, part: str) -> HttpResponseBase:
    """The ground of the interactive map, for France or one département; kept for ever like the drawing."""
    document = ground_layers.layer(part)
    if document is None:
        raise Http404(_("Il n’y a pas de carte à cette adresse."))
    response = _kept_for_ever(request, document, f"{part}-{ground_layers.version()}", ground_layers.version())
    if response.status_code == 200:
        response["Content-Type"] = "application/json"
    return response


def _kept_for_ever(request: HttpRequest, document: bytes, name: str, version: str) -> HttpResponseBase:
    packed = takes_gzip(request.headers.get("Accept-Encoding", ""))
    response = HttpResponse(document if packed else gzip.decompress(document))
    if packed:
        response["Content-Encoding"] = "gzip"
    kept = f"max-age={A_YEAR_S}, immutable" if request.GET.get("v") == version else "no-cache"
    response["Cache-Control"] = f"public, {kept}"
    response["ETag"] = f'W/"{name}"'
    patch_vary_headers(response, ["Accept-Encoding"])
    return get_conditional_response(request, etag=response["ETag"], response=response) or response
