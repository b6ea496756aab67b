"""Views that break, on purpose: the attack must see it."""

import json
import time

from django.http import HttpRequest, HttpResponse
from django.urls import path


def number(request: HttpRequest) -> HttpResponse:
    return HttpResponse(int(request.GET.get("page", "1")))


def named(request: HttpRequest, name: str) -> HttpResponse:
    return HttpResponse(name.encode("ascii"))


def form(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        return HttpResponse(f"{float(request.POST['age'] or 0):.0f}")
    return HttpResponse('<form method="post"><input name="age" value="3"></form>')


def body(request: HttpRequest) -> HttpResponse:
    return HttpResponse(json.loads(request.body)["name"])


def agent(request: HttpRequest) -> HttpResponse:
    return HttpResponse(request.headers.get("User-Agent", "").encode("ascii"))


def slow(request: HttpRequest) -> HttpResponse:
    if len(request.GET.get("q", "")) > 1_000:
        until = time.thread_time() + 2.2
        while time.thread_time() < until:
            pass
    return HttpResponse("at last")


urlpatterns = [
    path("number/", number),
    path("named/<str:name>/", named),
    path("form/", form),
    path("body/", body),
    path("agent/", agent),
    path("slow/", slow),
]
handler500 = "django.views.defaults.server_error"
