"""The optional PMTiles file under the live map, sent piece by piece."""

from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from maillage.places.rules import tile_layers


@require_safe
def tiles(request: HttpRequest) -> HttpResponse:
    """One piece of the file that MAILLAGE_TILES names: only pieces, for the whole may weigh as much as a country."""
    path = settings.HOME / Path(settings.TILES)
    if not tile_layers.is_own_file(settings.TILES) or not path.is_file():
        raise Http404(_("Ce site n’a pas de fond de carte à lui."))
    size = path.stat().st_size
    piece = tile_layers.piece(request.headers.get("Range", ""), size)
    if piece is None:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    first, last = piece
    with path.open("rb") as file:
        file.seek(first)
        response = HttpResponse(file.read(last - first + 1), status=206, content_type="application/vnd.pmtiles")
    response.headers["Content-Range"] = f"bytes {first}-{last}/{size}"
    response.headers["Accept-Ranges"] = "bytes"
    response.headers["ETag"] = f'"{size:x}-{path.stat().st_mtime_ns:x}"'
    response.headers["Content-Encoding"] = "identity"
    return response
