from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe
from django.views.static import serve


@require_safe
def photo(request: HttpRequest, name: str) -> HttpResponseBase:
    """Serve a photo of a place: its name is the fingerprint of its content, so it is kept for ever."""
    response = serve(request, name, document_root=str(settings.MEDIA_ROOT / "photos"))
    response.headers["Content-Type"] = "image/webp"
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response
