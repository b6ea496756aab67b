"""Send hostile texts everywhere an address takes one; whatever answers 500, or takes two seconds, is told."""

import time
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote, quote_from_bytes, urlencode, urljoin

from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import RequestFactory
from django.test.client import MULTIPART_CONTENT, encode_multipart

from tests.authorisation.sweep import Visitor, close
from tests.authorisation.world import undone
from tests.hostile.forms import Form, forms

SLOWEST_S = 2.0
BOUNDARY = "limite"
HEADERS = (
    "HTTP_ACCEPT",
    "HTTP_ACCEPT_ENCODING",
    "HTTP_ACCEPT_LANGUAGE",
    "HTTP_AUTHORIZATION",
    "HTTP_COOKIE",
    "HTTP_HOST",
    "HTTP_IDEMPOTENCY_KEY",
    "HTTP_IF_MATCH",
    "HTTP_IF_MODIFIED_SINCE",
    "HTTP_IF_NONE_MATCH",
    "HTTP_ORIGIN",
    "HTTP_RANGE",
    "HTTP_REFERER",
    "HTTP_SCRIPT_NAME",
    "HTTP_USER_AGENT",
    "HTTP_X_FORWARDED_FOR",
    "HTTP_X_FORWARDED_HOST",
    "HTTP_X_REQUESTED_WITH",
    "CONTENT_TYPE",
)


def raw(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def quoted(text: str) -> str:
    return quote_from_bytes(raw(text), safe="")


def as_header(text: str) -> str:
    """As a server hands a header over: bytes read as Latin-1, no end of line."""
    return raw(text).decode("latin-1").replace("\r", " ").replace("\n", " ").replace("\x00", "")[:8000]


def fired(visitor: Visitor, method: str, url: str, what: str, *, again: bool = True, **options: Any) -> Iterator[str]:
    """Ask once, undone; tells what went wrong. What took long is asked once more: a collection of garbage does too."""
    started = time.thread_time()
    try:
        with undone():
            response = visitor.ask(method, url, **options)
            _read(response)
    except Exception as failed:  # noqa: BLE001
        yield f"{method} {url[:150]} with {what[:80]!r}: {type(failed).__name__}: {str(failed)[:150]}"
        return
    taken = time.thread_time() - started
    if response.status_code >= 500 and not (response.status_code == 503 and url.startswith("/readyz")):
        yield f"{method} {url[:150]} with {what[:80]!r}: answered {response.status_code}{_why(response)}"
    if taken > SLOWEST_S and again:
        yield from fired(visitor, method, url, what, again=False, **options)
    elif taken > SLOWEST_S:
        yield f"{method} {url[:150]} with {what[:80]!r}: took {taken:.1f} s"


def _read(response: HttpResponse) -> None:
    if response.streaming:
        for _ in response.streaming_content:
            pass
        close(response)


def _why(response: HttpResponse) -> str:
    """The fault behind a 500, where Django keeps it for the tests."""
    kept = getattr(response, "exc_info", None)
    return f" ({kept[0].__name__}: {str(kept[1])[:120]})" if kept else ""


def in_path(visitor: Visitor, url: str, given: Iterable[str], texts: Iterable[str]) -> Iterator[str]:
    """Each value that stands in an address, replaced."""
    for value in given:
        before, found, after = url.rpartition(f"/{value}")
        if not found:
            before, found, after = url.rpartition(value)
        for text in texts:
            if len(text) < 10_000:
                slash = "/" if found.startswith("/") else ""
                yield from fired(visitor, "GET", f"{before}{slash}{quoted(text)}{after}", text)


def in_query(visitor: Visitor, url: str, names: Iterable[str], texts: Iterable[str], *, alone: bool) -> Iterator[str]:
    """Parameters: all of them at once, then each alone."""
    known = list(names)
    for text in texts:
        said = quoted(text[:9_000])
        yield from fired(visitor, "GET", f"{url}?{'&'.join(f'{name}={said}' for name in known)}", text)
        yield from fired(visitor, "GET", f"{url}?{said}={said}", text)
        for name in known if alone else ():
            yield from fired(visitor, "GET", f"{url}?{name}={said}", f"{name}={text}")


def in_headers(visitor: Visitor, url: str, texts: Iterable[str], *, method: str = "GET") -> Iterator[str]:
    for text in texts:
        for header in HEADERS:
            if header == "HTTP_COOKIE":
                extra = {header: f"maillage={as_header(text)}; csrftoken={as_header(text)}"}
            else:
                extra = {header: as_header(text)}
            yield from fired(visitor, method, url, f"{header}: {text}", **extra)


def _body(fields: dict[str, Any]) -> dict[str, Any]:
    """A form's body as bytes, lone surrogates included."""
    pairs = [(name, one) for name, value in fields.items() for one in (value if isinstance(value, list) else [value])]
    said = urlencode([(raw(name), raw(one)) for name, one in pairs])
    return {"data": said, "content_type": "application/x-www-form-urlencoded"}


def _upload(form: Form, text: str) -> dict[str, Any]:
    files = {name: _file(as_header(text)[:80], raw(text)) for name in form.files}
    plain = {name: value for name, value in form.fields.items() if value}
    return {"data": encode_multipart(BOUNDARY, {**plain, **files}), "content_type": f"{_multipart()}"}


def _file(name: str, content: bytes) -> SimpleUploadedFile:
    """A file of any name, even one that Django would not give to a file of its own."""
    made = SimpleUploadedFile("x", content, "image/png")
    made._name = name
    return made


def _multipart() -> str:
    return MULTIPART_CONTENT.replace("BoUnDaRyStRiNg", BOUNDARY)


def in_forms(visitor: Visitor, url: str, texts: Iterable[str], *, alone: bool) -> Iterator[str]:
    """Each form of a page: all its fields at once, each alone, its files, and fields it does not have."""
    for form in found_forms(visitor, url):
        target = urljoin(url, form.action or url)
        for text in texts:
            many = dict.fromkeys(form.names(), text)
            yield from fired(visitor, "POST", target, f"every field: {text}", **_body(many))
            yield from fired(visitor, "POST", target, f"unknown field: {text}", **_body(form.filled(**{text: text})))
            for button, value in form.buttons[:4]:
                yield from fired(visitor, "POST", target, f"{button}: {text}", **_body({**many, button: text or value}))
            if form.files:
                yield from fired(visitor, "POST", target, f"file: {text}", **_upload(form, text))
            for name in form.names() if alone else ():
                yield from fired(visitor, "POST", target, f"{name}: {text}", **_body(form.filled(**{name: text})))
        for strange in ("application/json", "multipart/form-data", "multipart/form-data; boundary=", "text/plain; a"):
            yield from fired(visitor, "POST", target, strange, data=b'{"a": [', content_type=strange)


def found_forms(visitor: Visitor, url: str) -> list[Form]:
    """The forms that a page posts to us; none when the page does not open."""
    with undone():
        response = visitor.ask("GET", url)
        if response.status_code != 200 or response.streaming or "html" not in response.headers.get("Content-Type", ""):
            return []
        return [form for form in forms(response.content.decode()) if form.method == "post"]


def in_body(visitor: Visitor, method: str, url: str, documents: Iterable[tuple[str, bytes]], **extra: str) -> Iterator:
    for name, document in documents:
        for content_type in ("application/json", "application/merge-patch+json"):
            yield from fired(visitor, method, url, name, data=document, content_type=content_type, **extra)


__all__ = ["RequestFactory", "in_body", "in_forms", "in_headers", "in_path", "in_query", "quote"]
