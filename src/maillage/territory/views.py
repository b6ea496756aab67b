import gzip

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.translation import gettext as _

from maillage.territory.queries import base_maps

A_YEAR_S = 31_536_000


def base_map(request: HttpRequest, frame: str) -> HttpResponseBase:
    """The drawing under the map; its address carries the version, so a browser keeps it for ever."""
    document = base_maps.base_map(frame)
    if document is None:
        raise Http404(_("Il n’y a pas de carte à cette adresse."))
    version = base_maps.version()
    packed = "gzip" in request.headers.get("Accept-Encoding", "")
    response = HttpResponse(document if packed else gzip.decompress(document), content_type="image/svg+xml")
    if packed:
        response["Content-Encoding"] = "gzip"
    kept = f"max-age={A_YEAR_S}, immutable" if request.GET.get("v") == version else "no-cache"
    response["Cache-Control"] = f"public, {kept}"
    response["ETag"] = f'W/"{frame}-{version}"'
    response["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'"
    patch_vary_headers(response, ["Accept-Encoding"])
    return get_conditional_response(request, etag=response["ETag"], response=response) or response
