"""What the API says of itself."""

from functools import lru_cache
from hashlib import blake2b

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.translation import override
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from maillage.api import problems
from maillage.api.kept import written
from maillage.api.operations import api
from maillage.api.problems import ProblemRaised
from maillage.api.shapes import ProblemOut


@csrf_exempt
@require_safe
def openapi(request: HttpRequest) -> HttpResponseBase:
    """The OpenAPI 3.1 description of every operation."""
    body, etag = _described()
    response = HttpResponse(body, content_type="application/json")
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = "public, no-cache"
    return get_conditional_response(request, etag=etag, response=response) or response


@lru_cache(maxsize=1)
def _described() -> tuple[bytes, str]:
    told = api.get_openapi_schema(path_prefix="/api/v1/")
    problem = ProblemOut.model_json_schema(ref_template="#/components/schemas/{model}")
    told["components"]["schemas"] |= {**problem.pop("$defs", {}), "ProblemOut": problem}
    body = written(told)
    return body, f'W/"{blake2b(body, digest_size=12).hexdigest()}"'


@csrf_exempt
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Lead people to the page that explains the API."""
    with override(problems.language_of(request)):
        return HttpResponseRedirect(reverse("doc_page", args=["api"]))


@csrf_exempt
def nowhere(request: HttpRequest, rest: str = "") -> HttpResponse:
    """Nothing is here, whatever the method."""
    return problems.answer(request, ProblemRaised("introuvable"))
