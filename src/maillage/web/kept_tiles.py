"""Before Django: a tile of the live map that was answered once is answered again as it was."""

from collections.abc import Iterable
from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING, Any

from django.db import Error
from django.http import HttpResponse

from maillage.places import queries
from maillage.places.views import map as live_map
from maillage.territory.rules.encodings import takes_gzip
from maillage.web.middleware import Figures

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

MOST_KEPT = 4_000
ASKED = ("HTTP_HOST", "wsgi.url_scheme", "SERVER_PORT", "PATH_INFO", "QUERY_STRING")
"""What the first answer has looked at as it is."""

Question = tuple[Any, ...]
Headers = list[tuple[str, str]]


def asked(environ: "WSGIEnvironment") -> Question:
    """All that the first answer has looked at, but for which ETag is known; what may be said at will is read first."""
    visited_by = environ.get("HTTP_X_FORWARDED_PROTO", "").split(",")[0].strip()
    return (
        *map(environ.get, ASKED),
        visited_by == "https",
        takes_gzip(environ.get("HTTP_ACCEPT_ENCODING", "")),
    )


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer that a browser may get again, and the one it gets when it has it already."""

    etag: str
    body: bytes
    headers: Headers
    unchanged: Headers


class KeptTiles:
    """Answer a tile again while nothing was written since; every other question goes to the site."""

    def __init__(self, application: "WSGIApplication") -> None:
        self.application = application
        self.figures = Figures()
        self.kept: tuple[tuple[int, str], dict[Question, Kept]] = (0, ""), {}

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        if not environ["PATH_INFO"].startswith(live_map.TILES) or environ["REQUEST_METHOD"] != "GET":
            return self.application(environ, start_response)
        started = perf_counter()
        kept = self.standing()
        question = asked(environ)
        found = kept.get(question)
        if found is None:
            return self.first(kept, question, environ, start_response)
        if environ.get("HTTP_IF_NONE_MATCH") == found.etag:
            start_response("304 Not Modified", found.unchanged)
            self.figures.add("map_places", "GET", 304, perf_counter() - started)
            return ()
        start_response("200 OK", found.headers)
        self.figures.add("map_places", "GET", 200, perf_counter() - started)
        return (found.body,)

    def standing(self) -> dict[Question, Kept]:
        """What still stands of the answers; nothing after a change, nor when the database does not answer."""
        try:
            now = queries.standing()
        except Error:
            return {}
        if self.kept[0] != now:
            self.kept = now, {}
        return self.kept[1]

    def first(
        self,
        kept: dict[Question, Kept],
        question: Question,
        environ: "WSGIEnvironment",
        start_response: "StartResponse",
    ) -> Iterable[bytes]:
        """Let the site answer; what stands at least since the question came is kept for those who ask it next."""
        answer = self.application(environ, start_response)
        plain = live_map.is_plain(environ["PATH_INFO"], environ.get("QUERY_STRING", ""))
        if plain and isinstance(answer, HttpResponse) and answer.status_code == 200:
            if len(kept) >= MOST_KEPT:
                kept.clear()
            headers = list(answer.items())
            unchanged = [(name, value) for name, value in headers if name in live_map.OF_UNCHANGED]
            kept[question] = Kept(answer.headers["ETag"], answer.content, headers, unchanged)
        return answer
